//! The path in an address, which releases up to 0.10 write.

use super::inference_service::{InferenceService, ModelSpec};

/// The path of a prediction, as `status.address` has it up to 0.10: empty for a model that several
/// share and for gRPC.
///
/// Source: `Reconcile` in `ingress_reconciler.go` and `GetModelName` in `utils/utils.go` of 0.10.
pub(super) fn predict_path(service: &InferenceService) -> String {
    let name = model_name(service);
    let protocol = if service.spec.transformer.is_some() { "v1" } else { protocol(service) };
    match protocol {
        "v1" => format!("/v1/models/{name}:predict"),
        "v2" => format!("/v2/models/{name}/infer"),
        _ => String::new(),
    }
}

fn protocol(service: &InferenceService) -> &str {
    let predictor = &service.spec.predictor;
    if let Some(container) = predictor.containers.first() {
        let variable = |name: &str| container.env.iter().find(|variable| variable.name == name);
        if variable("MULTI_MODEL_SERVER").is_some_and(|variable| variable.value == "true") {
            return "";
        }
        if predictor.served_model().is_none() {
            return variable("PROTOCOL").map_or("v1", |variable| &variable.value);
        }
    }
    let Some(model) = predictor.served_model() else { return "" };
    let shared = model.storage_uri.is_none() && model.storage.is_none();
    if shared && predictor.containers.is_empty() {
        return "";
    }
    match &model.protocol_version {
        Some(protocol) => protocol,
        None if speaks_v2(service, model) => "v2",
        None => "v1",
    }
}

/// Frameworks and runtimes whose default is v2.
pub(super) fn speaks_v2(service: &InferenceService, model: &ModelSpec) -> bool {
    let predictor = &service.spec.predictor;
    let framework =
        predictor.model.is_none() && (predictor.triton.is_some() || predictor.onnx.is_some());
    let runtime = match model.runtime.as_deref() {
        Some(runtime) => matches!(runtime, "kserve-mlserver" | "kserve-tritonserver"),
        None => {
            matches!(model.model_format.name.as_str(), "triton" | "tensorrt" | "onnx" | "mlflow")
        }
    };
    framework || runtime
}

fn model_name(service: &InferenceService) -> &str {
    let transformer = service.spec.transformer.as_ref().and_then(|spec| spec.containers.first());
    if let Some(name) = transformer.and_then(|container| named_by(&container.args)) {
        return name;
    }
    let predictor = &service.spec.predictor;
    let named = match predictor.served_model() {
        Some(model) => {
            let variable = model.env.iter().find(|variable| variable.name == "MLSERVER_MODEL_NAME");
            variable.map(|variable| variable.value.as_str()).or_else(|| named_by(&model.args))
        }
        None => predictor.containers.first().and_then(|container| named_by(&container.args)),
    };
    named.unwrap_or(&service.metadata.name)
}

/// `--model_name=flowers`, with one equals sign.
fn named_by(args: &[String]) -> Option<&str> {
    args.iter().find_map(|arg| {
        let (key, value) = arg.split_once('=')?;
        (key.starts_with("--model_name") && !value.contains('=')).then_some(value)
    })
}
