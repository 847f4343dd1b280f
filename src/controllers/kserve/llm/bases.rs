//! The configurations under an `LLMInferenceService`.
//!
//! Source: `combineBaseRefsConfig`, `getConfig` and `mergeSpecs` in `config_merge.go` of 0.20.0: the later of
//! `baseRefs` over the earlier, and the service over all of them. What they say of the pods themselves is read
//! from the configurations, each in its own place.

use std::borrow::Cow;

use super::spec::{
    LlmInferenceService, LlmModel, LlmSpec, Lora, Parallelism, Router, RouterRoute, WorkloadSpec,
};
use super::workloads::WrittenRoute;
use crate::controllers::gateway_api::{PathMatch, RouteMatch, RouteRule, RouteSpec};
use crate::controllers::kserve::inference_service::ComponentSpec;

/// Where the configurations are that every namespace has.
const KSERVE_NAMESPACE: &str = "kserve";

impl LlmInferenceService {
    /// With what the API server writes where it is absent: a route of its own without rules takes every path and
    /// has no backend (`default` of `rules` in the `CustomResourceDefinition`s).
    #[must_use]
    pub(in crate::controllers::kserve) fn defaulted(mut self) -> Self {
        let router = self.spec.router.as_mut();
        let spec = router.and_then(|router| router.route.as_mut()?.http.spec.as_mut());
        if let Some(spec) = spec.filter(|spec| spec.rules.is_empty()) {
            let path =
                PathMatch { kind: Some("PathPrefix".to_owned()), value: Some("/".to_owned()) };
            let matches = vec![RouteMatch { path: Some(path), ..RouteMatch::default() }];
            spec.rules.push(RouteRule { matches, ..RouteRule::default() });
        }
        self
    }

    /// The service over its configurations, and those that are absent, which may set a route.
    pub(in crate::controllers::kserve) fn combined<'s>(
        &'s self,
        namespace: &str,
        configs: &[Self],
    ) -> (Cow<'s, Self>, Vec<WrittenRoute>) {
        let mut under = LlmSpec::default();
        let mut absent = Vec::new();
        for (index, base) in self.spec.bases.iter().enumerate() {
            match config(configs, namespace, &base.name) {
                Some(config) => under = config.spec.clone().over(under),
                None => absent.push(WrittenRoute {
                    kind: "LLMInferenceServiceConfig",
                    namespace: namespace.to_owned(),
                    name: base.name.clone(),
                    field: format!("spec.baseRefs[{index}]"),
                }),
            }
        }
        if absent.len() == self.spec.bases.len() {
            return (Cow::Borrowed(self), absent);
        }
        // That of a configuration stays: the webhook may have written the service's own.
        let name = under.model.name.clone();
        let mut spec = self.spec.clone().over(under);
        spec.model.name = name.or(spec.model.name);
        (Cow::Owned(Self { spec, ..self.clone() }), absent)
    }
}

/// That of the service's namespace, or of `KServe`'s; one without a namespace may be in either.
fn config<'c>(
    configs: &'c [LlmInferenceService],
    namespace: &str,
    name: &str,
) -> Option<&'c LlmInferenceService> {
    let places = [Some(namespace), None, Some(KSERVE_NAMESPACE)];
    let place = |one: &&LlmInferenceService| {
        let own = one.metadata.namespace.as_deref();
        places.iter().position(|place| *place == own)
    };
    let named = configs.iter().filter(|one| one.metadata.name == name);
    named.filter(|one| place(one).is_some()).min_by_key(place)
}

impl LlmSpec {
    fn over(self, under: Self) -> Self {
        let Self { model, router, workload, prefill, bases } = self;
        Self {
            model: LlmModel {
                name: model.name.or(under.model.name),
                lora: both(model.lora, under.model.lora, |own, under| Lora {
                    adapters: filled(own.adapters, under.adapters),
                }),
            },
            router: both(router, under.router, Router::over),
            workload: workload.over(&under.workload),
            prefill: match (prefill, under.prefill) {
                (own, Some(under)) => Some(own.unwrap_or_default().over(&under)),
                (own, None) => own,
            },
            bases,
        }
    }
}

impl WorkloadSpec {
    fn over(self, under: &Self) -> Self {
        let mut labels = under.labels.clone();
        labels.extend(self.labels);
        let mut annotations = under.annotations.clone();
        annotations.extend(self.annotations);
        let parallelism =
            both(self.parallelism, under.parallelism.clone(), |own, under| Parallelism {
                pipeline: own.pipeline.or(under.pipeline),
                data: own.data.or(under.data),
                data_local: own.data_local.or(under.data_local),
            });
        Self {
            has_base_template: under.has_base_template
                || under.template != ComponentSpec::default(),
            template: self.template,
            labels,
            annotations,
            worker: self.worker.or_else(|| under.worker.as_ref().map(|_| ComponentSpec::default())),
            parallelism,
        }
    }
}

impl Router {
    fn over(self, under: Self) -> Self {
        Self {
            route: both(self.route, under.route, RouterRoute::over),
            gateway: both(self.gateway, under.gateway, |mut own, under| {
                own.refs = filled(own.refs, under.refs);
                own
            }),
            ingress: both(self.ingress, under.ingress, |mut own, under| {
                own.refs = filled(own.refs, under.refs);
                own
            }),
            scheduler: both(self.scheduler, under.scheduler, |own, under| {
                if own.pool.reference.name.is_empty() { under } else { own }
            }),
        }
    }
}

impl RouterRoute {
    fn over(mut self, under: Self) -> Self {
        self.http.refs = filled(self.http.refs, under.http.refs);
        self.http.spec = both(self.http.spec, under.http.spec, |own, under| RouteSpec {
            hostnames: filled(own.hostnames, under.hostnames),
            parent_refs: filled(own.parent_refs, under.parent_refs),
            rules: filled(own.rules, under.rules),
        });
        self
    }
}

/// What both set is joined; otherwise whichever is there.
fn both<T>(own: Option<T>, under: Option<T>, join: impl FnOnce(T, T) -> T) -> Option<T> {
    match (own, under) {
        (Some(own), Some(under)) => Some(join(own, under)),
        (own, under) => own.or(under),
    }
}

/// A list takes the other's place as a whole; an empty one is none.
fn filled<T>(own: Vec<T>, under: Vec<T>) -> Vec<T> {
    if own.is_empty() { under } else { own }
}
