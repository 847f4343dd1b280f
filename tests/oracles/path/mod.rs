//! The whole path of a request: Istio's own configuration generator writes what a package's gateway, local
//! gateway, sidecars and the sender's sidecar do, real Envoys do it one after the other, and the status that
//! the client sees is the simulator's.

mod changes;
mod generator;
mod package;

use std::collections::{BTreeMap, BTreeSet};

use krm_package::Package;
use kserve_aws::controllers::istio;
use kserve_aws::path::World;
use kserve_aws::path::access::{self, Question as Asked};
use kserve_aws::path::simulator::{Client as Sender, SentRequest};
use kserve_aws::runtime::Items;
use serde_json::{Value, json};
use test_support::Dice;
use test_support::oracle::{Oracle, Recorded, Said, hold_alike, record};

use self::generator::Generator;
use self::package::{Case, Client, Sent};
use crate::istio::Parts;

const RECORDED: &str = "istio/path.jsonl";
const PACKAGES: usize = 500;
const REQUESTS: usize = 12;
/// How a provider of external authorization answers.
const DECISIONS: [u16; 3] = [200, 302, 403];
/// So many of the packages are in `tests/data`.
const FIRST: usize = 25;
/// How often a request is sent that several backends share.
const TRIES: u16 = 40;

/// The statuses that a client may see, of which the package decides no further; `none` without an answer.
fn statuses(all: impl IntoIterator<Item = Option<u16>>) -> Said {
    let all: BTreeSet<String> = all
        .into_iter()
        .map(|status| status.map_or_else(|| "none".to_owned(), |status| status.to_string()))
        .collect();
    Said::Is(json!(all))
}

/// The simulator.
struct Simulator;

impl Oracle for Simulator {
    type Question = Case;
    type Answer = Vec<Said>;

    fn ask(&self, cases: &[Case]) -> Vec<Vec<Said>> {
        cases.iter().map(simulated).collect()
    }
}

fn simulated(case: &Case) -> Vec<Said> {
    let text = case.package();
    let package = Package::stream(&text).unwrap();
    let items = Items::of(&package).unwrap();
    let (world, findings) = World::of(&items);
    assert!(findings.is_empty(), "{findings:?}");
    let asked = |(place, sent): (usize, &Sent)| {
        let question = Asked {
            caller: format!("{place:03}"),
            service: String::new(),
            operation: String::new(),
        };
        (question, request(sent))
    };
    let questions: BTreeMap<Asked, SentRequest> =
        case.requests.iter().enumerate().map(asked).collect();
    let answers = access::answers(&world, &questions);
    answers.values().map(|one| statuses(one.outcome.ways().iter().map(|way| way.status))).collect()
}

fn request(sent: &Sent) -> SentRequest {
    let (scheme, client) = match &sent.client {
        Client::Internet => ("https", Sender::Internet),
        Client::Pod(namespace, account) | Client::PlainPod(namespace, account) => {
            let sender = Sender::Pod {
                namespace: namespace.clone(),
                service_account: account.clone(),
                in_mesh: matches!(sent.client, Client::Pod(..)),
            };
            ("http", sender)
        }
    };
    SentRequest {
        scheme: scheme.to_owned(),
        host: sent.host.clone(),
        port: None,
        target: sent.path.clone(),
        method: sent.method.clone(),
        headers: sent.headers.clone(),
        client,
        logged_in: false,
        valid_jwt: false,
        token: sent.token.as_ref().map(|token| istio::Token {
            claims: token.claims.as_object().unwrap().clone(),
            signer: token.signer.clone(),
            is_expired: token.expired,
        }),
    }
}

/// Istio's generator and Envoys.
struct Envoys(Parts);

impl Oracle for Envoys {
    type Question = Case;
    type Answer = Vec<Said>;

    fn ask(&self, cases: &[Case]) -> Vec<Vec<Said>> {
        let mut questions = Vec::new();
        let mut of_case = Vec::new();
        for (place, case) in cases.iter().enumerate() {
            for activator in [false, true] {
                if !activator || case.has_knative() {
                    questions.push(mesh(case, activator));
                    of_case.push(place);
                }
            }
        }
        let mut found: Vec<Vec<BTreeSet<u64>>> =
            cases.iter().map(|case| vec![BTreeSet::new(); case.requests.len()]).collect();
        // Three meshes at a time: each waits for its Envoys more than it computes.
        let part = questions.len().div_ceil(3).max(1);
        let answers: Vec<Value> = std::thread::scope(|scope| {
            let parts = questions.chunks(part).map(|part| scope.spawn(|| self.0.ask(part)));
            let parts: Vec<_> = parts.collect();
            parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
        });
        for (answer, place) in answers.iter().zip(of_case) {
            assert_eq!(answer["rejected"], json!({}), "istiod refuses an object");
            let all = answer["responses"].as_array().unwrap();
            let each = all.len() / cases[place].requests.len();
            for (number, response) in all.iter().enumerate() {
                let own = &mut found[place][number / each];
                own.extend(response["status"].as_u64());
                own.extend(response["other"].as_u64().filter(|other| *other != 0));
            }
        }
        let said = |(case, found): (&Case, Vec<BTreeSet<u64>>)| {
            let requests = case.requests.iter().zip(found);
            requests.map(|(sent, found)| seen(sent, &found)).collect()
        };
        cases.iter().zip(found).map(said).collect()
    }
}

/// What the client sees of what its first proxy answers: Elastic Load Balancing answers 502 where a
/// target refuses the connection.
fn seen(sent: &Sent, found: &BTreeSet<u64>) -> Said {
    statuses(found.iter().map(|status| match (u16::try_from(*status).unwrap(), &sent.client) {
        (0, Client::Internet) => Some(502),
        (0, _) => None,
        (status, _) => Some(status),
    }))
}

/// The mesh, and each request as often as something beside the package decides.
fn mesh(case: &Case, activator: bool) -> Value {
    let of_provider = |one: &&Value| one["spec"]["action"] == "CUSTOM";
    let decisions = match case.objects.iter().find(of_provider) {
        Some(_) => &DECISIONS[..],
        None => &DECISIONS[..1],
    };
    let again = if case.objects.iter().any(has_shares) { TRIES } else { 0 };
    let mut question = case.mesh(activator);
    question.services.push(json!({
        "namespace": "kubeflow", "name": "gate", "ports": { "80": 80 }, "provider": true,
    }));
    let each = std::mem::take(&mut question.requests).into_iter().flat_map(|request| {
        decisions.iter().map(move |decision| {
            let mut request = request.clone();
            request["decision"] = (*decision).into();
            request["again"] = again.into();
            request
        })
    });
    question.requests = each.collect();
    let mut value = question.value();
    let service = json!({ "service": "gate.kubeflow.svc.cluster.local", "port": 80 });
    let providers = json!([{ "name": "gate", "envoyExtAuthzHttp": service }]);
    value["mesh"] = json!({ "extensionProviders": providers }).to_string().into();
    value
}

/// Whether a route of a VirtualService has several destinations with a share.
fn has_shares(object: &Value) -> bool {
    let routes = object["spec"]["http"].as_array().into_iter().flatten();
    let mut shares = routes.filter_map(|route| route["route"].as_array());
    shares.any(|all| all.iter().filter(|one| one["weight"].as_u64() == Some(50)).count() > 1)
}

fn cases(count: usize) -> Vec<Case> {
    let mut generator = Generator(Dice::new(0x5851_f42d_4c95_7f2d));
    (0..count).map(|_| generator.case(REQUESTS)).collect()
}

fn show(case: &Case) -> String {
    let requests: Vec<String> = case.requests.iter().map(|one| format!("{one:?}")).collect();
    let objects: Vec<String> = case.objects.iter().map(ToString::to_string).collect();
    let (local, services) = (case.local_gateway, &case.services);
    format!("{local:?} {services:?}\n{}\n{}", objects.join("\n"), requests.join("\n"))
}

#[test]
fn our_status_is_the_recorded_one() {
    let recorded = Recorded::read(RECORDED);
    let cases = recorded.questions();
    hold_alike("path, recorded", &cases, &Simulator, &recorded, show).assert();
}

#[test]
#[ignore = "asks Istio's generator and Envoy: make oracle"]
fn our_status_is_the_clients() {
    let Some(parts) = Parts::found() else { return };
    let count = std::env::var("PATH_PACKAGES").ok().and_then(|text| text.parse().ok());
    let cases = cases(count.unwrap_or(PACKAGES));
    let envoys = Envoys(parts);
    record(RECORDED, &cases[..cases.len().min(FIRST)], &envoys);
    hold_alike("path", &cases, &Simulator, &envoys, show).assert();
}
