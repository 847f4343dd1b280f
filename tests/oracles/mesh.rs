//! Istio's own configuration generator and a real Envoy are the judges of what
//! `generate-authorization-policies` says: each row of its README's tables, asked of the program in
//! `oracles/mesh`; and `istioctl` of what it writes.

use crate::cases;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::istio::{Parts, Question, said};
use crate::reach::mesh::{self, GatewayPods, Kubeflow, NAMESPACE, Pods};
use crate::reach::rows::{self, Sent};
use crate::reach::services::run;
use crate::reach::{FUNCTION, MODES, corpora, every_mesh};
use serde_json::{Value, json};

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
    let mut questions = Vec::new();
    // What the table says, who has to answer, and nobody where it is a refusal.
    let mut expected: Vec<Vec<(String, Option<String>)>> = Vec::new();
    let mut counted = 0;
    for (kubeflow, mode) in every_mesh() {
        let mut question = question(mode, kubeflow);
        let mut answers = Vec::new();
        let (of_pods, of_gateways) = (rows::of_pods(mode, kubeflow), rows::of_gateways(kubeflow));
        counted += of_pods.len() + of_gateways.len();
        for row in of_pods {
            for (pods, said) in &row.said {
                question.requests.push(sent(pods, 8012, row.peer.as_deref(), &row.sent));
                let shown = format!("{:?} from {:?} to {pods}", row.sent, row.peer);
                answers.push((shown, said.then(|| pods.clone())));
            }
        }
        for row in of_gateways {
            question.requests.push(sent(row.at.name(), row.at.pod_port(), None, &row.sent));
            let (_, said) = row.said.iter().find(|(column, _)| column == mode).unwrap();
            let answer = (*said || row.leads_to == "nothing").then(|| row.leads_to.clone());
            answers.push((format!("{row:?}"), answer));
        }
        questions.push(question);
        expected.push(answers);
    }
    let mut wrong = Vec::new();
    let mut asked = 0;
    for ((mesh, answer), expected) in every_mesh().zip(parts.ask(&questions)).zip(&expected) {
        assert_eq!(answer["rejected"], json!({}), "istiod refuses an object of {mesh:?}");
        let responses = answer["responses"].as_array().unwrap();
        assert_eq!(responses.len(), expected.len());
        for (response, (shown, said)) in responses.iter().zip(expected) {
            asked += 1;
            if answered(response) != *said {
                wrong.push(format!("{mesh:?}: {shown}: Envoy answers {response}"));
            }
        }
    }
    said(&format!(
        "{FUNCTION}: {counted} rows in {} meshes, {asked} answers of Envoy, {} different",
        questions.len(),
        wrong.len()
    ));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("istioctl").join(name);
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
    let ours = cases::forms::objects(output).into_iter().filter(|object| {
        object.pointer("/metadata/annotations/fn.kserve-aws.dev~1generated-by").is_some()
    });
    ours.map(|object| format!("---\n{object}\n")).collect()
}

#[test]
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

#[test]
fn istioctl_takes_what_every_case_writes() {
    let Some(parts) = Parts::found() else { return };
    let folder = folder("cases");
    let mut count = 0;
    for case in cases::all(FUNCTION) {
        let policies = generated(&case.run(&[]).stdout);
        if policies.is_empty() {
            continue;
        }
        let file = folder.join(format!("{}.yaml", case.name));
        fs::write(&file, policies).unwrap();
        assert_eq!(analyze(&parts, &file), Vec::<String>::new(), "{}", case.name);
        count += 1;
    }
    assert!(count >= 15, "{count} cases write policies");
    let (taken, printed) = validate(&parts, &folder);
    assert!(taken && !printed.contains("warnings"), "{printed}");
    said(&format!("istioctl validate and analyze take the policies of {count} cases"));
}

/// With the pods that the policies select, so that what selects none is told.
#[test]
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
fn istioctl_takes_the_policies_for_real_manifests() {
    let Some(parts) = Parts::found() else { return };
    let folder = folder("corpora");
    let samples = corpora::inference_services();
    let inputs = samples.iter().chain(&corpora::kubeflow_builds()).cloned().collect::<Vec<_>>();
    let mut count = 0;
    for mode in MODES {
        let mut all = String::new();
        for (place, (name, input)) in inputs.iter().enumerate() {
            let output = run(mode, input);
            assert_eq!(output.code, 0, "{name}");
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
    said(&format!("istioctl takes {count} policies for {} real manifests", inputs.len()));
}
