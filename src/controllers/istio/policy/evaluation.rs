//! The verdict for a request.

use std::collections::BTreeSet;
use std::fmt;

use super::authorization_policy::Action;
use super::policies::{PoliciesInForce, ReadyPolicy};
use super::rule::{ReadyRule, RuleName};
use crate::controllers::istio::answer::{Answer, Doubt};
use crate::controllers::istio::facts::Facts;
use crate::controllers::istio::path::{InvalidPath, NormalPath};
use crate::controllers::istio::peer::MutualTlsMode;
use crate::controllers::istio::request::{Peer, Request};
use crate::controllers::istio::token::TokenRefusal;
use crate::controllers::istio::workload::WorkloadKind;

/// The outcome of a request at a workload's proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It continues to the application, or to the gateway's routes.
    Allowed,
    /// The proxy refuses it.
    Denied {
        /// What refuses it.
        by: Refusal,
    },
    /// The objects and the request do not tell.
    Undecided {
        /// What is missing.
        why: BTreeSet<Doubt>,
    },
}

impl Verdict {
    /// Whether a request ends alike by both, whatever decides it.
    fn agrees(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Denied { .. }, Self::Denied { .. })) || self == other
    }
}

/// What refuses a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A plaintext connection where PeerAuthentication is `STRICT`; no answer comes.
    PlaintextPeer,
    /// Mutual TLS where PeerAuthentication is `DISABLE`; no answer comes.
    MutualTlsPeer,
    /// A certificate of a trust domain that the mesh does not know; no answer comes.
    UntrustedPeer,
    /// A request target or host that the proxy does not take; the answer is 400.
    MalformedRequest,
    /// A DENY rule that matches; the answer is 403.
    Deny(RuleName),
    /// ALLOW policies, by `NAMESPACE/NAME`, none of which matches; the answer is 403.
    NoAllow(Vec<String>),
    /// A token that no RequestAuthentication takes; the answer is 401, or 403 for its audience.
    Token(TokenRefusal),
    /// A CUSTOM rule that matches, and whose provider cannot be called; the answer is 403.
    Custom(RuleName),
}

impl Refusal {
    /// Whether an AuthorizationPolicy refuses, with 403 (or by closing a TCP connection).
    #[must_use]
    pub fn is_by_policy(&self) -> bool {
        matches!(self, Self::Deny(_) | Self::NoAllow(_) | Self::Custom(_))
    }

    /// Whether the connection ends before any request is read.
    #[must_use]
    pub fn is_of_connection(&self) -> bool {
        matches!(self, Self::PlaintextPeer | Self::MutualTlsPeer | Self::UntrustedPeer)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PlaintextPeer => out.write_str("PeerAuthentication STRICT refuses plaintext"),
            Self::MutualTlsPeer => out.write_str("PeerAuthentication DISABLE refuses mutual TLS"),
            Self::UntrustedPeer => out.write_str("the peer's trust domain is not the mesh's"),
            Self::MalformedRequest => out.write_str("the proxy refuses the request"),
            Self::Token(refusal) => refusal.fmt(out),
            Self::Deny(rule) => write!(out, "DENY policy {rule} matches"),
            Self::NoAllow(policies) => {
                write!(out, "no rule of the ALLOW policies {} matches", policies.join(", "))
            }
            Self::Custom(rule) => {
                write!(out, "CUSTOM policy {rule} matches, and its provider's answer is not known")
            }
        }
    }
}

/// The verdict, and what matched without a say in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The verdict.
    pub verdict: Verdict,
    /// The external providers that decide before the policy that refuses it.
    pub provider_doubts: BTreeSet<Doubt>,
    /// AUDIT rules that match.
    pub audited: Vec<RuleName>,
    /// Rules of dry-run policies that match.
    pub shadowed: Vec<RuleName>,
}

impl Evaluation {
    fn of(verdict: Verdict) -> Self {
        Self {
            verdict,
            provider_doubts: BTreeSet::new(),
            audited: Vec::new(),
            shadowed: Vec::new(),
        }
    }
}

impl PoliciesInForce {
    /// Gives the verdict for a request: the connection by PeerAuthentication (at a sidecar), then
    /// CUSTOM, AUDIT, DENY and ALLOW in this order. A doubt decides nothing that another policy
    /// decides anyway: what a DENY policy refuses is refused whatever a provider says.
    #[must_use]
    pub fn evaluate(&self, request: &Request) -> Evaluation {
        if !self.refused.is_empty() {
            return Evaluation::of(Verdict::Undecided { why: self.refused.clone() });
        }
        if let Some(by) = self.refuse_connection(request) {
            return Evaluation::of(Verdict::Denied { by });
        }
        match self.read_target(request) {
            Ok(None) => self.evaluate_path(request, None),
            Ok(Some((newest, older))) => {
                let evaluation = self.evaluate_path(request, Some(&newest));
                let other = older.map(|older| self.evaluate_path(request, Some(&older)).verdict);
                match other {
                    Some(other) if !evaluation.verdict.agrees(&other) => {
                        let why = BTreeSet::from([Doubt::DotParameters]);
                        Evaluation::of(Verdict::Undecided { why })
                    }
                    _ => evaluation,
                }
            }
            Err(verdict) => Evaluation::of(verdict),
        }
    }

    fn evaluate_path(&self, request: &Request, path: Option<&NormalPath>) -> Evaluation {
        let facts = Facts {
            request,
            workload: &self.workload,
            http: request.http.as_ref().zip(path),
            remote_address: request.remote_address(&self.workload),
        };
        let verdict = self.verdict(&facts);
        let provider_doubts = match &verdict {
            Verdict::Denied { by: Refusal::Deny(_) | Refusal::NoAllow(_) } => {
                self.evaluate_custom(&facts).doubts()
            }
            _ => BTreeSet::new(),
        };
        Evaluation {
            verdict,
            provider_doubts,
            audited: matching(self.enforced(Action::Audit), &facts),
            shadowed: matching(self.policies.iter().filter(|policy| policy.dry_run), &facts),
        }
    }

    fn refuse_connection(&self, request: &Request) -> Option<Refusal> {
        if self.workload.kind != WorkloadKind::Sidecar {
            return None;
        }
        let mode = self.modes.of_port(request.destination_port);
        match &request.peer {
            Peer::Plaintext => (mode == MutualTlsMode::Strict).then_some(Refusal::PlaintextPeer),
            Peer::Mutual(_) if mode == MutualTlsMode::Disable => Some(Refusal::MutualTlsPeer),
            Peer::Mutual(peer) => (!self.mesh.trusts(peer)).then_some(Refusal::UntrustedPeer),
        }
    }

    /// As [`NormalPath::readings`].
    fn read_target(
        &self,
        request: &Request,
    ) -> Result<Option<(NormalPath, Option<NormalPath>)>, Verdict> {
        let Some(http) = &request.http else { return Ok(None) };
        let malformed = || Verdict::Denied { by: Refusal::MalformedRequest };
        if !http.host.bytes().all(is_host_byte) {
            return Err(malformed());
        }
        match NormalPath::readings(&http.path, self.mesh.path_normalization) {
            Ok(paths) => Ok(Some(paths)),
            Err(InvalidPath::WholeUrl) => {
                Err(Verdict::Undecided { why: BTreeSet::from([Doubt::AbsoluteTarget]) })
            }
            Err(InvalidPath::NotAbsolute | InvalidPath::Character) => Err(malformed()),
        }
    }

    fn verdict(&self, facts: &Facts<'_>) -> Verdict {
        let mut why = BTreeSet::new();
        let phases = [
            self.evaluate_custom(facts),
            first(self.enforced(Action::Deny), facts, Refusal::Deny),
            self.evaluate_allow(facts),
        ];
        for phase in phases {
            match phase {
                Phase::Passed => {}
                Phase::Refused(by) => return Verdict::Denied { by },
                Phase::Doubtful(more) => why.extend(more),
            }
        }
        if why.is_empty() { Verdict::Allowed } else { Verdict::Undecided { why } }
    }

    /// istiod refuses matching requests where it cannot write the provider down: with more than one
    /// for a workload (its default), or one that the MeshConfig does not have.
    fn evaluate_custom(&self, facts: &Facts<'_>) -> Phase {
        let providers: BTreeSet<&str> =
            self.enforced(Action::Custom).map(|policy| policy.provider.as_str()).collect();
        let is_known = |provider: &str| {
            self.mesh
                .extension_providers
                .as_ref()
                .is_none_or(|known| known.iter().any(|name| name == provider))
        };
        let cannot_be_asked =
            |policy: &&ReadyPolicy| providers.len() > 1 || !is_known(&policy.provider);
        let broken = self.enforced(Action::Custom).filter(cannot_be_asked);
        let refused = first(broken, facts, Refusal::Custom);
        if matches!(refused, Phase::Refused(_)) {
            return refused;
        }
        let mut why = refused.doubts();
        let is_open = |policy: &&ReadyPolicy| {
            facts.http.is_some_and(|(http, path)| {
                self.mesh.needs_no_login(&policy.provider, &http.method, path.path())
            })
        };
        let asked = self.enforced(Action::Custom).filter(|policy| !cannot_be_asked(policy));
        for policy in asked.filter(|policy| !is_open(policy)) {
            let answers = policy.rules.iter().map(|rule| rule.answer(facts));
            match Answer::any(answers) {
                Answer::No => {}
                Answer::Yes | Answer::Unknown(_) => {
                    let (policy, provider) = (policy.name.clone(), policy.provider.clone());
                    why.insert(Doubt::Provider { policy, provider });
                }
            }
        }
        if why.is_empty() { Phase::Passed } else { Phase::Doubtful(why) }
    }

    fn evaluate_allow(&self, facts: &Facts<'_>) -> Phase {
        let allow = || self.enforced(Action::Allow);
        if allow().next().is_none() {
            return Phase::Passed;
        }
        match Answer::any(rules(allow()).map(|rule| rule.answer(facts))) {
            Answer::Yes => Phase::Passed,
            Answer::No => {
                Phase::Refused(Refusal::NoAllow(allow().map(|one| one.name.clone()).collect()))
            }
            Answer::Unknown(why) => Phase::Doubtful(why),
        }
    }
}

enum Phase {
    Passed,
    Refused(Refusal),
    Doubtful(BTreeSet<Doubt>),
}

impl Phase {
    fn doubts(self) -> BTreeSet<Doubt> {
        match self {
            Self::Doubtful(why) => why,
            Self::Passed | Self::Refused(_) => BTreeSet::new(),
        }
    }
}

fn rules<'a>(
    policies: impl Iterator<Item = &'a ReadyPolicy>,
) -> impl Iterator<Item = &'a ReadyRule> {
    policies.flat_map(|policy| &policy.rules)
}

fn matching<'a>(
    policies: impl Iterator<Item = &'a ReadyPolicy>,
    facts: &Facts<'_>,
) -> Vec<RuleName> {
    rules(policies)
        .filter(|rule| rule.answer(facts) == Answer::Yes)
        .map(|rule| rule.name.clone())
        .collect()
}

/// Refused by the first rule that matches, or doubtful where one may.
fn first<'a>(
    policies: impl Iterator<Item = &'a ReadyPolicy>,
    facts: &Facts<'_>,
    refusal: impl Fn(RuleName) -> Refusal,
) -> Phase {
    let mut doubts = BTreeSet::new();
    for rule in rules(policies) {
        match rule.answer(facts) {
            Answer::Yes => return Phase::Refused(refusal(rule.name.clone())),
            Answer::No => {}
            Answer::Unknown(why) => doubts.extend(why),
        }
    }
    if doubts.is_empty() { Phase::Passed } else { Phase::Doubtful(doubts) }
}

/// A byte that Envoy 1.40 takes in a host.
fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"#/<>?\\^`{|}".contains(&byte)
}
