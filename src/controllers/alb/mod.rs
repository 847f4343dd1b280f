//! What the AWS Load Balancer Controller makes of Ingresses: which it admits, which share a load
//! balancer, and which listeners, rules and logins that load balancer has; and which rule of it
//! takes a request.
//!
//! [`load_balancers`] gives the controller's model. The rules are those of the controller's
//! source at v3.5 (commit 225f445) with its defaults; [`admission`] also knows v2.4.7.
//!
//! Two storeys: [`controller`] is the controller, [`load_balancer`] how Elastic Load Balancing
//! matches requests against what the controller configures. Whether that is what somebody wanted
//! is not decided here.
//!
//! Not modelled: what AWS does with a request to create the load balancer, subnets and security
//! groups beyond the conflicts that stop a build, derived names, and the network load balancer of
//! `enable-frontend-nlb`.

pub(crate) mod annotated_services;
pub(crate) mod controller;
pub(crate) mod load_balancer;
mod options;

pub(crate) use controller::backend;
pub(crate) use controller::{
    BuildError, BuildErrorKind, GroupId, actions, annotations, auth, class, json_annotations,
    listen_ports, mutual_auth,
};
pub use controller::{
    LoadBalancer, Objects, SUFFIXES, Unmanaged, admission, conditions, group, load_balancers,
    model, objects,
};
pub use load_balancer::{pattern, regex, request};
pub use options::{Options, Version};
