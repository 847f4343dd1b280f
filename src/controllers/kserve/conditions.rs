//! The conditions of a status, once whoever else acts in the cluster has done so: Deployments are available,
//! Knative's Routes serve, Gateways take the routes.
//!
//! Sources: `Reconcile` in `pkg/controller/v1beta1/inferenceservice/controller.go`, `inference_service_status.go`
//! in `pkg/apis/serving/v1beta1`, `reconcilers/ingress` and `components`; `pkg/controller/v1alpha1/inferencegraph`;
//! `pkg/apis/serving/v1alpha2/llm_inference_service_lifecycle.go`, of 0.20.0.

use std::collections::BTreeMap;

use super::endpoint::{Endpoint, EndpointKind, GatewayApi, RouteKind};
use super::inference_service::Component;
use super::mode::DeploymentMode;
use super::model::ServingModel;
use super::remark::{KnativeRemark, Remark, StandardRemark};
use crate::values::release::Release;

/// From here on the status has conditions before anything is created, and one that the service is not stopped.
const INITIALIZED: Release = Release::new(0, 16, 0);

/// The status of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub enum ConditionStatus {
    /// It holds.
    True,
    /// It does not.
    False,
    /// The controller never comes to say so.
    Unknown,
}

use ConditionStatus::{False, True, Unknown};

/// By type.
type Conditions = BTreeMap<&'static str, ConditionStatus>;

impl ServingModel {
    /// The conditions of an endpoint of the model, by type; none where the controller writes no status.
    #[must_use]
    pub fn conditions(&self, endpoint: &Endpoint) -> Conditions {
        let mut conditions = match endpoint.kind {
            EndpointKind::InferenceService => endpoint.conditions_of_service(self.kserve.release),
            EndpointKind::InferenceGraph => endpoint.conditions_of_graph(self.kserve.release),
            EndpointKind::LlmInferenceService => endpoint.conditions_of_llm(),
            _ => Conditions::new(),
        };
        if let Some(ready) = ready(&conditions, endpoint.kind) {
            conditions.insert("Ready", ready);
        }
        conditions
    }
}

/// That of a living set of conditions (`knative.dev/pkg/apis/condition_set.go`), which is there from the first of those
/// that it depends on.
fn ready(conditions: &Conditions, kind: EndpointKind) -> Option<ConditionStatus> {
    let own: &[&str] = match kind {
        _ if conditions.is_empty() => return None,
        EndpointKind::InferenceService => &["PredictorReady", "IngressReady"],
        EndpointKind::InferenceGraph if conditions.get("Stopped") == Some(&True) => {
            return Some(False);
        }
        EndpointKind::InferenceGraph => &["RoutesReady"],
        _ => &["RouterReady", "WorkloadsReady", "PresetsCombined"],
    };
    let all = || own.iter().filter_map(|kind| conditions.get(kind));
    match () {
        () if all().any(|one| *one == False) => Some(False),
        () if all().any(|one| *one == Unknown) => Some(Unknown),
        () if kind == EndpointKind::InferenceService && all().next().is_none() => None,
        () => Some(True),
    }
}

/// The conditions of a component: its own, its Route's and its Configuration's.
fn of_component(component: Component) -> [&'static str; 3] {
    match component {
        Component::Predictor => {
            ["PredictorReady", "PredictorRouteReady", "PredictorConfigurationReady"]
        }
        Component::Transformer => {
            ["TransformerReady", "TransformerRouteReady", "TransformerConfigurationReady"]
        }
        Component::Explainer => {
            ["ExplainerReady", "ExplainerRoutesReady", "ExplainerConfigurationReady"]
        }
    }
}

impl Endpoint {
    fn has(&self, is: impl Fn(&Remark) -> bool) -> bool {
        self.remarks.iter().any(is)
    }

    fn is_stopped(&self) -> bool {
        self.has(|remark| matches!(remark, Remark::Stopped))
    }

    /// Whether nothing is reconciled, or nothing of it written.
    fn is_without_status(&self) -> bool {
        self.has(|remark| remark.is_refusal() || matches!(remark, Remark::NothingReconciled(_)))
    }

    /// The kinds of its components.
    fn parts(&self) -> impl Iterator<Item = Component> {
        let transformer = self.progress.has_transformer.then_some(Component::Transformer);
        let explainer = self.progress.has_explainer.then_some(Component::Explainer);
        std::iter::once(Component::Predictor).chain(transformer).chain(explainer)
    }

    fn conditions_of_service(&self, kserve: Release) -> Conditions {
        let is_knative = self.mode == Some(DeploymentMode::Knative);
        let has_runtime = !self.has(|remark| matches!(remark, Remark::RuntimeRefused(_)));
        let fails =
            self.progress.failed.is_some() || self.progress.is_canary_failed || !has_runtime;
        // The configuration of routes is read behind the components, and nothing is written then.
        let is_unwritten = is_knative && self.has(|remark| matches!(remark, Remark::NoUrl(_)));
        let is_of_others = self.mode == Some(DeploymentMode::ModelMesh);
        let bad_url = self.has(is_bad_url);
        // What has no route has its URL in the first round already, and never a status.
        let is_never_written = bad_url && !is_knative && self.routes.is_empty();
        let has_no_status = self.is_without_status()
            || is_of_others
            || (is_unwritten && !fails)
            || is_never_written;
        if has_no_status {
            return Conditions::new();
        }
        if self.is_stopped() && !fails {
            return self.conditions_of_stopped(is_knative);
        }
        let mut conditions = Conditions::new();
        if kserve >= INITIALIZED {
            conditions.extend([("PredictorReady", Unknown), ("IngressReady", Unknown)]);
        }
        if bad_url {
            return self.conditions_of_bad_url(conditions, kserve);
        }
        self.add_components(&mut conditions);
        // They come right behind the predictor, whatever fails later.
        if !self.canaries.is_empty() && !self.progress.is_canary_failed && has_runtime {
            let is_ready = self.canaries.iter().all(|one| one.is_ready);
            conditions.insert("CanaryPredictorReady", if is_ready { True } else { False });
        }
        if let Some(failed) = self.progress.failed.filter(|_| kserve >= INITIALIZED) {
            conditions.insert(of_component(failed)[0], False);
        }
        if fails {
            return conditions;
        }
        if kserve >= INITIALIZED {
            conditions.insert("Stopped", False);
        }
        if is_knative {
            let kinds = |place: usize| self.parts().map(move |one| of_component(one)[place]);
            let routes = together(&conditions, kinds(1));
            let configurations = together(&conditions, kinds(2));
            conditions.extend([("RoutesReady", routes), ("LatestDeploymentReady", configurations)]);
        }
        conditions.insert("IngressReady", self.ingress(&conditions));
        // The second round changes the percentage, which Knative refuses then.
        for remark in &self.remarks {
            if let Remark::Knative(KnativeRemark::CanaryPercent { component, .. }) = remark {
                conditions.insert(of_component(*component)[0], False);
            }
        }
        conditions
    }

    /// The conditions of the components that are there.
    fn add_components(&self, conditions: &mut Conditions) {
        let is_knative = self.mode == Some(DeploymentMode::Knative);
        for component in &self.components {
            let [own, route, configuration] = of_component(component.component);
            if is_knative && !component.stopped {
                let is_routed = if component.host.is_some() { True } else { False };
                conditions.extend([(own, is_routed), (route, is_routed), (configuration, True)]);
            } else if !is_knative {
                conditions.insert(own, if component.stopped { False } else { True });
            }
        }
    }

    /// What the routes come to.
    fn ingress(&self, conditions: &Conditions) -> ConditionStatus {
        let is_knative = self.mode == Some(DeploymentMode::Knative);
        let parts = self.parts();
        let not_ready = parts
            .map(|one| conditions.get(of_component(one)[0]).copied().unwrap_or(Unknown))
            .find(|one| *one != True);
        match (self.url.is_some(), not_ready) {
            // Without a Service to name, its address is an error; without routes of the Gateway API, behind the condition.
            (true, _)
                if !is_knative
                    && self.address.is_none()
                    && self.progress.gateway_api != GatewayApi::Inside =>
            {
                Unknown
            }
            (true, _) => True,
            (false, Some(status)) if is_knative => status,
            // In the first round nothing is ready, and of that the condition is left.
            (false, None) if is_knative => Unknown,
            (false, _) => False,
        }
    }

    fn conditions_of_stopped(&self, is_knative: bool) -> Conditions {
        let parts = self.parts().map(|one| (of_component(one)[0], False));
        let mut conditions: Conditions = parts.chain([("Stopped", True)]).collect();
        if is_knative || self.progress.gateway_api == GatewayApi::Routed {
            conditions.insert("IngressReady", False);
        }
        if self.progress.has_canaries {
            conditions.insert("CanaryPredictorReady", False);
        }
        conditions
    }

    /// A status with a URL that cannot be read is not written; the one before it is.
    fn conditions_of_bad_url(&self, mut conditions: Conditions, kserve: Release) -> Conditions {
        if kserve >= INITIALIZED {
            conditions.insert("Stopped", False);
        }
        if self.mode == Some(DeploymentMode::Knative) {
            conditions.extend([("RoutesReady", Unknown), ("LatestDeploymentReady", Unknown)]);
        } else {
            conditions.insert("IngressReady", False);
            conditions.extend(self.parts().map(|one| (of_component(one)[0], False)));
        }
        conditions
    }

    fn conditions_of_graph(&self, kserve: Release) -> Conditions {
        let is_standard = self.mode == Some(DeploymentMode::Standard);
        let waits = self.has(|remark| matches!(remark, Remark::GraphWaits { .. }));
        let is_stopped = self.is_stopped();
        let has_no_host = is_standard && self.address.is_none() && !is_stopped;
        if self.is_without_status() || waits || has_no_host {
            return Conditions::new();
        }
        let mut conditions = Conditions::new();
        if kserve >= INITIALIZED {
            conditions.insert("Stopped", if is_stopped { True } else { False });
        } else {
            conditions.insert("Ready", True);
        }
        if !is_standard && !is_stopped {
            let is_routed = self.routes.iter().any(|route| route.kind == RouteKind::Knative);
            let routes = if is_routed { True } else { False };
            conditions.extend([("RoutesReady", routes), ("ConfigurationsReady", True)]);
        }
        conditions
    }

    fn conditions_of_llm(&self) -> Conditions {
        if self.is_without_status() {
            return Conditions::new();
        }
        if self.has(|remark| matches!(remark, Remark::NoUrl(_))) {
            return Conditions::from([("RouterReady", Unknown), ("WorkloadsReady", Unknown)]);
        }
        let mut conditions = Conditions::from([("PresetsCombined", True)]);
        if self.is_stopped() {
            conditions.extend(OF_STOPPED_LLM.map(|kind| (kind, False)));
            if !self.progress.is_without_gateway {
                conditions.extend(OF_STOPPED_ROUTER.map(|kind| (kind, False)));
            }
            return conditions;
        }
        let Some(llm) = &self.llm else { return Conditions::new() };
        let router = if llm.is_without_gateway { False } else { True };
        conditions.extend([("WorkloadsReady", True), ("RouterReady", router)]);
        let is_routed = self.routes.iter().any(|route| route.kind == RouteKind::HttpRoute);
        if is_routed || llm.is_without_gateway {
            conditions.insert("HTTPRoutesReady", router);
        }
        let has_deployment = |end| llm.deployments.iter().any(|one| one.ends_with(end));
        for (kind, is_there) in [
            ("MainWorkloadReady", has_deployment("-kserve")),
            ("PrefillWorkloadReady", has_deployment("-kserve-prefill")),
            ("WorkerWorkloadReady", llm.has_worker),
            ("InferencePoolReady", llm.scheduler.is_some()),
            ("SchedulerWorkloadReady", llm.scheduler.is_some()),
            ("GatewaysReady", llm.names_gateways && !llm.is_without_gateway),
        ] {
            if is_there {
                conditions.insert(kind, True);
            }
        }
        conditions
    }
}

const OF_STOPPED_LLM: [&str; 7] = [
    "HTTPRoutesReady",
    "MainWorkloadReady",
    "PrefillWorkerWorkloadReady",
    "PrefillWorkloadReady",
    "RouterReady",
    "WorkerWorkloadReady",
    "WorkloadsReady",
];
/// The further conditions of a router whose Gateways are there.
const OF_STOPPED_ROUTER: [&str; 3] =
    ["GatewaysReady", "InferencePoolReady", "SchedulerWorkloadReady"];

fn is_bad_url(remark: &Remark) -> bool {
    matches!(
        remark,
        Remark::Standard(StandardRemark::UrlScheme(_))
            | Remark::Knative(KnativeRemark::UrlScheme(_))
    )
}

/// `PropagateCrossComponentStatus`: the last of the components that are not ready decides.
fn together(conditions: &Conditions, kinds: impl Iterator<Item = &'static str>) -> ConditionStatus {
    let states = kinds.map(|kind| conditions.get(kind).copied().unwrap_or(Unknown));
    states.filter(|one| *one != True).last().unwrap_or(True)
}
