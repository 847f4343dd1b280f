//! The hops of a request, one a file.

pub(super) mod ambient;
pub(super) mod dns;
pub(super) mod encrypted;
pub(super) mod gateway;
pub(super) mod gateway_api;
pub(super) mod gateway_candidates;
pub(super) mod graph;
pub(super) mod health_check;
pub(super) mod inside;
pub(super) mod load_balancer;
pub(super) mod proxied;
pub(super) mod rewrite;
mod route;
pub(super) mod service;
pub(super) mod target;
pub(super) mod tls;
mod token;
pub(super) mod workload;
