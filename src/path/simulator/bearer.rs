//! What is known of a request's JSON Web Token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::request::SentRequest;
use crate::controllers::istio::Token;

/// What is known of a request's JSON Web Token in `Authorization: Bearer`.
pub(super) enum Bearer {
    /// It has none.
    Absent,
    /// It has something else there.
    Malformed,
    /// All of it.
    Known(Token),
    /// What it claims, but not whether its issuer signed it and whether its time is over.
    Claimed(Token),
    /// That it is a valid one of an issuer, which the load balancer's rule may name.
    Valid(Option<String>),
}

impl SentRequest {
    /// What is known of its token; `issuer` is whose the load balancer has validated.
    pub(super) fn bearer(&self, issuer: Option<&String>) -> Bearer {
        if let Some(token) = &self.token {
            return Bearer::Known(token.clone());
        }
        let mut values = self.headers.iter().filter_map(|(name, value)| {
            let is_bearer = value.get(..7).is_some_and(|start| start == "Bearer ");
            (name.eq_ignore_ascii_case("authorization") && is_bearer).then(|| value[7..].trim())
        });
        let claims = values.next().map(claims_of);
        let of = |claims: Map<String, Value>| {
            let signer = claims.get("iss").and_then(Value::as_str).unwrap_or_default().to_owned();
            Token { claims, signer, is_expired: false }
        };
        match claims {
            Some(Some(claims)) if self.valid_jwt => Bearer::Known(of(claims)),
            Some(Some(claims)) => Bearer::Claimed(of(claims)),
            _ if self.valid_jwt => Bearer::Valid(issuer.cloned()),
            Some(None) => Bearer::Malformed,
            None => Bearer::Absent,
        }
    }

    /// Takes its token away, as a proxy does that has verified it.
    pub(super) fn remove_bearer(&mut self) {
        self.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
        self.token = None;
        self.valid_jwt = false;
    }

    /// Whether a proxy lets it pass without a look at its token: a browser's question before a request to
    /// another origin (`isCorsPreflightRequest`, `source/common/http/utility.cc` of Envoy).
    pub(super) fn is_preflight(&self) -> bool {
        let has = |wanted: &str| {
            self.headers
                .iter()
                .any(|(name, value)| name.eq_ignore_ascii_case(wanted) && !value.is_empty())
        };
        self.method == "OPTIONS" && has("origin") && has("access-control-request-method")
    }
}

/// The claims of a token, which are its second part.
fn claims_of(text: &str) -> Option<Map<String, Value>> {
    let mut parts = text.split('.');
    let (head, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let object = |part: &str| -> Option<Map<String, Value>> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?).ok()
    };
    object(head)?;
    object(claims)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::simulator::Client;

    #[test]
    fn a_preflight_has_its_method_and_both_headers() {
        let of = |method: &str, headers: &[(&str, &str)]| {
            let sent = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            let request = SentRequest {
                scheme: "https".to_owned(),
                host: "a.example.com".to_owned(),
                port: None,
                target: "/".to_owned(),
                method: method.to_owned(),
                headers: headers.iter().map(sent).collect(),
                client: Client::Internet,
                logged_in: false,
                valid_jwt: false,
                token: None,
            };
            request.is_preflight()
        };
        let (origin, wanted) = (("Origin", "https://b"), ("Access-Control-Request-Method", "POST"));
        assert!(of("OPTIONS", &[origin, wanted]));
        assert!(!of("POST", &[origin, wanted]));
        assert!(!of("OPTIONS", &[origin]));
        assert!(!of("OPTIONS", &[wanted]));
        assert!(!of("OPTIONS", &[]));
        assert!(!of("OPTIONS", &[("Origin", ""), wanted]));
    }
}
