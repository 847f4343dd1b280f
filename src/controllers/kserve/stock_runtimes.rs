//! The runtimes that `KServe` ships, as far as a model may find none among them.
//!
//! Source: `config/runtimes` of 0.20.0; `GetSupportingRuntimes` in
//! `pkg/apis/serving/v1beta1/predictor_model.go`.

use super::inference_service::InferenceService;
use crate::values::release::Release;

/// The release whose runtimes these are; earlier ones ship fewer.
const SHIPPED: Release = Release::new(0, 20, 0);

/// Formats that are picked by themselves, with the protocols of their runtimes.
const FORMATS: [(&str, &[&str]); 14] = [
    ("autogluon", &["v1", "v2"]),
    ("huggingface", &["v1", "v2", "grpc-v2"]),
    ("lightgbm", &["v1", "v2"]),
    ("mlflow", &["v2"]),
    ("onnx", &["v1", "v2", "grpc-v2"]),
    ("openvino", &["v1", "v2", "grpc-v2"]),
    ("paddle", &["v1", "v2"]),
    ("pmml", &["v1", "v2"]),
    ("pytorch", &["v1", "v2", "grpc-v2"]),
    ("sklearn", &["v1", "v2"]),
    ("tensorflow", &["v1", "v2", "grpc-v1", "grpc-v2"]),
    ("tensorrt", &["v2", "grpc-v2"]),
    ("triton", &["v2", "grpc-v2"]),
    ("xgboost", &["v1", "v2"]),
];
/// Taken whatever the protocol is.
const ANY_PROTOCOL: &str = "vLLM";

/// Whether a shipped runtime picks the format with the protocol.
pub(super) fn takes(format: &str, protocol: &str) -> bool {
    FORMATS.iter().any(|(name, protocols)| *name == format && protocols.contains(&protocol))
}

/// A model that no runtime that `KServe` ships takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoShippedRuntime {
    /// The model's format.
    pub format: String,
    /// Its protocol, given or after defaulting.
    pub protocol: String,
    /// The protocols that the shipped runtimes take the format with; `None` where none takes it.
    pub shipped: Option<&'static [&'static str]>,
}

/// A model that names no runtime, and that none of the shipped ones serves. The cluster may have one
/// of its own that does.
pub(super) fn check(service: &InferenceService, kserve: Release) -> Option<NoShippedRuntime> {
    let model = service.spec.predictor.model.as_ref()?;
    let format = model.model_format.name.as_str();
    if kserve < SHIPPED || model.runtime.is_some() || format.is_empty() || format == ANY_PROTOCOL {
        return None;
    }
    // Defaulting gives one format another protocol than v1.
    let default = if format == "triton" { "v2" } else { "v1" };
    let protocol = model.protocol_version.as_deref().unwrap_or(default);
    let shipped = FORMATS.iter().find(|(name, _)| *name == format).map(|(_, protocols)| *protocols);
    if shipped.is_some_and(|protocols| protocols.contains(&protocol)) {
        return None;
    }
    Some(NoShippedRuntime { format: format.to_owned(), protocol: protocol.to_owned(), shipped })
}
