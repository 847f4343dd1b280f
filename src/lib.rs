//! KRM functions that render the manifests for serving models with `KServe` on AWS behind an
//! Application Load Balancer.

pub mod finding;
pub mod go_json;
pub mod go_template;
pub mod go_url;
pub mod k8s;
pub mod knative;
pub mod kserve;
pub mod release;
pub mod route_host;
