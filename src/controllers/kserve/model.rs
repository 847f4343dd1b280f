//! The serving model: every `InferenceService` of the objects with its hosts.

use std::collections::BTreeSet;

use super::collisions;
use super::endpoint::Endpoint;
use super::inference_service::InferenceService;
use super::ingress_settings::IngressSettings;
use super::installation::{Installation, overridden};
use super::items::ServingItems;
use super::namespace;
use super::options::ServingOptions;
use super::reconciler::{Addresses, Reconciler};
use super::remark::ObjectRemark;
use super::versions::Version;
use crate::values::k8s::ObjectMeta;
use crate::values::release::Release;

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
/// // Without a config-domain in the input, the stock one: a domain of the cluster alone.
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
    /// The class of Knative's Routes, as `config-network` gives it, or what the operator installs in the
    /// place of Istio; none where Knative refuses its configuration.
    pub knative_ingress_class: Option<String>,
    /// The settings of `KServe`'s routes; none where `KServe` refuses its configuration.
    pub(crate) settings: Option<IngressSettings>,
    /// The namespaces of Namespaces, Profiles and services.
    pub namespaces: BTreeSet<String>,
    /// What is not about one service: other kinds, unreadable items, refused installation.
    pub remarks: Vec<ObjectRemark>,
}

/// What reconciles one service of a model.
pub(crate) type Reconcile<'a> = &'a dyn Fn(&InferenceService) -> Endpoint;

impl ServingModel {
    /// Builds the model. It does not depend on the order of the objects.
    #[must_use]
    pub fn build(items: &ServingItems, options: &ServingOptions) -> Self {
        let services = &items.services;
        Self::of_each(items, options, &mut |_, endpoint| services.iter().map(endpoint).collect())
    }

    /// [`ServingModel::build`] of items that nobody reads afterwards: of thousands of services, which take as
    /// much as the model, each goes once it is reconciled.
    #[must_use]
    pub(crate) fn built_of(mut items: ServingItems, options: &ServingOptions) -> Self {
        let mut services = std::mem::take(&mut items.services);
        Self::of_each(&items, options, &mut |_, endpoint| {
            std::mem::take(&mut services).into_iter().map(|one| endpoint(&one)).collect()
        })
    }

    /// [`ServingModel::build`] with services that somebody else reads. Who does is given the release of `KServe` and
    /// what reconciles one service, and may take from each endpoint what the model need not keep.
    pub(crate) fn of_each(
        items: &ServingItems,
        options: &ServingOptions,
        services: &mut dyn FnMut(Release, Reconcile<'_>) -> Vec<Endpoint>,
    ) -> Self {
        let installation = Installation::of(items, options);
        let mut remarks = items.remarks.clone();
        remarks.extend(installation.remarks());
        remarks.extend(overridden(items));
        remarks
            .sort_by_cached_key(|remark| (remark.resource.clone(), format!("{:?}", remark.fact)));
        let reconciler = Reconciler {
            domain: installation.domain.as_ref().map_err(|_| ()),
            network: installation.network.as_ref().map_err(|_| ()),
            config: &installation.config,
            items,
            kserve: installation.kserve.release,
            routes_canaries: installation.kserve.routes_canaries(),
            knative: installation.knative.release,
            whole_cluster: options.whole_cluster,
            assumed: installation.assumed(),
            knative_assumed: installation.knative_assumed.clone(),
        };
        let place = |metadata: &ObjectMeta| {
            let config = options.namespace.as_deref();
            namespace::resolve(metadata.namespace.as_deref(), config, &items.profiles)
        };
        let mut endpoints = services(reconciler.kserve, &|service| {
            reconciler.endpoint(service, place(&service.metadata))
        });
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
        endpoints.sort_unstable_by(|left, right| {
            // Objects of one name are told apart by all that they hold, for an order of their own.
            let whole = |one: &Endpoint| format!("{one:?}");
            (&left.namespace, &left.name, left.kind)
                .cmp(&(&right.namespace, &right.name, right.kind))
                .then_with(|| whole(left).cmp(&whole(right)))
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
        let Installation { kserve, knative, ingress_class: knative_ingress_class, config, .. } =
            installation;
        let settings = config.ingress.ok();
        Self { endpoints, kserve, knative, knative_ingress_class, settings, namespaces, remarks }
    }
}
