//! The `ingress` key of `inferenceservice-config`.

use super::config_error::ConfigError;
use crate::go::json::{GoFields, GoSlice, GoTarget, names_field};
use crate::go::template::Template;
use crate::values::release::Release;
use crate::values::route_host::is_label;
use krm_package::text::excerpt::shortened;

/// From here on `pathTemplate` is read.
const PATH_TEMPLATE: Release = Release::new(0, 10, 2);
/// From here on `disableIngressCreation` is read.
const DISABLE_INGRESS: Release = Release::new(0, 12, 0);
/// From here on `additionalIngressDomains` is read.
pub(super) const ADDITIONAL_DOMAINS: Release = Release::new(0, 13, 0);
const SERVICE: &str = "ingressService";
/// From here on `ingressService` is not read, and `knativeLocalGatewayService` is read.
const WITHOUT_SERVICE: Release = Release::new(0, 14, 0);
/// From here on the Gateway API is known.
const GATEWAY_API: Release = Release::new(0, 15, 0);

/// The domain where `ingressDomain` names none.
pub(super) const DEFAULT_DOMAIN: &str = "example.com";

const STOCK_LOCAL_SERVICE: &str = "knative-local-gateway.istio-system.svc.cluster.local";
/// `DefaultModelBasedRoutingHeaderName`.
const MODEL_HEADER: &str = "X-Gateway-Model-Name";

const DEFAULT_DOMAIN_TEMPLATE: &str = "{{ .Name }}-{{ .Namespace }}.{{ .IngressDomain }}";

/// The settings of routes.
///
/// Source: `NewIngressConfig` in `pkg/apis/serving/v1beta1/configmap.go`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IngressSettings {
    /// Whether Standard mode writes `HTTPRoute`s instead of an Ingress.
    pub enable_gateway_api: bool,
    /// The Gateway of `HTTPRoute`s, `namespace/name`.
    pub kserve_ingress_gateway: String,
    /// The public Gateway of VirtualServices.
    pub ingress_gateway: String,
    /// The Gateway inside the cluster.
    pub local_gateway: String,
    /// The domain of Standard mode and of path-based URLs.
    pub ingress_domain: String,
    /// The class of Ingresses.
    pub ingress_class_name: Option<String>,
    /// Further domains of the service's own host.
    pub additional_ingress_domains: Vec<String>,
    /// The template of Standard mode's hosts; it is only parsed when it is used.
    pub domain_template: String,
    /// The scheme of `status.url`.
    pub url_scheme: String,
    /// Whether there is no VirtualService in Knative mode.
    pub disable_istio_virtual_host: bool,
    /// The template of a path-based URL; empty for none.
    pub path_template: String,
    /// Whether Standard mode writes no route.
    pub disable_ingress_creation: bool,
    /// The Service that VirtualServices send requests to.
    pub local_gateway_service: String,
    /// The header by which a request names the model of an `LLMInferenceService`.
    pub model_header: String,
    /// Whether routes by that header are created.
    pub model_routing: ModelRouting,
    /// Keys that the release does not know, in the order of the text.
    pub unknown_keys: Vec<String>,
}

/// Whether an `LLMInferenceService` is routed by the header that names its model.
///
/// Source: `isModelBasedRoutingEnabled` in `pkg/controller/v1alpha2/llmisvc/config_merge.go` of 0.20.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ModelRouting {
    /// Never.
    Disabled,
    /// Unless a Gateway has the annotation that says otherwise.
    Enabled,
    /// Whatever its Gateways say.
    Forced,
}

impl ModelRouting {
    fn of(word: &str) -> Self {
        match word {
            "disabled" => Self::Disabled,
            "forced" => Self::Forced,
            _ => Self::Enabled,
        }
    }
}

impl IngressSettings {
    /// The stock settings of a release.
    pub(super) fn stock() -> Self {
        Self {
            enable_gateway_api: false,
            kserve_ingress_gateway: "kserve/kserve-ingress-gateway".to_owned(),
            ingress_gateway: "knative-serving/knative-ingress-gateway".to_owned(),
            local_gateway: "knative-serving/knative-local-gateway".to_owned(),
            ingress_domain: DEFAULT_DOMAIN.to_owned(),
            ingress_class_name: Some("istio".to_owned()),
            additional_ingress_domains: Vec::new(),
            domain_template: DEFAULT_DOMAIN_TEMPLATE.to_owned(),
            url_scheme: "http".to_owned(),
            disable_istio_virtual_host: false,
            path_template: String::new(),
            disable_ingress_creation: false,
            local_gateway_service: STOCK_LOCAL_SERVICE.to_owned(),
            model_header: MODEL_HEADER.to_owned(),
            model_routing: ModelRouting::Enabled,
            unknown_keys: Vec::new(),
        }
    }

    /// The settings of a configuration without `ingress`, in which `NewIngressConfig` sets only those that it
    /// has a default for.
    pub(super) fn unset() -> Self {
        Self {
            kserve_ingress_gateway: String::new(),
            ingress_gateway: String::new(),
            local_gateway: String::new(),
            local_gateway_service: String::new(),
            ingress_class_name: None,
            ..Self::stock()
        }
    }

    /// Reads the JSON as the release does.
    ///
    /// # Errors
    /// [`ConfigError`] where the controller refuses it: no service gets a URL then.
    pub(crate) fn parse(text: &str, kserve: Release) -> Result<Self, ConfigError> {
        let mut written = Written::default();
        let mut json = GoFields::of("v1beta1", "IngressConfig");
        for (key, since, target) in written.fields() {
            let is_past = key == SERVICE && kserve >= WITHOUT_SERVICE;
            if kserve >= since && !is_past {
                json = json.field(key, target);
            }
        }
        let found = json.read(text).map_err(|source| ConfigError::json("ingress", source))?;
        if found.null {
            return Err(ConfigError::Null { key: "ingress" });
        }
        let or = |text: &str, default: &str| {
            if text.is_empty() { default.to_owned() } else { text.to_owned() }
        };
        let ingress_domain = written.ingress_domain.clone();
        let service = (kserve < WITHOUT_SERVICE).then_some(&written.ingress_service);
        let needs_service = service.is_some_and(String::is_empty);
        let settings = Self {
            ingress_domain: or(&ingress_domain, DEFAULT_DOMAIN),
            domain_template: or(&written.domain_template, DEFAULT_DOMAIN_TEMPLATE),
            url_scheme: or(&written.url_scheme, "http"),
            enable_gateway_api: written.enable_gateway_api,
            kserve_ingress_gateway: written.kserve_ingress_gateway,
            ingress_gateway: written.ingress_gateway,
            local_gateway: written.local_gateway,
            ingress_class_name: written.ingress_class_name,
            additional_ingress_domains: written
                .additional_ingress_domains
                .map_or_else(Vec::new, |domains| domains.to_vec()),
            disable_istio_virtual_host: written.disable_istio_virtual_host,
            path_template: written.path_template,
            disable_ingress_creation: written.disable_ingress_creation,
            local_gateway_service: or(
                &written.knative_local_gateway_service,
                &written.local_gateway_service,
            ),
            model_header: or(&written.model_header, MODEL_HEADER),
            model_routing: ModelRouting::of(&written.model_routing),
            // Stock configurations still have it.
            unknown_keys: found
                .unknown
                .iter()
                .filter(|key| !names_field(key, SERVICE))
                .map(|key| shortened(key))
                .collect(),
        };
        if settings.enable_gateway_api {
            check_gateway(&settings.kserve_ingress_gateway)?;
        }
        if settings.ingress_gateway.is_empty() || needs_service {
            let needed = if kserve < WITHOUT_SERVICE {
                "ingressGateway and ingressService"
            } else {
                "ingressGateway"
            };
            return Err(ConfigError::Needed { key: "ingress", needed });
        }
        if !settings.path_template.is_empty() {
            Template::parse(&settings.path_template)
                .map_err(|source| ConfigError::Template { field: "pathTemplate", source })?;
            if ingress_domain.is_empty() {
                return Err(ConfigError::Needed {
                    key: "ingress",
                    needed: "ingressDomain with pathTemplate",
                });
            }
        }
        Ok(settings)
    }
}

const OLDEST: Release = Release::new(0, 0, 0);

/// The text's own values; empty where it has none.
#[derive(Default)]
struct Written {
    enable_gateway_api: bool,
    kserve_ingress_gateway: String,
    ingress_gateway: String,
    ingress_service: String,
    local_gateway: String,
    ingress_domain: String,
    ingress_class_name: Option<String>,
    additional_ingress_domains: Option<GoSlice<String>>,
    domain_template: String,
    url_scheme: String,
    disable_istio_virtual_host: bool,
    path_template: String,
    disable_ingress_creation: bool,
    local_gateway_service: String,
    knative_local_gateway_service: String,
    model_header: String,
    model_routing: String,

    /// Fields whose type alone counts here.
    booleans: [bool; 2],
}

impl Written {
    /// Every field, with the release that has it first.
    fn fields(&mut self) -> Vec<(&'static str, Release, &mut dyn GoTarget)> {
        let [tls, timeout] = &mut self.booleans;
        vec![
            ("ingressGateway", OLDEST, &mut self.ingress_gateway),
            (SERVICE, OLDEST, &mut self.ingress_service),
            ("localGateway", OLDEST, &mut self.local_gateway),
            ("localGatewayService", OLDEST, &mut self.local_gateway_service),
            ("ingressDomain", OLDEST, &mut self.ingress_domain),
            ("ingressClassName", OLDEST, &mut self.ingress_class_name),
            ("domainTemplate", OLDEST, &mut self.domain_template),
            ("urlScheme", OLDEST, &mut self.url_scheme),
            ("disableIstioVirtualHost", OLDEST, &mut self.disable_istio_virtual_host),
            ("pathTemplate", PATH_TEMPLATE, &mut self.path_template),
            ("disableIngressCreation", DISABLE_INGRESS, &mut self.disable_ingress_creation),
            ("additionalIngressDomains", ADDITIONAL_DOMAINS, &mut self.additional_ingress_domains),
            (
                "knativeLocalGatewayService",
                WITHOUT_SERVICE,
                &mut self.knative_local_gateway_service,
            ),
            ("enableGatewayApi", GATEWAY_API, &mut self.enable_gateway_api),
            ("kserveIngressGateway", GATEWAY_API, &mut self.kserve_ingress_gateway),
            ("enableLLMInferenceServiceTLS", Release::new(0, 18, 0), tls),
            ("disableHTTPRouteTimeout", Release::new(0, 18, 0), timeout),
            ("modelBasedRoutingHeaderName", Release::new(0, 19, 0), &mut self.model_header),
            ("modelBasedRoutingMode", Release::new(0, 19, 0), &mut self.model_routing),
        ]
    }
}

fn check_gateway(gateway: &str) -> Result<(), ConfigError> {
    if gateway.is_empty() {
        return Err(ConfigError::Needed {
            key: "ingress",
            needed: "kserveIngressGateway with enableGatewayApi",
        });
    }
    let mut parts = gateway.split('/');
    let label = |part: Option<&str>| part.is_some_and(|part| is_label(part) && part.len() <= 63);
    if label(parts.next()) && label(parts.next()) && parts.next().is_none() {
        Ok(())
    } else {
        Err(ConfigError::Gateway(shortened(gateway)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_is_a_namespace_and_a_name() {
        assert_eq!(check_gateway("kserve/kserve-ingress-gateway"), Ok(()));
        let long = format!("kserve/{}", "a".repeat(64));
        for wrong in ["kserve", "/gateway", "kserve/", "kserve/a/b", "Kserve/a", &long] {
            let found = check_gateway(wrong);
            assert!(matches!(found, Err(ConfigError::Gateway(_))), "{wrong}: {found:?}");
        }
        assert!(matches!(check_gateway(""), Err(ConfigError::Needed { .. })));
    }
}
