//! Callers that are named: what they prove, and the rules that let them through.
//!
//! A service account and the pods of a namespace prove themselves by mutual TLS where they call a
//! component directly, and by their token of the cluster's issuer wherever a gateway or Knative's
//! activator calls on their behalf.

use serde_json::{Map, Value, json};

use super::principal::TrustDomain;
use crate::controllers::istio::Token;
use crate::values::words::one_of;

/// Who issues tokens, and how they are verified.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TokenIssuer {
    /// The claim `iss`.
    pub issuer: String,
    /// Where its keys are; by discovery where it is not given.
    pub jwks_uri: Option<String>,
    /// Whom its tokens are for, one of these; anybody where empty.
    pub audiences: Vec<String>,
}

/// A caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NamedCaller {
    /// A service account.
    ServiceAccount { namespace: String, name: String },
    /// Every service account of a namespace.
    Namespace(String),
    /// Who has a token with certain claims.
    Token(TokenCaller),
    /// Everybody who comes through a gateway.
    Gateway,
}

/// Who has a token of an issuer, with a subject or claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenCaller {
    pub issuer: TokenIssuer,
    /// The subject; any where it is not given. A star at the end represents anything.
    pub subject: Option<String>,
    /// Claims that the token must have, each with one of its values.
    pub claims: Vec<(String, Vec<String>)>,
}

/// The callers of a component.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NamedCallers {
    pub all: Vec<NamedCaller>,
    /// Who signs the tokens of service accounts.
    pub cluster: Option<TokenIssuer>,
}

impl NamedCallers {
    /// Whether everybody who comes through a gateway is among them.
    #[must_use]
    pub(crate) fn has_gateway(&self) -> bool {
        self.all.contains(&NamedCaller::Gateway)
    }

    /// Those whose tokens are let through; a service account's where the cluster's issuer is known.
    #[must_use]
    pub(crate) fn tokens(&self) -> Vec<TokenCaller> {
        let of_account = |subject: String| {
            let issuer = self.cluster.clone()?;
            Some(TokenCaller { issuer, subject: Some(subject), claims: Vec::new() })
        };
        let token = |caller: &NamedCaller| match caller {
            NamedCaller::ServiceAccount { namespace, name } => {
                of_account(format!("system:serviceaccount:{namespace}:{name}"))
            }
            NamedCaller::Namespace(namespace) => {
                of_account(format!("system:serviceaccount:{namespace}:*"))
            }
            NamedCaller::Token(caller) => Some(caller.clone()),
            NamedCaller::Gateway => None,
        };
        self.all.iter().filter_map(token).collect()
    }

    /// The issuers of their tokens, each once; audiences of one issuer are joined, unless a caller
    /// requires none.
    #[must_use]
    pub(crate) fn issuers(&self) -> Vec<TokenIssuer> {
        let mut found: Vec<TokenIssuer> = Vec::new();
        for TokenCaller { issuer, .. } in self.tokens() {
            match found.iter_mut().find(|one| one.issuer == issuer.issuer) {
                None => found.push(issuer),
                Some(known) => {
                    known.jwks_uri = known.jwks_uri.take().or(issuer.jwks_uri);
                    if known.audiences.is_empty() || issuer.audiences.is_empty() {
                        known.audiences.clear();
                    } else {
                        known.audiences.extend(issuer.audiences);
                        known.audiences.sort_unstable();
                        known.audiences.dedup();
                    }
                }
            }
        }
        found.sort_unstable();
        found
    }

    /// The callers that only their connection tells apart.
    pub(crate) fn without_token(&self) -> impl Iterator<Item = &NamedCaller> {
        let by_connection = |caller: &&NamedCaller| {
            matches!(caller, NamedCaller::ServiceAccount { .. } | NamedCaller::Namespace(_))
        };
        self.all.iter().filter(move |caller| self.cluster.is_none() && by_connection(caller))
    }

    /// The sources that prove themselves by mutual TLS.
    #[must_use]
    pub(super) fn sources(&self, trust_domain: &TrustDomain) -> Vec<Value> {
        let mut principals = Vec::new();
        let mut namespaces = Vec::new();
        for caller in &self.all {
            match caller {
                NamedCaller::ServiceAccount { namespace, name } => {
                    principals.push(trust_domain.principal(namespace, name).to_string());
                }
                NamedCaller::Namespace(namespace) => namespaces.push(namespace.clone()),
                NamedCaller::Token(_) | NamedCaller::Gateway => {}
            }
        }
        let source = |field: &str, mut values: Vec<String>| {
            values.sort_unstable();
            values.dedup();
            (!values.is_empty()).then(|| json!({ "source": { field: values } }))
        };
        source("principals", principals)
            .into_iter()
            .chain(source("namespaces", namespaces))
            .collect()
    }
}

impl TokenCaller {
    /// `ISSUER/SUBJECT`.
    #[must_use]
    pub(super) fn request_principal(&self) -> String {
        format!("{}/{}", self.issuer.issuer, self.subject.as_deref().unwrap_or("*"))
    }

    /// The conditions of a rule for it. An audience is one: another caller may require none of the issuer.
    #[must_use]
    pub(super) fn conditions(&self) -> Vec<Value> {
        let audiences = (!self.issuer.audiences.is_empty())
            .then(|| json!({ "key": "request.auth.audiences", "values": self.issuer.audiences }));
        let claims = self.claims.iter().map(|(name, values)| {
            json!({ "key": format!("request.auth.claims[{name}]"), "values": values })
        });
        audiences.into_iter().chain(claims).collect()
    }

    /// A token that it may have.
    #[must_use]
    pub(crate) fn token(&self) -> Token {
        let mut claims = Map::new();
        claims.insert("iss".to_owned(), self.issuer.issuer.clone().into());
        let subject = self.subject.as_deref().unwrap_or("example");
        claims.insert("sub".to_owned(), subject.replace('*', "example").into());
        if let Some(audience) = self.issuer.audiences.first() {
            claims.insert("aud".to_owned(), json!([audience]));
        }
        for (name, values) in &self.claims {
            claims.insert(name.clone(), values.first().cloned().unwrap_or_default().into());
        }
        Token { claims, signer: self.issuer.issuer.clone(), is_expired: false }
    }

    /// A token of the same issuer that somebody else has: with another subject and other claims, or for another
    /// audience where that is all that is required.
    #[must_use]
    pub(crate) fn token_of_another(&self) -> Token {
        let mut token = self.token();
        for (name, _) in &self.claims {
            token.claims.insert(name.clone(), "another".into());
        }
        token.claims.insert("sub".to_owned(), "another".into());
        if self.claims.is_empty() && self.subject.is_none() {
            token.claims.insert("aud".to_owned(), json!(["another"]));
        }
        token
    }

    /// What a message calls it.
    #[must_use]
    pub(crate) fn shown(&self) -> String {
        let claims: Vec<String> =
            self.claims.iter().map(|(name, values)| format!("{name} {}", one_of(values))).collect();
        let with =
            if claims.is_empty() { String::new() } else { format!(" with {}", claims.join(", ")) };
        format!("the token {}{with}", self.request_principal())
    }
}

impl NamedCaller {
    /// What a message calls it.
    #[must_use]
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::ServiceAccount { namespace, name } => {
                format!("service account {namespace}/{name}")
            }
            Self::Namespace(namespace) => format!("namespace {namespace}"),
            Self::Token(caller) => caller.shown(),
            Self::Gateway => "the gateways".to_owned(),
        }
    }
}
