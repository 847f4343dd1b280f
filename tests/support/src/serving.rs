//! InferenceServices, and the configuration of `generate-authorization-policies`.

pub const CONFIG_NETWORK: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: config-network
  namespace: knative-serving
data:
  ingress-class: istio.ingress.networking.knative.dev
";

/// A service with components; `v2` of its predictor.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Service {
    pub namespace: String,
    pub name: String,
    pub transformer: bool,
    pub explainer: bool,
    pub v2: bool,
}

impl Service {
    pub fn components(&self) -> Vec<&'static str> {
        let all =
            [("predictor", true), ("transformer", self.transformer), ("explainer", self.explainer)];
        all.into_iter().filter(|(_, there)| *there).map(|(component, _)| component).collect()
    }
}

/// The services of the README's tables, in a Profile's namespace.
pub fn samples() -> Vec<Service> {
    [("iris", false, false), ("faces", true, false), ("income", false, true)]
        .map(|(name, transformer, explainer)| Service {
            namespace: "team-a".to_owned(),
            name: name.to_owned(),
            transformer,
            explainer,
            v2: false,
        })
        .to_vec()
}

pub fn manifest(service: &Service) -> String {
    let Service { namespace, name, v2, .. } = service;
    let mut text = format!(
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata:\n  name: {name}\n  namespace: {namespace}\nspec:\n  predictor:\n    model:\n      modelFormat:\n        name: sklearn\n      protocolVersion: {}\n      storageUri: s3://models/{name}\n",
        if *v2 { "v2" } else { "v1" }
    );
    for component in service.components().into_iter().skip(1) {
        text.push_str(&format!(
            "  {component}:\n    serviceAccountName: {}\n    containers:\n    - name: kserve-container\n      image: registry.example.com/{component}:v1\n",
            service_account(name, component)
        ));
    }
    text
}

pub fn service_account(service: &str, component: &str) -> String {
    match component {
        "predictor" => "default".to_owned(),
        _ => format!("{service}-{component}"),
    }
}

pub fn config(mode: &str) -> String {
    format!(
        "apiVersion: fn.kserve-aws.dev/v1alpha1\nkind: ServingAuthorization\nmetadata:\n  name: serving\nspec:\n  mode: {mode}\n"
    )
}
