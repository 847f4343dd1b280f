//! The configuration.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::runtime::Checked;
use crate::serving::ingress::Named;
use crate::values::header::HeaderName;

/// What has to be guarded, and by what.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ServingPathCheck {
    /// What has to be guarded. Default: what annotations require, and every public InferenceService
    /// by a token or a login.
    pub(crate) protect: Vec<Protect>,
}

/// Pods that have to be guarded: those of `service`, of `pods`, or of every Service.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Protect {
    /// The pods behind a Service, `NAMESPACE/NAME`.
    #[schemars(example = &"istio-system/istio-ingressgateway")]
    pub(crate) service: Option<String>,
    /// The pods with labels.
    pub(crate) pods: Option<Pods>,
    /// The pods behind every Service.
    pub(crate) all: bool,
    /// What guards them. Default: a token or a login.
    pub(crate) by: Option<By>,
    /// The hosts for which they are guarded. Default: every host.
    #[schemars(example = &["*.staging.platform.example.com"])]
    pub(crate) hosts: Vec<String>,
}

/// Pods by their labels.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Pods {
    /// Their namespace. Default: any.
    pub(crate) namespace: Option<String>,
    /// Their labels, all of which must be there.
    pub(crate) match_labels: BTreeMap<String, String>,
}

/// What guards: `login`, `jwt`, or a token in a header.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected login, jwt, or {header: NAME, valuesFrom: …}")]
pub(crate) enum By {
    /// A login or a JSON Web Token.
    Word(Word),
    /// A token in a header.
    Header(ByHeader),
}

/// A guard without settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Word {
    /// A login with a user pool or a provider of OpenID Connect.
    Login,
    /// A JSON Web Token that names whom it is for.
    Jwt,
}

/// A token in a header.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ByHeader {
    /// The header.
    pub(crate) header: Checked<HeaderName>,
    /// The object that holds the tokens. Default: any token that nobody guesses.
    #[serde(default)]
    pub(crate) values_from: Option<ValuesFrom>,
}

/// An object that holds tokens.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ValuesFrom {
    /// A ConfigMap.
    pub(crate) config_map: Option<Named>,
    /// A Secret.
    pub(crate) secret: Option<Named>,
    /// The key, whose text is a JSON array. Default: `httpHeaderValues`.
    pub(crate) key: Option<String>,
}
