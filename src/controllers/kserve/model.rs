//! The serving model: every `InferenceService` of the objects with its hosts.

use std::collections::{BTreeMap, BTreeSet};

use super::admission::refusals;
use super::annotations::{is_stopped, misspelt};
use super::collisions;
use super::config::KserveConfig;
use super::endpoint::{Endpoint, EndpointKind, Exposure};
use super::inference_graph::InferenceGraph;
use super::inference_service::InferenceService;
use super::items::{Config, ServingItems};
use super::knative_mode;
use super::llm_inference_service::LlmInferenceService;
use super::mode::{self, DeploymentMode};
use super::namespace;
use super::naming::is_admitted;
use super::protocol::PodsOf;
use super::reconciled::{Knative, Reconciled};
use super::remark::{ObjectFact, ObjectRemark, Remark};
use super::runtimes::{RuntimeRefusal, Runtimes, Selection, ServingRuntime};
use super::standard_mode::{self, Standard};
use super::stock_runtimes;
use super::versions::{NEWEST_KNATIVE, NEWEST_KSERVE, Version};
use super::written::Written;
use crate::controllers::knative::{
    CLUSTER_LOCAL_DOMAIN, ConfigDomain, ConfigDomainError, ConfigNetwork, ConfigNetworkError,
    EXAMPLE_KEY, KnativeServing, default_domain,
};
use crate::values::k8s::{ObjectMeta, ResourceRef};
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
    /// Whether the objects are all that the cluster has: a runtime or a configuration that is not among
    /// them is nowhere.
    pub whole_cluster: bool,
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
        remarks.extend(overridden(items));
        remarks
            .sort_by_cached_key(|remark| (remark.resource.clone(), format!("{:?}", remark.fact)));
        let reconciler = Reconciler {
            domain: configuration.domain.as_ref().map_err(|_| ()),
            network: configuration.network.as_ref().map_err(|_| ()),
            config: &configuration.config,
            items,
            kserve: configuration.kserve.release,
            whole_cluster: options.whole_cluster,
            assumed: configuration.assumed(),
            knative_assumed: configuration.knative_assumed.clone(),
        };
        let place = |metadata: &ObjectMeta| {
            let config = options.namespace.as_deref();
            namespace::resolve(metadata.namespace.as_deref(), config, &items.profiles)
        };
        let services = items.services.iter();
        let mut endpoints: Vec<_> =
            services.map(|one| reconciler.endpoint(one, place(&one.metadata))).collect();
        let addresses = Addresses::of(&endpoints);
        let graphs =
            items.graphs.iter().map(|one| reconciler.graph(one, place(&one.metadata), &addresses));
        let llms = items.llm_services.iter().map(|one| reconciler.llm(one, place(&one.metadata)));
        let written = items.written.iter().map(|(kind, one)| {
            let config = options.namespace.as_deref();
            let place =
                namespace::resolve(one.metadata.namespace.as_deref(), config, &items.profiles);
            reconciler.written(*kind, one, place)
        });
        let written = written.filter(|one| !one.routes.is_empty() || !one.remarks.is_empty());
        let mut others: Vec<_> = graphs.chain(llms).chain(written).collect();
        endpoints.append(&mut others);
        endpoints.sort_by(|left, right| {
            let names = |one: &Endpoint| (one.namespace.clone(), one.name.clone(), one.kind);
            // Objects of one name are told apart by all that they hold, for an order of their own.
            let whole = |one: &Endpoint| format!("{one:?}");
            names(left).cmp(&names(right)).then_with(|| whole(left).cmp(&whole(right)))
        });
        collisions::find(&mut endpoints);
        let namespaces = items.namespaces.keys().chain(&items.profiles).cloned();
        let namespaces = namespaces
            .chain(
                endpoints
                    .iter()
                    .filter(|one| one.kind.is_kserve())
                    .map(|endpoint| endpoint.namespace.clone()),
            )
            .collect();
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
            Some(config) => KserveConfig::parse(&config.data, kserve.release),
            None if options.whole_cluster => KserveConfig::absent(kserve.release),
            None => KserveConfig::stock(kserve.release),
        };
        let stock_domain = config_domain
            .is_none()
            .then(|| format!("config-domain: the default, whose only domain is {fallback}"));
        let stock_network =
            config_network.is_none().then(|| "config-network: the default".to_owned());
        let version = knative.assumption("Knative Serving");
        Self {
            domain: ConfigDomain::parse(&data(&config_domain), fallback),
            network: ConfigNetwork::parse(&data(&config_network)),
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

/// A ConfigMap of Knative Serving as the cluster gets it: what the operator sets of it outranks the
/// ConfigMap, which the operator overwrites.
fn knative_config(items: &ServingItems, name: &str, configs: &[Config]) -> Option<Config> {
    let written = pick(configs, KNATIVE_NAMESPACE).cloned();
    let Some(entries) = operator(items).and_then(|operator| operator.entries(name)) else {
        return written;
    };
    let written = written.unwrap_or_default();
    Some(Config { data: entries, ..written })
}

/// ConfigMaps whose entries the operator sets otherwise.
fn overridden(items: &ServingItems) -> Vec<ObjectRemark> {
    let mut remarks = Vec::new();
    for (name, configs) in
        [("config-domain", &items.config_domain), ("config-network", &items.config_network)]
    {
        let set = operator(items).and_then(|operator| operator.entries(name));
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

/// The namespace of Knative Serving.
const KNATIVE_NAMESPACE: &str = "knative-serving";

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
    items: &'a ServingItems,
    kserve: Release,
    whole_cluster: bool,
    assumed: Vec<String>,
    knative_assumed: Vec<String>,
}

impl<'a> Reconciler<'a> {
    fn endpoint(&self, service: &InferenceService, place: namespace::Resolved) -> Endpoint {
        let kind = EndpointKind::InferenceService;
        let mut endpoint = self.empty(kind, &service.metadata.name, place);
        endpoint.remarks.extend(misspelt(service));
        if let Some(admitted) = self.admit(service, &mut endpoint) {
            self.reconcile(service, &admitted, &mut endpoint);
        }
        endpoint.remarks.extend(status_url(&service.status.url, endpoint.url.as_deref()));
        endpoint.exposure = exposure(&endpoint);
        endpoint
    }

    fn empty(&self, kind: EndpointKind, name: &str, place: namespace::Resolved) -> Endpoint {
        Endpoint {
            kind,
            calls: None,
            namespace: place.namespace,
            name: name.to_owned(),
            mode: None,
            mode_word: None,
            url: None,
            address: None,
            components: Vec::new(),
            routes: Vec::new(),
            exposure: Exposure::None,
            assumed: place.assumed.into_iter().chain(self.assumed.iter().cloned()).collect(),
            remarks: place.remark.into_iter().collect(),
        }
    }

    /// What a graph is reconciled to.
    fn graph(
        &self,
        graph: &InferenceGraph,
        place: namespace::Resolved,
        addresses: &Addresses,
    ) -> Endpoint {
        let mut endpoint = self.empty(EndpointKind::InferenceGraph, &graph.metadata.name, place);
        let refusals = graph.refusals();
        if !refusals.is_empty() {
            endpoint.remarks.extend(refusals.into_iter().map(Remark::from));
            return endpoint;
        }
        let default = match &self.config.default_mode {
            Ok(default) => *default,
            Err(error) => {
                endpoint.remarks.push(Remark::NothingReconciled(error.clone()));
                return endpoint;
            }
        };
        let mode = graph.mode(default, self.kserve);
        endpoint.mode = Some(mode);
        endpoint.mode_word = Some(mode.as_str(self.kserve));
        if is_stopped(&graph.metadata.annotations, self.kserve) {
            endpoint.remarks.push(Remark::Stopped);
            return endpoint;
        }
        let calls = graph.calls();
        let waits = calls.services.iter().find_map(|service| {
            let is_absent = match addresses.get(&endpoint.namespace, service) {
                Some(true) => return None,
                Some(false) => false,
                None if self.whole_cluster => true,
                None => return None,
            };
            Some(Remark::GraphWaits { service: service.clone(), is_absent })
        });
        endpoint.calls = Some(calls);
        if let Some(waits) = waits {
            endpoint.remarks.push(waits);
            return endpoint;
        }
        let reconciled = if mode == DeploymentMode::Standard {
            graph.of_standard(&endpoint.namespace, self.config, CLUSTER_LOCAL_DOMAIN)
        } else {
            endpoint.assumed.extend(self.knative_assumed.iter().cloned());
            graph.of_knative(&endpoint.namespace, &self.knative())
        };
        endpoint.take(reconciled);
        endpoint.exposure = exposure(&endpoint);
        endpoint
    }

    /// What an `LLMInferenceService` is reconciled to.
    fn llm(&self, service: &LlmInferenceService, place: namespace::Resolved) -> Endpoint {
        let kind = EndpointKind::LlmInferenceService;
        let mut endpoint = self.empty(kind, &service.metadata.name, place);
        if is_stopped(&service.metadata.annotations, self.kserve) {
            endpoint.remarks.push(Remark::Stopped);
            return endpoint;
        }
        let settings = self.config.ingress.as_ref().ok();
        endpoint.take(service.reconcile(&endpoint.namespace, settings));
        endpoint.exposure = exposure(&endpoint);
        endpoint
    }

    /// What leads to the hosts of an object that `KServe` does not reconcile.
    fn written(&self, kind: EndpointKind, one: &Written, place: namespace::Resolved) -> Endpoint {
        let mut endpoint = self.empty(kind, &one.metadata.name, place);
        endpoint.assumed.clear();
        endpoint.mode_word = Some(kind.as_str());
        endpoint.take(one.reconcile(kind, &endpoint.namespace, &self.knative()));
        endpoint.exposure = exposure(&endpoint);
        endpoint
    }

    fn knative(&self) -> Knative<'_> {
        Knative {
            domain: self.domain,
            network: self.network,
            settings: self.config.ingress.as_ref().ok(),
            config: self.config,
            kserve: self.kserve,
        }
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
        if !self.has_runtime(service, endpoint) {
            return None;
        }
        if let Err(error) = &self.config.ingress {
            endpoint.remarks.push(Remark::NoUrl(error.clone()));
        }
        (!resolved.refused).then_some(Admitted { mode: resolved.mode, annotations, passed_on })
    }

    /// The runtime among the objects that takes the service's model.
    fn runtime(&self, service: &InferenceService, namespace: &str) -> Option<&'a ServingRuntime> {
        let predictor = &service.spec.predictor;
        let model = predictor.defaulted_model()?;
        let runtimes: &'a Runtimes = &self.items.runtimes;
        match runtimes.select(&model, namespace, predictor.worker_spec.is_some()) {
            Selection::Runtime(runtime) => Some(runtime),
            Selection::Elsewhere | Selection::Refused(_) => None,
        }
    }

    /// The labels of a namespace, where it is among the objects. Kubeflow labels those of Profiles
    /// itself.
    fn namespace_labels(&self, namespace: &str) -> Option<&'a BTreeMap<String, String>> {
        let items: &'a ServingItems = self.items;
        items.namespaces.get(namespace).filter(|_| !items.profiles.contains(namespace))
    }

    /// Whether a runtime takes the service's model, as far as the objects tell.
    fn has_runtime(&self, service: &InferenceService, endpoint: &mut Endpoint) -> bool {
        let predictor = &service.spec.predictor;
        let Some(model) = predictor.defaulted_model() else { return true };
        let multi_node = predictor.worker_spec.is_some();
        match self.items.runtimes.select(&model, &endpoint.namespace, multi_node) {
            Selection::Runtime(_) => true,
            Selection::Elsewhere if self.whole_cluster => {
                let refusal = match model.runtime {
                    Some(name) => RuntimeRefusal::NamedAbsent { runtime: name.to_owned() },
                    None => RuntimeRefusal::NoneForFormat { format: model.format.to_owned() },
                };
                endpoint.remarks.push(Remark::RuntimeRefused(refusal));
                false
            }
            Selection::Elsewhere => {
                let unserved = stock_runtimes::check(service, self.kserve);
                endpoint.remarks.extend(unserved.map(Remark::from));
                true
            }
            Selection::Refused(refusal) => {
                endpoint.remarks.push(Remark::RuntimeRefused(refusal));
                false
            }
        }
    }

    /// Adds what the mode reconciles the service to.
    fn reconcile(&self, service: &InferenceService, admitted: &Admitted, endpoint: &mut Endpoint) {
        let settings = self.config.ingress.as_ref().ok();
        let reconciled = if admitted.mode == DeploymentMode::Knative {
            if self.domain.is_err() || self.network.is_err() {
                endpoint.remarks.push(Remark::KnativeConfigRefused);
            }
            let annotations = &admitted.passed_on;
            knative_mode::reconcile(service, &endpoint.namespace, annotations, &self.knative())
        } else {
            let standard = Standard { settings, config: self.config, kserve: self.kserve };
            let annotations = &admitted.annotations;
            standard_mode::reconcile(service, &endpoint.namespace, annotations, &standard)
        };
        endpoint.take(reconciled);
        for (component, spec) in service.components() {
            for one in endpoint.components.iter_mut().filter(|one| one.component == component) {
                let of = PodsOf {
                    service,
                    component,
                    spec,
                    runtime: self.runtime(service, &endpoint.namespace),
                    namespace: self.namespace_labels(&endpoint.namespace),
                };
                one.pods = of.pods();
            }
        }
    }
}

/// Which services get an address.
struct Addresses(BTreeMap<String, BTreeMap<String, bool>>);

impl Addresses {
    fn of(endpoints: &[Endpoint]) -> Self {
        let mut all: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();
        for one in endpoints {
            // The cluster's own controller gives a service of ModelMesh its address.
            let has = one.address.is_some() || one.mode == Some(DeploymentMode::ModelMesh);
            all.entry(one.namespace.clone()).or_default().insert(one.name.clone(), has);
        }
        Self(all)
    }

    fn get(&self, namespace: &str, service: &str) -> Option<bool> {
        self.0.get(namespace)?.get(service).copied()
    }
}

impl Endpoint {
    fn take(&mut self, reconciled: Reconciled) {
        let Reconciled { url, address, components, routes, remarks, assumed } = reconciled;
        self.url = url;
        self.address = address;
        self.components = components;
        self.routes = routes;
        self.remarks.extend(remarks);
        self.assumed.extend(assumed);
    }
}

/// Whether the status of an exported service has another host than the manifests give.
fn status_url(found: &str, given: Option<&str>) -> Option<Remark> {
    let host = |url: &str| {
        let (_, rest) = url.split_once("://")?;
        Some(rest.split(['/', ':']).next().unwrap_or(rest).to_ascii_lowercase())
    };
    let given = given?;
    (host(found)? != host(given)?)
        .then(|| Remark::StatusUrl { found: found.to_owned(), given: given.to_owned() })
}

fn exposure(endpoint: &Endpoint) -> Exposure {
    if endpoint.routes.iter().any(|route| route.public) {
        Exposure::Public
    } else if !endpoint.routes.is_empty() || endpoint.address.is_some() {
        Exposure::ClusterLocal
    } else {
        Exposure::None
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
