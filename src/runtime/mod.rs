//! What every function shares: objects in, a plan from the function, text and results out.
//!
//! A function only plans. This module holds the rules of the house for all of them: nothing is
//! written before all is known, an error finding fails the run and leaves the input as it was, and
//! every finding goes both into the ResourceList and to stderr, because kustomize drops results.

mod config;
mod config_map;
mod field_types;
mod files;
mod function;
mod items;
mod owned;
mod registry;
mod report;
mod run;
mod schema;
mod tokens;

pub use config::{API_VERSION, ConfigSource, FunctionConfig};
pub use config_map::fields_of;
pub use field_types::FieldTypes;
pub use files::Files;
pub use function::{Function, Plan, Registered};
pub use items::{Item, Items};
pub use owned::{GENERATED_BY, Owned};
pub use registry::Registry;
pub use report::stderr_line;
pub use run::{Run, files, resource_list, stream};
pub use schema::configuration_schema;
