//! The objects of a package, as far as the serving model reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};

use super::endpoint::EndpointKind;
use super::inference_graph::InferenceGraph;
use super::inference_service::{Container, InferenceService};
use super::ingress_settings::IngressSettings;
use super::llm::LlmInferenceService;
use super::remark::{ObjectFact, ObjectRemark};
use super::runtimes::{Runtimes, ServingRuntime};
use super::scalar::Scalar;
use super::versions::{NEWEST_KSERVE, of_controller_image};
use super::written::{Written, kind_of};
use crate::controllers::gateway_api::{Gateway, Gateways};
use crate::controllers::knative::{EXAMPLE_KEY, KnativeServing};
use crate::go::json::GoFields;
use crate::values::k8s::{ObjectMeta, ResourceRef, empty_if_null, group_and_version};
use crate::values::release::Release;

/// A ConfigMap that the controllers read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Config {
    pub(super) namespace: Option<String>,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) data: BTreeMap<String, String>,
}

/// What the serving model needs of the items. Add each item, in any order; the model does not
/// depend on it.
#[derive(Debug, Clone, Default)]
pub struct ServingItems {
    pub(super) services: Vec<InferenceService>,
    pub(super) graphs: Vec<InferenceGraph>,
    pub(super) llm_services: Vec<LlmInferenceService>,
    /// The configurations under them.
    pub(super) llm_configs: Vec<LlmInferenceService>,
    /// Of the Gateway API, by namespace and name.
    pub(super) gateways: Gateways,
    /// What names hosts and is not `KServe`'s.
    pub(super) written: Vec<(EndpointKind, Written)>,
    pub(super) config_domain: Vec<Config>,
    pub(super) config_network: Vec<Config>,
    pub(super) kserve_config: Vec<Config>,
    pub(super) operators: Vec<KnativeServing>,
    pub(super) profiles: BTreeSet<String>,
    /// The labels of the Namespaces, by name.
    pub(super) namespaces: BTreeMap<String, BTreeMap<String, String>>,
    pub(super) runtimes: Runtimes,
    pub(super) kserve_images: BTreeSet<(Release, String)>,
    pub(super) remarks: Vec<ObjectRemark>,
}

/// The namespace of Knative Serving.
pub(super) const KNATIVE_NAMESPACE: &str = "knative-serving";

/// The group, and the one of `KFServing`, which it was until 0.7.
const API_GROUPS: [&str; 2] = ["serving.kserve.io", "serving.kubeflow.org"];

impl ServingItems {
    /// Whether [`ServingItems::add`] looks at items of this kind.
    #[must_use]
    pub(crate) fn reads(api_version: &str, kind: &str) -> bool {
        let (group, _) = group_and_version(api_version);
        match kind {
            "ConfigMap" | "Namespace" => api_version == "v1",
            "Profile" => group == "kubeflow.org",
            "Gateway" => group == "gateway.networking.k8s.io",
            "KnativeServing" => group == "operator.knative.dev",
            "Deployment" | "StatefulSet" => group == "apps",
            "InferenceService"
            | "InferenceGraph"
            | "LLMInferenceService"
            | "LLMInferenceServiceConfig"
            | "ServingRuntime"
            | "ClusterServingRuntime" => API_GROUPS.contains(&group),
            _ => kind_of(api_version, kind).is_some(),
        }
    }

    /// Adds an item. Items that the model does not read are ignored without a look.
    ///
    /// # Errors
    /// Those of the deserializer, for an item that is not what its kind says; give them to
    /// [`ServingItems::unreadable`].
    pub fn add<'de, D: Deserializer<'de>>(
        &mut self,
        api_version: &str,
        kind: &str,
        item: D,
    ) -> Result<(), D::Error> {
        self.add_from(api_version, kind, Through(item, PhantomData))
    }

    /// [`ServingItems::add`] from a source that reads in its own way.
    ///
    /// # Errors
    /// As [`ServingItems::add`].
    pub(crate) fn add_from<S: ObjectSource>(
        &mut self,
        api_version: &str,
        kind: &str,
        item: S,
    ) -> Result<(), S::Error> {
        if !Self::reads(api_version, kind) {
            return Ok(());
        }
        if let Some(kind) = kind_of(api_version, kind) {
            let written: Written = item.read()?;
            if !written.has_owner() {
                self.written.push((kind, written));
            }
            return Ok(());
        }
        match kind {
            "InferenceService" if api_version == "serving.kserve.io/v1beta1" => {
                self.services.push(item.read()?);
            }
            "InferenceGraph" => self.graphs.push(item.read()?),
            "LLMInferenceService" => {
                self.llm_services.push(item.read::<LlmInferenceService>()?.defaulted());
            }
            "LLMInferenceServiceConfig" => {
                self.llm_configs.push(item.read::<LlmInferenceService>()?.defaulted());
            }
            "InferenceService" => {
                let resource = item.read::<Named>()?.resource(api_version, kind);
                self.remarks.push(ObjectRemark { resource, fact: ObjectFact::OtherVersion });
            }
            "ServingRuntime" | "ClusterServingRuntime" => {
                self.runtimes.add(kind, item.read::<ServingRuntime>()?);
            }
            "ConfigMap" => {
                let map = item.read()?;
                self.add_config(map);
            }
            "Namespace" => {
                let ObjectMeta { name, labels, .. } = item.read::<Named>()?.metadata;
                self.namespaces.insert(name, labels);
            }
            "KnativeServing" => self.operators.push(item.read()?),
            "Gateway" => {
                let gateway: Gateway = item.read()?;
                let namespace = gateway.metadata.namespace.clone().unwrap_or_default();
                self.gateways.insert((namespace, gateway.metadata.name.clone()), gateway);
            }
            "Profile" => {
                self.profiles.insert(item.read::<Named>()?.metadata.name);
            }
            _ => {
                let workload = item.read::<Workload>()?;
                for container in workload.spec.template.spec.containers {
                    if let Some(release) =
                        of_controller_image(&container.image, "kserve-controller")
                    {
                        self.kserve_images.insert((release, format!("image {}", container.image)));
                    }
                }
            }
        }
        Ok(())
    }

    /// Notes an item that [`ServingItems::add`] could not read.
    pub fn unreadable(&mut self, resource: &ResourceRef, error: &dyn fmt::Display) {
        let fact = ObjectFact::Unreadable(error.to_string());
        self.remarks.push(ObjectRemark { resource: resource.clone(), fact });
    }

    /// Puts other services in place of the objects' own.
    pub(crate) fn replace_services(
        &mut self,
        services: impl IntoIterator<Item = InferenceService>,
    ) {
        self.services = services.into_iter().collect();
        self.graphs.clear();
        self.llm_services.clear();
        self.written.clear();
    }

    /// Whether `config-domain` is among the items, or the operator sets it.
    #[must_use]
    pub(crate) fn have_config_domain(&self) -> bool {
        let set = self.operators.iter().any(|one| one.key("config-domain").is_some());
        set || !self.config_domain.is_empty()
    }

    /// The domains that the objects serve under, where they say so: those of `config-domain`, of
    /// `ingressDomain` and of `additionalIngressDomains`. Empty without a `config-domain`.
    #[must_use]
    pub fn domains(&self) -> BTreeSet<String> {
        let mut domains = BTreeSet::new();
        for one in &self.config_domain {
            domains.extend(one.data.keys().cloned());
        }
        for operator in &self.operators {
            domains.extend(
                operator.entries("config-domain").into_iter().flatten().map(|(key, _)| key),
            );
        }
        domains.remove(EXAMPLE_KEY);
        if domains.is_empty() {
            return domains;
        }
        for map in &self.kserve_config {
            let Some(text) = map.data.get("ingress") else { continue };
            if let Ok(settings) = IngressSettings::parse(text, NEWEST_KSERVE) {
                domains.insert(settings.ingress_domain);
                domains.extend(settings.additional_ingress_domains);
            }
        }
        domains
    }

    /// Puts another `data` into `config-domain`, as a rewrite would, so that a model of the items
    /// decides the hosts. Its release's label stays. `None` is a removal.
    pub fn replace_config_domain(&mut self, data: Option<&BTreeMap<String, String>>) {
        if self.operators.iter().all(|one| is_apart(one, &self.config_domain)) {
            return replace(&mut self.config_domain, data);
        }
        self.operators.iter_mut().for_each(|one| one.replace("config-domain", data));
    }

    /// The same for `config-network`.
    pub(crate) fn replace_config_network(&mut self, data: Option<&BTreeMap<String, String>>) {
        if self.operators.iter().all(|one| is_apart(one, &self.config_network)) {
            return replace(&mut self.config_network, data);
        }
        self.operators.iter_mut().for_each(|one| one.replace("config-network", data));
    }

    fn add_config(&mut self, map: ConfigMap) {
        let ConfigMap { metadata, data } = map;
        let place = match metadata.name.as_str() {
            "config-domain" => &mut self.config_domain,
            "config-network" => &mut self.config_network,
            "inferenceservice-config" => &mut self.kserve_config,
            _ => return,
        };
        let mut texts = BTreeMap::new();
        for (key, value) in data {
            if let Scalar::Text(text) = value {
                texts.insert(key, text);
            } else {
                let resource = ResourceRef {
                    api_version: "v1".to_owned(),
                    kind: "ConfigMap".to_owned(),
                    namespace: metadata.namespace.clone(),
                    name: metadata.name.clone(),
                };
                let fact = ObjectFact::ConfigValueNotText { key };
                self.remarks.push(ObjectRemark { resource, fact });
            }
        }
        if metadata.name == "inferenceservice-config" {
            self.kserve_images.extend(images_of_config(&texts));
        }
        place.push(Config { namespace: metadata.namespace, labels: metadata.labels, data: texts });
    }
}

/// Whether the operator writes into another namespace than that of Knative Serving, which has a ConfigMap of its
/// own (`InjectNamespace` in `pkg/reconciler/common/transformers.go` of knative/operator).
pub(super) fn is_apart(operator: &KnativeServing, configs: &[Config]) -> bool {
    let usual = Some(KNATIVE_NAMESPACE);
    operator.metadata.namespace.as_deref().is_some_and(|own| Some(own) != usual)
        && configs.iter().any(|config| config.namespace.as_deref() == usual)
}

fn replace(configs: &mut Vec<Config>, data: Option<&BTreeMap<String, String>>) {
    let Some(data) = data else { return configs.clear() };
    for config in configs.iter_mut() {
        config.data.clone_from(data);
    }
    if configs.is_empty() {
        configs.push(Config { data: data.clone(), ..Config::default() });
    }
}

/// What an object is read from: one reading of every type serves any deserializer.
pub(crate) trait ObjectSource {
    /// Why the object is not of a type.
    type Error;

    /// Reads the object as a type.
    ///
    /// # Errors
    /// Those of the deserializer.
    fn read<T: DeserializeOwned>(self) -> Result<T, Self::Error>;
}

struct Through<'de, D>(D, PhantomData<&'de ()>);

impl<'de, D: Deserializer<'de>> ObjectSource for Through<'de, D> {
    type Error = D::Error;

    fn read<T: DeserializeOwned>(self) -> Result<T, D::Error> {
        T::deserialize(self.0)
    }
}

/// The tags of the images that a release's own configuration names.
fn images_of_config(data: &BTreeMap<String, String>) -> Option<(Release, String)> {
    [("agent", "agent"), ("router", "router"), ("storageInitializer", "storage-initializer")]
        .into_iter()
        .find_map(|(key, name)| {
            let mut image = String::new();
            GoFields::of("v1beta1", key).field("image", &mut image).read(data.get(key)?).ok()?;
            let release = of_controller_image(&image, name)?;
            Some((release, format!("image {image} of inferenceservice-config")))
        })
}

#[derive(Deserialize)]
struct Named {
    #[serde(default, deserialize_with = "empty_if_null")]
    metadata: ObjectMeta,
}

impl Named {
    fn resource(self, api_version: &str, kind: &str) -> ResourceRef {
        ResourceRef {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            namespace: self.metadata.namespace,
            name: self.metadata.name,
        }
    }
}

#[derive(Deserialize)]
struct ConfigMap {
    #[serde(default, deserialize_with = "empty_if_null")]
    metadata: ObjectMeta,
    #[serde(default, deserialize_with = "empty_if_null")]
    data: BTreeMap<String, Scalar>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Workload {
    #[serde(deserialize_with = "empty_if_null")]
    spec: WorkloadSpec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WorkloadSpec {
    #[serde(deserialize_with = "empty_if_null")]
    template: PodTemplate,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PodTemplate {
    #[serde(deserialize_with = "empty_if_null")]
    spec: PodSpec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PodSpec {
    #[serde(deserialize_with = "empty_if_null")]
    containers: Vec<Container>,
}
