//! What requests are followed through.

use super::facts::Facts;
use super::mesh::MeshObjects;
use crate::controllers::alb::{LoadBalancer, Options, load_balancers};
use crate::path::World;

/// Follows requests through a package.
pub struct Simulator<'w, 'p> {
    pub(super) world: &'w World<'p>,
    pub(super) balancers: Vec<LoadBalancer<'w>>,
    pub(super) mesh: MeshObjects,
    pub(super) facts: Facts,
}

impl<'w, 'p> Simulator<'w, 'p> {
    /// One for a package, and for what is known beside it.
    #[must_use]
    pub fn of(world: &'w World<'p>, facts: Facts) -> Self {
        let (balancers, _) = load_balancers(&world.ingresses, &Options::default());
        Self { world, balancers, mesh: MeshObjects::of(world), facts }
    }

    /// Whether an Ingress of the package makes a load balancer.
    #[must_use]
    pub fn has_load_balancer(&self) -> bool {
        self.balancers.iter().any(|balancer| balancer.model.is_ok())
    }
}
