//! An `LLMInferenceService`: its route, its URL and its workloads.
//!
//! Source: `pkg/controller/v1alpha2/llmisvc/{router,workload,workload_single_node,config_merge}.go` and
//! the template `config/llmisvcconfig/config-llm-router-route.yaml` of 0.20.0: one `HTTPRoute` under
//! `/NAMESPACE/NAME`, without hosts of its own unless they are written.

mod bases;
mod refusal;
mod rules;
mod spec;
mod surroundings;
#[cfg(test)]
mod tests;
mod urls;
mod workloads;

pub(crate) use self::spec::LlmInferenceService;
use self::spec::Router;
pub(super) use self::surroundings::Surroundings;
use self::urls::{Parent, RouteUrls};
pub use self::workloads::LlmWorkloads;
pub(crate) use self::workloads::{WrittenRoute, pods_of_base};
use super::endpoint::{HostRule, RouteKind, ServingRoute};
use super::ingress_settings::IngressSettings;
use super::reconciled::Reconciled;
use super::remark::Remark;
use crate::controllers::gateway_api::{ParentReference, RouteSpec};
use crate::controllers::knative::child_name;

impl LlmInferenceService {
    /// What runs it, its route and its URL.
    pub(super) fn reconcile(
        &self,
        namespace: &str,
        around: &Surroundings<'_>,
    ) -> (LlmWorkloads, Reconciled) {
        let mut reconciled = Reconciled::default();
        let mut workloads =
            workloads::of((namespace, &self.metadata.name), &self.spec, around.namespace);
        let Some(router) = &self.spec.router else { return (workloads, reconciled) };
        let Some(route) = router.route.as_ref().filter(|route| route.http.refs.is_empty()) else {
            return (workloads, reconciled);
        };
        let none = RouteSpec::default();
        let spec = route.http.spec.as_ref().unwrap_or(&none);
        let parents = Self::parents(router, spec, namespace, around.settings);
        if around.whole_cluster
            && !parents.iter().all(|one| around.gateways.contains_key(&one.place))
        {
            // The controller goes no further than the pods before each Gateway is there.
            workloads.scheduler = None;
            workloads.is_without_gateway = true;
            return (workloads, reconciled);
        }
        let name = &self.metadata.name;
        let urls = RouteUrls { namespace, name, spec };
        reconciled.url = urls.of(&parents, around.gateways);
        if reconciled.url.is_none() {
            reconciled.remarks.push(Remark::HostOfGateway(urls.path()));
        }
        workloads.rules = if spec.rules.is_empty() {
            let own = parents.iter().filter_map(|one| around.gateways.get(&one.place));
            rules::of(self, namespace, router, around, own)
        } else {
            spec.rules.clone()
        };
        workloads.listener_hosts = urls.listener_hosts(&parents, around.gateways);
        if !workloads.is_forwarded_to() {
            reconciled.remarks.push(Remark::RouteWithoutBackend);
        }
        let backend = if workloads.is_forwarded_to() { workloads.service.as_str() } else { "" };
        let rule = |host: &str| HostRule { host: host.to_owned(), backend: backend.into() };
        reconciled.routes.push(ServingRoute {
            kind: RouteKind::HttpRoute,
            name: child_name(name, "-kserve-route"),
            public: true,
            gateways: parents
                .iter()
                .map(|Parent { place: (namespace, name), .. }| format!("{namespace}/{name}"))
                .collect(),
            rules: urls.hosts(&spec.hostnames).map(rule).collect(),
        });
        (workloads, reconciled)
    }

    /// The Gateways of the route: those that are named, or the one of the configuration.
    fn parents<'a>(
        router: &'a Router,
        spec: &'a RouteSpec,
        namespace: &str,
        settings: &IngressSettings,
    ) -> Vec<Parent<'a>> {
        let named: Vec<_> = router.gateway.iter().flat_map(|gateway| &gateway.refs).collect();
        let written = if named.is_empty() { spec.parent_refs.iter().collect() } else { named };
        if written.is_empty() {
            // `NewConfig` in `config_loader.go`: a name alone is that of a Gateway in KServe's namespace.
            let configured = settings.kserve_ingress_gateway.as_str();
            let (namespace, name) = configured.split_once('/').unwrap_or(("kserve", configured));
            let place = (namespace.to_owned(), name.to_owned());
            return vec![Parent { place, section: None }];
        }
        let parent = |one: &'a ParentReference| {
            let given = one.namespace.as_deref().filter(|one| !one.is_empty());
            let place = (given.unwrap_or(namespace).to_owned(), one.name.clone());
            Parent { place, section: one.section_name.as_deref() }
        };
        written.into_iter().map(parent).collect()
    }
}
