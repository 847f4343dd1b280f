//! `config-network`: how a Route's host is put together, and how it is served.

use std::collections::BTreeMap;

use crate::go::template::{Record, StringMap, Template, TemplateError};
use crate::go::url;
use krm_package::text::excerpt::shortened;

const DEFAULT_DOMAIN_TEMPLATE: &str = "{{.Name}}.{{.Namespace}}.{{.Domain}}";
const DEFAULT_TAG_TEMPLATE: &str = "{{.Tag}}-{{.Name}}";

/// What plain HTTP gets at the ingress.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum HttpProtocol {
    /// It is served.
    #[default]
    Enabled,
    /// It is refused.
    Disabled,
    /// It is redirected to HTTPS.
    Redirected,
}

/// How the activator dials pods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MeshCompatibilityMode {
    /// Pod addresses first, the Service's where a mesh refuses.
    #[default]
    Auto,
    /// The Service's address.
    Enabled,
    /// Pod addresses.
    Disabled,
}

/// The name of the ConfigMap.
pub(crate) const CONFIG_NETWORK: &str = "config-network";

/// The class of Routes that name none: Istio's.
const ISTIO_INGRESS: &str = "istio.ingress.networking.knative.dev";

/// Its key for how the activator and others reach pods: by their addresses, or through Services.
pub(crate) const MESH_COMPATIBILITY_MODE: &str = "mesh-compatibility-mode";

/// A parsed `config-network`, as far as hosts and requests depend on it.
///
/// Source: `pkg/config/config.go` of knative.dev/networking.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigNetwork {
    domain_template: Template,
    tag_template: Template,
    cluster_local_template: Template,
    /// Whether Knative requests certificates of external hosts.
    pub external_domain_tls: bool,
    /// Whether Knative requests certificates of hosts inside the cluster.
    pub cluster_local_domain_tls: bool,
    /// What plain HTTP gets.
    pub(crate) http_protocol: HttpProtocol,
    /// The scheme of external URLs without TLS of Knative's own.
    pub default_external_scheme: String,
    /// How the activator dials pods.
    pub mesh_compatibility_mode: MeshCompatibilityMode,
    /// Whose controller serves the Routes.
    pub ingress_class: String,
}

/// Why Knative refuses a `config-network`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigNetworkError {
    /// A template.
    #[error("config-network: {key} {source}")]
    Template {
        /// The key.
        key: &'static str,
        /// What is wrong with it.
        source: TemplateError,
    },
    /// A `domain-template` that gives no host for a Route without labels and annotations.
    #[error(
        "config-network: domain-template gives {rendered:?} for a Route without labels, which {problem}"
    )]
    NoHost {
        /// What it gives.
        rendered: String,
        /// What is wrong with that.
        problem: &'static str,
    },
    /// A value that the key does not take.
    #[error("config-network: invalid {key} {value:?}: set it to {expected}")]
    Value {
        /// The key.
        key: &'static str,
        /// The value.
        value: String,
        /// What it takes.
        expected: &'static str,
    },
}

/// The annotations of a Route or DomainMapping without a certificate of Knative's, the first that is there.
const WITHOUT_TLS: [&str; 3] = [
    "networking.knative.dev/disableAutoTLS",
    "networking.knative.dev/disable-auto-tls",
    "networking.knative.dev/disable-external-domain-tls",
];

impl ConfigNetwork {
    /// The scheme of the URL of a Route or DomainMapping that is reached from outside.
    ///
    /// Source: `externalDomainTLSEnabled` in `pkg/reconciler/{route/route,domainmapping/reconciler}.go` of
    /// knative.dev/serving 0.50.
    #[must_use]
    pub(crate) fn external_scheme(&self, annotations: &BTreeMap<String, String>) -> &str {
        let off = WITHOUT_TLS.iter().find_map(|key| annotations.get(*key));
        let is_off = off.is_some_and(|value| boolean(WITHOUT_TLS[2], value) == Ok(true));
        if self.external_domain_tls && !is_off { "https" } else { &self.default_external_scheme }
    }

    /// Reads the `data` of `config-network`; empty for Knative's defaults. The camel-case names of
    /// old releases count where the new name is absent.
    ///
    /// # Errors
    /// [`ConfigNetworkError`] where Knative refuses the ConfigMap, and for a template that uses
    /// more of Go's templates than is read here.
    pub fn parse(data: &BTreeMap<String, String>) -> Result<Self, ConfigNetworkError> {
        // Each name that is there is parsed, whether or not the other one wins.
        for key in [
            "autocreateClusterDomainClaims",
            "autocreate-cluster-domain-claims",
            "enable-mesh-pod-addressability",
            "internal-encryption",
        ] {
            if let Some(value) = data.get(key) {
                boolean(key, value)?;
            }
        }
        check_rollout_duration(data)?;
        let text = |old: &str, new: &str, default: &str| {
            let value = data.get(new).or_else(|| data.get(old));
            value.map_or_else(|| default.to_owned(), |value| value.trim().to_owned())
        };
        let domain_template = template(
            "domain-template",
            &text("domainTemplate", "domain-template", DEFAULT_DOMAIN_TEMPLATE),
        )?;
        check_domain_template(&domain_template)?;
        let tag_template =
            template("tag-template", &text("tagTemplate", "tag-template", DEFAULT_TAG_TEMPLATE))?;
        let tag = tag_record("foo", "v2");
        tag_template
            .render(&tag)
            .map_err(|source| ConfigNetworkError::Template { key: "tag-template", source })?;
        let enabled = |value: &String| value.eq_ignore_ascii_case("enabled");
        let external_domain_tls = ["external-domain-tls", "auto-tls", "autoTLS"]
            .iter()
            .find_map(|key| data.get(*key))
            .is_some_and(enabled);
        encryption("system-internal-tls", data)?;
        Ok(Self {
            domain_template,
            tag_template,
            cluster_local_template: template("domain-template", DEFAULT_DOMAIN_TEMPLATE)?,
            external_domain_tls,
            cluster_local_domain_tls: encryption("cluster-local-domain-tls", data)?,
            http_protocol: http_protocol(data)?,
            default_external_scheme: text(
                "defaultExternalScheme",
                "default-external-scheme",
                "http",
            ),
            mesh_compatibility_mode: mesh_compatibility_mode(data),
            ingress_class: text("ingress.class", "ingress-class", ISTIO_INGRESS),
        })
    }

    /// The host of a Route. A Route inside the cluster always has the default template.
    pub(super) fn host(
        &self,
        cluster_local: bool,
        values: &Record<'_>,
    ) -> Result<String, TemplateError> {
        let template =
            if cluster_local { &self.cluster_local_template } else { &self.domain_template };
        template.render(values)
    }

    /// Whether the host of a Route begins with its name, and has nothing else of it.
    pub(crate) fn has_default_template(&self) -> bool {
        self.domain_template == self.cluster_local_template
    }

    /// The name that represents a Route's tag in its host.
    pub(super) fn tagged(&self, name: &str, tag: &str) -> Result<String, TemplateError> {
        self.tag_template.render(&tag_record(name, tag))
    }
}

pub(super) fn host_record<'v>(
    name: &'v str,
    namespace: &'v str,
    domain: &'v str,
    annotations: &'v StringMap,
    labels: &'v StringMap,
) -> Record<'v> {
    Record::new()
        .text("Name", name)
        .text("Namespace", namespace)
        .text("Domain", domain)
        .map("Annotations", annotations)
        .map("Labels", labels)
}

fn tag_record<'v>(name: &'v str, tag: &'v str) -> Record<'v> {
    Record::new().text("Name", name).text("Tag", tag)
}

fn template(key: &'static str, text: &str) -> Result<Template, ConfigNetworkError> {
    Template::parse(text).map_err(|source| ConfigNetworkError::Template { key, source })
}

fn check_domain_template(template: &Template) -> Result<(), ConfigNetworkError> {
    let none = StringMap::new();
    let rendered = template
        .render(&host_record("foo", "bar", "baz.com", &none, &none))
        .map_err(|source| ConfigNetworkError::Template { key: "domain-template", source })?;
    url::only_a_host(&rendered)
        .map_err(|problem| ConfigNetworkError::NoHost { rendered: shortened(&rendered), problem })
}

/// `strconv.ParseBool`.
fn boolean(key: &'static str, value: &str) -> Result<bool, ConfigNetworkError> {
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(ConfigNetworkError::Value {
            key,
            value: shortened(value),
            expected: "true or false",
        }),
    }
}

fn check_rollout_duration(data: &BTreeMap<String, String>) -> Result<(), ConfigNetworkError> {
    let mut seconds = 0;
    for key in ["rolloutDuration", "rollout-duration"] {
        if let Some(value) = data.get(key) {
            let refused = || ConfigNetworkError::Value {
                key,
                value: shortened(value),
                expected: "a number of seconds",
            };
            seconds = value.parse::<i64>().map_err(|_| refused())?;
        }
    }
    if seconds < 0 {
        let value = seconds.to_string();
        return Err(ConfigNetworkError::Value {
            key: "rollout-duration",
            value,
            expected: "a number of seconds",
        });
    }
    Ok(())
}

fn encryption(
    key: &'static str,
    data: &BTreeMap<String, String>,
) -> Result<bool, ConfigNetworkError> {
    let value = data.get(key).map_or("", String::as_str);
    match value.to_lowercase().as_str() {
        "" | "disabled" => Ok(false),
        "enabled" => Ok(true),
        _ => Err(ConfigNetworkError::Value {
            key,
            value: shortened(value),
            expected: "enabled or disabled",
        }),
    }
}

fn http_protocol(data: &BTreeMap<String, String>) -> Result<HttpProtocol, ConfigNetworkError> {
    let value =
        data.get("http-protocol").or_else(|| data.get("httpProtocol")).map_or("", String::as_str);
    match value.to_lowercase().as_str() {
        "" | "enabled" => Ok(HttpProtocol::Enabled),
        "disabled" => Ok(HttpProtocol::Disabled),
        "redirected" => Ok(HttpProtocol::Redirected),
        _ => Err(ConfigNetworkError::Value {
            key: "http-protocol",
            value: shortened(value),
            expected: "enabled, disabled or redirected",
        }),
    }
}

/// An unknown value is as if it were absent.
fn mesh_compatibility_mode(data: &BTreeMap<String, String>) -> MeshCompatibilityMode {
    let value = data.get(MESH_COMPATIBILITY_MODE).map_or("", String::as_str);
    match value.to_lowercase().as_str() {
        "enabled" => MeshCompatibilityMode::Enabled,
        "disabled" => MeshCompatibilityMode::Disabled,
        _ => MeshCompatibilityMode::Auto,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(pairs: &[(&str, &str)]) -> Result<ConfigNetwork, ConfigNetworkError> {
        let data =
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        ConfigNetwork::parse(&data)
    }

    #[test]
    fn new_names_win_over_old_ones() {
        let config = parsed(&[
            ("domainTemplate", "{{.Name}}.old.{{.Domain}}"),
            ("domain-template", " {{.Name}}.{{.Domain}}\n"),
            ("autoTLS", "Enabled"),
            ("external-domain-tls", "off"),
            ("defaultExternalScheme", "https"),
            ("mesh-compatibility-mode", "ENABLED"),
            ("httpProtocol", "Redirected"),
        ])
        .unwrap();
        let none = StringMap::new();
        assert_eq!(
            config.host(false, &host_record("a", "b", "c", &none, &none)).as_deref(),
            Ok("a.c")
        );
        assert_eq!(
            config.host(true, &host_record("a", "b", "c", &none, &none)).as_deref(),
            Ok("a.b.c")
        );
        assert_eq!(config.tagged("a", "t").as_deref(), Ok("t-a"));
        assert!(!config.external_domain_tls);
        assert_eq!(config.default_external_scheme, "https");
        assert_eq!(config.mesh_compatibility_mode, MeshCompatibilityMode::Enabled);
        assert_eq!(config.http_protocol, HttpProtocol::Redirected);
    }

    #[test]
    fn what_knative_refuses_is_refused() {
        for (key, value) in [
            ("domain-template", ""),
            ("domain-template", "{{.Name}}/x"),
            ("domain-template", "{{.Labels.team}}.{{.Domain}}"),
            ("domain-template", "{{.Name"),
            ("domain-template", "{{.Tag}}"),
            ("tag-template", "{{.Namespace}}"),
            ("http-protocol", "on"),
            ("rollout-duration", "-1"),
            ("rollout-duration", "1s"),
            ("autocreate-cluster-domain-claims", "yes"),
            ("system-internal-tls", "on"),
        ] {
            assert!(parsed(&[(key, value)]).is_err(), "{key}: {value}");
        }
        let error = parsed(&[("domain-template", "{{.Name}}/x")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"config-network: domain-template gives "foo/x" for a Route without labels, which has a path or a query"#
        );
    }
}
