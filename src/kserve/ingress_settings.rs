//! The `ingress` key of `inferenceservice-config`.

use super::config::ConfigError;
use crate::go_json::GoJson;
use crate::go_template::Template;
use crate::release::Release;
use crate::route_host::{excerpt, is_label};

/// From here on `pathTemplate` is read.
const PATH_TEMPLATE: Release = Release::new(0, 10, 2);
/// From here on `disableIngressCreation` is read.
const DISABLE_INGRESS: Release = Release::new(0, 12, 0);
/// From here on `additionalIngressDomains` is read.
pub(super) const ADDITIONAL_DOMAINS: Release = Release::new(0, 13, 0);
/// From here on `ingressService` is not needed, and `knativeLocalGatewayService` is read.
const WITHOUT_SERVICE: Release = Release::new(0, 14, 0);
/// From here on the Gateway API is known.
const GATEWAY_API: Release = Release::new(0, 15, 0);

const DEFAULT_DOMAIN_TEMPLATE: &str = "{{ .Name }}-{{ .Namespace }}.{{ .IngressDomain }}";

/// The settings of routes.
///
/// Source: `NewIngressConfig` in `pkg/apis/serving/v1beta1/configmap.go`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngressSettings {
    /// Whether Standard mode writes `HTTPRoute`s instead of an Ingress.
    pub enable_gateway_api: bool,
    /// The Gateway of `HTTPRoute`s, `namespace/name`.
    pub kserve_ingress_gateway: String,
    /// The public Gateway of VirtualServices.
    pub ingress_gateway: String,
    /// The Gateway inside of the cluster.
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
    /// Keys that the release does not know, in the order of the text.
    pub unknown_keys: Vec<String>,
}

impl IngressSettings {
    /// The stock settings of a release.
    pub(super) fn stock() -> Self {
        Self {
            enable_gateway_api: false,
            kserve_ingress_gateway: "kserve/kserve-ingress-gateway".to_owned(),
            ingress_gateway: "knative-serving/knative-ingress-gateway".to_owned(),
            local_gateway: "knative-serving/knative-local-gateway".to_owned(),
            ingress_domain: "example.com".to_owned(),
            ingress_class_name: Some("istio".to_owned()),
            additional_ingress_domains: Vec::new(),
            domain_template: DEFAULT_DOMAIN_TEMPLATE.to_owned(),
            url_scheme: "http".to_owned(),
            disable_istio_virtual_host: false,
            path_template: String::new(),
            disable_ingress_creation: false,
            unknown_keys: Vec::new(),
        }
    }

    /// Reads the JSON as the release does.
    ///
    /// # Errors
    /// [`ConfigError`] where the controller refuses it: no service gets a URL then.
    pub fn parse(text: &str, kserve: Release) -> Result<Self, ConfigError> {
        let json = GoJson::parse(text).map_err(|source| ConfigError::json("ingress", source))?;
        if json == GoJson::Null {
            return Err(ConfigError::Null { key: "ingress" });
        }
        json.object_or_null().map_err(|source| ConfigError::json("ingress", source))?;
        let keys = Keys { json: &json, kserve };
        for (name, since) in [
            ("enableLLMInferenceServiceTLS", Release::new(0, 18, 0)),
            ("disableHTTPRouteTimeout", Release::new(0, 18, 0)),
        ] {
            keys.boolean(name, since)?;
        }
        for (name, since) in [
            ("localGatewayService", OLDEST),
            ("knativeLocalGatewayService", WITHOUT_SERVICE),
            ("modelBasedRoutingHeaderName", Release::new(0, 19, 0)),
            ("modelBasedRoutingMode", Release::new(0, 19, 0)),
        ] {
            keys.string(name, since)?;
        }
        let or =
            |text: String, default: &str| if text.is_empty() { default.to_owned() } else { text };
        let service = if kserve < WITHOUT_SERVICE {
            Some(keys.string("ingressService", OLDEST)?)
        } else {
            None
        };
        let ingress_domain = keys.string("ingressDomain", OLDEST)?;
        let settings = Self {
            enable_gateway_api: keys.boolean("enableGatewayApi", GATEWAY_API)?,
            kserve_ingress_gateway: keys.string("kserveIngressGateway", GATEWAY_API)?,
            ingress_gateway: keys.string("ingressGateway", OLDEST)?,
            local_gateway: keys.string("localGateway", OLDEST)?,
            ingress_domain: or(ingress_domain.clone(), "example.com"),
            ingress_class_name: json
                .optional_string("ingressClassName")
                .map_err(|source| ConfigError::json("ingress", source))?,
            additional_ingress_domains: keys
                .strings("additionalIngressDomains", ADDITIONAL_DOMAINS)?,
            domain_template: or(keys.string("domainTemplate", OLDEST)?, DEFAULT_DOMAIN_TEMPLATE),
            url_scheme: or(keys.string("urlScheme", OLDEST)?, "http"),
            disable_istio_virtual_host: keys.boolean("disableIstioVirtualHost", OLDEST)?,
            path_template: keys.string("pathTemplate", PATH_TEMPLATE)?,
            disable_ingress_creation: keys.boolean("disableIngressCreation", DISABLE_INGRESS)?,
            unknown_keys: unknown_keys(&json, kserve),
        };
        if settings.enable_gateway_api {
            check_gateway(&settings.kserve_ingress_gateway)?;
        }
        if settings.ingress_gateway.is_empty() || service.is_some_and(|service| service.is_empty())
        {
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
                    needed: "ingressDomain beside pathTemplate",
                });
            }
        }
        Ok(settings)
    }
}

const OLDEST: Release = Release::new(0, 0, 0);

struct Keys<'a> {
    json: &'a GoJson,
    kserve: Release,
}

impl Keys<'_> {
    fn string(&self, name: &str, since: Release) -> Result<String, ConfigError> {
        if self.kserve < since {
            return Ok(String::new());
        }
        self.json.string(name).map_err(|source| ConfigError::json("ingress", source))
    }

    fn boolean(&self, name: &str, since: Release) -> Result<bool, ConfigError> {
        if self.kserve < since {
            return Ok(false);
        }
        self.json.boolean(name).map_err(|source| ConfigError::json("ingress", source))
    }

    fn strings(&self, name: &str, since: Release) -> Result<Vec<String>, ConfigError> {
        if self.kserve < since {
            return Ok(Vec::new());
        }
        let list =
            self.json.strings(name).map_err(|source| ConfigError::json("ingress", source))?;
        Ok(list.unwrap_or_default())
    }
}

fn check_gateway(gateway: &str) -> Result<(), ConfigError> {
    if gateway.is_empty() {
        return Err(ConfigError::Needed {
            key: "ingress",
            needed: "kserveIngressGateway beside enableGatewayApi",
        });
    }
    let mut parts = gateway.split('/');
    let label = |part: Option<&str>| part.is_some_and(|part| is_label(part) && part.len() <= 63);
    if label(parts.next()) && label(parts.next()) && parts.next().is_none() {
        Ok(())
    } else {
        Err(ConfigError::Gateway(excerpt(gateway)))
    }
}

fn unknown_keys(json: &GoJson, kserve: Release) -> Vec<String> {
    let GoJson::Object(entries) = json else { return Vec::new() };
    let known = [
        ("ingressGateway", OLDEST),
        ("ingressService", OLDEST),
        ("localGateway", OLDEST),
        ("localGatewayService", OLDEST),
        ("ingressDomain", OLDEST),
        ("ingressClassName", OLDEST),
        ("domainTemplate", OLDEST),
        ("urlScheme", OLDEST),
        ("disableIstioVirtualHost", OLDEST),
        ("pathTemplate", PATH_TEMPLATE),
        ("disableIngressCreation", DISABLE_INGRESS),
        ("additionalIngressDomains", ADDITIONAL_DOMAINS),
        ("knativeLocalGatewayService", WITHOUT_SERVICE),
        ("enableGatewayApi", GATEWAY_API),
        ("kserveIngressGateway", GATEWAY_API),
        ("enableLLMInferenceServiceTLS", Release::new(0, 18, 0)),
        ("disableHTTPRouteTimeout", Release::new(0, 18, 0)),
        ("modelBasedRoutingHeaderName", Release::new(0, 19, 0)),
        ("modelBasedRoutingMode", Release::new(0, 19, 0)),
    ];
    let is_known = |key: &str| {
        known.iter().any(|(name, since)| name.eq_ignore_ascii_case(key) && kserve >= *since)
    };
    entries.iter().filter(|(key, _)| !is_known(key)).map(|(key, _)| excerpt(key)).collect()
}
