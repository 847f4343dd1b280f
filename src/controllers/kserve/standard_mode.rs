//! What Standard mode reconciles an `InferenceService` to: an Ingress, or `HTTPRoute`s.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::annotations::{
    NETWORK_VISIBILITY, component_annotations, component_labels, given_labels, is_stopped,
};
use super::config::KserveConfig;
use super::container_ports::{MODEL_SERVER, containers, service_ports};
use super::endpoint::{ComponentEndpoint, HostRule, RouteKind, ServingRoute};
use super::hosts::{TemplatedError, additional_hosts, templated_host, templated_path};
use super::inference_service::{Component, ComponentSpec, InferenceService};
use super::ingress_settings::IngressSettings;
use super::naming::{NAMED_PREDICTOR, component_name, plain_component_name};
use super::protocol::ServingPods;
use super::reconciled::{Reconciled, lower_scheme};
use super::remark::StandardRemark;
use super::runtimes::ServingRuntime;
use crate::controllers::knative::{CLUSTER_LOCAL, CLUSTER_LOCAL_DOMAIN, VISIBILITY_LABEL};
use crate::go::url;
use crate::values::release::Release;
use crate::values::route_host::{RouteHost, is_dns_1035_label, is_subdomain};

/// From here on the label and `ingressDomain: svc.cluster.local` count, and the Ingress confuses
/// the hosts of a transformer.
const VISIBILITY: Release = Release::new(0, 11, 0);
/// From here on the address has the scheme `http` whatever `urlScheme` says.
const HTTP_ADDRESS: Release = Release::new(0, 17, 0);

/// What Standard mode reads besides the service.
pub(super) struct Standard<'a> {
    /// `None` where the controller refuses `ingress`: nothing is created.
    pub(super) settings: Option<&'a IngressSettings>,
    pub(super) config: &'a KserveConfig,
    pub(super) kserve: Release,
    /// The runtime among the objects that takes the model.
    pub(super) runtime: Option<&'a ServingRuntime>,
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

struct StandardMode<'a> {
    service: &'a InferenceService,
    namespace: &'a str,
    annotations: &'a BTreeMap<String, String>,
    standard: &'a Standard<'a>,
    settings: &'a IngressSettings,
}

/// The longest name of a component's Service: the label `app` is `isvc.` and the name.
const LONGEST_NAME: usize = 58;

impl StandardMode<'_> {
    fn run(&self, reconciled: &mut Reconciled) -> Result<(), StandardRemark> {
        let mut is_complete = true;
        for (component, spec) in self.service.components() {
            let created = self.component(component, spec);
            let mut endpoint = created.inspect_err(|_| reconciled.failed = Some(component))?;
            if is_stopped(&self.annotations_of(spec), self.standard.kserve) {
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
            if self.standard.canary_refused {
                return Ok(());
            }
            if spec.canary_traffic_percent.is_some() {
                reconciled.remark(StandardRemark::CanaryPercentIgnored(component));
            }
        }
        self.check_canary(reconciled);
        let internal = self.is_internal(reconciled);
        let routed = !internal && !self.settings.disable_ingress_creation;
        if routed && !is_complete {
            // The controller waits for every component before it creates a route or writes a URL.
            return Ok(());
        }
        if routed {
            if self.settings.enable_gateway_api {
                self.http_routes(reconciled)?;
            } else {
                self.ingress(reconciled)?;
            }
            self.check_labels(reconciled);
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
        let kserve = self.standard.kserve;
        let name = component_name(self.service, component, kserve);
        let labels = component_labels(self.service, component, spec, kserve);
        let annotations = self.annotations_of(spec);
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
            given_labels: given_labels(self.service, spec, kserve),
            stopped: false,
            ports: service_ports(&containers(component, spec, self.standard.runtime), spec),
            pods: ServingPods::default(),
        })
    }

    fn annotations_of(&self, spec: &ComponentSpec) -> BTreeMap<String, String> {
        let Standard { config, kserve, .. } = *self.standard;
        component_annotations(&config.passed_on(self.annotations), spec, config, kserve)
    }

    fn check_canary(&self, reconciled: &mut Reconciled) {
        let kserve = self.standard.kserve;
        if self.service.spec.canary.is_empty() {
            return;
        }
        if kserve < NAMED_PREDICTOR {
            reconciled.remark(StandardRemark::CanaryUnknown(kserve));
        } else if !self.settings.enable_gateway_api {
            reconciled.remark(StandardRemark::CanaryWithoutGatewayApi);
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
    fn host(&self, name: &str) -> Result<RouteHost, TemplatedError> {
        let labels = &self.service.metadata.labels;
        templated_host(name, self.namespace, labels, self.annotations, self.settings)
    }

    fn rule(&self, name: &str, backend: &str) -> Result<HostRule, TemplatedError> {
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

    /// The Ingress, with the hosts that the release confuses.
    ///
    /// Source: `createRawIngress` in `kube_ingress_reconciler.go`.
    fn ingress(&self, reconciled: &mut Reconciled) -> Result<(), StandardRemark> {
        let own = &self.service.metadata.name;
        let rules = self.ingress_rules()?;
        if self.standard.kserve >= VISIBILITY && self.has(Component::Transformer) {
            reconciled.remark(StandardRemark::TransformerBackend(own.clone()));
            if self.has(Component::Explainer) {
                reconciled.remark(StandardRemark::ExplainerWithoutHost);
            }
        }
        for (setting, is_set) in [
            ("pathTemplate", !self.settings.path_template.is_empty()),
            ("additionalIngressDomains", !self.settings.additional_ingress_domains.is_empty()),
        ] {
            if is_set {
                reconciled.remark(StandardRemark::SettingIgnored(setting));
            }
        }
        refuse_final_dots(&rules)?;
        reconciled.routes.push(ServingRoute {
            kind: RouteKind::Ingress,
            name: own.clone(),
            public: true,
            gateways: Vec::new(),
            rules,
        });
        Ok(())
    }

    fn has(&self, component: Component) -> bool {
        self.service.components().any(|(found, _)| found == component)
    }

    fn ingress_rules(&self) -> Result<Vec<HostRule>, TemplatedError> {
        let kserve = self.standard.kserve;
        let of = |component| component_name(self.service, component, kserve);
        let (predictor, transformer, explainer) =
            (of(Component::Predictor), of(Component::Transformer), of(Component::Explainer));
        let own = &self.service.metadata.name;
        let confused = kserve >= VISIBILITY;
        let explains = self.has(Component::Explainer);
        let mut rules = Vec::new();
        if self.has(Component::Transformer) {
            if explains {
                rules
                    .push(self.rule(if confused { &transformer } else { &explainer }, &explainer)?);
            }
            rules.push(self.rule(own, &transformer)?);
            rules.push(self.rule(&transformer, if confused { &predictor } else { &transformer })?);
        } else {
            rules.push(self.rule(own, &predictor)?);
            if explains {
                rules.push(self.rule(&explainer, &explainer)?);
            }
        }
        rules.push(self.rule(&predictor, &predictor)?);
        Ok(rules)
    }

    /// One `HTTPRoute` for each component and one for the service, in the order of their creation.
    ///
    /// Source: `httproute_reconciler.go`.
    fn http_routes(&self, reconciled: &mut Reconciled) -> Result<(), StandardRemark> {
        let kserve = self.standard.kserve;
        let own = &self.service.metadata.name;
        for (component, _) in self.service.components() {
            // The predictor's own name is not part of its route's, so that a promotion keeps it.
            let name = plain_component_name(own, component, kserve);
            let backend = component_name(self.service, component, kserve);
            let rules = vec![self.rule(&name, &backend)?];
            self.push_http_route(name, rules, reconciled)?;
        }
        let hosts = self.top_hosts(reconciled)?;
        let several = self.service.components().count() > 1;
        if !self.service.spec.canary.is_empty() && kserve >= NAMED_PREDICTOR && several {
            reconciled.remark(StandardRemark::CanaryPastComponents(own.clone()));
        }
        let backend: Arc<str> = component_name(self.service, self.service.entry(), kserve).into();
        let rules = hosts
            .into_iter()
            .map(|host| HostRule { host, backend: Arc::clone(&backend) })
            .collect();
        self.push_http_route(own.clone(), rules, reconciled)
    }

    /// The hosts of the service's own `HTTPRoute`.
    fn top_hosts(&self, reconciled: &mut Reconciled) -> Result<Vec<String>, StandardRemark> {
        let kserve = self.standard.kserve;
        let own = &self.service.metadata.name;
        let top = self.host(own)?.to_string();
        let domain = self.settings.ingress_domain.as_str();
        let additional = additional_hosts(&top, std::iter::once(domain), self.settings, kserve);
        reconciled.remarks.extend(additional.remarks.into_iter().map(Into::into));
        let mut hosts = vec![top.clone()];
        hosts.extend(additional.hosts.into_iter().filter(|host| *host != top));
        if !self.settings.path_template.is_empty() {
            templated_path(own, self.namespace, self.settings)?;
            hosts.push(domain.to_owned());
            reconciled.remark(StandardRemark::BareDomain(domain.to_owned()));
        }
        Ok(hosts)
    }

    fn push_http_route(
        &self,
        name: String,
        rules: Vec<HostRule>,
        reconciled: &mut Reconciled,
    ) -> Result<(), StandardRemark> {
        refuse_final_dots(&rules)?;
        let gateways = vec![self.settings.kserve_ingress_gateway.clone()];
        reconciled.routes.push(ServingRoute {
            kind: RouteKind::HttpRoute,
            name,
            public: true,
            gateways,
            rules,
        });
        Ok(())
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

fn refuse_final_dots(rules: &[HostRule]) -> Result<(), StandardRemark> {
    match rules.iter().find(|rule| !is_subdomain(&rule.host)) {
        Some(rule) => Err(StandardRemark::FinalDot(rule.host.clone())),
        None => Ok(()),
    }
}
