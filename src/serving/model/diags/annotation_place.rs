//! Words for where an annotation is.

use crate::controllers::kserve::AnnotationPlace;
use krm_package::text::excerpt::Excerpt;

/// Whose annotation it is where the service does not have it.
pub(super) fn of_runtime(place: &AnnotationPlace) -> String {
    match place {
        AnnotationPlace::Runtime(name) => format!(" of the runtime {}", Excerpt::new(name)),
        AnnotationPlace::Service | AnnotationPlace::Component(_) => String::new(),
    }
}
