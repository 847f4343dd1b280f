//! `KServe`'s own controller is the judge of the serving model: every `InferenceService` of the
//! truth file, under the newest release and under each older one that answered.

use std::collections::{BTreeMap, BTreeSet};

use kserve_aws::controllers::kserve::{
    Endpoint, RouteKind, ServingItems, ServingModel, ServingOptions, ServingRoute,
};
use kserve_aws::finding::{Code, Severity};
use kserve_aws::serving::model::Findings;
use kserve_aws::values::k8s::ResourceRef;
use kserve_aws::values::release::Release;
use serde_json::{Value, json};
use test_support::oracle::{Counts, Judgement, Oracle, cases, hold, truth};

/// Cases whose answer depends on what no manifest says, and why.
const OUTSIDE_OF_THE_MANIFESTS: &[(&str, &str)] = &[
    (
        "predictor-named-change",
        "the webhook refuses the change of a name, which the later manifest alone does not show",
    ),
    (
        "proto-sklearn-grpc-v1",
        "no ServingRuntime of the cluster speaks the protocol, and a finding says so",
    ),
    (
        "proto-sklearn-grpc-v2",
        "no ServingRuntime of the cluster speaks the protocol, and a finding says so",
    ),
    (
        "proto-unknown-format",
        "no ServingRuntime of the cluster takes the format, and a finding says so",
    ),
    ("raw-not-ready", "a Deployment is not available in the cluster"),
    ("vs-crd-absent", "the cluster has no VirtualService"),
];

/// Where the file's answer is not what a cluster would do.
const FILE_IS_SHORT: &[(&str, &str, &str)] = &[
    (
        "raw-tpl-trailing-dot",
        "0.10.0",
        "the file did not ask the API server, which refuses the Ingress's host",
    ),
    (
        "raw-tpl-trailing-dot",
        "0.13.1",
        "the file did not ask the API server, which refuses the Ingress's host",
    ),
    (
        "raw-tpl-trailing-dot",
        "0.15.0",
        "the file did not ask the API server, which refuses the Ingress's host",
    ),
];

/// The documents of a case, the last of each name, with what the file's authors took for granted.
/// A service that an earlier document made has the mode of that one in its status.
fn documents(case: &Value, ingress_service: bool) -> Vec<serde_yaml::Value> {
    let key = |one: &serde_yaml::Value| (one["kind"].clone(), one["metadata"]["name"].clone());
    let (mut first, mut last) = (Vec::<serde_yaml::Value>::new(), Vec::<serde_yaml::Value>::new());
    for document in serde_yaml::Deserializer::from_str(case["manifests"].as_str().unwrap()) {
        let document = <serde_yaml::Value as serde::Deserialize>::deserialize(document).unwrap();
        if !first.iter().any(|before| key(before) == key(&document)) {
            first.push(document.clone());
        }
        last.retain(|before| key(before) != key(&document));
        last.push(document);
    }
    take_for_granted(case, ingress_service, &mut first);
    take_for_granted(case, ingress_service, &mut last);
    let service = last.iter_mut().find(|one| one["kind"].as_str() == Some("InferenceService"));
    if let Some(service) = service.filter(|service| !first.contains(service))
        && let Some(mode) = modelled(&first, None).endpoints[0].mode_word
    {
        service["status"] = serde_yaml::to_value(json!({ "deploymentMode": mode })).unwrap();
    }
    last
}

fn take_for_granted(case: &Value, ingress_service: bool, documents: &mut Vec<serde_yaml::Value>) {
    let assumed = case["answer"]["knative_config"]["assumed"].as_array().unwrap();
    if assumed.iter().any(|line| line.as_str().unwrap().starts_with("config-domain")) {
        let stock = "{apiVersion: v1, kind: ConfigMap, metadata: {name: config-domain}, data: {example.com: ''}}";
        documents.push(serde_yaml::from_str(stock).unwrap());
    }
    for document in documents {
        let Some(ingress) = document
            .get("data")
            .and_then(|data| data.get("ingress"))
            .and_then(|text| text.as_str())
        else {
            continue;
        };
        if let (true, Ok(mut json)) = (ingress_service, serde_json::from_str::<Value>(ingress))
            && let (Some(object), false) =
                (json.as_object_mut(), ingress.contains("ingressService"))
        {
            object.insert(
                "ingressService".to_owned(),
                "istio-ingressgateway.istio-system.svc.cluster.local".into(),
            );
            document["data"]["ingress"] = json.to_string().into();
        }
    }
}

fn modelled(documents: &[serde_yaml::Value], kserve: Option<Release>) -> ServingModel {
    // One by one, and not as a package: some cases give an object no name, which a package refuses.
    let mut items = ServingItems::default();
    for document in documents {
        let text = |key: &str| document[key].as_str().unwrap_or_default().to_owned();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        if let Err(error) = items.add(&api_version, &kind, document.clone()) {
            items.unreadable(&ResourceRef { api_version, kind, ..ResourceRef::default() }, &error);
        }
    }
    ServingModel::build(&items, &ServingOptions { kserve, ..ServingOptions::default() })
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned).filter(|text| !text.is_empty())
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// A route as both sides write it: kind, name, gateways, hosts with backends.
type Written = (RouteKind, String, Vec<String>, Vec<(String, String)>);

fn written(route: &ServingRoute) -> Written {
    let with_backend = route.kind == RouteKind::Ingress;
    let rules = route.rules.iter().map(|rule| {
        (rule.host.clone(), if with_backend { rule.backend.to_string() } else { String::new() })
    });
    let gateways =
        if route.kind == RouteKind::VirtualService { route.gateways.clone() } else { Vec::new() };
    (route.kind, route.name.clone(), gateways, rules.collect())
}

fn without_backends(hosts: &Value) -> Vec<(String, String)> {
    strings(hosts).into_iter().map(|host| (host, String::new())).collect()
}

fn ingress_rules(rules: &Value) -> Vec<(String, String)> {
    let rules = rules.as_array().into_iter().flatten();
    rules
        .map(|rule| {
            let backend = &rule["http"]["paths"][0]["backend"]["service"]["name"];
            (text(&rule["host"]).unwrap_or_default(), text(backend).unwrap_or_default())
        })
        .collect()
}

/// The routes of an answer; `name` is that of the service, where older answers leave it out.
fn routes(answer: &Value, name: &str) -> Vec<Written> {
    let list = |key: &str| answer[key].as_array().cloned().unwrap_or_default();
    let spec = |one: &Value| if one["spec"].is_null() { one.clone() } else { one["spec"].clone() };
    let named = |one: &Value| text(&one["name"]).unwrap_or_else(|| name.to_owned());
    let mut routes = Vec::new();
    for one in list("virtual_services") {
        let spec = spec(&one);
        routes.push((
            RouteKind::VirtualService,
            named(&one),
            strings(&spec["gateways"]),
            without_backends(&spec["hosts"]),
        ));
    }
    for one in list("ingresses") {
        routes.push((
            RouteKind::Ingress,
            named(&one),
            Vec::new(),
            ingress_rules(&spec(&one)["rules"]),
        ));
    }
    if !answer["ingress"].is_null() {
        routes.push((
            RouteKind::Ingress,
            name.to_owned(),
            Vec::new(),
            ingress_rules(&answer["ingress"]["rules"]),
        ));
    }
    for one in list("httproutes") {
        routes.push((
            RouteKind::HttpRoute,
            named(&one),
            Vec::new(),
            without_backends(&spec(&one)["hostnames"]),
        ));
    }
    routes.sort();
    routes
}

/// What the model and the answer say differently.
fn differences(endpoint: &Endpoint, answer: &Value, mode: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    let mut differ = |what: &str, ours: String, theirs: String| {
        if ours != theirs {
            differences.push(format!("{what}: model {ours}, controller {theirs}"));
        }
    };
    // A status that is never written has no mode.
    if let Some(mode) = text(mode) {
        differ("mode", endpoint.mode_word.unwrap_or_default().to_owned(), mode);
    }
    let status = &answer["status"];
    differ("url", format!("{:?}", endpoint.url), format!("{:?}", text(&status["url"])));
    differ("address", format!("{:?}", endpoint.address), format!("{:?}", text(&status["address"])));
    let mut ours: Vec<_> = endpoint
        .routes
        .iter()
        .filter(|route| route.kind != RouteKind::Knative)
        .map(written)
        .collect();
    ours.sort();
    differ("routes", format!("{ours:?}"), format!("{:?}", routes(answer, &endpoint.name)));
    // A status that is never written has no component either, whatever has been made.
    let theirs = status["components"].as_object().filter(|_| text(mode).is_some());
    if let Some(theirs) = theirs {
        let ours: BTreeMap<_, _> = endpoint
            .components
            .iter()
            .map(|one| (one.component.as_str().to_owned(), one.url.clone()))
            .collect();
        let theirs: BTreeMap<_, _> =
            theirs.iter().map(|(name, one)| (name.clone(), text(&one["url"]))).collect();
        // A refused component has an entry without a URL.
        let ours: BTreeMap<_, _> = ours.into_iter().filter(|(_, url)| url.is_some()).collect();
        let theirs: BTreeMap<_, _> = theirs.into_iter().filter(|(_, url)| url.is_some()).collect();
        differ("component URLs", format!("{ours:?}"), format!("{theirs:?}"));
    }
    // The Knative Routes of the components that the controller made.
    let knative: BTreeMap<_, _> = endpoint
        .routes
        .iter()
        .filter(|route| route.kind == RouteKind::Knative)
        .map(|route| (route.name.clone(), route))
        .collect();
    for (name, made) in answer["components"].as_object().into_iter().flatten() {
        let theirs = &made["knative_route"];
        if theirs.is_null() || !theirs["error"].is_null() || !knative.contains_key(name) {
            continue;
        }
        let host = |url: &Value| text(url).map(|url| url.split_once("://").unwrap().1.to_owned());
        let mut hosts: BTreeSet<_> = host(&theirs["url"]).into_iter().collect();
        hosts.extend(
            theirs["tag_urls"].as_object().into_iter().flatten().filter_map(|(_, url)| host(url)),
        );
        hosts.extend(host(&theirs["address"]));
        let ours: BTreeSet<_> = knative[name].rules.iter().map(|rule| rule.host.clone()).collect();
        differ("Knative Route", format!("{ours:?}"), format!("{hosts:?}"));
        differ(
            "visibility",
            knative[name].public.to_string(),
            (theirs["visibility"] == "ExternalIP").to_string(),
        );
    }
    differences
}

fn has(endpoint: &Endpoint, code: Code) -> bool {
    endpoint.findings().iter().any(|finding| finding.code == code)
}

fn has_error(endpoint: &Endpoint) -> bool {
    endpoint.findings().iter().any(|finding| finding.severity == Severity::Error)
}

fn admission(answer: &Value) -> Vec<&Value> {
    match &answer["admission_and_run"] {
        Value::Array(runs) => runs.iter().collect(),
        run => vec![run],
    }
}

fn fails_for_runtime(run: &Value) -> bool {
    let errors = run["reconcile_errors"].as_array().into_iter().flatten();
    errors.filter_map(Value::as_str).any(|error| error.contains("no runtime found"))
}

/// One answer held against the model.
fn judge(
    name: &str,
    release: &str,
    model: &ServingModel,
    answer: &Value,
    mode: &Value,
) -> Judgement {
    let last = admission(answer).last().map_or(Value::Null, |run| (*run).clone());
    let refusals = ["webhook_error", "namespace_error", "crd_schema_error", "apiserver_error"];
    let refused = refusals.iter().any(|key| !last[*key].is_null());
    let Some(endpoint) = model.endpoints.first() else {
        let unreadable =
            model.findings().iter().any(|finding| finding.code == Code::KserveUnreadable);
        if unreadable && refused {
            return Judgement::BothRefuse;
        }
        return Judgement::Different("the model has no such service".to_owned());
    };
    let found = differences(endpoint, answer, mode);
    if answer["distinct_outcomes"].as_u64().is_some_and(|outcomes| outcomes > 1) {
        let hosts = endpoint.hosts();
        let all = routes(answer, &endpoint.name)
            .into_iter()
            .flat_map(|route| route.3)
            .all(|rule| hosts.contains(&rule.0.as_str()));
        if all && has(endpoint, Code::KserveAdditionalHostsRandom) {
            return Judgement::LeftOut("random, which is reported".to_owned());
        }
    }
    let without_runtime = has(endpoint, Code::KserveNoRuntime);
    // Only the newest answers say what the controller ran into.
    if release == "newest" && without_runtime != fails_for_runtime(&last) {
        return Judgement::Different(format!("no runtime: {without_runtime}, as the model has it"));
    }
    let unsaid = refused && !has_error(endpoint);
    if OUTSIDE_OF_THE_MANIFESTS.iter().any(|(case, _)| *case == name)
        && (unsaid || !found.is_empty())
    {
        return Judgement::LeftOut(format!("{name} depends on what no manifest says"));
    }
    if FILE_IS_SHORT.iter().any(|(case, at, _)| *case == name && *at == release)
        && has_error(endpoint)
    {
        return Judgement::LeftOut(format!("{name} is short in the file"));
    }
    // Where the webhook refuses the name, the file shows what would have happened without it.
    if refused && has(endpoint, Code::KserveNameInvalid) {
        return Judgement::BothRefuse;
    }
    if unsaid {
        return Judgement::Different("it is not admitted, and no finding says so".to_owned());
    }
    let fails = text(&answer["status"]["url"]).is_none();
    let says = has_error(endpoint)
        || has(endpoint, Code::KserveStopped)
        || has(endpoint, Code::KserveModelMesh);
    let mut found = found;
    if fails && !says {
        found.push("the service gets no URL, and no finding says why".to_owned());
    }
    match (found.is_empty(), refused) {
        (true, true) => Judgement::BothRefuse,
        (true, false) => Judgement::Same,
        (false, _) => Judgement::Different(found.join("\n    ")),
    }
}

/// A case under a release: the newest, or one whose answer stands beside it.
struct Question {
    case: Value,
    release: &'static str,
}

impl Question {
    fn of(cases: &[Value]) -> Vec<Self> {
        let every = |release| cases.iter().map(move |case| Self { case: case.clone(), release });
        let all = ["newest", "0.15.0", "0.13.1", "0.10.0"].into_iter().flat_map(every);
        all.filter(|question| !question.answer().is_null()).collect()
    }

    fn name(&self) -> &str {
        self.case["name"].as_str().unwrap()
    }

    fn answer(&self) -> &Value {
        match self.release {
            "newest" => &self.case["answer"],
            older => &self.case[format!("answerOf{older}")],
        }
    }
}

/// The serving model.
struct Ours;

impl Oracle for Ours {
    type Question = Question;
    type Answer = ServingModel;

    fn ask(&self, questions: &[Question]) -> Vec<ServingModel> {
        let model = |question: &Question| {
            let kserve = question.release.parse().ok();
            let had_service = !question.answer()["harness_added"].is_null();
            modelled(&documents(&question.case, had_service), kserve)
        };
        questions.iter().map(model).collect()
    }
}

/// What the controller answered, and the mode that it gave the service.
struct Controller;

impl Oracle for Controller {
    type Question = Question;
    type Answer = (Value, Value);

    fn ask(&self, questions: &[Question]) -> Vec<(Value, Value)> {
        let answer = |question: &Question| {
            let answer = question.answer().clone();
            let mode = if question.release == "newest" { "deployment_mode" } else { "mode" };
            let mode = answer[mode].clone();
            (answer, mode)
        };
        questions.iter().map(answer).collect()
    }
}

fn held(subject: &str, cases: &[Value]) -> Counts {
    let show = |question: &Question| format!("{} {}", question.release, question.name());
    let judge = |question: &Question, model: &ServingModel, (answer, mode): &(Value, Value)| {
        vec![judge(question.name(), question.release, model, answer, mode)]
    };
    hold(subject, &Question::of(cases), &Ours, &Controller, show, judge)
}

#[test]
fn the_models_answers_are_those_of_our_cases() {
    held("KServe, own cases", &cases("kserve/cases.jsonl")).assert();
}

#[test]
fn every_answer_of_the_controller_is_the_models() {
    let cases: Vec<Value> = truth("kserve.jsonl.gz");
    if cases.is_empty() {
        return;
    }
    let counts = held("KServe's truth", &cases);
    counts.assert();
    // An excuse that no case needs is an excuse too many.
    let listed = OUTSIDE_OF_THE_MANIFESTS.iter().map(|(name, _)| *name);
    for name in listed.chain(FILE_IS_SHORT.iter().map(|(name, _, _)| *name)) {
        let is_needed = counts.left_out().any(|reason| reason.starts_with(&format!("{name} ")));
        assert!(is_needed, "{name} needs no excuse");
    }
}
