//! Everything that can be said of Ingresses.

mod auto_mode;
mod check;
mod class;
mod ingress;
mod keys;
mod load_balancer;
mod others;
mod regions;
mod tokens;

pub use check::check;
pub(crate) use others::leave_to_others;
pub(crate) use regions::of_groups;

#[cfg(test)]
mod tests;
