//! What a gateway demands before it routes: filters, then policies.

use std::collections::{BTreeMap, BTreeSet};

use super::proxied::istio_request;
use super::token::{At, authenticate, verdict_for_issuer};
use crate::controllers::istio::{
    AuthorizationPolicy, Doubt, FilterEffect, GatewayRoutes, Identity, Jwt, Peer, PoliciesInForce,
    ProxyContext, Refusal, Request, Routing, Verdict, Workload,
};
use crate::path::simulator::mesh::{ServicePods, gateway_workload};
use crate::path::simulator::outcome::{Cause, Place};
use crate::path::simulator::walk::{Step, Walk};
use crate::values::k8s::ResourceRef;

type Labels = BTreeMap<String, String>;

/// The pods' labels and port where the Service of a gateway is not in the package: those of Istio's own
/// charts, and those of the Gateway inside the cluster.
pub(in crate::path::simulator) fn stock_labels(
    walk: &Walk<'_, '_, '_>,
    service: &str,
) -> Option<(Labels, u16)> {
    let pairs = |all: &[(&str, &str)]| {
        all.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    match service {
        "istio-ingressgateway" => {
            Some((pairs(&[("app", "istio-ingressgateway"), ("istio", "ingressgateway")]), 8080))
        }
        "knative-local-gateway" => {
            let gateways = &walk.simulator.mesh.gateways;
            let own = gateways.iter().find(|one| one.metadata.name == "knative-local-gateway");
            let labels = own.map(|one| one.spec.selector.clone()).filter(|own| !own.is_empty());
            Some((labels.unwrap_or_else(|| pairs(&[("istio", "ingressgateway")])), 8081))
        }
        _ => None,
    }
}

/// Names the annotation that the last hop is about.
pub(super) fn at_annotation(walk: &mut Walk<'_, '_, '_>, key: &str) {
    if let Some(hop) = walk.hops.last_mut() {
        hop.field = Some(format!("metadata.annotations[alb.ingress.kubernetes.io/{key}]"));
    }
}

/// The filters and policies of a gateway with these routes.
pub(super) fn follow(
    walk: &mut Walk<'_, '_, '_>,
    pods: &ServicePods<'_>,
    routes: &GatewayRoutes,
) -> Step<()> {
    filters(walk, pods)?;
    let workload = gateway_workload(pods);
    let in_force = in_force(walk, &workload);
    let request = |walk: &Walk<'_, '_, '_>, jwt| {
        istio_request(&walk.request, Peer::Plaintext, pods.port, jwt)
    };
    // Without a route no provider is asked (`skipCheckForRoute`, Envoy's `ext_authz.cc`).
    let is_routed = |request: &Request| !matches!(routes.route(request), Routing::NotFound { .. });
    let jwt = authenticate(walk, &workload, At::GATEWAY, |walk| {
        let request = request(walk, Jwt::Absent);
        if is_routed(&request) {
            doubt_before(walk, &in_force, &request, Place::Gateway, Cause::GatewayRefused);
        }
    })?;
    let request = request(walk, jwt);
    let mut verdict = verdict(walk, &in_force, &request, &workload.namespace);
    let is_routed = is_routed(&request);
    if let Verdict::Undecided { why } = &mut verdict
        && !is_routed
    {
        why.retain(|one| !matches!(one, Doubt::Provider { .. }));
        if why.is_empty() {
            verdict = Verdict::Allowed;
        }
    }
    match verdict {
        Verdict::Allowed => {
            walk.passes(
                Place::Gateway,
                None,
                None,
                format!("the policies of the gateway in {} let it pass", pods.namespace),
            );
            Ok(())
        }
        Verdict::Denied { by } => {
            let (status, cause) = match &by {
                Refusal::MalformedRequest => (Some(400), Cause::GatewayBadRequest),
                by if by.is_of_connection() => (None, Cause::GatewayRefused),
                _ => (Some(403), Cause::GatewayRefused),
            };
            let object = policy_of(&by);
            if is_routed {
                let cause = Cause::GatewayRefused;
                doubt_before(walk, &in_force, &request, Place::Gateway, cause);
            }
            Err(walk.ends(
                Place::Gateway,
                object,
                Some("spec".to_owned()),
                by.to_string(),
                status,
                cause,
            ))
        }
        Verdict::Undecided { why } => {
            doubt(walk, Place::Gateway, &why, Cause::GatewayRefused);
            Ok(())
        }
    }
}

/// Notes each doubt about policies. A provider of external authorization answers with a status of its
/// own: that of a refusal, or its login. That is a redirect, or a page with 403: oauth2-proxy shows
/// its sign-in page unless `skip_provider_button` is set (`Proxy` in `oauthproxy.go` of v7.15.3), which Kubeflow
/// does not set from 1.9.1 on.
pub(super) fn doubt(
    walk: &mut Walk<'_, '_, '_>,
    place: Place,
    why: &BTreeSet<Doubt>,
    cause: Cause,
) {
    for one in why {
        walk.doubts(place, None, one.to_string(), 403, cause);
        if matches!(one, Doubt::Provider { .. }) {
            walk.may_also_end(302, Cause::GatewayLogin);
            walk.may_also_end(403, Cause::GatewayLogin);
        }
    }
}

/// Notes each provider of external authorization that answers before the policy that refuses a request.
pub(super) fn doubt_before(
    walk: &mut Walk<'_, '_, '_>,
    in_force: &PoliciesInForce,
    request: &Request,
    place: Place,
    cause: Cause,
) {
    let found = in_force.evaluate(request);
    let why = match found.verdict {
        Verdict::Undecided { why } => why,
        Verdict::Allowed | Verdict::Denied { .. } => found.provider_doubts,
    };
    let of_providers =
        why.into_iter().filter(|one| matches!(one, Doubt::Provider { .. })).collect();
    doubt(walk, place, &of_providers, cause);
}

/// Whether a filter of the gateway sends who has no session to a login.
pub(super) fn demands_login(walk: &Walk<'_, '_, '_>, pods: &ServicePods<'_>) -> bool {
    let root = &walk.simulator.mesh.mesh.root_namespace;
    walk.simulator.mesh.filters.iter().any(|one| {
        one.selects(root, &pods.namespace, pods.labels)
            && matches!(
                one.effect(ProxyContext::Gateway),
                FilterEffect::ExternalAuthorization { .. }
            )
    })
}

fn filters(walk: &mut Walk<'_, '_, '_>, pods: &ServicePods<'_>) -> Step<()> {
    let simulator = walk.simulator;
    let root = &simulator.mesh.mesh.root_namespace;
    let own =
        simulator.mesh.filters.iter().filter(|one| one.selects(root, &pods.namespace, pods.labels));
    for filter in own {
        let by = Some(ResourceRef {
            api_version: "networking.istio.io/v1alpha3".to_owned(),
            kind: "EnvoyFilter".to_owned(),
            namespace: Some(filter.namespace().to_owned()),
            name: filter.metadata.name.clone(),
        });
        match filter.effect(ProxyContext::Gateway) {
            FilterEffect::Telemetry => {}
            FilterEffect::AddsHeaders(names) => walk.added_headers.extend(names),
            FilterEffect::ExternalAuthorization { service } if walk.request.logged_in => {
                walk.added_headers.insert("kubeflow-userid".to_owned());
                walk.passes(
                    Place::Gateway,
                    by,
                    None,
                    format!("{service} knows the client's session"),
                );
            }
            FilterEffect::ExternalAuthorization { service } if walk.request.has_bearer() => {
                let text = format!("{service} decides whether it takes the token");
                walk.doubts(Place::Gateway, by, text, 302, Cause::GatewayLogin);
            }
            FilterEffect::ExternalAuthorization { service } => {
                let text = format!("{service} sends who has no session to its login");
                let field = Some("spec.configPatches".to_owned());
                return Err(walk.ends(Place::Gateway, by, field, text, 302, Cause::GatewayLogin));
            }
            FilterEffect::Unknown => {
                let text = format!(
                    "the EnvoyFilter {}/{} changes the gateway in a way that is not supported",
                    filter.namespace(),
                    filter.metadata.name
                );
                walk.doubts(Place::Gateway, by, text, None, Cause::GatewayFilter);
            }
        }
    }
    Ok(())
}

/// The policies in force for a workload.
pub(super) fn in_force(walk: &Walk<'_, '_, '_>, workload: &Workload) -> PoliciesInForce {
    let mesh = &walk.simulator.mesh;
    let policies = mesh.policies_for(workload);
    PoliciesInForce::for_workload(&mesh.mesh, workload, policies, &mesh.peers)
}

/// The verdict, also where filters on the way may have added headers of which only the names are
/// known: each value that a policy requires is tried.
pub(super) fn verdict(
    walk: &Walk<'_, '_, '_>,
    in_force: &PoliciesInForce,
    request: &Request,
    namespace: &str,
) -> Verdict {
    let first = in_force.evaluate(request).verdict;
    let first = match first {
        Verdict::Undecided { .. } => {
            verdict_for_issuer(walk, in_force, request, namespace).unwrap_or(first)
        }
        first => first,
    };
    for name in &walk.added_headers {
        for value in values_required(walk.simulator.mesh.policies_near(namespace), name) {
            let mut other = request.clone();
            if let Some(http) = &mut other.http {
                http.headers.push((name.clone(), value));
            }
            let other = in_force.evaluate(&other).verdict;
            if std::mem::discriminant(&other) != std::mem::discriminant(&first) {
                return Verdict::Undecided { why: [Doubt::Header(name.clone())].into() };
            }
        }
    }
    first
}

fn values_required(policies: &[AuthorizationPolicy], header: &str) -> BTreeSet<String> {
    let key = format!("request.headers[{header}]");
    let rules = policies.iter().flat_map(|policy| &policy.spec.rules);
    let conditions =
        rules.flat_map(|rule| &rule.when).filter(|when| when.key.eq_ignore_ascii_case(&key));
    conditions.flat_map(|when| when.values.iter().chain(&when.not_values)).cloned().collect()
}

/// The policy that refuses, where it is one.
pub(super) fn policy_of(by: &Refusal) -> Option<ResourceRef> {
    let (namespace, name) = match by {
        Refusal::Deny(rule) | Refusal::Custom(rule) => {
            (rule.namespace.clone(), rule.policy.clone())
        }
        Refusal::NoAllow(policies) => {
            let (namespace, name) = policies.first()?.split_once('/')?;
            (namespace.to_owned(), name.to_owned())
        }
        _ => return None,
    };
    Some(ResourceRef {
        api_version: "security.istio.io/v1beta1".to_owned(),
        kind: "AuthorizationPolicy".to_owned(),
        namespace: Some(namespace),
        name,
    })
}

/// The identity that a pod proves, or none.
pub(super) fn peer(identity: Option<&Identity>) -> Peer {
    identity.map_or(Peer::Plaintext, |one| Peer::Mutual(one.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_header_are_those_of_either_list() {
        let policy = |key: &str, values: &str| -> AuthorizationPolicy {
            let text = format!(
                "metadata: {{name: a, namespace: b}}\nspec: {{rules: [{{when: [{{key: '{key}', {values}}}]}}]}}\n"
            );
            serde_yaml::from_str(&text).unwrap()
        };
        let policies = [
            policy("request.headers[X-Token]", "values: [one]"),
            policy("request.headers[x-token]", "notValues: [two]"),
            policy("request.headers[x-other]", "values: [three]"),
        ];
        let found = values_required(&policies, "x-token");
        assert_eq!(found, BTreeSet::from(["one".to_owned(), "two".to_owned()]));
        assert!(values_required(&policies, "x-absent").is_empty());
    }
}
