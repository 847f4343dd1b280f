//! The way of a request from outside the cluster to the pods that serve it.

pub mod access;
pub mod check;
pub mod doors;
mod requests;
pub mod simulator;
mod world;

pub(crate) use requests::{base_path, first_path, host_inside, host_of, requests, right};
pub use world::World;
