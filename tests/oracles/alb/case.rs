//! One case: manifests, and what the controller's code answered.

use kserve_aws::controllers::alb::Objects;
use kserve_aws::controllers::alb::objects::AcmCertificate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use test_support::oracle::{cases, truth};

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) objects: Objects,
    /// Why the typed read of a manifest refused it.
    pub(crate) undecodable: Vec<String>,
    pub(crate) answer: Value,
}

impl Case {
    pub(crate) fn model(&self, group: &str) -> Value {
        match self.answer.get("models") {
            Some(models) => models[group].clone(),
            None => self.answer["model"].clone(),
        }
    }

    pub(crate) fn probe(&self, group: &str) -> Value {
        let probe = &self.answer["probe"];
        if self.answer.get("models").is_some() { probe[group].clone() } else { probe.clone() }
    }
}

/// The cases in `tests/data`.
pub(crate) fn own() -> Vec<Case> {
    cases("load-balancer-controller/cases.jsonl").into_iter().map(read).collect()
}

/// Those that lie beside the project; none where they don't.
pub(crate) fn of_the_truth() -> Vec<Case> {
    truth("load-balancer-controller.jsonl.gz").into_iter().map(read).collect()
}

fn read(answer: Value) -> Case {
    let name = answer["name"].as_str().unwrap().to_owned();
    let mut objects = Objects { certificates: Some(Vec::new()), ..Objects::default() };
    let mut undecodable = Vec::new();
    for document in serde_yaml::Deserializer::from_str(answer["manifests"].as_str().unwrap()) {
        let value = serde_yaml::Value::deserialize(document).unwrap();
        let kind = value.get("kind").and_then(|kind| kind.as_str()).unwrap_or_default().to_owned();
        match kind.as_str() {
            "Ingress" => push(&mut objects.ingresses, value, &mut undecodable),
            "Service" => push(&mut objects.services, value, &mut undecodable),
            "Secret" => push(&mut objects.secrets, value, &mut undecodable),
            "Namespace" => push(&mut objects.namespaces, value, &mut undecodable),
            "IngressClass" => push(&mut objects.ingress_classes, value, &mut undecodable),
            "IngressClassParams" => {
                push(&mut objects.ingress_class_params, value, &mut undecodable);
            }
            "Harness" => {
                let listed = value.get("spec").and_then(|spec| spec.get("acmCertificates"));
                let certificates: Vec<AcmCertificate> = listed
                    .map(|listed| serde_yaml::from_value(listed.clone()).unwrap())
                    .unwrap_or_default();
                objects.certificates = Some(certificates);
            }
            other => assert!(other.is_empty(), "{name}: {other} is not read"),
        }
    }
    // The cases were run in a cluster that has this class.
    if answer["manifests"].as_str().is_some_and(|text| !text.contains("kind: IngressClass\n")) {
        let class = "metadata: {name: alb}\nspec: {controller: ingress.k8s.aws/alb}";
        objects.ingress_classes.push(serde_yaml::from_str(class).unwrap());
    }
    Case { name, objects, undecodable, answer }
}

fn push<T: DeserializeOwned>(
    into: &mut Vec<T>,
    value: serde_yaml::Value,
    undecodable: &mut Vec<String>,
) {
    match serde_yaml::from_value(value) {
        Ok(object) => into.push(object),
        Err(error) => undecodable.push(error.to_string()),
    }
}
