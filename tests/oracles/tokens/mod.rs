//! Istio's own configuration generator and a real Envoy are the judges of what we say of tokens:
//! RequestAuthentications, and policies over the claims of the tokens that these verify.

mod generator;
mod keys;

pub(crate) use generator::TokenOf;
pub(crate) use keys::Keys;

use std::collections::{BTreeMap, BTreeSet};

use kserve_aws::controllers::istio::{
    AuthorizationPolicy, HttpRequest, Mesh, Peer, PoliciesInForce, Request, RequestAuthentication,
    Token, TokenRefusal, TokenRules, Verdict, Workload,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use test_support::Dice;
use test_support::oracle::{Counts, Judgement, Oracle, Recorded, Said, hold, record};

use crate::istio::{Parts, Question};
use generator::{Configuration, Generator, ISSUERS, PODS, STRANGER, Sent};

const RECORDED: &str = "istio/tokens.jsonl";
const CONFIGURATIONS: usize = 75;
const EACH: usize = 180;
const TOKENS: usize = 240;
const PORT: u16 = 8012;
/// A time that is over, and one that is far off.
const PAST: u64 = 1_000_000_000;
const FUTURE: u64 = 4_102_444_800;

/// Our evaluation.
struct Ours;

impl Oracle for Ours {
    type Question = Configuration;
    type Answer = Vec<Said>;

    fn ask(&self, configurations: &[Configuration]) -> Vec<Vec<Said>> {
        configurations.iter().map(evaluated).collect()
    }
}

fn of_kind<T: DeserializeOwned>(objects: &[Value], kind: &str) -> Vec<T> {
    let found = objects.iter().filter(|object| object["kind"] == kind);
    found.map(|object| serde_json::from_value(object.clone()).unwrap()).collect()
}

fn evaluated(configuration: &Configuration) -> Vec<Said> {
    let policies: Vec<AuthorizationPolicy> = of_kind(&configuration.istio, "AuthorizationPolicy");
    let tokens: Vec<RequestAuthentication> = of_kind(&configuration.istio, "RequestAuthentication");
    let mesh = Mesh::default();
    let answer = |sent: &Sent| {
        let (namespace, app) = sent.pods.split_once(' ').unwrap();
        let labels = BTreeMap::from([("app".to_owned(), app.to_owned())]);
        let pods = Workload::sidecar(namespace, labels);
        let rules = TokenRules::for_workload(&mesh, &pods, &tokens);
        let token = sent.token.as_ref().map(|one| Token {
            claims: one.claims.clone(),
            signer: one.signer.clone(),
            is_expired: one.is_expired,
        });
        let authenticated = match rules.authenticate(token.as_ref()) {
            Ok(authenticated) => authenticated,
            Err(_) => {
                let token = token.as_ref().unwrap();
                return refused(&each_alone(&configuration.istio), &pods, token);
            }
        };
        let mut headers = sent.headers.clone();
        authenticated.apply(&mut headers);
        let request = Request {
            peer: Peer::Plaintext,
            source_address: Some([127, 0, 0, 1].into()),
            destination_address: None,
            destination_port: PORT,
            sni: None,
            http: Some(HttpRequest {
                host: "iris.team-a.example.com".to_owned(),
                method: "POST".to_owned(),
                path: sent.path.clone(),
                headers,
                jwt: authenticated.jwt,
            }),
        };
        let in_force = PoliciesInForce::for_workload(&mesh, &pods, &policies, &[]);
        match in_force.evaluate(&request).verdict {
            Verdict::Allowed => "passes",
            Verdict::Denied { by } if by.is_by_policy() => "a policy refuses it",
            other => panic!("{other:?}"),
        }
    };
    configuration.sent.iter().map(|sent| Said::Is(answer(sent).into())).collect()
}

/// The same objects, each with one of its rules.
fn each_alone(objects: &[Value]) -> Vec<RequestAuthentication> {
    let alone = objects.iter().filter(|object| object["kind"] == "RequestAuthentication").flat_map(
        |object| {
            object["spec"]["jwtRules"].as_array().unwrap().iter().map(|rule| {
                let mut alone = object.clone();
                alone["spec"]["jwtRules"] = json!([rule]);
                serde_json::from_value(alone).unwrap()
            })
        },
    );
    alone.collect()
}

const EITHER: &str = "401 or 403 for the token";

/// The status for a token that no rule takes. Where rules for its issuer refuse it for different reasons,
/// the one that the client sees depends on the order of a map in Envoy (`issuer_ptr_map_` of
/// `jwks_cache.cc`).
fn refused(rules: &[RequestAuthentication], pods: &Workload, token: &Token) -> &'static str {
    let mesh = Mesh::default();
    let alone = rules.iter().map(|rule| {
        let rule = std::slice::from_ref(rule);
        TokenRules::for_workload(&mesh, pods, rule).authenticate(Some(token)).err()
    });
    let known: BTreeSet<bool> = alone
        .flatten()
        .filter(|refusal| *refusal != TokenRefusal::UnknownIssuer)
        .map(|refusal| refusal == TokenRefusal::Audience)
        .collect();
    match known.into_iter().collect::<Vec<_>>()[..] {
        [false, true] => EITHER,
        [true] => "403 for the token",
        _ => "401 for the token",
    }
}

/// Istio's generator and Envoy, with tokens that are really signed. What istiod would fetch from an
/// issuer stands in the rule itself.
struct Envoy {
    parts: Parts,
    keys: Keys,
    sets: BTreeMap<&'static str, String>,
}

impl Envoy {
    fn found() -> Option<Self> {
        let parts = Parts::found()?;
        let all: Vec<&str> = ISSUERS.into_iter().chain([STRANGER]).collect();
        let keys = Keys::of("tokens", &all)?;
        let sets = ISSUERS.into_iter().map(|one| (one, keys.set_of(one).to_string())).collect();
        Some(Self { parts, keys, sets })
    }

    fn with_keys(&self, object: &Value) -> Value {
        let mut object = object.clone();
        for rule in object["spec"]["jwtRules"].as_array_mut().into_iter().flatten() {
            rule["jwks"] = self.sets[rule["issuer"].as_str().unwrap()].as_str().into();
        }
        object
    }

    fn question(&self, configuration: &Configuration) -> Value {
        let sent = |sent: &Sent| {
            let mut headers = sent.headers.clone();
            if let Some(token) = &sent.token {
                headers.push((
                    "authorization".to_owned(),
                    format!("Bearer {}", signed(&self.keys, token)),
                ));
            }
            json!({
                "proxy": sent.pods, "port": PORT, "peer": "", "host": "iris.team-a.example.com",
                "method": "POST", "path": sent.path, "headers": headers,
            })
        };
        let proxies = PODS.iter().map(|(namespace, app)| {
            json!({
                "name": format!("{namespace} {app}"), "namespace": namespace, "port": PORT,
                "service_account": "default", "labels": { "app": app },
            })
        });
        let services = PODS.iter().map(|(namespace, app)| {
            json!({
                "namespace": namespace, "name": app, "proxy": format!("{namespace} {app}"),
                "ports": { "80": PORT },
            })
        });
        Question {
            istio: configuration.istio.iter().map(|one| self.with_keys(one)).collect(),
            proxies: proxies.collect(),
            services: services.collect(),
            requests: configuration.sent.iter().map(sent).collect(),
        }
        .value()
    }
}

/// The token as it is sent.
pub(crate) fn signed(keys: &Keys, token: &TokenOf) -> String {
    let mut claims = token.claims.clone();
    claims.insert("exp".to_owned(), if token.is_expired { PAST } else { FUTURE }.into());
    keys.sign(&token.signer, &Value::Object(claims))
}

impl Oracle for Envoy {
    type Question = Configuration;
    type Answer = Vec<Said>;

    fn ask(&self, configurations: &[Configuration]) -> Vec<Vec<Said>> {
        let questions: Vec<Value> = configurations.iter().map(|one| self.question(one)).collect();
        let said = |answer: &Value| {
            assert_eq!(answer["rejected"], json!({}), "istiod refuses an object");
            answer["responses"].as_array().unwrap().iter().map(of_response).collect()
        };
        self.parts.ask(&questions).iter().map(said).collect()
    }
}

fn of_response(response: &Value) -> Said {
    let body = response["body"].as_str().unwrap();
    Said::Is(match (response["status"].as_u64().unwrap(), body) {
        (200, _) => "passes".into(),
        (401, body) if body.contains("Jwt") => "401 for the token".into(),
        (403, "RBAC: access denied") => "a policy refuses it".into(),
        (403, body) if body.contains("Jwt") => "403 for the token".into(),
        _ => response.clone(),
    })
}

fn configurations(count: usize, each: usize) -> Vec<Configuration> {
    let mut generator = Generator(Dice::new(0x2545_f491_4f6c_dd1d));
    let tokens: Vec<TokenOf> = (0..TOKENS).map(|_| generator.token()).collect();
    (0..count).map(|_| generator.configuration(&tokens, each)).collect()
}

fn held(
    subject: &str,
    questions: &[Configuration],
    envoy: &impl Oracle<Question = Configuration, Answer = Vec<Said>>,
) -> Counts {
    hold(subject, questions, &Ours, envoy, show, |_, ours, theirs| {
        assert_eq!(ours.len(), theirs.len());
        let judged = ours.iter().zip(theirs).enumerate().map(|(part, (ours, theirs))| {
            let is_either = *ours == Said::Is(EITHER.into())
                && ["401 for the token", "403 for the token"]
                    .iter()
                    .any(|one| *theirs == Said::Is((*one).into()));
            match ours.against(theirs) {
                Judgement::Different(_) if is_either => Judgement::Same,
                Judgement::Different(words) => {
                    Judgement::Different(format!("part {part}: {words}"))
                }
                same => same,
            }
        });
        judged.collect()
    })
}

fn show(configuration: &Configuration) -> String {
    serde_json::to_string(configuration).unwrap()
}

#[test]
fn what_we_say_of_tokens_is_what_was_recorded() {
    let recorded = Recorded::read(RECORDED);
    let questions = recorded.questions();
    held("tokens, recorded", &questions, &recorded).assert();
}

/// The questions are no toys: each answer comes often.
#[test]
fn the_questions_have_every_answer() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut pairs = BTreeSet::new();
    for (place, configuration) in configurations(CONFIGURATIONS, EACH).iter().enumerate() {
        for (sent, said) in configuration.sent.iter().zip(evaluated(configuration)) {
            *counts.entry(format!("{said:?}")).or_default() += 1;
            let token = sent.token.as_ref().map(|one| serde_json::to_string(one).unwrap());
            pairs.insert((place, sent.pods.clone(), sent.path.clone(), token));
        }
    }
    assert_eq!(counts.len(), 5, "{counts:?}");
    assert!(counts.values().all(|count| *count >= 20), "{counts:?}");
    assert!(pairs.len() >= 10_000, "{}", pairs.len());
}

#[test]
#[ignore = "asks Istio's generator and Envoy: make oracle"]
fn what_we_say_of_tokens_is_envoys() {
    let Some(envoy) = Envoy::found() else { return };
    record(RECORDED, &configurations(16, 24), &envoy);
    let questions = configurations(CONFIGURATIONS, EACH);
    held("tokens", &questions, &envoy).assert();
}
