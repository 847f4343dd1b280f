//! The way of a request from outside of the cluster to the pods that serve it.

pub mod check;
pub mod doors;
mod world;

pub use world::World;
