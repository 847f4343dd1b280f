//! What Istio does with a request: the policies in force for a workload, and their verdict.
//!
//! [`AuthorizationPolicy`] and [`PeerAuthentication`] are read as a cluster stores them and
//! validated as istiod validates them. [`PoliciesInForce`] holds those that attach to one
//! [`Workload`]; [`PoliciesInForce::evaluate`] gives the [`Verdict`] for one [`Request`], and
//! [`GatewayRoutes`] the route that a gateway then takes. The rules
//! are those of Istio 1.31 (`pilot/pkg/security/authz`, `pilot/pkg/security/authn`) and of the RBAC
//! filter and HTTP connection manager of Envoy 1.40. What neither the objects nor the request
//! determine is [`Verdict::Undecided`], with the reasons; nothing is guessed.

mod annotations;
mod answer;
mod envoy_filter;
mod facts;
mod identity;
mod membership;
mod mesh;
mod nulls;
mod order;
mod path;
mod peer;
mod policy;
mod rejection;
mod request;
mod route;
mod selector;
mod token;
mod workload;

pub use answer::Doubt;
pub use envoy_filter::{EnvoyFilter, FilterEffect, Patch, ProxyContext};
pub use identity::{Identity, InvalidIdentity};
pub(crate) use membership::{Membership, membership};
pub use mesh::{Mesh, PathNormalization};
pub(crate) use path::{OLDER_ENVOY, normal_targets};
pub use peer::PeerAuthentication;
pub(crate) use policy::PoliciesByLabels;
pub use policy::{
    Action, AuthorizationPolicy, Condition, Evaluation, ExtensionProvider, Operation,
    PoliciesInForce, PolicySpec, Refusal, Rule, RuleFrom, RuleName, RuleTo, Source, Verdict,
};
pub use rejection::Rejection;
pub use request::{HttpRequest, Jwt, Peer, Request};
pub use route::{
    Destination, DirectResponse, Gateway, GatewayRoutes, HeaderOperations, Headers, HttpRoute,
    PortSelector, RegexRewrite, Rewrite, RouteMatch, RouteName, Routing, StringMatch,
    VirtualService, VirtualServiceSpec, WeightedDestination,
};
pub use selector::{TargetReference, WorkloadSelector};
pub use token::{Authenticated, RequestAuthentication, Token, TokenRefusal, TokenRules};
pub use workload::{Workload, WorkloadKind};
