//! What the pods' own Istio policies demand: a request through another door still meets them.
//!
//! Without a proxy nothing enforces them: of pods that are not a gateway, a sidecar is needed. They
//! guard where the policies that attach to the pods refuse every request without a token or a
//! login that was required, whatever its method, host and path: a DENY rule that all of them match,
//! or ALLOW policies of which every rule demands it. [`PoliciesInForce::evaluate`] confirms it on
//! requests without credentials.

use std::rc::Rc;

use super::protected::Protected;
use super::reach::{PodSet, Reach};
use super::requirement::{Requirement, is_any_token};
use super::selection::{Labels, PodLabels};
use crate::cluster::Cluster;
use crate::controllers::istio::{
    Action, AuthorizationPolicy, Condition, FilterEffect, HttpRequest, Jwt, Mesh, Peer,
    PeerAuthentication, PoliciesByLabels, PoliciesInForce, ProxyContext, Request, Rule, Verdict,
    Workload,
};
use crate::values::arn::UserPoolArn;

/// What the policies of each set demand.
pub(crate) fn of_sets(
    cluster: &Cluster<'_>,
    protected: &Protected,
    reach: &Reach,
) -> Vec<Option<Rc<str>>> {
    let objects = &cluster.objects;
    if objects.authorization_policies.is_empty() && objects.envoy_filters.is_empty() {
        return vec![None; reach.sets.len()];
    }
    let policies = objects.authorization_policies.iter().map(|one| one.object.clone());
    let policies = PoliciesByLabels::of(policies.collect());
    let peers: Vec<PeerAuthentication> =
        objects.peer_authentications.iter().map(|one| one.object.clone()).collect();
    let requirements = protected.requirements();
    let issuers = Issuers::of(cluster);
    reach
        .sets
        .iter()
        .map(|set| {
            let by_policy = demanded(set, &policies, &peers, &requirements, &issuers);
            by_policy.or_else(|| external_login(set, cluster, &requirements)).map(Rc::from)
        })
        .collect()
}

/// The `EnvoyFilter` that checks the session with a service of the cluster before each request: the login
/// of Kubeflow up to 1.8 (`authn-filter`), recognized by its form. It is enough where any login is.
fn external_login(
    set: &PodSet,
    cluster: &Cluster<'_>,
    requirements: &[Requirement],
) -> Option<String> {
    if !requirements.iter().any(Requirement::takes_any_login) {
        return None;
    }
    let templates: Vec<&Labels> = match &set.labels {
        PodLabels::Known(all) => all.iter().map(|labels| &**labels).collect(),
        PodLabels::Selected(labels) => vec![labels],
        PodLabels::OfService(_) => return None,
    };
    let namespace = set.namespace.as_deref().unwrap_or("default");
    let root = Mesh::default().root_namespace;
    let filters = cluster.objects.envoy_filters.iter();
    let filter = filters.map(|kept| &kept.object).find(|filter| {
        let effect = filter.effect(ProxyContext::Gateway);
        matches!(effect, FilterEffect::ExternalAuthorization { .. })
            && templates.iter().all(|labels| filter.selects(&root, namespace, labels))
    })?;
    Some(format!("EnvoyFilter {}/{}", filter.namespace(), filter.metadata.name))
}

fn demanded(
    set: &PodSet,
    policies: &PoliciesByLabels,
    peers: &[PeerAuthentication],
    requirements: &[Requirement],
    issuers: &Issuers,
) -> Option<String> {
    if !set.has_proxy {
        return None;
    }
    let templates: Vec<&Labels> = match &set.labels {
        PodLabels::Known(all) => all.iter().map(|labels| &**labels).collect(),
        PodLabels::Selected(labels) => vec![labels],
        PodLabels::OfService(_) => return None,
    };
    let namespace = set.namespace.clone().unwrap_or_else(|| "default".to_owned());
    let mut by = None;
    for labels in templates {
        let workload = Workload::gateway(namespace.clone(), labels.clone());
        let near: Vec<&AuthorizationPolicy> = policies.for_labels(labels).collect();
        let all = near.iter().copied();
        let in_force = PoliciesInForce::for_workload(&Mesh::default(), &workload, all, peers);
        let attached = near.into_iter().filter(|policy| {
            in_force.has(policy.namespace(), &policy.metadata.name) && !policy.is_dry_run()
        });
        by = Some(guard(attached, requirements, issuers, labels, &namespace)?);
        if !refuses_everything(&in_force) {
            return None;
        }
    }
    by
}

/// The policy that refuses every request without what was required.
fn guard<'a>(
    attached: impl Iterator<Item = &'a AuthorizationPolicy>,
    requirements: &[Requirement],
    issuers: &Issuers,
    labels: &Labels,
    namespace: &str,
) -> Option<String> {
    let mut allowing = Vec::new();
    for policy in attached {
        let name = format!("AuthorizationPolicy {}/{}", policy.namespace(), policy.metadata.name);
        let rules = &policy.spec.rules;
        match policy.spec.action {
            Action::Deny => {
                let denies =
                    |rule: &Rule| denies_without(rule, requirements, issuers, labels, namespace);
                if rules.iter().any(denies) {
                    return Some(name);
                }
            }
            Action::Allow => {
                let demands =
                    |rule: &Rule| allows_with(rule, requirements, issuers, labels, namespace);
                if !rules.iter().all(demands) {
                    return None;
                }
                allowing.push(name);
            }
            Action::Audit | Action::Custom => {}
        }
    }
    allowing.into_iter().next()
}

/// Whether a DENY rule matches every request without what was required.
fn denies_without(
    rule: &Rule,
    requirements: &[Requirement],
    issuers: &Issuers,
    labels: &Labels,
    namespace: &str,
) -> bool {
    if !rule.to.is_empty() {
        return false;
    }
    match (&rule.from[..], &rule.when[..]) {
        ([], [when]) => {
            when.values.is_empty()
                && header_of(when)
                    .is_some_and(|header| is_token(header, &when.not_values, requirements))
        }
        ([from], []) => from.source.as_ref().is_some_and(|source| {
            let only = crate::controllers::istio::Source {
                not_request_principals: source.not_request_principals.clone(),
                ..Default::default()
            };
            *source == only
                && is_login(
                    &source.not_request_principals,
                    requirements,
                    issuers,
                    labels,
                    namespace,
                )
        }),
        _ => false,
    }
}

/// Whether an ALLOW rule lets nothing through without what was required.
fn allows_with(
    rule: &Rule,
    requirements: &[Requirement],
    issuers: &Issuers,
    labels: &Labels,
    namespace: &str,
) -> bool {
    let by_header = rule.when.iter().any(|when| {
        !when.values.is_empty()
            && header_of(when).is_some_and(|header| is_token(header, &when.values, requirements))
    });
    let by_login = !rule.from.is_empty()
        && rule.from.iter().all(|from| {
            from.source.as_ref().is_some_and(|source| {
                !source.request_principals.is_empty()
                    && is_login(
                        &source.request_principals,
                        requirements,
                        issuers,
                        labels,
                        namespace,
                    )
            })
        });
    by_header || by_login
}

/// `x` of `request.headers[x]`.
fn header_of(when: &Condition) -> Option<&str> {
    when.key.strip_prefix("request.headers[")?.strip_suffix(']')
}

/// Whether a header must have one of the tokens.
fn is_token(header: &str, values: &[String], requirements: &[Requirement]) -> bool {
    requirements.iter().any(|requirement| match requirement {
        Requirement::Token(token) => {
            token.header.eq_ignore_ascii_case(header)
                && !values.is_empty()
                && values.iter().all(|value| token.is_token(value))
        }
        Requirement::Header(own) => own.eq_ignore_ascii_case(header) && is_given(values),
        Requirement::Anything => {
            !values.is_empty() && values.iter().all(|value| is_any_token(value))
        }
        Requirement::Login(_)
        | Requirement::AnyLogin
        | Requirement::Provider(_)
        | Requirement::Jwt(_) => false,
    })
}

/// Whether values are given, and none is a pattern.
fn is_given(values: &[String]) -> bool {
    !values.is_empty() && values.iter().all(|value| !value.contains('*'))
}

/// Whether the identities of JSON Web Tokens are those of the required user pool: of its
/// issuer by name, or any where the pods take no other issuer's.
fn is_login(
    principals: &[String],
    requirements: &[Requirement],
    issuers: &Issuers,
    labels: &Labels,
    namespace: &str,
) -> bool {
    let pools: Vec<String> = requirements
        .iter()
        .filter_map(|requirement| match requirement {
            Requirement::Login(login) => issuer_of_pool(&login.user_pool),
            // As with a user pool, the identity is one of the issuer's.
            Requirement::Provider(provider) => Some(provider.issuer.clone()),
            // The issuer alone is less than the claims.
            Requirement::Jwt(jwt) => jwt.issuer.clone().filter(|_| jwt.claims.is_empty()),
            Requirement::Token(_)
            | Requirement::Header(_)
            | Requirement::AnyLogin
            | Requirement::Anything => None,
        })
        .collect();
    let takes_any = requirements.iter().any(|requirement| {
        requirement.takes_any_login()
            || matches!(requirement, Requirement::Jwt(jwt) if jwt.issuer.is_none())
    });
    let taken = issuers.taken(labels, namespace);
    let is_pool = |issuer: &str| takes_any || pools.iter().any(|pool| pool == issuer);
    !principals.is_empty()
        && !taken.is_empty()
        && principals.iter().all(|principal| match principal.as_str() {
            "*" => taken.iter().all(|issuer| is_pool(issuer)),
            named => named.rsplit_once('/').is_some_and(|(issuer, _)| is_pool(issuer)),
        })
}

/// The issuer of a user pool's tokens.
fn issuer_of_pool(arn: &str) -> Option<String> {
    Some(arn.parse::<UserPoolArn>().ok()?.issuer())
}

/// The issuers whose tokens workloads take.
struct Issuers {
    all: Vec<(Option<String>, Option<Labels>, Vec<String>)>,
}

impl Issuers {
    fn of(cluster: &Cluster<'_>) -> Self {
        let all = cluster.objects.request_authentications.iter().map(|one| {
            let spec = &one.object.spec;
            let selector = spec.selector.as_ref().map(|selector| selector.match_labels.clone());
            let issuers = spec.jwt_rules.iter().map(|rule| rule.issuer.clone()).collect();
            (one.resource.namespace.clone(), selector, issuers)
        });
        Self { all: all.collect() }
    }

    fn taken(&self, labels: &Labels, namespace: &str) -> Vec<&str> {
        let root = Mesh::default().root_namespace;
        let own = self.all.iter().filter(|(of, selector, _)| {
            let of = of.as_deref().unwrap_or("default");
            (of == namespace || of == root)
                && selector
                    .as_ref()
                    .is_none_or(|selector| super::selection::is_within(selector, labels))
        });
        own.flat_map(|(_, _, issuers)| issuers.iter().map(String::as_str)).collect()
    }
}

/// Whether requests without any credentials are refused, whatever they request.
fn refuses_everything(in_force: &PoliciesInForce) -> bool {
    const PATHS: [&str; 4] = ["/", "/v1/models/m:predict", "/healthz/ready", "/metrics"];
    const METHODS: [&str; 3] = ["GET", "POST", "OPTIONS"];
    PATHS.iter().all(|path| {
        METHODS.iter().all(|method| {
            let request = Request {
                peer: Peer::Plaintext,
                source_address: None,
                destination_address: None,
                destination_port: 8080,
                sni: None,
                http: Some(HttpRequest {
                    host: "any.example.com".to_owned(),
                    method: (*method).to_owned(),
                    path: (*path).to_owned(),
                    headers: Vec::new(),
                    jwt: Jwt::Absent,
                }),
            };
            matches!(in_force.evaluate(&request).verdict, Verdict::Denied { .. })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_are_those_of_the_namespace_and_of_the_root() {
        let labels = |text: &str| Labels::from([("app".to_owned(), text.to_owned())]);
        let of = |namespace: Option<&str>, selector: Option<&str>, issuer: &str| {
            (namespace.map(str::to_owned), selector.map(labels), vec![issuer.to_owned()])
        };
        let issuers = Issuers {
            all: vec![
                of(Some("istio-system"), None, "root"),
                of(Some("a"), None, "own"),
                of(Some("a"), Some("x"), "selected"),
                of(Some("a"), Some("y"), "other pods"),
                of(Some("b"), None, "other namespace"),
                of(None, None, "default"),
            ],
        };
        assert_eq!(issuers.taken(&labels("x"), "a"), ["root", "own", "selected"]);
        assert_eq!(issuers.taken(&labels("x"), "default"), ["root", "default"]);
    }
}
