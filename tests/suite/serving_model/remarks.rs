//! What the model says of a service that will not be reached as its author thinks.

use super::*;

#[test]
fn what_is_not_in_the_manifests_is_said() {
    let endpoint = only(IRIS);
    assert_eq!(
        endpoint.assumed.iter().map(|one| &**one).collect::<Vec<_>>(),
        [
            "inferenceservice-config: the default of KServe 0.20.0",
            "KServe 0.20.0: the newest known, because no manifest names one",
            "config-domain: the default, whose only domain is svc.cluster.local",
            "config-network: the default",
            "Knative Serving 1.21.0: the newest known, because no manifest names one",
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
    assert_eq!(&*endpoint.assumed[0], "namespace team-b: of the only Profile");
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
            )
            .replace("version: 1.16.2", "version: 1.21.0"),
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
        (
            newest(service(
                &format!("{ns}, annotations: {{serving.kserve.io/deploymentMode: Standard}}"),
                "annotations: {serving.kserve.io/stop: 'true'}, ",
            )),
            Code::KserveComponentStopped,
        ),
        (service(ns, "containers: [{name: sidecar}], "), Code::KnativePortsRefused),
        (
            service(
                ns,
                "containers: [{name: sidecar, ports: [{name: grpc, containerPort: 9000}]}], ",
            ),
            Code::KnativePortsRefused,
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
    // 0.20.0 starts a canary, and what comes after it sends it requests.
    assert_eq!(codes(&only(&gateway)), [Code::KserveCanaryIgnored]);
    let gateway = gateway.replace(":v0.20.0", ":v0.21.0");
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
    let old = gateway.replace(":v0.21.0", ":v0.19.0");
    assert_eq!(codes(&only(&old)), [Code::KserveCanaryIgnored]);
}
