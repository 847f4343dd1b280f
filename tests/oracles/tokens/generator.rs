//! RequestAuthentications, policies over claims, and tokens that are close to them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use test_support::Dice;

/// Their keys are known to whoever trusts them.
pub(super) const ISSUERS: [&str; 3] = [
    "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_cEPNNVy5C",
    "http://dex.auth.svc.cluster.local:5556/dex",
    "https://oidc.eks.us-west-2.amazonaws.com/id/EXAMPLE",
];
/// Somebody whom nobody trusts.
pub(super) const STRANGER: &str = "https://login.example.com";

const SUBJECTS: &[&str] = &[
    "system:serviceaccount:pipelines:runner",
    "system:serviceaccount:batch:runner",
    "client1",
    "ada",
    "a/b",
];
const SUBJECT_PATTERNS: &[&str] =
    &["*", "client1", "system:serviceaccount:pipelines:*", "*runner", "ada", "a/*", "a/b"];
const SCOPES: &[&str] =
    &["models/predict", "openid models/predict", "openid", "", " models/predict  x"];
const SCOPE_PATTERNS: &[&str] = &["models/predict", "openid", "models/*", "*predict", "*", "open"];
const CLIENTS: &[&str] = &["client1", "client2"];
const AUDIENCES: &[&str] =
    &["models", "https://models.example.com/", "models.example.com", "http://models.example.com"];
const EMAILS: &[&str] = &["ada@example.com", "eve@example.com", "ada@example.com "];
const WORDS: &[&str] = &["a b", "a", "b  c", "c"];

/// A token by what it says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TokenOf {
    pub(crate) claims: Map<String, Value>,
    pub(crate) signer: String,
    pub(crate) is_expired: bool,
}

/// A request with or without a token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Sent {
    /// `NAMESPACE APP` of the pods.
    pub(super) pods: String,
    pub(super) path: String,
    pub(super) token: Option<TokenOf>,
    pub(super) headers: Vec<(String, String)>,
}

/// The objects of a mesh, and the requests in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Configuration {
    pub(super) istio: Vec<Value>,
    pub(super) sent: Vec<Sent>,
}

pub(super) const PODS: [(&str, &str); 2] = [("team-a", "web"), ("team-b", "web")];

pub(super) struct Generator(pub(super) Dice);

impl Generator {
    fn some(&mut self, list: &[&'static str]) -> Vec<&'static str> {
        (0..1 + self.0.below(2)).map(|_| self.0.word(list)).collect()
    }

    fn rule(&mut self, trusted: &[&'static str]) -> Value {
        let mut rule = json!({ "issuer": self.0.word(trusted) });
        if self.0.hits(3) {
            rule["audiences"] = json!(self.some(AUDIENCES));
        }
        if self.0.hits(3) {
            rule["forwardOriginalToken"] = json!(true);
        }
        if self.0.hits(3) {
            rule["fromHeaders"] = json!([{ "name": "Authorization", "prefix": "Bearer " }]);
        }
        if self.0.hits(2) {
            let claim = ["email", "sub", "count", "admin", "groups"][self.0.below(5)];
            rule["outputClaimToHeaders"] = json!([{ "header": "x-user", "claim": claim }]);
        }
        if self.0.hits(4) {
            rule["spaceDelimitedClaims"] = json!(["teams"]);
        }
        rule
    }

    fn authentication(&mut self, number: usize, trusted: &[&'static str]) -> Value {
        let namespace = ["istio-system", "team-a", "team-a", "team-b"][self.0.below(4)];
        let rules: Vec<Value> = (0..1 + self.0.below(3)).map(|_| self.rule(trusted)).collect();
        let mut object = json!({
            "apiVersion": "security.istio.io/v1", "kind": "RequestAuthentication",
            "metadata": { "name": format!("tokens-{number}"), "namespace": namespace },
            "spec": { "jwtRules": rules },
        });
        if self.0.hits(3) {
            let app = ["web", "api"][self.0.below(2)];
            object["spec"]["selector"] = json!({ "matchLabels": { "app": app } });
        }
        object
    }

    fn principals(&mut self) -> Vec<String> {
        let mut principal = || match self.0.below(4) {
            0 => "*".to_owned(),
            1 => self.0.word(SUBJECT_PATTERNS).to_owned(),
            _ => format!("{}/{}", self.0.word(&ISSUERS), self.0.word(SUBJECT_PATTERNS)),
        };
        let one = principal();
        if one.len() % 2 == 0 { vec![one] } else { vec![one, principal()] }
    }

    fn condition(&mut self) -> Value {
        let (key, list): (&str, &[&str]) = match self.0.below(11) {
            0 => ("request.auth.audiences", AUDIENCES),
            1 => ("request.auth.presenter", CLIENTS),
            2 => ("request.auth.claims[sub]", SUBJECT_PATTERNS),
            3 | 4 => ("request.auth.claims[scope]", SCOPE_PATTERNS),
            5 => ("request.auth.claims[client_id]", CLIENTS),
            6 => ("request.auth.claims[email]", EMAILS),
            7 => ("request.auth.claims[teams]", &["a", "b", "c", "a b"]),
            8 => ("request.auth.claims[access][models]", &["read", "write", "*"]),
            9 => ("request.auth.claims[groups]", &["admins", "*"]),
            _ => ("request.headers[x-user]", &["ada@example.com", "client1", "3", "true", "me"]),
        };
        let mut condition = json!({ "key": key });
        let not = self.0.hits(3);
        let values = (0..1 + self.0.below(2)).map(|_| self.0.word(list)).collect::<Vec<_>>();
        condition[if not { "notValues" } else { "values" }] = json!(values);
        condition
    }

    fn policy(&mut self, number: usize) -> Value {
        let rules = (0..1 + self.0.below(2)).map(|_| {
            let mut rule = json!({});
            if self.0.hits(2) {
                let field =
                    if self.0.hits(3) { "notRequestPrincipals" } else { "requestPrincipals" };
                rule["from"] = json!([{ "source": { field: self.principals() } }]);
            }
            if self.0.hits(3) {
                rule["to"] = json!([{ "operation": { "paths": ["/v1/models/*"] } }]);
            }
            if self.0.hits(2) {
                rule["when"] = (0..1 + self.0.below(2)).map(|_| self.condition()).collect();
            }
            rule
        });
        let rules: Vec<Value> = rules.collect();
        let namespace = ["istio-system", "team-a", "team-b"][self.0.below(3)];
        let action = ["ALLOW", "ALLOW", "DENY"][self.0.below(3)];
        json!({
            "apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
            "metadata": { "name": format!("policy-{number}"), "namespace": namespace },
            "spec": { "action": action, "rules": rules },
        })
    }

    pub(super) fn token(&mut self) -> TokenOf {
        let issuer = if self.0.hits(8) { STRANGER } else { ISSUERS[self.0.below(ISSUERS.len())] };
        let mut claims = Map::new();
        claims.insert("iss".to_owned(), json!(issuer));
        if !self.0.hits(12) {
            claims.insert("sub".to_owned(), json!(self.0.word(SUBJECTS)));
        }
        let aud = match self.0.below(4) {
            0 => None,
            1 => Some(json!(self.some(AUDIENCES))),
            _ => Some(json!(self.0.word(AUDIENCES))),
        };
        claims.extend(aud.map(|aud| ("aud".to_owned(), aud)));
        let scope = match self.0.below(4) {
            0 => None,
            1 => Some(json!(["openid", "models/predict"])),
            _ => Some(json!(self.0.word(SCOPES))),
        };
        claims.extend(scope.map(|scope| ("scope".to_owned(), scope)));
        let mut maybe = |name: &str, list: &[&str]| {
            if self.0.hits(2) {
                claims.insert(name.to_owned(), json!(self.0.word(list)));
            }
        };
        maybe("client_id", CLIENTS);
        maybe("azp", CLIENTS);
        maybe("email", EMAILS);
        maybe("teams", WORDS);
        if self.0.hits(3) {
            claims.insert("groups".to_owned(), json!(["admins", "users"]));
        }
        if self.0.hits(4) {
            claims.insert("count".to_owned(), json!(3));
            claims.insert("admin".to_owned(), json!(true));
        }
        if self.0.hits(3) {
            claims.insert("access".to_owned(), json!({ "models": ["read"] }));
        }
        let signer = if self.0.hits(10) {
            if self.0.hits(2) { STRANGER } else { ISSUERS[self.0.below(ISSUERS.len())] }
        } else {
            issuer
        };
        TokenOf { claims, signer: signer.to_owned(), is_expired: self.0.hits(12) }
    }

    /// Each token once for each of the pods.
    pub(super) fn configuration(&mut self, tokens: &[TokenOf], each: usize) -> Configuration {
        let trusted: Vec<&'static str> =
            if self.0.hits(2) { ISSUERS.to_vec() } else { vec![*self.0.pick(&ISSUERS)] };
        let mut istio: Vec<Value> =
            (0..self.0.below(4)).map(|number| self.authentication(number, &trusted)).collect();
        istio.extend((0..1 + self.0.below(3)).map(|number| self.policy(number)));
        let sent = (0..each).map(|place| {
            let (namespace, app) = PODS[place % PODS.len()];
            let mut headers = Vec::new();
            if self.0.hits(4) {
                headers.push(("x-user".to_owned(), "me".to_owned()));
            }
            Sent {
                pods: format!("{namespace} {app}"),
                path: ["/v1/models/iris:predict", "/admin"][self.0.below(2)].to_owned(),
                token: (!self.0.hits(15)).then(|| self.0.pick(tokens).clone()),
                headers,
            }
        });
        let sent = sent.collect();
        Configuration { istio, sent }
    }
}
