//! The findings of this project: [`krm_function::Finding`] with its codes.

mod codes;

use krm_function::RuntimeCode;

pub use codes::Code;
pub use krm_function::{Field, FieldPath, Fix, Replacement, Severity, key_path};

/// One finding.
pub type Finding = krm_function::Finding<Code>;

impl Code {
    /// The codes that an id means: one, or the parts of a former one that was split.
    pub fn known_as(id: &str) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |code| code.is_known_as(id))
    }
}

impl krm_function::Code for Code {
    fn as_str(self) -> &'static str {
        Self::as_str(self)
    }

    fn ids() -> Vec<&'static str> {
        let former = Self::ALL.iter().flat_map(|code| code.former_ids());
        Self::ALL.iter().map(|code| code.as_str()).chain(former.copied()).collect()
    }

    fn is_known_as(self, id: &str) -> bool {
        Self::is_known_as(self, id)
    }

    fn can_be_accepted(self) -> bool {
        !NOT_ACCEPTED.contains(&self)
    }
}

/// Errors that keep a function from its work, so that it looks no further: accepted, they would hide
/// what it did not find. They are mended, not accepted.
const NOT_ACCEPTED: &[Code] = &[
    Code::BadInput,
    Code::BadConfig,
    Code::BadItem,
    Code::BadObject,
    Code::AcceptUnused,
    Code::EditRefused,
    Code::OutputLost,
    Code::ResourceNotOwned,
    Code::CertificateMissing,
    Code::CertificateArnInvalid,
    Code::AlbTwoRegions,
    Code::HeaderNameInvalid,
    Code::HeaderValuesMissing,
    Code::ConditionValuesTooMany,
    Code::HeaderValueInvalid,
    Code::TokenPlaceholder,
    Code::TokensDifferInCaseOnly,
    Code::ParameterNotUsed,
    Code::SchemeInvalid,
    Code::HostInvalid,
    Code::CognitoInvalid,
    Code::TargetNotFound,
    Code::PlaceholderUnreplaced,
    Code::ParamsNotFound,
    Code::ParamsAmbiguous,
    Code::ParamsInvalid,
    Code::DomainInvalid,
    Code::SelectorInvalid,
    Code::DomainsConflict,
    Code::DomainTemplateInvalid,
    Code::ConfigMapMissing,
    Code::KnativeConfigDomain,
    Code::KnativeConfigNetwork,
    Code::AuthorizationPrincipalInvalid,
    Code::AuthorizationFieldNotUsed,
    Code::CertificateNameInvalid,
    Code::CertificateWithoutHosts,
    Code::CertificateUnreadable,
    Code::CertificateResourceInvalid,
    Code::DnsConfigInvalid,
    Code::DnsTargetInvalid,
    Code::DnsTargetMissing,
    Code::DnsIngressNotFound,
    Code::DnsWithoutHosts,
];

impl From<RuntimeCode> for Code {
    fn from(code: RuntimeCode) -> Self {
        match code {
            RuntimeCode::BadInput => Self::BadInput,
            RuntimeCode::BadConfig => Self::BadConfig,
            RuntimeCode::BadItem => Self::BadItem,
            RuntimeCode::BadObject => Self::BadObject,
            RuntimeCode::AcceptUnused => Self::AcceptUnused,
            RuntimeCode::EditRefused => Self::EditRefused,
            RuntimeCode::OutputLost => Self::OutputLost,
            RuntimeCode::ResourceNotOwned => Self::ResourceNotOwned,
            RuntimeCode::ResourceRemoved => Self::ResourceRemoved,
            RuntimeCode::ResourceUnclaimed => Self::ResourceUnclaimed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_kebab_case() {
        let ids: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(ids.len(), Code::ALL.len());
        for id in ids {
            assert!(
                id.split('-').all(|word| !word.is_empty()
                    && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())),
                "{id} is not kebab-case"
            );
        }
    }
}
