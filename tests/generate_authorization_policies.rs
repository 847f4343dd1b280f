//! `generate-authorization-policies`: every case in its fixtures, real manifests, properties over
//! generated services, and each row of the README's tables.

mod cases;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use cases::command::{Answer, fn_on};
use cases::forms::objects;
use kserve_aws::authorization::PROBES;
use kserve_aws::finding::Code;
use kserve_aws::istio::{
    AuthorizationPolicy, HttpRequest, Identity, Jwt, Mesh, Peer, PoliciesInForce, Request, Verdict,
    Workload,
};
use serde_json::Value;

const FUNCTION: &str = "generate-authorization-policies";
const MODES: [&str; 3] = ["guide", "namespace", "strict"];

#[test]
fn every_case_and_every_code() {
    cases::run_all(FUNCTION);

    // Each message has been read by somebody.
    let shown = cases::codes_shown(FUNCTION);
    let own = Code::ALL.iter().filter(|code| {
        **code == Code::ResourceNotOwned
            || **code == Code::MeshCompatibilityMode
            || code.as_str().starts_with("authorization-")
    });
    let missing: Vec<&str> =
        own.map(|code| code.as_str()).filter(|code| !shown.contains(*code)).collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
}

fn config(mode: &str) -> String {
    format!(
        "apiVersion: fn.kserve-aws.dev/v1alpha1\nkind: ServingAuthorization\nmetadata:\n  name: serving\nspec:\n  mode: {mode}\n"
    )
}

fn run(mode: &str, input: &str) -> Answer {
    fn_on(FUNCTION, &config(mode), input, &[])
}

/// The policies of an output, by namespace and name.
fn policies(output: &str) -> BTreeMap<(String, String), Value> {
    let text = |object: &Value, pointer: &str| {
        object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let ours = objects(output).into_iter().filter(|object| {
        object.pointer("/metadata/annotations/fn.kserve-aws.dev~1generated-by").is_some()
    });
    ours.map(|object| {
        ((text(&object, "/metadata/namespace"), text(&object, "/metadata/name")), object)
    })
    .collect()
}

const CONFIG_NETWORK: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: config-network
  namespace: knative-serving
data:
  ingress-class: istio.ingress.networking.knative.dev
";

/// A service with components; `v2` of its predictor.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Service {
    namespace: String,
    name: String,
    transformer: bool,
    explainer: bool,
    v2: bool,
}

fn manifest(service: &Service) -> String {
    let Service { namespace, name, transformer, explainer, v2 } = service;
    let mut text = format!(
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata:\n  name: {name}\n  namespace: {namespace}\nspec:\n  predictor:\n    model:\n      modelFormat:\n        name: sklearn\n      protocolVersion: {}\n      storageUri: s3://models/{name}\n",
        if *v2 { "v2" } else { "v1" }
    );
    for (component, there) in [("transformer", transformer), ("explainer", explainer)] {
        if *there {
            text.push_str(&format!(
                "  {component}:\n    serviceAccountName: {name}-{component}\n    containers:\n    - name: kserve-container\n      image: registry.example.com/{component}:v1\n"
            ));
        }
    }
    text
}

fn package(services: &BTreeSet<Service>) -> String {
    let mut documents = vec![CONFIG_NETWORK.to_owned()];
    documents.extend(services.iter().map(manifest));
    documents.join("---\n")
}

/// Numbers that are the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn service(&mut self, namespaces: u64) -> Service {
        Service {
            namespace: format!("team-{}", self.below(namespaces)),
            name: format!("model-{}", self.below(5)),
            transformer: self.below(2) == 0,
            explainer: self.below(2) == 0,
            v2: self.below(2) == 0,
        }
    }

    /// Services, each namespace and name once.
    fn services(&mut self) -> BTreeSet<Service> {
        let count = 1 + self.below(8);
        let rolled = (0..count).map(|_| self.service(3));
        let by_name: BTreeMap<_, _> =
            rolled.map(|one| ((one.namespace.clone(), one.name.clone()), one)).collect();
        by_name.into_values().collect()
    }
}

#[test]
fn a_second_run_changes_nothing_and_another_namespace_only_adds() {
    let mut dice = Dice(6);
    for _ in 0..60 {
        let services = dice.services();
        for mode in MODES {
            let first = run(mode, &package(&services));
            assert_eq!(first.code, 0, "{}", first.stderr);
            let second = run(mode, &first.stdout);
            assert_eq!(first.stdout, second.stdout);

            let new = Service { namespace: "team-new".to_owned(), ..dice.service(1) };
            let more = format!("{}---\n{}", first.stdout, manifest(&new));
            let (before, after) = (policies(&first.stdout), policies(&run(mode, &more).stdout));
            for (name, policy) in &before {
                assert_eq!(after.get(name), Some(policy));
            }
            let added = after.keys().filter(|name| !before.contains_key(*name));
            assert!(added.clone().all(|(namespace, _)| namespace == "team-new"));
            let components = 1 + usize::from(new.transformer) + usize::from(new.explainer);
            assert_eq!(added.count(), if mode == "guide" { 0 } else { components });
        }
    }
}

#[test]
fn a_component_that_goes_takes_its_policies_and_no_other() {
    let mut dice = Dice(7);
    for _ in 0..15 {
        let services = dice.services();
        for mode in ["namespace", "strict"] {
            let first = run(mode, &package(&services)).stdout;
            let before = policies(&first);
            for service in &services {
                let mut fewer = services.clone();
                fewer.remove(service);
                let mut gone = BTreeSet::new();
                let policy = |component: &str| {
                    (service.namespace.clone(), format!("allow-{}-{component}", service.name))
                };
                let mut rest = service.clone();
                if service.explainer {
                    rest.explainer = false;
                    gone.insert(policy("explainer"));
                    fewer.insert(rest);
                } else if service.transformer {
                    rest.transformer = false;
                    gone.insert(policy("transformer"));
                    fewer.insert(rest);
                } else {
                    gone.insert(policy("predictor"));
                }
                let kept: String = objects(&first)
                    .into_iter()
                    .filter(|object| object["kind"] == "AuthorizationPolicy")
                    .map(|object| format!("---\n{object}\n"))
                    .collect();
                let later = run(mode, &format!("{}{kept}", package(&fewer)));
                assert_eq!(later.code, 0, "{}", later.stderr);
                let after = policies(&later.stdout);
                let names: BTreeSet<_> =
                    before.keys().filter(|name| !gone.contains(*name)).cloned().collect();
                assert_eq!(after.keys().cloned().collect::<BTreeSet<_>>(), names);
                // Who asks the predictor of this service may be others now.
                let own = policy("predictor");
                for name in names.iter().filter(|name| mode == "namespace" || **name != own) {
                    assert_eq!(after[name], before[name]);
                }
            }
        }
    }
}

fn corpora(folder: &str) -> Vec<PathBuf> {
    let shared = std::env::var_os("KSERVE_AWS_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let folder = shared.join("corpora").join(folder);
    if !folder.is_dir() {
        assert!(
            std::env::var_os("KSERVE_AWS_REQUIRE_SHARED").is_none(),
            "KSERVE_AWS_REQUIRE_SHARED is set and {} is missing",
            folder.display()
        );
        eprintln!("skipped: {} is missing", folder.display());
        return Vec::new();
    }
    let mut files: Vec<PathBuf> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// A run on real manifests: it succeeds, every byte of the input stays but what strict sets in
/// config-network, every policy is one that istiod takes, and a second run changes nothing.
fn holds(mode: &str, input: &str, name: &str) -> usize {
    let first = run(mode, input);
    assert_eq!(first.code, 0, "{name} in mode {mode}: {}", first.stderr);
    let input = input.trim_end();
    if mode != "strict" {
        assert!(first.stdout.starts_with(input), "{name} in mode {mode} is not as it was");
    }
    let second = run(mode, &first.stdout);
    assert_eq!(second.stdout, first.stdout, "{name} in mode {mode}, a second time");
    let ours = policies(&first.stdout);
    for policy in ours.values() {
        let policy: AuthorizationPolicy = serde_json::from_value(policy.clone()).unwrap();
        assert_eq!(policy.validate(), Ok(Vec::new()));
    }
    ours.len()
}

#[test]
fn every_sample_goes_through_every_mode() {
    let files = corpora("inference-services");
    let mut most = BTreeMap::new();
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        for mode in MODES {
            let input = format!("{CONFIG_NETWORK}---\n{}", text.trim_start_matches("---\n"));
            *most.entry(mode).or_insert(0) += holds(mode, &input, &file.display().to_string());
        }
    }
    if !files.is_empty() {
        assert_eq!(most["guide"], 2 * files.len());
        assert_eq!(most["namespace"], most["strict"]);
        assert!(most["strict"] >= 40, "{most:?}");
    }
}

/// The samples of the README's tables, in a Profile's namespace.
fn samples() -> String {
    let service = |name: &str, transformer, explainer| {
        manifest(&Service {
            namespace: "team-a".to_owned(),
            name: name.to_owned(),
            transformer,
            explainer,
            v2: false,
        })
    };
    [service("iris", false, false), service("faces", true, false), service("income", false, true)]
        .join("---\n")
}

#[test]
fn whole_builds_go_through_every_mode() {
    for file in
        corpora("platform").iter().filter(|file| file.to_string_lossy().contains("kubeflow"))
    {
        let mut text = String::new();
        let bytes = std::fs::read(file).unwrap();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        for mode in MODES {
            let input = format!("{}\n---\n{}", text.trim_end(), samples());
            let count = holds(mode, &input, &file.display().to_string());
            assert_eq!(count, if mode == "guide" { 2 } else { 5 });
        }
    }
}

/// What is in force on Kubeflow: nothing is allowed, but what the owner of a namespace may do.
const PLATFORM: &str = "apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata:
  name: global-deny-all
  namespace: istio-system
spec: {}
---
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata:
  name: ns-owner-access-istio
  namespace: team-a
spec:
  rules:
  - when:
    - key: request.headers[kubeflow-userid]
      values: [ada@example.com]
  - when:
    - key: source.namespace
      values: [team-a]
  - to:
    - operation:
        paths: [/healthz, /metrics, /wait-for-drain]
  - from:
    - source:
        principals: [cluster.local/ns/kubeflow/sa/notebook-controller-service-account]
    to:
    - operation:
        methods: [GET]
        paths: ['*/api/kernels']
";

/// `POST /v1/models/x:predict`, with a host or a header behind it: `kubeflow-userid: ada`.
fn request(peer: &str, text: &str) -> Request {
    let mut words = text.split_whitespace();
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let mut host = "iris-predictor.team-a.svc.cluster.local".to_owned();
    let mut headers = Vec::new();
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        match name.trim_end_matches(':') {
            "host" => host = value.to_owned(),
            name => headers.push((name.to_owned(), value.to_owned())),
        }
    }
    Request {
        peer: match peer {
            "none, in plaintext" => Peer::Plaintext,
            identity => {
                Peer::Mutual(Identity::parse(&format!("cluster.local/{identity}")).unwrap())
            }
        },
        source_address: None,
        destination_address: None,
        destination_port: 8012,
        sni: None,
        http: Some(HttpRequest {
            host,
            method: method.to_owned(),
            path: path.to_owned(),
            headers,
            jwt: Jwt::Absent,
        }),
    }
}

/// The rows of the table behind a heading, without backticks.
fn table(readme: &str, heading: &str) -> Vec<Vec<String>> {
    let (_, section) = readme.split_once(&format!("\n### {heading}\n")).expect("a heading");
    let section = section.split("\n### ").next().unwrap().split("\n## ").next().unwrap();
    let cells = |line: &str| -> Vec<String> {
        let line = line.trim_matches('|');
        line.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
    };
    let rows = section.lines().filter(|line| line.starts_with('|'));
    rows.map(cells).filter(|row| !row[0].starts_with("---")).collect()
}

#[test]
fn each_row_of_the_tables_is_as_written() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("functions").join(FUNCTION);
    let readme = std::fs::read_to_string(path.join("README.md")).unwrap();
    for mode in MODES {
        let input = format!("{PLATFORM}---\n{CONFIG_NETWORK}---\n{}", samples());
        let output = run(mode, &input).stdout;
        let all: Vec<AuthorizationPolicy> = objects(&output)
            .into_iter()
            .filter(|object| object["kind"] == "AuthorizationPolicy")
            .map(|object| serde_json::from_value(object).unwrap())
            .collect();
        let mut rows = table(&readme, mode).into_iter();
        let head = rows.next().unwrap();
        let mut wrong = Vec::new();
        let mut count = 0;
        for row in rows {
            for (column, said) in head.iter().zip(&row).skip(3) {
                let (service, component) = column.split_once(' ').unwrap();
                let labels = BTreeMap::from([
                    ("component".to_owned(), component.to_owned()),
                    ("serving.kserve.io/inferenceservice".to_owned(), service.to_owned()),
                ]);
                let pods = Workload::sidecar("team-a", labels);
                let in_force = PoliciesInForce::for_workload(&Mesh::default(), &pods, &all, &[]);
                let found = match in_force.evaluate(&request(&row[1], &row[2])).verdict {
                    Verdict::Allowed => "yes",
                    Verdict::Denied { .. } => "no",
                    Verdict::Undecided { why } => panic!("{why:?}"),
                };
                count += 1;
                if found != said {
                    wrong.push(format!("{mode}: {row:?}, {column}: {found}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(count >= 80, "the table of {mode} has {count} answers");
    }
}

#[test]
fn the_guides_policies_are_the_guides() {
    let found = policies(&run("guide", &samples()).stdout);
    for component in ["predictor", "transformer"] {
        let name = ("istio-system".to_owned(), format!("allow-{component}"));
        let mut paths = PROBES.to_vec();
        paths.extend(["/v1/models/*", "/v2/models/*"]);
        let expected = serde_json::json!({
            "selector": { "matchLabels": { "component": component } },
            "action": "ALLOW",
            "rules": [{ "to": [{ "operation": { "paths": paths } }] }],
        });
        assert_eq!(found[&name]["spec"], expected);
        assert_eq!(found[&name]["apiVersion"], "security.istio.io/v1beta1");
    }
    assert_eq!(found.len(), 2);
}
