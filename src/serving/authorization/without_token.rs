//! Callers that have no token, at gateways that require one.
//!
//! A gateway that requires a principal, as Kubeflow's since 1.9, refuses them before any policy of a component
//! is asked: `gateway: true` lets in nobody else, and a service account whose issuer is not known comes in
//! by none of its hosts.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::at_gateways::{Hosts, Judged, with_jwt};
use super::gateway_pods::GatewayPods;
use super::named::{NamedCaller, NamedCallers};
use super::policies::Policies;
use super::proof::Platform;
use super::workload::ServingWorkload;
use crate::controllers::istio::{Jwt, Refusal, Verdict};

/// A gateway that refuses callers for want of a token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WithoutToken {
    pub gateway: String,
    /// Whether everybody who comes through it is named, or only callers by their connection.
    pub is_everybody: bool,
    /// The service accounts and namespaces.
    pub callers: BTreeSet<String>,
    /// The first request that is refused.
    pub request: String,
    pub by: Refusal,
    /// The issuers whose tokens it lets through; none where it refuses the request whatever it carries.
    pub issuers: Vec<String>,
}

impl Policies {
    /// The gateways that refuse callers without a token.
    #[must_use]
    pub(crate) fn without_token(
        &self,
        platform: &Platform,
        gateways: &[GatewayPods],
        workloads: &[ServingWorkload],
        hosts: &Hosts,
    ) -> Vec<WithoutToken> {
        let named: Vec<_> = workloads
            .iter()
            .filter(|workload| workload.entry)
            .filter_map(|one| Some((one, self.settings.callers_of(one)?)))
            .collect();
        let judge = |gateway: &GatewayPods| {
            let judged = Judged { policies: self, platform, gateway, hosts };
            judged.without_token(&named)
        };
        gateways.iter().filter_map(judge).collect()
    }
}

/// The claims of some token of an issuer.
fn claims_of(issuer: &str) -> Map<String, Value> {
    let claims = [("iss", issuer), ("sub", "example")];
    claims.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect()
}

impl Judged<'_> {
    fn without_token(&self, named: &[(&ServingWorkload, &NamedCallers)]) -> Option<WithoutToken> {
        let rules = self.platform.tokens_for(&self.gateway.pods, &[]);
        let in_force = self.platform.in_force_for(&self.gateway.pods, &[]);
        let mut found: Option<WithoutToken> = None;
        for (workload, callers) in named.iter().filter(|(one, _)| self.leads_to(one)) {
            // Knative's activator hides the others, which is an error of its own.
            let by_connection = callers.without_token().filter(|_| !workload.knative);
            let shown: Vec<String> = by_connection.map(NamedCaller::shown).collect();
            if !callers.has_gateway() && shown.is_empty() {
                continue;
            }
            let mut sent = self.request(workload);
            with_jwt(&mut sent, Jwt::Absent);
            if let Some(http) = &mut sent.http {
                http.headers.clear();
            }
            let Verdict::Denied { mut by } = in_force.evaluate(&sent).verdict else { continue };
            if matches!(by, Refusal::NoAllow(_)) && self.gateway.is_assumed {
                continue;
            }
            let mut issuers = Vec::new();
            let mut by_whatever = None;
            for issuer in rules.issuers() {
                let mut sent = self.request(workload);
                with_jwt(&mut sent, Jwt::Claims(claims_of(issuer)));
                match in_force.evaluate(&sent).verdict {
                    verdict if self.is_allowed(&verdict) => issuers.push(issuer.to_owned()),
                    Verdict::Denied { by } => by_whatever = Some(by),
                    Verdict::Allowed | Verdict::Undecided { .. } => {}
                }
            }
            // What refuses every token as well is the reason.
            if let Some(other) = by_whatever.filter(|_| issuers.is_empty()) {
                by = other;
            }
            let first = found.get_or_insert_with(|| WithoutToken {
                gateway: self.gateway.name.clone(),
                is_everybody: false,
                callers: BTreeSet::new(),
                request: self.shown(workload),
                by,
                issuers,
            });
            first.is_everybody |= callers.has_gateway();
            first.callers.extend(shown);
        }
        found
    }

    /// Whether requests to a component come through the gateway: from outside where it has a public host, or
    /// Knative's domain is not among the objects, and inside the cluster to Knative's services alone.
    fn leads_to(&self, workload: &ServingWorkload) -> bool {
        if !self.gateway.is_public {
            return workload.knative;
        }
        let key = (workload.namespace.clone(), workload.service.clone());
        self.hosts.contains_key(&key) || workload.knative && self.hosts.is_empty()
    }

    /// The first request that a component serves, as a message has it.
    fn shown(&self, workload: &ServingWorkload) -> String {
        let sent = self.request(workload);
        let http = sent.http.as_ref();
        let (method, path) = http.map_or(("", ""), |http| (&*http.method, &*http.path));
        format!("{method} {path} of {}", workload.shown())
    }
}
