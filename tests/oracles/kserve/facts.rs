//! What becomes of an object, as facts that two answers can be held against each other by.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// The facts of one object, by kind.
pub(crate) type Facts = BTreeMap<String, BTreeSet<String>>;

/// The facts of each object that KServe reconciles, by its kind, namespace and name.
pub(crate) type Outcome = BTreeMap<String, Facts>;

pub(crate) const REFUSED: &str = "refused";
/// Kinds of facts that the controller's answer has and the model does not speak of, and why.
pub(crate) const NOT_MODELLED: &[(&str, &str)] = &[
    ("random", "several runs gave several answers"),
    (
        "addresses",
        "the further addresses of an LLMInferenceService, of which the model has the first",
    ),
    ("error", "the words of the controller's error"),
];

pub(crate) fn add(facts: &mut Facts, kind: &str, fact: String) {
    facts.entry(kind.to_owned()).or_default().insert(fact);
}

/// The class of an Ingress.
pub(crate) fn class(name: &str, spec: &Value) -> String {
    format!("{name} {}", spec["ingressClassName"].as_str().unwrap_or("none"))
}

/// The pods of a Service, where the model knows them: those of the scheduler are in a configuration that it does not
/// read.
pub(crate) fn selector(facts: &mut Facts, name: &str, labels: &BTreeMap<String, String>) {
    if !labels.is_empty() && !name.ends_with("-epp-service") {
        let labels: Vec<_> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
        add(facts, "selector", format!("{name} {}", labels.join(",")));
    }
}

/// The name of a Service of several nodes, with `*` for the generation at its end.
fn without_generation(name: &str) -> String {
    let (named, _) = name.rsplit_once('-').unwrap_or((name, ""));
    format!("{named}-*")
}

/// The rules of a route, each in its place.
pub(crate) fn rules(facts: &mut Facts, name: &str, rules: &Value) {
    for (place, rule) in list(rules).iter().enumerate() {
        add(facts, "rules", format!("{name} {place} {}", plain(rule)));
    }
}

/// A rule with its keys in order, without what is empty or a default; the name that Gateway API gives a rule, its
/// timeouts and the version of the API of pools, which a gateway's answer decides, lead no request elsewhere.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let is_pool = map.get("kind") == Some(&Value::from("InferencePool"));
            let is_rule = map.contains_key("backendRefs");
            let mut fields: Vec<_> = map.iter().collect();
            fields.sort_by_key(|(key, _)| *key);
            let kept = fields.into_iter().filter(|(key, value)| match key.as_str() {
                "name" | "timeouts" => !is_rule,
                "group" => !is_pool,
                // A header is matched so where nothing else is said.
                "type" => **value != "Exact" || !map.contains_key("name"),
                _ => true,
            });
            let plain = kept.map(|(key, value)| (key.clone(), plain(value)));
            plain.filter(|(_, value)| !is_empty(value)).collect::<serde_json::Map<_, _>>().into()
        }
        Value::Array(list) => list.iter().map(plain).collect(),
        value => value.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn texts(value: &Value) -> Vec<&str> {
    list(value).iter().map(text).collect()
}

pub(crate) fn key(kind: &str, namespace: &str, name: &str) -> String {
    format!("{kind} {namespace}/{name}")
}

pub(crate) const RECONCILED: &[&str] =
    &["InferenceService", "InferenceGraph", "LLMInferenceService"];

/// The facts of an answer of the program in `oracles/kserve`.
pub(crate) fn of_answer(answer: &Value) -> Outcome {
    let mut outcome = Outcome::new();
    for refused in list(&answer["refused"]) {
        let kind = text(&refused["kind"]);
        if RECONCILED.contains(&kind) {
            let facts = outcome
                .entry(key(kind, text(&refused["namespace"]), text(&refused["name"])))
                .or_default();
            add(facts, REFUSED, format!("{}: {}", text(&refused["by"]), text(&refused["message"])));
        }
    }
    for object in list(&answer["objects"]) {
        let (kind, namespace, name) =
            (text(&object["kind"]), text(&object["namespace"]), text(&object["name"]));
        if RECONCILED.contains(&kind) {
            status(object, outcome.entry(key(kind, namespace, name)).or_default());
        } else if let Some((kind, owner)) = text(&object["owner"]).split_once(' ') {
            made(object, name, outcome.entry(key(kind, namespace, owner)).or_default());
        }
    }
    for (object, error) in answer["errors"].as_object().into_iter().flatten() {
        add(outcome.entry(object.clone()).or_default(), "error", text(error).to_owned());
    }
    if answer["outcomes"].as_u64() != Some(1) {
        outcome.values_mut().for_each(|facts| add(facts, "random", "true".to_owned()));
    }
    outcome
}

fn status(object: &Value, facts: &mut Facts) {
    let status = &object["status"];
    if let Some(mode) = status["deploymentMode"].as_str() {
        add(facts, "mode", mode.to_owned());
    }
    if let Some(url) = status["url"].as_str() {
        add(facts, "url", url.to_owned());
    }
    if let Some(url) = status["address"]["url"].as_str() {
        add(facts, "address", url.to_owned());
    }
    for one in list(&status["addresses"]) {
        add(facts, "addresses", text(&one["url"]).to_owned());
    }
    for (component, one) in status["components"].as_object().into_iter().flatten() {
        if let Some(url) = one["url"].as_str() {
            add(facts, "component", format!("{component} {url}"));
        }
    }
    for condition in list(&status["conditions"]) {
        let (kind, status) = (text(&condition["type"]), text(&condition["status"]));
        add(facts, "condition", format!("{kind} {status}"));
    }
}

/// An object that KServe made.
fn made(object: &Value, name: &str, facts: &mut Facts) {
    let spec = &object["spec"];
    match text(&object["kind"]) {
        "KnativeService" => {
            let route = &object["route"];
            add(facts, "workload", name.to_owned());
            let mut hosts: BTreeSet<&str> = route["tags"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(_, host)| text(host))
                .collect();
            hosts.insert(text(&route["host"]));
            let local = format!("{name}.{}.svc.cluster.local", text(&object["namespace"]));
            hosts.insert(&local);
            hosts.remove("");
            let hosts: Vec<_> = hosts.into_iter().collect();
            let visible = if route["cluster_local"] == true { "cluster-local" } else { "public" };
            if route["error"].is_null() {
                add(facts, "knative-route", format!("{name} {visible} {}", hosts.join(" ")));
            }
        }
        "VirtualService" => {
            add(
                facts,
                "virtual-service",
                format!(
                    "{name} gateways {} hosts {}",
                    texts(&spec["gateways"]).join(" "),
                    texts(&spec["hosts"]).join(" ")
                ),
            );
            rules(facts, name, &spec["http"]);
        }
        "Ingress" => {
            let backends: Vec<_> = list(&spec["rules"])
                .iter()
                .map(|rule| {
                    format!(
                        "{}>{}",
                        text(&rule["host"]),
                        text(&rule["http"]["paths"][0]["backend"]["service"]["name"])
                    )
                })
                .collect();
            add(facts, "ingress", format!("{name} {}", backends.join(" ")));
            add(facts, "class", class(name, spec));
            rules(facts, name, &spec["rules"]);
        }
        "HTTPRoute" => {
            let parents: Vec<_> = list(&spec["parentRefs"])
                .iter()
                .map(|one| format!("{}/{}", text(&one["namespace"]), text(&one["name"])))
                .collect();
            let last = list(&spec["rules"]).last();
            let backend = last.map_or("", |rule| text(&rule["backendRefs"][0]["name"]));
            let hosts = texts(&spec["hostnames"]);
            add(
                facts,
                "http-route",
                format!(
                    "{name} parents {} hosts {} backend {backend}",
                    parents.join(" "),
                    hosts.join(" ")
                ),
            );
            rules(facts, name, &spec["rules"]);
        }
        "Deployment" => add(facts, "workload", name.to_owned()),
        "Service" => {
            // The scheduler's are names, of ports that the model does not read.
            let ports: Vec<_> = list(&spec["ports"])
                .iter()
                .filter(|port| port["targetPort"].is_number())
                .map(|port| format!("{}:{}", port["port"], port["targetPort"]))
                .collect();
            let kind = text(&spec["type"]).trim_start_matches("ClusterIP");
            let of_nodes = spec["publishNotReadyAddresses"] == true;
            let name = if of_nodes { without_generation(name) } else { name.to_owned() };
            let fact = format!("{name} {kind} {}", ports.join(" "));
            add(facts, if of_nodes { "headless" } else { "service" }, fact);
            let selected = spec["selector"].as_object().into_iter().flatten();
            let labels = selected.map(|(key, value)| {
                let is_generation = key == "isvc.generation";
                (key.clone(), if is_generation { "*" } else { text(value) }.to_owned())
            });
            selector(facts, &name, &labels.collect());
        }
        _ => {}
    }
}
