//! That no policy is generated, and why.

use crate::finding::{Code, Finding};

/// Nothing to write a policy for.
pub(super) enum NothingServed<'a> {
    /// In a listed namespace, which has these services.
    InNamespace { namespace: &'a str, index: usize, services: Vec<&'a str> },
    /// Anywhere, of these services.
    Anywhere { services: Vec<&'a str> },
}

impl From<NothingServed<'_>> for Finding {
    fn from(nothing: NothingServed<'_>) -> Self {
        // A service that KServe refuses or fails at has no pods.
        let without_pods = |services: &[&str]| {
            let first = services.first()?;
            let further = match services.len() {
                1 => String::new(),
                several => format!(" and {} more", several - 1),
            };
            Some(format!("KServe creates no pods for {first}{further}"))
        };
        const SEE: &str = "`kserve-aws hosts` says why";
        match nothing {
            NothingServed::InNamespace { namespace, index, services } => Finding::warning(
                Code::AuthorizationNothingServed,
                match without_pods(&services) {
                    Some(why) => {
                        format!("{why} in namespace {namespace}, so no policy is generated for it; {SEE}")
                    }
                    None => format!(
                        "namespace {namespace} has no InferenceService in the input, so no policy is generated for it"
                    ),
                },
            )
            .field(format!("spec.namespaces[{index}]")),
            NothingServed::Anywhere { services } => Finding::warning(
                Code::AuthorizationNothingServed,
                match without_pods(&services) {
                    Some(why) => format!("{why}, so no policy is generated; {SEE}"),
                    None => "the input has no InferenceService of serving.kserve.io/v1beta1, so no policy is generated; run the function as a transformer over the InferenceServices".to_owned(),
                },
            ),
        }
    }
}
