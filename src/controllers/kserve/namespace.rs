//! The namespace of an `InferenceService` whose manifest gives none.

use std::collections::BTreeSet;

use super::remark::Remark;

/// The namespace and, where it is not the manifest's own, what was assumed.
pub(super) struct Resolved {
    pub(super) namespace: String,
    pub(super) assumed: Option<String>,
    pub(super) remark: Option<Remark>,
}

/// The manifest's own namespace, then the configuration's, then the only Profile's, then
/// `default`, where kubectl puts it.
pub(super) fn resolve(
    given: Option<&str>,
    config: Option<&str>,
    profiles: &BTreeSet<String>,
) -> Resolved {
    let resolved = |namespace: &str, assumed: Option<String>| Resolved {
        namespace: namespace.to_owned(),
        assumed,
        remark: None,
    };
    if let Some(namespace) = given {
        return resolved(namespace, None);
    }
    if let Some(namespace) = config {
        return resolved(namespace, Some(format!("namespace {namespace}: as given")));
    }
    let mut names = profiles.iter();
    match (names.next(), names.next()) {
        (Some(namespace), None) => {
            resolved(namespace, Some(format!("namespace {namespace}: of the only Profile")))
        }
        (None, _) => {
            resolved("default", Some("namespace default: no manifest names one".to_owned()))
        }
        (Some(_), Some(_)) => Resolved {
            remark: Some(Remark::NamespaceAmbiguous { profiles: profiles.len() }),
            ..resolved("default", Some("namespace default: no manifest names one".to_owned()))
        },
    }
}
