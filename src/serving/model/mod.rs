//! The serving model of a package: its objects read for `KServe`'s model, and what the model has to
//! say put into words.

mod asked;
mod diags;
mod namespaces;
mod public_host;
mod read;

pub(crate) use asked::{contradicting_domain, left_out_namespaces, misspelt_hosts};
pub use diags::Findings;
pub(crate) use diags::NotServed;
pub(crate) use namespaces::misspelt_namespaces;
pub(crate) use public_host::hosts_to_come;
pub use public_host::{PublicHost, of_namespace, public_hosts};
pub use read::{add_item, serving_items};
