//! KRM functions that render the manifests for serving models with `KServe` on AWS behind an
//! Application Load Balancer.

pub mod alb;
pub mod arn;
pub mod cli;
pub mod cognito;
#[cfg(test)]
mod corpora;
pub mod dns_name;
pub mod engine;
mod excerpt;
pub mod finding;
pub mod functions;
pub mod header;
pub mod ingress;
pub mod k8s;
mod parsed_text;
pub mod runtime;
pub mod scheme;
pub mod suggest;
