//! The policies of each mode.

use std::borrow::Cow;
use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::named::{NamedCallers, TokenIssuer};
use super::principal::Principal;
use super::served::{PROBES, ServedPaths};
use super::settings::Settings;
use super::workload::{Callers, ServingWorkload};

/// Who may call a component.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// The two policies of the guide: predictors and transformers of the whole mesh, to anybody.
    Guide,
    /// A policy for each component: what it serves, to anybody.
    #[default]
    Namespace,
    /// A policy for each component: what it serves, by method, to the gateways, to Knative's
    /// activator and to the components that call it.
    Strict,
}

/// The version of the API group `security.istio.io`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ApiVersion {
    /// Every release of Istio takes it.
    #[default]
    V1beta1,
    /// From Istio 1.22 on.
    V1,
}

impl ApiVersion {
    /// `apiVersion` of a policy.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::V1beta1 => "security.istio.io/v1beta1",
            Self::V1 => "security.istio.io/v1",
        }
    }
}

/// Writes policies as objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policies {
    /// Who may call.
    pub mode: Mode,
    /// The version to write.
    pub api_version: ApiVersion,
    /// Istio's root namespace, where the guide's policies lie.
    pub root_namespace: String,
    /// Who calls, in strict mode and on behalf of callers that are named.
    pub callers: Callers,
    /// What is set for single namespaces and services.
    pub settings: Settings,
}

impl Policies {
    /// The policies for components, in their order: in the mode `guide` the guide's two, without a
    /// look at the components.
    pub(crate) fn of<'a>(
        &'a self,
        workloads: &'a [ServingWorkload],
    ) -> impl Iterator<Item = Value> + 'a {
        let (of_mesh, workloads): (&[&str], _) = match self.mode {
            Mode::Guide => (&["predictor", "transformer"], &[][..]),
            Mode::Namespace | Mode::Strict => (&[], workloads),
        };
        let of_mesh = of_mesh.iter().map(|word| self.guide(word));
        of_mesh.chain(workloads.iter().map(|workload| self.of_workload(workload)))
    }

    /// A policy as the guide has it.
    fn guide(&self, component: &str) -> Value {
        let mut paths = PROBES.to_vec();
        paths.extend(["/v1/models/*", "/v2/models/*"]);
        let labels = json!({ "component": component });
        let rules = vec![json!({ "to": [{ "operation": { "paths": paths } }] })];
        self.policy(&self.root_namespace, format!("allow-{component}"), labels, rules)
    }

    fn of_workload(&self, workload: &ServingWorkload) -> Value {
        let component = workload.component.as_str();
        let served = workload.served();
        let mut rules = match self.settings.callers_of(workload) {
            Some(named) => self.rules_for(workload, named, &self.operations(&served)),
            None if self.mode == Mode::Strict => {
                let operations = self.operations(&served);
                let principals = texts(self.callers.of(workload));
                // A rule without sources is for everybody, and one without operations for every path.
                if principals.is_empty() || operations.is_empty() {
                    vec![self.probes()]
                } else {
                    let from = json!([{ "source": { "principals": principals } }]);
                    vec![self.probes(), object([("from", from), ("to", operations.into())])]
                }
            }
            None => {
                let mut paths: Vec<_> = PROBES.iter().map(|path| Cow::Borrowed(*path)).collect();
                paths.extend(served.all());
                vec![object([("to", vec![operation(None, &paths, &served)].into())])]
            }
        };
        if workload.multi_node {
            rules.push(self.between_nodes(workload));
        }
        let name = format!("allow-{}-{component}", workload.service);
        self.policy(&workload.namespace, name, labels(workload), rules)
    }

    /// Whether the policy of a component names the activator, which then has to prove its identity.
    #[must_use]
    pub(crate) fn names_activator(&self, workload: &ServingWorkload) -> bool {
        let by_callers = || {
            let named = self.settings.callers_of(workload);
            named.is_some_and(|named| {
                let open = self.callers.without_credentials(workload, named);
                open.contains(&self.callers.activator)
            })
        };
        workload.knative
            && match self.mode {
                Mode::Guide => false,
                Mode::Strict => true,
                Mode::Namespace => by_callers(),
            }
    }

    /// Probes and scrapes, which have no identity.
    fn probes(&self) -> Value {
        match self.mode {
            Mode::Strict => {
                json!({ "to": [{ "operation": { "methods": ["GET"], "paths": PROBES } }] })
            }
            Mode::Guide | Mode::Namespace => {
                json!({ "to": [{ "operation": { "paths": PROBES } }] })
            }
        }
    }

    /// What a component serves; in strict mode by method.
    fn operations(&self, served: &ServedPaths) -> Vec<Value> {
        if self.mode == Mode::Strict {
            let by_method =
                [("GET", &served.get), ("HEAD", &served.head), ("POST", &served.post)].into_iter();
            by_method
                .filter(|(_, paths)| !paths.is_empty())
                .map(|(method, paths)| operation(Some(method), paths, served))
                .collect()
        } else {
            let paths = served.all();
            let all = Some(&paths).filter(|paths| !paths.is_empty());
            all.map(|paths| operation(None, paths, served)).into_iter().collect()
        }
    }

    /// What a component serves, to callers that are named and to the components that call it.
    fn rules_for(
        &self,
        workload: &ServingWorkload,
        named: &NamedCallers,
        operations: &[Value],
    ) -> Vec<Value> {
        let mut rules = vec![self.probes()];
        if operations.is_empty() {
            return rules;
        }
        let mut from = Vec::new();
        let principals = texts(self.callers.without_credentials(workload, named));
        if !principals.is_empty() {
            from.push(json!({ "source": { "principals": principals } }));
        }
        if workload.entry {
            from.extend(named.sources(&self.callers.trust_domain));
        }
        if !from.is_empty() {
            rules.push(json!({ "from": from, "to": operations }));
        }
        if workload.entry {
            rules.extend(self.rules_for_tokens(workload, named, operations));
        }
        rules
    }

    /// A rule for all tokens with the same conditions.
    fn rules_for_tokens(
        &self,
        workload: &ServingWorkload,
        named: &NamedCallers,
        operations: &[Value],
    ) -> Vec<Value> {
        let mut grouped: Vec<(Vec<Value>, Vec<String>)> = Vec::new();
        for caller in named.tokens() {
            let (conditions, principal) = (caller.conditions(), caller.request_principal());
            match grouped.iter_mut().find(|(known, _)| *known == conditions) {
                Some((_, principals)) if principals.contains(&principal) => {}
                Some((_, principals)) => principals.push(principal),
                None => grouped.push((conditions, vec![principal])),
            }
        }
        let rule = |(conditions, principals): (Vec<Value>, Vec<String>)| {
            let mut source = json!({ "requestPrincipals": principals });
            if self.mode == Mode::Strict {
                source["principals"] = json!(texts(self.callers.on_behalf(workload)));
            }
            let mut rule = json!({ "from": [{ "source": source }], "to": operations });
            if !conditions.is_empty() {
                rule["when"] = json!(conditions);
            }
            rule
        };
        grouped.into_iter().map(rule).collect()
    }

    /// The RequestAuthentications of components, by which they verify the tokens of their callers.
    pub(crate) fn authentications<'a>(
        &'a self,
        workloads: &'a [ServingWorkload],
    ) -> impl Iterator<Item = Value> + 'a {
        let of_workload = move |workload: &ServingWorkload| {
            let named = self.settings.callers_of(workload).filter(|_| workload.entry);
            let issuers = named?.issuers();
            let name = format!("allow-{}-{}", workload.service, workload.component.as_str());
            let rules: Vec<Value> = issuers.iter().map(|one| jwt_rule(one, false)).collect();
            (!rules.is_empty())
                .then(|| self.authentication(&workload.namespace, &name, &labels(workload), &rules))
        };
        workloads.iter().filter_map(of_workload)
    }

    pub(super) fn authentication(
        &self,
        namespace: &str,
        name: &str,
        labels: &Value,
        rules: &[Value],
    ) -> Value {
        json!({
            "apiVersion": self.api_version.as_str(),
            "kind": "RequestAuthentication",
            "metadata": { "name": name, "namespace": namespace },
            "spec": { "selector": { "matchLabels": labels }, "jwtRules": rules },
        })
    }

    /// What the pods of a predictor of several nodes say to each other: on ports of their own choice
    /// (Ray's are chosen at random), from their own namespace or with their own identity.
    fn between_nodes(&self, workload: &ServingWorkload) -> Value {
        let source = if self.mode == Mode::Strict {
            let account = &workload.service_account;
            let own = self.callers.trust_domain.principal(&workload.namespace, account);
            json!({ "principals": [own.as_str()] })
        } else {
            json!({ "namespaces": [workload.namespace] })
        };
        let ports: Vec<String> = workload.ports.iter().map(ToString::to_string).collect();
        json!({
            "from": [{ "source": source }],
            "to": [{ "operation": { "notPorts": ports } }],
        })
    }

    fn policy(&self, namespace: &str, name: String, labels: Value, rules: Vec<Value>) -> Value {
        object([
            ("apiVersion", self.api_version.as_str().into()),
            ("kind", "AuthorizationPolicy".into()),
            ("metadata", object([("name", name.into()), ("namespace", namespace.into())])),
            (
                "spec",
                object([
                    ("selector", object([("matchLabels", labels)])),
                    ("action", "ALLOW".into()),
                    ("rules", rules.into()),
                ]),
            ),
        ])
    }
}

fn labels(workload: &ServingWorkload) -> Value {
    object(workload.selected().map(|(key, value)| (key, value.into())))
}

/// An entry of `to`: paths of a component, less those that change its server.
fn operation(method: Option<&str>, paths: &[Cow<'static, str>], served: &ServedPaths) -> Value {
    let mut operation = method.map_or(json!({}), |method| json!({ "methods": [method] }));
    operation["paths"] = paths.iter().map(|path| Value::from(path.as_ref())).collect();
    let except = served.except_below(paths);
    if !except.is_empty() {
        operation["notPaths"] = json!(except);
    }
    object([("operation", operation)])
}

/// An object of these fields, as large as they are. `json!` copies the values that it is given, and a package
/// has a policy for each of thousands of components.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::from_iter(fields)
}

fn texts(principals: BTreeSet<Principal>) -> Vec<String> {
    principals.iter().map(ToString::to_string).collect()
}

/// `jwtRules[]`: where it is forwarded, the token reaches the proxies behind; at a component it ends.
pub(super) fn jwt_rule(issuer: &TokenIssuer, is_forwarded: bool) -> Value {
    let mut rule = json!({ "issuer": issuer.issuer });
    if let Some(uri) = &issuer.jwks_uri {
        rule["jwksUri"] = json!(uri);
    }
    if !issuer.audiences.is_empty() {
        rule["audiences"] = json!(issuer.audiences);
    }
    if is_forwarded {
        rule["forwardOriginalToken"] = json!(true);
    }
    rule
}
