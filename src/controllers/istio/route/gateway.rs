//! The Gateway of `networking.istio.io`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::controllers::istio::nulls;
use crate::values::k8s::{ObjectMeta, empty_if_null};

/// A Gateway, as written. Unknown fields are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Gateway {
    /// `metadata`.
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub(crate) spec: GatewaySpec,
}

/// `spec` of a Gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct GatewaySpec {
    /// The labels of the pods that serve it, in any namespace; every proxy where empty.
    #[serde(deserialize_with = "nulls::labels")]
    pub selector: BTreeMap<String, String>,
    /// Its servers.
    #[serde(deserialize_with = "nulls::list")]
    pub servers: Vec<Server>,
}

/// `spec.servers[]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Server {
    /// Where it listens.
    #[serde(deserialize_with = "empty_if_null")]
    pub port: ServerPort,
    /// An address that it alone binds to.
    #[serde(deserialize_with = "empty_if_null")]
    pub bind: String,
    /// The hosts that it serves, each `HOST` or `NAMESPACE/HOST`, where the namespace of the
    /// VirtualService may be `.` for the Gateway's own and `*` for any.
    #[serde(deserialize_with = "nulls::list")]
    pub hosts: Vec<String>,
    /// Its TLS.
    pub tls: Option<ServerTls>,
}

/// `spec.servers[].port`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct ServerPort {
    /// The number.
    #[serde(deserialize_with = "empty_if_null")]
    pub number: u32,
    /// The name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// `HTTP`, `HTTPS`, `GRPC`, `HTTP2`, `TCP`, `TLS`, …
    #[serde(deserialize_with = "empty_if_null")]
    pub protocol: String,
}

/// `spec.servers[].tls`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ServerTls {
    /// Whether plaintext requests are sent to `https`.
    #[serde(deserialize_with = "empty_if_null")]
    pub https_redirect: bool,
    /// `SIMPLE`, `MUTUAL`, `ISTIO_MUTUAL`, …
    #[serde(deserialize_with = "empty_if_null")]
    pub mode: String,
}

impl Gateway {
    /// Its namespace; `default` where the manifest names none.
    #[must_use]
    pub(crate) fn namespace(&self) -> &str {
        self.metadata.namespace.as_deref().unwrap_or("default")
    }

    /// Whether pods with these labels serve it.
    #[must_use]
    pub(crate) fn selects(&self, labels: &BTreeMap<String, String>) -> bool {
        self.spec.selector.iter().all(|(key, value)| labels.get(key) == Some(value))
    }

    /// `NAMESPACE/NAME`.
    #[must_use]
    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.namespace(), self.metadata.name)
    }
}

impl Server {
    /// Whether it takes HTTP without TLS (`protocol.Parse`, `pkg/config/protocol`).
    #[must_use]
    pub(crate) fn is_plain_http(&self) -> bool {
        const HTTP: [&str; 5] = ["http", "http2", "grpc", "grpc-web", "http_proxy"];
        HTTP.contains(&self.port.protocol.to_ascii_lowercase().as_str())
    }

    /// Whether it takes connections over TLS, which it ends or passes on.
    #[must_use]
    pub(crate) fn is_encrypted(&self) -> bool {
        ["https", "tls"].contains(&self.port.protocol.to_ascii_lowercase().as_str())
    }

    /// Whether it ends TLS of clients that have no certificate of their own.
    #[must_use]
    pub(crate) fn ends_tls(&self) -> bool {
        let mode = self.tls.as_ref().map(|tls| tls.mode.as_str());
        self.port.protocol.eq_ignore_ascii_case("https")
            && matches!(mode, Some("SIMPLE" | "OPTIONAL_MUTUAL"))
    }

    /// Whether it takes a server name: with `*` any, and none.
    #[must_use]
    pub(crate) fn takes_name(&self, name: Option<&str>) -> bool {
        self.hosts.iter().any(|host| {
            let host = host.split_once('/').map_or(host.as_str(), |(_, host)| host);
            match (host, name) {
                ("*", _) => true,
                (_, None) => false,
                (host, Some(name)) => match host.strip_prefix('*') {
                    Some(end) => name.len() > end.len() && name.ends_with(end),
                    None => host == name,
                },
            }
        })
    }

    /// Whether its virtual hosts send plaintext requests to `https`.
    pub(super) fn wants_https(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.https_redirect)
    }

    /// The hosts that a VirtualService of `namespace` may have of the server's, `.` being the
    /// namespace `own` of the Gateway. `*/*` is all that the server then has
    /// (`sanitizeServerHostNamespace`, `pilot/pkg/model/gateway.go`).
    pub(super) fn hosts_for<'a>(&'a self, namespace: &str, own: &str) -> Vec<&'a str> {
        if self.hosts.iter().any(|host| host == "*/*") {
            return vec!["*"];
        }
        self.hosts
            .iter()
            .filter_map(|host| match host.split_once('/') {
                None => Some(host.as_str()),
                Some((".", name)) => (own == namespace).then_some(name),
                Some((of, name)) => (of == "*" || of == namespace).then_some(name),
            })
            .collect()
    }
}
