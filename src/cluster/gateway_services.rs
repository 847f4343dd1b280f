//! The Services that Istio creates for the pods of Gateways of the Gateway API.

use std::collections::HashMap;

use super::plain::ConfigMap;
use super::{Cluster, Kept, parsed};
use crate::controllers::alb::annotated_services::is_annotated;
use crate::controllers::alb::objects::Service;
use crate::controllers::gateway_api::Gateway;
use crate::controllers::gateway_of_istio::SERVICE_TYPE;
use crate::values::k8s::ResourceRef;

/// The label of a ConfigMap that changes what Istio creates for the Gateways of a class.
const DEFAULTS_FOR_CLASS: &str = "gateway.istio.io/defaults-for-class";

/// What a Service opens.
#[derive(Debug, Clone)]
pub(crate) struct GatewayService {
    /// Its type.
    pub(crate) kind: String,
    /// Whether the AWS Load Balancer Controller takes it by its annotations.
    pub(crate) is_annotated: bool,
}

/// The Services, by their Gateways; what is not known where that decides.
pub(crate) struct GatewayServices {
    all: HashMap<ResourceRef, Result<GatewayService, String>>,
}

/// What a ConfigMap says of Services.
struct Overlay<'c> {
    resource: &'c ResourceRef,
    class: Option<String>,
    service: Option<String>,
}

impl GatewayServices {
    /// Those of a package; `may_be_one` tells whether an object of one namespace may be in the other.
    pub(crate) fn of(
        cluster: &Cluster<'_>,
        may_be_one: impl Fn(&Option<String>, &Option<String>) -> bool,
    ) -> Self {
        let gateways = &cluster.objects.gateways;
        let overlays: Vec<Overlay<'_>> = if gateways.is_empty() {
            Vec::new()
        } else {
            let maps = cluster.objects.config_maps.iter();
            let read = maps.filter_map(|map| {
                let object = map.object.read::<ConfigMap>().ok()?;
                let class = object.metadata.labels.get(DEFAULTS_FOR_CLASS).cloned();
                let service = object.texts().remove("service");
                Some(Overlay { resource: &map.resource, class, service })
            });
            read.collect()
        };
        let mut own: HashMap<&str, Vec<&Overlay<'_>>> = HashMap::new();
        for overlay in &overlays {
            own.entry(&overlay.resource.name).or_default().push(overlay);
        }
        let of_classes: Vec<&Overlay<'_>> =
            overlays.iter().filter(|one| one.class.is_some()).collect();
        let created = gateways.iter().map(|kept| {
            let created = created(kept, (&own, &of_classes), &may_be_one);
            ((*kept.resource).clone(), created)
        });
        Self { all: created.collect() }
    }

    pub(crate) fn get(&self, gateway: &Kept<Gateway>) -> Option<&Result<GatewayService, String>> {
        self.all.get(&*gateway.resource)
    }

    /// Whether the one of a Gateway has no address outside the cluster.
    pub(crate) fn is_inside(&self, gateway: &Kept<Gateway>) -> bool {
        let created = self.get(gateway).and_then(|one| one.as_ref().ok());
        created.is_some_and(|created| created.kind == "ClusterIP" && !created.is_annotated)
    }
}

/// The type that the annotation says, unless a ConfigMap of the class or of the Gateway says another one (`render` in
/// `deploymentcontroller.go`: that of the Gateway comes last), with the Gateway's annotations. Otherwise what is not
/// known of it.
fn created(
    kept: &Kept<Gateway>,
    (named, of_classes): (&HashMap<&str, Vec<&Overlay<'_>>>, &[&Overlay<'_>]),
    may_be_one: &impl Fn(&Option<String>, &Option<String>) -> bool,
) -> Result<GatewayService, String> {
    let gateway = &kept.object;
    let mut service = Service::default();
    service.metadata.annotations.clone_from(&gateway.metadata.annotations);
    service.metadata.annotations.extend(gateway.spec.infrastructure.annotations.clone());
    let kind = gateway.metadata.annotations.get(SERVICE_TYPE);
    kind.map_or("LoadBalancer", |own| own).clone_into(&mut service.spec.kind);
    let class = Some(&gateway.spec.gateway_class_name);
    let mut overlays: Vec<&Overlay<'_>> =
        of_classes.iter().filter(|one| one.class.as_ref() == class).copied().collect();
    if let Some(own) = &gateway.spec.infrastructure.parameters_ref {
        let near = named.get(own.name.as_str()).into_iter().flatten().filter(|one| {
            own.kind == "ConfigMap" && may_be_one(&one.resource.namespace, &kept.resource.namespace)
        });
        let before = overlays.len();
        overlays.extend(near);
        if overlays.len() == before {
            return Err(gateway.spec.parameters().unwrap_or_default());
        }
    }
    for (overlay, text) in overlays.iter().filter_map(|one| Some((one, one.service.as_ref()?))) {
        let written = parsed(text).unwrap_or_default();
        let opens = |field: &str| !written["spec"][field].is_null();
        let has_annotations = !written["metadata"]["annotations"].is_null();
        if !written.is_object() || has_annotations || opens("externalIPs") {
            return Err(overlay.resource.to_string());
        }
        if let Some(kind) = written["spec"]["type"].as_str() {
            kind.clone_into(&mut service.spec.kind);
        }
    }
    Ok(GatewayService { is_annotated: is_annotated(&service), kind: service.spec.kind })
}
