//! The proof that the callers that are named get through to a component, and nobody else.

use std::collections::BTreeSet;

use super::named::{NamedCaller, NamedCallers};
use super::principal::Principal;
use super::proof::{Platform, Proof, pods_of, request};
use super::workload::{Callers, ServingWorkload};
use crate::controllers::istio::{
    AuthorizationPolicy, Identity, Refusal, RequestAuthentication, Token, Verdict,
};

/// How many headers of other policies are tried.
const MOST_HEADERS: usize = 4;

/// Somebody who requests something.
struct Visitor {
    /// What a message calls it.
    shown: String,
    peer: Option<Identity>,
    token: Option<Token>,
    header: Option<(String, String)>,
    expects: Expected,
}

/// What is expected of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// A caller that is named gets through.
    Passes,
    /// Nobody else does.
    Refused,
    /// A pod of the component's own namespace is not named; others may let it in.
    RefusedNeighbour,
    /// A user whom a gateway names in a header is not named; others may let it in.
    RefusedOwner,
}

impl Platform {
    /// Judges every request that the component serves, from everyone who is named and from others.
    #[must_use]
    pub(crate) fn prove_callers(
        &self,
        workload: &ServingWorkload,
        added: &[AuthorizationPolicy],
        tokens: &[RequestAuthentication],
        callers: &Callers,
        named: &NamedCallers,
    ) -> Proof {
        let policies = self.in_force(workload, added);
        let rules = self.tokens_of(workload, tokens);
        let mut proof = Proof::default();
        let headers = self.headers_let_in(&pods_of(workload), &policies);
        let mut visitors = visitors(workload, callers, named);
        visitors.extend(with_headers(workload, callers, named, &headers));
        for (method, path) in workload.served().requests() {
            for visitor in &visitors {
                let shown = || format!("{method} {path} from {}", visitor.shown);
                let authenticated = match rules.authenticate(visitor.token.as_ref()) {
                    Ok(authenticated) => authenticated,
                    Err(refusal) if visitor.expects == Expected::Passes => {
                        proof.refused.get_or_insert_with(|| (shown(), Refusal::Token(refusal)));
                        continue;
                    }
                    Err(_) => continue,
                };
                let mut request = request(workload, visitor.peer.clone(), method, &path);
                if let Some(http) = &mut request.http {
                    http.headers.extend(visitor.header.clone());
                    authenticated.apply(&mut http.headers);
                    http.jwt = authenticated.jwt;
                }
                match (policies.evaluate(&request).verdict, visitor.expects) {
                    (Verdict::Allowed, Expected::Passes)
                    | (
                        Verdict::Denied { .. },
                        Expected::Refused | Expected::RefusedNeighbour | Expected::RefusedOwner,
                    ) => {}
                    (Verdict::Denied { by }, Expected::Passes) => {
                        proof.refused.get_or_insert_with(|| (shown(), by));
                    }
                    (Verdict::Allowed, Expected::RefusedOwner) => {
                        proof.owner.get_or_insert_with(shown);
                    }
                    (Verdict::Allowed, Expected::Refused) => {
                        proof.stranger.get_or_insert_with(shown);
                    }
                    (Verdict::Allowed, Expected::RefusedNeighbour) => {
                        proof.neighbour.get_or_insert_with(shown);
                    }
                    (Verdict::Undecided { why }, _) => {
                        let why = why.into_iter().next();
                        proof.undecided = proof.undecided.or(why.map(|why| (shown(), why)));
                    }
                }
            }
        }
        proof
    }
}

/// Everybody who sends a header by which another policy lets somebody in: through a gateway it names a
/// user, from elsewhere anybody can send it.
fn with_headers(
    workload: &ServingWorkload,
    callers: &Callers,
    named: &NamedCallers,
    headers: &BTreeSet<(String, String)>,
) -> Vec<Visitor> {
    let open = callers.without_credentials(workload, named);
    let on_behalf = callers.on_behalf(workload);
    let gateways = on_behalf.iter().filter(|one| !open.contains(*one));
    let through = gateways
        .map(|one| (one.to_string(), one.identity(), Expected::RefusedOwner))
        .collect::<Vec<_>>();
    let elsewhere = callers.trust_domain.principal("another-namespace", "another-account");
    let mut senders = through;
    senders.push((elsewhere.to_string(), elsewhere.identity(), Expected::Refused));
    senders.push(("a peer without identity".to_owned(), None, Expected::Refused));
    let visitor = |(name, value): &(String, String)| {
        let header = (name.clone(), value.clone());
        let of = move |(shown, peer, expects): (String, Option<Identity>, Expected)| Visitor {
            shown: format!("{shown} with the header {}: {}", header.0, header.1),
            peer,
            token: None,
            header: Some(header.clone()),
            expects,
        };
        senders.clone().into_iter().map(of).collect::<Vec<_>>()
    };
    headers.iter().take(MOST_HEADERS).flat_map(visitor).collect()
}

fn visitors(workload: &ServingWorkload, callers: &Callers, named: &NamedCallers) -> Vec<Visitor> {
    let mut visitors = Vec::new();
    let open = callers.without_credentials(workload, named);
    let on_behalf = callers.on_behalf(workload);
    let mut visit = |shown: String, peer: Option<Identity>, token, expects| {
        visitors.push(Visitor { shown, peer, token, header: None, expects });
    };
    for principal in &open {
        visit(principal.to_string(), principal.identity(), None, Expected::Passes);
    }
    let of_tokens = if workload.entry { named.tokens() } else { Vec::new() };
    for principal in on_behalf.iter().filter(|one| !open.contains(*one)) {
        let peer = principal.identity();
        let without = format!("{principal} without a token");
        visit(without, peer.clone(), None, Expected::Refused);
        for caller in &of_tokens {
            let with = format!("{principal} with {}", caller.shown());
            visit(with, peer.clone(), Some(caller.token()), Expected::Passes);
            let with = format!("{principal} with another token of {}", caller.issuer.issuer);
            visit(with, peer.clone(), Some(caller.token_of_another()), Expected::Refused);
        }
    }
    if workload.entry {
        for caller in &named.all {
            let identity = match caller {
                NamedCaller::ServiceAccount { namespace, name } => {
                    callers.trust_domain.principal(namespace, name)
                }
                NamedCaller::Namespace(namespace) => {
                    callers.trust_domain.principal(namespace, "example")
                }
                NamedCaller::Token(_) | NamedCaller::Gateway => continue,
            };
            visit(caller.shown(), identity.identity(), None, Expected::Passes);
        }
    }
    let is_named = |principal: &Principal, namespace: &str| {
        open.contains(principal)
            || workload.entry
                && named.all.iter().any(|one| match one {
                    NamedCaller::Namespace(own) => own == namespace,
                    NamedCaller::ServiceAccount { namespace: own, name } => {
                        callers.trust_domain.principal(own, name) == *principal
                    }
                    NamedCaller::Token(_) | NamedCaller::Gateway => false,
                })
    };
    visit("a peer without identity".to_owned(), None, None, Expected::Refused);
    let others = [
        ("another-namespace", Expected::Refused),
        (workload.namespace.as_str(), Expected::RefusedNeighbour),
    ];
    for (namespace, expects) in others {
        let principal = callers.trust_domain.principal(namespace, "another-account");
        if !is_named(&principal, namespace) {
            visit(principal.to_string(), principal.identity(), None, expects);
        }
    }
    visitors
}
