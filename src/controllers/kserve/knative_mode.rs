//! What Knative mode makes of an `InferenceService`.

use std::collections::BTreeMap;

use super::endpoint::{ComponentEndpoint, HostRule, RouteKind, ServingRoute};
use super::hosts::templated_path;
use super::inference_service::{Component, ComponentSpec, InferenceService};
use super::ingress_settings::IngressSettings;
use super::made::{Knative, Made, component_annotations, component_labels, lower_scheme};
use super::marks::{STOP, STOP_ANNOTATION, TAG_ANNOTATION};
use super::naming::{component_name, stripped};
use super::predict_path::predict_path;
use super::protocol::ServingPods;
use super::virtual_service::Before;
use crate::controllers::knative::{CLUSTER_LOCAL_DOMAIN, Route, RouteHosts};
use crate::finding::{Code, Finding};
use crate::go::url;
use crate::values::release::Release;
use crate::values::route_host::{excerpt, is_dns_1035_label};

/// Up to here the address has a path.
const WITHOUT_PATH: Release = Release::new(0, 11, 0);
/// From here on the URL does not wait for the VirtualService.
const URL_WITHOUT_ROUTE: Release = Release::new(0, 15, 1);

/// Makes the Knative Services, the VirtualService and the status.
pub(super) fn make(
    service: &InferenceService,
    namespace: &str,
    annotations: &BTreeMap<String, String>,
    knative: &Knative<'_>,
) -> Made {
    let mut made = Made::default();
    let mut found: BTreeMap<Component, RouteHosts> = BTreeMap::new();
    let mut all_made = true;
    for (component, spec) in service.components() {
        let name = component_name(service, component, knative.kserve);
        let labels = component_labels(service, component, spec, knative.kserve);
        let mut endpoint = ComponentEndpoint {
            component,
            name: name.clone(),
            host: None,
            url: None,
            labels: labels.clone(),
            pods: ServingPods::default(),
        };
        // Knative's webhook refuses the Service; the controller stops there.
        if !is_dns_1035_label(&name) {
            made.findings.push(Finding::error(
                Code::KserveNameTooLong,
                format!(
                    "the Knative Service {:?} has {} characters or no DNS label's form, and Knative refuses it; of 63 characters the name may have {}",
                    excerpt(&name), name.len(), (63 + service.metadata.name.len()).saturating_sub(name.len())
                ),
            ).field("metadata.name"));
            all_made = false;
            break;
        }
        let annotations = component_annotations(annotations, spec, knative.config, knative.kserve);
        let stopped = annotations.get(STOP_ANNOTATION).filter(|_| knative.kserve >= STOP);
        if stopped.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            made.findings.push(
                Finding::warning(
                    Code::KserveStopped,
                    format!("the annotation {STOP_ANNOTATION} stops the {0} alone, and the service has no route without it; write it under metadata.annotations, or remove it", component.as_str()),
                )
                .field(format!("spec.{}.annotations[{STOP_ANNOTATION}]", component.as_str())),
            );
            made.components.push(endpoint);
            // The controller waits for the predictor before it makes anything else.
            if component == Component::Predictor {
                all_made = false;
                break;
            }
            continue;
        }
        if let Some(key) = refused_annotation(&annotations) {
            made.findings.push(
                Finding::error(
                    Code::KnativeAnnotationRefused,
                    format!(
                        "Knative refuses the annotation {:?} of a revision; write it as a label, or remove it",
                        excerpt(key)
                    ),
                )
                .field(format!("metadata.annotations[{}]", excerpt(key))),
            );
            all_made = false;
            break;
        }
        let mut route_labels = labels;
        route_labels.insert("serving.knative.dev/service".to_owned(), name.clone());
        let route = Route {
            name: name.clone(),
            namespace: namespace.to_owned(),
            labels: route_labels,
            annotations: BTreeMap::new(),
            tags: tags(component, spec, &annotations, &mut made),
        };
        if let (Ok(domain), Ok(network)) = (knative.domain, knative.network) {
            match route.hosts(domain, network) {
                Ok(hosts) => {
                    endpoint.host = Some(hosts.host.to_string());
                    endpoint.url = Some(format!("{}://{}", hosts.scheme, hosts.host));
                    made.routes.push(knative_route(&name, &hosts));
                    found.insert(component, hosts);
                }
                Err(error) => {
                    let message =
                        format!("Knative gives the {} no host: {error}", component.as_str());
                    made.findings.push(Finding::error(Code::KnativeHostInvalid, message));
                }
            }
        }
        made.components.push(endpoint);
    }
    if let (true, Some(settings)) = (all_made, knative.settings) {
        serve(service, namespace, knative, settings, &found, &mut made);
    }
    made
}

/// An annotation of the network's group that Knative's webhook does not know.
///
/// Source: `ValidateAnnotations` in `pkg/apis/networking/metadata_validation.go` of
/// knative.dev/networking.
fn refused_annotation(annotations: &BTreeMap<String, String>) -> Option<&str> {
    const KNOWN: [&str; 9] = [
        "certificate.class",
        "certificate-class",
        "disableAutoTLS",
        "disable-auto-tls",
        "disable-external-domain-tls",
        "httpOption",
        "http-protocol",
        "ingress.class",
        "ingress-class",
    ];
    annotations.keys().map(String::as_str).find(|key| {
        let known =
            key.strip_prefix("networking.knative.dev/").is_some_and(|name| KNOWN.contains(&name));
        key.starts_with("networking.knative.dev") && !known
    })
}

fn tags(
    component: Component,
    spec: &ComponentSpec,
    annotations: &BTreeMap<String, String>,
    made: &mut Made,
) -> Vec<String> {
    let mut tags = Vec::new();
    if annotations.get(TAG_ANNOTATION).is_some_and(|value| value == "true") {
        tags.push("latest".to_owned());
    }
    if let Some(percent) = spec.canary_traffic_percent {
        if !(0..=100).contains(&percent) {
            made.findings.push(
                Finding::error(
                    Code::KserveCanaryPercent,
                    format!(
                        "canaryTrafficPercent is {percent}, which Knative refuses; write 0 to 100"
                    ),
                )
                .field(format!("spec.{}.canaryTrafficPercent", component.as_str())),
            );
        } else if percent < 100 {
            tags.push("prev".to_owned());
            made.assumed.push(
                "an earlier revision has rolled out, so that the tag prev has a host".to_owned(),
            );
        }
    }
    tags
}

fn knative_route(name: &str, hosts: &RouteHosts) -> ServingRoute {
    let all =
        std::iter::once(hosts.host.as_str()).chain(hosts.tags.values().map(|host| host.as_str()));
    let mut rules: Vec<_> =
        all.map(|host| HostRule { host: host.to_owned(), backend: name.to_owned() }).collect();
    if hosts.host.as_str() != hosts.local {
        rules.push(HostRule { host: hosts.local.clone(), backend: name.to_owned() });
    }
    ServingRoute {
        kind: RouteKind::Knative,
        name: name.to_owned(),
        public: !hosts.cluster_local,
        gateways: Vec::new(),
        rules,
    }
}

/// The VirtualService and the status.
///
/// Source: `ingress_reconciler.go`.
fn serve(
    service: &InferenceService,
    namespace: &str,
    knative: &Knative<'_>,
    settings: &IngressSettings,
    found: &BTreeMap<Component, RouteHosts>,
    made: &mut Made,
) {
    let kserve = knative.kserve;
    let entry = service.entry();
    let name = &service.metadata.name;
    let Some(entry_hosts) = found.get(&entry) else { return };
    let backend = component_name(service, entry, kserve);
    // The scheme is set on the entry's own URL, which the status keeps.
    let entry_url = format!("{}://{}", settings.url_scheme, entry_hosts.host);
    if let Some(endpoint) = made.components.iter_mut().find(|endpoint| endpoint.component == entry)
    {
        endpoint.url = Some(lower_scheme(&entry_url));
    }
    let path = if settings.path_template.is_empty() {
        Ok(None)
    } else {
        templated_path(name, namespace, settings).map(Some)
    };
    let url = match &path {
        Ok(Some(path)) => Some(format!(
            "{}://{}{}",
            settings.url_scheme,
            settings.ingress_domain,
            url::escaped_path(path)
        )),
        Ok(None) if settings.disable_istio_virtual_host => Some(entry_url),
        Ok(None) => Some(stripped(&entry_url, entry, kserve)),
        Err(error) => {
            made.findings.push(Finding::error(
                Code::KservePathTemplateNoRoute,
                format!(
                    "{error}; until then there is no VirtualService and no URL, and no error either"
                ),
            ));
            None
        }
    };
    let all_ready = service.components().all(|(component, _)| found.contains_key(&component));
    let routed = all_ready && path.is_ok() && !settings.disable_istio_virtual_host;
    if routed {
        let before =
            Before { service, namespace, entry_hosts, backend: &backend, knative, settings };
        let path = path.ok().flatten();
        let route = before.virtual_service(path.is_some(), made);
        made.routes.push(route);
    } else if !all_ready && !settings.disable_istio_virtual_host {
        made.findings.push(Finding::error(
            Code::KserveComponentNotReady,
            "a component has no host, so that there is no VirtualService; the URL may be set all the same",
        ));
    }
    if settings.disable_istio_virtual_host && !settings.path_template.is_empty() {
        made.findings.push(Finding::error(
            Code::KservePathTemplateNoRoute,
            "pathTemplate sets the URL and disableIstioVirtualHost takes away its only route; remove one of them",
        ));
    }
    // Before 0.15.1 no VirtualService meant no URL.
    if !routed && !settings.disable_istio_virtual_host && kserve < URL_WITHOUT_ROUTE {
        return;
    }
    let Some(url) = url else { return };
    if !url::is_scheme(&settings.url_scheme) {
        made.findings.push(Finding::error(
            Code::KserveUrlInvalid,
            format!(
                "urlScheme {:?} makes no URL; write http or https",
                excerpt(&settings.url_scheme)
            ),
        ));
        return;
    }
    if !settings.path_template.is_empty() {
        if let Err(problem) = url::only_a_host(&settings.ingress_domain) {
            let domain = excerpt(&settings.ingress_domain);
            made.findings.push(Finding::error(
                Code::KserveUrlInvalid,
                format!(
                    "ingressDomain {domain:?} makes no URL, since it {problem}; write a domain"
                ),
            ));
            return;
        }
    } else if settings.ingress_domain != "example.com" {
        let domain = excerpt(&settings.ingress_domain);
        made.findings.push(Finding::info(
            Code::KserveSettingIgnored,
            format!("ingressDomain {domain} counts for nothing in Knative mode, whose domains are those of config-domain"),
        ));
    }
    made.url = Some(lower_scheme(&url));
    let prefix = if settings.disable_istio_virtual_host { backend } else { name.clone() };
    let path = if kserve < WITHOUT_PATH { predict_path(service) } else { String::new() };
    made.address = Some(format!(
        "http://{prefix}.{namespace}.{CLUSTER_LOCAL_DOMAIN}{}",
        url::escaped_path(&path)
    ));
}
