//! The predictors that take a part of the traffic, `spec.canary` in Standard mode.
//!
//! Source: `reconcileCanaryDeployments`, `buildCanaryPredictor` and `canaryReplicaCount` in `components/predictor.go` of
//! 0.20.0.

use std::collections::BTreeMap;

use super::admission::AUTOSCALER_ANNOTATION;
use super::endpoint::{Canary, ComponentEndpoint};
use super::inference_service::{CanarySpec, ComponentSpec, ModelSpec};
use super::runtimes::ServingRuntime;

/// A canary before it is reconciled.
pub(super) struct CanaryOf<'a> {
    /// What it sets itself.
    pub(super) canary: &'a CanarySpec,
    /// Its spec over the predictor's.
    pub(super) spec: ComponentSpec,
    /// The runtime among the objects that takes its model.
    pub(super) runtime: Option<&'a ServingRuntime>,
    /// How many pods it has where no autoscaler decides.
    pub(super) replicas: i64,
}

impl CanaryOf<'_> {
    /// The name of its Service: that of a predictor of its name.
    pub(super) fn service(&self, of: &str) -> String {
        format!("{of}-{}-predictor", self.canary.predictor.name)
    }

    /// What it is reconciled to. Without pods it is never ready, and is given nothing.
    pub(super) fn reconciled(
        &self,
        part: ComponentEndpoint,
        autoscaler: Option<&str>,
        is_routed: bool,
    ) -> Canary {
        let is_ready = !part.stopped && (autoscaler != Some("none") || self.replicas > 0);
        let percent = self.canary.traffic_percent.try_into().unwrap_or_default();
        Canary { part, percent, is_ready, is_routed: is_ready && is_routed }
    }
}

/// The autoscaler that annotations name.
pub(super) fn autoscaler(annotations: &BTreeMap<String, String>) -> Option<&str> {
    annotations.get(AUTOSCALER_ANNOTATION).map(String::as_str)
}

/// A predictor's spec with what a canary sets over it: fields that are set take the place of others, maps are merged.
/// Webhooks turn the predictor's framework into a model, and leave the canary's.
pub(super) fn over(stable: &ComponentSpec, canary: &ComponentSpec) -> ComponentSpec {
    let mut spec = stable.clone();
    spec.model = match (stable.served_model(), &canary.model) {
        (Some(of_stable), Some(of_canary)) => {
            let mut model = of_stable.clone();
            if let Some(defaulted) = stable.defaulted_model() {
                defaulted.format.clone_into(&mut model.model_format.name);
                model.protocol_version = defaulted.protocol.map(str::to_owned);
            }
            over_model(&mut model, of_canary);
            Some(Box::new(model))
        }
        (None, of_canary) => of_canary.clone(),
        (Some(_), None) => spec.model,
    };
    if canary.model.is_some() {
        spec.forget_frameworks();
    }
    spec.name.clone_from(&canary.name);
    spec.labels.extend(canary.labels.clone());
    spec.annotations.extend(canary.annotations.clone());
    spec.host_network |= canary.host_network;
    spec.worker_spec = None;
    let text = |own: &mut String, other: &String| {
        if !other.is_empty() {
            own.clone_from(other);
        }
    };
    text(&mut spec.service_account_name, &canary.service_account_name);
    for (own, other) in [
        (&mut spec.containers, &canary.containers),
        (&mut spec.init_containers, &canary.init_containers),
    ] {
        if !other.is_empty() {
            own.clone_from(other);
        }
    }
    spec.batcher = spec.batcher.or(canary.batcher);
    spec.logger = spec.logger.or(canary.logger);
    spec
}

fn over_model(model: &mut ModelSpec, canary: &ModelSpec) {
    if !canary.model_format.name.is_empty() {
        model.model_format.name.clone_from(&canary.model_format.name);
    }
    for (own, other) in [
        (&mut model.model_format.version, &canary.model_format.version),
        (&mut model.storage_uri, &canary.storage_uri),
        (&mut model.protocol_version, &canary.protocol_version),
        (&mut model.runtime, &canary.runtime),
    ] {
        if other.is_some() {
            own.clone_from(other);
        }
    }
    if !canary.ports.is_empty() {
        model.ports.clone_from(&canary.ports);
    }
    if !canary.args.is_empty() {
        model.args.clone_from(&canary.args);
    }
    if !canary.env.is_empty() {
        model.env.clone_from(&canary.env);
    }
}
