//! The findings on a package as it will be applied.

use crate::finding::{Code, Finding};
use crate::path::simulator::Way;
use crate::values::k8s::ResourceRef;

/// A protected Service that is not in the input.
pub(super) struct AbsentService<'a> {
    pub(super) namespace: &'a Option<String>,
    pub(super) name: &'a str,
}

impl From<AbsentService<'_>> for Finding {
    fn from(AbsentService { namespace, name }: AbsentService<'_>) -> Self {
        let shown = match namespace {
            Some(namespace) => format!("{namespace}/{name}"),
            None => name.to_owned(),
        };
        let message = format!(
            "the protected Service {shown} is not in the input, so the other ways to its pods are unknown; check the whole output, with the Service in it"
        );
        Self::error(Code::PathServiceAbsent, message)
    }
}

/// A request that has to get through, and does not.
pub(super) struct BrokenPath<'a> {
    pub(super) request: &'a str,
    pub(super) way: Way,
    pub(super) text: &'a str,
}

impl From<BrokenPath<'_>> for Finding {
    fn from(BrokenPath { request, way, text }: BrokenPath<'_>) -> Self {
        Self::error(Code::PathBroken, format!("{request} ends with {way}: {text}"))
    }
}

/// A request of which the manifests do not decide whether it gets through.
pub(super) struct UndecidedPath<'a> {
    pub(super) request: &'a str,
    pub(super) why: &'a [String],
    pub(super) ways: &'a [Way],
}

impl From<UndecidedPath<'_>> for Finding {
    fn from(UndecidedPath { request, why, ways }: UndecidedPath<'_>) -> Self {
        let ways: Vec<String> = ways.iter().map(ToString::to_string).collect();
        let (why, ways) = (why.join("; "), ways.join(" or "));
        let message = format!("unknown: {why}; {request} ends with {ways}");
        Self::warning(Code::PathUnknown, message)
    }
}

/// Where a request gets that must not get there.
#[derive(Clone, Copy)]
pub(super) struct OpenTo {
    pub(super) dashboard: bool,
}

impl std::fmt::Display for OpenTo {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(if self.dashboard { "Kubeflow's dashboard" } else { "the pods that serve" })
    }
}

/// A request that must not get through, and does.
pub(super) struct OpenPath<'a> {
    pub(super) request: &'a str,
    pub(super) how: &'a str,
    pub(super) to: OpenTo,
}

impl From<OpenPath<'_>> for Finding {
    fn from(OpenPath { request, how, to }: OpenPath<'_>) -> Self {
        Self::error(Code::PathOpen, format!("{request} reaches {to} {how}"))
    }
}

/// A request that must not get through, and may.
pub(super) struct UndecidedOpenPath<'a> {
    pub(super) request: &'a str,
    pub(super) how: &'a str,
    pub(super) to: OpenTo,
    pub(super) why: &'a [String],
}

impl From<UndecidedOpenPath<'_>> for Finding {
    fn from(UndecidedOpenPath { request, how, to, why }: UndecidedOpenPath<'_>) -> Self {
        let why = why.join("; ");
        let message = format!("unknown: {why}; {request} may reach {to} {how}");
        Self::error(Code::PathOpenUnknown, message)
    }
}

/// A policy that names who may call, beside another that admits everyone.
pub(super) struct AdmittedPod<'a> {
    pub(super) request: &'a str,
}

impl From<AdmittedPod<'_>> for Finding {
    fn from(AdmittedPod { request }: AdmittedPod<'_>) -> Self {
        let message = format!(
            "the policy names its callers, but {request} gets 200; remove the other policy that admits it, or name its callers"
        );
        Self::warning(Code::PathPodAdmitted, message)
    }
}

/// Whose host it is that no service has.
#[derive(Clone, Copy)]
pub(super) enum UnusedNameOf {
    Rule,
    Record,
    Certificate,
}

/// A host of a rule, a record or a certificate that no service has.
pub(super) struct UnusedName<'a> {
    pub(super) name: &'a str,
    pub(super) of: UnusedNameOf,
}

impl From<UnusedName<'_>> for Finding {
    fn from(UnusedName { name, of }: UnusedName<'_>) -> Self {
        let message = match of {
            UnusedNameOf::Rule => format!(
                "no service behind the gateway has a host of the rule for {name}; remove the rule, or set its host to that of a service"
            ),
            UnusedNameOf::Record => format!(
                "the record {name} leads to a load balancer that has no rule for it, and no service has the host; remove the record, or correct its name"
            ),
            UnusedNameOf::Certificate => format!(
                "the name {name} of the certificate covers no host of a rule or a service; remove it, or correct it"
            ),
        };
        Self::warning(Code::PathNameUnused, message)
    }
}

/// A target group without a healthy target.
pub(super) struct UnhealthyTargets<'a>(pub(super) &'a str);

impl From<UnhealthyTargets<'_>> for Finding {
    fn from(UnhealthyTargets(text): UnhealthyTargets<'_>) -> Self {
        Self::error(Code::PathUnhealthy, text)
    }
}

/// A request that ends in another way than the configuration expects.
pub(crate) struct Unexpected<'a> {
    pub(crate) request: &'a str,
    pub(crate) expected: &'a str,
    pub(crate) outcome: &'a str,
}

impl From<Unexpected<'_>> for Finding {
    fn from(Unexpected { request, expected, outcome }: Unexpected<'_>) -> Self {
        let message = format!("{request} ends with {outcome}; expected {expected}");
        Self::error(Code::PathUnexpected, message)
    }
}

/// A policy that istiod refuses.
pub(super) struct RefusedPolicy<'a>(pub(super) &'a str);

impl From<RefusedPolicy<'_>> for Finding {
    fn from(RefusedPolicy(why): RefusedPolicy<'_>) -> Self {
        let message = format!("istiod refuses the policy, which is then not in force: {why}");
        Self::error(Code::PolicyRefused, message)
    }
}

/// A policy for pods of a namespace without sidecars.
pub(super) struct NotEnforced<'a> {
    pub(super) policy: &'a ResourceRef,
    pub(super) component: &'a str,
}

impl From<NotEnforced<'_>> for Finding {
    fn from(NotEnforced { policy, component }: NotEnforced<'_>) -> Self {
        let message = format!(
            "the namespace has no sidecars, so nothing enforces {policy} before the pods of {component}; set the label istio-injection: enabled"
        );
        Self::error(Code::PolicyNotEnforced, message)
    }
}

/// An Ingress to protected pods whose class is not in the input.
pub(super) struct AbsentClass<'a>(pub(super) &'a str);

impl From<AbsentClass<'_>> for Finding {
    fn from(AbsentClass(class): AbsentClass<'_>) -> Self {
        let message = format!(
            "the IngressClass {class} is not in the input, so it is unknown which controller serves the Ingress; add the IngressClass, or set ingressClassName: alb"
        );
        Self::error(Code::IngressClassNotJudged, message)
    }
}
