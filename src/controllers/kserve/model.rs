//! The serving model: every `InferenceService` of the objects with its hosts.

use std::collections::{BTreeMap, BTreeSet};

use super::admission::refusals;
use super::annotations::{is_stopped, misspelt};
use super::collisions;
use super::config::KserveConfig;
use super::endpoint::{Endpoint, Exposure};
use super::inference_service::InferenceService;
use super::items::{Config, ServingItems};
use super::knative_mode;
use super::mode::{self, DeploymentMode};
use super::namespace;
use super::naming::is_admitted;
use super::protocol::{Runtimes, ServingPods};
use super::reconciled::{Knative, Reconciled};
use super::remark::{ObjectFact, ObjectRemark, Remark};
use super::standard_mode::{self, Standard};
use super::stock_runtimes;
use super::versions::{NEWEST_KNATIVE, NEWEST_KSERVE, Version};
use crate::controllers::knative::{
    ConfigDomain, ConfigDomainError, ConfigNetwork, ConfigNetworkError, default_domain,
};
use crate::values::k8s::ResourceRef;
use crate::values::release::Release;

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

/// What the controllers reconcile the objects to.
///
/// ```
/// use kserve_aws::controllers::kserve::{ServingItems, ServingModel, ServingOptions};
///
/// let service = r#"{
///   "apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService",
///   "metadata": {"name": "iris", "namespace": "staging"},
///   "spec": {"predictor": {"model": {"modelFormat": {"name": "sklearn"}, "storageUri": "s3://models/iris"}}}
/// }"#;
/// let mut items = ServingItems::default();
/// let mut json = serde_json::Deserializer::from_str(service);
/// items.add("serving.kserve.io/v1beta1", "InferenceService", &mut json)?;
/// let model = ServingModel::build(&items, &ServingOptions::default());
/// // Without a config-domain among the objects, the stock one: a domain of the cluster alone.
/// assert_eq!(model.endpoints[0].url.as_deref(), Some("http://iris.staging.svc.cluster.local"));
/// # Ok::<(), serde_json::Error>(())
/// ```
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
    pub remarks: Vec<ObjectRemark>,
}

impl ServingModel {
    /// Builds the model. It does not depend on the order of the objects.
    #[must_use]
    pub fn build(items: &ServingItems, options: &ServingOptions) -> Self {
        let configuration = Configuration::of(items, options);
        let mut remarks = items.remarks.clone();
        remarks.extend(configuration.remarks());
        remarks
            .sort_by_cached_key(|remark| (remark.resource.clone(), format!("{:?}", remark.fact)));
        let reconciler = Reconciler {
            domain: configuration.domain.as_ref().map_err(|_| ()),
            network: configuration.network.as_ref().map_err(|_| ()),
            config: &configuration.config,
            runtimes: &items.runtimes,
            kserve: configuration.kserve.release,
            assumed: configuration.assumed(),
            knative_assumed: configuration.knative_assumed.clone(),
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
                reconciler.endpoint(service, place)
            })
            .collect();
        endpoints.sort_by(|left, right| {
            let names = |one: &Endpoint| (one.namespace.clone(), one.name.clone());
            // Objects of one name are told apart by all that they hold, for an order of their own.
            let whole = |one: &Endpoint| format!("{one:?}");
            names(left).cmp(&names(right)).then_with(|| whole(left).cmp(&whole(right)))
        });
        collisions::find(&mut endpoints);
        let namespaces = items.namespaces.iter().chain(&items.profiles).cloned();
        let namespaces =
            namespaces.chain(endpoints.iter().map(|endpoint| endpoint.namespace.clone())).collect();
        let Configuration { kserve, knative, .. } = configuration;
        Self { endpoints, kserve, knative, namespaces, remarks }
    }
}

/// The controllers' releases and configuration, of the objects or assumed.
struct Configuration {
    kserve: Version,
    knative: Version,
    domain: Result<ConfigDomain, ConfigDomainError>,
    network: Result<ConfigNetwork, ConfigNetworkError>,
    config: KserveConfig,
    knative_assumed: Vec<String>,
}

impl Configuration {
    fn of(items: &ServingItems, options: &ServingOptions) -> Self {
        let config_domain = pick(&items.config_domain, "knative-serving");
        let config_network = pick(&items.config_network, "knative-serving");
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
        let config = match pick(&items.kserve_config, "kserve") {
            Some(config) => KserveConfig::parse(&config.data, kserve.release),
            None => KserveConfig::stock(kserve.release),
        };
        let stock_domain = config_domain
            .is_none()
            .then(|| format!("config-domain: the stock one, whose only domain is {fallback}"));
        let stock_network =
            config_network.is_none().then(|| "config-network: the stock one".to_owned());
        let version = knative.assumption("Knative Serving");
        Self {
            domain: ConfigDomain::parse(&data(config_domain), fallback),
            network: ConfigNetwork::parse(&data(config_network)),
            knative_assumed: [stock_domain, stock_network, version].into_iter().flatten().collect(),
            kserve,
            knative,
            config,
        }
    }

    /// What was assumed for every service.
    fn assumed(&self) -> Vec<String> {
        let version = self.kserve.assumption("KServe");
        self.config.assumed.iter().cloned().chain(version).collect()
    }

    /// What there is to say of the configuration.
    fn remarks(&self) -> Vec<ObjectRemark> {
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

fn knative_release(name: &str, config: &Config) -> Option<(Release, String)> {
    ["app.kubernetes.io/version", "serving.knative.dev/release"].into_iter().find_map(|label| {
        let release = config.labels.get(label)?.parse().ok()?;
        Some((release, format!("label {label} of {name}")))
    })
}

/// What every service is reconciled with.
struct Reconciler<'a> {
    domain: Result<&'a ConfigDomain, ()>,
    network: Result<&'a ConfigNetwork, ()>,
    config: &'a KserveConfig,
    runtimes: &'a Runtimes,
    kserve: Release,
    assumed: Vec<String>,
    knative_assumed: Vec<String>,
}

impl Reconciler<'_> {
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
            remarks: place.remark.into_iter().collect(),
        };
        endpoint.remarks.extend(misspelt(service));
        if let Some(admitted) = self.admit(service, &mut endpoint) {
            self.reconcile(service, &admitted, &mut endpoint);
        }
        endpoint.exposure = if endpoint.routes.iter().any(|route| route.public) {
            Exposure::Public
        } else if !endpoint.routes.is_empty() || endpoint.address.is_some() {
            Exposure::ClusterLocal
        } else {
            Exposure::None
        };
        endpoint
    }

    /// What the controller takes up, if it takes up the service at all.
    fn admit(&self, service: &InferenceService, endpoint: &mut Endpoint) -> Option<Admitted> {
        let name = &service.metadata.name;
        if !is_admitted(name) {
            endpoint.remarks.push(Remark::NameInvalid(name.clone()));
            return None;
        }
        let default = match &self.config.default_mode {
            Ok(default) => *default,
            Err(error) => {
                endpoint.remarks.push(Remark::NothingReconciled(error.clone()));
                return None;
            }
        };
        let annotations = self.config.defaulted(&service.metadata.annotations, self.kserve);
        let passed_on = self.config.passed_on(&annotations);
        let refusals = refusals(service, &annotations, self.kserve);
        endpoint.remarks.extend(refusals.into_iter().map(Remark::from));
        let resolved = mode::resolve(service, &passed_on, default, self.kserve);
        endpoint.mode = Some(resolved.mode);
        endpoint.mode_word = Some(resolved.mode.as_str(self.kserve));
        endpoint.remarks.extend(resolved.remarks.into_iter().map(Remark::from));
        if resolved.mode == DeploymentMode::Knative {
            endpoint.assumed.extend(self.knative_assumed.iter().cloned());
        }
        if is_stopped(&annotations, self.kserve) {
            endpoint.remarks.push(Remark::Stopped);
            return None;
        }
        if resolved.mode == DeploymentMode::ModelMesh {
            endpoint.remarks.push(Remark::ModelMesh);
            return None;
        }
        if self.runtimes.is_empty() {
            let unserved = stock_runtimes::check(service, self.kserve);
            endpoint.remarks.extend(unserved.map(Remark::from));
        }
        if let Err(error) = &self.config.ingress {
            endpoint.remarks.push(Remark::NoUrl(error.clone()));
        }
        (!resolved.refused).then_some(Admitted { mode: resolved.mode, annotations, passed_on })
    }

    /// Adds what the mode reconciles the service to.
    fn reconcile(&self, service: &InferenceService, admitted: &Admitted, endpoint: &mut Endpoint) {
        let settings = self.config.ingress.as_ref().ok();
        let reconciled = if admitted.mode == DeploymentMode::Knative {
            if self.domain.is_err() || self.network.is_err() {
                endpoint.remarks.push(Remark::KnativeConfigRefused);
            }
            let knative = Knative {
                domain: self.domain,
                network: self.network,
                settings,
                config: self.config,
                kserve: self.kserve,
            };
            let annotations = &admitted.passed_on;
            knative_mode::reconcile(service, &endpoint.namespace, annotations, &knative)
        } else {
            let standard = Standard { settings, config: self.config, kserve: self.kserve };
            let annotations = &admitted.annotations;
            standard_mode::reconcile(service, &endpoint.namespace, annotations, &standard)
        };
        let Reconciled { url, address, components, routes, remarks, assumed } = reconciled;
        endpoint.url = url;
        endpoint.address = address;
        endpoint.components = components;
        for (component, spec) in service.components() {
            for one in endpoint.components.iter_mut().filter(|one| one.component == component) {
                one.pods = ServingPods::of(service, component, spec, self.runtimes);
            }
        }
        endpoint.routes = routes;
        endpoint.remarks.extend(remarks);
        endpoint.assumed.extend(assumed);
    }
}

/// A service that the controller reconciles.
struct Admitted {
    mode: DeploymentMode,
    /// The annotations after defaulting.
    annotations: BTreeMap<String, String>,
    /// Those of them that components take over.
    passed_on: BTreeMap<String, String>,
}
