//! What istiod's webhook says of an AuthorizationPolicy (`pkg/config/validation/validation.go`).

use super::authorization_policy::{
    Action, AuthorizationPolicy, Condition, Operation, Rule, Source, parse_bool,
};
use super::values;
use crate::controllers::istio::annotations::{DRY_RUN, check_annotations};
use crate::controllers::istio::rejection::{Errors, Rejection};

impl AuthorizationPolicy {
    /// istiod's warnings for a policy that it takes.
    ///
    /// # Errors
    /// What istiod answers to a policy that it refuses; such a policy is not in force.
    pub fn validate(&self) -> Result<Vec<String>, Rejection> {
        self.check_dry_run()?;
        check_annotations(&self.metadata)?;
        let mut errors = Errors::default();
        self.check_attachment(&mut errors);
        self.check_action(&mut errors);
        for (index, rule) in self.spec.rules.iter().enumerate() {
            check_rule(rule, index, &mut errors);
        }
        let prefix = format!("invalid policy {}.{}: ", self.metadata.name, self.namespace());
        match Rejection::of(prefix, errors) {
            Some(rejection) => Err(rejection),
            None => Ok(self.warnings()),
        }
    }

    fn check_dry_run(&self) -> Result<(), Rejection> {
        let Some(value) = self.metadata.annotations.get(DRY_RUN) else { return Ok(()) };
        let (name, namespace) = (&self.metadata.name, self.namespace());
        match self.spec.action {
            Action::Allow | Action::Deny if parse_bool(value).is_some() => Ok(()),
            Action::Allow | Action::Deny => Err(Rejection::single(format!(
                "{namespace}/{name} has annotation {DRY_RUN} with invalid value ({value}): \
                 strconv.ParseBool: parsing {value:?}: invalid syntax"
            ))),
            action => Err(Rejection::single(format!(
                "the annotation {DRY_RUN} currently only supports action ALLOW/DENY, found action \
                 {} in {namespace}/{name}",
                action.as_str()
            ))),
        }
    }

    fn check_attachment(&self, errors: &mut Errors) {
        let spec = &self.spec;
        let ways =
            [spec.selector.is_some(), spec.target_ref.is_some(), !spec.target_refs.is_empty()];
        if ways.into_iter().filter(|given| *given).count() > 1 {
            errors.push("only one of targetRefs or workloadSelector can be set".to_owned());
        }
        errors.extend(spec.selector.iter().flat_map(|selector| selector.errors()));
        let references = spec.target_ref.iter().chain(&spec.target_refs);
        errors.extend(references.flat_map(|reference| reference.errors()));
    }

    fn check_action(&self, errors: &mut Errors) {
        let spec = &self.spec;
        let action = spec.action;
        let meaningless = format!(
            "{} action without `rules` is meaningless as it will never be triggered, add an empty \
             rule `{{}}` if you want it be triggered for every request",
            action.as_str()
        );
        if action == Action::Custom {
            if spec.rules.is_empty() {
                errors.push(meaningless.clone());
            } else if spec.provider.as_ref().is_none_or(|provider| provider.name.is_empty()) {
                errors.push("`provider.name` must not be empty".to_owned());
            }
            spec.rules.iter().for_each(|rule| check_custom_rule(rule, errors));
        }
        if spec.provider.is_some() && action != Action::Custom {
            errors.push(format!(
                "`provider` must not be with non CUSTOM action, found {}",
                action.as_str()
            ));
        }
        if action == Action::Deny && spec.rules.is_empty() {
            errors.push(meaningless);
        }
    }

    fn warnings(&self) -> Vec<String> {
        let selector = self.spec.selector.iter().filter_map(|selector| selector.warning());
        let deny =
            self.spec.rules.iter().filter(|rule| {
                self.spec.action == Action::Deny && denies_every_tcp_connection(rule)
            });
        let tcp = deny.map(|_| {
            "configured AuthorizationPolicy will deny all traffic to TCP ports under its scope due \
             to the use of only HTTP attributes in a DENY rule; it is recommended to explicitly \
             specify the port"
                .to_owned()
        });
        selector.chain(tcp).collect()
    }
}

fn check_custom_rule(rule: &Rule, errors: &mut Errors) {
    let unsupported = |name: &str| format!("{name} is currently not supported with CUSTOM action");
    for source in rule.from.iter().filter_map(|from| from.source.as_ref()) {
        let fields = [
            (&source.namespaces, "From.Namespaces"),
            (&source.not_namespaces, "From.NotNamespaces"),
            (&source.service_accounts, "From.ServiceAccounts"),
            (&source.not_service_accounts, "From.NotServiceAccounts"),
            (&source.trust_domains, "From.TrustDomains"),
            (&source.not_trust_domains, "From.NotTrustDomains"),
            (&source.principals, "From.Principals"),
            (&source.not_principals, "From.NotPrincipals"),
            (&source.request_principals, "From.RequestPrincipals"),
            (&source.not_request_principals, "From.NotRequestPrincipals"),
        ];
        errors.extend(
            fields
                .into_iter()
                .filter(|(values, _)| !values.is_empty())
                .map(|(_, name)| unsupported(name)),
        );
    }
    const PEER: [&str; 4] =
        ["source.namespace", "source.serviceAccount", "source.trustDomain", "source.principal"];
    let keys = rule.when.iter().map(|condition| condition.key.as_str());
    let keys = keys.filter(|key| PEER.contains(key) || key.starts_with("request.auth."));
    errors.extend(keys.map(unsupported));
}

fn check_rule(rule: &Rule, index: usize, errors: &mut Errors) {
    for from in &rule.from {
        match &from.source {
            None => errors.push(format!("`from.source` must not be nil, found at rule {index}")),
            Some(source) => check_source(source, index, errors),
        }
    }
    for to in &rule.to {
        match &to.operation {
            None => errors.push(format!("`to.operation` must not be nil, found at rule {index}")),
            Some(operation) => check_operation(operation, index, errors),
        }
    }
    rule.when.iter().for_each(|condition| check_condition(condition, errors));
}

fn check_source(source: &Source, index: usize, errors: &mut Errors) {
    let any = |fields: &[&Vec<String>]| fields.iter().any(|values| !values.is_empty());
    let peer = any(&[
        &source.principals,
        &source.not_principals,
        &source.namespaces,
        &source.not_namespaces,
    ]);
    let account = any(&[&source.service_accounts, &source.not_service_accounts]);
    if peer && account {
        errors.push(format!(
            "cannot set serviceAccounts with namespaces or principals, found at rule {index}"
        ));
    }
    let rest = any(&[
        &source.request_principals,
        &source.not_request_principals,
        &source.ip_blocks,
        &source.not_ip_blocks,
        &source.remote_ip_blocks,
        &source.not_remote_ip_blocks,
        &source.trust_domains,
        &source.not_trust_domains,
    ]);
    if !(peer || account || rest) {
        errors.push(format!("`from.source` must not be empty, found at rule {index}"));
    }
    errors.extend_list(values::addresses(&source.ip_blocks));
    errors.extend_list(values::addresses(&source.not_ip_blocks));
    errors.extend_list(values::addresses(&source.remote_ip_blocks));
    errors.extend_list(values::addresses(&source.not_remote_ip_blocks));
    let checks = [
        values::empty("Principals", &source.principals),
        values::empty("RequestPrincipals", &source.request_principals),
        values::empty("Namespaces", &source.namespaces),
        values::service_accounts("ServiceAccounts", &source.service_accounts),
        values::trust_domains("TrustDomains", &source.trust_domains),
        values::empty("IpBlocks", &source.ip_blocks),
        values::empty("RemoteIpBlocks", &source.remote_ip_blocks),
        values::empty("NotPrincipals", &source.not_principals),
        values::empty("NotRequestPrincipals", &source.not_request_principals),
        values::empty("NotNamespaces", &source.not_namespaces),
        values::service_accounts("NotServiceAccounts", &source.not_service_accounts),
        values::trust_domains("NotTrustDomains", &source.not_trust_domains),
        values::empty("NotIpBlocks", &source.not_ip_blocks),
        values::empty("NotRemoteIpBlocks", &source.not_remote_ip_blocks),
    ];
    errors.extend(checks.into_iter().flatten());
}

fn check_operation(operation: &Operation, index: usize, errors: &mut Errors) {
    let fields = [
        ("Ports", &operation.ports),
        ("Methods", &operation.methods),
        ("Paths", &operation.paths),
        ("Hosts", &operation.hosts),
        ("NotPorts", &operation.not_ports),
        ("NotMethods", &operation.not_methods),
        ("NotPaths", &operation.not_paths),
        ("NotHosts", &operation.not_hosts),
    ];
    if fields.iter().all(|(_, values)| values.is_empty()) {
        errors.push(format!("`to.operation` must not be empty, found at rule {index}"));
    }
    errors.extend_list(values::ports(&operation.ports));
    errors.extend_list(values::ports(&operation.not_ports));
    errors.extend(fields.into_iter().filter_map(|(name, values)| values::empty(name, values)));
    errors.extend(values::path_templates("Paths", &operation.paths));
    errors.extend(values::path_templates("NotPaths", &operation.not_paths));
}

fn check_condition(condition: &Condition, errors: &mut Errors) {
    let Condition { key, values, not_values } = condition;
    if key.is_empty() {
        errors.push("`key` must not be empty".to_owned());
    } else if values.is_empty() && not_values.is_empty() {
        errors.push(format!("at least one of `values` or `notValues` must be set for key {key}"));
    } else {
        let of = |name: &str, values| {
            values::attribute(key, values)
                .map(|error| format!("invalid `{name}` for `key` {key}: {error}"))
        };
        errors.extend(of("value", values));
        errors.extend(of("notValue", not_values));
    }
}

/// Whether a DENY rule has HTTP fields only, which a TCP port leaves out.
fn denies_every_tcp_connection(rule: &Rule) -> bool {
    let mut sources = rule.from.iter().filter_map(|from| from.source.as_ref()).peekable();
    let mut operations = rule.to.iter().filter_map(|to| to.operation.as_ref()).peekable();
    let (has_source, has_operation) = (sources.peek().is_some(), operations.peek().is_some());
    let tcp_source = sources.any(|source| {
        let fields = [
            &source.principals,
            &source.not_principals,
            &source.ip_blocks,
            &source.not_ip_blocks,
            &source.namespaces,
            &source.not_namespaces,
            &source.remote_ip_blocks,
            &source.not_remote_ip_blocks,
            &source.service_accounts,
            &source.not_service_accounts,
        ];
        fields.into_iter().any(|values| !values.is_empty())
    });
    let tcp_operation =
        operations.any(|operation| !operation.ports.is_empty() || !operation.not_ports.is_empty());
    (has_source && !has_operation && !tcp_source) || (has_operation && !tcp_operation)
}
