//! Holds the evaluation and the routes against what Istio's generator and a real Envoy answered, in a
//! file of `../shared/truth`; what a clone has of them is `evaluation` and `mesh`.

use std::collections::BTreeMap;

use kserve_aws::controllers::istio::{
    AuthorizationPolicy, Gateway, GatewayRoutes, HttpRequest, Identity, Jwt, Mesh, Peer,
    PeerAuthentication, PoliciesInForce, Refusal, Request, Routing, Verdict, VirtualService,
    Workload,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use test_support::oracle::{Judgement, Oracle, hold, truth};

#[derive(Deserialize)]
struct Case {
    name: String,
    kind: String,
    istio: String,
    rejected: BTreeMap<String, String>,
    requests: Vec<Sent>,
}

#[derive(Deserialize)]
struct Sent {
    host: String,
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    peer: Option<String>,
    status: u16,
    #[serde(default)]
    refused: bool,
}

/// The documents of a case, each with its index among all and its kind.
fn documents(case: &Case) -> Vec<(usize, String, serde_json::Value)> {
    test_support::documents(&case.istio)
        .into_iter()
        .enumerate()
        .map(|(index, document)| (index, document["kind"].as_str().unwrap().to_owned(), document))
        .collect()
}

fn of_kind<T: DeserializeOwned>(case: &Case, kind: &str) -> Vec<(usize, T)> {
    documents(case)
        .into_iter()
        .filter(|(_, own, _)| own == kind)
        .map(|(index, _, document)| (index, serde_json::from_value(document).unwrap()))
        .collect()
}

fn request(sent: &Sent) -> Request {
    let peer = sent.peer.as_ref().map_or(Peer::Plaintext, |peer| {
        let (namespace, account) = peer.split_once('/').unwrap();
        Peer::Mutual(Identity::of_service_account("cluster.local", namespace, account))
    });
    Request {
        peer,
        source_address: Some([127, 0, 0, 1].into()),
        destination_address: None,
        destination_port: 18080,
        sni: None,
        http: Some(HttpRequest {
            host: sent.host.clone(),
            method: sent.method.clone(),
            path: sent.path.clone(),
            headers: sent.headers.clone().into_iter().collect(),
            jwt: Jwt::Absent,
        }),
    }
}

/// Whether our verdict is the status that was answered.
fn agrees(case: &Case, sent: &Sent, verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Allowed => !sent.refused && sent.status != 0,
        Verdict::Denied { by } if by.is_by_policy() => sent.refused && sent.status == 403,
        Verdict::Denied { by: Refusal::MalformedRequest } => sent.status == 400,
        Verdict::Denied { .. } => case.kind == "workload" && sent.status == 0,
        Verdict::Undecided { .. } => false,
    }
}

/// The status that a gateway gives a request that its policies let through.
fn routed_status(services: &[VirtualService], routing: &Routing) -> Option<u32> {
    match routing {
        Routing::Route(name) => {
            let service = services.iter().find(|service| {
                service.metadata.name == name.virtual_service
                    && service.namespace() == name.namespace
            })?;
            Some(service.spec.http.get(name.index)?.direct_response?.status)
        }
        Routing::NotFound { .. } => Some(404),
        _ => None,
    }
}

/// The objects that are refused, by their place, and what becomes of each request.
struct Outcome<Of> {
    rejected: BTreeMap<String, String>,
    requests: Vec<Of>,
}

/// Our evaluation: the verdict, and the status of the route that a gateway takes.
struct Ours;

impl Oracle for Ours {
    type Question = Case;
    type Answer = Outcome<(Verdict, Option<u32>)>;

    fn ask(&self, cases: &[Case]) -> Vec<Self::Answer> {
        cases.iter().map(evaluated).collect()
    }
}

fn evaluated(case: &Case) -> Outcome<(Verdict, Option<u32>)> {
    let labels = BTreeMap::from([("app".to_owned(), "target".to_owned())]);
    let workload = match case.kind.as_str() {
        "gateway" => Workload::gateway("istio-system", labels),
        _ => Workload::sidecar("staging", labels),
    };
    let policies = of_kind::<AuthorizationPolicy>(case, "AuthorizationPolicy");
    let peers = of_kind::<PeerAuthentication>(case, "PeerAuthentication");
    let invalid = policies
        .iter()
        .map(|(index, policy)| (index, policy.validate().err()))
        .chain(peers.iter().map(|(index, peer)| (index, peer.validate().err())));
    let rejected = invalid
        .filter_map(|(index, rejection)| {
            Some((index.to_string(), format!("configuration is invalid: {}", rejection?)))
        })
        .collect();
    let (policies, peers) = (only(policies), only(peers));
    let in_force = PoliciesInForce::for_workload(&Mesh::default(), &workload, &policies, &peers);
    let gateways = only(of_kind::<Gateway>(case, "Gateway"));
    let services = only(of_kind::<VirtualService>(case, "VirtualService"));
    let routes = GatewayRoutes::on_port(&Mesh::default(), &workload, &gateways, &services, 18080);
    let outcome = |sent: &Sent| {
        let sent = request(sent);
        let status = routed_status(&services, &routes.route(&sent));
        (in_force.evaluate(&sent).verdict, status)
    };
    Outcome { rejected, requests: case.requests.iter().map(outcome).collect() }
}

fn only<T>(found: Vec<(usize, T)>) -> Vec<T> {
    found.into_iter().map(|(_, object)| object).collect()
}

/// What was answered.
struct Answered;

impl Oracle for Answered {
    type Question = Case;
    type Answer = Outcome<(u16, bool)>;

    fn ask(&self, cases: &[Case]) -> Vec<Self::Answer> {
        let answered = |case: &Case| Outcome {
            rejected: case.rejected.clone(),
            requests: case.requests.iter().map(|sent| (sent.status, sent.refused)).collect(),
        };
        cases.iter().map(answered).collect()
    }
}

fn judged(
    case: &Case,
    ours: &Outcome<(Verdict, Option<u32>)>,
    theirs: &Outcome<(u16, bool)>,
) -> Vec<Judgement> {
    let mut judgements = vec![if ours.rejected == theirs.rejected {
        Judgement::Same
    } else {
        Judgement::Different(format!("{:?} but we refuse {:?}", theirs.rejected, ours.rejected))
    }];
    let requests = case.requests.iter().zip(&ours.requests).zip(&theirs.requests);
    judgements.extend(requests.map(|((sent, (verdict, route)), (status, refused))| {
        let routed = case.kind != "gateway" || *refused || *route == Some(u32::from(*status));
        if agrees(case, sent, verdict) && routed {
            return Judgement::Same;
        }
        Judgement::Different(format!(
            "{} {}{} {:?} from {:?}: {status} but {verdict:?}, a route to {route:?}",
            sent.method, sent.host, sent.path, sent.headers, sent.peer
        ))
    }));
    judgements
}

#[test]
fn every_verdict_route_and_refusal_is_the_one_that_was_given() {
    let cases: Vec<Case> = truth("mesh.jsonl.gz");
    if !cases.is_empty() {
        hold("Istio's truth", &cases, &Ours, &Answered, |case| case.name.clone(), judged).assert();
    }
}
