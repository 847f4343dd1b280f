//! What there is to say of `protect` and `expect`, one variant a finding.

use crate::finding::{Code, Finding, key_path};
use crate::path::simulator::Cause;
use crate::runtime::Invalid;
use crate::values::env_entry::Misread;
use crate::values::k8s::ResourceRef;

/// An entry of `protect` that says nothing that can be protected.
pub(super) enum WrongProtect<'a> {
    /// Labels that are none.
    NoLabels,
    /// None of the targets, or several.
    Targets,
    /// A text that is not a header's name.
    Header(&'a Invalid),
    /// None of the sources of tokens, or both.
    Sources,
    /// A source that is not in the input.
    AbsentSource { kind: &'static str, name: &'a str },
}

impl From<WrongProtect<'_>> for Finding {
    fn from(wrong: WrongProtect<'_>) -> Self {
        match wrong {
            WrongProtect::NoLabels => {
                Self::error(Code::BadConfig, "matchLabels is empty; add at least one label")
            }
            WrongProtect::Targets => Self::error(
                Code::BadConfig,
                "exactly one must be set: service: NAMESPACE/NAME, pods: {matchLabels: …} or all: true",
            ),
            WrongProtect::Header(invalid) => {
                Self::error(Code::HeaderNameInvalid, invalid.error.clone())
            }
            WrongProtect::Sources => Self::error(
                Code::BadConfig,
                "exactly one object must be named: configMap: {name: …} or secret: {name: …}",
            ),
            WrongProtect::AbsentSource { kind, name } => Self::error(
                Code::ParamsNotFound,
                format!(
                    "{kind} {name} is not in the input; remove valuesFrom to require any token in the header"
                ),
            ),
        }
    }
}

/// An object without the tokens that it is named for. None of them is quoted.
pub(super) struct NotTokens<'a> {
    pub(super) object: &'a ResourceRef,
    /// The field of the object that holds the entry.
    pub(super) root: &'static str,
    pub(super) key: &'a str,
    pub(super) why: WrongTokens,
}

/// Why an entry is not a list of tokens.
pub(super) enum WrongTokens {
    /// There is no such entry.
    Absent,
    NotBase64,
    NotAList,
    Misread(Misread),
}

impl From<NotTokens<'_>> for Finding {
    fn from(NotTokens { object, root, key, why }: NotTokens<'_>) -> Self {
        let message = match why {
            WrongTokens::Absent => {
                format!("the key {key} is missing; set it to a JSON array of tokens, [\"…\"]")
            }
            WrongTokens::NotBase64 => {
                "the value is not base64-encoded UTF-8; use stringData for plain text".to_owned()
            }
            WrongTokens::NotAList => {
                "expected a JSON array of tokens, [\"…\"], with at least one".to_owned()
            }
            WrongTokens::Misread(misread) => misread.to_string(),
        };
        Self::error(Code::ParamsInvalid, message).on(object).field(key_path(root, key))
    }
}

/// An entry of `expect` that cannot be followed.
pub(super) enum WrongExpect<'a> {
    /// Not the URL of a request, and why.
    Url(String),
    UnknownCause(&'a str),
    NothingExpected,
}

impl WrongExpect<'_> {
    /// The finding; `entry` is the entry's field.
    pub(super) fn finding(self, entry: &str) -> Finding {
        let (name, message) = match self {
            Self::Url(why) => ("url", why),
            Self::UnknownCause(id) => {
                let known: Vec<&str> = Cause::ALL.iter().map(|cause| cause.as_str()).collect();
                ("cause", format!("unknown cause {id:?}; set one of {}", known.join(", ")))
            }
            Self::NothingExpected => {
                ("status", "nothing is expected; set status, cause or both".to_owned())
            }
        };
        Finding::error(Code::BadConfig, message).field(format!("{entry}.{name}"))
    }
}
