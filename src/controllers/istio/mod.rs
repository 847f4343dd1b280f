//! What Istio does with a request: the policies in force for a workload, and their verdict.
//!
//! [`AuthorizationPolicy`] and [`PeerAuthentication`] are read as a cluster stores them and
//! validated as istiod validates them. [`PoliciesInForce`] holds those that attach to one
//! [`Workload`]; [`PoliciesInForce::evaluate`] gives the [`Verdict`] for one [`Request`], and
//! [`GatewayRoutes`] the route that a gateway then takes. The rules
//! are those of Istio 1.31 (`pilot/pkg/security/authz`, `pilot/pkg/security/authn`) and of the RBAC
//! filter and HTTP connection manager of Envoy 1.40. What neither the objects nor the request
//! determine is [`Verdict::Undecided`], with the reasons; nothing is guessed.

mod address;
mod answer;
mod authorization_policy;
mod claims;
mod clause;
mod evaluation;
mod gateway;
mod hosts;
mod identity;
mod identity_pattern;
mod mesh;
mod nulls;
mod path;
mod path_template;
mod peer_authentication;
mod policies;
mod rejection;
mod request;
mod route_match;
mod routes;
mod rule;
mod selector;
mod string_pattern;
mod text_match;
mod trust_domain;
mod validation;
mod values;
mod virtual_service;
mod workload;

pub use answer::Doubt;
pub use authorization_policy::{
    Action, AuthorizationPolicy, Condition, ExtensionProvider, Operation, PolicySpec, Rule,
    RuleFrom, RuleTo, Source,
};
pub use evaluation::{Evaluation, Refusal, Verdict};
pub use gateway::{Gateway, GatewaySpec, Server, ServerPort, ServerTls};
pub use identity::{Identity, InvalidIdentity};
pub use mesh::{Mesh, PathNormalization};
pub use path::{InvalidPath, NormalPath};
pub use peer_authentication::{MutualTls, MutualTlsMode, PeerAuthentication, PeerSpec};
pub use policies::PoliciesInForce;
pub use rejection::Rejection;
pub use request::{HttpRequest, Jwt, Peer, Request};
pub use routes::{GatewayRoutes, RouteName, Routing};
pub use rule::RuleName;
pub use selector::{TargetReference, WorkloadSelector};
pub use text_match::StringMatch;
pub use virtual_service::{
    Destination, DirectResponse, HeaderOperations, Headers, HttpRoute, PortSelector, Rewrite,
    RouteMatch, VirtualService, VirtualServiceSpec, WeightedDestination,
};
pub use workload::{Workload, WorkloadKind};
