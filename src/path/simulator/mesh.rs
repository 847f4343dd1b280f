//! The mesh as the gateways and sidecars of a package get it.

use std::collections::BTreeMap;

use super::reconciled_routes;
use crate::cluster::plain::RequestAuthentication;
use crate::cluster::{Cluster, PodsOf};
use crate::controllers::alb::objects::{IntOrString, Service};
use crate::controllers::istio::{
    AuthorizationPolicy, EnvoyFilter, Gateway, Identity, Mesh, PeerAuthentication, VirtualService,
    Workload,
};
use crate::path::World;
use crate::serving::authorization::{Callers, GatewayIdentities, ServingWorkload, TrustDomain};

/// The mesh as the gateways and sidecars of a package get it.
pub(super) struct MeshObjects {
    pub(super) mesh: Mesh,
    pub(super) policies: Vec<AuthorizationPolicy>,
    pub(super) peers: Vec<PeerAuthentication>,
    pub(super) request_authentications: Vec<RequestAuthentication>,
    pub(super) filters: Vec<EnvoyFilter>,
    pub(super) gateways: Vec<Gateway>,
    /// Those of the package, then those that `KServe` and Knative create.
    pub(super) virtual_services: Vec<VirtualService>,
    /// The components that serve.
    pub(super) workloads: Vec<ServingWorkload>,
    pub(super) callers: Callers,
}

impl MeshObjects {
    pub(super) fn of(world: &World<'_>) -> Self {
        let objects = &world.cluster.objects;
        let mut virtual_services: Vec<VirtualService> =
            objects.virtual_services.iter().map(|one| one.object.clone()).collect();
        for made in reconciled_routes::of(world) {
            let is_there = virtual_services.iter().any(|one| {
                one.namespace() == made.namespace() && one.metadata.name == made.metadata.name
            });
            if !is_there {
                virtual_services.push(made);
            }
        }
        let trust = TrustDomain::default();
        let gateways = Callers::gateways_of(GatewayIdentities::of(&world.cluster, &trust), &trust);
        Self {
            mesh: Mesh::default(),
            policies: objects.authorization_policies.iter().map(|one| one.object.clone()).collect(),
            peers: objects.peer_authentications.iter().map(|one| one.object.clone()).collect(),
            request_authentications: objects
                .request_authentications
                .iter()
                .map(|one| one.object.clone())
                .collect(),
            filters: objects.envoy_filters.iter().map(|one| one.object.clone()).collect(),
            gateways: objects.istio_gateways.iter().map(|one| one.object.clone()).collect(),
            virtual_services,
            workloads: ServingWorkload::all(&world.model),
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

    /// The component behind a Service, or behind the Service of one of its revisions.
    pub(super) fn component(&self, namespace: &str, service: &str) -> Option<&ServingWorkload> {
        self.workloads.iter().find(|one| {
            one.namespace == namespace
                && (one.name == service
                    || one.knative
                        && service.strip_prefix(&one.name).is_some_and(|rest| {
                            rest.strip_prefix('-').is_some_and(|digits| {
                                digits.len() == 5 && digits.bytes().all(|b| b.is_ascii_digit())
                            })
                        }))
        })
    }
}

/// The pods behind a Service.
pub(super) struct PodsBehind<'c> {
    pub(super) namespace: String,
    pub(super) labels: &'c BTreeMap<String, String>,
    /// The port of the pods that a port of the Service leads to.
    pub(super) port: u16,
    pub(super) service_account: Option<&'c str>,
    /// The names and numbers of the ports that the Service and the pods have.
    pub(super) ports: Vec<String>,
}

/// The pods behind a port of a Service, by the first pod template that its selector selects; by the
/// selector alone where none is among the objects.
pub(super) fn pods_behind<'c>(
    cluster: &'c Cluster<'_>,
    namespace: &str,
    name: &str,
    port: &IntOrString,
) -> Option<PodsBehind<'c>> {
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
    Some(PodsBehind {
        namespace: namespace.to_owned(),
        labels: template.as_ref().map_or(selector, |pods| pods.labels),
        port: pod_port(&service.object, port),
        ports: known_ports(&service.object, template.as_ref()),
        service_account: template.map(|pods| pods.spec.service_account_name.as_str()),
    })
}

/// The ports of a Service by name and by the number of the pods', and those of the pods; those of
/// Istio's own agent are in every gateway.
fn known_ports(service: &Service, template: Option<&PodsOf<'_>>) -> Vec<String> {
    let mut ports: Vec<String> = ["15020", "15021"].map(str::to_owned).to_vec();
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
pub(super) fn gateway_workload(pods: &PodsBehind<'_>) -> Workload {
    Workload::gateway(pods.namespace.clone(), pods.labels.clone())
}

/// A service account's identity.
pub(super) fn identity(mesh: &Mesh, namespace: &str, account: &str) -> Identity {
    let account = if account.is_empty() { "default" } else { account };
    Identity::of_service_account(&mesh.trust_domain, namespace, account)
}
