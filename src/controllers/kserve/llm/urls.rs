//! The URL that the status of an `LLMInferenceService` gets of its Gateways.
//!
//! Source: `DiscoverURLs` and `extractRoutePaths` in `router_discovery.go`, `preferPathBasedURL` in
//! `router.go`, of 0.20.0.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::controllers::gateway_api::{Gateway, Listener, RouteSpec};

/// Below a listener's wildcard host.
const WILDCARD: &str = "inference";

/// A Gateway, or a listener of it.
pub(super) struct Parent<'a> {
    /// Its namespace and its name.
    pub(super) place: (String, String),
    /// The listener; all of them where there is none.
    pub(super) section: Option<&'a str>,
}

impl Parent<'_> {
    /// Whether the route is attached to a listener.
    fn is_chosen(&self, listener: &Listener) -> bool {
        self.section.is_none_or(|section| listener.name == section)
    }
}

/// The route whose URLs are wanted.
pub(super) struct RouteUrls<'a> {
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
    pub(super) spec: &'a RouteSpec,
}

impl RouteUrls<'_> {
    /// The first of the URLs, those that are only for the cluster last; `None` where the hosts are those of
    /// a load balancer that no object names.
    pub(super) fn of(
        &self,
        parents: &[Parent<'_>],
        gateways: &BTreeMap<(String, String), Gateway>,
    ) -> Option<String> {
        let path = self.path();
        let mut urls = Vec::new();
        for parent in parents {
            let Some(gateway) = gateways.get(&parent.place) else { continue };
            for listener in gateway.spec.listeners.iter().filter(|one| parent.is_chosen(one)) {
                let Some(scheme) = scheme(listener) else { continue };
                for host in self.hosts_of(listener, gateway) {
                    let url =
                        format!("{scheme}://{}{path}", authority(&host, scheme, listener.port));
                    urls.push((is_internal(&host), url));
                }
            }
        }
        if urls.is_empty() {
            let host = self.hosts(&self.spec.hostnames).min()?;
            return Some(format!("http://{host}{path}"));
        }
        urls.into_iter().min().map(|(_, url)| url)
    }

    /// Where the requests of a client begin: the shallowest path without a condition on headers.
    pub(super) fn path(&self) -> String {
        let matches = self.spec.rules.iter().flat_map(|rule| &rule.matches);
        let plain = matches.filter(|one| one.headers.is_empty());
        let paths = plain
            .map(|one| one.path.as_ref().and_then(|path| path.value.as_deref()).unwrap_or("/"));
        let own = paths.filter(|path| !path.starts_with("/publishers/"));
        own.min_by_key(|path| (path.matches('/').count(), path.len()))
            .map_or_else(|| format!("/{}/{}", self.namespace, self.name), str::to_owned)
    }

    /// The hosts among `hostnames` that a URL can have.
    pub(super) fn hosts<'h>(&self, hostnames: &'h [String]) -> impl Iterator<Item = &'h str> {
        hostnames.iter().map(String::as_str).filter(|host| !host.is_empty() && *host != "*")
    }

    /// The hosts of the listeners, where the route has none of its own.
    pub(super) fn listener_hosts(
        &self,
        parents: &[Parent<'_>],
        gateways: &BTreeMap<(String, String), Gateway>,
    ) -> Vec<String> {
        if self.hosts(&self.spec.hostnames).next().is_some() {
            return Vec::new();
        }
        let mut hosts = Vec::new();
        for parent in parents {
            let Some(gateway) = gateways.get(&parent.place) else { continue };
            let named = gateway.spec.listeners.iter().filter(|one| parent.is_chosen(one));
            for listener in named.filter(|one| scheme(one).is_some() && !one.hostname.is_empty()) {
                hosts.extend(self.hosts_of(listener, gateway));
            }
        }
        hosts
    }

    fn hosts_of(&self, listener: &Listener, gateway: &Gateway) -> Vec<String> {
        let own: Vec<_> = self.hosts(&self.spec.hostnames).map(str::to_owned).collect();
        if !own.is_empty() {
            return own;
        }
        match listener.hostname.strip_prefix("*.") {
            Some(domain) => vec![format!("{WILDCARD}.{domain}")],
            None if listener.hostname.is_empty() => {
                let addresses = gateway.status.addresses.iter().map(|one| one.value.clone());
                addresses.filter(|address| !address.is_empty()).collect()
            }
            None => vec![listener.hostname.clone()],
        }
    }
}

fn scheme(listener: &Listener) -> Option<&'static str> {
    match listener.protocol.as_str() {
        "HTTP" => Some("http"),
        "HTTPS" | "TLS" => Some("https"),
        _ => None,
    }
}

fn authority(host: &str, scheme: &str, port: i32) -> String {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    match (scheme, port) {
        ("http", 80) | ("https", 443) => host,
        _ => format!("{host}:{port}"),
    }
}

/// Whether only the cluster's own network has the host.
fn is_internal(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let is_private = match host.parse() {
        Ok(IpAddr::V4(address)) => address.is_private(),
        Ok(IpAddr::V6(address)) => address.is_unique_local(),
        Err(_) => false,
    };
    let is_local = ["cluster.local", ".local", ".localhost", ".internal"];
    is_private || host == "localhost" || is_local.iter().any(|suffix| host.ends_with(suffix))
}
