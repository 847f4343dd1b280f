//! What upstream's overlays give, and each difference of ours that is meant.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::documents;

/// One thing that our overlays do otherwise than upstream's on purpose.
pub(crate) struct Difference {
    pub(crate) what: &'static str,
    /// The overlays in which upstream has what we change.
    pub(crate) overlays: &'static [&'static str],
    /// Makes of upstream's objects what ours are in this.
    make: fn(&mut Vec<Value>),
}

/// The overlays that upstream has.
pub(crate) const ALL: &[&str] = &["base", "https", "api", "cognito"];

/// Every difference: no other one is left.
pub(crate) const MEANT: [Difference; 5] = [
    Difference {
        what: "the ConfigMap that applies the parameters in clear text is left out",
        overlays: ALL,
        make: |documents| documents.retain(|document| document["kind"] != "ConfigMap"),
    },
    Difference {
        what: "the actions annotation is left out, which no backend refers to",
        overlays: &["api"],
        make: |documents| {
            each_ingress(documents, |ingress| {
                annotations(ingress)
                    .retain(|key, _| !key.starts_with("alb.ingress.kubernetes.io/actions."));
            });
        },
    },
    Difference {
        what: "the class is in ingressClassName: EKS Auto Mode reads no annotation",
        overlays: ALL,
        make: |documents| {
            each_ingress(documents, |ingress| {
                let class = annotations(ingress).remove("kubernetes.io/ingress.class").unwrap();
                ingress["spec"]["ingressClassName"] = class;
            });
        },
    },
    Difference {
        // `buildPathPatternsForPrefixPathType` of the controller's
        // pkg/ingress/model_build_listener_rules.go makes "/*" of it.
        what: "the path is Prefix /, the same rule, which the Gateway API has, too",
        overlays: ALL,
        make: |documents| {
            each_ingress(documents, |ingress| {
                for rule in ingress["spec"]["rules"].as_array_mut().unwrap() {
                    for path in rule["http"]["paths"].as_array_mut().unwrap() {
                        assert_eq!(path["path"], "/*");
                        assert_eq!(path["pathType"], "ImplementationSpecific");
                        path["path"] = json!("/");
                        path["pathType"] = json!("Prefix");
                    }
                }
            });
        },
    },
    Difference {
        what: "the health check asks the gateway's status port, where / answers 404",
        overlays: ALL,
        make: |documents| {
            each_ingress(documents, |ingress| {
                let annotations = annotations(ingress);
                for (name, value) in [("port", "15021"), ("path", "/healthz/ready")] {
                    let key = format!("alb.ingress.kubernetes.io/healthcheck-{name}");
                    assert!(annotations.insert(key, json!(value)).is_none());
                }
            });
        },
    },
];

/// What ours has to be: upstream's with every difference that is meant. `None` where the corpora are
/// not there, and for an overlay that upstream has not.
pub(crate) fn expected(overlay: &str) -> Option<BTreeMap<String, Value>> {
    with(overlay, |_| true)
}

/// Upstream's with some of the differences.
pub(crate) fn with(
    overlay: &str,
    is_made: impl Fn(&Difference) -> bool,
) -> Option<BTreeMap<String, Value>> {
    if !ALL.contains(&overlay) {
        return None;
    }
    let path = test_support::shared(&format!("corpora/ingress-reference/upstream-{overlay}.yaml"))?;
    let mut objects = documents::of(&std::fs::read_to_string(path).unwrap());
    for difference in MEANT.iter().filter(|difference| difference.overlays.contains(&overlay)) {
        if is_made(difference) {
            (difference.make)(&mut objects);
        }
    }
    Some(documents::meaning(objects))
}

fn each_ingress(documents: &mut [Value], change: impl Fn(&mut Value)) {
    let ingresses = documents.iter_mut().filter(|document| document["kind"] == "Ingress");
    ingresses.for_each(change);
}

fn annotations(ingress: &mut Value) -> &mut serde_json::Map<String, Value> {
    ingress.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut).unwrap()
}
