//! KRM functions that render the manifests for serving models with `KServe` on AWS behind an
//! Application Load Balancer.

#[cfg(test)]
mod corpora;
pub mod engine;
pub mod finding;
pub mod k8s;
