//! The judges: Istio's generator and Envoy, with the logins that they ask.

use serde_json::{Value, json};
use test_support::documents;
use test_support::oracle::{Oracle, Said};

use super::logins::{Logins, Settings};
use super::{
    DEX, LOGIN_ROUTES, MESH, SIGN_IN, SIGNERS, caller, cells, istio_objects, session_of, way_of,
};
use crate::istio::{Parts, Question};
use crate::reach::mesh::GatewayPods;
use crate::tokens::{Keys, signed};

/// Istio's generator and Envoy, with tokens that are really signed, and logins on loopback.
pub(super) struct Envoy {
    pub(super) parts: Parts,
    pub(super) keys: Keys,
    pub(super) logins: Logins,
}

impl Envoy {
    /// With keys of the test's own.
    pub(super) fn found(test: &str, settings: Settings) -> Option<Self> {
        let parts = Parts::found()?;
        let keys = Keys::of(test, &SIGNERS)?;
        Some(Self { logins: Logins::start(&parts, settings), parts, keys })
    }

    /// The keys of an issuer: those of the test and, for the tokens of sessions, those of Dex.
    pub(super) fn keys_of(&self, issuer: &str) -> Value {
        let mut set = self.keys.set_of(issuer);
        if issuer == DEX {
            set["keys"].as_array_mut().unwrap().extend(self.logins.keys());
        }
        set
    }

    /// The mesh of a release, without a request.
    pub(super) fn mesh(&self, release: &str) -> Value {
        let mut istio = istio_objects(release);
        if release != "1.7" {
            istio.extend(documents(LOGIN_ROUTES));
        }
        for object in &mut istio {
            for rule in object["spec"]["jwtRules"].as_array_mut().into_iter().flatten() {
                let issuer = rule["issuer"].as_str().unwrap().to_owned();
                rule["jwks"] = self.keys_of(&issuer).to_string().into();
                rule.as_object_mut().unwrap().remove("jwksUri");
            }
        }
        istio.extend(self.logins.entries());
        let mut proxies = vec![json!({
            "name": "model", "namespace": "team-a", "port": 8012, "service_account": "default",
            "labels": { "component": "predictor", "serving.kserve.io/inferenceservice": "iris" },
        })];
        let mut services = vec![
            json!({ "namespace": "kubeflow", "name": "dashboard", "ports": { "80": 8082 } }),
            json!({
                "namespace": "team-a", "name": "iris-predictor-00001", "proxy": "model",
                "ports": { "80": 8012 },
            }),
        ];
        for gateway in GatewayPods::ALL {
            proxies.push(json!({
                "name": gateway.name(), "gateway": true, "namespace": "istio-system",
                "service_account": gateway.service_account(), "labels": gateway.labels(),
            }));
            services.push(json!({
                "namespace": "istio-system", "name": gateway.service(), "proxy": gateway.name(),
                "ports": { "80": gateway.pod_port() },
            }));
        }
        let requests = Vec::new();
        let mut question = Question { istio, proxies, services, requests }.value();
        question["mesh"] = MESH.into();
        question
    }

    fn question(&self, release: &str) -> Value {
        let request = |(name, way, _): &(String, String, String)| {
            let token = caller(name);
            let (gateway, host, path) = way_of(way);
            let mut headers = Vec::new();
            if let Some(token) = &token {
                let bearer = format!("Bearer {}", signed(&self.keys, token));
                headers.push(("authorization".to_owned(), bearer));
            }
            if let Some(user) = session_of(name) {
                headers.push(("cookie".to_owned(), self.logins.session(release, user)));
            }
            json!({
                "proxy": gateway.name(), "port": gateway.pod_port(), "peer": "", "host": host,
                "method": "POST", "path": path, "headers": headers,
            })
        };
        let mut question = self.mesh(release);
        question["requests"] = cells(release).iter().map(request).collect();
        question
    }
}

impl Oracle for Envoy {
    type Question = String;
    type Answer = Vec<Said>;

    fn ask(&self, releases: &[String]) -> Vec<Vec<Said>> {
        let questions: Vec<Value> = releases.iter().map(|one| self.question(one)).collect();
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
        (200, body) => body.into(),
        (302, _) => "login".into(),
        (403, body) if body.contains("<title>Sign In</title>") => SIGN_IN.into(),
        (401, body) if body.contains("Jwt") => "401".into(),
        (403, "RBAC: access denied") => "403".into(),
        _ => response.clone(),
    })
}
