//! What Standard mode makes of an `InferenceService`: an Ingress, or `HTTPRoute`s.

use std::collections::BTreeMap;

use super::config::KserveConfig;
use super::endpoint::{ComponentEndpoint, HostRule, RouteKind, ServingRoute};
use super::hosts::{TemplatedError, additional_hosts, templated_host, templated_path};
use super::inference_service::{Component, InferenceService};
use super::ingress_settings::IngressSettings;
use super::made::{Made, component_annotations, component_labels, lower_scheme};
use super::marks::NETWORK_VISIBILITY;
use super::naming::{NAMED_PREDICTOR, component_name, plain_component_name};
use super::protocol::ServingPods;
use crate::controllers::knative::{CLUSTER_LOCAL, CLUSTER_LOCAL_DOMAIN, VISIBILITY_LABEL};
use crate::finding::{Code, Finding};
use crate::values::release::Release;
use crate::values::route_host::{excerpt, is_dns_1035_label, is_subdomain};

/// From here on the label and `ingressDomain: svc.cluster.local` count, and the Ingress confuses
/// the hosts of a transformer.
const VISIBILITY: Release = Release::new(0, 11, 0);
/// From here on the address has the scheme `http` whatever `urlScheme` says.
const HTTP_ADDRESS: Release = Release::new(0, 17, 0);

/// What Standard mode reads besides the service.
pub(super) struct Standard<'a> {
    /// `None` where the controller refuses `ingress`: nothing is made.
    pub(super) settings: Option<&'a IngressSettings>,
    pub(super) config: &'a KserveConfig,
    pub(super) kserve: Release,
}

/// Makes the Deployments' Services, the routes and the status.
pub(super) fn make(
    service: &InferenceService,
    namespace: &str,
    annotations: &BTreeMap<String, String>,
    standard: &Standard<'_>,
) -> Made {
    let mut made = Made::default();
    let Some(settings) = standard.settings else { return made };
    let maker = Maker { service, namespace, annotations, standard, settings };
    match maker.run(&mut made) {
        Ok(()) => {}
        Err(Refused::Name(name)) => made.findings.push(
            Finding::error(
                Code::KserveNameTooLong,
                format!(
                    "the Service {:?} and its label app need a DNS label of at most 58 characters, and Kubernetes refuses it; the name may have {}",
                    excerpt(&name), (58 + service.metadata.name.len()).saturating_sub(name.len())
                ),
            )
            .field("metadata.name"),
        ),
        Err(Refused::Host(error)) => made.findings.push(Finding::error(
            match error {
                TemplatedError::Domain(_) => Code::KserveDomainTemplate,
                TemplatedError::Host(_) => Code::KserveHostInvalid,
                TemplatedError::Path(_) | TemplatedError::NoPath(..) => Code::KservePathTemplateNoRoute,
            },
            format!("{error}; until then the service has no URL"),
        )),
        Err(Refused::FinalDot(host)) => made.findings.push(Finding::error(
            Code::KserveHostInvalid,
            format!("Kubernetes refuses the host {:?} in an Ingress or HTTPRoute for its final dot; write ingressDomain without it", excerpt(&host)),
        )),
    }
    made
}

enum Refused {
    Name(String),
    Host(TemplatedError),
    FinalDot(String),
}

impl From<TemplatedError> for Refused {
    fn from(error: TemplatedError) -> Self {
        Self::Host(error)
    }
}

struct Maker<'a> {
    service: &'a InferenceService,
    namespace: &'a str,
    annotations: &'a BTreeMap<String, String>,
    standard: &'a Standard<'a>,
    settings: &'a IngressSettings,
}

impl Maker<'_> {
    fn run(&self, made: &mut Made) -> Result<(), Refused> {
        let kserve = self.standard.kserve;
        for (component, spec) in self.service.components() {
            let name = component_name(self.service, component, kserve);
            let labels = component_labels(self.service, component, spec, kserve);
            let passed_on = self.standard.config.passed_on(self.annotations);
            let annotations = component_annotations(&passed_on, spec, self.standard.config, kserve);
            let host = templated_host(&name, self.namespace, &labels, &annotations, self.settings)?;
            // The label is `isvc.` and the name.
            if !is_dns_1035_label(&name) || name.len() > 58 {
                return Err(Refused::Name(name));
            }
            let url = Some(format!("http://{host}"));
            made.components.push(ComponentEndpoint {
                component,
                name,
                host: Some(host),
                url,
                labels,
                pods: ServingPods::default(),
            });
            if spec.canary_traffic_percent.is_some() {
                made.findings.push(Finding::warning(
                    Code::KserveCanaryIgnored,
                    format!(
                        "canaryTrafficPercent of the {} counts in Knative mode only",
                        component.as_str()
                    ),
                ));
            }
        }
        if !self.service.spec.canary.is_empty()
            && (kserve < NAMED_PREDICTOR || !self.settings.enable_gateway_api)
        {
            let message = if kserve < NAMED_PREDICTOR {
                format!("spec.canary is an unknown field to KServe {kserve}")
            } else {
                "spec.canary gets no traffic from an Ingress; set enableGatewayApi".to_owned()
            };
            made.findings
                .push(Finding::warning(Code::KserveCanaryIgnored, message).field("spec.canary"));
        }
        let labelled = self.label(NETWORK_VISIBILITY) == Some(CLUSTER_LOCAL);
        let local_domain = self.settings.ingress_domain == CLUSTER_LOCAL_DOMAIN;
        let internal = kserve >= VISIBILITY && (labelled || local_domain);
        if labelled && !internal {
            made.findings.push(Finding::error(
                Code::KserveVisibilityIgnored,
                format!("the label {NETWORK_VISIBILITY} counts from KServe 0.11 on, and the service is public under {kserve}"),
            ));
        }
        let routed = !internal && !self.settings.disable_ingress_creation;
        if routed {
            if self.settings.enable_gateway_api {
                self.http_routes(made)?;
            } else {
                self.ingress(made)?;
            }
            self.check_labels(made);
        }
        let url =
            format!("{}://{}", self.settings.url_scheme, self.host(&self.service.metadata.name)?);
        if !routed {
            made.findings.push(Finding::info(
                Code::KserveUrlWithoutRoute,
                format!("the status has the URL {url}, and no route answers to it; inside of the cluster use the address"),
            ));
        }
        made.url = Some(lower_scheme(&url));
        made.address = Some(self.address());
        Ok(())
    }

    fn label(&self, key: &str) -> Option<&str> {
        self.service.metadata.labels.get(key).map(String::as_str)
    }

    /// A host of the routes, which see the service's labels and not the component's.
    fn host(&self, name: &str) -> Result<String, Refused> {
        let labels = &self.service.metadata.labels;
        Ok(templated_host(name, self.namespace, labels, self.annotations, self.settings)?)
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
        let port = match self.service.components().find(|(component, _)| *component == entry) {
            Some((_, spec)) if self.standard.config.headless => format!(":{}", spec.http_port()),
            _ => String::new(),
        };
        lower_scheme(&format!("{scheme}://{name}.{}.{CLUSTER_LOCAL_DOMAIN}{port}", self.namespace))
    }

    /// The Ingress, with the hosts that the release confuses.
    ///
    /// Source: `createRawIngress` in `kube_ingress_reconciler.go`.
    fn ingress(&self, made: &mut Made) -> Result<(), Refused> {
        let kserve = self.standard.kserve;
        let of = |component| component_name(self.service, component, kserve);
        let (predictor, transformer, explainer) =
            (of(Component::Predictor), of(Component::Transformer), of(Component::Explainer));
        let has = |component| self.service.components().any(|(found, _)| found == component);
        let confused = kserve >= VISIBILITY;
        let mut rules = Vec::new();
        let mut rule = |name: &str, backend: &str| -> Result<(), Refused> {
            rules.push(HostRule { host: self.host(name)?, backend: backend.to_owned() });
            Ok(())
        };
        let own = &self.service.metadata.name;
        if has(Component::Transformer) {
            if has(Component::Explainer) {
                rule(if confused { &transformer } else { &explainer }, &explainer)?;
            }
            rule(own, &transformer)?;
            rule(&transformer, if confused { &predictor } else { &transformer })?;
        } else {
            rule(own, &predictor)?;
            if has(Component::Explainer) {
                rule(&explainer, &explainer)?;
            }
        }
        rule(&predictor, &predictor)?;
        if confused && has(Component::Transformer) {
            made.findings.push(Finding::warning(
                Code::KserveTransformerBackend,
                format!("the Ingress sends the transformer's own host to the predictor; call the transformer by the host of {own}"),
            ));
            if has(Component::Explainer) {
                made.findings.push(Finding::warning(
                    Code::KserveExplainerWithoutHost,
                    "the Ingress gives the explainer the transformer's host and none of its own",
                ));
            }
        }
        for unread in [
            (!self.settings.path_template.is_empty()).then_some("pathTemplate"),
            (!self.settings.additional_ingress_domains.is_empty())
                .then_some("additionalIngressDomains"),
        ]
        .into_iter()
        .flatten()
        {
            made.findings.push(Finding::warning(
                Code::KserveSettingIgnored,
                format!("{unread} counts for nothing in an Ingress of Standard mode"),
            ));
        }
        self.refuse_final_dots(&rules)?;
        made.routes.push(ServingRoute {
            kind: RouteKind::Ingress,
            name: own.clone(),
            public: true,
            gateways: Vec::new(),
            rules,
        });
        Ok(())
    }

    /// One `HTTPRoute` for each component and one for the service, in the order of their making.
    ///
    /// Source: `httproute_reconciler.go`.
    fn http_routes(&self, made: &mut Made) -> Result<(), Refused> {
        let kserve = self.standard.kserve;
        let own = &self.service.metadata.name;
        for (component, _) in self.service.components() {
            // The predictor's own name is no part of its route's, so that a promotion keeps it.
            let name = plain_component_name(own, component, kserve);
            let backend = component_name(self.service, component, kserve);
            let rules = vec![HostRule { host: self.host(&name)?, backend }];
            self.push_http_route(name, rules, made)?;
        }
        let top = self.host(own)?;
        let domain = self.settings.ingress_domain.as_str();
        let additional = additional_hosts(&top, std::iter::once(domain), self.settings, kserve);
        made.findings.extend(additional.findings);
        let mut hosts = vec![top.clone()];
        hosts.extend(additional.hosts.into_iter().filter(|host| *host != top));
        if !self.settings.path_template.is_empty() {
            templated_path(own, self.namespace, self.settings)?;
            hosts.push(domain.to_owned());
            made.findings.push(Finding::warning(
                Code::KservePathTemplateDomain,
                format!("pathTemplate puts the bare host {domain} into the HTTPRoute, whose last rule takes every path and rewrites none, so that one service of all gets the requests of {domain}; leave pathTemplate out, or use Knative mode"),
            ));
        }
        if !self.service.spec.canary.is_empty()
            && kserve >= NAMED_PREDICTOR
            && self.service.components().count() > 1
        {
            made.findings.push(Finding::warning(
                Code::KserveCanaryBackend,
                format!("the HTTPRoute of {own} sends the canary's part of the traffic straight to the canary, past the transformer and the explainer; use a canary with a predictor alone"),
            ).field("spec.canary"));
        }
        let backend = component_name(self.service, self.service.entry(), kserve);
        let rules =
            hosts.into_iter().map(|host| HostRule { host, backend: backend.clone() }).collect();
        self.push_http_route(own.clone(), rules, made)
    }

    fn push_http_route(
        &self,
        name: String,
        rules: Vec<HostRule>,
        made: &mut Made,
    ) -> Result<(), Refused> {
        self.refuse_final_dots(&rules)?;
        let gateways = vec![self.settings.kserve_ingress_gateway.clone()];
        made.routes.push(ServingRoute {
            kind: RouteKind::HttpRoute,
            name,
            public: true,
            gateways,
            rules,
        });
        Ok(())
    }

    fn refuse_final_dots(&self, rules: &[HostRule]) -> Result<(), Refused> {
        match rules.iter().find(|rule| !is_subdomain(&rule.host)) {
            Some(rule) => Err(Refused::FinalDot(rule.host.clone())),
            None => Ok(()),
        }
    }

    /// Labels that say cluster-local and count for nothing here.
    fn check_labels(&self, made: &mut Made) {
        if self.label(VISIBILITY_LABEL) == Some(CLUSTER_LOCAL) {
            made.findings.push(
                Finding::error(
                    Code::KserveVisibilityIgnored,
                    format!("the label {VISIBILITY_LABEL} counts in Knative mode only, and the service is public; write {NETWORK_VISIBILITY}: {CLUSTER_LOCAL}"),
                )
                .field(format!("metadata.labels[{VISIBILITY_LABEL}]")),
            );
        }
        let Some(value) = self.label(NETWORK_VISIBILITY).filter(|value| *value != CLUSTER_LOCAL)
        else {
            return;
        };
        made.findings.push(
            Finding::warning(
                Code::KserveVisibilityIgnored,
                format!("the label {NETWORK_VISIBILITY} is {:?}, which counts for nothing; write {CLUSTER_LOCAL} or remove it", excerpt(value)),
            )
            .field(format!("metadata.labels[{NETWORK_VISIBILITY}]")),
        );
    }
}
