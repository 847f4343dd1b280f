//! The Ingress of an `InferenceService` in Standard mode.
//!
//! Source: `createRawIngress` and `generateRule` in `reconcilers/ingress/kube_ingress_reconciler.go` of 0.20.0
//! (`ingress_reconciler.go` up to 0.14): *all annotations of the service*, the class `ingressClassName` of the
//! configuration, and a rule `Prefix` `/` for each host.

use std::collections::BTreeMap;

use crate::controllers::alb::objects::{
    BackendPort, BackendRef, HttpPath, HttpRule, Ingress, IngressRule, IngressSpec, ServiceBackend,
};
use crate::controllers::kserve::container_ports::SERVICE_PORT;
use crate::controllers::kserve::endpoint::{HostRule, ServingRoute};
use crate::controllers::kserve::model::ServingModel;
use crate::values::k8s::ObjectMeta;

impl ServingModel {
    /// An Ingress of an endpoint of the model, with the annotations of its service.
    #[must_use]
    pub fn ingress(
        &self,
        namespace: &Option<String>,
        annotations: &BTreeMap<String, String>,
        route: &ServingRoute,
    ) -> Ingress {
        let settings = self.settings.as_ref();
        Ingress {
            metadata: ObjectMeta {
                name: route.name.clone(),
                namespace: namespace.clone(),
                annotations: annotations.clone(),
                ..ObjectMeta::default()
            },
            spec: IngressSpec {
                ingress_class_name: settings.and_then(|one| one.ingress_class_name.clone()),
                rules: route.rules.iter().map(rule).collect(),
                ..IngressSpec::default()
            },
            ..Ingress::default()
        }
    }
}

fn rule(rule: &HostRule) -> IngressRule {
    let number = SERVICE_PORT.try_into().unwrap_or_default();
    let service = ServiceBackend {
        name: rule.backend.to_string(),
        port: BackendPort { number, ..BackendPort::default() },
    };
    IngressRule {
        host: rule.host.clone(),
        http: Some(HttpRule {
            paths: vec![HttpPath {
                path: "/".to_owned(),
                path_type: Some("Prefix".to_owned()),
                backend: BackendRef { service: Some(service), resource: None },
            }],
        }),
    }
}
