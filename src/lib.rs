//! KRM functions that render the manifests for serving models with `KServe` on AWS behind an
//! Application Load Balancer.

pub mod cli;
pub mod cluster;
pub mod controllers;
pub mod finding;
pub mod functions;
pub mod go;
pub mod runtime;
pub mod serving;
pub mod values;
