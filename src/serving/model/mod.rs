//! The serving model of a package: its objects read for `KServe`'s model, and what the model has to
//! say put into words.

mod dashboard;
mod diags;
mod namespaces;
mod public_host;
mod read;
mod unmatched;

pub(crate) use dashboard::shadowed;
pub use diags::Findings;
pub(crate) use diags::NotServed;
pub(crate) use namespaces::misspelt_namespaces;
pub use public_host::{PublicHost, public_hosts};
pub(crate) use public_host::{hosts_to_come, of_namespace};
pub(crate) use read::add_item;
pub use read::serving_items;
pub(crate) use unmatched::{contradicting_domain, left_out_namespaces, misspelt_hosts};
