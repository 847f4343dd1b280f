//! The runtimes that `KServe` ships, as far as a model may find none among them.
//!
//! Source: `config/runtimes` of 0.20.0; `GetSupportingRuntimes` in
//! `pkg/apis/serving/v1beta1/predictor_model.go`.

use super::inference_service::InferenceService;
use crate::finding::{Code, Finding};
use crate::values::release::Release;
use crate::values::route_host::excerpt;

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

/// A model that names no runtime, and that none of the shipped ones serves. The cluster may have one
/// of its own that does.
pub(super) fn check(service: &InferenceService, kserve: Release) -> Option<Finding> {
    let model = service.spec.predictor.model.as_ref()?;
    let format = model.model_format.name.as_str();
    if kserve < SHIPPED || model.runtime.is_some() || format.is_empty() || format == ANY_PROTOCOL {
        return None;
    }
    // Defaulting gives one format another protocol than v1.
    let default = if format == "triton" { "v2" } else { "v1" };
    let protocol = model.protocol_version.as_deref().unwrap_or(default);
    let shipped = FORMATS.iter().find(|(name, _)| *name == format).map(|(_, protocols)| *protocols);
    let (field, advice) = match shipped {
        Some(protocols) if protocols.contains(&protocol) => return None,
        Some(protocols) => ("protocolVersion", format!("write {}", protocols.join(" or "))),
        None => ("modelFormat.name", "name its runtime".to_owned()),
    };
    let message = format!(
        "no runtime that KServe ships takes the format {:?} with protocol {:?}, and without one of the cluster's own the service gets no URL; {advice}",
        excerpt(format),
        excerpt(protocol)
    );
    let finding = Finding::warning(Code::KserveNoRuntime, message);
    Some(finding.field(format!("spec.predictor.model.{field}")))
}
