//! Kubeflow's releases, as far as their gateways decide who comes to a component.
//!
//! Source: `common/` of kubeflow/manifests v1.7.0 (`istio-1-16/cluster-local-gateway`,
//! `oidc-authservice`), v1.9.1, v1.10.2 and 26.03 (`oauth2-proxy/components/istio-external-auth`,
//! `overlays/m2m-dex-only` as `example/kustomization.yaml` has it, `istio/cluster-local-gateway/base`).

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::gateway_pods::{LOCAL_GATEWAY, PUBLIC_GATEWAY};

/// A release of Kubeflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub(crate) enum Profile {
    /// An `EnvoyFilter` sends requests without a session to the login.
    #[serde(rename = "kubeflow-1.7")]
    V1_7,
    /// The ingress gateway requires a token of Dex, as of 1.9.1.
    #[serde(rename = "kubeflow-1.9")]
    V1_9,
    /// The ingress gateway requires a token of Dex.
    #[serde(rename = "kubeflow-1.10")]
    V1_10,
    /// The same, with path-based URLs.
    #[serde(rename = "kubeflow-26.03")]
    V26_03,
}

/// The filter of Kubeflow up to 1.8 that asks the login about every request.
pub(crate) const LOGIN_FILTER: &str = "authn-filter";
/// The policy of Kubeflow from 1.9 on that requires a token at the ingress gateway.
pub(crate) const TOKEN_POLICY: &str = "istio-ingressgateway-require-jwt";

impl fmt::Display for Profile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::V1_7 => "kubeflow-1.7",
            Self::V1_9 => "kubeflow-1.9",
            Self::V1_10 => "kubeflow-1.10",
            Self::V26_03 => "kubeflow-26.03",
        })
    }
}

impl Profile {
    /// Whether the login is an `EnvoyFilter` at the ingress gateway, before every policy.
    #[must_use]
    pub(crate) fn has_login_filter(self) -> bool {
        self == Self::V1_7
    }

    /// The template of path-based URLs that the release configures `KServe` with.
    #[must_use]
    pub(crate) fn path_template(self) -> Option<&'static str> {
        (self == Self::V26_03).then_some("/serving/{{ .Namespace }}/{{ .Name }}")
    }

    /// The AuthorizationPolicies of the release in Istio's root namespace.
    #[must_use]
    pub(crate) fn policies(self, root_namespace: &str) -> Vec<Value> {
        let policy = |name: &str, spec: Value| {
            json!({
                "apiVersion": "security.istio.io/v1beta1",
                "kind": "AuthorizationPolicy",
                "metadata": { "name": name, "namespace": root_namespace },
                "spec": spec,
            })
        };
        let everything = |gateway: &str| {
            let labels = labels(gateway);
            json!({ "action": "ALLOW", "selector": { "matchLabels": labels }, "rules": [{}] })
        };
        let mut all = vec![
            policy("global-deny-all", json!({})),
            policy(PUBLIC_GATEWAY, everything(PUBLIC_GATEWAY)),
            policy(LOCAL_GATEWAY, everything(LOCAL_GATEWAY)),
        ];
        if self == Self::V1_7 {
            return all;
        }
        let selector = json!({ "matchLabels": { "app": PUBLIC_GATEWAY } });
        let login = json!([{ "operation": { "notPaths": ["/dex/*", "/dex/**", "/oauth2/*"] } }]);
        let no_header = json!([{ "key": "request.headers[authorization]", "notValues": ["*"] }]);
        all.push(policy(
            "istio-ingressgateway-oauth2-proxy",
            json!({
                "action": "CUSTOM", "provider": { "name": "oauth2-proxy" }, "selector": selector,
                "rules": [{ "to": login, "when": no_header }],
            }),
        ));
        let no_token = json!([{ "source": { "notRequestPrincipals": ["*"] } }]);
        all.push(policy(
            TOKEN_POLICY,
            json!({
                "action": "DENY", "selector": selector,
                "rules": [{ "from": no_token, "to": login }],
            }),
        ));
        all
    }

    /// The RequestAuthentications of the release in Istio's root namespace.
    #[must_use]
    pub(crate) fn authentications(self, root_namespace: &str) -> Vec<Value> {
        if self == Self::V1_7 {
            return Vec::new();
        }
        vec![json!({
            "apiVersion": "security.istio.io/v1beta1",
            "kind": "RequestAuthentication",
            "metadata": { "name": "dex-jwt", "namespace": root_namespace },
            "spec": {
                "selector": { "matchLabels": { "app": PUBLIC_GATEWAY } },
                "jwtRules": [{
                    "issuer": "http://dex.auth.svc.cluster.local:5556/dex",
                    "forwardOriginalToken": true,
                    "fromHeaders": [{ "name": "Authorization", "prefix": "Bearer " }],
                    "outputClaimToHeaders": [
                        { "header": "kubeflow-userid", "claim": "email" },
                        { "header": "kubeflow-groups", "claim": "groups" },
                    ],
                }],
            },
        })]
    }
}

/// The labels of the pods of a gateway of Kubeflow.
fn labels(gateway: &str) -> Value {
    let istio = gateway.strip_prefix("istio-").unwrap_or(gateway);
    json!({ "app": gateway, "istio": istio })
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::{documents, project};

    /// The fixtures are written out from the releases, for Istio's own generator to judge.
    #[test]
    fn the_objects_are_those_that_are_written_out() {
        for (profile, file) in [
            (Profile::V1_7, "kubeflow-1.7"),
            (Profile::V1_9, "kubeflow-1.10"),
            (Profile::V1_10, "kubeflow-1.10"),
        ] {
            let path = project("fixtures/kubeflow-mesh/releases").join(format!("{file}.yaml"));
            let written = documents(&std::fs::read_to_string(path).unwrap());
            let written = written.iter().filter(|one| one["kind"] != "EnvoyFilter");
            let mut own = profile.policies("istio-system");
            own.extend(profile.authentications("istio-system"));
            let sorted = |mut all: Vec<String>| {
                all.sort_unstable();
                all
            };
            let own = sorted(own.iter().map(ToString::to_string).collect());
            assert_eq!(own, sorted(written.map(ToString::to_string).collect()), "{profile}");
        }
        let latest = Profile::V26_03;
        assert_eq!(latest.policies("x"), Profile::V1_10.policies("x"));
        assert_eq!(latest.authentications("x"), Profile::V1_10.authentications("x"));
    }
}
