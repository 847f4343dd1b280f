//! An `LLMInferenceService`, as far as its route goes.
//!
//! Source: `pkg/controller/v1alpha2/llmisvc/router.go` and the templates
//! `config/llmisvcconfig/config-llm-router-route.yaml` of 0.20.0: one `HTTPRoute` under
//! `/NAMESPACE/NAME`, without hosts of its own unless they are written.

use serde::Deserialize;

use super::endpoint::{HostRule, RouteKind, ServingRoute};
use super::ingress_settings::IngressSettings;
use super::reconciled::Reconciled;
use super::remark::Remark;
use crate::values::k8s::{ObjectMeta, empty_if_null};

/// An `LLMInferenceService`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct LlmInferenceService {
    /// `metadata`.
    #[serde(deserialize_with = "empty_if_null")]
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: LlmSpec,
}

/// `spec`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct LlmSpec {
    /// How requests come in; without it nothing leads from outside.
    pub router: Option<Router>,
}

/// `spec.router`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Router {
    /// The `HTTPRoute` that the controller creates.
    pub route: Option<RouterRoute>,
    /// The Gateways that it names.
    #[serde(deserialize_with = "empty_if_null")]
    pub gateway: RouterGateway,
}

/// `spec.router.route`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct RouterRoute {
    /// The route's own settings.
    #[serde(deserialize_with = "empty_if_null")]
    pub http: RouterHttp,
}

/// `spec.router.route.http`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct RouterHttp {
    /// `spec` of the `HTTPRoute`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: RouterHttpSpec,
}

/// `spec.router.route.http.spec`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct RouterHttpSpec {
    /// The hosts.
    #[serde(deserialize_with = "empty_if_null")]
    pub hostnames: Vec<String>,
}

/// `spec.router.gateway`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct RouterGateway {
    /// The Gateways.
    #[serde(deserialize_with = "empty_if_null")]
    pub refs: Vec<GatewayRef>,
}

/// A Gateway that is named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct GatewayRef {
    /// Its name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// Its namespace.
    #[serde(deserialize_with = "empty_if_null")]
    pub namespace: String,
}

impl LlmInferenceService {
    /// Its route.
    pub(super) fn reconcile(
        &self,
        namespace: &str,
        settings: Option<&IngressSettings>,
    ) -> Reconciled {
        let mut reconciled = Reconciled::default();
        let Some(router) = &self.spec.router else { return reconciled };
        let Some(route) = &router.route else { return reconciled };
        let name = &self.metadata.name;
        let backend = format!("{name}-kserve-workload-svc");
        let hosts = route.http.spec.hostnames.iter();
        let rules: Vec<_> =
            hosts.map(|host| HostRule { host: host.clone(), backend: backend.clone() }).collect();
        let named = router.gateway.refs.iter().map(|one| format!("{}/{}", one.namespace, one.name));
        let mut gateways: Vec<String> = named.collect();
        if gateways.is_empty() {
            gateways.extend(settings.map(|one| one.kserve_ingress_gateway.clone()));
        }
        match rules.first() {
            Some(rule) => {
                reconciled.url = Some(format!("http://{}/{namespace}/{name}", rule.host));
            }
            None => {
                let path = format!("/{namespace}/{name}");
                reconciled.remarks.push(Remark::HostOfGateway(path));
            }
        }
        reconciled.routes.push(ServingRoute {
            kind: RouteKind::HttpRoute,
            name: format!("{name}-kserve-route"),
            public: true,
            gateways,
            rules,
        });
        reconciled
    }
}
