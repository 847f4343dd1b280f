//! Openings: a rule that forwards a request without the credential that is required.

use std::fmt;

use crate::controllers::alb::GroupId;
use crate::controllers::alb::annotations::key;
use crate::controllers::alb::model::{Listener, Protocol};
use crate::controllers::alb::request::Request;
use crate::finding::{Code, FieldPath, Finding, Fix};
use crate::values::k8s::ResourceRef;

/// A rule that forwards a request without the credential that is required.
pub(crate) struct Opening<'a> {
    /// Why.
    pub(crate) cause: Cause<'a>,
    /// The object to change.
    pub(crate) resource: ResourceRef,
    /// Its field.
    pub(crate) field: String,
    /// A request that gets through.
    pub(crate) shown: Shown<'a>,
    /// The namespace and name of the Service that it leads to, where only that one is absent from
    /// the package.
    pub(crate) absent: Option<(&'a str, &'a str)>,
    /// Whether it leads to other pods than those that parameters protect, so that its own
    /// annotations alone ask for something.
    pub(crate) is_of_others: bool,
}

impl From<Opening<'_>> for Finding {
    fn from(opening: Opening<'_>) -> Self {
        let Opening { cause, resource, field, shown, absent, is_of_others } = opening;
        let finding = match absent {
            None => {
                let code = if is_of_others { cause.code_of_others() } else { cause.code() };
                Self::error(code, format!("{cause}: {shown}"))
            }
            Some((namespace, name)) => Self::error(
                Code::AlbAbsentService,
                format!(
                    "the Service {namespace}/{name} is not in the input, other backends are; if it exists in the cluster, this load balancer is open: {cause}: {shown}"
                ),
            ),
        };
        let fix = cause.fix(&FieldPath::from(field.as_str())).filter(|_| absent.is_none());
        finding.on(&resource).field(field).fix(fix)
    }
}

/// A request, and what it is forwarded without.
pub(crate) struct Shown<'a> {
    pub(crate) listener: &'a Listener,
    pub(crate) request: &'a Request,
    /// Whether that request was shown to reach the rule.
    pub(crate) is_certain: bool,
    /// Where it is forwarded to.
    pub(crate) target: String,
    /// The credential that it lacks.
    pub(crate) lacks: String,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listener, request, is_certain, target, lacks } = self;
        if request.host.is_empty() {
            return write!(out, "requests on {listener} are forwarded to {target} without {lacks}");
        }
        let scheme = match listener.protocol {
            Protocol::Http => "http",
            Protocol::Https => "https",
        };
        let Request { method, host, path, .. } = request;
        write!(out, "{method} {scheme}://{host}:{}{path}", listener.port)?;
        let mut needed: Vec<String> =
            request.headers.iter().map(|(name, _)| format!("with any {name} header")).collect();
        if !request.query.is_empty() {
            needed.push("with the query parameter that it names".to_owned());
        }
        if request.source.is_some() {
            needed.push("from an address that it names".to_owned());
        }
        if !needed.is_empty() {
            write!(out, " ({})", needed.join(", "))?;
        }
        let may = if *is_certain { "is" } else { "may be" };
        write!(out, " {may} forwarded to {target} without {lacks}")
    }
}

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
    fn code(&self) -> Code {
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
    /// The code where the annotations of another application alone ask, and perhaps for nothing: an
    /// error without saying that what is protected is open.
    fn code_of_others(&self) -> Code {
        match self {
            Self::AnnotationMisspelt { .. } => Code::AlbAnnotationMisspelt,
            Self::ConditionsEmpty => Code::AlbConditionsEmpty,
            _ => self.code(),
        }
    }
}

impl Cause<'_> {
    /// The edit that is the advice, where it is one: on the object and the field of the finding.
    fn fix(&self, field: &FieldPath) -> Option<Fix> {
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
                "a login only works on HTTPS listeners, and {listener} is plain HTTP; set listen-ports to [{{\"HTTPS\":443}}] with a certificate-arn, or set ssl-redirect to \"443\""
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

/// A rule of another host that is still open, on a load balancer of its own.
pub(crate) struct LeftOpen<'a> {
    pub(crate) ingress: ResourceRef,
    pub(crate) field: String,
    pub(crate) shown: Shown<'a>,
    /// Whether it takes none of the hosts that are protected.
    pub(crate) other_hosts: bool,
}

impl From<LeftOpen<'_>> for Finding {
    fn from(found: LeftOpen<'_>) -> Self {
        let serves = if found.other_hosts { "serves other hosts of" } else { "leads to the same" };
        let words = format!(
            "this Ingress {serves} protected pods and is still open: {}; set the parameters on it, too (spec.targets sets several Ingresses in one run)",
            found.shown
        );
        Self::warning(Code::AlbLeftOpen, words).on(&found.ingress).field(found.field)
    }
}

/// A rule of another application, on other hosts of the load balancer.
pub(crate) struct OtherApplication<'a> {
    pub(crate) ingress: ResourceRef,
    pub(crate) field: String,
    pub(crate) shown: Shown<'a>,
}

impl From<OtherApplication<'_>> for Finding {
    fn from(found: OtherApplication<'_>) -> Self {
        let words = format!(
            "another application shares the load balancer, on other hosts and with other pods: {}",
            found.shown
        );
        Self::info(Code::AlbOtherApplication, words).on(&found.ingress).field(found.field)
    }
}

/// Conditions that mean to restrict a rule and don't, where no credential is required.
pub(crate) struct RestrictsNothing<'a> {
    pub(crate) ingress: ResourceRef,
    pub(crate) backend: &'a str,
    pub(crate) condition: IdleCondition,
}

/// Which condition restricts nothing.
pub(crate) enum IdleCondition {
    /// `source-ip` with `0.0.0.0/0`.
    EveryAddress,
    /// A host `*` on a rule without host.
    EveryHost,
    /// A host `*` on a rule with a host.
    MoreHosts,
    /// A path on a rule that takes every path.
    MorePaths,
}

impl From<RestrictsNothing<'_>> for Finding {
    fn from(found: RestrictsNothing<'_>) -> Self {
        let words = match found.condition {
            IdleCondition::EveryAddress => {
                "source-ip with 0.0.0.0/0 matches every client; set the address ranges, or remove the condition"
            }
            IdleCondition::EveryHost => {
                "a host-header condition of * restricts nothing; set the hosts, or remove the condition"
            }
            IdleCondition::MoreHosts => {
                "the hosts of a condition are added to the rule's host, so * opens every host; \
                 remove the condition"
            }
            IdleCondition::MorePaths => {
                "the paths of a condition are added to the rule's path, which already takes every path, so it restricts nothing; set the path in the rule"
            }
        };
        let field = super::at(&key(&format!("conditions.{}", found.backend)));
        Self::error(Code::AlbOpenConditionWidens, words).on(&found.ingress).field(field)
    }
}
