//! What Standard mode reconciles an `InferenceService` to: an Ingress, or `HTTPRoute`s.

use std::collections::BTreeMap;

use super::admission::{AUTOSCALER_ANNOTATION, unknown_autoscaler};
use super::annotations::{
    AnnotationPlace, NETWORK_VISIBILITY, component_annotations, component_labels, given_labels,
    is_stopped,
};
use super::canaries::{CanaryOf, autoscaler};
use super::config::KserveConfig;
use super::container_ports::{MODEL_SERVER, containers, service_ports};
use super::endpoint::{Canary, ComponentEndpoint, GatewayApi, HostRule};
use super::hosts::{TemplatedError, templated_host};
use super::inference_service::{Component, ComponentSpec, InferenceService};
use super::ingress_settings::IngressSettings;
use super::naming::{NAMED_PREDICTOR, component_name};
use super::protocol::ServingPods;
use super::reconciled::{Reconciled, lower_scheme};
use super::remark::StandardRemark;
use super::runtimes::ServingRuntime;
use crate::controllers::knative::{CLUSTER_LOCAL, CLUSTER_LOCAL_DOMAIN, VISIBILITY_LABEL};
use crate::go::url;
use crate::values::release::Release;
use crate::values::route_host::{RouteHost, is_dns_1035_label};

/// From here on the label and `ingressDomain: svc.cluster.local` count, and the Ingress confuses
/// the hosts of a transformer.
pub(super) const VISIBILITY: Release = Release::new(0, 11, 0);
/// From here on the address has the scheme `http` whatever `urlScheme` says.
const HTTP_ADDRESS: Release = Release::new(0, 17, 0);

/// The release that takes the workers of several nodes for those of a canary that is no longer there, and deletes them in
/// the round that creates them: the end of `reconcileCanaryDeployments` in `components/predictor.go`. 0.19 has no
/// canaries, and kserve/kserve#5899 keeps the workers after 0.20.0.
const DELETES_WORKERS: Release = Release::new(0, 20, 0);

/// What Standard mode reads besides the service.
pub(super) struct Standard<'a> {
    /// `None` where the controller refuses `ingress`: nothing is created.
    pub(super) settings: Option<&'a IngressSettings>,
    pub(super) config: &'a KserveConfig,
    pub(super) kserve: Release,
    /// Whether the routes give canaries their parts of the traffic.
    pub(super) routes_canaries: bool,
    /// The runtime among the objects that takes the model.
    pub(super) runtime: Option<&'a ServingRuntime>,
    /// The canaries, up to one at which the controller fails.
    pub(super) canaries: &'a [CanaryOf<'a>],
    /// Whether the controller fails at a canary, after the predictor itself.
    pub(super) canary_refused: bool,
}

/// Reconciles a service: the Deployments' Services, the routes and the status.
pub(super) fn reconcile(
    service: &InferenceService,
    namespace: &str,
    annotations: &BTreeMap<String, String>,
    standard: &Standard<'_>,
) -> Reconciled {
    let mut reconciled = Reconciled::default();
    let Some(settings) = standard.settings else {
        reconciled.failed = Some(Component::Predictor);
        return reconciled;
    };
    let mode = StandardMode { service, namespace, annotations, standard, settings };
    if let Err(refused) = mode.run(&mut reconciled) {
        reconciled.remark(refused);
    }
    reconciled
}

impl From<TemplatedError> for StandardRemark {
    fn from(error: TemplatedError) -> Self {
        Self::Templated(error)
    }
}

pub(super) struct StandardMode<'a> {
    pub(super) service: &'a InferenceService,
    pub(super) namespace: &'a str,
    annotations: &'a BTreeMap<String, String>,
    pub(super) standard: &'a Standard<'a>,
    pub(super) settings: &'a IngressSettings,
}

/// The longest name of a component's Service: the label `app` is `isvc.` and the name.
const LONGEST_NAME: usize = 58;

impl StandardMode<'_> {
    fn run(&self, reconciled: &mut Reconciled) -> Result<(), StandardRemark> {
        let mut is_complete = true;
        for (component, spec) in self.service.components() {
            let created = self.component(component, spec);
            let mut endpoint = created.inspect_err(|_| reconciled.failed = Some(component))?;
            if is_stopped(
                &self.annotations_of(spec, self.runtime_of(component)),
                self.standard.kserve,
            ) {
                reconciled.remark(StandardRemark::ComponentStopped(component));
                is_complete = false;
                endpoint = ComponentEndpoint {
                    stopped: true,
                    host: None,
                    url: None,
                    ports: Vec::new(),
                    ..endpoint
                };
            }
            reconciled.components.push(endpoint);
            if component == Component::Predictor {
                for canary in self.standard.canaries {
                    let created = self.canary(canary);
                    let created = created.inspect_err(|_| reconciled.is_canary_failed = true)?;
                    reconciled.canaries.push(created);
                }
                if self.standard.canary_refused {
                    reconciled.is_canary_failed = true;
                    return Ok(());
                }
                self.check_workers(spec, reconciled);
            }
            if spec.canary_traffic_percent.is_some() {
                reconciled.remark(StandardRemark::CanaryPercentIgnored(component));
            }
        }
        self.check_canary(reconciled);
        let internal = self.is_internal(reconciled);
        let routed = !internal && !self.settings.disable_ingress_creation;
        if routed && !is_complete {
            // The controller waits for every component before it creates a route of the service and writes a URL.
            if self.settings.enable_gateway_api {
                self.component_routes(reconciled)?;
                reconciled.gateway_api = GatewayApi::Routed;
            }
            return Ok(());
        }
        if routed {
            if self.settings.enable_gateway_api {
                self.http_routes(reconciled)?;
                reconciled.gateway_api = GatewayApi::Routed;
            } else {
                self.ingress(reconciled)?;
            }
            self.check_labels(reconciled);
        } else if self.settings.enable_gateway_api {
            reconciled.gateway_api = GatewayApi::Inside;
        }
        let host = self.host(&self.service.metadata.name)?;
        if !url::is_scheme(&self.settings.url_scheme) {
            for component in &mut reconciled.components {
                component.url = None;
            }
            return Err(StandardRemark::UrlScheme(self.settings.url_scheme.clone()));
        }
        let url = format!("{}://{host}", self.settings.url_scheme);
        if !routed {
            reconciled.remark(StandardRemark::UrlWithoutRoute(url.clone()));
        }
        reconciled.url = Some(lower_scheme(&url));
        reconciled.address = is_complete.then(|| self.address());
        Ok(())
    }

    /// The Deployment's Service of a component.
    fn component(
        &self,
        component: Component,
        spec: &ComponentSpec,
    ) -> Result<ComponentEndpoint, StandardRemark> {
        let name = component_name(self.service, component, self.standard.kserve);
        self.part(component, name, spec, self.runtime_of(component))
    }

    /// What a canary is reconciled to.
    fn canary(&self, canary: &CanaryOf<'_>) -> Result<Canary, StandardRemark> {
        let name = canary.service(&self.service.metadata.name);
        let (spec, runtime) = (&canary.spec, canary.runtime);
        let mut part = self.part(Component::Predictor, name, spec, runtime)?;
        let annotations = self.annotations_of(spec, runtime);
        part.stopped = is_stopped(&annotations, self.standard.kserve);
        if part.stopped {
            part.ports.clear();
        }
        let has_route = self.standard.routes_canaries && self.settings.enable_gateway_api;
        Ok(canary.reconciled(part, autoscaler(&annotations), has_route))
    }

    /// The Deployment's Service of a component or a canary.
    fn part(
        &self,
        component: Component,
        name: String,
        spec: &ComponentSpec,
        runtime: Option<&ServingRuntime>,
    ) -> Result<ComponentEndpoint, StandardRemark> {
        let kserve = self.standard.kserve;
        let labels = component_labels(self.service, component, spec, runtime, kserve);
        let annotations = self.annotations_of(spec, runtime);
        if let Some(unknown) =
            autoscaler(&annotations).and_then(|class| unknown_autoscaler(class, kserve))
        {
            let (key, of_service) = (AUTOSCALER_ANNOTATION, self.annotations);
            let place = AnnotationPlace::of(key, component, spec, of_service, runtime);
            return Err(StandardRemark::Autoscaler { unknown, place });
        }
        let host = templated_host(&name, self.namespace, &labels, &annotations, self.settings)?;
        if !is_dns_1035_label(&name) || name.len() > LONGEST_NAME {
            let own = self.service.metadata.name.len();
            let room = (LONGEST_NAME + own).saturating_sub(name.len());
            return Err(StandardRemark::ServiceName { name, room });
        }
        Ok(ComponentEndpoint {
            component,
            name,
            url: Some(format!("http://{host}")),
            host: Some(host),
            given_labels: given_labels(self.service, spec, runtime, kserve),
            stopped: false,
            ports: service_ports(&containers(component, spec, runtime), spec),
            pods: ServingPods::default(),
        })
    }

    fn annotations_of(
        &self,
        spec: &ComponentSpec,
        runtime: Option<&ServingRuntime>,
    ) -> BTreeMap<String, String> {
        let Standard { config, kserve, .. } = *self.standard;
        component_annotations(&config.passed_on(self.annotations), spec, runtime, config, kserve)
    }

    /// The runtime of a component's model, which the predictor alone has.
    fn runtime_of(&self, component: Component) -> Option<&ServingRuntime> {
        self.standard.runtime.filter(|_| component == Component::Predictor)
    }

    fn check_canary(&self, reconciled: &mut Reconciled) {
        let kserve = self.standard.kserve;
        if self.service.spec.canary.is_empty() {
            return;
        }
        if kserve < NAMED_PREDICTOR {
            reconciled.remark(StandardRemark::CanaryUnknown(kserve));
        } else if !self.standard.routes_canaries {
            reconciled.remark(StandardRemark::CanaryNotRouted(kserve));
        } else if !self.settings.enable_gateway_api {
            reconciled.remark(StandardRemark::CanaryWithoutGatewayApi);
        }
    }

    /// Of a predictor that is stopped there is nothing to delete.
    fn check_workers(&self, predictor: &ComponentSpec, reconciled: &mut Reconciled) {
        let kserve = self.standard.kserve;
        let is_stopped = reconciled.components.iter().any(|one| one.stopped);
        if kserve == DELETES_WORKERS && predictor.worker_spec.is_some() && !is_stopped {
            reconciled.remark(StandardRemark::WorkersDeleted(kserve));
        }
    }

    /// Whether the service stays inside the cluster, by its label or by the domain.
    fn is_internal(&self, reconciled: &mut Reconciled) -> bool {
        let kserve = self.standard.kserve;
        let labelled = self.label(NETWORK_VISIBILITY) == Some(CLUSTER_LOCAL);
        let local_domain = self.settings.ingress_domain == CLUSTER_LOCAL_DOMAIN;
        let internal = kserve >= VISIBILITY && (labelled || local_domain);
        if labelled && !internal {
            reconciled.remark(StandardRemark::VisibilityTooEarly(kserve));
        }
        internal
    }

    fn label(&self, key: &str) -> Option<&str> {
        self.service.metadata.labels.get(key).map(String::as_str)
    }

    /// A host of the routes, which see the service's labels and not the component's.
    pub(super) fn host(&self, name: &str) -> Result<RouteHost, TemplatedError> {
        let labels = &self.service.metadata.labels;
        templated_host(name, self.namespace, labels, self.annotations, self.settings)
    }

    pub(super) fn rule(&self, name: &str, backend: &str) -> Result<HostRule, TemplatedError> {
        Ok(HostRule { host: self.host(name)?.to_string(), backend: backend.into() })
    }

    fn address(&self) -> String {
        let kserve = self.standard.kserve;
        let scheme = if kserve < HTTP_ADDRESS { self.settings.url_scheme.as_str() } else { "http" };
        let entry = self.service.entry();
        let name = if kserve < VISIBILITY {
            self.service.metadata.name.clone()
        } else {
            component_name(self.service, entry, kserve)
        };
        // `createAddress` in `kube_ingress_reconciler.go`: whatever port the container has.
        let port = match self.standard.config.headless {
            true => format!(":{MODEL_SERVER}"),
            false => String::new(),
        };
        lower_scheme(&format!("{scheme}://{name}.{}.{CLUSTER_LOCAL_DOMAIN}{port}", self.namespace))
    }

    /// Labels that say cluster-local and are not read here.
    fn check_labels(&self, reconciled: &mut Reconciled) {
        if self.label(VISIBILITY_LABEL) == Some(CLUSTER_LOCAL) {
            reconciled.remark(StandardRemark::VisibilityOfKnativeMode);
        }
        let value = self.label(NETWORK_VISIBILITY).filter(|value| *value != CLUSTER_LOCAL);
        if let Some(value) = value {
            reconciled.remark(StandardRemark::VisibilityValue(value.to_owned()));
        }
    }
}
