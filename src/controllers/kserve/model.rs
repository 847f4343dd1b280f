//! The serving model: every `InferenceService` of the items with its hosts.

use std::collections::{BTreeMap, BTreeSet};

use super::admission::refusals;
use super::collisions;
use super::config::KserveConfig;
use super::endpoint::{Endpoint, Exposure};
use super::inference_service::InferenceService;
use super::items::{Config, ServingItems};
use super::knative_mode;
use super::made::{Knative, Made};
use super::marks::{NETWORK_VISIBILITY, STOP, STOP_ANNOTATION, TAG_ANNOTATION};
use super::mode::{self, DeploymentMode, MODE_ANNOTATION};
use super::namespace;
use super::naming::is_admitted;
use super::protocol::{Runtimes, ServingPods};
use super::standard_mode::{self, Standard};
use super::stock_runtimes;
use super::versions::{NEWEST_KNATIVE, NEWEST_KSERVE, Version};
use crate::controllers::knative::{ConfigDomain, ConfigNetwork, VISIBILITY_LABEL, default_domain};
use crate::finding::{Code, Finding};
use crate::k8s::ResourceRef;
use crate::values::release::Release;
use crate::values::route_host::excerpt;

/// What a function's or command's configuration adds to the manifests. It counts where the
/// manifests say nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServingOptions {
    /// The release of `KServe`.
    pub kserve: Option<Release>,
    /// The release of Knative Serving.
    pub knative: Option<Release>,
    /// The namespace of services whose manifest gives none.
    pub namespace: Option<String>,
}

/// What the controllers make of the items.
#[derive(Debug, Clone, PartialEq)]
pub struct ServingModel {
    /// The services, by namespace and name.
    pub endpoints: Vec<Endpoint>,
    /// The release of `KServe` whose rules were taken.
    pub kserve: Version,
    /// The release of Knative Serving whose rules were taken.
    pub knative: Version,
    /// The namespaces of Namespaces, Profiles and services.
    pub namespaces: BTreeSet<String>,
    /// What is not about one service: other kinds, unreadable items, refused configuration.
    pub findings: Vec<Finding>,
}

impl ServingModel {
    /// Builds the model. It does not depend on the order of the items.
    #[must_use]
    pub fn build(items: &ServingItems, options: &ServingOptions) -> Self {
        let mut findings = items.findings.clone();
        let config_domain = pick(&items.config_domain, "knative-serving");
        let config_network = pick(&items.config_network, "knative-serving");
        let kserve_config = pick(&items.kserve_config, "kserve");
        // The newest of several: an upgrade leaves the old image behind in a patch.
        let installed = items.kserve_images.last().cloned();
        let kserve = Version::pick(installed, options.kserve, NEWEST_KSERVE);
        let knative = Version::pick(
            [("config-domain", config_domain), ("config-network", config_network)]
                .into_iter()
                .find_map(|(name, config)| knative_release(name, config?)),
            options.knative,
            NEWEST_KNATIVE,
        );
        let empty = BTreeMap::new();
        let data = |config: Option<&'_ Config>| {
            config.map_or_else(|| empty.clone(), |config| config.data.clone())
        };
        let fallback = default_domain(knative.release);
        let domain = ConfigDomain::parse(&data(config_domain), fallback);
        let network = ConfigNetwork::parse(&data(config_network));
        let config = match kserve_config {
            Some(config) => KserveConfig::parse(&config.data, kserve.release),
            None => KserveConfig::stock(kserve.release),
        };
        findings.extend(config_findings(&domain, &network, &config));
        let mut knative_assumed = Vec::new();
        if config_domain.is_none() {
            knative_assumed
                .push(format!("config-domain: the stock one, whose only domain is {fallback}"));
        }
        if config_network.is_none() {
            knative_assumed.push("config-network: the stock one".to_owned());
        }
        knative_assumed.extend(knative.assumption("Knative Serving"));
        let mut assumed = config.assumed.clone();
        assumed.extend(kserve.assumption("KServe"));
        let maker = Maker {
            domain: domain.as_ref().map_err(|_| ()),
            network: network.as_ref().map_err(|_| ()),
            config: &config,
            runtimes: &items.runtimes,
            kserve: kserve.release,
            assumed,
            knative_assumed,
        };
        let mut endpoints: Vec<_> = items
            .services
            .iter()
            .map(|service| {
                let place = namespace::resolve(
                    service.metadata.namespace.as_deref(),
                    options.namespace.as_deref(),
                    &items.profiles,
                );
                maker.endpoint(service, place)
            })
            .collect();
        // Items with the same name are told apart by all that they hold, for an order of their own.
        endpoints.sort_by_cached_key(|endpoint| {
            (endpoint.namespace.clone(), endpoint.name.clone(), format!("{endpoint:?}"))
        });
        collisions::find(&mut endpoints);
        findings.sort_by_cached_key(|finding| {
            (finding.resource.clone(), finding.code, finding.message.clone())
        });
        let namespaces = items.namespaces.iter().chain(&items.profiles).cloned();
        let namespaces =
            namespaces.chain(endpoints.iter().map(|endpoint| endpoint.namespace.clone())).collect();
        Self { endpoints, kserve, knative, namespaces, findings }
    }
}

/// The ConfigMap of the expected namespace, or one without a namespace, or the first.
fn pick<'a>(configs: &'a [Config], namespace: &str) -> Option<&'a Config> {
    let rank = |config: &&Config| match config.namespace.as_deref() {
        Some(found) if found == namespace => (0, String::new()),
        None => (1, String::new()),
        Some(other) => (2, other.to_owned()),
    };
    configs.iter().min_by_key(|config| (rank(config), format!("{config:?}")))
}

fn knative_release(name: &str, config: &Config) -> Option<(Release, String)> {
    ["app.kubernetes.io/version", "serving.knative.dev/release"].into_iter().find_map(|label| {
        let release = config.labels.get(label)?.parse().ok()?;
        Some((release, format!("label {label} of {name}")))
    })
}

fn config_findings(
    domain: &Result<ConfigDomain, crate::controllers::knative::ConfigDomainError>,
    network: &Result<ConfigNetwork, crate::controllers::knative::ConfigNetworkError>,
    config: &KserveConfig,
) -> Vec<Finding> {
    let on = |name: &str, finding: Finding| {
        finding.on(&ResourceRef {
            api_version: "v1".to_owned(),
            kind: "ConfigMap".to_owned(),
            namespace: None,
            name: name.to_owned(),
        })
    };
    let mut findings = Vec::new();
    match domain {
        Err(error) => findings.push(on(
            "config-domain",
            Finding::error(Code::KnativeConfigDomain, error.to_string()),
        )),
        Ok(domain) => {
            let defaults: Vec<_> = domain.defaults().collect();
            if let [wins, loses @ ..] = defaults.as_slice()
                && !loses.is_empty()
            {
                let message = format!(
                    "{} domains have no selector, and {} wins as the smallest name; remove {}",
                    defaults.len(),
                    excerpt(wins),
                    excerpt(&loses.join(", "))
                );
                findings
                    .push(on("config-domain", Finding::warning(Code::KnativeTwoDefaults, message)));
            }
        }
    }
    if let Err(error) = network {
        findings.push(on(
            "config-network",
            Finding::error(Code::KnativeConfigNetwork, error.to_string()),
        ));
    }
    for error in
        [config.ingress.as_ref().err(), config.default_mode.as_ref().err()].into_iter().flatten()
    {
        findings.push(on("inferenceservice-config", error.finding()));
    }
    if let Ok(settings) = &config.ingress {
        for key in &settings.unknown_keys {
            let message =
                format!("ingress has the key {key:?}, which this release passes over in silence");
            findings.push(on(
                "inferenceservice-config",
                Finding::warning(Code::KserveUnknownIngressKey, message),
            ));
        }
    }
    findings
}

struct Maker<'a> {
    domain: Result<&'a ConfigDomain, ()>,
    network: Result<&'a ConfigNetwork, ()>,
    config: &'a KserveConfig,
    runtimes: &'a Runtimes,
    kserve: Release,
    assumed: Vec<String>,
    knative_assumed: Vec<String>,
}

impl Maker<'_> {
    fn endpoint(&self, service: &InferenceService, place: namespace::Resolved) -> Endpoint {
        let mut endpoint = Endpoint {
            namespace: place.namespace,
            name: service.metadata.name.clone(),
            mode: None,
            mode_word: None,
            url: None,
            address: None,
            components: Vec::new(),
            routes: Vec::new(),
            exposure: Exposure::None,
            assumed: place.assumed.into_iter().chain(self.assumed.iter().cloned()).collect(),
            findings: place.finding.into_iter().collect(),
        };
        self.fill(service, &mut endpoint);
        endpoint.exposure = if endpoint.routes.iter().any(|route| route.public) {
            Exposure::Public
        } else if !endpoint.routes.is_empty() || endpoint.address.is_some() {
            Exposure::ClusterLocal
        } else {
            Exposure::None
        };
        let resource = endpoint.resource();
        for finding in &mut endpoint.findings {
            finding.resource = Some(resource.clone());
        }
        endpoint
    }

    fn fill(&self, service: &InferenceService, endpoint: &mut Endpoint) {
        endpoint.findings.extend(misspelt(service));
        if !is_admitted(&service.metadata.name) {
            endpoint.findings.push(
                Finding::error(
                    Code::KserveNameInvalid,
                    format!("the webhook refuses the name {:?}; write lower case letters, digits and inner hyphens, a letter first", excerpt(&service.metadata.name)),
                )
                .field("metadata.name"),
            );
            return;
        }
        let default = match &self.config.default_mode {
            Ok(default) => *default,
            Err(error) => {
                let message = format!("the controller reconciles no service at all: {error}");
                endpoint.findings.push(Finding { message, ..error.finding() });
                return;
            }
        };
        let annotations = self.config.defaulted(&service.metadata.annotations, self.kserve);
        let passed_on = self.config.passed_on(&annotations);
        endpoint.findings.extend(refusals(service, &annotations, self.kserve));
        let resolved = mode::resolve(service, &passed_on, default, self.kserve);
        endpoint.mode = Some(resolved.mode);
        endpoint.mode_word = Some(resolved.mode.as_str(self.kserve));
        endpoint.findings.extend(resolved.findings);
        if resolved.mode == DeploymentMode::Knative {
            endpoint.assumed.extend(self.knative_assumed.iter().cloned());
        }
        let stopped = annotations
            .get(STOP_ANNOTATION)
            .is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if stopped && self.kserve >= STOP {
            endpoint.findings.push(Finding::info(
                Code::KserveStopped,
                "the service is stopped by its annotation",
            ));
            return;
        }
        if resolved.mode == DeploymentMode::ModelMesh {
            endpoint.findings.push(Finding::info(
                Code::KserveModelMesh,
                "ModelMesh gives the service no host of its own",
            ));
            return;
        }
        if self.runtimes.is_empty() {
            endpoint.findings.extend(stock_runtimes::check(service, self.kserve));
        }
        if let Err(error) = &self.config.ingress {
            endpoint.findings.push(Finding {
                message: format!("the status never gets a URL: {error}"),
                ..error.finding()
            });
        }
        if resolved.refused {
            return;
        }
        let settings = self.config.ingress.as_ref().ok();
        let made = match resolved.mode {
            DeploymentMode::Knative => {
                let knative = Knative {
                    domain: self.domain,
                    network: self.network,
                    settings,
                    config: self.config,
                    kserve: self.kserve,
                };
                if self.domain.is_err() || self.network.is_err() {
                    endpoint.findings.push(Finding::error(
                        Code::KnativeHostInvalid,
                        "Knative refuses its own configuration, so that no host is known",
                    ));
                }
                knative_mode::make(service, &endpoint.namespace, &passed_on, &knative)
            }
            _ => {
                let standard = Standard { settings, config: self.config, kserve: self.kserve };
                standard_mode::make(service, &endpoint.namespace, &annotations, &standard)
            }
        };
        let Made { url, address, components, routes, findings, assumed } = made;
        endpoint.url = url;
        endpoint.address = address;
        endpoint.components = components;
        for (component, spec) in service.components() {
            for made in endpoint.components.iter_mut().filter(|one| one.component == component) {
                made.pods = ServingPods::of(service, component, spec, self.runtimes);
            }
        }
        endpoint.routes = routes;
        endpoint.findings.extend(findings);
        endpoint.assumed.extend(assumed);
    }
}

/// Annotations and labels that are nearly one that counts.
fn misspelt(service: &InferenceService) -> Vec<Finding> {
    let places = [
        (
            "annotation",
            &service.metadata.annotations,
            [MODE_ANNOTATION, STOP_ANNOTATION, TAG_ANNOTATION].as_slice(),
        ),
        ("label", &service.metadata.labels, [VISIBILITY_LABEL, NETWORK_VISIBILITY].as_slice()),
    ];
    let mut findings = Vec::new();
    for (word, map, known) in places {
        for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
            let meant = known.iter().find(|name| near(key, name));
            if let Some(meant) = meant {
                findings.push(
                    Finding::warning(
                        Code::KserveAnnotationMisspelt,
                        format!(
                            "the {word} {:?} counts for nothing; {meant} is meant",
                            excerpt(key)
                        ),
                    )
                    .field(format!("metadata.{word}s[{}]", excerpt(key)))
                    .proposed(*meant),
                );
            }
        }
    }
    // The right name in the wrong place.
    for (key, here, there) in [
        (VISIBILITY_LABEL, &service.metadata.annotations, "label"),
        (NETWORK_VISIBILITY, &service.metadata.annotations, "label"),
        (MODE_ANNOTATION, &service.metadata.labels, "annotation"),
        (STOP_ANNOTATION, &service.metadata.labels, "annotation"),
    ] {
        if here.contains_key(key) {
            findings.push(Finding::warning(
                Code::KserveAnnotationMisspelt,
                format!("{key} counts as {there} only; write it under metadata.{there}s"),
            ));
        }
    }
    findings
}

/// Whether `key` is `name` in another case, or with up to two characters other.
fn near(key: &str, name: &str) -> bool {
    const OFF: usize = 2;
    if key.len().abs_diff(name.len()) > OFF || !key.is_ascii() {
        return false;
    }
    let (key, name) = (key.to_ascii_lowercase(), name.to_ascii_lowercase());
    let mut row: Vec<usize> = (0..=name.len()).collect();
    for (at, a) in key.bytes().enumerate() {
        let mut before = row[0];
        row[0] = at + 1;
        for (place, b) in name.bytes().enumerate() {
            let kept = before + usize::from(a != b);
            before = row[place + 1];
            row[place + 1] = kept.min(before + 1).min(row[place] + 1);
        }
    }
    row[name.len()] <= OFF
}
