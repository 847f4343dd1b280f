//! A stage with what it shares with others.

use super::diags::Wrong;
use super::spec::{AuthProvider, Certificate, Ingress, ServingEndpoint};
use crate::finding::Finding;
use crate::runtime::Checked;
use crate::serving::ingress::{Cognito, HealthCheckParams, IngressParams, Jwt, Oidc, Overlay};
use crate::values::k8s::Namespace;

/// One Ingress, its certificate and its namespaces, each with where it is written.
pub(super) struct Stage<'s> {
    /// Empty where there is one Ingress for all.
    pub(super) name: &'s str,
    pub(super) namespaces: &'s [Checked<Namespace>],
    pub(super) namespaces_field: String,
    pub(super) ingress: Ingress,
    pub(super) ingress_field: String,
    pub(super) certificate: &'s Certificate,
    pub(super) certificate_field: String,
}

/// The stages of a configuration.
pub(super) fn all(spec: &ServingEndpoint) -> Vec<Stage<'_>> {
    if spec.stages.is_empty() {
        return vec![Stage {
            name: "",
            namespaces: &spec.namespaces,
            namespaces_field: "spec.namespaces".to_owned(),
            ingress: spec.ingress.clone(),
            ingress_field: "spec.ingress".to_owned(),
            certificate: &spec.certificate,
            certificate_field: "spec.certificate".to_owned(),
        }];
    }
    let stages = spec.stages.iter().enumerate();
    stages
        .map(|(place, stage)| {
            let field = format!("spec.stages[{place}]");
            let has_own = stage.certificate != Certificate::default();
            let (certificate, certificate_field) = if has_own {
                (&stage.certificate, format!("{field}.certificate"))
            } else {
                (&spec.certificate, "spec.certificate".to_owned())
            };
            Stage {
                name: &stage.name,
                namespaces: &stage.namespaces,
                namespaces_field: format!("{field}.namespaces"),
                ingress: with_shared(
                    &stage.ingress,
                    &spec.ingress,
                    &stage.namespaces,
                    &spec.domain,
                ),
                ingress_field: format!("{field}.ingress"),
                certificate,
                certificate_field,
            }
        })
        .collect()
}

fn with_shared(
    own: &Ingress,
    shared: &Ingress,
    namespaces: &[Checked<Namespace>],
    domain: &str,
) -> Ingress {
    let hosts = || {
        let hosts = namespaces.iter().map(|namespace| format!("*.{namespace}.{domain}"));
        hosts.map(|host| Checked::of(&host)).collect()
    };
    // The tokens of one are those of others only where it gives none itself.
    let gives_tokens = own.tokens.is_some() || own.values_from.is_some();
    let shared_tokens = if gives_tokens { &Ingress::default() } else { shared };
    Ingress {
        target: own.target.clone().or_else(|| shared.target.clone()),
        scheme: own.scheme.clone().or_else(|| shared.scheme.clone()),
        header: own.header.clone().or_else(|| shared.header.clone()),
        tokens: own.tokens.clone().or_else(|| shared_tokens.tokens.clone()),
        values_from: own.values_from.clone().or_else(|| shared_tokens.values_from.clone()),
        hosts: own.hosts.clone().or_else(|| Some(hosts())),
        health_check: match own.health_check == HealthCheckParams::default() {
            true => shared.health_check.clone(),
            false => own.health_check.clone(),
        },
    }
}

impl Stage<'_> {
    pub(super) fn has_tokens(&self) -> bool {
        self.ingress.tokens.is_some() || self.ingress.values_from.is_some()
    }

    /// Whether its certificate is requested and not issued yet.
    pub(super) fn is_pending(&self) -> bool {
        self.certificate.arn.is_none() && self.certificate.emit.is_some()
    }

    /// The name by which what is generated for the stage is its own.
    pub(super) fn configuration(&self, outer: &str) -> String {
        if self.name.is_empty() { outer.to_owned() } else { format!("{outer}.{}", self.name) }
    }

    /// The configuration of `set-ingress-params`.
    pub(super) fn params(&self, spec: &ServingEndpoint) -> IngressParams {
        let Ingress { target, scheme, header, tokens, values_from, hosts, health_check } =
            self.ingress.clone();
        let has_tokens = self.has_tokens();
        IngressParams {
            overlay: Some(match spec.auth_provider {
                _ if has_tokens => Overlay::Api,
                Some(AuthProvider::Jwt) => Overlay::Jwt,
                Some(AuthProvider::Oidc) => Overlay::Oidc,
                _ => Overlay::Cognito,
            }),
            target,
            cert_arn: self.certificate.arn.clone(),
            http_header_name: header.filter(|_| has_tokens),
            http_header_values: tokens,
            load_balancer_scheme: scheme,
            hosts,
            health_check,
            cognito: if has_tokens { Cognito::default() } else { spec.cognito.clone() },
            oidc: if has_tokens { Oidc::default() } else { spec.oidc.clone() },
            jwt: if has_tokens { Jwt::default() } else { spec.jwt.clone() },
            params_from: values_from.into_iter().collect(),
            ..IngressParams::default()
        }
    }
}

/// What no function can say, because it sees one stage alone.
pub(super) fn check(spec: &ServingEndpoint, stages: &[Stage<'_>]) -> Vec<Finding> {
    let mut wrong = Vec::new();
    let mut add = |field: String, what: Wrong<'_>| wrong.push(what.finding(field));
    if spec.domain.is_empty() {
        add("spec.domain".to_owned(), Wrong::Missing("domain"));
    }
    match spec.auth_provider {
        None => add("spec.authProvider".to_owned(), Wrong::Missing("authProvider")),
        Some(AuthProvider::Dex) if spec.cognito != Cognito::default() => {
            add("spec.cognito".to_owned(), Wrong::CognitoWithDex);
        }
        Some(AuthProvider::Jwt) if spec.cognito != Cognito::default() => {
            add("spec.cognito".to_owned(), Wrong::CognitoWithJwt);
        }
        Some(AuthProvider::Oidc) if spec.cognito != Cognito::default() => {
            add("spec.cognito".to_owned(), Wrong::CognitoWithOidc);
        }
        Some(_) => {}
    }
    if let Some(provider) = spec.auth_provider {
        if provider != AuthProvider::Jwt && spec.jwt != Jwt::default() {
            add("spec.jwt".to_owned(), Wrong::JwtWithLogin);
        }
        if provider != AuthProvider::Oidc && spec.oidc != Oidc::default() {
            add("spec.oidc".to_owned(), Wrong::OidcWithOther);
        }
    }
    if !spec.stages.is_empty() && !spec.namespaces.is_empty() {
        add("spec.namespaces".to_owned(), Wrong::NamespacesBesideStages);
    }
    for (place, stage) in stages.iter().enumerate() {
        let field = format!("spec.stages[{place}]");
        if !spec.stages.is_empty() {
            if stage.name.is_empty() {
                add(format!("{field}.name"), Wrong::Missing("name"));
            }
            if stage.namespaces.is_empty() {
                add(format!("{field}.namespaces"), Wrong::Missing("namespaces"));
            }
            if stage.ingress.target.is_none() {
                add(format!("{field}.ingress.target"), Wrong::Missing("target"));
            }
        }
        let others = &stages[..place];
        if others.iter().any(|other| !stage.name.is_empty() && other.name == stage.name) {
            add(format!("{field}.name"), Wrong::Twice(stage.name));
        }
        let same = |namespace: &&Checked<Namespace>| {
            others.iter().any(|other| other.namespaces.contains(namespace))
        };
        if let Some(namespace) = stage.namespaces.iter().find(same) {
            add(stage.namespaces_field.clone(), Wrong::Twice(&namespace.to_string()));
        }
        if stage.ingress.tokens.is_some() && stage.ingress.values_from.is_some() {
            add(stage.ingress_field.clone(), Wrong::TokensTwice);
        }
        let needs_tokens = match spec.auth_provider {
            None => false,
            Some(AuthProvider::Dex) => true,
            Some(AuthProvider::Cognito) => spec.cognito == Cognito::default(),
            Some(AuthProvider::Oidc) => spec.oidc == Oidc::default(),
            Some(AuthProvider::Jwt) => spec.jwt == Jwt::default(),
        };
        if needs_tokens && !stage.has_tokens() {
            add(format!("{}.tokens", stage.ingress_field), Wrong::Open);
        }
    }
    wrong
}
