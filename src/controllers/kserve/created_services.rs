//! The Services that the controller creates.
//!
//! Sources: `createService` in `reconcilers/service/service_reconciler.go`, `reconcileExternalService` in
//! `reconcilers/ingress/ingress_reconciler.go` and `workload_single_node.go` of `llmisvc`, kserve/kserve 0.20.0.

use super::container_ports::{LLM_PORT, MODEL_SERVER, SERVICE_PORT, ServicePort};
use super::endpoint::{Endpoint, EndpointKind};
use super::mode::DeploymentMode;
use crate::controllers::knative::child_name;

/// A Service that `KServe` creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedService {
    /// Its name.
    pub name: String,
    /// Whether it is another name of Knative's local gateway.
    pub is_local_gateway: bool,
    /// Its ports.
    pub ports: Vec<ServicePort>,
}

impl Endpoint {
    /// The Services that `KServe` creates for it, without those of Knative's Revisions and the headless ones of
    /// several nodes, whose names have a generation.
    #[must_use]
    pub fn created_services(&self) -> Vec<CreatedService> {
        let plain = |name: &str, ports| CreatedService {
            name: name.to_owned(),
            is_local_gateway: false,
            ports,
        };
        if self.has_local_service {
            return vec![CreatedService {
                is_local_gateway: true,
                ..plain(&self.name, Vec::new())
            }];
        }
        if let Some(llm) = &self.llm {
            let port =
                ServicePort { port: LLM_PORT.into(), target: LLM_PORT.into(), is_grpc: false };
            let mut all = vec![plain(&llm.service, vec![port])];
            if llm.scheduler.is_some() {
                // Its ports are in a configuration that the model does not read.
                all.push(plain(&child_name(&self.name, "-epp-service"), Vec::new()));
            }
            return all;
        }
        let is_standard = self.mode == Some(DeploymentMode::Standard);
        if self.kind == EndpointKind::InferenceGraph && is_standard && self.address.is_some() {
            let target = MODEL_SERVER.into();
            let port = ServicePort { port: SERVICE_PORT, target, is_grpc: false };
            return vec![plain(&self.name, vec![port])];
        }
        let components = self.components.iter().filter(|one| !one.ports.is_empty());
        components.map(|one| plain(&one.name, one.ports.clone())).collect()
    }
}
