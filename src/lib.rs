//! KRM functions that render the manifests for serving models with `KServe` on AWS behind an
//! Application Load Balancer.

pub mod finding;
pub mod go_json;
pub mod go_template;
pub mod k8s;
