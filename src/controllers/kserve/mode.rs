//! How an `InferenceService` is deployed.

use std::collections::BTreeMap;

use super::inference_service::{Component, InferenceService};
use crate::values::release::Release;

/// The annotation that picks a mode.
pub(crate) const MODE_ANNOTATION: &str = "serving.kserve.io/deploymentMode";

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
    pub(crate) fn as_str(self, kserve: Release) -> &'static str {
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

    /// The words of a release, for messages.
    pub(super) fn words(kserve: Release) -> &'static str {
        if kserve < NEW_WORDS {
            "Serverless, RawDeployment or ModelMesh"
        } else {
            "Knative, Standard or ModelMesh"
        }
    }
}

/// What there is to say of a service's deployment mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModeRemark {
    /// A component's own annotation is read once more, and Standard mode fails for it.
    ComponentFails {
        /// The component.
        component: Component,
        /// What its annotation says.
        word: String,
    },
    /// A component's own annotation is not read.
    ComponentIgnored {
        /// The component.
        component: Component,
        /// The mode that it is in, in the release's word.
        mode: &'static str,
    },
    /// The annotation names no mode of the release.
    Unknown {
        /// What it says.
        word: String,
        /// The release.
        kserve: Release,
        /// The mode that is taken instead, in the release's word; `None` where Standard mode fails
        /// for the annotation.
        taken: Option<&'static str>,
        /// The words that the release takes.
        words: &'static str,
    },
    /// The mode that is recorded in the status outranks the annotation.
    StatusOutranks {
        /// The recorded mode, in the release's word.
        recorded: &'static str,
    },
}

/// The mode of a service and whether its components are created at all.
pub(super) struct Resolved {
    pub(super) mode: DeploymentMode,
    /// Whether the status or the annotation states it.
    pub(super) stated: bool,
    /// Set where a component of Standard mode fails for its annotation.
    pub(super) refused: bool,
    pub(super) remarks: Vec<ModeRemark>,
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
    let recorded = recorded(&service.status.deployment_mode, kserve);
    let mode = recorded.or(wanted).unwrap_or(default);
    let (refused, mut remarks) = of_components(service, annotation, mode, kserve);
    remarks.extend(match (annotation, wanted, recorded) {
        (Some(word), None, _) => Some(ModeRemark::Unknown {
            word: word.to_owned(),
            kserve,
            taken: (!refused).then_some(mode.as_str(kserve)),
            words: DeploymentMode::words(kserve),
        }),
        (_, Some(wanted), Some(recorded)) if recorded != wanted => {
            Some(ModeRemark::StatusOutranks { recorded: recorded.as_str(kserve) })
        }
        _ => None,
    });
    let stated = recorded.or(wanted).is_some();
    Resolved { mode, stated, refused, remarks }
}

/// The mode that a status records, in the releases that read it.
pub(super) fn recorded(word: &str, kserve: Release) -> Option<DeploymentMode> {
    if kserve >= STATUS_FIRST { DeploymentMode::of_word(word, kserve) } else { None }
}

/// Whether a component fails for an annotation that it reads once more, and what there is to say of
/// the components' own annotations.
fn of_components(
    service: &InferenceService,
    annotation: Option<&str>,
    mode: DeploymentMode,
    kserve: Release,
) -> (bool, Vec<ModeRemark>) {
    // Without an annotation defaulting writes the default mode's.
    let fails = |word: &str| {
        mode == DeploymentMode::Standard
            && kserve >= READ_TWICE
            && !word.is_empty()
            && DeploymentMode::of_word(word, kserve) != Some(mode)
    };
    let mut refused = false;
    let mut remarks = Vec::new();
    for (component, spec) in service.components() {
        let own = spec.annotations.get(MODE_ANNOTATION).map(String::as_str);
        refused |= own.or(annotation).is_some_and(fails);
        let Some(own) = own.filter(|own| DeploymentMode::of_word(own, kserve) != Some(mode)) else {
            continue;
        };
        remarks.push(if fails(own) {
            ModeRemark::ComponentFails { component, word: own.to_owned() }
        } else {
            ModeRemark::ComponentIgnored { component, mode: mode.as_str(kserve) }
        });
    }
    (refused, remarks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_release_has_its_words() {
        let before = Release::new(0, 15, 2);
        assert_eq!(DeploymentMode::words(before), "Serverless, RawDeployment or ModelMesh");
        assert_eq!(DeploymentMode::words(NEW_WORDS), "Knative, Standard or ModelMesh");
        assert_eq!(DeploymentMode::Knative.as_str(before), "Serverless");
        assert_eq!(DeploymentMode::Knative.as_str(NEW_WORDS), "Knative");
        assert_eq!(DeploymentMode::of_word("Knative", before), None);
        assert_eq!(DeploymentMode::of_word("Knative", NEW_WORDS), Some(DeploymentMode::Knative));
    }

    #[test]
    fn a_recorded_mode_outranks_another_one_alone() {
        let service = |recorded: &str| -> InferenceService {
            let text = format!("metadata: {{name: a}}\nstatus: {{deploymentMode: {recorded}}}\n");
            serde_yaml::from_str(&text).unwrap()
        };
        let wanted = BTreeMap::from([(MODE_ANNOTATION.to_owned(), "Standard".to_owned())]);
        let of = |recorded: &str, kserve| {
            resolve(&service(recorded), &wanted, DeploymentMode::Knative, kserve)
        };
        let other = of("Knative", NEW_WORDS);
        assert_eq!(other.mode, DeploymentMode::Knative);
        assert_eq!(other.remarks, [ModeRemark::StatusOutranks { recorded: "Knative" }]);
        let same = of("Standard", NEW_WORDS);
        assert_eq!((same.mode, same.remarks), (DeploymentMode::Standard, Vec::new()));
        // Before 0.15.1 no release reads it.
        assert!(recorded("Serverless", Release::new(0, 15, 0)).is_none());
        assert_eq!(recorded("Serverless", STATUS_FIRST), Some(DeploymentMode::Knative));
    }
}
