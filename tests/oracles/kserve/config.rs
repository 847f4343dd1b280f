//! The ConfigMaps of KServe and Knative, as they are shipped, changed, and broken.

use serde_json::{Map, Value, json};

use test_support::Dice;

use super::questions::one;

const DOMAIN_TEMPLATES: &[&str] = &[
    "{{ .Name }}-{{ .Namespace }}.{{ .IngressDomain }}",
    "{{ .Name }}.{{ .Namespace }}.{{ .IngressDomain }}",
    "{{.Name}}.{{.IngressDomain}}",
    "{{ .Name }}-{{ .Namespace }}.{{ .IngressDomain }}",
    "{{ if .Labels.env }}{{ .Name }}-{{ .Labels.env }}{{ else }}{{ .Name }}{{ end }}.{{ .IngressDomain }}",
    "{{ .Name }}.{{ index .Annotations \"sub\" }}.{{ .IngressDomain }}",
    "models.{{ .IngressDomain }}",
    "{{ .Name }}_{{ .Namespace }}.{{ .IngressDomain }}",
    "{{ .Name }}.{{ .Domain }}",
    "{{ .Name",
    "{{ .Name }}.{{ .IngressDomain }}.",
    "http://{{ .Name }}.{{ .IngressDomain }}",
    "*.{{ .IngressDomain }}",
    "",
];
const INGRESS_DOMAINS: &[&str] = &[
    "example.com",
    "example.com",
    "models.example.org",
    "svc.cluster.local",
    "Example.COM",
    "a_b.example.com",
    "",
    "example.com.",
];
const PATH_TEMPLATES: &[&str] = &[
    "/serving/{{ .Namespace }}/{{ .Name }}",
    "/serving/{{ .Namespace }}/{{ .Name }}",
    "/{{ .Name }}",
    "{{ .Name }}",
    "/{{ .Name }}?a=b",
    "/{{ .Labels }}",
    "{{ .Name",
    "",
];
const MODES: &[&str] = &[
    "Knative",
    "Serverless",
    "Serverless",
    "Standard",
    "RawDeployment",
    "RawDeployment",
    "ModelMesh",
    "serverless",
    "",
];
const KNATIVE_DOMAINS: &[&str] = &[
    "example.com",
    "models.example.org",
    "prod.example.com",
    "com",
    "svc.cluster.local",
    "other.net",
];

/// The ConfigMaps of a question.
pub(crate) fn config_maps(dice: &mut Dice) -> Vec<Value> {
    let mut maps = vec![knative_domain(dice), knative_network(dice)];
    if !dice.hits(60) {
        maps.push(kserve(dice));
    }
    maps
}

fn config_map(namespace: &str, name: &str, data: Value) -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name, "namespace": namespace }, "data": data })
}

fn knative_domain(dice: &mut Dice) -> Value {
    let mut data = Map::new();
    for _ in 0..=dice.below(3) {
        let selector = match dice.below(5) {
            0 => "selector:\n  env: prod\n",
            1 => "selector:\n  networking.knative.dev/visibility: cluster-local\n",
            _ => "",
        };
        data.insert(one(dice, KNATIVE_DOMAINS).to_owned(), selector.into());
    }
    config_map("knative-serving", "config-domain", data.into())
}

fn knative_network(dice: &mut Dice) -> Value {
    let mut data = Map::new();
    if dice.hits(6) {
        let template = one(
            dice,
            &[
                "{{.Name}}.{{.Domain}}",
                "{{.Name}}-{{.Namespace}}.{{.Domain}}",
                "{{.Namespace}}.{{.Name}}.{{.Domain}}",
                "{{.Nope}}",
            ],
        );
        data.insert("domain-template".to_owned(), template.into());
    }
    if dice.hits(10) {
        data.insert("tag-template".to_owned(), "{{.Name}}-{{.Tag}}".into());
    }
    if dice.hits(12) {
        data.insert("default-external-scheme".to_owned(), "https".into());
    }
    if dice.hits(20) {
        data.insert("external-domain-tls".to_owned(), "Enabled".into());
    }
    config_map("knative-serving", "config-network", data.into())
}

/// The values that are shipped, each of which may be another, absent, or written in another case.
fn ingress(dice: &mut Dice) -> String {
    let mut fields: Vec<(&str, Value)> = vec![
        (
            "ingressGateway",
            one(
                dice,
                &["knative-serving/knative-ingress-gateway", "istio-system/public", "public"],
            )
            .into(),
        ),
        ("localGateway", "knative-serving/knative-local-gateway".into()),
        ("localGatewayService", "knative-local-gateway.istio-system.svc.cluster.local".into()),
        ("ingressService", "istio-ingressgateway.istio-system.svc.cluster.local".into()),
        ("ingressDomain", one(dice, INGRESS_DOMAINS).into()),
        ("ingressClassName", one(dice, &["istio", "alb", "nginx", ""]).into()),
        (
            "domainTemplate",
            if dice.hits(2) { DOMAIN_TEMPLATES[0] } else { one(dice, DOMAIN_TEMPLATES) }.into(),
        ),
        ("urlScheme", one(dice, &["http", "http", "http", "https", "HTTPS", "h t", ""]).into()),
        ("disableIstioVirtualHost", dice.hits(8).into()),
        ("enableGatewayApi", dice.hits(3).into()),
        ("kserveIngressGateway", "kserve/kserve-ingress-gateway".into()),
        ("disableIngressCreation", dice.hits(10).into()),
    ];
    fields.retain(|_| !dice.hits(14));
    if dice.hits(6) {
        fields.push(("pathTemplate", one(dice, PATH_TEMPLATES).into()));
    }
    if dice.hits(5) {
        let domains = match dice.below(5) {
            0 => json!(["second.example.org", "third.net"]),
            1 => json!(["example.com", "second.example.org", "second.example.org"]),
            2 => json!(["Bad_Domain"]),
            3 => json!("second.example.org"),
            _ => json!(["second.example.org"]),
        };
        fields.push(("additionalIngressDomains", domains));
    }
    if dice.hits(10) {
        fields.push((
            "knativeLocalGatewayService",
            "other-local.istio-system.svc.cluster.local".into(),
        ));
    }
    if dice.hits(10) {
        fields.push(("disableHTTPRouteTimeout", true.into()));
    }
    if dice.hits(20) {
        fields
            .push(("kserveIngressGateway", one(dice, &["only-a-name", "", "A/b", "a/b/c"]).into()));
    }
    if dice.hits(30) {
        fields.push(("enableGatewayApi", "true".into()));
    }
    if dice.hits(30) {
        fields.push(("ingressGatewy", "x/y".into()));
    }
    let fields: Vec<_> = fields
        .into_iter()
        .map(|(key, value)| {
            let key = match dice.below(40) {
                0 => key.to_ascii_lowercase(),
                1 => key.to_ascii_uppercase(),
                _ => key.to_owned(),
            };
            format!("{}: {value}", Value::from(key))
        })
        .collect();
    // As text, since an object of ours has no key twice.
    let end = if dice.hits(60) { "," } else { "" };
    format!("{{{}{end}}}", fields.join(", "))
}

/// KServe's configuration as it is shipped, apart from routes and the default mode.
pub(super) fn shipped(ingress: String, mode: &str) -> Value {
    json!({
        "ingress": ingress,
        "deploy": format!("{{\"defaultDeploymentMode\": \"{mode}\"}}"),
        "storageInitializer": "{\"image\": \"s:1\", \"memoryRequest\": \"1Mi\", \"memoryLimit\": \"1Gi\", \"cpuRequest\": \"1m\", \"cpuLimit\": \"1\", \"enableModelcar\": true, \"cpuModelcar\": \"10m\", \"memoryModelcar\": \"15Mi\"}",
        "credentials": "{\"storageSpecSecretName\": \"storage-config\"}",
        "router": "{\"image\": \"router:1\", \"memoryRequest\": \"1Mi\", \"memoryLimit\": \"1Gi\", \"cpuRequest\": \"1m\", \"cpuLimit\": \"1\"}",
        "inferenceService": "{\"resource\": {\"cpuLimit\": \"1\", \"memoryLimit\": \"2Gi\", \"cpuRequest\": \"1\", \"memoryRequest\": \"2Gi\"}}",
        "explainers": "{\"art\": {\"image\": \"art\", \"defaultImageVersion\": \"1\"}}",
        "agent": "{\"image\": \"agent:1\", \"memoryRequest\": \"1Mi\", \"memoryLimit\": \"1Gi\", \"cpuRequest\": \"1m\", \"cpuLimit\": \"1\"}",
        "logger": "{\"image\": \"agent:1\", \"memoryRequest\": \"1Mi\", \"memoryLimit\": \"1Gi\", \"cpuRequest\": \"1m\", \"cpuLimit\": \"1\", \"defaultUrl\": \"http://broker\"}",
        "batcher": "{\"image\": \"agent:1\", \"memoryRequest\": \"1Mi\", \"memoryLimit\": \"1Gi\", \"cpuRequest\": \"1m\", \"cpuLimit\": \"1\", \"maxBatchSize\": \"32\", \"maxLatency\": \"5000\"}",
        "localModel": "{\"enabled\": false}",
        "security": "{\"autoMountServiceAccountToken\": true}",
        "autoscaler": "{\"scaleUpStabilizationWindowSeconds\": \"0\", \"scaleDownStabilizationWindowSeconds\": \"300\"}",
    })
}

fn kserve(dice: &mut Dice) -> Value {
    let ingress = ingress(dice);
    let mode = if dice.hits(2) { "Serverless" } else { one(dice, MODES) };
    let mut data = shipped(ingress, mode);
    if dice.hits(10) {
        data["service"] = format!("{{\"serviceClusterIPNone\": {}}}", dice.hits(2)).into();
    }
    if dice.hits(16) {
        let list = one(
            dice,
            &[
                "[\"sidecar.istio.io/inject\"]",
                "[\"serving.kserve.io/deploymentMode\"]",
                "[\"serving.kserve.io/enable-tag-routing\"]",
                "null",
            ],
        );
        data["inferenceService"] = format!("{{\"serviceAnnotationDisallowedList\": {list}, \"serviceLabelDisallowedList\": [\"team\"]}}").into();
    }
    if dice.hits(20) {
        let key =
            one(dice, &["ingress", "ingress", "deploy", "deploy", "inferenceService", "router"]);
        if let Some(data) = data.as_object_mut() {
            if dice.hits(3) {
                data.insert(key.to_owned(), one(dice, &["null", "{}", "{", "[]", "\"x\""]).into());
            } else {
                data.remove(key);
            }
        }
    }
    config_map("kserve", "inferenceservice-config", data)
}
