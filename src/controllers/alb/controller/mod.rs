//! From Ingresses, their classes and Services to the model of each load balancer.

pub(crate) mod actions;
pub mod admission;
pub(crate) mod annotations;
pub(crate) mod auth;
pub(crate) mod backend;
mod build;
mod builder;
pub(crate) mod class;
pub mod conditions;
mod error;
pub mod group;
pub(crate) mod json_annotations;
pub(crate) mod listen_ports;
mod listeners;
mod load_balancers;
pub mod model;
pub(crate) mod mutual_auth;
pub mod objects;
mod optimize;
mod rules;
mod sets;
mod suffixes;
mod target_group;
#[cfg(test)]
mod tests;

pub(crate) use error::{BuildError, BuildErrorKind};
pub(crate) use group::GroupId;
pub use group::Unmanaged;
pub use load_balancers::{LoadBalancer, load_balancers};
pub use objects::Objects;
pub use suffixes::SUFFIXES;
