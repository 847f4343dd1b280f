//! Requests that have to get through, and requests that must not: followed through the whole path.

use std::collections::{BTreeMap, BTreeSet};

use super::diags::{
    AbsentService, AdmittedPod, BrokenPath, OpenPath, UndecidedOpenPath, UndecidedPath,
};
use super::diags::{OpenTo, UnhealthyTargets};
use crate::controllers::istio::{Action, AuthorizationPolicy};
use crate::controllers::kserve::{Component, DeploymentMode, Endpoint, Exposure};
use crate::finding::Finding;
use crate::path::World;
use crate::path::requests::{first_path, further_hosts, host_inside, host_of, requests, right};
use crate::path::simulator::{
    Cause, Client, Facts, Hop, HopVerdict, Outcome, Place, SentRequest, Simulator, Trace,
};
use crate::values::k8s::ResourceRef;

/// Another namespace than any of the package.
const ANOTHER: &str = "another-namespace";

/// Findings by the object that decides and the way in which a request ends: many services that one
/// mistake breaks are one finding.
type Found = BTreeMap<(Option<ResourceRef>, Cause), Finding>;

/// Follows requests to everything that `KServe` serves: of each protocol, with what the way requires, which has to
/// get through; and without it, with a wrong token, and with the token in another case, none of which
/// may get where it must not. The hosts behind a login are requested with the tokens alone.
pub(super) fn findings(world: &World<'_>) -> Vec<Finding> {
    let simulator = Simulator::of(world, Facts::default());
    let mut found = Found::new();
    let mut tokens: BTreeSet<(String, String)> = BTreeSet::new();
    for endpoint in &world.model.endpoints {
        if !endpoint.kind.is_kserve() {
            continue;
        }
        of_pods(world, &simulator, endpoint, &mut found);
        let Some(host) = host_of(endpoint).filter(|_| endpoint.exposure == Exposure::Public) else {
            continue;
        };
        for (_, path) in requests(endpoint) {
            let Some(right) = right(&simulator, host, "POST", &path) else { continue };
            let trace = simulator.trace(&right);
            if let Some((by, cause, finding)) = broken(endpoint, &trace) {
                found.entry((by, cause)).or_insert(finding);
                break;
            }
            if let Some((by, finding)) = behind_nothing(world, &trace) {
                found.entry((by, Cause::AlbNoTarget)).or_insert(finding);
                break;
            }
            without(&simulator, endpoint, &right, &mut found);
            tokens.extend(right.headers);
        }
        at_further_hosts(&simulator, endpoint, host, &mut found);
    }
    behind_logins(world, &simulator, &tokens, &mut found);
    found.into_values().collect()
}

/// The hosts that the service's own route has beside that of its URL, as those of further domains: each
/// has to lead to it with what its path requires, and with nothing less.
fn at_further_hosts(
    simulator: &Simulator<'_, '_>,
    endpoint: &Endpoint,
    host: &str,
    found: &mut Found,
) {
    let Some((_, path)) = requests(endpoint).into_iter().next() else { return };
    for other in further_hosts(endpoint, host) {
        let Some(right) = right(simulator, other, "POST", &path) else { continue };
        let trace = simulator.trace(&right);
        match broken(endpoint, &trace) {
            Some((by, cause, finding)) => {
                found.entry((by, cause)).or_insert(finding);
            }
            None => without(simulator, endpoint, &right, found),
        }
    }
}

/// The hop that decides: the one that ends the request, else the last.
fn decisive(trace: &Trace) -> Option<&Hop> {
    let ends = trace.hops.iter().rev().find(|hop| hop.verdict == HopVerdict::Ends);
    ends.or(trace.hops.last())
}

/// What is wrong with the way of a request that has to get through.
fn broken(endpoint: &Endpoint, trace: &Trace) -> Option<(Option<ResourceRef>, Cause, Finding)> {
    let resource = endpoint.resource();
    match &trace.outcome {
        Outcome::Decided(way) if way.cause == Cause::ModelAnswers => None,
        Outcome::Decided(way) => {
            let hop = blamed(trace, way.cause);
            let by = hop.and_then(|hop| hop.by.clone());
            let text = hop.map(|hop| hop.text.as_str()).unwrap_or_default();
            let finding = Finding::from(BrokenPath { request: &trace.request, way: *way, text });
            let finding = finding.on(by.as_ref().unwrap_or(&resource));
            // Where no object of the way decides, the host is nobody's.
            let field = match &by {
                Some(_) => hop.and_then(|hop| hop.field.clone()),
                None => Some("status.url".to_owned()),
            };
            let finding = match field {
                Some(field) => finding.field(field.as_str()),
                None => finding,
            };
            Some((by, way.cause, finding))
        }
        Outcome::Unknown { why, ways } => {
            if let Some((ingress, finding)) = unhealthy(trace) {
                return Some((Some(ingress), Cause::AlbUnhealthy, finding));
            }
            let finding = Finding::from(UndecidedPath { request: &trace.request, why, ways });
            let cause = ways.first().map_or(Cause::ModelAnswers, |way| way.cause);
            let hop = trace.hops.iter().find(|hop| hop.verdict == HopVerdict::Unknown);
            let by = hop.and_then(|hop| hop.by.clone());
            Some((by, cause, finding.on(&resource)))
        }
    }
}

/// A rule of the load balancer that forwards to a Service that is not in the input, while others of its
/// namespace are: the name is misspelt, or the Service is missing.
fn behind_nothing(world: &World<'_>, trace: &Trace) -> Option<(Option<ResourceRef>, Finding)> {
    let (namespace, name) = trace.absent_service.as_ref()?;
    let namespace = Some(namespace.clone());
    let mut services = world.cluster.objects.services.iter();
    services.find(|one| one.resource.namespace == namespace)?;
    let rule = trace.hops.iter().find(|hop| hop.place == Place::LoadBalancer)?;
    let by = rule.by.as_ref()?;
    let finding = Finding::from(AbsentService { namespace: &namespace, name }).on(by);
    let field = rule.field.as_ref()?;
    Some((Some(by.clone()), finding.field(format!("{field}.backend.service.name"))))
}

/// The hop that a finding names: where another Service answers than the model, the route that led there.
fn blamed(trace: &Trace, cause: Cause) -> Option<&Hop> {
    if matches!(cause, Cause::DashboardAnswers | Cause::OtherServiceAnswers) {
        let route = trace.hops.iter().rev().find(|hop| hop.place == Place::Route);
        return route.or_else(|| decisive(trace));
    }
    decisive(trace)
}

/// The Ingress whose health check fails.
fn unhealthy(trace: &Trace) -> Option<(ResourceRef, Finding)> {
    let ways = trace.outcome.ways();
    ways.iter().find(|way| way.cause == Cause::AlbUnhealthy)?;
    let mut objects = trace.hops.iter().filter_map(|hop| hop.by.as_ref());
    let ingress = objects.find(|by| by.kind == "Ingress")?;
    let hop = trace.hops.iter().find(|hop| hop.verdict == HopVerdict::Unknown)?;
    let field = hop.field.clone().unwrap_or_else(|| {
        "metadata.annotations[alb.ingress.kubernetes.io/healthcheck-path]".to_owned()
    });
    let finding = Finding::from(UnhealthyTargets(&hop.text)).on(ingress).field(field.as_str());
    Some((ingress.clone(), finding))
}

/// The same without its credentials, with a wrong token, and with the token in another case. The load
/// balancer compares values without case, so the last one may reach the model, and nothing else.
fn without(
    simulator: &Simulator<'_, '_>,
    endpoint: &Endpoint,
    right: &SentRequest,
    found: &mut Found,
) {
    if !right.has_credentials() {
        return;
    }
    let bare = right.without_credentials();
    let with = |value: &dyn Fn(&str) -> String| {
        let headers = right.headers.iter().map(|(name, text)| (name.clone(), value(text)));
        SentRequest { headers: headers.collect(), ..bare.clone() }
    };
    let wrong = with(&|_| "wrong".to_owned());
    let other_case = with(&|text| swapped(text));
    let forbidden = [Cause::ModelAnswers, Cause::DashboardAnswers];
    for (request, how, forbidden) in [
        (&bare, "without credentials", &forbidden[..]),
        (&wrong, "with a wrong token", &forbidden[..]),
        (&other_case, "with the token in another case", &forbidden[1..]),
    ] {
        let is_bare = request.headers.is_empty() && how != "without credentials";
        if !is_bare && admitted(simulator, request, how, forbidden, &endpoint.resource(), found) {
            return;
        }
    }
}

fn swapped(text: &str) -> String {
    let swap = |c: char| {
        if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
    };
    text.chars().map(swap).collect()
}

/// Notes where a request ends that must not get there; whether it does.
fn admitted(
    simulator: &Simulator<'_, '_>,
    request: &SentRequest,
    how: &str,
    forbidden: &[Cause],
    resource: &ResourceRef,
    found: &mut Found,
) -> bool {
    let trace = simulator.trace(request);
    let Some(way) = trace.outcome.ways().iter().find(|way| forbidden.contains(&way.cause)) else {
        return false;
    };
    let to = OpenTo { dashboard: way.cause == Cause::DashboardAnswers };
    let finding: Finding = match &trace.outcome {
        Outcome::Decided(_) => OpenPath { request: &trace.request, how, to }.into(),
        Outcome::Unknown { why, .. } => {
            UndecidedOpenPath { request: &trace.request, how, to, why }.into()
        }
    };
    let rule = trace.hops.iter().find(|hop| hop.place == Place::LoadBalancer && hop.by.is_some());
    let by = rule.and_then(|hop| hop.by.clone());
    let finding = finding.on(by.as_ref().unwrap_or(resource));
    let finding = match rule.and_then(|hop| hop.field.clone()) {
        Some(field) => finding.field(field.as_str()),
        None => finding,
    };
    found.entry((by, way.cause)).or_insert(finding);
    true
}

/// A host that a login guards, such as that of Kubeflow's dashboard, with a token and no login.
fn behind_logins(
    world: &World<'_>,
    simulator: &Simulator<'_, '_>,
    tokens: &BTreeSet<(String, String)>,
    found: &mut Found,
) {
    if tokens.is_empty() {
        return;
    }
    for (host, resource) in hosts(world) {
        let Some(right) = right(simulator, &host, "GET", "/") else { continue };
        if !right.logged_in {
            continue;
        }
        let headers = tokens.iter().cloned().collect();
        let request = SentRequest { headers, ..right.without_credentials() };
        let forbidden = [Cause::DashboardAnswers, Cause::OtherServiceAnswers];
        let how = "with an API token and no login";
        admitted(simulator, &request, how, &forbidden, &resource, found);
    }
}

/// The plain hosts of Ingresses, each with one that has it.
fn hosts(world: &World<'_>) -> BTreeMap<String, ResourceRef> {
    let mut found = BTreeMap::new();
    for ingress in &world.ingresses.ingresses {
        for host in ingress.hosts().filter(|host| !host.contains('*')) {
            found.entry(host.to_ascii_lowercase()).or_insert_with(|| ingress.reference());
        }
    }
    found
}

/// A pod of a namespace that no policy names, where one policy names who may call: another one that
/// admits it as well makes that policy pointless.
fn of_pods(
    world: &World<'_>,
    simulator: &Simulator<'_, '_>,
    endpoint: &Endpoint,
    found: &mut Found,
) {
    // What Knative routes comes from its gateway, whoever sends it.
    if endpoint.mode != Some(DeploymentMode::Standard) {
        return;
    }
    let Some(policy) = policy_that_names_callers(world, endpoint) else { return };
    let Some(path) = first_path(endpoint) else { return };
    let url = format!("http://{}{path}", host_inside(endpoint));
    let Ok(mut request) = SentRequest::for_url(&url) else { return };
    "POST".clone_into(&mut request.method);
    for in_mesh in [true, false] {
        request.client = Client::Pod {
            namespace: ANOTHER.to_owned(),
            service_account: "default".to_owned(),
            in_mesh,
        };
        let trace = simulator.trace(&request);
        let Outcome::Decided(way) = trace.outcome else { continue };
        if way.cause == Cause::ModelAnswers {
            let finding = Finding::from(AdmittedPod { request: &trace.request }).on(&policy);
            let finding = finding.field("spec.rules");
            found.entry((Some(policy), way.cause)).or_insert(finding);
            return;
        }
    }
}

/// An ALLOW policy before the entry of a service of which every rule names its callers.
fn policy_that_names_callers(world: &World<'_>, endpoint: &Endpoint) -> Option<ResourceRef> {
    let entry =
        endpoint.components.iter().max_by_key(|one| one.component == Component::Transformer)?;
    let labels = endpoint.labels_of(entry);
    let names_callers = |policy: &AuthorizationPolicy| {
        let rules = &policy.spec.rules;
        policy.namespace() == endpoint.namespace
            && policy.spec.action == Action::Allow
            && !rules.is_empty()
            && rules.iter().all(|rule| !rule.from.is_empty())
            && policy.spec.selector.as_ref().is_none_or(|one| one.selects(&labels))
    };
    let mut policies = world.cluster.objects.authorization_policies.iter();
    policies.find(|kept| names_callers(&kept.object)).map(|kept| (*kept.resource).clone())
}
