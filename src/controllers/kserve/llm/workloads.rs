//! The objects that run an `LLMInferenceService`.
//!
//! Source: `GetWorkloadLabelSelector` in `workload.go`, `workload_single_node.go`, `workload_multi_node.go` and
//! `scheduler.go` of 0.20.0.

use std::collections::BTreeMap;

use super::spec::{LlmInferenceService, LlmSpec, Router, WorkloadSpec};
use crate::controllers::gateway_api::{ParentReference, RouteRule};
use crate::controllers::istio::{Membership, membership};
use crate::controllers::knative::child_name;
use crate::controllers::kserve::inference_service::ComponentSpec;

/// What runs an `LLMInferenceService`.
#[derive(Debug, Clone, PartialEq)]
pub struct LlmWorkloads {
    /// The Service before the pods that answer, port 8000.
    pub service: String,
    /// What it selects pods by.
    pub labels: BTreeMap<String, String>,
    /// The Deployments of pods with a model; those of several nodes are a `LeaderWorkerSet`'s.
    pub deployments: Vec<String>,
    /// The Deployment that picks a pod for each request.
    pub scheduler: Option<String>,
    /// What enforces the policies of the pods that answer.
    pub(crate) membership: Membership,
    /// The pods with a model.
    pub(crate) pods: Vec<LlmPods>,
    /// Whether workers answer beside a leader, or without one.
    pub(crate) has_worker: bool,
    /// Whether it names Gateways.
    pub(crate) names_gateways: bool,
    /// Whether a Gateway of the route is nowhere.
    pub(crate) is_without_gateway: bool,
    /// The rules of the route that the controller creates.
    pub(crate) rules: Vec<RouteRule>,
    /// The hosts of the listeners that the route is attached to, where it has none of its own.
    pub(crate) listener_hosts: Vec<String>,
    /// The routes and Ingresses that are written by hand.
    pub(crate) written: Vec<WrittenRoute>,
    /// The `LLMInferenceServiceConfigs` under it, by name.
    pub(crate) bases: Vec<String>,
}

impl LlmWorkloads {
    /// The first backend of the route's last rule, which takes what no rule before it takes.
    #[must_use]
    pub fn last_backend(&self) -> Option<&str> {
        self.rules.last()?.backend_refs.first().map(|one| one.name.as_str())
    }

    /// Whether a rule of the route has a backend.
    pub(crate) fn is_forwarded_to(&self) -> bool {
        self.rules.iter().any(|rule| !rule.backend_refs.is_empty())
    }
}

/// Pods with a model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LlmPods {
    /// The field of their spec.
    pub field: &'static str,
    /// Their spec.
    pub spec: ComponentSpec,
    /// Their labels.
    pub labels: BTreeMap<String, String>,
    /// What enforces their policies.
    pub membership: Membership,
}

/// A route or an Ingress that leads to the service and that somebody else writes, or a configuration that may set
/// one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrittenRoute {
    /// Its kind.
    pub kind: &'static str,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The field that names it.
    pub field: String,
}

const WORKLOAD: &str = "llminferenceservice-workload";

pub(super) fn of(
    (namespace, name): (&str, &str),
    spec: &LlmSpec,
    of_namespace: Option<&BTreeMap<String, String>>,
) -> LlmWorkloads {
    let has_scheduler = spec
        .router
        .as_ref()
        .and_then(|router| router.scheduler.as_ref())
        .is_some_and(|scheduler| scheduler.pool.reference.name.is_empty());
    let is_of_one_node = spec.workload.worker.is_none();
    let has_prefill = spec.prefill.as_ref().is_some_and(|prefill| prefill.worker.is_none());
    let deployments = [(is_of_one_node, "-kserve"), (has_prefill, "-kserve-prefill")];
    let labels = [
        ("app.kubernetes.io/part-of", "llminferenceservice"),
        ("app.kubernetes.io/name", name),
        ("kserve.io/component", "workload"),
    ];
    let labels: BTreeMap<String, String> =
        labels.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let role = if spec.prefill.is_some() { "decode" } else { "both" };
    let workload = Workload { namespace: of_namespace, selected: &labels };
    let mut pods = workload.pods(&spec.workload, ["spec.template", "spec.worker"], "", role);
    if let Some(prefill) = &spec.prefill {
        let fields = ["spec.prefill.template", "spec.prefill.worker"];
        pods.extend(workload.pods(prefill, fields, "-prefill", "prefill"));
    }
    LlmWorkloads {
        service: child_name(name, "-kserve-workload-svc"),
        deployments: deployments
            .into_iter()
            .filter(|(is_there, _)| *is_there)
            .map(|(_, suffix)| child_name(name, suffix))
            .collect(),
        scheduler: has_scheduler.then(|| child_name(name, "-kserve-router-scheduler")),
        membership: membership(of_namespace, &spec.workload.labels, &spec.workload.annotations),
        bases: spec.bases.iter().map(|base| base.name.clone()).collect(),
        has_worker: spec.workload.worker.is_some(),
        names_gateways: spec
            .router
            .as_ref()
            .and_then(|router| router.gateway.as_ref())
            .is_some_and(|gateway| !gateway.refs.is_empty()),
        is_without_gateway: false,
        rules: Vec::new(),
        listener_hosts: Vec::new(),
        written: spec.router.iter().flat_map(|router| written(router, namespace)).collect(),
        pods,
        labels,
    }
}

/// What an `LLMInferenceServiceConfig` says of the pods of the services over it: its `spec` is merged under
/// theirs, which takes nothing out (`combineBaseRefsConfig` in `config_merge.go`).
pub(crate) fn pods_of_base(
    config: &LlmInferenceService,
) -> impl Iterator<Item = (&'static str, &ComponentSpec)> {
    let spec = &config.spec;
    let prefill = spec.prefill.iter();
    let prefill = prefill.flat_map(|one| {
        let worker = one.worker.iter().map(|worker| ("spec.prefill.worker", worker));
        worker.chain([("spec.prefill.template", &one.template)])
    });
    let worker = spec.workload.worker.iter().map(|worker| ("spec.worker", worker));
    worker.chain([("spec.template", &spec.workload.template)]).chain(prefill)
}

/// What the pods of a service have in common.
struct Workload<'a> {
    /// The labels of their namespace.
    namespace: Option<&'a BTreeMap<String, String>>,
    /// The labels by which the Service selects those that answer.
    selected: &'a BTreeMap<String, String>,
}

impl Workload<'_> {
    /// The pods of a workload: of one node, or of several with a leader, without which the workers answer.
    fn pods(
        &self,
        spec: &WorkloadSpec,
        [template, worker]: [&'static str; 2],
        suffix: &str,
        role: &str,
    ) -> Vec<LlmPods> {
        let pods = |field, pod: &ComponentSpec, component: String, answers: bool| {
            let mut labels = self.selected.clone();
            labels.insert("app.kubernetes.io/component".to_owned(), component);
            if answers {
                labels.insert("llm-d.ai/role".to_owned(), role.to_owned());
            } else {
                labels.remove("kserve.io/component");
            }
            labels.extend(spec.labels.clone());
            LlmPods {
                field,
                spec: pod.clone(),
                membership: membership(self.namespace, &labels, &spec.annotations),
                labels,
            }
        };
        let Some(of_worker) = &spec.worker else {
            return vec![pods(template, &spec.template, format!("{WORKLOAD}{suffix}"), true)];
        };
        // Without a leader's template the workers answer; the field of one that is not given is empty.
        let has_leader = spec.has_base_template || spec.template != ComponentSpec::default();
        let mut all = Vec::new();
        if has_leader {
            all.push(pods(template, &spec.template, format!("{WORKLOAD}-leader{suffix}"), true));
        }
        all.push(pods(worker, of_worker, format!("{WORKLOAD}-worker{suffix}"), !has_leader));
        all
    }
}

/// The routes and Ingresses of a router that are written by hand.
fn written(router: &Router, namespace: &str) -> Vec<WrittenRoute> {
    let routes = router.route.iter().flat_map(|route| &route.http.refs);
    let ingresses = router.ingress.iter().flat_map(|ingress| &ingress.refs);
    let of = |kind: &'static str, field: &str, (index, one): (usize, &ParentReference)| {
        let given = one.namespace.as_deref().filter(|given| !given.is_empty());
        WrittenRoute {
            kind,
            namespace: given.unwrap_or(namespace).to_owned(),
            name: one.name.clone(),
            field: format!("{field}[{index}]"),
        }
    };
    let routes = routes.enumerate().map(|one| of("HTTPRoute", "spec.router.route.http.refs", one));
    let ingresses = ingresses.enumerate().map(|one| of("Ingress", "spec.router.ingress.refs", one));
    routes.chain(ingresses).collect()
}
