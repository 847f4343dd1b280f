//! The proof: whether a load balancer's rules ever forward a request without the token or login
//! that is asked for.

pub(super) mod asks;
mod cover;
mod exposure;
pub(super) mod guard;
mod openings;
mod scene;
pub(super) mod spelling;
mod widening;

pub use asks::Asked;
pub(super) use exposure::findings;

#[cfg(test)]
mod tests;
