//! A load balancer as the controller would request it from AWS.
//!
//! Source: `pkg/model/elbv2` of the controller, v3.5.

use std::collections::BTreeMap;
use std::fmt;

use super::actions::RewriteConfig;
use super::conditions::HeaderValue;
use super::objects::IntOrString;

/// The model of one load balancer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// `internal` or `internet-facing`.
    pub scheme: String,
    /// `ipv4`, `dualstack` or `dualstack-without-public-ipv4`.
    pub ip_address_type: String,
    /// The name, where a member gives one; else the controller derives one.
    pub name: Option<String>,
    /// The attributes.
    pub attributes: BTreeMap<String, String>,
    /// The tags.
    pub tags: BTreeMap<String, String>,
    /// The listeners, by port.
    pub listeners: Vec<Listener>,
}

/// `HTTP` or `HTTPS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// Plain.
    Http,
    /// With a certificate; the only one that can have a login.
    Https,
}

impl fmt::Display for Protocol {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
        })
    }
}

/// One listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// The port.
    pub port: i32,
    /// The protocol.
    pub protocol: Protocol,
    /// Whether the controller picks the protocol at random: one object of `listen-ports` gives
    /// the port both.
    pub random: bool,
    /// The certificates' ARNs, the default one first.
    pub certificates: Vec<String>,
    /// Whether certificates would be found by host name, in an account that is not known here.
    pub certificates_to_discover: bool,
    /// `ssl-policy`, or the controller's own.
    pub ssl_policy: Option<String>,
    /// The attributes.
    pub attributes: BTreeMap<String, String>,
    /// What happens to a request that no rule takes.
    pub default_actions: Vec<Action>,
    /// The default backend that `default_actions` come from, where they do.
    pub default_origin: Option<Origin>,
    /// The members that have this listener, by their index.
    pub members: Vec<usize>,
    /// The rules, by priority.
    pub rules: Vec<Rule>,
}

impl fmt::Display for Listener {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.protocol, self.port)
    }
}

/// Where in the manifests a rule comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The member, by its index in the group.
    pub member: usize,
    /// Its place in `spec.rules` and in that rule's paths; `None` for the default backend.
    pub path: Option<(usize, usize)>,
    /// `backend.service.name`: a Service, or the name of an action.
    pub backend: String,
    /// Whether the backend is an action.
    pub uses_annotation: bool,
}

impl Origin {
    /// The field path of the backend's rule: `spec.rules[0].http.paths[1]`.
    #[must_use]
    pub(crate) fn field(&self) -> String {
        self.path.map_or_else(
            || "spec.defaultBackend".to_owned(),
            |(rule, path)| format!("spec.rules[{rule}].http.paths[{path}]"),
        )
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// From 1 on, for each listener.
    pub priority: usize,
    /// All of which must hold.
    pub conditions: Vec<Condition>,
    /// What happens: logins first, and at the end a forward, a redirect or a response.
    pub actions: Vec<Action>,
    /// What is rewritten on the way.
    pub transforms: Vec<Transform>,
    /// Where it comes from.
    pub origin: Origin,
}

/// Patterns with `*` and `?`, or regular expressions; any of which is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Patterns {
    /// Patterns.
    Values(Vec<String>),
    /// Regular expressions.
    Regex(Vec<String>),
}

impl Patterns {
    /// The patterns.
    #[must_use]
    pub(crate) fn values(&self) -> &[String] {
        match self {
            Self::Values(values) => values,
            Self::Regex(_) => &[],
        }
    }

    /// The regular expressions.
    #[must_use]
    pub(crate) fn regex(&self) -> &[String] {
        match self {
            Self::Values(_) => &[],
            Self::Regex(values) => values,
        }
    }

    /// How many of the five condition values of a rule they use up.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.values().len() + self.regex().len()
    }
}

/// What a rule demands of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// A header that is there and has one of the values.
    HttpHeader {
        /// The header's name.
        name: String,
        /// Patterns, compared without case.
        values: Vec<HeaderValue>,
        /// Regular expressions.
        regex: Vec<HeaderValue>,
    },
    /// The host.
    HostHeader(Patterns),
    /// The path.
    PathPattern(Patterns),
    /// The method.
    Method(Vec<String>),
    /// One of these parameters: a key, if any, and a value.
    QueryString(Vec<(Option<String>, HeaderValue)>),
    /// The client's address, as CIDRs.
    SourceIp(Vec<String>),
}

impl Condition {
    /// How many condition values it uses up.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::HttpHeader { values, regex, .. } => values.len() + regex.len(),
            Self::HostHeader(patterns) | Self::PathPattern(patterns) => patterns.len(),
            Self::Method(values) | Self::SourceIp(values) => values.len(),
            Self::QueryString(values) => values.len(),
        }
    }

    /// About how many bytes it takes.
    pub(crate) fn size(&self) -> usize {
        let texts = |texts: &[String]| texts.iter().map(|text| text.len() + 24).sum::<usize>();
        let values =
            |values: &[HeaderValue]| values.iter().map(|value| value.expose().len() + 24).sum();
        match self {
            Self::HttpHeader { values: own, regex, .. } => {
                let (own, regex): (usize, usize) = (values(own), values(regex));
                own + regex
            }
            Self::HostHeader(patterns) | Self::PathPattern(patterns) => {
                texts(patterns.values()) + texts(patterns.regex())
            }
            Self::Method(own) | Self::SourceIp(own) => texts(own),
            Self::QueryString(pairs) => {
                pairs.iter().map(|(_, value)| value.expose().len() + 48).sum()
            }
        }
    }
}

/// What a rule does with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Sends it on.
    Forward {
        /// The target groups.
        targets: Vec<Target>,
        /// Whether a client stays with one, and for how many seconds.
        stickiness: Option<(Option<bool>, Option<i32>)>,
    },
    /// Answers it.
    FixedResponse {
        /// The content type.
        content_type: Option<String>,
        /// The body.
        message_body: Option<String>,
        /// The status.
        status_code: String,
    },
    /// Sends the client elsewhere.
    Redirect(super::actions::RedirectConfig),
    /// Demands a Cognito login.
    AuthenticateCognito {
        /// The user pool.
        pool: super::auth::CognitoConfig,
        /// The session.
        session: Session,
    },
    /// Demands a login with an `OpenID` Connect provider.
    AuthenticateOidc {
        /// The provider.
        provider: super::auth::OidcConfig,
        /// The session.
        session: Session,
    },
    /// Demands a JSON Web Token.
    ValidateJwt(super::auth::JwtConfig),
}

/// The session of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// `authenticate`, `deny` or `allow`.
    pub on_unauthenticated_request: String,
    /// The scope.
    pub scope: String,
    /// The cookie's name.
    pub cookie: String,
    /// Seconds.
    pub timeout: i64,
}

/// One target group of a forward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Which.
    pub group: TargetGroup,
    /// Its share of requests.
    pub weight: Option<i32>,
}

/// A target group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetGroup {
    /// One that exists.
    Arn(String),
    /// One that exists, by its name.
    Name(String),
    /// The pods of a Service.
    Service {
        /// The Service's namespace.
        namespace: String,
        /// Its name.
        name: String,
        /// Its port.
        port: IntOrString,
        /// `instance` or `ip`.
        target_type: String,
        /// `HTTP` or `HTTPS`.
        protocol: String,
        /// The health check's path.
        health_check_path: String,
        /// Whether the Service is not in the input and only taken to exist.
        assumed: bool,
    },
}

/// What a rule rewrites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transform {
    /// The host.
    HostHeader(Vec<RewriteConfig>),
    /// The URL.
    Url(Vec<RewriteConfig>),
}
