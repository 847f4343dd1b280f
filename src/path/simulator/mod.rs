//! Would this request get through? A request is followed from its DNS name to the pods that serve it,
//! over what the manifests alone say: each hop with its verdict, the object and field that decide, and
//! in the end the status that the client sees.
//!
//! What the manifests do not decide is no guess: the walk goes on as if it passed, notes what would
//! come of it otherwise, and the outcome is unknown where that makes a difference.

mod credentials;
mod facts;
mod hops;
mod mesh;
mod outcome;
mod reconciled_routes;
mod request;
mod walk;

pub use facts::Facts;
pub use outcome::{Cause, Hop, HopVerdict, Outcome, Place, Trace, Way};
pub use request::{Client, SentRequest};

use crate::controllers::alb::{LoadBalancer, Options, load_balancers};
use crate::path::World;
use mesh::MeshObjects;

/// Follows requests through a package.
pub struct Simulator<'w, 'p> {
    world: &'w World<'p>,
    balancers: Vec<LoadBalancer<'w>>,
    mesh: MeshObjects,
    facts: Facts,
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

    /// Follows a request.
    #[must_use]
    pub fn trace(&self, request: &SentRequest) -> Trace {
        walk::trace(self, request)
    }
}
