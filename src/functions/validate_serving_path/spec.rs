//! The configuration.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, IntoDeserializer, MapAccess, Visitor};

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
    /// Whether requests to every public InferenceService are followed, with and without what their path
    /// requires. Default: true.
    pub(crate) auto: Option<bool>,
    /// Requests, and what has to become of each.
    pub(crate) expect: Vec<Expect>,
}

/// A request, and what has to become of it.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Expect {
    /// The URL.
    #[schemars(example = &"https://sklearn-iris.staging.platform.example.com/v1/models/sklearn-iris:predict")]
    pub(crate) url: String,
    /// The method. Default: GET.
    pub(crate) method: Option<String>,
    /// The headers. No message quotes one.
    pub(crate) headers: BTreeMap<String, String>,
    /// The pod that sends it. Default: somebody outside the cluster.
    pub(crate) pod: Option<Pod>,
    /// Whether the client has a session of the login that its path requires.
    pub(crate) logged_in: bool,
    /// Whether the client has a valid JSON Web Token of the issuer that its path requires.
    pub(crate) valid_jwt: bool,
    /// The status that the client has to see.
    pub(crate) status: Option<u16>,
    /// How it has to end, by the name of its cause: `model-answers`, `alb-no-rule`, …
    pub(crate) cause: Option<String>,
}

/// Without the headers, which may hold a token.
impl std::fmt::Debug for Expect {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Expect").field("url", &self.url).finish_non_exhaustive()
    }
}

/// A pod that sends a request.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Pod {
    /// Its namespace.
    pub(crate) namespace: String,
    /// Its service account. Default: `default`.
    pub(crate) service_account: Option<String>,
    /// Whether it has no sidecar, and so no identity.
    pub(crate) plaintext: bool,
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
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub(crate) enum By {
    /// A login or a JSON Web Token.
    Word(Word),
    /// A token in a header.
    Header(ByHeader),
}

// Not `#[serde(untagged)]`: a wrong field of a header's guard would be reported without its place.
impl<'de> Deserialize<'de> for By {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordOrHeader;

        impl<'de> Visitor<'de> for WordOrHeader {
            type Value = By;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("login, jwt, or a mapping with the keys header, valuesFrom")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<By, E> {
                Word::deserialize(text.into_deserializer()).map(By::Word)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<By, A::Error> {
                ByHeader::deserialize(MapAccessDeserializer::new(map)).map(By::Header)
            }
        }

        deserializer.deserialize_any(WordOrHeader)
    }
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
