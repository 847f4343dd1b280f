//! KRM functions: objects in, a plan from the function, text and results out.
//!
//! A function only plans. This crate holds the rules of the house for all of them: nothing is written
//! before all is known, an error finding fails the run and leaves the input as it was, and every
//! finding goes both into the ResourceList and to stderr, because kustomize drops results.

mod code;
mod config;
mod config_map;
mod declaration;
mod field_types;
mod files;
mod finding;
mod function;
mod items;
mod owned;
mod project;
mod registry;
mod report;
mod resource_ref;
mod run;
mod schema;
mod secrets;

pub use code::{Code, RuntimeCode};
pub use config::{ConfigSource, FunctionConfig};
pub use config_map::fields_of;
pub use declaration::Declaration;
pub use field_types::FieldTypes;
pub use files::Files;
pub use finding::{Field, Finding, Fix, Severity, key_path};
pub use function::{Function, Plan, Registered};
pub use items::{Item, Items, Misread, NotAnObject};
pub use krm_package::FieldPath;
pub use owned::Owned;
pub use project::Project;
pub use registry::Registry;
pub use report::stderr_line;
pub use resource_ref::ResourceRef;
pub use run::{Run, files, resource_list, stream};
pub use schema::configuration_schema;
pub use secrets::Secrets;
