//! Everything that can be said of Ingresses.

mod auto_mode;
mod certificates;
mod check;
mod class;
mod ingress;
mod jwt;
mod keys;
mod load_balancer;
mod others;
mod regions;
mod restrictions;
mod secrets;
mod tokens;

pub use check::check;
pub(crate) use others::leave_to_others;
pub(crate) use regions::of_groups;
pub(crate) use secrets::was_named;

#[cfg(test)]
mod tests;
