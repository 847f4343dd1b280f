//! AuthorizationPolicies for predictors, transformers and explainers: what each serves, who may call
//! for it, and the proof that the policies let them through.
//!
//! The modes differ in who may call. [`Mode::Guide`] is the pair of policies that the guide copies,
//! for the whole mesh; [`Mode::Namespace`] opens what a component serves to every peer;
//! [`Mode::Strict`] opens it to the peers that requests really come from.

mod alike;
mod at_gateways;
mod caller_proof;
mod gateway_pods;
mod gateways;
mod kubeflow;
mod named;
mod policies;
mod principal;
mod proof;
mod served;
mod settings;
mod without_token;
mod workload;

pub(crate) use alike::Alike;
pub(crate) use at_gateways::Hosts;
pub(crate) use gateway_pods::GatewayPods;
pub(crate) use gateways::GatewayIdentities;
pub(crate) use kubeflow::{LOGIN_FILTER, Profile, TOKEN_POLICY};
pub(crate) use named::{NamedCaller, NamedCallers, TokenCaller, TokenIssuer};
pub(crate) use policies::{ApiVersion, Mode, Policies};
pub(crate) use principal::{Principal, TrustDomain};
pub(crate) use proof::{Platform, Proof};
pub(crate) use served::NamedProtocol;
pub use served::PROBES;
pub(crate) use served::ServedPaths;
pub(crate) use settings::{Setting, Settings};
pub(crate) use without_token::WithoutToken;
pub(crate) use workload::{Callers, ServingWorkload, WorkloadLabels};
