//! The Gateway API, as far as it leads to Services.
//!
//! Source of the fields: `apis/v1/{gatewayclass,gateway,httproute,grpcroute,shared}_types.go` and
//! `apis/v1alpha2/{tcproute,tlsroute,udproute}_types.go` of kubernetes-sigs/gateway-api; AWS's own
//! kinds: `apis/gateway/v1beta1` of the AWS Load Balancer Controller.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::alb::class::LabelSelector;
use crate::values::k8s::{ObjectMeta, empty_if_null};

/// A `GatewayClass`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct GatewayClass {
    /// Its name.
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: GatewayClassSpec,
}

/// `spec` of a [`GatewayClass`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct GatewayClassSpec {
    /// Who implements it.
    #[serde(deserialize_with = "empty_if_null")]
    pub controller_name: String,
}

/// A Gateway.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Gateway {
    /// Name, namespace, labels and annotations.
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: GatewaySpec,
    /// `status`, of an export.
    #[serde(deserialize_with = "empty_if_null")]
    pub status: GatewayStatus,
}

/// Gateways, by namespace and name.
pub(crate) type Gateways = std::collections::BTreeMap<(String, String), Gateway>;

/// `status` of a [`Gateway`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct GatewayStatus {
    /// Where its load balancer answers.
    #[serde(deserialize_with = "empty_if_null")]
    pub addresses: Vec<GatewayAddress>,
}

/// `spec` of a [`Gateway`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct GatewaySpec {
    /// Its class.
    #[serde(deserialize_with = "empty_if_null")]
    pub gateway_class_name: String,
    /// Its listeners.
    #[serde(deserialize_with = "empty_if_null")]
    pub listeners: Vec<Listener>,
    /// Requested addresses; Istio takes one of type Hostname for the Service whose pods
    /// serve the Gateway.
    #[serde(deserialize_with = "empty_if_null")]
    pub addresses: Vec<GatewayAddress>,
    /// How the objects are set that a controller creates for it.
    #[serde(deserialize_with = "empty_if_null")]
    pub infrastructure: Infrastructure,
}

impl GatewaySpec {
    /// The object that changes what a controller creates for it, as `KIND NAME`.
    #[must_use]
    pub(crate) fn parameters(&self) -> Option<String> {
        let named = self.infrastructure.parameters_ref.as_ref()?;
        Some(format!("{} {}", named.kind, named.name))
    }
}

/// `spec.infrastructure`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Infrastructure {
    /// Annotations of what a controller creates.
    #[serde(deserialize_with = "empty_if_null")]
    pub annotations: std::collections::BTreeMap<String, String>,
    /// An object of the controller's own.
    pub parameters_ref: Option<ObjectName>,
}

/// `spec.addresses[]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct GatewayAddress {
    /// `IPAddress` or `Hostname`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The address.
    #[serde(deserialize_with = "empty_if_null")]
    pub value: String,
}

/// `spec.listeners[]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Listener {
    /// Its name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// Its port.
    #[serde(deserialize_with = "empty_if_null")]
    pub port: i32,
    /// `HTTP`, `HTTPS`, `TLS`, `TCP`, `UDP`.
    #[serde(deserialize_with = "empty_if_null")]
    pub protocol: String,
    /// The host that it serves.
    #[serde(deserialize_with = "empty_if_null")]
    pub hostname: String,
    /// The routes that it takes.
    #[serde(rename = "allowedRoutes", deserialize_with = "empty_if_null")]
    pub allowed_routes: AllowedRoutes,
}

impl Listener {
    /// Whether its clients speak TLS.
    #[must_use]
    pub(crate) fn is_encrypted(&self) -> bool {
        matches!(self.protocol.as_str(), "HTTPS" | "TLS")
    }
}

/// `spec.listeners[].allowedRoutes`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AllowedRoutes {
    /// Of which namespaces.
    #[serde(deserialize_with = "empty_if_null")]
    pub namespaces: RouteNamespaces,
    /// Of which kinds; those of the protocol where empty.
    #[serde(deserialize_with = "empty_if_null")]
    pub kinds: Vec<ObjectName>,
}

/// `allowedRoutes.namespaces`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RouteNamespaces {
    /// `All`, `Selector`, `Same`, `None`; `Same` where it is absent.
    pub from: Option<String>,
    /// The labels of the namespaces.
    pub selector: Option<LabelSelector>,
}

/// An `HTTPRoute`, `GRPCRoute`, `TLSRoute`, `TCPRoute` or `UDPRoute`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Route {
    /// Name and namespace.
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: RouteSpec,
}

/// `spec` of a [`Route`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RouteSpec {
    /// What it is attached to.
    #[serde(deserialize_with = "empty_if_null")]
    pub parent_refs: Vec<ParentReference>,
    /// Its hosts.
    #[serde(deserialize_with = "empty_if_null")]
    pub hostnames: Vec<String>,
    /// Its rules.
    #[serde(deserialize_with = "empty_if_null")]
    pub rules: Vec<RouteRule>,
}

/// `spec.parentRefs[]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ParentReference {
    /// `gateway.networking.k8s.io` where it is absent; empty for core.
    pub group: Option<String>,
    /// `Gateway` where it is absent.
    pub kind: Option<String>,
    /// The route's own where it is absent.
    pub namespace: Option<String>,
    /// The name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// The listener; all of them where it is absent.
    pub section_name: Option<String>,
    /// The listener's port; all of them where it is absent.
    pub port: Option<i32>,
}

impl ParentReference {
    /// Whether it is a Gateway, and not a Service of a mesh.
    #[must_use]
    pub(crate) fn is_gateway(&self) -> bool {
        self.group.as_deref().is_none_or(|group| group == "gateway.networking.k8s.io")
            && self.kind.as_deref().is_none_or(|kind| kind == "Gateway")
    }

    /// Whether it is a Service: a route inside a mesh, which leads nothing in from outside.
    #[must_use]
    pub(crate) fn is_service(&self) -> bool {
        self.group.as_deref().is_some_and(|group| group.is_empty() || group == "core")
            && self.kind.as_deref() == Some("Service")
    }
}

/// `spec.rules[]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RouteRule {
    /// What it is for, one of which must match; everything where empty.
    #[serde(deserialize_with = "empty_if_null")]
    pub matches: Vec<RouteMatch>,
    /// What happens to a request on the way.
    #[serde(deserialize_with = "empty_if_null")]
    pub filters: Vec<RouteFilter>,
    /// Where it goes.
    #[serde(deserialize_with = "empty_if_null")]
    pub backend_refs: Vec<RouteBackend>,
}

/// `spec.rules[].matches[]`; all that is given must match.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RouteMatch {
    /// The path of an `HTTPRoute`.
    pub path: Option<PathMatch>,
    /// The headers.
    #[serde(deserialize_with = "empty_if_null")]
    pub headers: Vec<HeaderMatch>,
    /// The method: a word in an `HTTPRoute`, a service and a method in a `GRPCRoute`.
    pub method: Option<Value>,
}

/// `matches[].path`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PathMatch {
    /// `PathPrefix`, `Exact`, `RegularExpression`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The path.
    pub value: Option<String>,
}

/// `matches[].headers[]`. Its value may be a token: it has no `Debug` of its own text.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HeaderMatch {
    /// `Exact` where it is absent, or `RegularExpression`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The header, in any case.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// The value.
    #[serde(deserialize_with = "empty_if_null")]
    pub value: String,
}

impl std::fmt::Debug for HeaderMatch {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("HeaderMatch").field("kind", &self.kind).field("name", &self.name).finish()
    }
}

/// `spec.rules[].filters[]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RouteFilter {
    /// `RequestRedirect`, `RequestMirror`, `ExtensionRef`, …
    #[serde(rename = "type", deserialize_with = "empty_if_null")]
    pub kind: String,
    /// The object that an `ExtensionRef` names.
    pub extension_ref: Option<ObjectName>,
    /// What a `RequestHeaderModifier` makes of the headers.
    pub request_header_modifier: Option<HeaderModifier>,
    /// Where a `RequestMirror` sends a copy.
    pub request_mirror: Option<Mirror>,
    /// What a `URLRewrite` makes of the path.
    pub url_rewrite: Option<Value>,
    /// Where a `RequestRedirect` leads.
    pub request_redirect: Option<Value>,
}

/// `filters[].requestHeaderModifier`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HeaderModifier {
    /// Headers that are overwritten.
    #[serde(deserialize_with = "empty_if_null")]
    pub set: Vec<HeaderMatch>,
    /// Headers that are added.
    #[serde(deserialize_with = "empty_if_null")]
    pub add: Vec<HeaderMatch>,
    /// Headers that are removed.
    #[serde(deserialize_with = "empty_if_null")]
    pub remove: Vec<String>,
}

/// `filters[].requestMirror`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Mirror {
    /// Where the copy goes.
    #[serde(deserialize_with = "empty_if_null")]
    pub backend_ref: RouteBackend,
}

/// An object by group, kind and name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ObjectName {
    /// The API group.
    #[serde(deserialize_with = "empty_if_null")]
    pub group: String,
    /// The kind.
    #[serde(deserialize_with = "empty_if_null")]
    pub kind: String,
    /// The name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
}

/// `spec.rules[].backendRefs[]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RouteBackend {
    /// Core where it is absent.
    pub group: Option<String>,
    /// `Service` where it is absent.
    pub kind: Option<String>,
    /// The route's own where it is absent.
    pub namespace: Option<String>,
    /// The name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// The port.
    pub port: Option<i32>,
    /// Its share of the requests; with 0 it gets none.
    pub weight: Option<i32>,
    /// What happens to requests that go to it.
    #[serde(deserialize_with = "empty_if_null")]
    pub filters: Vec<RouteFilter>,
}

impl RouteBackend {
    /// Whether it is a Service, or represents the Services of its name and namespace in every cluster
    /// of a set, this one among them (`pkg/apis/v1beta1/serviceimport.go` of kubernetes-sigs/mcs-api, and
    /// `docs/api-types/service-import.md` of aws/aws-application-networking-k8s).
    #[must_use]
    pub(crate) fn is_service(&self) -> bool {
        let kind = self.kind.as_deref().unwrap_or("Service");
        let is_core = self.group.as_deref().is_none_or(|group| group.is_empty() || group == "core");
        (is_core && kind == "Service") || kind == "ServiceImport"
    }

    /// Whether it is an `InferencePool`, which selects pods by itself
    /// (`api/v1/inferencepool_types.go` of kubernetes-sigs/gateway-api-inference-extension 1.5).
    pub(crate) fn is_inference_pool(&self) -> bool {
        self.kind.as_deref() == Some("InferencePool")
    }

    /// Whether it is a host that Istio's mesh knows (`pilot/pkg/config/kube/gateway/conversion.go` of
    /// istio/istio 1.31).
    pub(crate) fn is_hostname(&self) -> bool {
        self.kind.as_deref() == Some("Hostname")
    }
}

/// `gateway.k8s.aws` `LoadBalancerConfiguration`, `ListenerRuleConfiguration` and
/// `TargetGroupConfiguration`: their `spec` as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AwsConfiguration {
    /// Name and namespace.
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: Value,
}
