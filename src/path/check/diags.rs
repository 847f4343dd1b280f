//! The findings on a package as it will be applied.

use crate::finding::{Code, Finding};

/// A protected Service that is not among the objects.
pub(super) struct AbsentService<'a> {
    pub(super) namespace: &'a Option<String>,
    pub(super) name: &'a str,
}

impl From<AbsentService<'_>> for Finding {
    fn from(AbsentService { namespace, name }: AbsentService<'_>) -> Self {
        let shown = match namespace {
            Some(namespace) => format!("{namespace}/{name}"),
            None => name.to_owned(),
        };
        let message = format!(
            "the protected Service {shown} is not in the input, so the other ways to its pods are unknown; check the whole output, with the Service in it"
        );
        Self::error(Code::PathServiceAbsent, message)
    }
}
