//! The policies of each mode.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::served::PROBES;
use super::workload::{Callers, ServingWorkload};

/// The port of a model server, which requests come to.
const MODEL_SERVER: u16 = 8080;

/// Who may ask a component.
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
    /// Who may ask.
    pub mode: Mode,
    /// The version to write.
    pub api_version: ApiVersion,
    /// Istio's root namespace, where the guide's policies lie.
    pub root_namespace: String,
    /// Who asks, in strict mode.
    pub callers: Callers,
}

impl Policies {
    /// The policies for components, in their order: in the mode `guide` the guide's two, without a
    /// look at the components.
    #[must_use]
    pub(crate) fn of(&self, workloads: &[ServingWorkload]) -> Vec<Value> {
        match self.mode {
            Mode::Guide => ["predictor", "transformer"].map(|word| self.guide(word)).to_vec(),
            Mode::Namespace | Mode::Strict => {
                workloads.iter().map(|workload| self.of_workload(workload)).collect()
            }
        }
    }

    /// A policy as the guide has it.
    fn guide(&self, component: &str) -> Value {
        let mut paths = PROBES.to_vec();
        paths.extend(["/v1/models/*", "/v2/models/*"]);
        let labels = json!({ "component": component });
        let rules = json!([{ "to": [{ "operation": { "paths": paths } }] }]);
        self.policy(&self.root_namespace, &format!("allow-{component}"), &labels, &rules)
    }

    fn of_workload(&self, workload: &ServingWorkload) -> Value {
        let component = workload.component.as_str();
        let served = workload.served();
        let rules = if self.mode == Mode::Strict {
            let principals: Vec<String> =
                self.callers.of(workload).iter().map(ToString::to_string).collect();
            let operations: Vec<Value> = [("GET", &served.get), ("POST", &served.post)]
                .into_iter()
                .filter(|(_, paths)| !paths.is_empty())
                .map(|(method, paths)| json!({ "operation": { "methods": [method], "paths": paths } }))
                .collect();
            let probes =
                json!({ "to": [{ "operation": { "methods": ["GET"], "paths": PROBES } }] });
            // A rule without sources is for everybody, and one without operations for every path.
            if principals.is_empty() || operations.is_empty() {
                json!([probes])
            } else {
                let from = json!([{ "source": { "principals": principals } }]);
                json!([probes, { "from": from, "to": operations }])
            }
        } else {
            let mut paths = PROBES.to_vec();
            paths.extend(served.all());
            json!([{ "to": [{ "operation": { "paths": paths } }] }])
        };
        let mut rules = rules;
        if let (true, Some(rules)) = (workload.multi_node, rules.as_array_mut()) {
            rules.push(self.between_nodes(workload));
        }
        let labels = json!({
            "component": component,
            "serving.kserve.io/inferenceservice": workload.service,
        });
        let name = format!("allow-{}-{component}", workload.service);
        self.policy(&workload.namespace, &name, &labels, &rules)
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
        json!({
            "from": [{ "source": source }],
            "to": [{ "operation": { "notPorts": [MODEL_SERVER.to_string()] } }],
        })
    }

    fn policy(&self, namespace: &str, name: &str, labels: &Value, rules: &Value) -> Value {
        json!({
            "apiVersion": self.api_version.as_str(),
            "kind": "AuthorizationPolicy",
            "metadata": { "name": name, "namespace": namespace },
            "spec": {
                "selector": { "matchLabels": labels },
                "action": "ALLOW",
                "rules": rules,
            },
        })
    }
}
