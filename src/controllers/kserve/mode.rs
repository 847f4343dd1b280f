//! How an `InferenceService` is deployed.

use std::collections::BTreeMap;

use super::inference_service::InferenceService;
use crate::finding::{Code, Finding};
use crate::values::release::Release;
use crate::values::route_host::excerpt;

/// The annotation that picks a mode.
pub(super) const MODE_ANNOTATION: &str = "serving.kserve.io/deploymentMode";

/// From here on the modes are called Knative and Standard.
const NEW_WORDS: Release = Release::new(0, 16, 0);
/// From here on the mode that is recorded in the status outranks the annotation.
const STATUS_FIRST: Release = Release::new(0, 15, 1);
/// From here on a component of Standard mode reads the annotation once more, and fails for it.
const READ_TWICE: Release = Release::new(0, 17, 0);

/// How an `InferenceService` is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeploymentMode {
    /// As Knative Services, with an Istio VirtualService before them.
    Knative,
    /// As Deployments, with an Ingress or `HTTPRoute`s before them.
    Standard,
    /// In a shared model server, without hosts of its own.
    ModelMesh,
}

impl DeploymentMode {
    /// The word that the release writes into the status: `Serverless` and `RawDeployment` up to
    /// 0.15.
    #[must_use]
    pub fn as_str(self, kserve: Release) -> &'static str {
        match self {
            Self::Knative if kserve < NEW_WORDS => "Serverless",
            Self::Knative => "Knative",
            Self::Standard if kserve < NEW_WORDS => "RawDeployment",
            Self::Standard => "Standard",
            Self::ModelMesh => "ModelMesh",
        }
    }

    /// The mode of a word, in the spellings that the release takes: case counts.
    pub(super) fn of_word(word: &str, kserve: Release) -> Option<Self> {
        match word {
            "Serverless" => Some(Self::Knative),
            "RawDeployment" => Some(Self::Standard),
            "ModelMesh" => Some(Self::ModelMesh),
            "Knative" if kserve >= NEW_WORDS => Some(Self::Knative),
            "Standard" if kserve >= NEW_WORDS => Some(Self::Standard),
            _ => None,
        }
    }
}

/// The mode of a service and whether its components are made at all.
pub(super) struct Resolved {
    pub(super) mode: DeploymentMode,
    /// Set where a component of Standard mode fails for its annotation.
    pub(super) refused: bool,
    pub(super) findings: Vec<Finding>,
}

/// Status, then annotation, then the configuration's default.
///
/// Source: `GetDeploymentMode` in `utils/utils.go`; `NewRawKubeReconciler` for the second reading.
pub(super) fn resolve(
    service: &InferenceService,
    annotations: &BTreeMap<String, String>,
    default: DeploymentMode,
    kserve: Release,
) -> Resolved {
    let annotation = annotations.get(MODE_ANNOTATION).map(String::as_str);
    let wanted = annotation.and_then(|word| DeploymentMode::of_word(word, kserve));
    let recorded = service.status.deployment_mode.as_str();
    let recorded =
        if kserve >= STATUS_FIRST { DeploymentMode::of_word(recorded, kserve) } else { None };
    let mode = recorded.or(wanted).unwrap_or(default);
    let mut findings = Vec::new();
    // Without an annotation defaulting writes the default mode's.
    let fails = |word: &str| {
        mode == DeploymentMode::Standard
            && kserve >= READ_TWICE
            && !word.is_empty()
            && DeploymentMode::of_word(word, kserve) != Some(mode)
    };
    let mut refused = false;
    for (component, spec) in service.components() {
        let own = spec.annotations.get(MODE_ANNOTATION).map(String::as_str);
        refused |= own.or(annotation).is_some_and(fails);
        let Some(own) = own.filter(|own| DeploymentMode::of_word(own, kserve) != Some(mode)) else {
            continue;
        };
        let name = component.as_str();
        let finding = if fails(own) {
            let message = format!(
                "the {name}'s own annotation says {:?}, and Standard mode fails for it; write it under metadata.annotations",
                excerpt(own)
            );
            Finding::error(Code::KserveModeAnnotationIgnored, message)
        } else {
            let message = format!(
                "the deployment mode counts under metadata.annotations only, and the {name} is in mode {}; write it there",
                mode.as_str(kserve)
            );
            Finding::warning(Code::KserveModeAnnotationIgnored, message)
        };
        findings.push(finding.field(format!("spec.{name}.annotations[{MODE_ANNOTATION}]")));
    }
    let words = if kserve < NEW_WORDS {
        "Serverless, RawDeployment or ModelMesh"
    } else {
        "Knative, Standard or ModelMesh"
    };
    if let (Some(word), None) = (annotation, wanted) {
        let outcome = if refused {
            "and Standard mode fails for it".to_owned()
        } else {
            format!("and {} is taken instead", mode.as_str(kserve))
        };
        let message = format!(
            "deployment mode {:?} is unknown to KServe {kserve}, {outcome}; write {words}",
            excerpt(word)
        );
        let finding = if refused {
            Finding::error(Code::KserveModeAnnotationIgnored, message)
        } else {
            Finding::warning(Code::KserveModeAnnotationIgnored, message)
        };
        findings.push(
            finding
                .field(format!("metadata.annotations[{MODE_ANNOTATION}]"))
                .current(excerpt(word)),
        );
    } else if let (Some(recorded), Some(wanted)) = (recorded, wanted)
        && recorded != wanted
    {
        findings.push(
                Finding::warning(
                    Code::KserveModeAnnotationIgnored,
                    format!(
                        "status records the mode {}, which outranks the annotation; delete the InferenceService and create it again to change its mode",
                        recorded.as_str(kserve)
                    ),
                )
                .field(format!("metadata.annotations[{MODE_ANNOTATION}]")),
            );
    }
    Resolved { mode, refused, findings }
}
