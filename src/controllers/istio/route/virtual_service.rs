//! The VirtualService of `networking.istio.io`, as far as it routes HTTP.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::text_match::StringMatch;
use crate::controllers::istio::nulls;
use crate::values::k8s::{ObjectMeta, empty_if_null};

/// A VirtualService, as written. Unknown fields are ignored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VirtualService {
    /// `metadata`.
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: VirtualServiceSpec,
}

/// `spec` of a VirtualService.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct VirtualServiceSpec {
    /// The hosts that it routes.
    #[serde(deserialize_with = "nulls::list")]
    pub hosts: Vec<String>,
    /// The gateways that it is for, `NAMESPACE/NAME` or a name of its own namespace; `mesh` for
    /// sidecars, which is also what none means.
    #[serde(deserialize_with = "nulls::list")]
    pub gateways: Vec<String>,
    /// The routes, the first of which that matches is taken.
    #[serde(deserialize_with = "nulls::list")]
    pub http: Vec<HttpRoute>,
    /// The routes of TLS that the gateway passes through, by server name.
    #[serde(deserialize_with = "nulls::list")]
    pub tls: Vec<StreamRoute>,
    /// The routes of every other connection.
    #[serde(deserialize_with = "nulls::list")]
    pub tcp: Vec<StreamRoute>,
    /// The namespaces that see it; all where empty.
    #[serde(deserialize_with = "nulls::list")]
    pub export_to: Vec<String>,
}

/// `spec.tls[]` or `spec.tcp[]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamRoute {
    /// Where it sends the connection.
    #[serde(deserialize_with = "nulls::list")]
    pub route: Vec<WeightedDestination>,
}

/// `spec.http[]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct HttpRoute {
    /// Its name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// What it is for, one of which must match; everything where empty.
    #[serde(deserialize_with = "nulls::list", rename = "match")]
    pub matches: Vec<RouteMatch>,
    /// Where it sends the request.
    #[serde(deserialize_with = "nulls::list")]
    pub route: Vec<WeightedDestination>,
    /// Where it sends a copy of the request.
    pub mirror: Option<Destination>,
    /// Where it sends further copies.
    #[serde(deserialize_with = "nulls::list")]
    pub mirrors: Vec<WeightedDestination>,
    /// An answer of the proxy itself.
    pub direct_response: Option<DirectResponse>,
    /// An answer that sends the client elsewhere.
    pub redirect: Option<serde_json::Map<String, serde_json::Value>>,
    /// Another VirtualService that continues.
    pub delegate: Option<serde_json::Map<String, serde_json::Value>>,
    /// What is rewritten before the request continues.
    pub rewrite: Option<Rewrite>,
    /// What headers are set before the request continues.
    pub headers: Option<Headers>,
}

/// `spec.http[].match[]`. Every field that is given must match.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RouteMatch {
    /// The path, normalized and without its query.
    pub uri: Option<StringMatch>,
    /// Whether `uri` is for either case; a regex never is.
    #[serde(deserialize_with = "empty_if_null")]
    pub ignore_uri_case: bool,
    /// The scheme.
    pub scheme: Option<StringMatch>,
    /// The method.
    pub method: Option<StringMatch>,
    /// `:authority` as sent, with its port and case.
    pub authority: Option<StringMatch>,
    /// Headers that match.
    #[serde(deserialize_with = "matches_by_name")]
    pub headers: BTreeMap<String, StringMatch>,
    /// Headers that do not match; an absent one is empty.
    #[serde(deserialize_with = "matches_by_name")]
    pub without_headers: BTreeMap<String, StringMatch>,
    /// Parameters of the query that match.
    #[serde(deserialize_with = "matches_by_name")]
    pub query_params: BTreeMap<String, StringMatch>,
    /// The port of the gateway's server.
    #[serde(deserialize_with = "empty_if_null")]
    pub port: u32,
    /// The gateways that the match is for; all of the VirtualService's where empty.
    #[serde(deserialize_with = "nulls::list")]
    pub gateways: Vec<String>,
    /// The labels of the workload that sends the request: here, the gateway's.
    #[serde(deserialize_with = "nulls::labels")]
    pub source_labels: BTreeMap<String, String>,
    /// The namespace of the workload that sends the request: here, the gateway's.
    #[serde(deserialize_with = "empty_if_null")]
    pub source_namespace: String,
}

/// `spec.http[].route[]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WeightedDestination {
    /// The service.
    #[serde(deserialize_with = "empty_if_null")]
    pub destination: Destination,
    /// Its share of the requests.
    #[serde(deserialize_with = "empty_if_null")]
    pub weight: i32,
    /// What headers are set before the request goes there.
    pub headers: Option<Headers>,
}

/// `spec.http[].route[].destination`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Destination {
    /// The service's host, or its name in the namespace of the VirtualService.
    #[serde(deserialize_with = "empty_if_null")]
    pub host: String,
    /// A subset of its DestinationRule.
    #[serde(deserialize_with = "empty_if_null")]
    pub subset: String,
    /// The service's port; its only one where absent.
    pub port: Option<PortSelector>,
}

/// `spec.http[].route[].destination.port`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PortSelector {
    /// The number.
    #[serde(deserialize_with = "empty_if_null")]
    pub number: u32,
}

/// `spec.http[].directResponse`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DirectResponse {
    /// The status.
    #[serde(deserialize_with = "empty_if_null")]
    pub status: u32,
}

/// `spec.http[].rewrite`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Rewrite {
    /// What the path, or the prefix that matched, becomes.
    #[serde(deserialize_with = "empty_if_null")]
    pub uri: String,
    /// What the host becomes.
    #[serde(deserialize_with = "empty_if_null")]
    pub authority: String,
    /// What the path becomes by an expression; it has precedence.
    pub uri_regex_rewrite: Option<RegexRewrite>,
}

/// `spec.http[].rewrite.uriRegexRewrite`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegexRewrite {
    /// The expression, each of whose matches is replaced.
    #[serde(deserialize_with = "empty_if_null", rename = "match")]
    pub pattern: String,
    /// What it is replaced by, where `\1` is its first group.
    #[serde(deserialize_with = "empty_if_null")]
    pub rewrite: String,
}

/// `headers` of a route or a destination.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Headers {
    /// Those of the request.
    #[serde(deserialize_with = "empty_if_null")]
    pub request: HeaderOperations,
}

/// `headers.request`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HeaderOperations {
    /// Headers that are overwritten; `Host` is the authority.
    #[serde(deserialize_with = "nulls::labels")]
    pub set: BTreeMap<String, String>,
    /// Headers that are added.
    #[serde(deserialize_with = "nulls::labels")]
    pub add: BTreeMap<String, String>,
    /// Headers that are removed.
    #[serde(deserialize_with = "nulls::list")]
    pub remove: Vec<String>,
}

impl VirtualService {
    /// Its namespace; `default` where the manifest names none.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.metadata.namespace.as_deref().unwrap_or("default")
    }

    /// A gateway's name as `NAMESPACE/NAME` (`resolveGatewayName`, `pilot/pkg/model/config.go`).
    #[must_use]
    pub(crate) fn gateway_name(&self, name: &str) -> String {
        match (name.split_once('/'), name.split_once('.')) {
            (Some((".", name)), _) => format!("{}/{name}", self.namespace()),
            (Some(_), _) => name.to_owned(),
            (None, None) => format!("{}/{name}", self.namespace()),
            (None, Some((name, rest))) => {
                let namespace = rest.split('.').next().unwrap_or(rest);
                format!("{namespace}/{name}")
            }
        }
    }

    /// The hosts, with short names as services of its namespace (`ResolveShortnameToFQDN`,
    /// `pilot/pkg/model/config.go`).
    pub(super) fn full_hosts(&self) -> impl Iterator<Item = String> {
        self.spec.hosts.iter().map(|host| {
            let is_short = host != "*" && !host.contains(['.', ':']) && !host.is_empty();
            if is_short {
                format!("{host}.{}.svc.cluster.local", self.namespace())
            } else {
                host.clone()
            }
        })
    }
}

fn matches_by_name<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, StringMatch>, D::Error> {
    let map = Option::<BTreeMap<String, Option<StringMatch>>>::deserialize(deserializer)?;
    let map = map.unwrap_or_default();
    Ok(map.into_iter().map(|(name, one)| (name, one.unwrap_or_default())).collect())
}
