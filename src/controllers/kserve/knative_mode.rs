//! What Knative mode reconciles an `InferenceService` to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::annotations::{
    AnnotationPlace, TAG_ANNOTATION, add_component_labels, component_annotations, given_labels,
    is_stopped,
};
use super::container_ports::{containers, refused_by_knative};
use super::endpoint::{ComponentEndpoint, HostRule, RouteKind, ServingRoute};
use super::hosts::templated_path;
use super::inference_service::{Component, ComponentSpec, InferenceService};
use super::ingress_settings::{DEFAULT_DOMAIN, IngressSettings};
use super::naming::{component_name, stripped};
use super::predict_path::predict_path;
use super::protocol::ServingPods;
use super::reconciled::{Knative, Reconciled, lower_scheme};
use super::remark::KnativeRemark;
use super::runtimes::ServingRuntime;
use super::virtual_service::Before;
use crate::controllers::knative::{CLUSTER_LOCAL_DOMAIN, Route, RouteHosts, refused_annotation};
use crate::go::url;
use crate::values::release::Release;
use crate::values::route_host::is_dns_1035_label;

/// Up to here the address has a path.
const WITHOUT_PATH: Release = Release::new(0, 11, 0);
/// From here on a number of pods to start with that is none is left out of the service's annotations.
const INITIAL_SCALE_LEFT_OUT: Release = Release::new(0, 15, 2);
const INITIAL_SCALE: &str = "autoscaling.knative.dev/initial-scale";
/// From here on the URL does not wait for the VirtualService.
const URL_WITHOUT_ROUTE: Release = Release::new(0, 15, 1);

/// Reconciles a service: the Knative Services, the VirtualService and the status.
pub(super) fn reconcile(
    service: &InferenceService,
    namespace: &str,
    annotations: &BTreeMap<String, String>,
    knative: &Knative<'_>,
) -> Reconciled {
    let mode = KnativeMode { service, namespace, annotations, knative };
    let mut reconciled = Reconciled::default();
    let mut hosts = BTreeMap::new();
    for (component, spec) in service.components() {
        match mode.component(component, spec, &mut reconciled) {
            Outcome::Created(found) => hosts.extend(found.map(|found| (component, found))),
            Outcome::Stopped => {}
            Outcome::Refused => {
                reconciled.failed = Some(component);
                return reconciled;
            }
        }
    }
    if let Some(settings) = knative.settings {
        reconciled.has_local_service = !settings.disable_istio_virtual_host;
        mode.serve(settings, &hosts, &mut reconciled);
    }
    reconciled
}

struct KnativeMode<'a> {
    service: &'a InferenceService,
    namespace: &'a str,
    annotations: &'a BTreeMap<String, String>,
    knative: &'a Knative<'a>,
}

/// How a component is reconciled.
enum Outcome {
    /// Its Knative Service is there, with the hosts of its Route where it gets any.
    Created(Option<RouteHosts>),
    /// It is stopped.
    Stopped,
    /// Knative's webhook refuses its Service; the controller stops there.
    Refused,
}

impl KnativeMode<'_> {
    /// The Knative Service of a component.
    fn component(
        &self,
        component: Component,
        spec: &ComponentSpec,
        reconciled: &mut Reconciled,
    ) -> Outcome {
        let knative = self.knative;
        let kserve = knative.kserve;
        let name = component_name(self.service, component, kserve);
        if !is_dns_1035_label(&name) {
            let own = self.service.metadata.name.len();
            let room = (63 + own).saturating_sub(name.len());
            reconciled.remark(KnativeRemark::ServiceName { name, room });
            return Outcome::Refused;
        }
        let runtime = knative.runtime.filter(|_| component == Component::Predictor);
        let labels = given_labels(self.service, spec, runtime, kserve);
        let mut endpoint = ComponentEndpoint {
            component,
            name: name.clone(),
            host: None,
            url: None,
            given_labels: labels.clone(),
            stopped: false,
            ports: Vec::new(),
            pods: ServingPods::default(),
        };
        let annotations = self.annotations_of(spec, runtime);
        if is_stopped(&annotations, kserve) {
            reconciled.remark(KnativeRemark::ComponentStopped(component));
            endpoint.stopped = true;
            reconciled.components.push(endpoint);
            return Outcome::Stopped;
        }
        if let Some(refused) = refused_annotation(&annotations, knative.release) {
            let of_service = self.annotations;
            let place = AnnotationPlace::of(&refused.key, component, spec, of_service, runtime);
            reconciled.remark(KnativeRemark::AnnotationRefused { refused, place });
            return Outcome::Refused;
        }
        if let Some(refused) = refused_by_knative(&containers(component, spec, knative.runtime)) {
            reconciled.remark(KnativeRemark::PortsRefused { component, refused });
            return Outcome::Refused;
        }
        let mut route_labels = labels;
        add_component_labels(&mut route_labels, &self.service.metadata.name, component);
        route_labels.insert("serving.knative.dev/service".to_owned(), name.clone());
        let route = Route {
            name,
            namespace: self.namespace.to_owned(),
            labels: route_labels,
            annotations: BTreeMap::new(),
            tags: tags(component, spec, &annotations, knative.settings.is_some(), reconciled),
        };
        let hosts = self.route_hosts(component, &route, reconciled);
        if let Some(hosts) = &hosts {
            endpoint.host = Some(hosts.host.clone());
            endpoint.url = Some(format!("{}://{}", hosts.scheme, hosts.host));
            reconciled.routes.push(knative_route(&route.name, hosts));
        }
        reconciled.components.push(endpoint);
        Outcome::Created(hosts)
    }

    /// The annotations of a component's Knative Service and of its revisions. The numbers of pods are the component's
    /// own fields, whatever annotations say (`SetAutoScalingAnnotations` in `pkg/controller/v1alpha1/utils/utils.go`, and
    /// `ServiceAnnotationDisallowedList`); a number of pods to start with that is none is left out of the service's
    /// (`ValidateInitialScaleAnnotation` there), and not of the component's.
    fn annotations_of(
        &self,
        spec: &ComponentSpec,
        runtime: Option<&ServingRuntime>,
    ) -> BTreeMap<String, String> {
        let Knative { config, kserve, .. } = *self.knative;
        let mut of_service = self.annotations.clone();
        if kserve >= INITIAL_SCALE_LEFT_OUT {
            of_service.retain(|key, value| {
                key != INITIAL_SCALE || value.parse::<i64>().is_ok_and(|count| count != 0)
            });
        }
        let mut annotations = component_annotations(&of_service, spec, runtime, config, kserve);
        for of_fields in ["autoscaling.knative.dev/min-scale", "autoscaling.knative.dev/max-scale"]
        {
            annotations.remove(of_fields);
        }
        annotations
    }

    /// The hosts of a component's Route; `None` where Knative's configuration or the Route's own
    /// labels give none.
    fn route_hosts(
        &self,
        component: Component,
        route: &Route,
        reconciled: &mut Reconciled,
    ) -> Option<RouteHosts> {
        let (Ok(domain), Ok(network)) = (self.knative.domain, self.knative.network) else {
            return None;
        };
        match route.hosts(domain, network) {
            Ok(hosts) => Some(hosts),
            Err(error) => {
                reconciled.remark(KnativeRemark::NoHost { component, error });
                None
            }
        }
    }

    /// The VirtualService and the status.
    ///
    /// Source: `ingress_reconciler.go`.
    fn serve(
        &self,
        settings: &IngressSettings,
        hosts: &BTreeMap<Component, RouteHosts>,
        reconciled: &mut Reconciled,
    ) {
        let entry = self.service.entry();
        let Some(entry_hosts) = hosts.get(&entry) else { return };
        // The scheme is set on the entry's own URL, which the status keeps.
        let entry_url = format!("{}://{}", settings.url_scheme, entry_hosts.host);
        let of_entry = reconciled.components.iter_mut().find(|one| one.component == entry);
        if let Some(endpoint) = of_entry {
            endpoint.url = Some(lower_scheme(&entry_url));
        }
        let path = self.path(settings, reconciled);
        let is_routed = self.route(settings, hosts, entry_hosts, path.as_ref(), reconciled);
        // Before 0.15.1 no VirtualService meant no URL.
        let waits = self.knative.kserve < URL_WITHOUT_ROUTE;
        if waits && !is_routed && !settings.disable_istio_virtual_host {
            return;
        }
        let Some(path) = path else {
            // The entry has the scheme already.
            has_scheme(settings, reconciled);
            return;
        };
        let url = match path {
            Some(path) => format!(
                "{}://{}{}",
                settings.url_scheme,
                settings.ingress_domain,
                url::escaped_path(&path)
            ),
            None if settings.disable_istio_virtual_host => entry_url,
            None => stripped(&entry_url, entry, self.knative.kserve),
        };
        if is_url(settings, reconciled) {
            reconciled.url = Some(lower_scheme(&url));
            reconciled.address = Some(self.address(settings));
        }
    }

    /// The path of the URL, which is empty without a template; `None` where the template gives none.
    #[allow(clippy::option_option, reason = "no template and a template without a path differ")]
    fn path(
        &self,
        settings: &IngressSettings,
        reconciled: &mut Reconciled,
    ) -> Option<Option<String>> {
        if settings.path_template.is_empty() {
            return Some(None);
        }
        match templated_path(&self.service.metadata.name, self.namespace, settings) {
            Ok(path) => Some(Some(path)),
            Err(error) => {
                reconciled.remark(KnativeRemark::PathTemplate(error));
                None
            }
        }
    }

    /// Creates the VirtualService, or says why there is none.
    fn route(
        &self,
        settings: &IngressSettings,
        hosts: &BTreeMap<Component, RouteHosts>,
        entry_hosts: &RouteHosts,
        path: Option<&Option<String>>,
        reconciled: &mut Reconciled,
    ) -> bool {
        let has_template = !settings.path_template.is_empty();
        if settings.disable_istio_virtual_host {
            if has_template {
                reconciled.remark(KnativeRemark::PathWithoutRoute);
            }
            return false;
        }
        if !self.service.components().all(|(component, _)| hosts.contains_key(&component)) {
            reconciled.remark(KnativeRemark::ComponentNotReady);
            return false;
        }
        if path.is_none() {
            return false;
        }
        let backend = component_name(self.service, self.service.entry(), self.knative.kserve);
        let before = Before {
            service: self.service,
            namespace: self.namespace,
            entry_hosts,
            backend: &backend,
            knative: self.knative,
            settings,
        };
        let route = before.virtual_service(has_template, reconciled);
        reconciled.routes.push(route);
        true
    }

    /// `status.address.url`.
    fn address(&self, settings: &IngressSettings) -> String {
        let kserve = self.knative.kserve;
        let prefix = if settings.disable_istio_virtual_host {
            component_name(self.service, self.service.entry(), kserve)
        } else {
            self.service.metadata.name.clone()
        };
        let path = if kserve < WITHOUT_PATH { predict_path(self.service) } else { String::new() };
        let path = url::escaped_path(&path);
        format!("http://{prefix}.{}.{CLUSTER_LOCAL_DOMAIN}{path}", self.namespace)
    }
}

/// Whether the settings give URLs a scheme.
fn has_scheme(settings: &IngressSettings, reconciled: &mut Reconciled) -> bool {
    let is_scheme = url::is_scheme(&settings.url_scheme);
    if !is_scheme {
        reconciled.remark(KnativeRemark::UrlScheme(settings.url_scheme.clone()));
        // The controller fails before it writes the status.
        reconciled.components.iter_mut().for_each(|component| component.url = None);
    }
    is_scheme
}

/// Whether the settings make a URL.
fn is_url(settings: &IngressSettings, reconciled: &mut Reconciled) -> bool {
    if !has_scheme(settings, reconciled) {
        return false;
    }
    let domain = settings.ingress_domain.clone();
    if settings.path_template.is_empty() {
        if domain != DEFAULT_DOMAIN {
            reconciled.remark(KnativeRemark::IngressDomainIgnored(domain));
        }
        return true;
    }
    match url::only_a_host(&domain) {
        Ok(()) => true,
        Err(problem) => {
            reconciled.remark(KnativeRemark::UrlDomain { domain, problem });
            false
        }
    }
}

fn tags(
    component: Component,
    spec: &ComponentSpec,
    annotations: &BTreeMap<String, String>,
    writes_status: bool,
    reconciled: &mut Reconciled,
) -> Vec<String> {
    let mut tags = Vec::new();
    if annotations.get(TAG_ANNOTATION).is_some_and(|value| value == "true") {
        tags.push("latest".to_owned());
    }
    if let Some(percent) = spec.canary_traffic_percent {
        if !(0..=100).contains(&percent) {
            reconciled.remark(KnativeRemark::CanaryPercent { component, percent });
        } else if percent < 100 && writes_status {
            // The status names the earlier revision.
            tags.push("prev".to_owned());
            reconciled
                .assumed
                .push("an earlier revision has rolled out, so the tag prev has a host".into());
        }
    }
    tags
}

pub(super) fn knative_route(name: &str, hosts: &RouteHosts) -> ServingRoute {
    let all =
        std::iter::once(hosts.host.as_str()).chain(hosts.tags.values().map(|host| host.as_str()));
    let local = (hosts.host.as_str() != hosts.local).then_some(hosts.local.as_str());
    let backend: Arc<str> = name.into();
    let rules: Vec<_> = all
        .chain(local)
        .map(|host| HostRule { host: host.to_owned(), backend: Arc::clone(&backend) })
        .collect();
    ServingRoute {
        kind: RouteKind::Knative,
        name: name.to_owned(),
        public: !hosts.cluster_local,
        gateways: Vec::new(),
        rules,
    }
}
