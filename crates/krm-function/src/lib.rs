#![doc = include_str!("../README.md")]
//!
//! # The parts
//! - [`Function`] is what you write, [`Project`] what your functions share: the API version of their
//!   configurations, the [`Code`]s of their findings, their secrets.
//! - [`Items`] are the objects; [`Item::read`] gives one as a Rust type, [`Item::set`] plans a change.
//! - [`Plan`] has the edits and [`Finding`]s; [`Owned`] plans objects that the function generates.
//! - [`Checked`] fields of a configuration check themselves; a [`Reading`] reports the wrong ones together.
//! - [`FieldPath`] names a field of an object, in findings and in edits.
//! - [`serve`] runs as a host's function, [`serve_one`] a program that is nothing else; [`resource_list`] and
//!   [`stream`] run on a text.

mod accept;
mod acceptance_source;
mod annotated;
mod checked;
mod code;
mod config;
mod config_map;
mod config_source;
mod config_spec;
mod declaration;
mod diags;
mod field_types;
mod files;
mod finding;
mod fix;
mod fixed;
mod function;
mod items;
mod origin;
mod owned;
mod place;
mod places;
mod project;
mod reading;
mod registry;
mod report;
mod resource_ref;
mod run;
mod schema;
mod secrets;
mod serve;
mod severity;
mod single;
mod unparsed;

pub use accept::Acceptances;
pub use checked::{Checked, Invalid};
pub use code::{Code, RuntimeCode};
pub use config::FunctionConfig;
pub use config_map::{WrongKey, fields_of};
pub use config_source::ConfigSource;
pub use declaration::Declaration;
pub use diags::{Misread, NotAnObject, unreadable};
pub use field_types::FieldTypes;
pub use files::Files;
pub use finding::{Accepted, Field, Finding, key_path};
pub use fix::{Fix, Replacement};
pub use fixed::{Fixed, fixed, locate_fixes};
pub use function::{Function, Plan, Registered, configuration_schema};
pub use items::{Item, Items};
pub use krm_package::FieldPath;
pub use origin::{Origin, OriginEntry};
pub use owned::{Owned, Owner};
pub use place::{Place, SourceLine};
pub use project::Project;
pub use reading::Reading;
pub use registry::Registry;
pub use report::stderr_line;
pub use resource_ref::{ResourceRef, group_and_version};
pub use run::{Call, Run, complete_findings, files, resource_list, stream};
pub use secrets::Secrets;
pub use serve::serve;
pub use severity::Severity;
pub use single::serve_one;
