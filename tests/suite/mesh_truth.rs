//! Holds the evaluation against what Istio's generator and a real Envoy answered.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

use kserve_aws::controllers::istio::{
    AuthorizationPolicy, Gateway, GatewayRoutes, HttpRequest, Identity, Jwt, Mesh, Peer,
    PeerAuthentication, PoliciesInForce, Refusal, Request, Routing, Verdict, VirtualService,
    Workload,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;

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

/// The cases, or `None` where the data is not there and the tests may do without.
fn cases() -> Option<Vec<Case>> {
    let shared = std::env::var_os("KSERVE_AWS_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let path = shared.join("truth/mesh.jsonl.gz");
    let Ok(file) = std::fs::File::open(&path) else {
        assert!(
            std::env::var_os("KSERVE_AWS_REQUIRE_SHARED").is_none_or(|required| required != "1"),
            "{} is missing",
            path.display()
        );
        println!("skipped: {} is missing", path.display());
        return None;
    };
    let mut lines = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut lines).unwrap();
    Some(lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// The documents of a case, each with its index among all and its kind.
fn documents(case: &Case) -> Vec<(usize, String, serde_json::Value)> {
    serde_yaml::Deserializer::from_str(&case.istio)
        .map(|document| serde_json::Value::deserialize(document).unwrap())
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

#[test]
fn every_request_gets_the_verdict_that_envoy_gave() {
    let Some(cases) = cases() else { return };
    let mut disagreements = Vec::new();
    let mut by_kind: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for case in &cases {
        let labels = BTreeMap::from([("app".to_owned(), "target".to_owned())]);
        let workload = match case.kind.as_str() {
            "gateway" => Workload::gateway("istio-system", labels),
            _ => Workload::sidecar("staging", labels),
        };
        let authorization: Vec<AuthorizationPolicy> =
            of_kind(case, "AuthorizationPolicy").into_iter().map(|(_, policy)| policy).collect();
        let peers: Vec<PeerAuthentication> =
            of_kind(case, "PeerAuthentication").into_iter().map(|(_, peer)| peer).collect();
        let in_force =
            PoliciesInForce::for_workload(&Mesh::default(), &workload, &authorization, &peers);
        for sent in &case.requests {
            let verdict = in_force.evaluate(&request(sent)).verdict;
            let (agreed, all) = by_kind.entry(&case.kind).or_default();
            *all += 1;
            if agrees(case, sent, &verdict) {
                *agreed += 1;
            } else {
                disagreements.push(format!(
                    "{}: {} {}{} {:?} from {:?}: {} but {verdict:?}",
                    case.name,
                    sent.method,
                    sent.host,
                    sent.path,
                    sent.headers,
                    sent.peer,
                    sent.status
                ));
            }
        }
    }
    for (kind, (agreed, all)) in &by_kind {
        println!("{kind}: {agreed} of {all} requests agree");
    }
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
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

#[test]
fn every_request_that_passes_takes_the_route_that_envoy_took() {
    let Some(cases) = cases() else { return };
    let (mut agreed, mut all, mut disagreements) = (0, 0, Vec::new());
    for case in cases.iter().filter(|case| case.kind == "gateway") {
        let labels = BTreeMap::from([("app".to_owned(), "target".to_owned())]);
        let workload = Workload::gateway("istio-system", labels);
        let gateways: Vec<Gateway> =
            of_kind(case, "Gateway").into_iter().map(|(_, gateway)| gateway).collect();
        let services: Vec<VirtualService> =
            of_kind(case, "VirtualService").into_iter().map(|(_, service)| service).collect();
        let routes =
            GatewayRoutes::on_port(&Mesh::default(), &workload, &gateways, &services, 18080);
        for sent in case.requests.iter().filter(|sent| !sent.refused) {
            let routing = routes.route(&request(sent));
            all += 1;
            if routed_status(&services, &routing) == Some(u32::from(sent.status)) {
                agreed += 1;
            } else {
                disagreements.push(format!(
                    "{}: {} {}{} {:?}: {} but {routing:?}",
                    case.name, sent.method, sent.host, sent.path, sent.headers, sent.status
                ));
            }
        }
    }
    println!("gateway routes: {agreed} of {all} requests agree");
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}

#[test]
fn the_objects_that_istiod_refuses_are_refused_in_its_words() {
    let Some(cases) = cases() else { return };
    let mut refused = 0;
    for case in &cases {
        let authorization = of_kind::<AuthorizationPolicy>(case, "AuthorizationPolicy")
            .into_iter()
            .map(|(index, policy)| (index, policy.validate().err()));
        let peers = of_kind::<PeerAuthentication>(case, "PeerAuthentication")
            .into_iter()
            .map(|(index, peer)| (index, peer.validate().err()));
        let ours: BTreeMap<String, String> = authorization
            .chain(peers)
            .filter_map(|(index, rejection)| {
                Some((index.to_string(), format!("configuration is invalid: {}", rejection?)))
            })
            .collect();
        assert_eq!(ours, case.rejected, "{}", case.name);
        refused += ours.len();
    }
    println!("{refused} refused objects agree");
}
