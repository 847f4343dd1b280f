//! Yes, no, or why it cannot be said.

use std::collections::BTreeSet;
use std::fmt;

use super::path::OLDER_ENVOY;

/// Why a verdict cannot be given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// An external provider decides.
    Provider {
        /// The CUSTOM policy that matches, `NAMESPACE/NAME`.
        policy: String,
        /// The provider's name.
        provider: String,
    },
    /// The address of the connection's other end matters and is not known.
    SourceAddress,
    /// The client's own address matters and is not known.
    RemoteAddress,
    /// The workload's own address matters and is not known.
    DestinationAddress,
    /// The server name of the TLS handshake matters and is not known.
    Sni,
    /// The claims of a token matter and are not known.
    Token,
    /// A header matters that the proxy itself sets or removes.
    Header(String),
    /// A condition reads what other filters of the proxy have stored.
    FilterMetadata(String),
    /// istiod takes a value that the proxy then refuses, with the whole configuration.
    RefusedByProxy(String),
    /// A route continues in another VirtualService.
    Delegate(String),
    /// A regular expression that cannot be read here.
    Regex(String),
    /// The request target is a whole URL, of which the proxy takes host and path.
    AbsoluteTarget,
    /// Proxies of other releases read another path.
    DotParameters,
}

impl fmt::Display for Doubt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider { policy, provider } => {
                write!(out, "CUSTOM policy {policy} delegates to provider {provider:?}")
            }
            Self::SourceAddress => out.write_str("the source address is not known"),
            Self::RemoteAddress => out.write_str("the client's address is not known"),
            Self::DestinationAddress => out.write_str("the workload's address is not known"),
            Self::Sni => out.write_str("the server name of the TLS handshake is not known"),
            Self::Token => out.write_str("the claims of the token are not known"),
            Self::Header(name) => write!(out, "the proxy itself sets or removes header {name:?}"),
            Self::FilterMetadata(key) => {
                write!(out, "condition {key:?} depends on the proxy's other filters")
            }
            Self::RefusedByProxy(value) => {
                write!(
                    out,
                    "istiod accepts {value:?}, but the proxy refuses a configuration with it"
                )
            }
            Self::Delegate(name) => write!(out, "the route continues in VirtualService {name:?}"),
            Self::Regex(regex) => write!(out, "regular expression {regex:?} cannot be read"),
            Self::AbsoluteTarget => out.write_str("the request target is a whole URL"),
            Self::DotParameters => write!(
                out,
                "the path has a dot segment with parameters, which {OLDER_ENVOY} does not resolve (CVE-2026-73551)"
            ),
        }
    }
}

/// Yes, no, or why it cannot be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    Unknown(BTreeSet<Doubt>),
}

impl Answer {
    pub(super) fn doubt(doubt: Doubt) -> Self {
        Self::Unknown(BTreeSet::from([doubt]))
    }

    /// Yes if one is; no if all are.
    pub(super) fn any(answers: impl IntoIterator<Item = Self>) -> Self {
        let mut doubts = BTreeSet::new();
        for answer in answers {
            match answer {
                Self::Yes => return Self::Yes,
                Self::No => {}
                Self::Unknown(more) => doubts.extend(more),
            }
        }
        if doubts.is_empty() { Self::No } else { Self::Unknown(doubts) }
    }

    /// No if one is; yes if all are.
    pub(super) fn all(answers: impl IntoIterator<Item = Self>) -> Self {
        !Self::any(answers.into_iter().map(|answer| !answer))
    }
}

impl std::ops::Not for Answer {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            doubt @ Self::Unknown(_) => doubt,
        }
    }
}

impl From<bool> for Answer {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}
