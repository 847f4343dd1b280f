//! The runtimes of a cluster, and which of them takes a model.
//!
//! Source: `GetSupportingRuntimes` in `pkg/apis/serving/v1beta1/predictor_model.go`,
//! `reconcileModel` in `components/predictor.go` and `servingruntime_types.go` of 0.20.0.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::inference_service::{Container, DefaultedModel, WorkerSpec};
use super::stock_runtimes;
use crate::values::k8s::{ObjectMeta, ResourceRef, empty_if_null};

/// A `ServingRuntime` or `ClusterServingRuntime`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ServingRuntime {
    /// `apiVersion`.
    #[serde(deserialize_with = "empty_if_null")]
    pub(crate) api_version: String,
    /// `kind`.
    #[serde(deserialize_with = "empty_if_null")]
    pub(crate) kind: String,
    /// `metadata`.
    #[serde(deserialize_with = "empty_if_null")]
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub(crate) spec: RuntimeSpec,
}

/// `spec` of a [`ServingRuntime`].
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct RuntimeSpec {
    /// Whether no model may use it.
    #[serde(deserialize_with = "empty_if_null")]
    pub disabled: bool,
    /// Whether it is one of `ModelMesh`.
    #[serde(deserialize_with = "empty_if_null")]
    pub multi_model: bool,
    /// The protocols that it speaks; any where none is listed.
    #[serde(deserialize_with = "empty_if_null")]
    pub protocol_versions: Vec<String>,
    /// The formats that it takes.
    #[serde(deserialize_with = "empty_if_null")]
    pub supported_model_formats: Vec<SupportedFormat>,
    /// Labels of its pods.
    #[serde(deserialize_with = "empty_if_null")]
    pub labels: BTreeMap<String, String>,
    /// Annotations of its pods.
    #[serde(deserialize_with = "empty_if_null")]
    pub annotations: BTreeMap<String, String>,
    /// Its containers.
    #[serde(deserialize_with = "empty_if_null")]
    pub containers: Vec<Container>,
    /// What further nodes run.
    pub worker_spec: Option<WorkerSpec>,
}

/// A format that a runtime takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct SupportedFormat {
    /// The format's name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// Whether models that name no runtime are taken.
    #[serde(deserialize_with = "empty_if_null")]
    pub auto_select: bool,
    /// Its weight among the runtimes of the format.
    pub priority: Option<i32>,
}

/// The runtimes in the input.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Runtimes {
    /// Those of a namespace; one without a namespace may be that of any.
    namespaced: Vec<ServingRuntime>,
    cluster: Vec<ServingRuntime>,
}

/// Which runtime takes a model.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Selection<'r> {
    /// One in the input.
    Runtime(&'r ServingRuntime),
    /// None in the input; the cluster may have one.
    Elsewhere,
    /// None at all.
    Refused(RuntimeRefusal),
}

/// Why a model has no runtime where a cluster has none beside those in the input.
pub(super) fn absent(model: &DefaultedModel<'_>) -> RuntimeRefusal {
    match model.runtime {
        Some(name) => RuntimeRefusal::NamedAbsent { runtime: name.to_owned() },
        None => RuntimeRefusal::NoneForFormat { format: model.format.to_owned() },
    }
}

/// Why no runtime takes a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuntimeRefusal {
    /// The named one is disabled.
    Disabled {
        /// The runtime.
        runtime: String,
    },
    /// The named one does not speak the protocol.
    NamedProtocol {
        /// The runtime.
        runtime: String,
        /// The protocol.
        protocol: String,
        /// The protocols that it speaks.
        listed: Vec<String>,
    },
    /// The named one does not take the format.
    NamedFormat {
        /// The runtime.
        runtime: String,
        /// The format.
        format: String,
    },
    /// There is none of the name.
    NamedAbsent {
        /// The runtime.
        runtime: String,
    },
    /// None takes the format.
    NoneForFormat {
        /// The format.
        format: String,
    },
    /// Those that take the format are disabled or speak other protocols.
    NoneForProtocol {
        /// The format.
        format: String,
        /// The protocol.
        protocol: String,
        /// The protocols that they speak.
        listed: Vec<String>,
    },
}

/// Without a version of its own a model speaks this one.
const DEFAULT_PROTOCOL: &str = "v1";

impl Runtimes {
    pub(super) fn add(&mut self, kind: &str, runtime: ServingRuntime) {
        let list = if kind == "ServingRuntime" { &mut self.namespaced } else { &mut self.cluster };
        list.push(runtime);
    }

    /// The runtimes that a model in a namespace may use, those of the namespace first.
    fn of(&self, namespace: &str) -> [Vec<&ServingRuntime>; 2] {
        let here = self
            .namespaced
            .iter()
            .filter(|one| one.metadata.namespace.as_deref().is_none_or(|found| found == namespace));
        [here.collect(), self.cluster.iter().collect()]
    }

    /// The runtime that takes a model.
    pub(super) fn select(
        &self,
        model: &DefaultedModel<'_>,
        namespace: &str,
        multi_node: bool,
    ) -> Selection<'_> {
        match model.runtime {
            Some(name) => self.named(name, model, namespace),
            None => self.picked(model, namespace, multi_node),
        }
    }

    fn named(&self, name: &str, model: &DefaultedModel<'_>, namespace: &str) -> Selection<'_> {
        let mut all = self.of(namespace).into_iter().flatten();
        let Some(found) = all.find(|one| one.metadata.name == name) else {
            return Selection::Elsewhere;
        };
        let runtime = name.to_owned();
        let refusal = if found.spec.disabled {
            RuntimeRefusal::Disabled { runtime }
        } else if let Some(protocol) =
            model.protocol.filter(|protocol| !found.spec.speaks(protocol))
        {
            let listed = found.spec.protocol_versions.clone();
            RuntimeRefusal::NamedProtocol { runtime, protocol: protocol.to_owned(), listed }
        } else if !found.spec.takes(model) {
            RuntimeRefusal::NamedFormat { runtime, format: model.format.to_owned() }
        } else {
            return Selection::Runtime(found);
        };
        Selection::Refused(refusal)
    }

    fn picked(
        &self,
        model: &DefaultedModel<'_>,
        namespace: &str,
        multi_node: bool,
    ) -> Selection<'_> {
        let protocol = model.protocol.unwrap_or(DEFAULT_PROTOCOL);
        let mut ruled_out = Vec::new();
        for list in self.of(namespace) {
            let (mut fit, unfit): (Vec<_>, Vec<_>) = list
                .into_iter()
                .filter(|one| !one.spec.multi_model && one.spec.takes(model))
                .filter(|one| one.spec.worker_spec.is_some() == multi_node)
                .partition(|one| !one.spec.disabled && one.spec.speaks(protocol));
            // By protocol, newest first, by name; then by weight, which most have not.
            fit.sort_by(|left, right| {
                let protocols = |one: &ServingRuntime| one.spec.lowest_protocol();
                let age = |one: &ServingRuntime| one.metadata.creation_timestamp.clone();
                let weight = |one: &ServingRuntime| {
                    let format = &one.spec.supported_model_formats;
                    format.iter().find(|one| one.name == model.format)?.priority
                };
                weight(right)
                    .cmp(&weight(left))
                    .then_with(|| protocols(left).cmp(&protocols(right)))
                    .then_with(|| age(right).cmp(&age(left)))
                    .then_with(|| left.metadata.name.cmp(&right.metadata.name))
            });
            if let Some(first) = fit.first() {
                return Selection::Runtime(first);
            }
            ruled_out.extend(unfit);
        }
        if ruled_out.is_empty() || stock_runtimes::takes(model.format, protocol) {
            return Selection::Elsewhere;
        }
        let mut listed: Vec<String> = ruled_out
            .iter()
            .filter(|one| !one.spec.disabled)
            .flat_map(|one| one.spec.protocol_versions.clone())
            .collect();
        listed.sort();
        listed.dedup();
        let (format, protocol) = (model.format.to_owned(), protocol.to_owned());
        Selection::Refused(RuntimeRefusal::NoneForProtocol { format, protocol, listed })
    }
}

/// A port of the node that a container of a runtime takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuntimePort {
    /// The runtime.
    pub runtime: ResourceRef,
    /// The port's field in it.
    pub field: String,
    /// The node's port.
    pub number: u32,
}

impl ServingRuntime {
    /// The first port of the node that leads to the pods of its models. Every container of it is in
    /// them, and the service's own is merged into one without taking a port out (`buildPodSpec` in
    /// `components/predictor.go`). A runtime has no `hostNetwork` (`ServingRuntimePodSpec` in
    /// `servingruntime_types.go`).
    pub(super) fn host_port(&self) -> Option<RuntimePort> {
        let workers =
            self.spec.worker_spec.iter().flat_map(|one| one.containers.iter().enumerate());
        let containers = self.spec.containers.iter().enumerate().map(|one| ("spec", one));
        let containers = containers.chain(workers.map(|one| ("spec.workerSpec", one)));
        let mut ports = containers.flat_map(|(spec, (of, one))| {
            one.ports.iter().enumerate().map(move |port| (spec, of, port))
        });
        let (spec, container, (place, port)) =
            ports.find(|(_, _, (_, port))| port.host_port > 0)?;
        Some(RuntimePort {
            runtime: ResourceRef {
                api_version: self.api_version.clone(),
                kind: self.kind.clone(),
                namespace: self.metadata.namespace.clone(),
                name: self.metadata.name.clone(),
            },
            field: format!("{spec}.containers[{container}].ports[{place}].hostPort"),
            number: port.host_port,
        })
    }
}

impl RuntimeSpec {
    fn speaks(&self, protocol: &str) -> bool {
        self.protocol_versions.is_empty()
            || self.protocol_versions.iter().any(|listed| listed == protocol)
    }

    /// A format counts without a version, too; of a model that names no runtime only where
    /// `autoSelect` is set.
    fn takes(&self, model: &DefaultedModel<'_>) -> bool {
        let counted = |one: &&SupportedFormat| model.runtime.is_some() || one.auto_select;
        let mut formats = self.supported_model_formats.iter().filter(counted);
        formats.any(|one| {
            one.name == model.format
                && model.version.is_none_or(|version| one.version.as_deref() == Some(version))
        })
    }

    /// The order of `GetProtocolVersionPriority`.
    fn lowest_protocol(&self) -> usize {
        const ORDER: [&str; 4] = ["v1", "v2", "grpc-v1", "grpc-v2"];
        let place = |listed: &String| ORDER.iter().position(|known| known == listed);
        self.protocol_versions.iter().filter_map(place).min().unwrap_or(ORDER.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runtime(name: &str, protocols: &[&str], format: SupportedFormat) -> ServingRuntime {
        let metadata = ObjectMeta { name: name.to_owned(), ..ObjectMeta::default() };
        let spec = RuntimeSpec {
            protocol_versions: protocols.iter().map(|one| (*one).to_owned()).collect(),
            supported_model_formats: vec![format],
            ..RuntimeSpec::default()
        };
        ServingRuntime { metadata, spec, ..ServingRuntime::default() }
    }

    fn format(name: &str, priority: Option<i32>) -> SupportedFormat {
        SupportedFormat { name: name.to_owned(), auto_select: true, priority, version: None }
    }

    fn model(format: &str) -> DefaultedModel<'_> {
        DefaultedModel { format, version: None, protocol: None, runtime: None }
    }

    fn selected(runtimes: &Runtimes, model: &DefaultedModel<'_>) -> String {
        match runtimes.select(model, "ml", false) {
            Selection::Runtime(one) => one.metadata.name.clone(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn the_namespace_then_weight_then_protocol_then_name_decide() {
        let mut runtimes = Runtimes::default();
        runtimes.add("ClusterServingRuntime", runtime("b", &["v1"], format("own", None)));
        runtimes.add("ClusterServingRuntime", runtime("c", &["v1"], format("own", Some(1))));
        runtimes.add("ClusterServingRuntime", runtime("a", &["v1"], format("own", None)));
        assert_eq!(selected(&runtimes, &model("own")), "c");
        let mut here = runtime("z", &["v1", "v2"], format("own", None));
        here.metadata.namespace = Some("ml".to_owned());
        runtimes.add("ServingRuntime", here);
        assert_eq!(selected(&runtimes, &model("own")), "z");
        let mut elsewhere = Runtimes::default();
        let mut other = runtime("z", &["v1"], format("own", None));
        other.metadata.namespace = Some("other".to_owned());
        elsewhere.add("ServingRuntime", other);
        assert_eq!(selected(&elsewhere, &model("own")), "Elsewhere");
    }

    #[test]
    fn a_protocol_that_no_runtime_of_the_format_speaks_is_refused() {
        let mut runtimes = Runtimes::default();
        runtimes
            .add("ClusterServingRuntime", runtime("a", &["v2", "grpc-v2"], format("own", None)));
        let refused = runtimes.select(&model("own"), "ml", false);
        assert!(matches!(
            refused,
            Selection::Refused(RuntimeRefusal::NoneForProtocol { ref listed, .. })
                if *listed == ["grpc-v2", "v2"]
        ));
        let v2 = DefaultedModel { protocol: Some("v2"), ..model("own") };
        assert_eq!(selected(&runtimes, &v2), "a");
        // A stock runtime may be there for it.
        let mut own = Runtimes::default();
        own.add("ClusterServingRuntime", runtime("a", &["v2"], format("sklearn", None)));
        assert_eq!(selected(&own, &model("sklearn")), "Elsewhere");
    }

    #[test]
    fn a_named_runtime_is_held_to_what_it_says() {
        let mut runtimes = Runtimes::default();
        let mut by_name = format("own", None);
        by_name.auto_select = false;
        runtimes.add("ClusterServingRuntime", runtime("a", &["v2"], by_name));
        let named = DefaultedModel { runtime: Some("a"), ..model("own") };
        assert_eq!(selected(&runtimes, &named), "a");
        assert_eq!(selected(&runtimes, &model("own")), "Elsewhere");
        let v1 = DefaultedModel { protocol: Some("v1"), ..named };
        assert!(selected(&runtimes, &v1).contains("NamedProtocol"));
        let other = DefaultedModel { format: "x", ..named };
        assert!(selected(&runtimes, &other).contains("NamedFormat"));
    }
}
