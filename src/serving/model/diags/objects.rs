//! The words for what is not about one service.

use super::config_code;
use crate::controllers::kserve::{ObjectFact, ObjectRemark};
use crate::finding::{Code, Finding};
use krm_package::text::excerpt::shortened;

impl From<&ObjectRemark> for Finding {
    fn from(ObjectRemark { resource, fact }: &ObjectRemark) -> Self {
        let finding = match fact {
            ObjectFact::Unreadable(error) => Finding::error(
                Code::KserveUnreadable,
                format!("the API server refuses it: {error}"),
            ),
            ObjectFact::ConfigValueNotText { key } => Finding::error(
                Code::KserveUnreadable,
                format!(
                    "the API server refuses {key} of {}, which is no string; put it in quotes",
                    resource.name
                ),
            )
            .field(format!("data[{key}]")),
            ObjectFact::OtherVersion => Finding::info(
                Code::KserveOtherVersion,
                format!(
                    "{} is not modelled; write serving.kserve.io/v1beta1",
                    resource.api_version
                ),
            ),
            ObjectFact::OtherKind => other_kind(&resource.kind),
            ObjectFact::ConfigDomain(error) => {
                Finding::error(Code::KnativeConfigDomain, error.to_string())
            }
            ObjectFact::SeveralDefaultDomains(domains) => several_defaults(domains),
            ObjectFact::ConfigNetwork(error) => {
                Finding::error(Code::KnativeConfigNetwork, error.to_string())
            }
            ObjectFact::KserveConfig(error) => {
                Finding::error(config_code(error), error.to_string())
            }
            ObjectFact::UnknownIngressKey(key) => Finding::warning(
                Code::KserveUnknownIngressKey,
                format!("ingress has the key {key:?}, which this release passes over in silence"),
            ),
        };
        finding.on(resource)
    }
}

fn other_kind(kind: &str) -> Finding {
    let message = if kind == "InferenceGraph" {
        "an InferenceGraph is not modelled: its hosts are those of the Knative Service of its own name".to_owned()
    } else {
        format!(
            "{kind} is not modelled: its routes are HTTPRoutes of the Gateway API under /NAMESPACE/NAME"
        )
    };
    Finding::info(Code::KserveOtherKind, message)
}

fn several_defaults(domains: &[String]) -> Finding {
    let (wins, loses) =
        domains.split_first().map_or(("", &[][..]), |(wins, loses)| (wins.as_str(), loses));
    let message = format!(
        "{} domains have no selector, and {} wins as the smallest name; remove {}",
        domains.len(),
        shortened(wins),
        shortened(&loses.join(", "))
    );
    Finding::warning(Code::KnativeTwoDefaults, message)
}
