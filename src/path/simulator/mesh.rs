//! The mesh as the gateways and sidecars of a package get it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::readiness::Readiness;
use super::reconciled_routes;
use crate::cluster::{Cluster, PodsOf};
use crate::controllers::alb::objects::{IntOrString, Service};
use crate::controllers::istio::{
    AuthorizationPolicy, EnvoyFilter, Gateway, Identity, Mesh, PeerAuthentication,
    PoliciesByLabels, RequestAuthentication, VirtualService, Workload,
};
use crate::controllers::kserve::{
    Component, DeploymentMode, Endpoint, EndpointKind, LLM_PORT, Protocol, ProtocolSource,
};
use crate::path::World;
use crate::serving::authorization::{
    Callers, GatewayIdentities, ServingWorkload, TrustDomain, WorkloadLabels,
};

/// The mesh as the gateways and sidecars of a package get it.
pub(super) struct MeshObjects {
    pub(super) mesh: Mesh,
    pub(super) policies: Vec<AuthorizationPolicy>,
    /// Those of the root namespace and those of each other, for its workloads.
    policies_near: HashMap<String, PoliciesByLabels>,
    pub(super) peers: Vec<PeerAuthentication>,
    request_authentications_near: HashMap<String, Vec<RequestAuthentication>>,
    /// The issuers of tokens, each with an audience where one is demanded.
    pub(super) issuers: BTreeSet<(String, Option<String>)>,
    pub(super) filters: Vec<EnvoyFilter>,
    pub(super) gateways: Vec<Gateway>,
    /// Those of the package, then those that `KServe` and Knative create.
    pub(super) virtual_services: Vec<VirtualService>,
    /// Whether some of them are not for the sidecars of every namespace.
    pub(super) routes_are_by_namespace: bool,
    /// The components that serve.
    pub(super) workloads: Vec<ServingWorkload>,
    pub(super) callers: Callers,
    /// The places of `virtual_services` by namespace and name.
    virtual_service_places: HashMap<(String, String), usize>,
    /// The places of `workloads` by namespace and name of their Service.
    workload_places: HashMap<(String, String), usize>,
    /// Namespace and name of what Knative routes: InferenceServices and their components.
    pub(super) knative_services: HashSet<(String, String)>,
    /// The first endpoint that has a host, by its place, and the Service that it leads to.
    pub(super) hosts: HashMap<String, (usize, String)>,
    /// The places of the graphs among the endpoints, by namespace and name.
    pub(super) graphs: HashMap<(String, String), usize>,
    /// The predictors by namespace and InferenceService.
    predictor_places: HashMap<(String, String), usize>,
}

impl MeshObjects {
    pub(super) fn of(world: &World<'_>) -> Self {
        let objects = &world.cluster.objects;
        let mut virtual_services: Vec<VirtualService> =
            objects.virtual_services.iter().map(|one| one.object.clone()).collect();
        let name_of =
            |one: &VirtualService| (one.namespace().to_owned(), one.metadata.name.clone());
        let mut known: HashSet<(String, String)> = virtual_services.iter().map(name_of).collect();
        for created in reconciled_routes::of(world) {
            if known.insert(name_of(&created)) {
                virtual_services.push(created);
            }
        }
        let places = virtual_services.iter().enumerate().rev();
        let virtual_service_places = places.map(|(place, one)| (name_of(one), place)).collect();
        let trust = TrustDomain::default();
        let found = GatewayIdentities::of(&world.cluster, &world.model, &trust);
        let gateways = Callers::gateways_of(found, &trust);
        let mut workloads = ServingWorkload::all(&world.model.endpoints);
        workloads.extend(world.model.endpoints.iter().filter_map(of_llm));
        let places = || workloads.iter().enumerate().rev();
        let mut workload_places: HashMap<(String, String), usize> = places()
            .map(|(place, one)| ((one.namespace.clone(), one.name.clone()), place))
            .collect();
        let predictor_places: HashMap<(String, String), usize> = places()
            .filter(|(_, one)| one.component == Component::Predictor)
            .map(|(place, one)| ((one.namespace.clone(), one.service.clone()), place))
            .collect();
        // The pods of a canary have the predictor's labels, and its policies.
        for endpoint in &world.model.endpoints {
            let key = |name: &String| (endpoint.namespace.clone(), name.clone());
            for canary in &endpoint.canaries {
                if let Some(place) = predictor_places.get(&key(&endpoint.name)) {
                    workload_places.entry(key(&canary.part.name)).or_insert(*place);
                }
            }
        }
        let knative = workloads.iter().filter(|one| one.knative);
        let mut knative_services: HashSet<(String, String)> = knative
            .flat_map(|one| {
                [&one.service, &one.name].map(|name| (one.namespace.clone(), name.clone()))
            })
            .collect();
        let (mut hosts, mut graphs) = (HashMap::new(), HashMap::new());
        for (place, endpoint) in world.model.endpoints.iter().enumerate() {
            if endpoint.kind == EndpointKind::InferenceGraph {
                let key = (endpoint.namespace.clone(), endpoint.name.clone());
                if endpoint.mode == Some(DeploymentMode::Knative) {
                    knative_services.insert(key.clone());
                }
                graphs.insert(key, place);
            }
            for rule in endpoint.routes.iter().flat_map(|route| &route.rules) {
                hosts.entry(rule.host.clone()).or_insert_with(|| (place, rule.backend.to_string()));
            }
        }
        let policies: Vec<AuthorizationPolicy> =
            objects.authorization_policies.iter().map(|one| one.object.clone()).collect();
        let mesh = Mesh { open_paths: world.cluster.open_paths(), ..Mesh::default() };
        let tokens: Vec<RequestAuthentication> =
            objects.request_authentications.iter().map(|one| one.object.clone()).collect();
        let issuers = tokens.iter().flat_map(RequestAuthentication::issuers);
        let issuers =
            issuers.map(|(issuer, audience)| (issuer.to_owned(), audience.map(str::to_owned)));
        let root = &mesh.root_namespace;
        let policies_near = near(&policies, root, AuthorizationPolicy::namespace);
        Self {
            issuers: issuers.collect(),
            policies_near: policies_near
                .into_iter()
                .map(|(name, all)| (name, PoliciesByLabels::of(all)))
                .collect(),
            request_authentications_near: near(&tokens, root, RequestAuthentication::namespace),
            mesh,
            policies,
            virtual_service_places,
            workload_places,
            predictor_places,
            knative_services,
            hosts,
            graphs,
            peers: objects.peer_authentications.iter().map(|one| one.object.clone()).collect(),
            filters: objects.envoy_filters.iter().map(|one| one.object.clone()).collect(),
            gateways: objects.istio_gateways.iter().map(|one| one.object.clone()).collect(),
            routes_are_by_namespace: virtual_services.iter().any(is_by_namespace),
            virtual_services,
            workloads,
            callers: Callers::new(trust, gateways, world.model.knative.release),
        }
    }

    /// The Gateways that pods serve.
    pub(super) fn gateways_of<'m>(
        &'m self,
        labels: &'m BTreeMap<String, String>,
    ) -> impl Iterator<Item = &'m Gateway> {
        self.gateways.iter().filter(move |gateway| {
            let selector = &gateway.spec.selector;
            selector.iter().all(|(key, value)| labels.get(key) == Some(value))
        })
    }

    /// The policies that workloads of a namespace may have.
    pub(super) fn policies_near(&self, namespace: &str) -> &[AuthorizationPolicy] {
        self.by_labels(namespace).map(PoliciesByLabels::as_slice).unwrap_or_default()
    }

    /// The policies that a workload may have.
    pub(super) fn policies_for(
        &self,
        workload: &Workload,
    ) -> impl Iterator<Item = &AuthorizationPolicy> {
        let near = self.by_labels(&workload.namespace).into_iter();
        near.flat_map(|near| near.for_labels(&workload.labels))
    }

    fn by_labels(&self, namespace: &str) -> Option<&PoliciesByLabels> {
        let near = self.policies_near.get(namespace);
        near.or_else(|| self.policies_near.get(&self.mesh.root_namespace))
    }

    /// The RequestAuthentications that workloads of a namespace may have.
    pub(super) fn request_authentications_near(&self, namespace: &str) -> &[RequestAuthentication] {
        let all = &self.request_authentications_near;
        let near = all.get(namespace).or_else(|| all.get(&self.mesh.root_namespace));
        near.map(Vec::as_slice).unwrap_or_default()
    }

    /// A VirtualService by its name.
    pub(super) fn virtual_service(&self, namespace: &str, name: &str) -> Option<&VirtualService> {
        let key = (namespace.to_owned(), name.to_owned());
        self.virtual_services.get(*self.virtual_service_places.get(&key)?)
    }

    /// The predictor of an InferenceService.
    pub(super) fn predictor(&self, namespace: &str, service: &str) -> Option<&ServingWorkload> {
        let key = (namespace.to_owned(), service.to_owned());
        self.workloads.get(*self.predictor_places.get(&key)?)
    }

    /// The component behind a Service, or behind the Service of one of its revisions.
    pub(super) fn component(&self, namespace: &str, service: &str) -> Option<&ServingWorkload> {
        let named = |name: &str| {
            let key = (namespace.to_owned(), name.to_owned());
            self.workloads.get(*self.workload_places.get(&key)?)
        };
        named(service).or_else(|| {
            let (name, revision) = service.rsplit_once('-')?;
            let is_revision = revision.len() == 5 && revision.bytes().all(|b| b.is_ascii_digit());
            named(name).filter(|one| is_revision && one.knative)
        })
    }
}

fn is_by_namespace(service: &VirtualService) -> bool {
    let mut matches = service.spec.http.iter().flat_map(|route| &route.matches);
    !service.spec.export_to.is_empty() || matches.any(|one| !one.source_namespace.is_empty())
}

/// The pods of an `LLMInferenceService`.
fn of_llm(endpoint: &Endpoint) -> Option<ServingWorkload> {
    let llm = endpoint.llm.as_ref()?;
    Some(ServingWorkload {
        namespace: endpoint.namespace.clone(),
        service: endpoint.name.clone(),
        component: Component::Predictor,
        name: llm.service.clone(),
        pod_labels: WorkloadLabels::All(llm.labels.clone()),
        protocols: [Protocol::OpenAi.into()].into(),
        paths: Vec::new(),
        protocol_source: ProtocolSource::Default,
        knative: false,
        ports: vec![LLM_PORT],
        membership: llm.membership.clone(),
        service_account: "default".to_owned(),
        multi_node: false,
        entry: true,
        called_by: BTreeSet::new(),
        called_from: BTreeSet::new(),
    })
}

/// The objects of the root namespace, and with them those of each other namespace.
fn near<T: Clone>(
    all: &[T],
    root: &str,
    namespace_of: impl Fn(&T) -> &str,
) -> HashMap<String, Vec<T>> {
    let of_root: Vec<T> = all.iter().filter(|one| namespace_of(one) == root).cloned().collect();
    let mut near: HashMap<String, Vec<T>> = HashMap::new();
    for namespace in all.iter().map(&namespace_of).chain([root]) {
        near.entry(namespace.to_owned()).or_insert_with(|| of_root.clone());
    }
    for one in all.iter().filter(|one| namespace_of(one) != root) {
        near.entry(namespace_of(one).to_owned()).or_default().push(one.clone());
    }
    near
}

/// The pods behind a Service.
pub(super) struct ServicePods<'c> {
    pub(super) namespace: String,
    pub(super) labels: &'c BTreeMap<String, String>,
    /// The port of the pods that a port of the Service leads to.
    pub(super) port: u16,
    pub(super) service_account: Option<&'c str>,
    /// The names and numbers of the ports that the Service and the pods have.
    pub(super) ports: Vec<String>,
    /// Where the readiness of a gateway is.
    pub(super) readiness: Readiness,
}

impl<'c> ServicePods<'c> {
    /// Those of a Service that is not among the objects.
    pub(super) fn assumed(
        namespace: &str,
        labels: &'c BTreeMap<String, String>,
        port: u16,
    ) -> Self {
        Self {
            namespace: namespace.to_owned(),
            labels,
            port,
            service_account: None,
            ports: Vec::new(),
            readiness: Readiness::assumed(),
        }
    }
}

/// The pods behind a port of a Service, by the first pod template that its selector selects; by the
/// selector alone where none is in the input.
pub(super) fn service_pods<'c>(
    cluster: &'c Cluster<'_>,
    namespace: &str,
    name: &str,
    port: &IntOrString,
) -> Option<ServicePods<'c>> {
    let service = cluster.objects.services.iter().find(|one| {
        one.resource.name == name
            && one.resource.namespace.as_deref().unwrap_or("default") == namespace
    })?;
    let selector = &service.object.spec.selector;
    if selector.is_empty() {
        return None;
    }
    let template = cluster.pod_templates().find(|pods| {
        pods.resource.namespace.as_deref().unwrap_or("default") == namespace
            && selector.iter().all(|(key, value)| pods.labels.get(key) == Some(value))
    });
    Some(ServicePods {
        namespace: namespace.to_owned(),
        labels: template.as_ref().map_or(selector, |pods| pods.labels),
        port: pod_port(&service.object, port),
        ports: known_ports(&service.object, template.as_ref()),
        readiness: Readiness::of(&service.object, template.as_ref()),
        service_account: template.map(|pods| pods.spec.service_account_name.as_str()),
    })
}

/// The ports of a Service by name and by the number of the pods', and those of the pods; that of
/// Istio's own agent is in every gateway.
fn known_ports(service: &Service, template: Option<&PodsOf<'_>>) -> Vec<String> {
    let mut ports = vec!["15020".to_owned()];
    for port in &service.spec.ports {
        ports.push(port.name.clone());
        ports.push(match &port.target_port {
            Some(IntOrString::Int(number)) => number.to_string(),
            _ => port.port.to_string(),
        });
    }
    let containers = template.iter().flat_map(|pods| &pods.spec.containers);
    ports.extend(containers.flat_map(|one| &one.ports).map(|port| port.container_port.to_string()));
    ports
}

/// The number of a pod's port; where it has a name alone, that of the Service.
fn pod_port(service: &Service, port: &IntOrString) -> u16 {
    let ports = &service.spec.ports;
    let own = ports.iter().find(|one| match port {
        IntOrString::Int(number) => one.port == *number,
        IntOrString::Text(name) => one.name == *name,
    });
    let number = own.or_else(|| ports.first()).map_or(80, |one| match one.target_port {
        Some(IntOrString::Int(number)) if number > 0 => number,
        _ => one.port,
    });
    u16::try_from(number).unwrap_or(80)
}

/// The number of a Service's port.
pub(super) fn service_port(
    cluster: &Cluster<'_>,
    namespace: &str,
    name: &str,
    port: &IntOrString,
) -> u32 {
    if let IntOrString::Int(number) = port {
        return u32::try_from(*number).unwrap_or(80);
    }
    let mut services = cluster.objects.services.iter();
    let found = services.find(|one| {
        one.resource.name == name
            && one.resource.namespace.as_deref().unwrap_or("default") == namespace
    });
    let ports = found.map(|one| one.object.spec.ports.as_slice()).unwrap_or_default();
    let own = ports.iter().find(|one| matches!(port, IntOrString::Text(text) if one.name == *text));
    own.map_or(80, |one| u32::try_from(one.port).unwrap_or(80))
}

/// The pods as a gateway of the mesh.
pub(super) fn gateway_workload(pods: &ServicePods<'_>) -> Workload {
    Workload::gateway(pods.namespace.clone(), pods.labels.clone())
}

/// A service account's identity.
pub(super) fn identity(mesh: &Mesh, namespace: &str, account: &str) -> Identity {
    let account = if account.is_empty() { "default" } else { account };
    Identity::of_service_account(&mesh.trust_domain, namespace, account)
}
