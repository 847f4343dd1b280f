//! `EnvoyFilter`: a patch of the proxies' own configuration, recognized by its form.
//!
//! Source of the fields: `networking/v1alpha3/envoy_filter.proto` of istio/api. What a patch does is
//! what Envoy's filter of its type does; of most types nothing is said here.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::nulls;
use crate::values::k8s::{ObjectMeta, empty_if_null};

/// An `EnvoyFilter`, as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct EnvoyFilter {
    /// `metadata`.
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub(crate) spec: EnvoyFilterSpec,
}

/// `spec` of an [`EnvoyFilter`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct EnvoyFilterSpec {
    /// The workloads; all of its namespace where it is absent, of the root namespace those of all.
    pub workload_selector: Option<FilterSelector>,
    /// Gateway API objects.
    #[serde(deserialize_with = "nulls::list")]
    pub target_refs: Vec<Value>,
    /// The patches.
    #[serde(deserialize_with = "nulls::list")]
    pub config_patches: Vec<ConfigPatch>,
}

/// `spec.workloadSelector`, whose field has another name than that of policies.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct FilterSelector {
    /// The labels of its pods.
    #[serde(deserialize_with = "nulls::labels")]
    pub labels: BTreeMap<String, String>,
}

/// `spec.configPatches[]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ConfigPatch {
    /// `HTTP_FILTER`, `NETWORK_FILTER`, `ROUTE_CONFIGURATION`, `VIRTUAL_HOST`, `HTTP_ROUTE`, …
    #[serde(deserialize_with = "empty_if_null")]
    pub apply_to: String,
    /// Where.
    #[serde(rename = "match", deserialize_with = "empty_if_null")]
    pub place: PatchPlace,
    /// What.
    #[serde(deserialize_with = "empty_if_null")]
    pub patch: Patch,
}

/// `spec.configPatches[].match`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PatchPlace {
    /// `GATEWAY`, `SIDECAR_INBOUND`, `SIDECAR_OUTBOUND`, or `ANY`.
    #[serde(deserialize_with = "empty_if_null")]
    pub context: String,
}

/// `spec.configPatches[].patch`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Patch {
    /// The configuration that is merged or inserted.
    #[serde(deserialize_with = "empty_if_null")]
    pub value: Value,
}

/// Where in the mesh a proxy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyContext {
    /// At a gateway.
    Gateway,
    /// Before a workload.
    SidecarInbound,
}

/// What a filter does to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterEffect {
    /// Nothing: it counts.
    Telemetry,
    /// It calls a service to decide whether the request may continue, and returns that decision.
    ExternalAuthorization {
        /// The cluster of the service, as Envoy calls it.
        service: String,
    },
    /// It only adds headers.
    AddsHeaders(Vec<String>),
    /// Nobody says here.
    Unknown,
}

impl EnvoyFilter {
    /// Its namespace; `default` where the manifest names none.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.metadata.namespace.as_deref().unwrap_or("default")
    }

    /// Whether it is for the proxies of pods (`pilot/pkg/model/push_context.go`, `EnvoyFilters`).
    #[must_use]
    pub fn selects(
        &self,
        root_namespace: &str,
        namespace: &str,
        labels: &BTreeMap<String, String>,
    ) -> bool {
        (self.namespace() == root_namespace || self.namespace() == namespace)
            && self.spec.target_refs.is_empty()
            && self.spec.workload_selector.as_ref().is_none_or(|selector| {
                selector.labels.iter().all(|(key, value)| labels.get(key) == Some(value))
            })
    }

    /// What it does at proxies of a context: of several patches what weighs most.
    #[must_use]
    pub fn effect(&self, context: ProxyContext) -> FilterEffect {
        let word = match context {
            ProxyContext::Gateway => "GATEWAY",
            ProxyContext::SidecarInbound => "SIDECAR_INBOUND",
        };
        let own = self.spec.config_patches.iter().filter(|patch| {
            matches!(patch.place.context.as_str(), "" | "ANY") || patch.place.context == word
        });
        let weight = |effect: &FilterEffect| match effect {
            FilterEffect::Telemetry => 0,
            FilterEffect::AddsHeaders(_) => 1,
            FilterEffect::ExternalAuthorization { .. } => 2,
            FilterEffect::Unknown => 3,
        };
        own.map(ConfigPatch::effect).max_by_key(weight).unwrap_or(FilterEffect::Telemetry)
    }
}

impl ConfigPatch {
    fn effect(&self) -> FilterEffect {
        let value = &self.patch.value;
        let name = value.get("name").and_then(Value::as_str).unwrap_or_default();
        if matches!(name, "istio.stats" | "istio.metadata_exchange" | "istio.alpn") {
            return FilterEffect::Telemetry;
        }
        let config = value.get("typed_config").or_else(|| value.get("typedConfig"));
        let kind = config.and_then(|config| config.get("@type")?.as_str()).unwrap_or_default();
        match (self.apply_to.as_str(), kind.rsplit('.').next()) {
            ("HTTP_FILTER", Some("ExtAuthz")) => {
                let service = config.and_then(external_service).unwrap_or_default();
                FilterEffect::ExternalAuthorization { service }
            }
            ("HTTP_FILTER", Some("Lua")) => config
                .and_then(script)
                .and_then(added_headers)
                .map_or(FilterEffect::Unknown, FilterEffect::AddsHeaders),
            _ => FilterEffect::Unknown,
        }
    }
}

/// The service that an `ExtAuthz` of HTTP calls.
fn external_service(config: &Value) -> Option<String> {
    let service = config.get("http_service").or_else(|| config.get("httpService"))?;
    let uri = service.get("server_uri").or_else(|| service.get("serverUri"))?;
    Some(uri.get("cluster")?.as_str()?.to_owned())
}

fn script(config: &Value) -> Option<&str> {
    let plain = config.get("inline_code").or_else(|| config.get("inlineCode"));
    plain.and_then(Value::as_str)
}

/// The headers that a script adds, where it does nothing else to the request: of what Envoy's Lua
/// filter offers it calls `headers():get` and `headers():add` alone. An error in a script lets the
/// request continue (`source/extensions/filters/http/lua/lua_filter.cc`, `scriptError`).
fn added_headers(script: &str) -> Option<Vec<String>> {
    const OTHERS: [&str; 14] = [
        ":respond(",
        ":httpCall(",
        ":replace(",
        ":remove(",
        ":body(",
        ":bodyChunks(",
        ":trailers(",
        ":clearRouteCache(",
        ":setUpstreamOverrideHost(",
        ":streamInfo(",
        ":metadata(",
        ":connection(",
        "envoy_on_response",
        ":setHttp",
    ];
    if OTHERS.iter().any(|call| script.contains(call)) || !script.contains("envoy_on_request") {
        return None;
    }
    let mut names = Vec::new();
    for (at, call) in script.match_indices(":add(") {
        let rest = script[at + call.len()..].trim_start();
        let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''))?;
        names.push(rest[1..].split(quote).next()?.to_ascii_lowercase());
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(value: &str) -> EnvoyFilter {
        let text = format!(
            r#"{{"metadata": {{"name": "f", "namespace": "istio-system"}}, "spec": {{
              "workloadSelector": {{"labels": {{"istio": "ingressgateway"}}}},
              "configPatches": [{{"applyTo": "HTTP_FILTER", "match": {{"context": "GATEWAY"}},
                "patch": {{"operation": "INSERT_BEFORE", "value": {value}}}}}]}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_filter_is_told_by_its_form() {
        let authn = filter(
            r#"{"name": "any", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
              "http_service": {"server_uri": {"cluster": "outbound|8080||authservice.istio-system.svc.cluster.local"}}}}"#,
        );
        let effect = authn.effect(ProxyContext::Gateway);
        assert!(
            matches!(effect, FilterEffect::ExternalAuthorization { service } if service.contains("authservice"))
        );
        assert_eq!(authn.effect(ProxyContext::SidecarInbound), FilterEffect::Telemetry);
        let stats = filter(r#"{"name": "istio.stats"}"#);
        assert_eq!(stats.effect(ProxyContext::Gateway), FilterEffect::Telemetry);
        let lua = |code: &str| {
            let config = serde_json::json!({"name": "envoy.filters.http.lua", "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua", "inlineCode": code}});
            filter(&config.to_string()).effect(ProxyContext::Gateway)
        };
        let adds = "function envoy_on_request(h)\n h:headers():add(\"X-Forwarded-Host\", h:headers():get(\":authority\"))\nend";
        assert_eq!(lua(adds), FilterEffect::AddsHeaders(vec!["x-forwarded-host".to_owned()]));
        assert_eq!(
            lua("function envoy_on_request(h) h:respond({}, 'x') end"),
            FilterEffect::Unknown
        );
        assert_eq!(filter(r#"{"name": "x"}"#).effect(ProxyContext::Gateway), FilterEffect::Unknown);
    }

    #[test]
    fn a_filter_is_for_the_pods_that_it_selects() {
        let one = filter("{}");
        let labels = |value: &str| BTreeMap::from([("istio".to_owned(), value.to_owned())]);
        assert!(one.selects("istio-system", "team", &labels("ingressgateway")));
        assert!(!one.selects("istio-system", "istio-system", &labels("egressgateway")));
        assert!(!one.selects("istio-config", "team", &labels("ingressgateway")));
    }
}
