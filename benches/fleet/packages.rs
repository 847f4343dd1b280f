//! A fleet on disk: folders as `kserve-aws init` writes them, each with so many models.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::run;

const ARN: &str =
    "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";

/// The folder of a package.
pub(crate) fn name(package: usize) -> String {
    format!("package-{package:04}")
}

/// Writes `packages` of `services` each, and gives the bytes of their models. What an earlier run wrote stays,
/// the tokens of `init` too.
pub(crate) fn write(program: &Path, fleet: &Path, packages: usize, services: usize) -> usize {
    fs::create_dir_all(fleet).expect("the target folder can be written");
    (0..packages)
        .map(|package| {
            let folder = fleet.join(name(package));
            if !folder.is_dir() {
                let domain = format!("team-{package}.example.com");
                let name = name(package);
                let init = ["init", &name, "--provider", "dex", "--domain", &domain];
                run(program, fleet, &[&init[..], &["--certificate", ARN]].concat());
            }
            let models = models(services);
            fs::write(folder.join("inference-services.yaml"), &models)
                .expect("the folder can be written");
            models.len()
        })
        .sum()
}

/// Models as people write them: five shapes in turn, one half in each stage.
fn models(services: usize) -> String {
    let mut text = String::new();
    for service in 0..services {
        let namespace = if service % 2 == 0 { "staging" } else { "prod" };
        // A String takes whatever is written to it.
        let _ = write!(
            text,
            "---\napiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata:\n  name: model-{service}\n  namespace: {namespace}\n  labels:\n    team: team-{}\nspec:\n{}",
            service % 17,
            shape(service)
        );
    }
    text
}

fn shape(service: usize) -> String {
    let model = |format: &str, protocol: &str| {
        format!(
            "  predictor:\n    model:\n      modelFormat:\n        name: {format}\n      protocolVersion: {protocol}\n      storageUri: s3://models/{service}\n"
        )
    };
    match service % 5 {
        0 => model("sklearn", "v1"),
        1 => format!(
            "{}      resources:\n        limits:\n          nvidia.com/gpu: \"1\"\n    minReplicas: 1\n    maxReplicas: 4\n",
            model("triton", "v2")
        ),
        2 => format!(
            "{}  transformer:\n    containers:\n    - name: kserve-container\n      image: registry.example.com/transformer:{service}\n      args: [--model_name, model-{service}]\n",
            model("xgboost", "v1")
        ),
        3 => format!(
            "  predictor:\n    containers:\n    - name: kserve-container\n      image: registry.example.com/model:{service}\n      ports:\n      - containerPort: 8080\n        protocol: TCP\n"
        ),
        _ => format!("{}    canaryTrafficPercent: 10\n", model("sklearn", "v2")),
    }
}
