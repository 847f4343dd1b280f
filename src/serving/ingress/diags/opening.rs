//! Openings: a rule that forwards a request without the credential that is required.

use std::fmt;

use super::cause::Cause;
use crate::controllers::alb::annotations::key;
use crate::controllers::alb::model::{Listener, Protocol};
use crate::controllers::alb::request::Request;
use crate::finding::{Code, FieldPath, Finding};
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
    /// annotations alone require something.
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
    /// The field of the rule.
    pub(crate) rule: String,
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
        let Self { listener, rule, request, is_certain, target, lacks } = self;
        if request.host.is_empty() {
            return write!(
                out,
                "requests for {rule} on {listener} are forwarded to {target} without {lacks}"
            );
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
