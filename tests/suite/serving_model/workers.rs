//! The workers of a predictor on several nodes.

use super::*;

/// One release alone deletes them, of what is neither stopped nor fails before.
#[test]
fn workers_are_deleted_by_one_release() {
    let head = "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: llama, namespace: t, annotations: {serving.kserve.io/autoscalerClass: none, ";
    let standard = "serving.kserve.io/deploymentMode: Standard";
    let spec = "model: {modelFormat: {name: huggingface}, storageUri: 'pvc://models/llama', runtime: kserve-huggingfaceserver-multinode}";
    let workers = format!("{spec}, workerSpec: {{pipelineParallelSize: 2}}");
    let stopped = format!("{standard}, serving.kserve.io/stop: 'true'");
    for (kserve, annotations, predictor, expected) in [
        ("0.20.0", standard, workers.as_str(), true),
        ("0.20.0-rc1", standard, &workers, true),
        ("0.20.0", "serving.kserve.io/deploymentMode: RawDeployment", &workers, true),
        ("0.20.0", standard, &format!("{spec}, workerSpec: {{}}"), true),
        ("0.20.0", standard, spec, false),
        ("0.20.0", &stopped, &workers, false),
        ("0.20.0", "serving.kserve.io/deploymentMode: Knative", &workers, false),
        ("0.19.0", standard, &workers, false),
        ("0.20.1", standard, &workers, false),
    ] {
        let text = format!("{head}{annotations}}}}}\nspec: {{predictor: {{{predictor}}}}}\n");
        let kserve = Some(kserve.parse().unwrap());
        let options = ServingOptions { kserve, ..ServingOptions::default() };
        let model = ServingModel::build(&items(&documents(&text)), &options);
        let codes = codes(&model.endpoints[0]);
        assert_eq!(codes.contains(&Code::KserveWorkersDeleted), expected, "{codes:?}: {text}");
    }
}
