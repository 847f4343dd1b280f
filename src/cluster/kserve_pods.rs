//! The pods of what `KServe` and Knative serve.
//!
//! Sources: `components/predictor.go`, `reconcilers/deployment/deployment_reconciler.go` and
//! `pkg/constants/constants.go` of kserve/kserve 0.20.0; `makeLabels` in
//! `pkg/reconciler/revision/resources/meta.go` and `resources/names` of knative/serving 0.48.1.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::{Cluster, Kept};
use crate::controllers::istio::Membership;
use crate::controllers::kserve::{
    ANY_GENERATION, Component, ComponentSpec, CreatedService, DeploymentMode, Endpoint,
    EndpointKind, InferenceService, LlmInferenceService, LlmWorkloads, RuntimePort, ServiceFor,
    ServingModel, pods_of_base, workers_of,
};
use crate::values::k8s::ResourceRef;
use crate::values::release::Release;

/// Pods that serve a model.
#[derive(Debug, Clone)]
pub(crate) struct KservePods {
    /// Their namespace; `None` where the service has none.
    pub namespace: Option<String>,
    /// The name of their Service; for those without one, a name that no other pods have. Where it ends in `*`, a
    /// generation is at its end.
    pub service: String,
    /// The further Services that `KServe` creates and that lead to them.
    pub further: Vec<String>,
    /// Their labels; a value that ends in `*` is known by its beginning alone.
    pub labels: Rc<BTreeMap<String, String>>,
    /// What findings call them.
    pub name: Rc<str>,
    /// The `InferenceService`.
    pub owner: Rc<ResourceRef>,
    /// The field of their spec.
    pub field: Cow<'static, str>,
    /// Whether they use the network of their node.
    pub host_network: bool,
    /// The first port of their node that leads to them.
    pub host_port: Option<u32>,
    /// The port of their node that their runtime takes.
    pub(crate) runtime_port: Option<RuntimePort>,
    /// What enforces their policies.
    pub(crate) membership: Membership,
    /// Whether they are a Knative Service's: its activator and its ingress lead to them.
    pub(crate) knative: bool,
}

impl KservePods {
    /// Whether a Service of this name leads to them.
    pub(crate) fn is_behind(&self, service: &str) -> bool {
        let is = |own: &String| match own.strip_suffix(ANY_GENERATION) {
            Some(named) => service.strip_prefix(named).is_some_and(is_generation),
            None => own == service,
        };
        is(&self.service) || self.further.iter().any(is)
    }

    /// Takes the Services that select them, the first as theirs.
    fn behind(mut self, created: &[CreatedService]) -> Self {
        let selecting = created.iter().filter(|one| one.selects(&self.labels));
        let mut names: Vec<String> = selecting.map(|one| one.name.clone()).collect();
        if !names.is_empty() {
            self.service = names.remove(0);
            self.further = names;
        }
        self
    }
}

/// Whether a text is a generation.
pub(crate) fn is_generation(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The pods of an `InferenceService`: of each component, of further nodes, and of canaries.
pub(super) fn of_service(
    service: &Kept<InferenceService>,
    endpoint: &Endpoint,
    kserve: Release,
) -> Vec<KservePods> {
    let resource = &service.resource;
    let created = endpoint.created_services(kserve);
    let local_gateway = created.iter().filter(|one| one.purpose == ServiceFor::LocalGateway);
    let local_gateway: Vec<String> = local_gateway.map(|one| one.name.clone()).collect();
    let mut all = Vec::with_capacity(endpoint.components.len());
    for component in &endpoint.components {
        let spec = service.object.components().find(|(of, _)| *of == component.component);
        let Some((_, spec)) = spec else { continue };
        let is_standard = endpoint.mode == Some(DeploymentMode::Standard);
        let word = component.component.as_str();
        let labels = |name: &str| {
            if is_standard {
                return endpoint.labels_of_deployment(component, name);
            }
            let mut labels = endpoint.labels_of(component);
            add_labels_of_revisions(&mut labels, name);
            labels
        };
        let own = KservePods {
            namespace: resource.namespace.clone(),
            service: component.name.clone(),
            further: local_gateway.clone(),
            labels: Rc::new(labels(&component.name)),
            name: format!("the {word} of {resource}").into(),
            owner: resource.clone(),
            field: field_of(component.component).into(),
            host_network: spec.host_network,
            host_port: spec.host_port(),
            runtime_port: component.pods.runtime_port.clone(),
            membership: component.pods.membership.clone(),
            knative: endpoint.mode == Some(DeploymentMode::Knative),
        };
        let is_predictor = component.component == Component::Predictor;
        if let Some(worker) = spec.worker_spec.as_ref().filter(|_| is_predictor) {
            // `GetRawWorkerServiceLabel`: the label `app` of the workers is their own.
            let name = workers_of(&component.name);
            let of_workers = KservePods {
                labels: Rc::new(labels(&name)),
                service: name,
                name: format!("the workers of {resource}").into(),
                field: "spec.predictor.workerSpec".into(),
                host_network: worker.host_network,
                host_port: worker.host_port(),
                runtime_port: None,
                ..own.clone()
            };
            all.push(of_workers.behind(&created));
        }
        let canaries = service.object.spec.canary.iter().zip(&endpoint.canaries).enumerate();
        for (index, (canary, reconciled)) in canaries.filter(|_| is_predictor && is_standard) {
            // What it does not set is the predictor's (`buildCanaryPredictor`).
            let of_canary = &canary.predictor;
            let part = &reconciled.part;
            let of_canary = KservePods {
                labels: Rc::new(endpoint.labels_of_deployment(part, &part.name)),
                service: part.name.clone(),
                name: format!("the canary {} of {resource}", of_canary.name).into(),
                field: format!("spec.canary[{index}].predictor").into(),
                host_network: of_canary.host_network || own.host_network,
                host_port: ComponentSpec::host_port(of_canary),
                runtime_port: None,
                ..own.clone()
            };
            all.push(of_canary.behind(&created));
        }
        all.push(if is_standard { own.behind(&created) } else { own });
    }
    all
}

fn field_of(component: Component) -> &'static str {
    match component {
        Component::Predictor => "spec.predictor",
        Component::Transformer => "spec.transformer",
        Component::Explainer => "spec.explainer",
    }
}

/// The labels that Knative gives the pods of a Service, of whatever revision: the revision's name begins with
/// the Service's.
fn add_labels_of_revisions(labels: &mut BTreeMap<String, String>, service: &str) {
    let revision = format!("{service}-*");
    for (key, value) in [
        ("serving.knative.dev/service", service),
        ("serving.knative.dev/configuration", service),
        ("serving.knative.dev/revision", &revision),
    ] {
        labels.insert(key.to_owned(), value.to_owned());
    }
    labels.entry("app".to_owned()).or_insert(revision);
}

/// The pods of a graph's router; they ask the services behind them as the graph's own account.
pub(super) fn of_router(graph: &Endpoint) -> Option<KservePods> {
    let labels = graph.router_labels()?;
    let owner = Rc::new(graph.resource());
    Some(KservePods {
        namespace: Some(graph.namespace.clone()),
        service: graph.name.clone(),
        name: format!("the router of {owner}").into(),
        field: "spec".into(),
        knative: graph.mode == Some(DeploymentMode::Knative),
        ..plain(owner, labels)
    })
}

/// The pods of an `LLMInferenceService`: of one node, of a leader and its workers, and those of the prompts.
pub(super) fn of_llm(llm: &LlmWorkloads, owner: &Rc<ResourceRef>) -> Vec<KservePods> {
    let pods = llm.pods.iter().enumerate().map(|(index, pods)| KservePods {
        service: if index == 0 {
            llm.service.clone()
        } else {
            format!("{}/{}", llm.service, pods.field)
        },
        name: format!("the pods of {owner}").into(),
        field: pods.field.into(),
        host_network: pods.spec.host_network,
        host_port: pods.spec.host_port(),
        membership: pods.membership.clone(),
        ..plain(owner.clone(), pods.labels.clone())
    });
    pods.collect()
}

/// The `LLMInferenceServiceConfigs` of a package, by name.
pub(super) struct LlmBases {
    all: HashMap<String, Vec<(Rc<ResourceRef>, LlmInferenceService)>>,
}

impl LlmBases {
    pub(super) fn of(cluster: &Cluster<'_>) -> Self {
        let mut all: HashMap<String, Vec<_>> = HashMap::new();
        let others = cluster.objects.others.iter();
        for kept in others.filter(|kept| kept.resource.kind == "LLMInferenceServiceConfig") {
            if let Ok(config) = kept.object.read::<LlmInferenceService>() {
                let place = all.entry(kept.resource.name.clone()).or_default();
                place.push((kept.resource.clone(), config));
            }
        }
        Self { all }
    }

    /// What the configurations under a service say of its pods, where that opens a port of the node. One of
    /// another namespace may be that of `KServe` itself.
    pub(super) fn of_service(
        &self,
        llm: &LlmWorkloads,
        owner: &Rc<ResourceRef>,
    ) -> Vec<KservePods> {
        let named = llm.bases.iter().filter_map(|name| self.all.get(name)).flatten();
        let pods = named.flat_map(|(config, object)| {
            pods_of_base(object).map(move |(field, spec)| KservePods {
                namespace: owner.namespace.clone(),
                service: llm.service.clone(),
                name: format!("the pods of {owner}").into(),
                field: field.into(),
                host_network: spec.host_network,
                host_port: spec.host_port(),
                ..plain(config.clone(), llm.labels.clone())
            })
        });
        pods.filter(|pods| pods.host_network || pods.host_port.is_some()).collect()
    }
}

/// The pods of `ModelMesh`: every service of a namespace is in the same ones (`InferenceServiceName` in
/// `pkg/config/config.go`, the label in `config/internal/base/deployment.yaml.tmpl` of kserve/modelmesh-serving
/// at 9c7a2b7).
pub(super) fn of_model_mesh(endpoints: &[Endpoint]) -> Vec<KservePods> {
    const SERVICE: &str = "modelmesh-serving";
    let services = endpoints.iter().filter(|one| one.mode == Some(DeploymentMode::ModelMesh));
    let mut seen = BTreeSet::new();
    let first = services.filter(|one| seen.insert(one.namespace.clone()));
    let pods = first.map(|endpoint| {
        let owner = Rc::new(endpoint.resource());
        let labels = BTreeMap::from([("modelmesh-service".to_owned(), SERVICE.to_owned())]);
        KservePods {
            namespace: Some(endpoint.namespace.clone()),
            service: SERVICE.to_owned(),
            name: format!("the ModelMesh pods of {}", endpoint.namespace).into(),
            ..plain(owner, labels)
        }
    });
    pods.collect()
}

/// The pods of Knative Services that no `InferenceService` owns.
pub(super) fn of_knative_services(cluster: &Cluster<'_>, model: &ServingModel) -> Vec<KservePods> {
    if cluster.objects.knative_services.is_empty() {
        return Vec::new();
    }
    let endpoints = model.endpoints.iter();
    let names: BTreeSet<&str> = endpoints
        .filter(|one| one.kind == EndpointKind::KnativeService)
        .map(|one| one.name.as_str())
        .collect();
    let services = cluster.objects.knative_services.iter();
    let pods = services.filter(|one| names.contains(one.resource.name.as_str())).map(|one| {
        let resource = &one.resource;
        let template = one.object.spec.pointer("/template/metadata/labels");
        let mut labels: BTreeMap<String, String> = template
            .and_then(serde_json::Value::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect();
        add_labels_of_revisions(&mut labels, &resource.name);
        KservePods {
            namespace: resource.namespace.clone(),
            service: resource.name.clone(),
            name: format!("the pods of {resource}").into(),
            field: "spec.template.spec".into(),
            knative: true,
            ..plain(resource.clone(), labels)
        }
    });
    pods.collect()
}

/// Pods of which nothing else is known.
fn plain(owner: Rc<ResourceRef>, labels: BTreeMap<String, String>) -> KservePods {
    KservePods {
        namespace: owner.namespace.clone(),
        service: String::new(),
        further: Vec::new(),
        labels: Rc::new(labels),
        name: "".into(),
        owner,
        field: "spec".into(),
        host_network: false,
        host_port: None,
        runtime_port: None,
        membership: Membership::Unknown,
        knative: false,
    }
}
