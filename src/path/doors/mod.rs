//! Every door to protected pods: what leads traffic from outside the mesh to them.
//!
//! [`doors`] takes the world as it will be and what is protected, and lists the doors, each with
//! the object and field that open it and a verdict: guarded by what was required, open, or not to
//! be judged because something is missing. It is pure: nothing is written, and nothing is said that
//! the objects do not say. What a controller does is what its own code does; each reader names its
//! source.

mod addresses;
mod advertised;
mod build;
mod context;
mod diags;
mod door;
mod embedded;
mod embedded_services;
mod endpoints;
mod gateway_api;
mod gateway_api_pods;
mod gateway_index;
mod gateway_pods;
mod gateway_policies;
mod gateways;
mod hosts;
mod ingresses;
mod istio_gateways;
mod kinds;
mod knative_ingress;
mod kserve_gateway_routes;
mod list;
mod load_balancers;
mod other_gateways;
mod other_kinds;
mod other_tokens;
mod pods;
mod protected;
mod protected_addresses;
mod proxies;
mod reach;
mod releases;
mod requirement;
mod selected;
mod selection;
mod service_entries;
mod services;
mod set_index;
mod target_groups;
mod templates;
mod texts;
mod tunnels;
mod twice;
mod written_routes;

pub(crate) use diags::findings;
pub use door::{Door, Missing, Platform, Verdict};
pub(crate) use gateway_pods::GatewayPods;
pub(crate) use hosts::HostSet;
pub use kinds::{DoorKind, Readers};
pub use list::{doors, doors_and_steps, find};
pub(crate) use list::{leave_classes_to_doors, leave_to_policies};
pub(crate) use protected::TargetPods;
pub use protected::{Front, Protected, Target};
pub use requirement::{Jwt, Login, Provider, Requirement, Token};
