//! A rule, ready to be evaluated.

use std::fmt;

use super::authorization_policy::{Action, Condition, Operation, Rule, Source};
use super::clause::{Attribute, Clause, NoTest};
use crate::controllers::istio::answer::Answer;
use crate::controllers::istio::facts::Facts;
use crate::controllers::istio::mesh::Mesh;

/// Which rule of which policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleName {
    /// The policy's namespace.
    pub namespace: String,
    /// The policy's name.
    pub policy: String,
    /// The rule's index in `spec.rules`.
    pub index: usize,
}

impl fmt::Display for RuleName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{} rules[{}]", self.namespace, self.policy, self.index)
    }
}

/// A rule as istiod writes it for the proxy (`pilot/pkg/security/authz/model/model.go`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReadyRule {
    pub(super) name: RuleName,
    action: Action,
    /// One of these, each of which is all its clauses. None: anything.
    sources: Vec<Vec<Clause>>,
    operations: Vec<Vec<Clause>>,
    conditions: Vec<Clause>,
}

impl ReadyRule {
    /// Makes the rule ready.
    ///
    /// # Errors
    /// When istiod leaves the whole rule out, or the proxy refuses it.
    pub(super) fn new(
        name: RuleName,
        rule: &Rule,
        action: Action,
        mesh: &Mesh,
    ) -> Result<Self, NoTest> {
        let namespace = name.namespace.as_str();
        let mut sources = Vec::with_capacity(rule.from.len());
        for source in rule.from.iter().filter_map(|from| from.source.as_ref()) {
            sources.push(source_clauses(source, namespace, action, mesh)?);
        }
        let mut operations = Vec::with_capacity(rule.to.len());
        for operation in rule.to.iter().filter_map(|to| to.operation.as_ref()) {
            operations.push(operation_clauses(operation, action, mesh)?);
        }
        let mut conditions = Vec::with_capacity(rule.when.len());
        for Condition { key, values, not_values } in &rule.when {
            let attribute = Attribute::of_key(key, namespace).ok_or(NoTest::Skipped)?;
            conditions.extend(Clause::new(&attribute, values, not_values, action, mesh)?);
        }
        Ok(Self { name, action, sources, operations, conditions })
    }

    pub(super) fn answer(&self, facts: &Facts<'_>) -> Answer {
        // An HTTP field takes the whole ALLOW rule off a TCP port; elsewhere only itself.
        if self.action == Action::Allow && facts.http.is_none() && self.needs_http() {
            return Answer::No;
        }
        let all = |clauses: &Vec<Clause>| Answer::all(clauses.iter().map(|one| one.answer(facts)));
        let one_of = |parts: &[Vec<Clause>]| match parts {
            [] => Answer::Yes,
            parts => Answer::any(parts.iter().map(all)),
        };
        Answer::all([one_of(&self.sources), one_of(&self.operations), all(&self.conditions)])
    }

    fn needs_http(&self) -> bool {
        let parts = self.sources.iter().chain(&self.operations).chain([&self.conditions]);
        parts.flatten().any(Clause::needs_http)
    }
}

type Field<'a> = (Attribute<'a>, &'a [String], &'a [String]);

fn clauses<'a>(
    fields: impl IntoIterator<Item = Field<'a>>,
    action: Action,
    mesh: &Mesh,
) -> Result<Vec<Clause>, NoTest> {
    fields
        .into_iter()
        .map(|(attribute, values, not_values)| {
            Clause::new(&attribute, values, not_values, action, mesh)
        })
        .filter_map(Result::transpose)
        .collect()
}

fn source_clauses(
    source: &Source,
    policy_namespace: &str,
    action: Action,
    mesh: &Mesh,
) -> Result<Vec<Clause>, NoTest> {
    let fields: [Field<'_>; 7] = [
        (Attribute::Principal, &source.principals, &source.not_principals),
        (Attribute::RequestPrincipal, &source.request_principals, &source.not_request_principals),
        (
            Attribute::ServiceAccount { policy_namespace },
            &source.service_accounts,
            &source.not_service_accounts,
        ),
        (Attribute::TrustDomain, &source.trust_domains, &source.not_trust_domains),
        (Attribute::Namespace, &source.namespaces, &source.not_namespaces),
        (Attribute::RemoteIp, &source.remote_ip_blocks, &source.not_remote_ip_blocks),
        (Attribute::SourceIp, &source.ip_blocks, &source.not_ip_blocks),
    ];
    clauses(fields, action, mesh)
}

fn operation_clauses(
    operation: &Operation,
    action: Action,
    mesh: &Mesh,
) -> Result<Vec<Clause>, NoTest> {
    let fields: [Field<'_>; 4] = [
        (Attribute::Host, &operation.hosts, &operation.not_hosts),
        (Attribute::Method, &operation.methods, &operation.not_methods),
        (Attribute::Path, &operation.paths, &operation.not_paths),
        (Attribute::DestinationPort, &operation.ports, &operation.not_ports),
    ];
    clauses(fields, action, mesh)
}
