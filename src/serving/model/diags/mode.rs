//! The words for remarks on the deployment mode.

use crate::controllers::kserve::{MODE_ANNOTATION, ModeRemark};
use crate::finding::{Code, Finding};
use krm_package::text::excerpt::{Excerpt, shortened};

impl From<&ModeRemark> for Finding {
    fn from(remark: &ModeRemark) -> Self {
        let own = || format!("metadata.annotations[{MODE_ANNOTATION}]");
        match remark {
            ModeRemark::ComponentFails { component, word } => {
                let name = component.as_str();
                let message = format!(
                    "the {name}'s own annotation sets {}, which fails in Standard mode; move it to metadata.annotations",
                    Excerpt::new(word)
                );
                Finding::error(Code::KserveModeRefused, message)
                    .field(format!("spec.{name}.annotations[{MODE_ANNOTATION}]"))
            }
            ModeRemark::ComponentIgnored { component, mode } => {
                let name = component.as_str();
                let message = format!(
                    "the deployment mode only takes effect in metadata.annotations, so the {name} is in mode {mode}; move it there"
                );
                Finding::warning(Code::KserveModeAnnotationIgnored, message)
                    .field(format!("spec.{name}.annotations[{MODE_ANNOTATION}]"))
            }
            ModeRemark::Unknown { word, kserve, taken, words } => {
                let outcome = match taken {
                    Some(mode) => format!("and {mode} is used instead"),
                    None => "and Standard mode fails for it".to_owned(),
                };
                let message = format!(
                    "deployment mode {} is unknown to KServe {kserve}, {outcome}; set it to {words}",
                    Excerpt::new(word)
                );
                let finding = match taken {
                    Some(_) => Finding::warning(Code::KserveModeAnnotationIgnored, message),
                    None => Finding::error(Code::KserveModeRefused, message),
                };
                finding.field(own()).current(shortened(word))
            }
            ModeRemark::StatusOutranks { recorded } => {
                let message = format!(
                    "status records the mode {recorded}, which overrides the annotation; delete the InferenceService and create it again to change its mode"
                );
                Finding::warning(Code::KserveModeAnnotationIgnored, message).field(own())
            }
        }
    }
}
