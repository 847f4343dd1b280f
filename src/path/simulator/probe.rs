//! What the pods of a gateway answer to a load balancer's health check.

use super::hops::gateway::stock_labels;
use super::hops::health_check::at_gateway;
use super::hops::target::HealthCheck;
use super::mesh::{ServicePods, service_pods, service_port};
use super::request::SentRequest;
use super::simulated::Simulator;
use super::walk::{Picks, Walk};
use crate::controllers::alb::objects::IntOrString;

/// Why a health check fails.
pub(crate) struct Unhealthy {
    pub(crate) text: String,
    /// The annotation that decides.
    pub(crate) field: Option<String>,
    /// The port of the gateway's readiness.
    pub(crate) ready_port: u16,
}

impl Simulator<'_, '_> {
    /// Why a health check fails on the pods of a Service; `None` also where they are not a gateway of the
    /// package, and it is not their readiness that is requested.
    #[must_use]
    pub(crate) fn probe(
        &self,
        namespace: &str,
        name: &str,
        port: &IntOrString,
        check: &HealthCheck,
    ) -> Option<Unhealthy> {
        let request = SentRequest::for_url("http://10.0.0.10/").ok()?;
        let mut walk = Walk::of(self, &request, Picks::default());
        let cluster = &self.world.cluster;
        let assumed = stock_labels(&walk, name);
        let pods = match (service_pods(cluster, namespace, name, port), &assumed) {
            (Some(pods), _) => pods,
            (None, Some((labels, port))) => ServicePods::assumed(namespace, labels, *port),
            (None, None) => return None,
        };
        // Its readiness answers without any Gateway as well.
        let is_gateway = self.mesh.gateways_of(pods.labels).next().is_some();
        if !is_gateway && !pods.readiness.answers(check) {
            return None;
        }
        let port = service_port(cluster, namespace, name, port);
        at_gateway(&mut walk, &pods, port, check);
        walk.doubts.first()?;
        let hop = walk.hops.pop()?;
        Some(Unhealthy { text: hop.text, field: hop.field, ready_port: pods.readiness.port })
    }
}
