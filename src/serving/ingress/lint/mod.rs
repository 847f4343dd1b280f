//! Everything that can be said of Ingresses.

mod check;
mod ingress;
mod load_balancer;
mod regions;
mod tokens;

pub use check::check;

#[cfg(test)]
mod tests;
