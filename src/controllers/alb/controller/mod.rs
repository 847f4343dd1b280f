//! From Ingresses, their classes and Services to the model of each load balancer.

pub mod actions;
pub mod admission;
pub mod annotations;
pub mod auth;
pub(crate) mod backend;
mod build;
mod builder;
pub mod class;
pub mod conditions;
mod error;
pub mod group;
pub mod listen_ports;
mod listeners;
mod load_balancers;
pub mod model;
mod mutual_auth;
pub mod objects;
mod optimize;
mod rules;
mod suffixes;
mod target_group;

pub use error::{BuildError, BuildErrorKind};
pub use group::{GroupId, Member, Unmanaged};
pub use load_balancers::{LoadBalancer, load_balancers};
pub use model::Model;
pub use objects::Objects;
pub use suffixes::SUFFIXES;
