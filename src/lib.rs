//! KRM functions that render the manifests for serving models with `KServe` on AWS behind an
//! Application Load Balancer.

pub mod alb;
pub mod arn;
pub mod authorization;
pub mod certificate;
pub mod cli;
pub mod cognito;
#[cfg(test)]
mod corpora;
pub mod dns;
pub mod dns_name;
pub mod elb_name;
pub mod engine;
mod excerpt;
pub mod finding;
pub mod functions;
pub mod go_json;
pub mod go_template;
pub mod go_url;
pub mod header;
pub mod ingress;
pub mod istio;
pub mod k8s;
pub mod knative;
pub mod kserve;
mod parsed_text;
pub mod release;
pub mod route_host;
pub mod runtime;
pub mod scheme;
pub mod suggest;
