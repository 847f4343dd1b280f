//! Why a rule forwards a request without the credential that is required.

use std::fmt;

use crate::controllers::alb::GroupId;
use crate::controllers::alb::annotations::key;
use crate::controllers::alb::model::Listener;
use crate::finding::{Code, FieldPath, Fix};

/// Why a rule is open.
pub(crate) enum Cause<'a> {
    /// A login that lets everyone through.
    UnauthenticatedAllowed,
    /// The default backend has no conditions.
    DefaultBackend,
    /// A login is required, and the listener is plain HTTP.
    HttpListener(&'a Listener),
    /// `conditions.<service>` holds no condition.
    ConditionsEmpty,
    /// A condition gives its `field` twice.
    DuplicateField,
    /// One condition counts, and the one on the header does not.
    HeaderConditionIgnored,
    /// No condition counts.
    ConditionIgnored,
    /// A value that anyone can give, in these headers.
    AnyValue(&'a [String]),
    /// The condition is on another header than this one.
    OtherHeader(&'a str),
    /// No condition is on a header.
    ConditionWidens,
    /// A misspelt annotation, and how to write it.
    AnnotationMisspelt { key: &'a str, right: String },
    /// Conditions on a Service, for this backend.
    ConditionsOnService { backend: &'a str },
    /// `jwt-validation` on a Service.
    JwtOnService,
    /// Conditions that are named after the Service of an action.
    ActionConditions { action: &'a str },
    /// Conditions that are named after no backend.
    ConditionsUnbound {
        /// The backend.
        backend: &'a str,
        /// Whether its name is theirs with a prefix or a suffix.
        is_renamed: bool,
    },
    /// `auth-type: none` on the Service.
    LoginOffByService,
    /// A provider without `auth-type`.
    LoginWithoutType { kind: &'static str },
    /// Conditions of another backend.
    OtherBackend { conditioned: &'a str, backend: &'a str },
    /// A condition on a header that carries no token.
    NoToken { backend: &'a str },
    /// A JSON Web Token of which no claim is required.
    JwtWithoutClaims,
    /// Another load balancer in front of the same pods, if what has no namespace is applied to theirs.
    NamespaceMissing,
    /// A login with something else than what the parameters name.
    OtherLogin,
    /// Nothing at all.
    Unguarded { backend: &'a str },
    /// The Ingress that requires a credential is not on this listener.
    MemberPorts { other: String, listener: &'a Listener },
    /// A member of a group that another member protects.
    GroupMember { group: &'a GroupId, other: String, is_foreign: bool },
    /// Another load balancer in front of the same pods.
    SeparateLoadBalancer,
}

impl Cause<'_> {
    pub(super) fn code(&self) -> Code {
        match self {
            Self::UnauthenticatedAllowed => Code::AlbOpenUnauthenticatedAllowed,
            Self::DefaultBackend => Code::AlbOpenDefaultBackend,
            Self::HttpListener(_) => Code::AlbOpenHttpListener,
            Self::ConditionsEmpty => Code::AlbOpenConditionsEmpty,
            Self::DuplicateField => Code::AlbOpenDuplicateKey,
            Self::HeaderConditionIgnored | Self::OtherHeader(_) => Code::AlbOpenConditionPartial,
            Self::ConditionIgnored => Code::AlbOpenConditionIgnored,
            Self::AnyValue(_) => Code::AlbOpenAnyValue,
            Self::ConditionWidens => Code::AlbOpenConditionWidens,
            Self::AnnotationMisspelt { .. } => Code::AlbOpenAnnotationMisspelt,
            Self::ConditionsOnService { .. }
            | Self::JwtOnService
            | Self::ConditionsUnbound { .. } => Code::AlbOpenConditionsUnbound,
            Self::ActionConditions { .. } => Code::AlbOpenActionConditions,
            Self::LoginOffByService | Self::LoginWithoutType { .. } => Code::AlbOpenLoginOff,
            Self::NoToken { .. } => Code::AlbOpenConditionPartial,
            Self::JwtWithoutClaims => Code::AlbJwtWithoutClaims,
            Self::NamespaceMissing => Code::AlbNamespaceMissing,
            Self::OtherLogin => Code::AlbOpenLoginOff,
            Self::OtherBackend { .. } => Code::AlbOpenOtherPath,
            Self::Unguarded { .. } => Code::AlbOpenRule,
            Self::MemberPorts { .. } => Code::AlbOpenMemberPorts,
            Self::GroupMember { .. } => Code::AlbOpenGroupMember,
            Self::SeparateLoadBalancer => Code::AlbOpenSeparateLoadBalancer,
        }
    }
}

impl Cause<'_> {
    /// The code where the annotations of another application alone require something, and perhaps nothing: an
    /// error without saying that what is protected is open.
    pub(super) fn code_of_others(&self) -> Code {
        match self {
            Self::AnnotationMisspelt { .. } => Code::AlbAnnotationMisspelt,
            Self::ConditionsEmpty => Code::AlbConditionsEmpty,
            _ => self.code(),
        }
    }
}

impl Cause<'_> {
    /// The edit that is the advice, where it is one: on the object and the field of the finding.
    pub(super) fn fix(&self, field: &FieldPath) -> Option<Fix> {
        let rename = |suffix: String| Fix::rename(field.clone(), &key(&suffix));
        let beside = |suffix: &str| FieldPath::from("metadata.annotations").key(key(suffix));
        Some(match self {
            Self::AnnotationMisspelt { key, right } => {
                Fix::respell(field.clone(), key, right, right)
            }
            Self::ActionConditions { action } => rename(format!("conditions.{action}")),
            Self::ConditionsUnbound { backend, .. } => {
                rename(format!("conditions.{backend}")).if_intended()
            }
            Self::LoginWithoutType { kind } => Fix::add(beside("auth-type"), *kind),
            Self::UnauthenticatedAllowed => {
                Fix::replace(field.clone(), "authenticate").if_intended()
            }
            Self::LoginOffByService => Fix::remove(field.clone()).if_intended(),
            _ => return None,
        })
    }
}

/// What to write for a condition on a header that does not count.
const HEADER_CONDITION: &str = "set \"field\":\"http-header\" with an httpHeaderConfig";

impl fmt::Display for Cause<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnauthenticatedAllowed => out.write_str(
                "auth-on-unauthenticated-request lets requests through without a login; remove it, or set it to \"authenticate\" or \"deny\"",
            ),
            Self::DefaultBackend => out.write_str(
                "the default backend takes every request that no rule takes, and conditions never apply to it; remove spec.defaultBackend, or point it to a fixed-response action (port name use-annotation)",
            ),
            Self::HttpListener(listener) => write!(
                out,
                "a login or a JSON Web Token is only required on HTTPS listeners, and {listener} is plain HTTP; set listen-ports to [{{\"HTTPS\":443}}] with a certificate-arn, or set ssl-redirect to \"443\""
            ),
            Self::ConditionsEmpty => out.write_str(
                "conditions is empty, so no condition applies; set it to a list with an http-header condition",
            ),
            Self::DuplicateField => write!(
                out,
                "a condition sets its field twice (keys are case-insensitive), and the last one, which applies, is not http-header; {HEADER_CONDITION}, once"
            ),
            Self::HeaderConditionIgnored => write!(
                out,
                "one condition applies, but the one on the header is ignored because its field is not http-header; {HEADER_CONDITION}"
            ),
            Self::ConditionIgnored => write!(
                out,
                "the controller ignores a condition whose field is not exactly http-header; {HEADER_CONDITION}"
            ),
            Self::AnyValue(headers) => write!(
                out,
                "a value for {} matches any text, so every request that sends the header is let in; list the tokens literally",
                headers.join(", ")
            ),
            Self::OtherHeader(required) => write!(
                out,
                "conditions is on another header; add an http-header condition on {required}"
            ),
            Self::ConditionWidens => out.write_str(
                "conditions on host, path, method, query or source address require no token, and those on host and path only widen the rule; add an http-header condition",
            ),
            Self::AnnotationMisspelt { key, right } => {
                write!(out, "the controller ignores the unknown annotation {key}; use {right}")
            }
            Self::ConditionsOnService { backend } => write!(
                out,
                "conditions on a Service are ignored; set conditions.{backend} on the Ingress"
            ),
            Self::JwtOnService => {
                out.write_str("jwt-validation on a Service is ignored; set it on the Ingress")
            }
            Self::ActionConditions { action } => write!(
                out,
                "conditions are named after the backend, here the action {action}, not after the Service that the action forwards to; rename them to conditions.{action}"
            ),
            Self::ConditionsUnbound { backend, is_renamed } => {
                write!(
                    out,
                    "no rule has a backend of exactly this name, so the conditions are ignored; rename them to conditions.{backend}"
                )?;
                if *is_renamed {
                    out.write_str(", or, if a namePrefix or nameSuffix of kustomize renamed the Service, run set-ingress-params in that kustomization or above it, and kserve-aws check on the final output")?;
                }
                Ok(())
            }
            Self::LoginOffByService => out.write_str(
                "auth-type none on the Service overrides that of the Ingress; remove it from the Service",
            ),
            Self::LoginWithoutType { kind } => {
                write!(out, "without auth-type the controller adds no login; set auth-type to \"{kind}\"")
            }
            Self::NoToken { backend } => write!(
                out,
                "the condition of {backend} is on a header that carries no token; add an \
                 http-header condition on the header of the token, or a login"
            ),
            Self::JwtWithoutClaims => out.write_str(
                "jwt-validation requires no claim that names the audience, so every token of the issuer is let in; add an additionalClaims entry for scope, client_id or aud",
            ),
            Self::NamespaceMissing => out.write_str(
                "an object without metadata.namespace may be applied to any namespace; in the same one as the others, this load balancer forwards to pods that are protected on another; set metadata.namespace on each",
            ),
            Self::OtherLogin => out.write_str(
                "the login is not the one that the parameters name: an annotation of the Service overrides that of the Ingress; remove auth-type and auth-idp-* from the Service",
            ),
            Self::OtherBackend { conditioned, backend } => write!(
                out,
                "the conditions of {conditioned} do not apply to the backend {backend}; add \
                 conditions.{backend}"
            ),
            Self::Unguarded { backend } => write!(
                out,
                "the backend {backend} has no conditions and no login; add conditions.{backend} or a login"
            ),
            Self::MemberPorts { other, listener } => write!(
                out,
                "each Ingress of a group has its own ports: {other}, which requires a credential, is not on {listener}; set the same listen-ports and certificate-arn on both, and protect this rule"
            ),
            Self::GroupMember { group, other, is_foreign } => {
                let joined =
                    if *is_foreign { " (from another namespace, by group.name alone)" } else { "" };
                write!(
                    out,
                    "this member of the group {group}{joined} has no conditions and no login, and opens the load balancer that it shares with {other}; protect its rules, or remove it from the group"
                )
            }
            Self::SeparateLoadBalancer => out.write_str(
                "two Ingresses without a common group.name are two load balancers, and this one forwards to pods for which another requires a token or a login; protect this rule too (spec.targets sets several Ingresses in one run)",
            ),
        }
    }
}
