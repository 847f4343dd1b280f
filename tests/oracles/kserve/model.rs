//! What the project's model says of a question.

use std::collections::{BTreeMap, BTreeSet};

use kserve_aws::controllers::kserve::{
    Endpoint, EndpointKind, LlmWorkloads, Remark, RouteKind, ServiceFor, ServingItems,
    ServingModel, ServingOptions, ServingRoute,
};
use kserve_aws::finding::Finding;
use kserve_aws::serving::model::Findings;
use kserve_aws::values::k8s::ResourceRef;
use kserve_aws::values::release::Release;
use serde_json::Value;

use super::facts::{Facts, Outcome, REFUSED, add, class, key, rules, selector};

/// From here on the status has the mode.
const WITH_MODE: Release = Release::new(0, 15, 1);
/// From here on there is the kind LLMInferenceService.
const WITH_LLM: Release = Release::new(0, 16, 0);

/// What the model says, and what it does not speak of, by kind.
#[derive(Clone)]
pub(crate) struct Modelled {
    pub(crate) outcome: Outcome,
    /// The codes of the findings about each object.
    pub(crate) codes: BTreeMap<String, BTreeSet<&'static str>>,
    /// The services whose Deployments the fake cluster never lets be ready.
    pub(crate) unready: BTreeSet<String>,
}

pub(crate) fn modelled(question: &Value, kserve: Release, knative: Release) -> Modelled {
    let mut items = ServingItems::default();
    let mut outcome = Outcome::new();
    for object in question["objects"].as_array().unwrap() {
        let text = |key: &str| object[key].as_str().unwrap_or_default().to_owned();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        if kind == "LLMInferenceService" && kserve < WITH_LLM {
            // The schema of a release knows its kinds; the model takes what is given.
            let (namespace, name) = (&object["metadata"]["namespace"], &object["metadata"]["name"]);
            let key = key(&kind, namespace.as_str().unwrap(), name.as_str().unwrap());
            add(outcome.entry(key).or_default(), REFUSED, "schema".to_owned());
            continue;
        }
        if let Err(error) = items.add(&api_version, &kind, object.clone()) {
            let metadata = &object["metadata"];
            let (namespace, name) =
                (metadata["namespace"].as_str().unwrap(), metadata["name"].as_str().unwrap());
            add(
                outcome.entry(key(&kind, namespace, name)).or_default(),
                REFUSED,
                "schema".to_owned(),
            );
            items.unreadable(&ResourceRef { api_version, kind, ..ResourceRef::default() }, &error);
        }
    }
    let options = ServingOptions {
        kserve: Some(kserve),
        knative: Some(knative),
        whole_cluster: true,
        ..ServingOptions::default()
    };
    let model = ServingModel::build(&items, &options);
    let mut codes = BTreeMap::new();
    let mut unready = BTreeSet::new();
    for endpoint in &model.endpoints {
        let key = key(&endpoint.resource().kind, &endpoint.namespace, &endpoint.name);
        codes.insert(
            key.clone(),
            endpoint.findings().iter().map(|finding| finding.code.as_str()).collect(),
        );
        if endpoint.mode_word == Some("RawDeployment") && !endpoint.components.is_empty() {
            unready.insert(key.clone());
        }
        let mut facts = facts(&model, endpoint, kserve);
        if !facts.contains_key(REFUSED) {
            for (kind, status) in model.conditions(endpoint) {
                add(&mut facts, "condition", format!("{kind} {status:?}"));
            }
            for one in &endpoint.routes {
                created(&model, endpoint, one, &mut facts);
            }
        }
        outcome.insert(key, facts);
    }
    Modelled { outcome, codes, unready }
}

fn facts(model: &ServingModel, endpoint: &Endpoint, kserve: Release) -> Facts {
    let mut facts = Facts::new();
    // A graph is not defaulted, so that the webhook reads no configuration for it.
    let is_defaulted = endpoint.kind != EndpointKind::InferenceGraph;
    let refuses = |remark: &Remark| match remark {
        Remark::NameInvalid(_) | Remark::Refused(_) => true,
        Remark::NothingReconciled(_) => is_defaulted,
        _ => false,
    };
    if endpoint.remarks.iter().any(refuses) {
        add(&mut facts, REFUSED, "webhook".to_owned());
        return facts;
    }
    // Whoever fails before the end of the first round writes no status; a graph in Knative mode none of
    // its mode.
    let is_graph = endpoint.kind == EndpointKind::InferenceGraph;
    let is_standard = matches!(endpoint.mode_word, Some("Standard" | "RawDeployment"));
    let has_status = !model.conditions(endpoint).is_empty();
    let never_starts = |remark: &Remark| {
        matches!(remark, Remark::GraphWaits { .. } | Remark::Stopped | Remark::NothingReconciled(_))
    };
    let has_no_host = is_standard
        && endpoint.findings().iter().any(|finding| {
            matches!(finding.code.as_str(), "kserve-host-invalid" | "kserve-domain-template")
        });
    if is_graph && !has_no_host && !endpoint.remarks.iter().any(never_starts) {
        add(&mut facts, "workload", endpoint.name.clone());
    }
    // The status of a graph has neither its mode nor its address.
    let has_mode = has_status && !is_graph && kserve >= WITH_MODE;
    if let Some(mode) = endpoint.mode_word.filter(|_| has_mode) {
        add(&mut facts, "mode", mode.to_owned());
    }
    if let Some(url) = &endpoint.url {
        add(&mut facts, "url", url.clone());
    }
    if let Some(url) = endpoint.address.as_ref().filter(|_| !is_graph) {
        add(&mut facts, "address", url.clone());
    }
    // Created and deleted in each round.
    let is_deleted = |one: &Finding| one.code.as_str() == "kserve-workers-deleted";
    let has_workers = !endpoint.findings().iter().any(is_deleted);
    for component in &endpoint.components {
        if !component.stopped {
            add(&mut facts, "workload", component.name.clone());
            if component.pods.multi_node && is_standard && has_workers {
                add(&mut facts, "workload", format!("{}-worker", component.name));
            }
        }
        if let Some(url) = component.url.as_ref().filter(|_| has_status) {
            add(&mut facts, "component", format!("{} {url}", component.component.as_str()));
        }
    }
    for canary in endpoint.canaries.iter().filter(|one| !one.part.stopped) {
        add(&mut facts, "workload", canary.part.name.clone());
    }
    if let Some(llm) = &endpoint.llm {
        for name in llm.deployments.iter().chain(&llm.scheduler) {
            add(&mut facts, "workload", name.clone());
        }
    }
    for service in endpoint.created_services(kserve) {
        let ports: Vec<_> =
            service.ports.iter().map(|one| format!("{}:{}", one.port, one.target)).collect();
        let kind = match service.purpose {
            ServiceFor::LocalGateway => "ExternalName",
            ServiceFor::Requests | ServiceFor::Nodes => "",
        };
        let of_nodes = service.purpose == ServiceFor::Nodes;
        if of_nodes && !has_workers {
            continue;
        }
        let fact = format!("{} {kind} {}", service.name, ports.join(" "));
        add(&mut facts, if of_nodes { "headless" } else { "service" }, fact);
        selector(&mut facts, &service.name, &service.selector);
    }
    for one in &endpoint.routes {
        route(one, endpoint.llm.as_deref(), &mut facts);
    }
    facts
}

/// A route as it is written, with its rules.
fn created(model: &ServingModel, endpoint: &Endpoint, route: &ServingRoute, facts: &mut Facts) {
    let object = match route.kind {
        RouteKind::Knative => return,
        RouteKind::VirtualService => {
            let object = model.virtual_service(endpoint, route).unwrap();
            serde_json::to_value(object.spec.http).unwrap()
        }
        RouteKind::Ingress => {
            let object = model.ingress(&None, &BTreeMap::new(), route);
            let object = serde_json::to_value(object).unwrap();
            add(facts, "class", class(&route.name, &object["spec"]));
            object["spec"]["rules"].clone()
        }
        RouteKind::HttpRoute => {
            let object = model.http_route(endpoint, route).unwrap();
            serde_json::to_value(object.rules).unwrap()
        }
    };
    rules(facts, &route.name, &object);
}

fn route(route: &ServingRoute, llm: Option<&LlmWorkloads>, facts: &mut Facts) {
    let name = &route.name;
    let hosts: Vec<_> = route.rules.iter().map(|rule| rule.host.as_str()).collect();
    match route.kind {
        RouteKind::Knative => {
            let visible = if route.public { "public" } else { "cluster-local" };
            let hosts: BTreeSet<_> = hosts.into_iter().collect();
            let hosts: Vec<_> = hosts.into_iter().collect();
            add(facts, "knative-route", format!("{name} {visible} {}", hosts.join(" ")));
        }
        RouteKind::VirtualService => {
            add(
                facts,
                "virtual-service",
                format!("{name} gateways {} hosts {}", route.gateways.join(" "), hosts.join(" ")),
            );
        }
        RouteKind::Ingress => {
            let rules: Vec<_> =
                route.rules.iter().map(|rule| format!("{}>{}", rule.host, rule.backend)).collect();
            add(facts, "ingress", format!("{name} {}", rules.join(" ")));
        }
        RouteKind::HttpRoute => {
            let backend = route.rules.first().map(|rule| &*rule.backend);
            let of_llm = |llm: &'_ LlmWorkloads| llm.last_backend().unwrap_or_default().to_owned();
            let backend = llm.map(of_llm).or(backend.map(str::to_owned)).unwrap_or_default();
            add(
                facts,
                "http-route",
                format!(
                    "{name} parents {} hosts {} backend {backend}",
                    route.gateways.join(" "),
                    hosts.join(" ")
                ),
            );
        }
    }
}
