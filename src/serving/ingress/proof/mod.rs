//! The proof: whether a load balancer's rules ever forward a request without the token or login
//! that is required.

mod cause;
mod context;
mod cover;
mod exposure;
pub(super) mod guard;
mod hidden;
pub(super) mod requirements;
mod rule_hosts;
mod same_pods;
pub(super) mod spelling;
mod token_header;
mod widening;

pub(crate) use cover::{Reached, reached};
pub(super) use exposure::findings;
pub(crate) use guard::{binds, forwards};
pub(crate) use requirements::ParamsRequirement;
pub(crate) use requirements::requires_credential;
pub(crate) use token_header::{can_be_token, routes};

#[cfg(test)]
mod tests;
