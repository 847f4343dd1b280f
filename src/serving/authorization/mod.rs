//! AuthorizationPolicies for predictors, transformers and explainers: what each serves, who may ask
//! for it, and the proof that the policies let them through.
//!
//! The modes differ in who may ask. [`Mode::Guide`] is the pair of policies that the guide copies,
//! for the whole mesh; [`Mode::Namespace`] opens what a component serves to every peer;
//! [`Mode::Strict`] opens it to the peers that requests really come from.

mod gateways;
mod policies;
mod principal;
mod proof;
mod served;
mod workload;

pub use gateways::GatewayIdentities;
pub use policies::{ApiVersion, Mode, Policies};
pub use principal::{InvalidPrincipal, Principal, TrustDomain};
pub use proof::{Platform, Proof};
pub use served::{PROBES, ServedPaths};
pub use workload::{Callers, ServingWorkload};
