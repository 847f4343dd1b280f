//! Runtimes, what is stopped, the operator, graphs and what names its hosts itself.

use super::*;

/// A service of the format `forecast`, and a runtime for it.
fn forecast(runtime: &str) -> Vec<Code> {
    let service = "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: sales, namespace: team-a}\nspec: {predictor: {model: {modelFormat: {name: forecast}, storageUri: 's3://m/sales'}}}\n";
    let runtime = format!(
        "apiVersion: serving.kserve.io/v1alpha1\nkind: ServingRuntime\nmetadata: {{name: forecaster, namespace: team-a}}\nspec: {{{runtime}, supportedModelFormats: [{{name: forecast, autoSelect: true}}]}}\n"
    );
    let endpoint = only(&format!("{service}---\n{runtime}---{PLATFORM}"));
    assert_eq!(endpoint.url.is_none(), !codes(&endpoint).is_empty());
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

/// The pods have the ports of the runtime's container, and Knative's webhook takes one port at most.
#[test]
fn the_ports_of_a_runtime_are_those_of_its_services() {
    let with = |ports: &str| {
        forecast(&format!("containers: [{{name: kserve-container, image: i, ports: [{ports}]}}]"))
    };
    assert_eq!(with("{containerPort: 8080}"), []);
    let two = "{containerPort: 8080}, {containerPort: 9000}";
    assert_eq!(with(two), [Code::KnativePortsRefused]);
}

/// Of a component that its own annotation stops nothing stays that a request could be sent to.
#[test]
fn a_stopped_component_has_neither_host_nor_port() {
    let spec = |stop: bool| {
        format!(
            "predictor: {{annotations: {{serving.kserve.io/stop: '{stop}'}}, containers: [{{name: kserve-container, image: i, ports: [{{containerPort: 8080}}]}}]}}, transformer: {{containers: [{{name: kserve-container, image: i, ports: [{{containerPort: 8080}}]}}]}}"
        )
    };
    for (mode, is_standard) in [("Standard", true), ("Knative", false)] {
        let of = |stop| {
            only(&format!(
                "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {{name: iris, namespace: team-a, annotations: {{serving.kserve.io/deploymentMode: {mode}}}}}\nspec: {{{}}}\n---{}",
                spec(stop),
                PLATFORM.replace("kserve-controller:v0.15.0", "kserve-controller:v0.20.0")
            ))
        };
        let shown = |endpoint: &Endpoint| -> Vec<(bool, bool, bool, bool)> {
            let all = endpoint.components.iter();
            all.map(|one| {
                (one.stopped, one.host.is_some(), one.url.is_some(), !one.ports.is_empty())
            })
            .collect()
        };
        let runs = (false, true, true, is_standard);
        assert_eq!(shown(&of(false)), [runs, runs], "{mode}");
        assert_eq!(shown(&of(true)), [(true, false, false, false), runs], "{mode}");
    }
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
    // The API server writes a rule without a backend where there is none.
    assert_eq!(own.url.as_deref(), Some("http://llm.example.com/"));
    assert_eq!(codes(&own), [Code::KserveUrlWithoutRoute]);
}

/// As Knative's own controller writes `status.url` (`pkg/reconciler/domainmapping/reconciler.go`).
#[test]
fn a_mapping_has_the_scheme_of_its_certificate() {
    let url = |annotations: &str, tls: &str, network: &str| {
        let mapping = format!(
            "apiVersion: serving.knative.dev/v1beta1\nkind: DomainMapping\nmetadata: {{name: api.example.org, namespace: team-a, annotations: {{{annotations}}}}}\nspec: {{ref: {{kind: Service, name: a, apiVersion: serving.knative.dev/v1}}{tls}}}\n"
        );
        let network = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: config-network, namespace: knative-serving}}\ndata: {{{network}}}\n"
        );
        only(&format!("{mapping}---\n{network}")).url.unwrap()
    };
    let own = ", tls: {secretName: api}";
    let enabled = "external-domain-tls: Enabled";
    let off = "networking.knative.dev/disable-external-domain-tls: 'true'";
    assert_eq!(url("", "", ""), "http://api.example.org");
    assert_eq!(url("", own, ""), "https://api.example.org");
    assert_eq!(url("", "", enabled), "https://api.example.org");
    assert_eq!(url(off, "", enabled), "http://api.example.org");
    assert_eq!(url(off, own, enabled), "https://api.example.org");
    assert_eq!(url("", "", "default-external-scheme: https"), "https://api.example.org");
}

#[test]
fn an_operator_of_another_namespace_leaves_knatives_own_config_map() {
    let operator = |namespace: &str| {
        format!(
            "apiVersion: operator.knative.dev/v1beta1\nkind: KnativeServing\nmetadata: {{name: serving, namespace: {namespace}}}\nspec: {{config: {{domain: {{lab.example.org: ''}}}}}}\n"
        )
    };
    let both = model(&format!("{IRIS}---{PLATFORM}---\n{}", operator("sandbox")));
    assert_eq!(both.endpoints[0].url.as_deref(), Some("http://iris.team-a.platform.example.com"));
    assert_eq!(both.findings(), []);
    let alone = model(&format!("{IRIS}---\n{}", operator("sandbox")));
    assert_eq!(alone.endpoints[0].url.as_deref(), Some("http://iris.team-a.lab.example.org"));
}

#[test]
fn a_virtual_service_is_public_at_a_gateway_alone() {
    let hosts = |gateways: &str| -> Vec<String> {
        let found = model(&format!(
            "apiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata: {{name: models, namespace: team-a}}\nspec: {{hosts: [models.example.com], gateways: [{gateways}], http: [{{route: [{{destination: {{host: a}}}}]}}]}}\n---{PLATFORM}"
        ));
        let hosts = found.endpoints.iter().flat_map(|endpoint| endpoint.public_hosts());
        hosts.into_iter().map(|host| host.to_string()).collect()
    };
    assert_eq!(hosts("istio-system/public, mesh"), ["models.example.com"]);
    assert_eq!(hosts("mesh"), Vec::<String>::new());
    assert_eq!(hosts("knative-serving/knative-local-gateway"), Vec::<String>::new());
}
