//! Which tokens a workload takes (`convertToEnvoyJwtConfig`, `pilot/pkg/security/authn`; Envoy's filter
//! `jwt_authn`).
//!
//! A request without a token passes. One with a token passes where one rule takes it, and is refused
//! otherwise, also where no rule is for its issuer. A preflight request (`OPTIONS` with `Origin`) passes
//! without a look at its token, and is not covered.

use std::fmt;

use serde_json::{Map, Value};

use super::request_authentication::{JwtRule, RequestAuthentication};
use crate::controllers::istio::mesh::Mesh;
use crate::controllers::istio::order::oldest_first;
use crate::controllers::istio::request::Jwt;
use crate::controllers::istio::selector::attaches;
use crate::controllers::istio::workload::Workload;

/// A token in `Authorization: Bearer`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it claims.
    pub claims: Map<String, Value>,
    /// The issuer whose key signed it.
    pub signer: String,
    /// Whether its time is over.
    pub is_expired: bool,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenRefusal {
    /// No rule is for its issuer; the answer is 401.
    UnknownIssuer,
    /// Its time is over; the answer is 401.
    Expired,
    /// It is for somebody else; the answer is 403.
    Audience,
    /// The issuer's keys did not sign it; the answer is 401.
    Signature,
}

impl fmt::Display for TokenRefusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::UnknownIssuer => "no RequestAuthentication has the token's issuer",
            Self::Expired => "the token has expired",
            Self::Audience => "the token is for another audience",
            Self::Signature => "the issuer's keys did not sign the token",
        })
    }
}

/// A request whose token passes.
#[derive(Debug, Clone, PartialEq)]
pub struct Authenticated {
    /// What the policies see.
    pub jwt: Jwt,
    /// Whether the token continues to the next proxy.
    pub is_forwarded: bool,
    /// The headers that claims are copied to, with their values.
    pub headers: Vec<(String, String)>,
    /// The headers that are removed first, those of every rule: who sends one cannot claim what a token
    /// would (`sanitizeHeaders`, `source/extensions/filters/http/jwt_authn/extractor.cc`).
    pub removed: Vec<String>,
}

impl Authenticated {
    /// The headers of a request as it goes on.
    pub fn apply(&self, headers: &mut Vec<(String, String)>) {
        headers.retain(|(name, _)| !self.removed.iter().any(|one| one.eq_ignore_ascii_case(name)));
        headers.extend(self.headers.iter().cloned());
    }
}

/// The rules for tokens in force for one workload.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenRules {
    rules: Vec<JwtRule>,
    /// Namespace and name of the object that the first rule is of.
    first_object: Option<(String, String)>,
}

/// What is known of requests with valid tokens of an issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IssuerRule {
    /// The issuer, where the rule names one.
    pub issuer: Option<String>,
    /// Whether the token must be for one of the rule's audiences.
    pub names_audiences: bool,
    /// Whether the token goes on to the next proxy.
    pub is_forwarded: bool,
    /// The headers that claims are copied to.
    pub headers: Vec<String>,
}

impl TokenRules {
    /// Those of the root namespace and of the workload's own that attach to it, sorted by issuer
    /// (`newPolicyApplier`, `pilot/pkg/security/authn/policy_applier.go`); an object that istiod refuses
    /// is ignored.
    #[must_use]
    pub fn for_workload(
        mesh: &Mesh,
        workload: &Workload,
        objects: &[RequestAuthentication],
    ) -> Self {
        let attached = oldest_first(objects, |object| &object.metadata).into_iter().filter(|one| {
            let namespace = one.namespace();
            let references = match (one.spec.target_refs.as_slice(), &one.spec.target_ref) {
                ([], Some(reference)) => std::slice::from_ref(reference),
                (references, _) => references,
            };
            (namespace == mesh.root_namespace || namespace == workload.namespace)
                && attaches(namespace, one.spec.selector.as_ref(), references, workload)
                && one.is_valid()
        });
        let (mut rules, mut first_object) = (Vec::new(), None);
        for one in attached {
            let name = || (one.namespace().to_owned(), one.metadata.name.clone());
            first_object = first_object.or_else(|| one.spec.jwt_rules.first().map(|_| name()));
            rules.extend(one.spec.jwt_rules.iter().cloned());
        }
        rules.sort_by(|one: &JwtRule, other| one.issuer.cmp(&other.issuer));
        Self { rules, first_object }
    }

    /// Whether a rule reads `Authorization: Bearer`.
    #[must_use]
    pub(crate) fn reads_bearer(&self) -> bool {
        self.rules.iter().any(JwtRule::reads_bearer)
    }

    /// Namespace and name of the object that the first rule is of.
    #[must_use]
    pub(crate) fn first_object(&self) -> Option<(&str, &str)> {
        self.first_object.as_ref().map(|(namespace, name)| (namespace.as_str(), name.as_str()))
    }

    /// The rule for an issuer; without one the first.
    #[must_use]
    pub(crate) fn for_issuer(&self, issuer: Option<&str>) -> Option<IssuerRule> {
        let mut own = self.rules.iter().filter(|rule| rule.reads_bearer());
        let takes = |rule: &&JwtRule| {
            issuer.is_none_or(|issuer| rule.issuer.is_empty() || rule.issuer == issuer)
        };
        let rule = own.find(takes)?;
        Some(IssuerRule {
            issuer: Some(rule.issuer.clone()).filter(|issuer| !issuer.is_empty()),
            names_audiences: !rule.audiences.is_empty(),
            is_forwarded: rule.forward_original_token,
            headers: rule.output_claim_to_headers.iter().map(|one| one.header.clone()).collect(),
        })
    }

    /// The issuers whose tokens are read from `Authorization: Bearer`.
    pub(crate) fn issuers(&self) -> impl Iterator<Item = &str> {
        let own = self.rules.iter().filter(|rule| rule.reads_bearer());
        own.map(|rule| rule.issuer.as_str()).filter(|issuer| !issuer.is_empty())
    }

    /// The headers that a claim is copied to, with the claim.
    pub(crate) fn claim_headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let copied = self.rules.iter().flat_map(|rule| &rule.output_claim_to_headers);
        copied.map(|one| (one.header.as_str(), one.claim.as_str()))
    }

    /// The outcome of a request.
    ///
    /// # Errors
    /// A token that no rule takes.
    pub fn authenticate(&self, token: Option<&Token>) -> Result<Authenticated, TokenRefusal> {
        let removed = || {
            let copied = self.rules.iter().flat_map(|rule| &rule.output_claim_to_headers);
            copied.map(|one| one.header.clone()).collect()
        };
        let untouched = || Authenticated {
            jwt: Jwt::Absent,
            is_forwarded: token.is_some(),
            headers: Vec::new(),
            removed: removed(),
        };
        let Some(token) = token else { return Ok(untouched()) };
        let mut refusal = None;
        for rule in self.rules.iter().filter(|rule| rule.reads_bearer()) {
            match token.refused_by(rule) {
                None => {
                    return Ok(Authenticated { removed: removed(), ..token.authenticated(rule) });
                }
                // What another rule says of its own issuer tells more.
                Some(TokenRefusal::UnknownIssuer) => {
                    refusal = refusal.or(Some(TokenRefusal::UnknownIssuer));
                }
                Some(other) => refusal = Some(other),
            }
        }
        refusal.map_or_else(|| Ok(untouched()), Err)
    }
}

impl Token {
    fn refused_by(&self, rule: &JwtRule) -> Option<TokenRefusal> {
        let issuer = self.claims.get("iss").and_then(Value::as_str).unwrap_or_default();
        if !rule.issuer.is_empty() && rule.issuer != issuer {
            Some(TokenRefusal::UnknownIssuer)
        } else if self.is_expired {
            Some(TokenRefusal::Expired)
        } else if !self.is_for(&rule.audiences) {
            Some(TokenRefusal::Audience)
        } else if self.signer != issuer {
            Some(TokenRefusal::Signature)
        } else {
            None
        }
    }

    /// Whether one of its audiences is among these: without scheme and without a slash at the end
    /// (`CheckAudience`, jwt_verify_lib).
    fn is_for(&self, audiences: &[String]) -> bool {
        let own = match self.claims.get("aud") {
            Some(Value::String(one)) => vec![one.as_str()],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        audiences.is_empty()
            || audiences.iter().any(|one| own.iter().any(|two| plain(one) == plain(two)))
    }

    fn authenticated(&self, rule: &JwtRule) -> Authenticated {
        let mut claims = self.claims.clone();
        for name in &rule.space_delimited_claims {
            if let Some(Value::String(text)) = claims.get(name) {
                let words: Vec<Value> =
                    text.split(' ').filter(|word| !word.is_empty()).map(Into::into).collect();
                claims.insert(name.clone(), Value::Array(words));
            }
        }
        let copied = rule.output_claim_to_headers.iter().filter_map(|one| {
            let value = match self.claims.get(&one.claim)? {
                Value::String(text) => text.clone(),
                Value::Bool(is) => is.to_string(),
                Value::Number(number) => number.to_string(),
                _ => return None,
            };
            Some((one.header.clone(), value))
        });
        Authenticated {
            headers: copied.collect(),
            jwt: Jwt::Claims(claims),
            is_forwarded: rule.forward_original_token,
            removed: Vec::new(),
        }
    }
}

fn plain(audience: &str) -> &str {
    let text = audience.strip_prefix("https://").or_else(|| audience.strip_prefix("http://"));
    let text = text.unwrap_or(audience);
    text.strip_suffix('/').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use serde_json::json;

    fn rules(jwt_rules: Value) -> TokenRules {
        let object =
            json!({"metadata": {"name": "a", "namespace": "n"}, "spec": {"jwtRules": jwt_rules}});
        let object = serde_json::from_value(object).unwrap();
        let workload = Workload::sidecar("n", BTreeMap::new());
        TokenRules::for_workload(&Mesh::default(), &workload, &[object])
    }

    fn token(claims: Value) -> Token {
        let claims = claims.as_object().unwrap().clone();
        let signer = claims["iss"].as_str().unwrap().to_owned();
        Token { claims, signer, is_expired: false }
    }

    fn refusal(rules: &TokenRules, token: &Token) -> Option<TokenRefusal> {
        rules.authenticate(Some(token)).err()
    }

    #[test]
    fn a_token_needs_a_rule_for_its_issuer_and_no_token_needs_none() {
        let two = rules(json!([{"issuer": "a"}, {"issuer": "b", "audiences": ["https://x/"]}]));
        assert_eq!(two.authenticate(None).unwrap().jwt, Jwt::Absent);
        assert_eq!(refusal(&two, &token(json!({"iss": "a"}))), None);
        assert_eq!(refusal(&two, &token(json!({"iss": "b", "aud": ["y", "x"]}))), None);
        assert_eq!(refusal(&two, &token(json!({"iss": "b"}))), Some(TokenRefusal::Audience));
        assert_eq!(refusal(&two, &token(json!({"iss": "c"}))), Some(TokenRefusal::UnknownIssuer));
        let expired = Token { is_expired: true, ..token(json!({"iss": "a"})) };
        assert_eq!(refusal(&two, &expired), Some(TokenRefusal::Expired));
        let forged = Token { signer: "c".to_owned(), ..token(json!({"iss": "a"})) };
        assert_eq!(refusal(&two, &forged), Some(TokenRefusal::Signature));
    }

    #[test]
    fn without_a_rule_a_token_passes_unseen() {
        let passed = rules(json!([])).authenticate(Some(&token(json!({"iss": "a"})))).unwrap();
        assert!(passed.jwt == Jwt::Absent && passed.is_forwarded);
        let elsewhere = rules(json!([{"issuer": "a", "fromHeaders": [{"name": "x-jwt"}]}]));
        assert_eq!(
            elsewhere.authenticate(Some(&token(json!({"iss": "b"})))).unwrap().jwt,
            Jwt::Absent
        );
    }

    #[test]
    fn a_rule_says_what_stays_and_what_is_copied() {
        let one = rules(json!([{
            "issuer": "a",
            "outputClaimToHeaders": [{"header": "x-user", "claim": "email"}],
            "spaceDelimitedClaims": ["teams"],
        }]));
        let passed =
            one.authenticate(Some(&token(json!({"iss": "a", "email": "e", "teams": "x y"}))));
        let passed = passed.unwrap();
        assert!(!passed.is_forwarded);
        assert_eq!(passed.headers, [("x-user".to_owned(), "e".to_owned())]);
        let mut sent = vec![("X-User".to_owned(), "me".to_owned())];
        passed.apply(&mut sent);
        assert_eq!(sent, passed.headers);
        let Jwt::Claims(claims) = passed.jwt else { panic!() };
        assert_eq!(claims["teams"], json!(["x", "y"]));
    }

    #[test]
    fn what_istiod_refuses_is_not_in_force() {
        for wrong in [json!([{}]), json!([{"issuer": "a", "audiences": [""]}])] {
            assert_eq!(rules(wrong), TokenRules::default());
        }
    }
}
