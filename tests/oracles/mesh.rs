//! Istio's own configuration generator and a real Envoy are the judges of what
//! `generate-authorization-policies` says: each row of its README's tables, asked of the program in
//! `oracles/mesh`; and `istioctl` of what it writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use test_support::hosts::target;
use test_support::kubeflow::{self, Kubeflow};
use test_support::oracle::{Oracle, Recorded, Said, hold_alike, record};
use test_support::{documents, fixtures};

use crate::istio::{Parts, Question};
use crate::reach::mesh::{self, GatewayPods, NAMESPACE, Pods};
use crate::reach::model::Model;
use crate::reach::rows::{self, GatewayRow, PodRow, Sent};
use crate::reach::{FUNCTION, MODES, every_mesh, run, run_with};

const RECORDED: &str = "istio/tables.jsonl";

/// Kubeflow's mesh with the policies of a mode, a pod for each component and for each gateway.
fn question(mode: &str, kubeflow: Kubeflow) -> Question {
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
    Question { istio: mesh::istio_objects(mode, kubeflow), proxies, services, requests }
}

fn sent(to: &str, port: u16, peer: Option<&str>, sent: &Sent) -> Value {
    json!({
        "proxy": to, "port": port, "peer": peer.unwrap_or_default(), "host": sent.host,
        "method": sent.method, "path": sent.path, "headers": sent.headers,
    })
}

/// A mesh, all rows of whose tables are asked: first those of the pods, each for every component, then
/// those of the gateways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Tables {
    kubeflow: String,
    mode: String,
}

impl Tables {
    fn all() -> Vec<Self> {
        let tables = |(kubeflow, mode): (Kubeflow, &str)| Self {
            kubeflow: format!("{kubeflow:?}"),
            mode: mode.to_owned(),
        };
        every_mesh().map(tables).collect()
    }

    fn kubeflow(&self) -> Kubeflow {
        let known = Kubeflow::ALL.into_iter();
        known.into_iter().find(|kubeflow| format!("{kubeflow:?}") == self.kubeflow).unwrap()
    }

    fn of_pods(&self) -> Vec<PodRow> {
        rows::of_pods(&self.mode, self.kubeflow())
    }

    fn of_gateways(&self) -> Vec<GatewayRow> {
        rows::of_gateways(self.kubeflow())
    }
}

/// Who answers: a component's pods, the dashboard, a gateway that knows no route; or nobody.
fn answer(leads_to: &str, is_answered: bool) -> Said {
    Said::Is(json!((is_answered || leads_to == "nothing").then_some(leads_to)))
}

/// Also where a request would have led that is refused.
fn whole(leads_to: &str, is_answered: bool) -> Said {
    Said::Is(json!([leads_to, is_answered]))
}

/// How an oracle tells where a request leads: `answer` or `whole`.
type Telling = fn(&str, bool) -> Said;

/// What the README says.
struct Readme(Telling);

impl Oracle for Readme {
    type Question = Tables;
    type Answer = Vec<Said>;

    fn ask(&self, tables: &[Tables]) -> Vec<Vec<Said>> {
        let said = |tables: &Tables| {
            let of_pods = tables.of_pods();
            let pods = of_pods.iter().flat_map(|row| &row.said);
            let pods = pods.map(|(pods, said)| self.0(pods, *said));
            let of_gateways = tables.of_gateways();
            let gateways = of_gateways.iter().map(|row| {
                let (_, said) = row.said.iter().find(|(mode, _)| *mode == tables.mode).unwrap();
                self.0(&row.leads_to, *said)
            });
            pods.chain(gateways).collect()
        };
        tables.iter().map(said).collect()
    }
}

/// Our evaluation of the policies and routes.
struct Ours(Telling);

impl Oracle for Ours {
    type Question = Tables;
    type Answer = Vec<Said>;

    fn ask(&self, tables: &[Tables]) -> Vec<Vec<Said>> {
        let said = |tables: &Tables| {
            let model = Model::of(&mesh::istio_objects(&tables.mode, tables.kubeflow()));
            let mut all = Vec::new();
            for row in tables.of_pods() {
                for (name, _) in &row.said {
                    let pods = Pods::all().into_iter().find(|pods| pods.name() == *name).unwrap();
                    let is_let_in = model.lets_in(&pods.workload(), row.peer.as_deref(), &row.sent);
                    all.push(self.0(name, is_let_in));
                }
            }
            all.extend(tables.of_gateways().iter().map(|row| {
                let (leads_to, is_answered) = model.through(row.at, &row.sent);
                self.0(&leads_to, is_answered)
            }));
            all
        };
        tables.iter().map(said).collect()
    }
}

/// Istio's generator and Envoy.
struct Envoy(Parts);

impl Oracle for Envoy {
    type Question = Tables;
    type Answer = Vec<Said>;

    fn ask(&self, tables: &[Tables]) -> Vec<Vec<Said>> {
        let questions: Vec<Value> = tables
            .iter()
            .map(|tables| {
                let mut question = question(&tables.mode, tables.kubeflow());
                for row in tables.of_pods() {
                    let to_each = row.said.iter();
                    question.requests.extend(
                        to_each.map(|(pods, _)| sent(pods, 8012, row.peer.as_deref(), &row.sent)),
                    );
                }
                question.requests.extend(
                    tables
                        .of_gateways()
                        .iter()
                        .map(|row| sent(row.at.name(), row.at.pod_port(), None, &row.sent)),
                );
                question.value()
            })
            .collect();
        let said = |answer: &Value| {
            assert_eq!(answer["rejected"], json!({}), "istiod refuses an object");
            answer["responses"].as_array().unwrap().iter().map(answered).collect()
        };
        self.0.ask(&questions).iter().map(said).collect()
    }
}

/// What a response stands for in the tables.
fn answered(response: &Value) -> Said {
    let body = response["body"].as_str().unwrap();
    match response["status"].as_u64().unwrap() {
        200 => answer(&body.replace("centraldashboard", "the dashboard"), true),
        403 => {
            assert_eq!(body, "RBAC: access denied");
            answer("nobody", false)
        }
        404 => answer("nothing", false),
        other => panic!("{other}: {response}"),
    }
}

fn show(tables: &Tables) -> String {
    format!("{tables:?}, {} rows of pods", tables.of_pods().len())
}

#[test]
fn each_row_of_the_tables_is_as_written() {
    let tables = Tables::all();
    for tables in &tables {
        let count: usize = tables.of_pods().iter().map(|row| row.said.len()).sum();
        assert!(count >= 80, "{tables:?} has {count} answers");
        assert!(tables.of_gateways().len() >= 15, "{tables:?}");
    }
    hold_alike("README's tables", &tables, &Ours(whole), &Readme(whole), show).assert();
}

#[test]
fn each_row_of_the_tables_is_what_envoy_answered() {
    let recorded = Recorded::read(RECORDED);
    let tables = recorded.questions();
    assert_eq!(tables, Tables::all());
    hold_alike("mesh, recorded", &tables, &Readme(answer), &recorded, show).assert();
}

#[test]
#[ignore = "asks Istio's generator and Envoy: make oracle"]
fn each_row_of_the_tables_is_what_envoy_answers() {
    let Some(parts) = Parts::found() else { return };
    let envoy = Envoy(parts);
    record(RECORDED, &Tables::all(), &envoy);
    hold_alike("mesh", &Tables::all(), &Readme(answer), &envoy, show).assert();
}

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = target().join("tmp/istioctl").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// What `istioctl validate` prints of the manifests in a folder, and whether it takes them.
fn validate(parts: &Parts, folder: &Path) -> (bool, String) {
    let output = Command::new(parts.istioctl()).arg("validate").arg("-f").arg(folder).output();
    let output = output.unwrap();
    let printed = [&output.stdout[..], &output.stderr[..]].concat();
    (output.status.success(), String::from_utf8(printed).unwrap())
}

/// What `istioctl analyze` has to say of a file's AuthorizationPolicies.
fn analyze(parts: &Parts, file: &Path) -> Vec<String> {
    let mut command = Command::new(parts.istioctl());
    command.args([
        "analyze",
        "--use-kube=false",
        "-A",
        "-o",
        "json",
        "--failure-threshold",
        "Error",
    ]);
    let output = command.arg(file).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of_policies = told.as_array().into_iter().flatten().filter(|message| {
        message["origin"].as_str().is_some_and(|origin| origin.contains("AuthorizationPolicy"))
    });
    of_policies.map(Value::to_string).collect()
}

/// The policies of an output that the function generated, as a stream.
fn generated(output: &str) -> String {
    let all = documents(output).into_iter().flat_map(|document| match &document["items"] {
        Value::Array(items) if document["kind"] == "ResourceList" => items.clone(),
        _ => vec![document],
    });
    let ours = all.filter(|object| {
        object.pointer("/metadata/annotations/fn.kserve-aws.dev~1generated-by").is_some()
    });
    ours.map(|object| format!("---\n{object}\n")).collect()
}

#[test]
#[ignore = "asks istioctl: make oracle"]
fn istioctl_refuses_what_is_wrong() {
    let Some(parts) = Parts::found() else { return };
    let folder = folder("wrong");
    let policy = json!({
        "apiVersion": "security.istio.io/v1beta1", "kind": "AuthorizationPolicy",
        "metadata": { "name": "allow-iris-predictor", "namespace": "team-a" },
        "spec": { "rules": [{ "to": [{ "operation": { "paths": ["/v1/{models}/*"] } }] }] },
    });
    fs::write(folder.join("policy.yaml"), policy.to_string()).unwrap();
    let (taken, printed) = validate(&parts, &folder);
    assert!(!taken && printed.contains("allow-iris-predictor"), "{printed}");
}

/// Whether istioctl warns that the DENY for tokens at a gateway refuses its TCP servers as well, of which the
/// finding's page speaks.
fn refuses_tcp(warning: &str) -> bool {
    warning.contains("IST0133")
        && warning.contains("will deny all traffic to TCP ports")
        && warning.contains("AuthorizationPolicy istio-system/serving-")
}

#[test]
#[ignore = "asks istioctl: make oracle"]
fn istioctl_takes_what_every_case_writes() {
    let Some(parts) = Parts::found() else { return };
    let (folder, gateways) = (folder("cases"), folder("gateways"));
    let mut count = 0;
    for case in fixtures(FUNCTION) {
        let policies = generated(&run_with(case.config.as_deref(), &case.input).stdout);
        if policies.is_empty() {
            continue;
        }
        let file = folder.join(format!("{}.yaml", case.name));
        fs::write(&file, &policies).unwrap();
        let (of_gateways, others): (Vec<String>, Vec<String>) =
            analyze(&parts, &file).into_iter().partition(|warning| refuses_tcp(warning));
        assert_eq!(others, Vec::<String>::new(), "{}", case.name);
        if !of_gateways.is_empty() {
            fs::remove_file(&file).unwrap();
            fs::write(gateways.join(format!("{}.yaml", case.name)), policies).unwrap();
        }
        count += 1;
    }
    assert!(count >= 15, "{count} cases write policies");
    let (taken, printed) = validate(&parts, &folder);
    assert!(taken && !printed.contains("warnings"), "{printed}");
    let (taken, printed) = validate(&parts, &gateways);
    assert!(taken, "{printed}");
    eprintln!("istioctl validate and analyze take the policies of {count} cases");
}

/// With the pods that the policies select, so that what selects none is told.
#[test]
#[ignore = "asks istioctl: make oracle"]
fn istioctl_takes_the_mesh_of_the_tables() {
    let Some(parts) = Parts::found() else { return };
    let folder = folder("tables");
    for mode in MODES {
        let mut objects = mesh::istio_objects(mode, Kubeflow::New);
        for namespace in [NAMESPACE, "istio-system"] {
            objects.push(json!({
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": { "name": namespace, "labels": { "istio-injection": "enabled" } },
            }));
        }
        objects.extend(Pods::all().iter().map(|pods| {
            json!({
                "apiVersion": "v1", "kind": "Pod",
                "metadata": {
                    "name": pods.knative_service(), "namespace": NAMESPACE, "labels": pods.labels(),
                },
            })
        }));
        let policies = objects.iter().filter(|object| object["kind"] == "AuthorizationPolicy");
        let policies: String = policies.map(|object| format!("---\n{object}\n")).collect();
        let all: String = objects.iter().map(|object| format!("---\n{object}\n")).collect();
        let file = folder.join(format!("{mode}.yaml"));
        fs::write(&file, all).unwrap();
        let told = analyze(&parts, &file);
        let ours = told.iter().filter(|message| message.contains("/allow-"));
        assert_eq!(ours.count(), 0, "{told:#?}");
        fs::write(&file, policies).unwrap();
    }
    let (taken, printed) = validate(&parts, &folder);
    assert!(taken, "{printed}");
}

#[test]
#[ignore = "asks istioctl: make oracle"]
fn istioctl_takes_the_policies_for_real_manifests() {
    let Some(parts) = Parts::found() else { return };
    let folder = folder("corpora");
    let samples = kubeflow::inference_services();
    let inputs = samples.iter().chain(&kubeflow::kubeflow_builds()).cloned().collect::<Vec<_>>();
    let (mut count, mut refused) = (0, 0);
    for mode in MODES {
        let mut all = String::new();
        for (place, (name, input)) in inputs.iter().enumerate() {
            let output = run(mode, input);
            // Samples that turn the sidecar off are refused in strict: nothing enforces it there.
            if mode == "strict" && output.stderr.contains("(authorization-not-enforced)") {
                assert!(input.contains("sidecar.istio.io/inject"), "{name}");
                refused += 1;
                continue;
            }
            assert_eq!(output.code, Some(0), "{name}");
            let policies = generated(&output.stdout);
            if name.contains("platform") {
                let whole = folder.join("whole.yaml");
                fs::write(&whole, &output.stdout).unwrap();
                let told = analyze(&parts, &whole);
                let ours = told.iter().filter(|message| message.contains("/allow-"));
                assert_eq!(ours.count(), 0, "{name} in mode {mode}: {told:#?}");
                fs::remove_file(whole).unwrap();
            }
            count += policies.matches("---\n").count();
            all.push_str(&policies);
            fs::write(folder.join(format!("{mode}-{place}.yaml")), policies).unwrap();
        }
        let file = folder.join("all.yaml");
        fs::write(&file, all).unwrap();
        assert_eq!(analyze(&parts, &file), Vec::<String>::new(), "{mode}");
        fs::remove_file(file).unwrap();
    }
    let (taken, printed) = validate(&parts, &folder);
    assert!(taken && !printed.contains("warnings"), "{printed}");
    assert!(refused * 4 < inputs.len(), "{refused} of {} are refused in strict", inputs.len());
    eprintln!("istioctl takes {count} policies for {} real manifests", inputs.len());
}
