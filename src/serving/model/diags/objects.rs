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
                format!("the API server refuses this object: {error}"),
            ),
            ObjectFact::ConfigValueNotText { key } => Finding::error(
                Code::KserveUnreadable,
                format!(
                    "the API server refuses {key} of {}, which is not a string; put it in quotes",
                    resource.name
                ),
            )
            .field(format!("data[{key}]")),
            ObjectFact::OtherVersion => Finding::info(
                Code::KserveOtherVersion,
                format!(
                    "{} is not supported; set apiVersion to serving.kserve.io/v1beta1",
                    resource.api_version
                ),
            ),
            ObjectFact::OperatorOverrides => Finding::warning(
                Code::KnativeOperatorOverrides,
                format!(
                    "KnativeServing sets another {0} in spec.config, and the operator overwrites this ConfigMap; change spec.config of KnativeServing, or remove one of the two",
                    resource.name
                ),
            ),
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
                format!("ingress has the unknown key {key:?}, which this release ignores"),
            ),
        };
        finding.on(resource)
    }
}

fn several_defaults(domains: &[String]) -> Finding {
    let (wins, loses) =
        domains.split_first().map_or(("", &[][..]), |(wins, loses)| (wins.as_str(), loses));
    let message = format!(
        "{} domains have no selector, and {} wins as the alphabetically smallest; remove {}",
        domains.len(),
        shortened(wins),
        shortened(&loses.join(", "))
    );
    Finding::warning(Code::KnativeTwoDefaults, message)
}
