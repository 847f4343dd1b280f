//! What requests are followed through.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::facts::Facts;
use super::hops;
use super::mesh::{MeshObjects, service_pods};
use crate::cluster::{GatewayServices, may_be_one};
use crate::controllers::alb::objects::IntOrString;
use crate::controllers::alb::{LoadBalancer, Options, load_balancers};
use crate::controllers::istio::GatewayRoutes;
use crate::path::World;

/// Follows requests through a package.
pub(crate) struct Simulator<'w, 'p> {
    pub(super) world: &'w World<'p>,
    pub(super) balancers: Vec<LoadBalancer<'w>>,
    pub(super) mesh: MeshObjects,
    pub(super) facts: Facts,
    /// The Services of the Gateways whose pods Istio creates.
    pub(super) gateway_services: GatewayServices,
    /// The routes of gateways, written once.
    pub(super) routes: RefCell<WrittenRoutes>,
}

/// Routes by the gateway's namespace, the labels of its pods and the port.
type WrittenRoutes = HashMap<(String, BTreeMap<String, String>, u32), Rc<GatewayRoutes>>;

impl<'w, 'p> Simulator<'w, 'p> {
    /// One for a package, and for what is known beside it.
    #[must_use]
    pub(crate) fn of(world: &'w World<'p>, facts: Facts) -> Self {
        let (balancers, _) = load_balancers(&world.ingresses, &Options::default());
        Self {
            world,
            balancers,
            mesh: MeshObjects::of(world),
            facts,
            gateway_services: GatewayServices::of(&world.cluster, may_be_one),
            routes: RefCell::default(),
        }
    }

    /// Whether the pods of a Service are a gateway of the mesh.
    pub(crate) fn is_mesh_gateway(&self, namespace: &str, name: &str) -> bool {
        let pods = service_pods(&self.world.cluster, namespace, name, &IntOrString::Int(80));
        pods.is_some_and(|pods| self.mesh.gateways_of(pods.labels).next().is_some())
    }

    /// Whether a VirtualService of the mesh takes every host.
    pub(crate) fn has_catch_all(&self) -> bool {
        self.mesh.virtual_services.iter().any(|one| one.spec.hosts.iter().any(|host| host == "*"))
    }

    /// Whether an object of the package makes a load balancer.
    #[must_use]
    pub(crate) fn has_entry(&self) -> bool {
        self.balancers.iter().any(|balancer| balancer.model.is_ok())
            || hops::gateway_candidates::has_public(self.world, &self.gateway_services)
    }
}
