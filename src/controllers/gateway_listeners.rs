//! Which listeners of a Gateway of the Gateway API take a route.
//!
//! Source: `AllowedRoutes` and `ParentReference` in `apis/v1/{gateway,shared}_types.go` of
//! kubernetes-sigs/gateway-api; `pkg/gateway/routeutils/listener_attachment_helper.go` of the AWS Load Balancer
//! Controller and `referenceAllowed` in `pilot/pkg/config/kube/gateway/conversion.go` of istio/istio, which
//! take routes of the Gateway's own namespace where nothing is said.

use std::collections::BTreeMap;
use std::fmt;

use super::gateway_api::{Listener, ParentReference};

/// The label that the API server gives every namespace.
const NAME: &str = "kubernetes.io/metadata.name";

/// A route that wants to be attached.
pub(crate) struct Attaching<'a> {
    /// `HTTPRoute` or `GRPCRoute`.
    pub kind: &'a str,
    /// Its namespace.
    pub namespace: &'a str,
    /// The labels of that; `None` where they are not known.
    pub labels: Option<&'a BTreeMap<String, String>>,
    /// Its hosts; every host where empty.
    pub hostnames: &'a [String],
    /// Whether the AWS Load Balancer Controller is to attach it.
    pub by_aws: bool,
}

/// What a listener makes of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attachment {
    /// It takes it.
    Attached {
        /// For these hosts; for every host where empty.
        hostnames: Vec<String>,
        /// Whether that is so only if the route's namespace has the labels.
        by_unknown_labels: bool,
    },
    /// It does not, for this reason.
    Refused(Detached),
}

/// Why a listener does not take a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Detached {
    /// The route names another listener or port.
    Section,
    /// The listener takes none of the route's namespace.
    Namespace,
    /// The listener takes none of the route's kind.
    Kind,
    /// They have no host in common.
    Hostname,
}

impl Detached {
    /// The field of the listener, where it is one of the Gateway's.
    pub(crate) fn listener_field(&self) -> Option<&'static str> {
        match self {
            Self::Section => None,
            Self::Namespace => Some("allowedRoutes.namespaces"),
            Self::Kind => Some("allowedRoutes.kinds"),
            Self::Hostname => Some("hostname"),
        }
    }
}

impl Detached {
    /// Why, without what to change.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Section => "its parentRefs name another listener or port",
            Self::Namespace => "the listener takes no routes of its namespace",
            Self::Kind => "the listener takes no routes of its kind",
            Self::Hostname => "none of its hosts is the listener's hostname",
        }
    }
}

impl fmt::Display for Detached {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.reason())?;
        match self {
            Self::Namespace => out.write_str("; set allowedRoutes.namespaces"),
            Self::Kind => out.write_str("; set allowedRoutes.kinds"),
            Self::Section | Self::Hostname => Ok(()),
        }
    }
}

/// Whether a route asks for a listener of its parent.
pub(crate) fn asks_for(parent: &ParentReference, listener: &Listener) -> bool {
    parent.section_name.as_ref().is_none_or(|name| *name == listener.name)
        && parent.port.is_none_or(|port| port == listener.port)
}

/// What a listener of a Gateway in a namespace makes of a route with a parent.
pub(crate) fn attach(
    listener: &Listener,
    gateway_namespace: &str,
    parent: &ParentReference,
    route: &Attaching<'_>,
) -> Attachment {
    if !asks_for(parent, listener) {
        return Attachment::Refused(Detached::Section);
    }
    let allowed = &listener.allowed_routes;
    let (is_allowed, by_unknown_labels) = match allowed.namespaces.from.as_deref() {
        None | Some("Same") => (route.namespace == gateway_namespace, false),
        Some("All") => (true, false),
        Some("Selector") => match &allowed.namespaces.selector {
            Some(selector) => {
                let mut labels = route.labels.cloned().unwrap_or_default();
                labels.entry(NAME.to_owned()).or_insert_with(|| route.namespace.to_owned());
                let is_selected = selector.matches(&labels);
                // Whatever other labels it has, its name is known.
                let is_unknown = route.labels.is_none()
                    && !is_selected
                    && selector.of_label(NAME).matches(&labels);
                (is_selected || is_unknown, is_unknown)
            }
            None => (false, false),
        },
        Some(_) => (false, false),
    };
    if !is_allowed {
        return Attachment::Refused(Detached::Namespace);
    }
    let takes_kind = match &allowed.kinds[..] {
        [] => {
            let known = kinds_of(&listener.protocol, route.by_aws);
            known.is_none_or(|kinds| kinds.contains(&route.kind))
        }
        kinds => kinds.iter().any(|kind| kind.kind == route.kind),
    };
    if !takes_kind {
        return Attachment::Refused(Detached::Kind);
    }
    match shared(&listener.hostname, route.hostnames) {
        Some(hostnames) => Attachment::Attached { hostnames, by_unknown_labels },
        None => Attachment::Refused(Detached::Hostname),
    }
}

/// The kinds of routes that a listener of a protocol takes where it names none: what the controller takes
/// (`DefaultProtocolToRouteKindMap` in `pkg/gateway/routeutils/constants.go` of the AWS Load Balancer Controller 3.5,
/// which attaches a `GRPCRoute` to an HTTP listener only where `allowedRoutes.kinds` has it;
/// `GenerateGatewaySupportedKinds` in `pilot/pkg/config/kube/gatewaycommon/conversion.go` of istio/istio). Of another
/// protocol it is not known.
fn kinds_of(protocol: &str, by_aws: bool) -> Option<&'static [&'static str]> {
    match protocol {
        "HTTP" if by_aws => Some(&["HTTPRoute"]),
        "HTTP" | "HTTPS" => Some(&["HTTPRoute", "GRPCRoute"]),
        "TCP" => Some(&["TCPRoute"]),
        "TLS" => Some(&["TLSRoute", "TCPRoute"]),
        "UDP" => Some(&["UDPRoute"]),
        _ => None,
    }
}

/// The hosts that a listener and a route have in common; `None` where there is none.
fn shared(listener: &str, hostnames: &[String]) -> Option<Vec<String>> {
    if listener.is_empty() || hostnames.is_empty() {
        let one = (!listener.is_empty()).then(|| listener.to_owned());
        return Some(one.into_iter().chain(hostnames.iter().cloned()).collect());
    }
    let found: Vec<String> =
        hostnames.iter().filter_map(|own| narrower(listener, own)).map(str::to_owned).collect();
    (!found.is_empty()).then_some(found)
}

/// The one of two hosts that the other includes.
fn narrower<'a>(one: &'a str, other: &'a str) -> Option<&'a str> {
    let includes = |wide: &str, narrow: &str| {
        wide.strip_prefix('*').is_some_and(|suffix| {
            narrow.len() > suffix.len()
                && narrow.to_ascii_lowercase().ends_with(&suffix.to_ascii_lowercase())
        })
    };
    if one.eq_ignore_ascii_case(other) || includes(one, other) {
        Some(other)
    } else {
        includes(other, one).then_some(one)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn found(listener: Value, parent: Value, labels: Option<&str>) -> Result<String, Detached> {
        let listener: Listener = serde_json::from_value(listener).unwrap();
        let parent: ParentReference = serde_json::from_value(parent).unwrap();
        let labels = labels.map(|name| BTreeMap::from([(name.to_owned(), "a".to_owned())]));
        let hostnames = ["iris.example.com".to_owned(), "*.example.org".to_owned()];
        let route = Attaching {
            kind: "HTTPRoute",
            namespace: "team",
            labels: labels.as_ref(),
            hostnames: &hostnames,
            by_aws: false,
        };
        match attach(&listener, "gateways", &parent, &route) {
            Attachment::Attached { hostnames, by_unknown_labels } => {
                Ok(format!("{}{}", hostnames.join(" "), if by_unknown_labels { "?" } else { "" }))
            }
            Attachment::Refused(why) => Err(why),
        }
    }

    #[test]
    fn a_listener_takes_the_namespaces_that_it_allows() {
        let of = |namespaces: Value, labels| {
            let listener =
                json!({"name": "http", "port": 80, "allowedRoutes": {"namespaces": namespaces}});
            found(listener, json!({}), labels).map(|_| ())
        };
        let by =
            |label: &str| json!({"from": "Selector", "selector": {"matchLabels": {label: "a"}}});
        let refused = Err(Detached::Namespace);
        assert_eq!(of(Value::Null, None), refused);
        assert_eq!(of(json!({"from": "Same"}), None), refused);
        assert_eq!(of(json!({"from": "None"}), None), refused);
        assert_eq!(of(json!({"from": "Selector"}), None), refused);
        assert_eq!(of(json!({"from": "All"}), None), Ok(()));
        assert_eq!(of(by("models"), Some("models")), Ok(()));
        assert_eq!(of(by("models"), Some("other")), refused);
        let named = json!({"from": "Selector", "selector": {"matchLabels": {NAME: "team"}}});
        assert_eq!(of(named, None), Ok(()));
    }

    #[test]
    fn labels_that_are_not_known_may_be_those() {
        let listener = json!({"port": 80, "allowedRoutes": {"namespaces":
            {"from": "Selector", "selector": {"matchLabels": {"models": "a"}}}}});
        assert!(found(listener, json!({}), None).unwrap().ends_with('?'));
        let of = |matched: Value| json!({"port": 80, "allowedRoutes": {"namespaces": {"from": "Selector", "selector": {"matchLabels": matched}}}});
        assert!(
            found(of(json!({"models": "a", NAME: "team"})), json!({}), None)
                .unwrap()
                .ends_with('?')
        );
        assert_eq!(
            found(of(json!({"models": "a", NAME: "other"})), json!({}), None),
            Err(Detached::Namespace)
        );
    }

    #[test]
    fn a_route_may_name_the_listener_and_shares_its_hosts() {
        let of = |hostname: &str, parent: Value| {
            let all = json!({"namespaces": {"from": "All"}});
            let listener =
                json!({"name": "http", "port": 80, "hostname": hostname, "allowedRoutes": all});
            found(listener, parent, None)
        };
        let both = "iris.example.com *.example.org".to_owned();
        assert_eq!(of("", json!({"sectionName": "http", "port": 80})), Ok(both));
        assert_eq!(of("", json!({"sectionName": "https"})), Err(Detached::Section));
        assert_eq!(of("", json!({"port": 443})), Err(Detached::Section));
        assert_eq!(of("*.example.com", json!({})), Ok("iris.example.com".to_owned()));
        assert_eq!(of("a.example.org", json!({})), Ok("a.example.org".to_owned()));
        assert_eq!(of("*.a.example.org", json!({})), Ok("*.a.example.org".to_owned()));
        assert_eq!(of("iris.example.net", json!({})), Err(Detached::Hostname));
        let grpc = json!({"allowedRoutes": {"namespaces": {"from": "All"}, "kinds": [{"kind": "GRPCRoute"}]}});
        assert_eq!(found(grpc, json!({}), None), Err(Detached::Kind));
    }

    #[test]
    fn grpc_is_behind_https_alone_unless_the_kind_is_named() {
        let takes = |listener: Value, by_aws| {
            let listener: Listener = serde_json::from_value(listener).unwrap();
            let parent = ParentReference::default();
            let kind = "GRPCRoute";
            let route = Attaching { kind, namespace: "team", labels: None, hostnames: &[], by_aws };
            matches!(attach(&listener, "team", &parent, &route), Attachment::Attached { .. })
        };
        assert!(takes(json!({ "protocol": "HTTP" }), false));
        assert!(!takes(json!({ "protocol": "HTTP" }), true));
        assert!(takes(json!({ "protocol": "HTTPS" }), true));
        let kinds = json!([{ "kind": "GRPCRoute" }]);
        assert!(takes(json!({ "protocol": "HTTP", "allowedRoutes": { "kinds": kinds } }), true));
    }
}
