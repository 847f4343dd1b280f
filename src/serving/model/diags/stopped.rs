//! The words for a component that is stopped by itself, in either mode.

use crate::controllers::kserve::{Component, STOP_ANNOTATION};
use crate::finding::{Code, Finding};

/// The component, whose annotation is in its own spec.
pub(super) fn component_stopped(component: Component) -> Finding {
    let component = component.as_str();
    Finding::warning(
        Code::KserveComponentStopped,
        format!(
            "the annotation {STOP_ANNOTATION} stops only the {component}, and the service has no route without it; move it to metadata.annotations, or remove it"
        ),
    )
    .field(format!("spec.{component}.annotations[{STOP_ANNOTATION}]"))
}
