//! What a request must carry for the first rule that would forward it, and for the policies behind that.

use std::collections::BTreeSet;

use serde_json::Map;

use super::hops::gateway_candidates::{candidates, class_of, for_host, reader_of};
use super::outcome::{Cause, HopVerdict};
use super::{SentRequest, Simulator};
use crate::controllers::alb::auth::JwtConfig;
use crate::controllers::alb::model::{Action, Condition, Listener, Protocol, Rule};
use crate::controllers::alb::pattern::Pattern;
use crate::controllers::alb::request::{Request, holds};
use crate::controllers::gateway_api::{HeaderMatch, Listener as GatewayListener};
use crate::controllers::gateway_routes::{Candidate, Chosen, Matched, Reader, choose};
use crate::controllers::istio::{Action as PolicyAction, Rule as PolicyRule, Token};

impl Simulator<'_, '_> {
    /// A request for a host and a path with everything that the rule of a load balancer or of a Gateway
    /// for them demands; `None` where no rule of the package forwards it.
    #[must_use]
    pub(crate) fn with_credentials(
        &self,
        host: &str,
        method: &str,
        path: &str,
    ) -> Option<SentRequest> {
        self.for_load_balancer(host, method, path).or_else(|| self.for_gateway(host, method, path))
    }

    fn for_load_balancer(&self, host: &str, method: &str, path: &str) -> Option<SentRequest> {
        let at_balancer = Request {
            host: host.to_owned(),
            path: path.to_owned(),
            method: method.to_owned(),
            ..Request::default()
        };
        let (listener, rule) = self.rule_for(&at_balancer)?;
        let is_https = listener.protocol == Protocol::Https;
        let mut request = SentRequest::to_port(is_https, host, listener.port, method, path)?;
        for condition in &rule.conditions {
            if let Condition::HttpHeader { name, values, .. } = condition
                && let Some(value) = values.first()
            {
                let value = Pattern::with_case(value.expose()).example("x");
                request.headers.push((name.clone(), value));
            }
        }
        request.logged_in = rule.actions.iter().any(|action| {
            matches!(action, Action::AuthenticateCognito { .. } | Action::AuthenticateOidc { .. })
        });
        request.valid_jwt =
            rule.actions.iter().any(|action| matches!(action, Action::ValidateJwt(_)));
        Some(request)
    }

    /// The JSON Web Tokens that the load balancer's rule for a request demands.
    #[must_use]
    pub(crate) fn jwt_of(&self, request: &SentRequest) -> Option<&JwtConfig> {
        let path = request.target.split('?').next().unwrap_or_default();
        let at_balancer = Request {
            host: request.host.clone(),
            path: path.to_owned(),
            method: request.method.clone(),
            ..Request::default()
        };
        let (_, rule) = self.rule_for(&at_balancer)?;
        rule.actions.iter().find_map(|action| match action {
            Action::ValidateJwt(jwt) => Some(jwt),
            _ => None,
        })
    }

    /// The scheme and port of a listener of a Gateway that clients come to without another load balancer,
    /// and the headers of the match that takes the request.
    fn for_gateway(&self, host: &str, method: &str, path: &str) -> Option<SentRequest> {
        let place = for_host(self.world, &self.gateway_services, host)?;
        let kept = &self.world.cluster.objects.gateways[place];
        let reader = reader_of(class_of(self.world, kept))?;
        let at_gateway = Matched { host, path, method, headers: None };
        let mut listeners: Vec<&GatewayListener> = kept.object.spec.listeners.iter().collect();
        listeners.sort_by_key(|one| !one.is_encrypted());
        listeners.into_iter().find_map(|listener| {
            let routes = candidates(self.world, kept, listener.port);
            let all: Vec<&Candidate> = routes.attached.iter().map(|one| &one.candidate).collect();
            let (route, rule, matched) = match choose(&all, &at_gateway, reader) {
                Chosen::Rule { route, rule, matched } => (route, rule, matched),
                // Of a rule that is missing the way ends there.
                Chosen::LeftOut { route, rule } => (route, rule, Some(0)),
                Chosen::Nothing | Chosen::Unreadable(_) => return None,
            };
            let (is_https, port) = (listener.is_encrypted(), listener.port);
            let mut request = SentRequest::to_port(is_https, host, port, method, path)?;
            let taken = matched.and_then(|place| all[route].rules[rule].matches.get(place));
            let headers = taken.into_iter().flat_map(|one| &one.headers);
            let headers = headers.filter(|one| one.kind.as_deref() != Some("RegularExpression"));
            request.headers.extend(headers.map(|one| (one.name.clone(), example(one, reader))));
            Some(request)
        })
    }

    /// A request that policies refuse, with the header or the token that they demand; `None` where they
    /// refuse it all the same. Each value that a policy names is tried alone.
    #[must_use]
    pub(crate) fn with_what_policies_demand(&self, request: &SentRequest) -> Option<SentRequest> {
        let with_header = self.demanded_headers().into_iter().map(|header| {
            let mut request = request.clone();
            request.headers.push(header);
            request
        });
        let tokens = self.demanded_tokens(request);
        let with_token =
            tokens.into_iter().map(|token| SentRequest { token: Some(token), ..request.clone() });
        let mut tried = with_header.chain(with_token);
        let is_admitted = |request: &SentRequest| {
            let outcome = self.trace(request).outcome;
            let refused = [
                Cause::GatewayRefused,
                Cause::GatewayTokenRefused,
                Cause::WorkloadRefused,
                Cause::WorkloadTokenRefused,
            ];
            outcome.ways().iter().all(|way| !refused.contains(&way.cause))
        };
        tried.find(is_admitted)
    }

    /// The headers of which a policy admits a value, or admits nothing else.
    fn demanded_headers(&self) -> BTreeSet<(String, String)> {
        let mut found = BTreeSet::new();
        for policy in &self.mesh.policies {
            for when in policy.spec.rules.iter().flat_map(|rule| &rule.when) {
                let values = match policy.spec.action {
                    PolicyAction::Allow => &when.values,
                    PolicyAction::Deny => &when.not_values,
                    PolicyAction::Audit | PolicyAction::Custom => continue,
                };
                let name = when.key.strip_prefix("request.headers[");
                if let Some(name) = name.and_then(|rest| rest.strip_suffix(']'))
                    && let Some(value) = values.iter().find(|value| !value.contains('*'))
                {
                    found.insert((name.to_owned(), value.clone()));
                }
            }
        }
        found
    }

    /// A token for each rule that demands one of the policies beside the one that refuses a request.
    fn demanded_tokens(&self, request: &SentRequest) -> Vec<Token> {
        let hops = self.trace(request).hops;
        let by = hops
            .iter()
            .rev()
            .find_map(|hop| hop.by.as_ref().filter(|_| hop.verdict == HopVerdict::Ends));
        let Some(namespace) = by.and_then(|by| by.namespace.as_deref()) else { return Vec::new() };
        let policies = self.mesh.policies_near(namespace).iter();
        let rules = policies
            .filter(|policy| policy.spec.action == PolicyAction::Allow)
            .flat_map(|policy| &policy.spec.rules);
        let mut found: Vec<Token> = Vec::new();
        for rule in rules {
            for (issuer, audience) in &self.mesh.issuers {
                let token = demanded_of(rule, issuer, audience.as_deref());
                if let Some(token) = token.filter(|token| !found.contains(token)) {
                    found.push(token);
                }
            }
        }
        found
    }

    /// The first rule that forwards such a request, whatever its headers; of HTTPS before HTTP.
    fn rule_for(&self, request: &Request) -> Option<(&Listener, &Rule)> {
        let listeners = self.balancers.iter().filter_map(|balancer| balancer.model.as_ref().ok());
        let mut listeners: Vec<&Listener> = listeners.flat_map(|model| &model.listeners).collect();
        listeners.sort_by_key(|listener| listener.protocol == Protocol::Http);
        let takes = |rule: &&Rule| {
            let forwards =
                rule.actions.iter().any(|action| matches!(action, Action::Forward { .. }));
            forwards
                && rule.conditions.iter().all(|condition| match condition {
                    Condition::HttpHeader { .. } => true,
                    other => holds(other, request),
                })
        };
        // A rule for the host before one that takes any.
        let names_host =
            |rule: &Rule| rule.conditions.iter().any(|one| matches!(one, Condition::HostHeader(_)));
        let found: Vec<(&Listener, &Rule)> = listeners
            .into_iter()
            .filter_map(|listener| Some((listener, listener.rules.iter().find(takes)?)))
            .collect();
        let named = found.iter().find(|(_, rule)| names_host(rule));
        named.or_else(|| found.first()).copied()
    }
}

/// A value that a header's match takes.
fn example(header: &HeaderMatch, reader: Reader) -> String {
    match reader {
        Reader::Istio => header.value.clone(),
        Reader::Alb => {
            let first = header.value.split(',').next().unwrap_or_default();
            Pattern::with_case(first).example("x")
        }
    }
}

/// A token of an issuer as a rule of a policy demands it; `None` where the rule demands none.
fn demanded_of(rule: &PolicyRule, issuer: &str, audience: Option<&str>) -> Option<Token> {
    let mut claims = Map::new();
    let principal = rule.request_principals().find_map(|one| match one {
        "*" => Some("subject"),
        _ => one.strip_prefix(issuer)?.strip_prefix('/'),
    });
    if let Some(subject) = principal {
        claims.insert("sub".to_owned(), subject.replace('*', "subject").into());
    }
    for when in &rule.when {
        let name = when.key.strip_prefix("request.auth.claims[");
        if let (Some(name), Some(value)) = (name, when.values.first()) {
            // A claim within another one is of more than a name.
            let name = name.strip_suffix(']').filter(|name| !name.contains('['))?;
            claims.insert(name.to_owned(), value.replace('*', "").into());
        }
    }
    if claims.is_empty() {
        return None;
    }
    claims.insert("iss".to_owned(), issuer.into());
    claims.entry("sub").or_insert_with(|| "subject".into());
    if let Some(audience) = audience {
        claims.entry("aud").or_insert_with(|| audience.into());
    }
    Some(Token { claims, signer: issuer.to_owned(), is_expired: false })
}
