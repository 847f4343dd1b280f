//! The serving model over real files and over shuffled and generated items.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::platform::{IRIS, PLATFORM};
use kserve_aws::controllers::knative::{
    CHECKSUM_ANNOTATION, ConfigDomain, ConfigNetwork, EXAMPLE_KEY, RouteSelector, WantedDomain,
    WantedDomains, example_checksum, rewrite,
};
use kserve_aws::controllers::kserve::{
    Endpoint, EndpointKind, Exposure, ServingItems, ServingModel, ServingOptions, VersionSource,
};
use kserve_aws::finding::Code;
use kserve_aws::go::json::{KeySpellings, unmarshal};
use kserve_aws::go::template::{Record, Template};
use kserve_aws::serving::model::Findings;
use kserve_aws::values::dns_name::DnsName;
use kserve_aws::values::k8s::ResourceRef;
use kserve_aws::values::release::Release;
use test_support::{Dice, corpora};

fn documents(text: &str) -> Vec<serde_yaml::Value> {
    serde_yaml::Deserializer::from_str(text)
        .map(|document| <serde_yaml::Value as serde::Deserialize>::deserialize(document).unwrap())
        .filter(|document| !document.is_null())
        .collect()
}

fn items(documents: &[serde_yaml::Value]) -> ServingItems {
    let mut items = ServingItems::default();
    for document in documents {
        let text = |key: &str| document[key].as_str().unwrap_or_default().to_owned();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        if let Err(error) = items.add(&api_version, &kind, document.clone()) {
            items.unreadable(&ResourceRef { api_version, kind, ..ResourceRef::default() }, &error);
        }
    }
    items
}

fn model(text: &str) -> ServingModel {
    ServingModel::build(&items(&documents(text)), &ServingOptions::default())
}

fn only(text: &str) -> Endpoint {
    let mut model = model(text);
    assert_eq!(model.endpoints.len(), 1);
    model.endpoints.remove(0)
}

fn codes(endpoint: &Endpoint) -> Vec<Code> {
    endpoint.findings().iter().map(|finding| finding.code).collect()
}

#[test]
fn what_is_not_in_the_manifests_is_said() {
    let endpoint = only(IRIS);
    assert_eq!(
        endpoint.assumed,
        [
            "inferenceservice-config: the default of KServe 0.20.0",
            "KServe 0.20.0: the newest known, because no manifest names one",
            "config-domain: the default, whose only domain is svc.cluster.local",
            "config-network: the default",
            "Knative Serving 1.20.0: the newest known, because no manifest names one",
        ]
    );
    assert_eq!(endpoint.exposure, Exposure::ClusterLocal);
    let options = ServingOptions {
        knative: Some(Release::new(1, 7, 0)),
        kserve: Some(Release::new(0, 10, 0)),
        namespace: None,
        ..ServingOptions::default()
    };
    let old = ServingModel::build(&items(&documents(IRIS)), &options);
    assert_eq!(old.endpoints[0].url.as_deref(), Some("http://iris.team-a.example.com"));
    assert_eq!(old.kserve.source, VersionSource::Config);
    assert_eq!(
        old.endpoints[0].address.as_deref(),
        Some("http://iris.team-a.svc.cluster.local/v1/models/iris:predict")
    );
}

#[test]
fn a_namespace_comes_from_the_configuration_or_the_only_profile() {
    let bare = IRIS.replace(", namespace: team-a", "");
    let profile = "\n---\napiVersion: kubeflow.org/v1\nkind: Profile\nmetadata: {name: team-b}\n";
    let endpoint = only(&format!("{bare}{profile}"));
    assert_eq!(endpoint.namespace, "team-b");
    assert_eq!(endpoint.assumed[0], "namespace team-b: of the only Profile");
    let two = only(&format!("{bare}{profile}{}", profile.replace("team-b", "team-c")));
    assert_eq!(two.namespace, "default");
    assert!(codes(&two).contains(&Code::KserveNamespaceAmbiguous));
    let options =
        ServingOptions { namespace: Some("mine".to_owned()), ..ServingOptions::default() };
    let model = ServingModel::build(&items(&documents(&format!("{bare}{profile}"))), &options);
    assert_eq!(model.endpoints[0].namespace, "mine");
    assert_eq!(model.namespaces.iter().collect::<Vec<_>>(), ["mine", "team-b"]);
}

#[test]
fn each_thing_that_the_controller_does_wrong_has_its_code() {
    let service = |metadata: &str, spec: &str| {
        format!(
            "{}---{PLATFORM}",
            IRIS.replace("name: iris, namespace: team-a", metadata)
                .replace("predictor: {", &format!("predictor: {{{spec}"))
        )
    };
    let newest =
        |text: String| text.replace("kserve-controller:v0.15.0", "kserve-controller:v0.20.0");
    let setting =
        |text: &str, setting: &str| text.replace("\"ingressDomain\": \"example.com\"", setting);
    let ns = "name: iris, namespace: team-a";
    for (text, code) in [
        (service("name: iris, namespace: team-default", ""), Code::KserveHostNotStripped),
        (
            service(
                "name: iris, namespace: team-default",
                "labels: {networking.knative.dev/visibility: cluster-local}, ",
            ),
            Code::KservePublicGatewayLeak,
        ),
        (newest(service(ns, "name: v2, ")), Code::KservePredictorNameInHost),
        (service(&format!("name: {}, namespace: t", "a".repeat(54)), ""), Code::KserveNameTooLong),
        (service("name: 1iris, namespace: t", ""), Code::KserveNameInvalid),
        (
            service(&format!("{ns}, annotations: {{serving.kserve.io/deploymentMode: raw}}"), ""),
            Code::KserveModeAnnotationIgnored,
        ),
        (
            service(ns, "annotations: {serving.kserve.io/deploymentMode: RawDeployment}, "),
            Code::KserveModeAnnotationIgnored,
        ),
        (
            service(
                &format!("{ns}, annotations: {{serving.kserve.io/deploymentmode: RawDeployment}}"),
                "",
            ),
            Code::KserveAnnotationMisspelt,
        ),
        (
            service(
                &format!("{ns}, labels: {{networking.kserve.io/visibility: cluster-local}}"),
                "",
            ),
            Code::KserveVisibilityIgnored,
        ),
        (
            service(
                &format!("{ns}, annotations: {{networking.knative.dev/visibility: cluster-local}}"),
                "",
            ),
            Code::KnativeAnnotationRefused,
        ),
        (
            service(
                &format!("{ns}, annotations: {{serving.kserve.io/deploymentMode: ModelMesh}}"),
                "",
            ),
            Code::KserveModelMesh,
        ),
        (
            newest(service(&format!("{ns}, annotations: {{serving.kserve.io/stop: 'True'}}"), "")),
            Code::KserveStopped,
        ),
        (
            setting(
                &service(ns, ""),
                "\"ingressDomain\": \"x.com\", \"pathTemplate\": \"a/{{ .Name }}\"",
            ),
            Code::KservePathTemplateNoRoute,
        ),
        (
            setting(
                &service(ns, ""),
                "\"ingressDomain\": \"x.com\", \"pathTemplate\": \"/a\", \"disableIstioVirtualHost\": true",
            ),
            Code::KservePathTemplateNoRoute,
        ),
        (setting(&service(ns, ""), "\"pathTemplate\": \"/a\""), Code::KserveIngressConfig),
        (setting(&service(ns, ""), "\"urlScheme\": \"my_scheme\""), Code::KserveUrlInvalid),
        (
            setting(&service(ns, ""), "\"additionalIngressDomains\": [\"A.net\"]"),
            Code::KserveAdditionalDomainInvalid,
        ),
        (service(ns, "canaryTrafficPercent: 150, "), Code::KserveCanaryPercent),
        (
            newest(service(ns, "annotations: {serving.kserve.io/stop: 'true'}, ")),
            Code::KserveComponentStopped,
        ),
        (service(ns, "triton: {}, onnx: {}, "), Code::KserveNotAdmitted),
        (newest(service(ns, "").replace("sklearn", "mlflow")), Code::KserveNoRuntime),
        (
            service(ns, "").replace("platform.example.com", "Platform.example.com"),
            Code::KnativeHostInvalid,
        ),
        (
            service(ns, "").replace("kubeflow/kubeflow-gateway", "kubeflow-gateway"),
            Code::KserveGatewayWithoutNamespace,
        ),
    ] {
        let endpoint = only(&text);
        assert!(codes(&endpoint).contains(&code), "{code}: {:?}", endpoint.findings());
    }
    let nothing = service(ns, "")
        .replace("'{\"ingressGateway", "'null #{\"ingressGateway")
        .replace("'null #{", "'null' # {");
    assert!(codes(&only(&nothing)).contains(&Code::KserveConfigNull));
}

/// The hosts of tags follow the annotation of the component as well, and the configuration may keep
/// either from being passed on.
#[test]
fn a_component_has_annotations_of_its_own() {
    let tagged =
        |endpoint: &Endpoint| endpoint.hosts().iter().any(|one| one.starts_with("latest-"));
    let own = IRIS.replace(
        "predictor: {",
        "predictor: {annotations: {serving.kserve.io/enable-tag-routing: 'true'}, ",
    );
    let text = format!("{own}\n---{PLATFORM}");
    assert!(tagged(&only(&text)));
    assert!(!tagged(&only(&text.replace("'true'}", "'True'}"))));
    let kept = "  inferenceService: '{\"serviceAnnotationDisallowedList\": [\"serving.kserve.io/enable-tag-routing\"]}'\n";
    assert!(!tagged(&only(&format!("{text}{kept}"))));
    let old = text.replace("kserve-controller:v0.15.0", "kserve-controller:v0.10.2");
    assert!(!tagged(&only(&old)));
    let stopped = text.replace("enable-tag-routing", "stop").replace(":v0.15.0", ":v0.16.0");
    let stopped = only(&stopped);
    assert_eq!((stopped.url.as_deref(), stopped.routes.len()), (None, 0));
    assert_eq!(stopped.exposure, Exposure::None);
    assert!(only(&text.replace("enable-tag-routing", "stop")).url.is_some());
}

/// What never becomes an object, each with the field that is wrong.
#[test]
fn what_is_not_admitted_is_said_with_its_field() {
    let head = "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: iris, namespace: t, annotations: {";
    let standard = "serving.kserve.io/deploymentMode: Standard";
    let canary = |name: &str, percent: i64, model: &str| {
        format!(
            "{{trafficPercent: {percent}, predictor: {{name: {name}, model: {{modelFormat: {{name: sklearn}}{model}}}}}}}"
        )
    };
    let spec =
        |rest: &str| format!("predictor: {{model: {{modelFormat: {{name: sklearn}}}}}}{rest}");
    let canaries = |list: &[String]| spec(&format!(", canary: [{}]", list.join(", ")));
    let named = ", name: ''";
    for (kserve, annotations, spec, expected) in [
        ("0.20.0", "", spec(""), &[][..]),
        ("0.20.0", "", "predictor: {}".to_owned(), &["spec.predictor"]),
        ("0.20.0", "", "predictor: {containers: [{name: other}]}".to_owned(), &[]),
        (
            "0.20.0",
            "",
            "predictor: {model: {}, containers: [{name: kserve-container}]}".to_owned(),
            &["spec.predictor"],
        ),
        ("0.20.0", "", "predictor: {model: {}, containers: [{name: other}]}".to_owned(), &[]),
        (
            "0.13.1",
            "",
            "predictor: {model: {}, containers: [{name: other}]}".to_owned(),
            &["spec.predictor"],
        ),
        // Defaulting makes a model of the framework, over the one that is there.
        ("0.20.0", "", "predictor: {model: {}, triton: {}}".to_owned(), &[]),
        ("0.20.0", "", "predictor: {name: V2, model: {}}".to_owned(), &["spec.predictor.name"]),
        (
            "0.20.0",
            "",
            spec(", transformer: {}, explainer: {}"),
            &["spec.transformer", "spec.explainer"],
        ),
        ("0.20.0", "", spec(", explainer: {art: {type: SquareAttack}}"), &[]),
        ("0.12.0", "", spec(", explainer: {alibi: {}}"), &[]),
        ("0.13.1", "", spec(", explainer: {alibi: {}}"), &["spec.explainer"]),
        ("0.20.0", "serving.kserve.io/autoscalerClass: none", spec(""), &[]),
        (
            "0.15.0",
            "serving.kserve.io/autoscalerClass: none",
            spec(""),
            &["metadata.annotations[serving.kserve.io/autoscalerClass]"],
        ),
        ("0.20.0", standard, canaries(&[canary("next", 20, named)]), &[]),
        (
            "0.20.0",
            standard,
            canaries(&[canary("next", 20, "")]),
            &["spec.canary[0].predictor.model.name"],
        ),
        (
            "0.20.0",
            "serving.kserve.io/deploymentMode: RawDeployment",
            canaries(&[canary("next", 20, named)]),
            &[],
        ),
        ("0.20.0", "", canaries(&[canary("next", 20, named)]), &["spec.canary"]),
        (
            "0.20.0",
            standard,
            canaries(&[canary("next", 60, named), canary("next", 60, named)]),
            &["spec.canary[1].predictor.name", "spec.canary"],
        ),
        (
            "0.20.0",
            standard,
            canaries(&[canary("''", 101, named)]),
            &["spec.canary[0].predictor.name", "spec.canary[0].trafficPercent", "spec.canary"],
        ),
        ("0.19.0", "", canaries(&[canary("next", 20, "")]), &[]),
    ] {
        let text = format!("{head}{annotations}}}}}\nspec: {{{spec}}}\n");
        let options =
            ServingOptions { kserve: Some(kserve.parse().unwrap()), ..ServingOptions::default() };
        let model = ServingModel::build(&items(&documents(&text)), &options);
        let refused = model.endpoints[0]
            .findings()
            .into_iter()
            .filter(|one| one.code == Code::KserveNotAdmitted);
        let fields: Vec<_> = refused.map(|one| one.field.unwrap().path).collect();
        assert_eq!(fields, expected, "{kserve}: {text}");
    }
}

/// Two services that are right by themselves.
#[test]
fn services_that_take_the_names_and_hosts_of_one_another_are_told() {
    let two = |first: &str, second: &str, rest: &str| {
        let of = |name: &str| IRIS.replace("name: iris, namespace: team-a", name);
        let model = model(&format!("{}---{}{rest}", of(first), of(second)));
        let codes = model.endpoints.iter().flat_map(|one| {
            one.findings()
                .into_iter()
                .filter(|one| matches!(one.code, Code::KserveNameTaken | Code::KserveHostTaken))
                .map(|finding| format!("{} {}", one.name, finding.code))
        });
        codes.collect::<Vec<_>>()
    };
    let public = format!("\n---{PLATFORM}");
    let (iris, wine) = ("name: iris, namespace: a", "name: wine, namespace: a");
    assert_eq!(two(iris, wine, &public), [""; 0]);
    let taken = ["iris-predictor kserve-name-taken", "iris-predictor kserve-host-taken"];
    assert_eq!(two("name: iris-predictor, namespace: a", iris, &public), taken);
    assert_eq!(two("name: iris-predictor, namespace: b", iris, &public), [""; 0]);
    // One object passed twice is one service.
    assert_eq!(two(iris, iris, &public), [""; 0]);
    let without_namespace = public.replace(
        "name: config-network, namespace: knative-serving}",
        "name: config-network, namespace: knative-serving}\ndata: {domain-template: '{{.Name}}.{{.Domain}}'}",
    );
    let hosts = two(iris, "name: iris, namespace: b", &without_namespace);
    assert_eq!(hosts, ["iris kserve-host-taken", "iris kserve-host-taken"]);
}

#[test]
fn standard_mode_says_what_its_ingress_confuses() {
    let raw = "name: iris, namespace: team-a, annotations: {serving.kserve.io/deploymentMode: RawDeployment}, labels: {networking.knative.dev/visibility: cluster-local}";
    let text = IRIS.replace("name: iris, namespace: team-a", raw).replace(
        "spec: {",
        "spec: {transformer: {containers: [{name: t}]}, explainer: {containers: [{name: e}]}, ",
    );
    let endpoint = only(&format!("{text}\n---{PLATFORM}"));
    let rules: Vec<_> = endpoint.routes[0]
        .rules
        .iter()
        .map(|rule| format!("{} {}", rule.host, rule.backend))
        .collect();
    assert_eq!(
        rules,
        [
            "iris-transformer-team-a.example.com iris-explainer",
            "iris-team-a.example.com iris-transformer",
            "iris-transformer-team-a.example.com iris-predictor",
            "iris-predictor-team-a.example.com iris-predictor",
        ]
    );
    assert_eq!(
        codes(&endpoint),
        [
            Code::KserveTransformerBackend,
            Code::KserveExplainerWithoutHost,
            Code::KserveVisibilityIgnored
        ]
    );
    assert_eq!(endpoint.exposure, Exposure::Public);
}

/// A component reads the annotation once more, and fails where it has another one of its own.
#[test]
fn a_component_with_another_mode_is_told() {
    let standard =
        "name: iris, namespace: team-a, annotations: {serving.kserve.io/deploymentMode: Standard}";
    let own = "transformer: {containers: [{name: t}], annotations: {serving.kserve.io/deploymentMode: Knative}}, predictor";
    let text = IRIS.replace("name: iris, namespace: team-a", standard).replace("predictor", own);
    let text = format!("{text}\n---{PLATFORM}");
    let newest = only(&text.replace(":v0.15.0", ":v0.20.0"));
    assert_eq!((newest.url.as_deref(), newest.routes.len()), (None, 0));
    assert_eq!(codes(&newest), [Code::KserveModeRefused]);
    assert!(newest.findings()[0].is_error());
    let old = only(&text.replace(":v0.15.0", ":v0.16.0"));
    assert!(old.url.is_some() && old.findings().iter().all(|one| !one.is_error()));
    assert!(codes(&old).contains(&Code::KserveModeAnnotationIgnored));
}

/// What `spec.canary` and `pathTemplate` do to the HTTPRoutes of a service.
#[test]
fn standard_mode_says_what_its_http_routes_confuse() {
    let standard =
        "name: iris, namespace: team-a, annotations: {serving.kserve.io/deploymentMode: Standard}";
    let canary = "spec: {canary: [{trafficPercent: 20, predictor: {name: next, model: {name: '', modelFormat: {name: sklearn}}}}], ";
    let text = IRIS.replace("name: iris, namespace: team-a", standard).replace("spec: {", canary);
    let text = format!("{text}\n---{PLATFORM}").replace(":v0.15.0", ":v0.20.0");
    let gateway = text.replace(
        "\"ingressDomain\"",
        "\"enableGatewayApi\": true, \"kserveIngressGateway\": \"kserve/kserve-ingress-gateway\", \"ingressDomain\"",
    );
    assert_eq!(codes(&only(&text)), [Code::KserveCanaryIgnored]);
    assert_eq!(codes(&only(&gateway)), []);
    let transformed =
        gateway.replace("spec: {canary", "spec: {transformer: {containers: [{name: t}]}, canary");
    assert_eq!(codes(&only(&transformed)), [Code::KserveCanaryBackend]);
    let by_path = gateway.replace(
        "\"ingressDomain\"",
        "\"pathTemplate\": \"/{{ .Namespace }}/{{ .Name }}\", \"ingressDomain\"",
    );
    let endpoint = only(&by_path);
    assert_eq!(codes(&endpoint), [Code::KservePathTemplateCatchAll]);
    assert!(endpoint.hosts().contains(&"example.com"));
    assert_eq!(endpoint.url.as_deref(), Some("http://iris-team-a.example.com"));
    let old = gateway.replace(":v0.20.0", ":v0.19.0");
    assert_eq!(codes(&only(&old)), [Code::KserveCanaryIgnored]);
}

/// One line for each service and each finding of a file.
fn listed(name: &str, model: &ServingModel, out: &mut String) {
    let _ = writeln!(out, "{name}");
    for endpoint in &model.endpoints {
        let url = endpoint.url.as_deref().unwrap_or("no URL");
        let _ = writeln!(
            out,
            "  {}/{} {} {url}",
            endpoint.namespace,
            endpoint.name,
            endpoint.mode_word.unwrap_or("no mode")
        );
        for host in endpoint.hosts() {
            let _ = writeln!(out, "    {host}");
        }
        for finding in endpoint.findings() {
            let _ = writeln!(out, "    {} {}", finding.severity, finding.code);
        }
    }
    for finding in model.findings() {
        let resource = finding.resource.as_ref().unwrap();
        let _ = writeln!(out, "  {} {} {}", finding.severity, finding.code, resource.kind);
    }
}

#[test]
fn every_sample_of_kserve_goes_through_and_none_in_silence() {
    let files = corpora::of("inference-services");
    if files.is_empty() {
        return;
    }
    assert_eq!(files.len(), 57);
    let mut out = String::new();
    for file in &files {
        let mut docs = documents(&file.text);
        let ours = docs.iter().filter(|document| {
            document["apiVersion"].as_str().unwrap_or_default().starts_with("serving.k")
                && ["InferenceService", "InferenceGraph", "LLMInferenceService"]
                    .contains(&document["kind"].as_str().unwrap_or_default())
        });
        let ours = ours.count();
        docs.extend(documents(PLATFORM));
        let model = ServingModel::build(&items(&docs), &ServingOptions::default());
        assert_eq!(model.endpoints.len() + model.remarks.len(), ours, "{}", file.name);
        assert!(ours > 0, "{}", file.name);
        for endpoint in &model.endpoints {
            // Nothing leads to an LLMInferenceService without a router, as its exposure says.
            let unrouted = endpoint.kind == EndpointKind::LlmInferenceService
                && endpoint.exposure == Exposure::None;
            let is_silent = endpoint.url.is_none() && endpoint.remarks.is_empty();
            assert!(unrouted || !is_silent, "{}", file.name);
        }
        listed(file.file_name(), &model, &mut out);
    }
    expect(&out, "fixtures/serving-model/samples.txt");
}

/// Compares with a file of the repository; `UPDATE_EXPECTED` writes it anew.
fn expect(found: &str, file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(&path).unwrap(), "{file} differs");
}

#[test]
fn whole_builds_say_their_releases() {
    let builds = corpora::of("platform");
    if builds.is_empty() {
        return;
    }
    for (file, kserve, knative, default) in [
        ("kserve-0.15.0.yaml.gz", "0.15.0", "1.20.0", "svc.cluster.local"),
        ("kubeflow-1.10.2-example.yaml.gz", "0.15.0", "1.16.2", "example.com"),
        ("kubeflow-aws-1.7.0-vanilla.yaml.gz", "0.10.0", "1.8.0", "svc.cluster.local"),
    ] {
        let text = &builds.iter().find(|build| build.file_name() == file).unwrap().text;
        let mut docs: Vec<serde_yaml::Value> = Vec::new();
        for one in text.split("\n---\n") {
            // Only what the model reads: the rest is megabytes of schemas.
            if [
                "kind: ConfigMap",
                "kind: Profile",
                "kind: Namespace",
                "kserve-controller:",
                "kind: ResourceList",
            ]
            .iter()
            .any(|kind| one.contains(kind))
            {
                docs.extend(documents(one));
            }
        }
        docs.extend(documents(IRIS));
        let model = ServingModel::build(&items(&docs), &ServingOptions::default());
        assert_eq!(
            (model.kserve.release.to_string(), model.knative.release.to_string()),
            (kserve.to_owned(), knative.to_owned()),
            "{file}"
        );
        assert!(matches!(model.kserve.source, VersionSource::Manifests(_)), "{file}");
        let host = model.endpoints[0].components[0].host.as_ref().unwrap().as_str();
        assert!(host.ends_with(default), "{file}: {host}");
        assert_eq!(model.findings(), [], "{file}");
    }
}

#[test]
fn the_checksums_of_stock_config_maps_are_reproduced() {
    let files = corpora::of("knative");
    if files.is_empty() {
        return;
    }
    let mut checked = 0;
    for file in files.iter().filter(|file| file.name.ends_with(".yaml")) {
        for document in documents(&file.text) {
            let example = document["data"][EXAMPLE_KEY].as_str().unwrap();
            let checksum =
                document["metadata"]["annotations"][CHECKSUM_ANNOTATION].as_str().unwrap();
            assert_eq!(example_checksum(example), checksum, "{}", file.name);
            checked += 1;
        }
    }
    assert_eq!(checked, 3);
}

#[test]
fn a_rewrite_shows_in_the_hosts_before_it_is_made() {
    let mut items = items(&documents(&format!("{IRIS}---{PLATFORM}")));
    let long =
        format!("{}.{}.{}.{}", "a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(40));
    items.replace_config_domain(Some(&BTreeMap::from([(long, String::new())])));
    let model = ServingModel::build(&items, &ServingOptions::default());
    assert!(codes(&model.endpoints[0]).contains(&Code::KnativeHostInvalid));
    items.replace_config_domain(Some(&BTreeMap::new()));
    let model = ServingModel::build(&items, &ServingOptions::default());
    assert_eq!(model.endpoints[0].exposure, Exposure::ClusterLocal);
}

#[test]
fn no_text_stops_the_readers() {
    let pieces = [
        "{{", "}}", "{", "}", "- ", " -", "/*", "*/", ".Name", ".Labels", ".", "$", "$x", ":=",
        "=", "|", "(", ")", "if ", "else ", "end", "with ", "printf ", "index ", "slice ", "eq ",
        "\"", "%s", "%", "%-5.2q", "`", "\\", "\\u", "12", "-3", "0x1", "é", "\u{fffd}", "\n",
        "\t", " ", ",", ":", "[", "]", "null", "true", "selector", "env", "&a", "*a", "!!str",
        "---", "#", "?", "@", "~", "1e9", "/",
    ];
    let labels = BTreeMap::from([("env".to_owned(), "é".to_owned())]);
    let record = Record::new().text("Name", "iris").map("Labels", &labels);
    let mut dice = Dice::new(3);
    let mut rendered = 0;
    for _ in 0..60_000 {
        let text: String =
            (0..1 + dice.below(12)).map(|_| pieces[dice.below(pieces.len())]).collect();
        for text in [text.clone(), format!("{{{{{text}}}}}")] {
            rendered += usize::from(
                Template::parse(&text).is_ok_and(|template| template.render(&record).is_ok()),
            );
        }
        let _ = unmarshal(&text, &mut KeySpellings::default());
        let _ = ConfigDomain::parse(&BTreeMap::from([("a.com".to_owned(), text.clone())]), "");
        let _ =
            ConfigNetwork::parse(&BTreeMap::from([("domain-template".to_owned(), text.clone())]));
        let _ = text.parse::<Release>();
        let _ = text.parse::<DnsName>();
    }
    assert!(rendered > 1_000, "{rendered}");
}

#[test]
fn the_order_of_the_items_does_not_matter() {
    let twice =
        IRIS.replace("sklearn", "triton").replace("team-a}", "team-a, labels: {env: prod}}");
    let more = IRIS.replace("team-a", "team-default").replace("name: iris,", "name: b,");
    let other = PLATFORM
        .replace("platform.example.com", "other.example.com")
        .replace("knative-serving", "elsewhere");
    let docs = documents(&format!(
        "{IRIS}\n---\n{twice}\n---\n{more}---{PLATFORM}---{other}\n---\napiVersion: serving.kserve.io/v1alpha1\nkind: InferenceGraph\nmetadata: {{name: g}}\n"
    ));
    let first = ServingModel::build(&items(&docs), &ServingOptions::default());
    assert_eq!(first.endpoints.len(), 4);
    let mut dice = Dice::new(7);
    for _ in 0..200 {
        let mut shuffled = docs.clone();
        for place in (1..shuffled.len()).rev() {
            shuffled.swap(place, dice.below(place + 1));
        }
        assert_eq!(ServingModel::build(&items(&shuffled), &ServingOptions::default()), first);
    }
}

#[test]
fn a_rewrite_leaves_at_most_one_default_and_the_second_changes_nothing() {
    let keys = ["example.com", "a.com", "b.com", "_example", "svc.cluster.local", "Z.com"];
    let values = [
        "",
        "selector: {env: prod}\n",
        "selector:\n  team: blue\n",
        "type: wildcard",
        "null",
        "selector: {n: 1}",
    ];
    let mut dice = Dice::new(99);
    for _ in 0..3_000 {
        let mut data = BTreeMap::new();
        for _ in 0..dice.below(6) {
            data.insert(
                keys[dice.below(keys.len())].to_owned(),
                values[dice.below(values.len())].to_owned(),
            );
        }
        let annotations =
            BTreeMap::from([("knative.dev/example-checksum".to_owned(), "0".to_owned())]);
        let mut wanted = Vec::new();
        for domain in ["a.com", "c.com"] {
            if dice.below(2) == 0 {
                let mut selector = BTreeMap::new();
                if dice.below(2) == 0 {
                    selector.insert(
                        "env".to_owned(),
                        ["prod", "yes", "1", ""][dice.below(4)].to_owned(),
                    );
                }
                let selector = RouteSelector::parse(&selector).unwrap();
                wanted.push(WantedDomain { domain: domain.parse().unwrap(), selector });
            }
        }
        let both = wanted.len() == 2 && wanted.iter().all(|one| one.selector.is_empty());
        let Ok(wanted) = WantedDomains::new(wanted) else {
            assert!(both);
            continue;
        };
        let (changes, _) = rewrite(&data, &annotations, &wanted).unwrap();
        let before = ConfigDomain::parse(&data, "svc.cluster.local").unwrap();
        let mut after = data.clone();
        after.retain(|key, _| !changes.remove.contains(key));
        after.extend(changes.set.clone());
        let parsed = ConfigDomain::parse(&after, "").unwrap();
        let defaults: Vec<_> = parsed.defaults().collect();
        assert_eq!(defaults.len(), 1, "{data:?} {wanted:?}");
        match wanted.default_domain() {
            Some(default) => assert_eq!(defaults, [default.as_str()]),
            // Without a wanted default no Route that had one gets another.
            None if wanted.is_empty() && !defaults[0].is_empty() => {
                assert_eq!(parsed.lookup(&BTreeMap::new()), before.lookup(&BTreeMap::new()));
            }
            None => {}
        }
        for (domain, selector) in before.domains().filter(|(_, selector)| !selector.is_empty()) {
            let kept = parsed.domains().find(|(found, _)| *found == domain).unwrap();
            assert!(kept.1 == selector || wanted.iter().any(|one| one.domain.as_str() == domain));
        }
        assert!(!after.contains_key("_example"));
        let (second, _) = rewrite(&after, &BTreeMap::new(), &wanted).unwrap();
        assert!(second.set.is_empty() && second.remove.is_empty(), "{data:?}");
    }
}

/// A service of the format `forecast`, and a runtime for it.
fn forecast(runtime: &str) -> Vec<Code> {
    let service = "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: sales, namespace: team-a}\nspec: {predictor: {model: {modelFormat: {name: forecast}, storageUri: 's3://m/sales'}}}\n";
    let runtime = format!(
        "apiVersion: serving.kserve.io/v1alpha1\nkind: ServingRuntime\nmetadata: {{name: forecaster, namespace: team-a}}\nspec: {{{runtime}, supportedModelFormats: [{{name: forecast, autoSelect: true}}]}}\n"
    );
    let endpoint = only(&format!("{service}---\n{runtime}---{PLATFORM}"));
    assert_eq!(endpoint.url.is_none(), codes(&endpoint).contains(&Code::KserveRuntimeRefused));
    codes(&endpoint)
}

#[test]
fn a_service_without_a_runtime_has_no_url() {
    assert_eq!(forecast("protocolVersions: [v1]"), []);
    assert_eq!(forecast("containers: []"), []);
    assert_eq!(forecast("protocolVersions: [v2, grpc-v2]"), [Code::KserveRuntimeRefused]);
    assert_eq!(forecast("disabled: true"), [Code::KserveRuntimeRefused]);
    // A runtime of ModelMesh is none for it; the cluster may have another one.
    assert_eq!(forecast("multiModel: true"), []);
}

#[test]
fn the_operators_configuration_is_the_clusters() {
    let operator = "apiVersion: operator.knative.dev/v1beta1\nkind: KnativeServing\nmetadata: {name: knative-serving, namespace: knative-serving}\nspec:\n  version: '1.15'\n  config:\n    domain: {lab.example.org: ''}\n    config-network: {domain-template: '{{.Name}}-{{.Namespace}}.{{.Domain}}'}\n";
    let found = model(&format!("{IRIS}---\n{operator}"));
    assert_eq!(found.endpoints[0].url.as_deref(), Some("http://iris-team-a.lab.example.org"));
    assert_eq!(found.knative.release.to_string(), "1.15.0");
    assert_eq!(found.findings(), []);
    // The ConfigMap is overwritten, which is reported.
    let both = model(&format!("{IRIS}---{PLATFORM}---\n{operator}"));
    assert_eq!(both.endpoints[0].url.as_deref(), Some("http://iris-team-a.lab.example.org"));
    let codes: Vec<Code> = both.findings().iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::KnativeOperatorOverrides]);
}

#[test]
fn a_graph_has_the_host_of_its_own_name() {
    let graph = |annotations: &str| {
        format!(
            "apiVersion: serving.kserve.io/v1alpha1\nkind: InferenceGraph\nmetadata: {{name: chain, namespace: team-a{annotations}}}\nspec: {{nodes: {{root: {{routerType: Sequence, steps: [{{serviceName: iris}}]}}}}}}\n---{PLATFORM}"
        )
    };
    let knative = only(&graph(""));
    assert_eq!(knative.url.as_deref(), Some("http://chain.team-a.platform.example.com"));
    assert_eq!(knative.public_hosts(), ["chain.team-a.platform.example.com"]);
    assert_eq!(knative.resource().kind, "InferenceGraph");
    let standard = only(&graph(", annotations: {serving.kserve.io/deploymentMode: RawDeployment}"));
    assert_eq!(standard.exposure, Exposure::ClusterLocal);
    assert_eq!(
        (standard.public_hosts(), codes(&standard)),
        (vec![], vec![Code::KserveUrlWithoutRoute])
    );
    let inside = only(&graph(", labels: {networking.knative.dev/visibility: cluster-local}"));
    assert_eq!((inside.exposure, inside.public_hosts()), (Exposure::ClusterLocal, vec![]));
}

#[test]
fn a_large_language_models_route_has_the_hosts_that_are_written() {
    let service = |router: &str| {
        only(&format!(
            "apiVersion: serving.kserve.io/v1alpha1\nkind: LLMInferenceService\nmetadata: {{name: qwen, namespace: llm}}\nspec: {{model: {{uri: 'hf://Qwen/Qwen3-8B'}}{router}}}\n"
        ))
    };
    let without = service("");
    assert_eq!((without.exposure, codes(&without)), (Exposure::None, vec![]));
    let of_gateway = service(", router: {route: {}, gateway: {}}");
    assert_eq!(of_gateway.exposure, Exposure::Public);
    assert_eq!(
        (of_gateway.url.as_deref(), codes(&of_gateway)),
        (None, vec![Code::KserveHostOfGateway])
    );
    let own = service(", router: {route: {http: {spec: {hostnames: [llm.example.com]}}}}");
    assert_eq!(own.public_hosts(), ["llm.example.com"]);
    assert_eq!(own.url.as_deref(), Some("http://llm.example.com/llm/qwen"));
}
