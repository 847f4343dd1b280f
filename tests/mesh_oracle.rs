//! Istio's own configuration generator and a real Envoy are the judges of what
//! `generate-authorization-policies` says: each row of its README's tables, asked of the program in
//! `oracles/mesh`; and `istioctl` of what it writes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the functions beside the tests are tests as well"
)]

mod cases;
mod oracle;
mod reach;

use std::collections::BTreeMap;

use oracle::{Parts, Question};
use reach::mesh::{self, GatewayPods, NAMESPACE, Pods};
use reach::rows::{self, Sent};
use reach::{FUNCTION, MODES};
use serde_json::{Value, json};

/// Kubeflow's mesh with the policies of a mode, a pod for each component and for each gateway.
fn question(mode: &str) -> Question {
    let mut proxies = Vec::new();
    let mut services = vec![json!({
        "namespace": "kubeflow", "name": "centraldashboard", "ports": { "80": 8082 },
    })];
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
    for pods in Pods::all() {
        proxies.push(json!({
            "name": pods.name(), "namespace": NAMESPACE, "port": 8012,
            "service_account": pods.service_account(), "labels": pods.labels(),
        }));
        services.push(json!({
            "namespace": NAMESPACE, "name": format!("{}-00001", pods.knative_service()),
            "proxy": pods.name(), "ports": { "80": 8012 },
        }));
    }
    let requests = Vec::new();
    Question { istio: mesh::istio_objects(mode), proxies, services, requests }
}

fn sent(to: &str, port: u16, peer: Option<&str>, sent: &Sent) -> Value {
    json!({
        "proxy": to, "port": port, "peer": peer.unwrap_or_default(), "host": sent.host,
        "method": sent.method, "path": sent.path, "headers": sent.headers,
    })
}

/// What a response stands for in the tables: who answers, or nobody.
fn answered(response: &Value) -> Option<String> {
    let body = response["body"].as_str().unwrap();
    match response["status"].as_u64().unwrap() {
        200 => Some(body.replace("centraldashboard", "the dashboard")),
        403 => {
            assert_eq!(body, "RBAC: access denied");
            None
        }
        404 => Some("nothing".to_owned()),
        other => panic!("{other}: {response}"),
    }
}

#[test]
fn each_row_of_the_tables_is_what_envoy_answers() {
    let Some(parts) = Parts::found() else { return };
    let gateways = rows::of_gateways();
    let mut questions = Vec::new();
    // What the table says, who has to answer, and nobody where it is a refusal.
    let mut expected: Vec<Vec<(String, Option<String>)>> = Vec::new();
    for mode in MODES {
        let mut question = question(mode);
        let mut answers = Vec::new();
        for row in rows::of_pods(mode) {
            for (pods, said) in &row.said {
                question.requests.push(sent(pods, 8012, row.peer.as_deref(), &row.sent));
                let shown = format!("{mode}: {:?} from {:?} to {pods}", row.sent, row.peer);
                answers.push((shown, said.then(|| pods.clone())));
            }
        }
        for row in &gateways {
            question.requests.push(sent(row.at.name(), row.at.pod_port(), None, &row.sent));
            let (_, said) = row.said.iter().find(|(column, _)| column == mode).unwrap();
            let answer = (*said || row.leads_to == "nothing").then(|| row.leads_to.clone());
            answers.push((format!("{mode}: {row:?}"), answer));
        }
        questions.push(question);
        expected.push(answers);
    }
    let mut wrong = Vec::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for ((mode, answer), expected) in MODES.iter().zip(parts.ask(&questions)).zip(&expected) {
        assert_eq!(answer["rejected"], json!({}), "istiod refuses an object of mode {mode}");
        let responses = answer["responses"].as_array().unwrap();
        assert_eq!(responses.len(), expected.len());
        for (response, (shown, said)) in responses.iter().zip(expected) {
            *counts.entry(mode).or_default() += 1;
            if answered(response) != *said {
                wrong.push(format!("{shown}: Envoy answers {response}"));
            }
        }
    }
    println!(
        "{FUNCTION}: {} rows of pods and {} of gateways; answers asked of Envoy: {counts:?}; {} different",
        MODES.iter().map(|mode| rows::of_pods(mode).len()).sum::<usize>(),
        gateways.len(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
