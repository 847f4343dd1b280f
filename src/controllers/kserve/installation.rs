//! What is installed: the controllers' releases and configuration, of the objects or assumed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::config::KserveConfig;
use super::ingress_settings::IngressSettings;
use super::items::{Config, KNATIVE_NAMESPACE, ServingItems, is_apart};
use super::options::ServingOptions;
use super::remark::{ObjectFact, ObjectRemark};
use super::versions::{NEWEST_KNATIVE, NEWEST_KSERVE, Version};
use crate::controllers::knative::{
    ConfigDomain, ConfigDomainError, ConfigNetwork, ConfigNetworkError, EXAMPLE_KEY,
    KnativeServing, default_domain,
};
use crate::values::k8s::ResourceRef;
use crate::values::release::Release;

/// The controllers' releases and configuration, of the objects or assumed.
pub(super) struct Installation {
    pub(super) kserve: Version,
    pub(super) knative: Version,
    pub(super) domain: Result<ConfigDomain, ConfigDomainError>,
    pub(super) network: Result<ConfigNetwork, ConfigNetworkError>,
    pub(super) config: KserveConfig,
    pub(super) knative_assumed: Vec<Arc<str>>,
    /// The ingress of Knative's Routes; none where Knative refuses its configuration.
    pub(super) ingress_class: Option<String>,
}

impl Installation {
    pub(super) fn of(items: &ServingItems, options: &ServingOptions) -> Self {
        let config_domain = knative_config(items, "config-domain", &items.config_domain);
        let config_network = knative_config(items, "config-network", &items.config_network);
        // The newest of several: an upgrade leaves the old image behind in a patch.
        let installed = items.kserve_images.last().cloned();
        let kserve = Version::pick(installed, options.kserve, NEWEST_KSERVE);
        let knative = Version::pick(
            operator_release(items).or_else(|| {
                [("config-domain", &config_domain), ("config-network", &config_network)]
                    .into_iter()
                    .find_map(|(name, config)| knative_release(name, config.as_ref()?))
            }),
            options.knative,
            NEWEST_KNATIVE,
        );
        let data = |config: &Option<Config>| {
            config.as_ref().map_or_else(BTreeMap::new, |config| config.data.clone())
        };
        let fallback = default_domain(knative.release);
        let config = match pick(&items.kserve_config, "kserve") {
            Some(config) => {
                let mut parsed = KserveConfig::parse(&config.data, kserve.release);
                // Of a package the ConfigMap may be a patch.
                if options.whole_cluster && !config.data.contains_key("ingress") {
                    parsed.ingress = Ok(IngressSettings::unset());
                }
                parsed.names_no_mode = options.whole_cluster && !config.data.contains_key("deploy");
                parsed
            }
            None if options.whole_cluster => KserveConfig::absent(kserve.release),
            None => KserveConfig::stock(kserve.release),
        };
        let stock_domain = config_domain
            .is_none()
            .then(|| format!("config-domain: the default, whose only domain is {fallback}"));
        let stock_network =
            config_network.is_none().then(|| "config-network: the default".to_owned());
        let version = knative.assumption("Knative Serving");
        let network = ConfigNetwork::parse(&data(&config_network));
        let class = network.as_ref().ok().map(|network| network.ingress_class.clone());
        let is_given = data(&config_network).keys().any(|key| key.starts_with("ingress"));
        // Without Istio nothing serves the Routes of its class: they are for what the operator installs.
        let other =
            operator(items).and_then(|one| one.spec.instead_of_istio()).filter(|_| !is_given);
        Self {
            ingress_class: class.map(|class| other.map_or(class, |other| other.word.to_owned())),
            domain: ConfigDomain::parse(&data(&config_domain), fallback),
            network,
            knative_assumed: [stock_domain, stock_network, version]
                .into_iter()
                .flatten()
                .map(Arc::from)
                .collect(),
            kserve,
            knative,
            config,
        }
    }

    /// What was assumed for every service.
    pub(super) fn assumed(&self) -> Vec<Arc<str>> {
        let version = self.kserve.assumption("KServe");
        self.config.assumed.iter().cloned().chain(version).map(Arc::from).collect()
    }

    /// What there is to say of the configuration.
    pub(super) fn remarks(&self) -> Vec<ObjectRemark> {
        let mut remarks = Vec::new();
        let mut remark = |name: &str, fact: ObjectFact| {
            let resource = ResourceRef {
                api_version: "v1".to_owned(),
                kind: "ConfigMap".to_owned(),
                namespace: None,
                name: name.to_owned(),
            };
            remarks.push(ObjectRemark { resource, fact });
        };
        match &self.domain {
            Err(error) => remark("config-domain", ObjectFact::ConfigDomain(error.clone())),
            Ok(domain) => {
                let defaults: Vec<String> = domain.defaults().map(str::to_owned).collect();
                if defaults.len() > 1 {
                    remark("config-domain", ObjectFact::SeveralDefaultDomains(defaults));
                }
            }
        }
        if let Err(error) = &self.network {
            remark("config-network", ObjectFact::ConfigNetwork(error.clone()));
        }
        let refused = [self.config.ingress.as_ref().err(), self.config.default_mode.as_ref().err()];
        for error in refused.into_iter().flatten() {
            remark("inferenceservice-config", ObjectFact::KserveConfig(error.clone()));
        }
        for key in self.config.ingress.iter().flat_map(|settings| &settings.unknown_keys) {
            remark("inferenceservice-config", ObjectFact::UnknownIngressKey(key.clone()));
        }
        remarks
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

/// What the operator writes into a ConfigMap of Knative Serving.
fn entries_of_operator(
    items: &ServingItems,
    name: &str,
    configs: &[Config],
) -> Option<BTreeMap<String, String>> {
    operator(items).filter(|operator| !is_apart(operator, configs))?.entries(name)
}

/// A ConfigMap of Knative Serving as the cluster gets it: what the operator sets of it outranks the
/// ConfigMap, which the operator overwrites.
fn knative_config(items: &ServingItems, name: &str, configs: &[Config]) -> Option<Config> {
    let written = pick(configs, KNATIVE_NAMESPACE).cloned();
    let Some(entries) = entries_of_operator(items, name, configs) else {
        return written;
    };
    let written = written.unwrap_or_default();
    Some(Config { data: entries, ..written })
}

/// ConfigMaps whose entries the operator sets otherwise.
pub(super) fn overridden(items: &ServingItems) -> Vec<ObjectRemark> {
    let mut remarks = Vec::new();
    for (name, configs) in
        [("config-domain", &items.config_domain), ("config-network", &items.config_network)]
    {
        let set = entries_of_operator(items, name, configs);
        let (Some(set), Some(written)) = (set, pick(configs, KNATIVE_NAMESPACE)) else { continue };
        let relevant = |data: &BTreeMap<String, String>| {
            let mut data = data.clone();
            data.remove(EXAMPLE_KEY);
            data
        };
        let (set, written_data) = (relevant(&set), relevant(&written.data));
        if !written_data.is_empty() && set != written_data {
            let resource = ResourceRef {
                api_version: "v1".to_owned(),
                kind: "ConfigMap".to_owned(),
                namespace: written.namespace.clone(),
                name: name.to_owned(),
            };
            remarks.push(ObjectRemark { resource, fact: ObjectFact::OperatorOverrides });
        }
    }
    remarks
}

/// The operator's object for Knative Serving, by the same order of namespaces as ConfigMaps.
fn operator(items: &ServingItems) -> Option<&KnativeServing> {
    items.operators.iter().min_by_key(|one| {
        let rank = match one.metadata.namespace.as_deref() {
            Some(KNATIVE_NAMESPACE) => 0,
            None => 1,
            Some(_) => 2,
        };
        (rank, format!("{one:?}"))
    })
}

fn operator_release(items: &ServingItems) -> Option<(Release, String)> {
    let version = operator(items)?.spec.version.parse().ok()?;
    Some((version, "spec.version of KnativeServing".to_owned()))
}

fn knative_release(name: &str, config: &Config) -> Option<(Release, String)> {
    ["app.kubernetes.io/version", "serving.knative.dev/release"].into_iter().find_map(|label| {
        let release = config.labels.get(label)?.parse().ok()?;
        Some((release, format!("label {label} of {name}")))
    })
}
