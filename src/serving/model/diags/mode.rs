//! The words for remarks on the deployment mode.

use crate::controllers::kserve::{MODE_ANNOTATION, ModeRemark};
use crate::finding::{Code, Finding};
use krm_package::text::excerpt::{Excerpt, shortened};

impl From<&ModeRemark> for Finding {
    fn from(remark: &ModeRemark) -> Self {
        const CODE: Code = Code::KserveModeAnnotationIgnored;
        let own = || format!("metadata.annotations[{MODE_ANNOTATION}]");
        match remark {
            ModeRemark::ComponentFails { component, word } => {
                let name = component.as_str();
                let message = format!(
                    "the {name}'s own annotation says {}, and Standard mode fails for it; write it under metadata.annotations",
                    Excerpt::new(word)
                );
                Finding::error(CODE, message)
                    .field(format!("spec.{name}.annotations[{MODE_ANNOTATION}]"))
            }
            ModeRemark::ComponentIgnored { component, mode } => {
                let name = component.as_str();
                let message = format!(
                    "the deployment mode counts under metadata.annotations only, and the {name} is in mode {mode}; write it there"
                );
                Finding::warning(CODE, message)
                    .field(format!("spec.{name}.annotations[{MODE_ANNOTATION}]"))
            }
            ModeRemark::Unknown { word, kserve, taken, words } => {
                let outcome = match taken {
                    Some(mode) => format!("and {mode} is taken instead"),
                    None => "and Standard mode fails for it".to_owned(),
                };
                let message = format!(
                    "deployment mode {} is unknown to KServe {kserve}, {outcome}; write {words}",
                    Excerpt::new(word)
                );
                let finding = match taken {
                    Some(_) => Finding::warning(CODE, message),
                    None => Finding::error(CODE, message),
                };
                finding.field(own()).current(shortened(word))
            }
            ModeRemark::StatusOutranks { recorded } => {
                let message = format!(
                    "status records the mode {recorded}, which outranks the annotation; delete the InferenceService and create it again to change its mode"
                );
                Finding::warning(CODE, message).field(own())
            }
        }
    }
}
