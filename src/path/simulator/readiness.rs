//! Where a gateway says whether it is ready, and which health checks request that.

use super::hops::target::HealthCheck;
use crate::cluster::PodsOf;
use crate::controllers::alb::objects::{IntOrString, Service, ServicePort};

/// Where the readiness of a gateway is.
pub(super) struct Readiness {
    pub(super) port: u16,
    /// What the Service calls the port.
    pub(super) names: Vec<String>,
}

/// The port of Envoy's readiness (`ENVOY_STATUS_PORT` of `pilot/cmd/pilot-agent/options/options.go`), and that of
/// the agent, whom Envoy asks: both answer unless the gateway has others.
const READY_PORT: u16 = 15_021;
const AGENT_PORT: u16 = 15_020;
/// Its path (`readyPath` of `pilot/cmd/pilot-agent/status/server.go`).
const READY_PATH: &str = "/healthz/ready";
/// What Istio's own chart calls the port in the gateway's Service.
const READY_NAME: &str = "status-port";

impl Readiness {
    /// By the probe of the pods, else by the name of the Service's port; Istio's default without both.
    pub(super) fn of(service: &Service, template: Option<&PodsOf<'_>>) -> Self {
        let containers = template.iter().flat_map(|pods| &pods.spec.containers);
        let probed = containers.filter_map(|one| one.proxy_readiness).next();
        let number = |port: &ServicePort| match port.target_port {
            Some(IntOrString::Int(number)) => u16::try_from(number).ok(),
            Some(IntOrString::Text(_)) => None,
            None => u16::try_from(port.port).ok(),
        };
        let named =
            || service.spec.ports.iter().find(|one| one.name == READY_NAME).and_then(number);
        let port = probed.or_else(named).unwrap_or(READY_PORT);
        let own = service.spec.ports.iter().filter(|one| {
            // A name of the pods' port tells no number.
            number(one).map_or(one.name == READY_NAME, |number| number == port)
        });
        Self {
            port,
            names: own.map(|one| one.name.clone()).filter(|one| !one.is_empty()).collect(),
        }
    }

    /// Istio's own.
    pub(super) fn assumed() -> Self {
        Self { port: READY_PORT, names: vec![READY_NAME.to_owned()] }
    }

    /// Whether a health check requests the readiness, which answers whatever the gateway's routes are.
    pub(super) fn answers(&self, check: &HealthCheck) -> bool {
        self.is_at(&check.port) && check.path == READY_PATH
    }

    /// Whether a health check's port is that of the readiness.
    pub(super) fn is_at(&self, port: &str) -> bool {
        let own = [READY_PORT, AGENT_PORT];
        let all: &[u16] = if own.contains(&self.port) { &own } else { &[self.port] };
        all.iter().any(|one| port == one.to_string()) || self.names.iter().any(|name| name == port)
    }
}
