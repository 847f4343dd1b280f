//! Everything that can be said of Ingresses.

mod check;
mod ingress;
mod load_balancer;
mod others;
mod regions;
mod tokens;

pub use check::check;
pub(crate) use others::leave_to_others;

#[cfg(test)]
mod tests;
