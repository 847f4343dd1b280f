//! One field of a rule: one of these values, and none of those.

use std::net::IpAddr;

use super::address::IpBlock;
use super::authorization_policy::Action;
use super::claims::{self, ClaimPattern};
use super::identity_pattern::IdentityPattern;
use super::path_template::{self, PathTemplate};
use super::string_pattern::{Case, StringPattern};
use super::trust_domain;
use super::values::in_brackets;
use crate::controllers::istio::answer::{Answer, Doubt};
use crate::controllers::istio::facts::{Facts, header_values};
use crate::controllers::istio::mesh::Mesh;
use crate::controllers::istio::path::NormalPath;
use crate::controllers::istio::request::{HttpRequest, Jwt};

/// What a field of a rule, or the key of a condition, looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Attribute<'a> {
    SourceIp,
    RemoteIp,
    DestinationIp,
    DestinationPort,
    Namespace,
    Principal,
    TrustDomain,
    ServiceAccount { policy_namespace: &'a str },
    RequestPrincipal,
    Claim(&'a str),
    Header(&'a str),
    Host,
    Method,
    Path,
    Sni,
    FilterMetadata(&'a str),
}

/// Why a value yields no test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoTest {
    /// istiod takes the object but writes nothing for the value.
    Skipped,
    /// The proxy refuses the whole configuration.
    Refused(Doubt),
}

impl<'a> Attribute<'a> {
    /// The attribute of a condition's key; `None` for a key that validation refuses.
    pub(super) fn of_key(key: &'a str, policy_namespace: &'a str) -> Option<Self> {
        Some(match key {
            "destination.ip" => Self::DestinationIp,
            "destination.port" => Self::DestinationPort,
            "connection.sni" => Self::Sni,
            _ if key.starts_with("experimental.envoy.filters.") => Self::FilterMetadata(key),
            "source.ip" => Self::SourceIp,
            "remote.ip" => Self::RemoteIp,
            "source.namespace" => Self::Namespace,
            "source.trustDomain" => Self::TrustDomain,
            "source.serviceAccount" => Self::ServiceAccount { policy_namespace },
            "source.principal" => Self::Principal,
            "request.auth.principal" => Self::RequestPrincipal,
            "request.auth.audiences" => Self::Claim("[aud]"),
            "request.auth.presenter" => Self::Claim("[azp]"),
            _ => match key.strip_prefix("request.headers") {
                Some(name) => Self::Header(name),
                None => Self::Claim(key.strip_prefix("request.auth.claims")?),
            },
        })
    }

    fn test(&self, value: &str) -> Result<Test, NoTest> {
        let block = || {
            IpBlock::parse(value)
                .ok_or_else(|| NoTest::Refused(Doubt::RefusedByProxy(value.to_owned())))
        };
        let pattern = || StringPattern::new(value);
        Ok(match *self {
            Self::SourceIp => Test::Source(block()?),
            Self::RemoteIp => Test::Remote(block()?),
            Self::DestinationIp => Test::Destination(block()?),
            Self::DestinationPort => Test::Port(value.parse().map_err(|_| NoTest::Skipped)?),
            Self::Namespace => Test::Identity(IdentityPattern::namespace(value)),
            Self::Principal => Test::Identity(IdentityPattern::principal(value)),
            Self::TrustDomain => Test::Identity(IdentityPattern::trust_domain(value)),
            Self::ServiceAccount { policy_namespace } => {
                Test::Identity(IdentityPattern::service_account(value, policy_namespace))
            }
            Self::RequestPrincipal => Test::Token(ClaimPattern::principal(value)),
            Self::Claim(brackets) => {
                let path = claims::path_of(brackets).ok_or(NoTest::Skipped)?;
                Test::Token(ClaimPattern::claim(&path, value))
            }
            Self::Header(brackets) => {
                let name = in_brackets(brackets).ok_or(NoTest::Skipped)?;
                Test::Header { name: name.to_ascii_lowercase(), pattern: pattern() }
            }
            Self::Host => Test::Host(pattern()),
            Self::Method => Test::Method(pattern()),
            Self::Path if path_template::is_template(value) => {
                let refused = || NoTest::Refused(Doubt::RefusedByProxy(value.to_owned()));
                Test::Template(PathTemplate::parse(value).ok_or_else(refused)?)
            }
            Self::Path => Test::Path(pattern()),
            Self::Sni => Test::Sni(pattern()),
            Self::FilterMetadata(key) => Test::FilterMetadata(key.to_owned()),
        })
    }
}

/// A test of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Identity(IdentityPattern),
    Source(IpBlock),
    Remote(IpBlock),
    Destination(IpBlock),
    Port(u16),
    Sni(StringPattern),
    FilterMetadata(String),
    Host(StringPattern),
    Method(StringPattern),
    Path(StringPattern),
    Template(PathTemplate),
    Header { name: String, pattern: StringPattern },
    Token(ClaimPattern),
}

impl Test {
    fn needs_http(&self) -> bool {
        matches!(
            self,
            Self::Host(_)
                | Self::Method(_)
                | Self::Path(_)
                | Self::Template(_)
                | Self::Header { .. }
                | Self::Token(_)
        )
    }

    fn answer(&self, facts: &Facts<'_>) -> Answer {
        let within = |block: &IpBlock, address: Option<IpAddr>, doubt| match address {
            Some(address) => block.contains(address).into(),
            None => Answer::doubt(doubt),
        };
        let request = facts.request;
        match self {
            Self::Identity(pattern) => {
                request.peer.identity().is_some_and(|identity| pattern.matches(identity)).into()
            }
            Self::Source(block) => within(block, request.source_address, Doubt::SourceAddress),
            Self::Remote(block) => within(block, facts.remote_address, Doubt::RemoteAddress),
            Self::Destination(block) => {
                within(block, request.destination_address, Doubt::DestinationAddress)
            }
            Self::Port(port) => (request.destination_port == *port).into(),
            Self::Sni(pattern) => match (&request.sni, request.peer.identity()) {
                (Some(name), _) => pattern.matches(name).into(),
                (None, None) => pattern.matches("").into(),
                (None, Some(_)) => Answer::doubt(Doubt::Sni),
            },
            Self::FilterMetadata(key) => Answer::doubt(Doubt::FilterMetadata(key.clone())),
            _ => match facts.http {
                Some((http, path)) => self.http_answer(facts, http, path),
                None => Answer::No,
            },
        }
    }

    fn http_answer(&self, facts: &Facts<'_>, http: &HttpRequest, path: &NormalPath) -> Answer {
        match self {
            Self::Host(pattern) => {
                pattern.matches_header(Some(&http.host), Case::Insensitive).into()
            }
            Self::Method(pattern) => {
                pattern.matches_header(Some(&http.method), Case::Sensitive).into()
            }
            Self::Path(pattern) => pattern.matches(path.path()).into(),
            Self::Template(template) => template.matches(path.path()).into(),
            Self::Header { name, pattern } => match header_values(name, facts) {
                Ok(values) => values
                    .iter()
                    .any(|value| pattern.matches_header(Some(value), Case::Sensitive))
                    .into(),
                Err(doubt) => Answer::doubt(doubt),
            },
            Self::Token(pattern) => match &http.jwt {
                Jwt::Unknown => Answer::doubt(Doubt::Token),
                Jwt::Absent => Answer::No,
                Jwt::Claims(claims) => pattern.matches(claims).into(),
            },
            _ => Answer::No,
        }
    }
}

/// One field of a rule: one of these values where there are any, and none of those.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Clause {
    any_of: Vec<Test>,
    none_of: Vec<Test>,
}

impl Clause {
    /// The tests of a field; `None` for a field that is absent.
    ///
    /// # Errors
    /// A value for which istiod writes nothing: an ALLOW rule falls with it, every other rule goes
    /// on without the value, and so matches more (`checkError`, `pilot/pkg/security/authz/model`).
    /// Or one for which the proxy refuses everything.
    pub(super) fn new(
        attribute: &Attribute<'_>,
        values: &[String],
        not_values: &[String],
        action: Action,
        mesh: &Mesh,
    ) -> Result<Option<Self>, NoTest> {
        if values.is_empty() && not_values.is_empty() {
            return Ok(None);
        }
        let tests = |values: &[String]| -> Result<Vec<Test>, NoTest> {
            let values = match attribute {
                Attribute::Principal => {
                    values.iter().flat_map(|value| trust_domain::principals(value, mesh)).collect()
                }
                Attribute::TrustDomain => trust_domain::expand(values, mesh),
                _ => values.to_vec(),
            };
            let mut tests = Vec::with_capacity(values.len());
            for value in &values {
                match attribute.test(value) {
                    Ok(test) => tests.push(test),
                    Err(NoTest::Skipped) if action != Action::Allow => {}
                    Err(problem) => return Err(problem),
                }
            }
            Ok(tests)
        };
        Ok(Some(Self { any_of: tests(values)?, none_of: tests(not_values)? }))
    }

    /// Whether a TCP port has to leave the field, or a part of it, out.
    pub(super) fn needs_http(&self) -> bool {
        self.any_of.iter().chain(&self.none_of).any(Test::needs_http)
    }

    pub(super) fn answer(&self, facts: &Facts<'_>) -> Answer {
        let applies = |test: &&Test| facts.http.is_some() || !test.needs_http();
        let mut any_of = self.any_of.iter().filter(applies).peekable();
        let one = match any_of.peek() {
            Some(_) => Answer::any(any_of.map(|test| test.answer(facts))),
            None => Answer::Yes,
        };
        let none = !Answer::any(self.none_of.iter().filter(applies).map(|test| test.answer(facts)));
        Answer::all([one, none])
    }
}
