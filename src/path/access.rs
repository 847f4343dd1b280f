//! Who can call what: callers, services and operations, each with the outcome of the request.

use std::collections::{BTreeMap, BTreeSet};

use super::World;
use super::requests::{base_path, host_inside, host_of, right, served_paths};
use super::simulator::{Client, Facts, HopVerdict, Outcome, SentRequest, Simulator, Trace};
use crate::controllers::kserve::{Endpoint, Exposure};
use crate::serving::authorization::ServedPaths;
use crate::values::k8s::ResourceRef;

/// A request of a caller to a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    /// Who calls.
    pub caller: String,
    /// The service, `NAMESPACE/NAME`.
    pub service: String,
    /// Method and path.
    pub operation: String,
}

/// Its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The request, without what its headers hold.
    pub request: String,
    /// What the caller sees.
    pub outcome: Outcome,
    /// The object that decides.
    pub by: Option<ResourceRef>,
}

/// All questions about a package.
pub(crate) type Questions = BTreeMap<Question, SentRequest>;

/// The questions of some packages, each asked with what the path requires in one of them.
#[must_use]
pub fn questions(worlds: &[&World<'_>]) -> Questions {
    let mut questions = Questions::new();
    let simulators: Vec<Simulator<'_, '_>> =
        worlds.iter().map(|world| Simulator::of(world, Facts::default())).collect();
    let pods: BTreeSet<Client> = worlds.iter().flat_map(|world| pods(world)).collect();
    for (world, simulator) in worlds.iter().zip(&simulators) {
        for endpoint in &world.model.endpoints {
            if !endpoint.kind.is_kserve() {
                continue;
            }
            for (method, path) in operations(endpoint, worlds) {
                add(&mut questions, endpoint, simulator, method, &path, &pods);
            }
        }
    }
    questions
}

fn add(
    questions: &mut Questions,
    endpoint: &Endpoint,
    simulator: &Simulator<'_, '_>,
    method: &str,
    path: &str,
    pods: &BTreeSet<Client>,
) {
    let question = |caller: String| Question {
        caller,
        service: format!("{}/{}", endpoint.namespace, endpoint.name),
        operation: format!("{method} {path}"),
    };
    let is_public = endpoint.exposure == Exposure::Public;
    let host = host_of(endpoint).filter(|_| is_public);
    let below = format!("{}{path}", base_path(endpoint));
    if let Some(with) = host.and_then(|host| right(simulator, host, method, &below)) {
        let without = with.without_credentials();
        let demands = with != without;
        questions.entry(question("internet".to_owned())).or_insert(without);
        if demands {
            questions.entry(question("internet with credentials".to_owned())).or_insert(with);
        }
    }
    let inside = format!("http://{}{path}", host_inside(endpoint));
    let Ok(mut inside) = SentRequest::for_url(&inside) else { return };
    method.clone_into(&mut inside.method);
    for client in pods {
        let request = SentRequest { client: client.clone(), ..inside.clone() };
        questions.entry(question(client.to_string())).or_insert(request);
    }
}

/// The pods of every namespace of a package, and the accounts that policies name.
fn pods(world: &World<'_>) -> BTreeSet<Client> {
    let pod = |namespace: &str, account: &str, in_mesh| Client::Pod {
        namespace: namespace.to_owned(),
        service_account: account.to_owned(),
        in_mesh,
    };
    let mut found: BTreeSet<Client> =
        world.model.endpoints.iter().map(|one| pod(&one.namespace, "default", true)).collect();
    found.insert(pod("another-namespace", "default", true));
    found.insert(pod("another-namespace", "default", false));
    for policy in &world.cluster.objects.authorization_policies {
        let sources = policy.object.spec.rules.iter().flat_map(|rule| &rule.from);
        let principals = sources.filter_map(|from| from.source.as_ref());
        for principal in principals.flat_map(|source| source.principals.iter()) {
            let parts: Vec<&str> = principal.split('/').collect();
            if let [_, "ns", namespace, "sa", account] = parts[..]
                && !principal.contains('*')
            {
                found.insert(pod(namespace, account, true));
            }
        }
    }
    found
}

/// What a service serves, and the paths that policies speak of.
fn operations(endpoint: &Endpoint, worlds: &[&World<'_>]) -> BTreeSet<(&'static str, String)> {
    let protocols = endpoint.components.iter().flat_map(|one| one.pods.protocols.iter().copied());
    let protocols = protocols.map(Into::into);
    let served = ServedPaths::of(&protocols.collect());
    let named = |method: &str, path: &str| ServedPaths::example(method, path, &endpoint.name);
    let mut found: BTreeSet<(&'static str, String)> = BTreeSet::new();
    found.extend(served.get.iter().map(|path| ("GET", named("GET", path))));
    found.extend(served.post.iter().map(|path| ("POST", named("POST", path))));
    if endpoint.components.is_empty() {
        found.extend(served_paths(endpoint).into_iter().map(|(_, path)| ("POST", path)));
    }
    found.insert(("GET", "/metrics".to_owned()));
    for policy in worlds.iter().flat_map(|world| &world.cluster.objects.authorization_policies) {
        let operations = policy.object.spec.rules.iter().flat_map(|rule| &rule.to);
        let paths = operations.filter_map(|to| to.operation.as_ref());
        for path in paths.flat_map(|one| one.paths.iter().chain(&one.not_paths)) {
            if path.starts_with('/') && !path.contains('{') {
                found.insert(("GET", named("GET", path)));
                found.insert(("POST", named("POST", path)));
            }
        }
    }
    found
}

/// The outcome of each question in a package.
#[must_use]
pub fn answers(world: &World<'_>, questions: &Questions) -> BTreeMap<Question, Answer> {
    let simulator = Simulator::of(world, Facts::default());
    let answer = |request: &SentRequest| {
        let Trace { request, hops, outcome, .. } = simulator.trace(request);
        let ends = hops.iter().rev().find(|hop| hop.verdict != HopVerdict::Passes);
        let by = ends.or(hops.last()).and_then(|hop| hop.by.clone());
        Answer { request, outcome, by }
    };
    questions.iter().map(|(question, request)| (question.clone(), answer(request))).collect()
}

/// What a new package makes of a question otherwise than an old one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The question.
    pub question: Question,
    /// What became of it.
    pub old: Answer,
    /// Its outcome.
    pub new: Answer,
}

/// Every question that the packages answer with another status.
#[must_use]
pub fn differences(old: &World<'_>, new: &World<'_>) -> Vec<Difference> {
    let questions = questions(&[old, new]);
    let (of_old, of_new) = (answers(old, &questions), answers(new, &questions));
    let statuses = |answer: &Answer| -> BTreeSet<Option<u16>> {
        answer.outcome.ways().iter().map(|way| way.status).collect()
    };
    let pairs = of_old.into_iter().zip(of_new.into_values());
    pairs
        .filter(|((_, old), new)| statuses(old) != statuses(new))
        .map(|((question, old), new)| Difference { question, old, new })
        .collect()
}
