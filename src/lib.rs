//! KRM functions that render the manifests for serving models with `KServe` on AWS behind an
//! Application Load Balancer.

pub mod alb;
pub mod finding;
pub mod k8s;
