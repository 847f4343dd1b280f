//! What there is to say of the gateways that callers come through.

use crate::controllers::istio::Refusal;
use crate::finding::{Code, Finding};
use crate::serving::authorization::{Profile, WithoutToken};
use crate::values::k8s::ResourceRef;
use crate::values::words::one_of;

/// A gateway that is to verify tokens of further issuers.
pub(super) struct Extended<'a> {
    pub(super) gateway: &'a str,
    pub(super) issuers: &'a [&'a str],
    /// The issuers of which every token passes.
    pub(super) whole: &'a [String],
    /// Whether requests from outside come through it.
    pub(super) is_public: bool,
}

impl From<Extended<'_>> for Finding {
    fn from(Extended { gateway, issuers, whole, is_public }: Extended<'_>) -> Self {
        let issuers = issuers.join(", ");
        if whole.is_empty() {
            let others = if is_public {
                ", and an AuthorizationPolicy that denies those that callers does not name"
            } else {
                "; the components' own policies refuse those that callers does not name"
            };
            let message = format!(
                "{gateway} refuses tokens of {issuers}: a RequestAuthentication that verifies them is generated for it{others}"
            );
            return Self::info(Code::AuthorizationGatewayExtended, message).field("spec.callers");
        }
        let message = format!(
            "every token of {} passes {gateway}, because telling its callers apart takes more than 64 rules; everything else behind {gateway} has to refuse them: join callers with the same claims, or use issuers of their own",
            whole.join(", ")
        );
        Self::warning(Code::AuthorizationGatewayOpen, message).field("spec.callers")
    }
}

/// A gateway that refuses a caller.
pub(super) struct RefusedAtGateway<'a> {
    pub(super) gateway: &'a str,
    pub(super) request: &'a str,
    pub(super) by: &'a Refusal,
}

impl From<RefusedAtGateway<'_>> for Finding {
    fn from(RefusedAtGateway { gateway, request, by }: RefusedAtGateway<'_>) -> Self {
        let message = format!(
            "{gateway} refuses {request}: {by}; change that object to let the caller in, or remove the caller"
        );
        Self::error(Code::AuthorizationGatewayRefused, message).field("spec.callers")
    }
}

/// A gateway that refuses callers without a token.
pub(super) struct RequiresToken<'a>(pub(super) &'a WithoutToken);

impl RequiresToken<'_> {
    /// For everybody who comes through the gateway, and for callers by their connection.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let WithoutToken { gateway, is_everybody, callers, request, by, issuers } = self.0;
        if issuers.is_empty() {
            return vec![RefusedAtGateway { gateway, request, by }.into()];
        }
        let issuers = one_of(issuers);
        let mut messages = Vec::new();
        if *is_everybody {
            messages.push(format!(
                "{gateway} refuses {request} without a token: {by}; gateway: true only lets in who has a token of {issuers}, so name those callers with user or jwt in its place"
            ));
        }
        if !callers.is_empty() {
            let callers: Vec<&str> = callers.iter().map(String::as_str).collect();
            messages.push(format!(
                "{gateway} refuses {} without a token: {by}; set clusterIssuer, so the gateway and the components take service accounts' tokens, or have them call the components inside the mesh only",
                callers.join(", ")
            ));
        }
        let warning = |message| {
            Finding::warning(Code::AuthorizationGatewayRequiresToken, message).field("spec.callers")
        };
        messages.into_iter().map(warning).collect()
    }
}

/// A gateway that takes the token out of the request.
pub(super) struct RemovedAtGateway<'a> {
    pub(super) gateway: &'a str,
    pub(super) caller: &'a str,
}

impl From<RemovedAtGateway<'_>> for Finding {
    fn from(RemovedAtGateway { gateway, caller }: RemovedAtGateway<'_>) -> Self {
        let message = format!(
            "the RequestAuthentication of {gateway} removes {caller} from the request, so the components refuse it; set forwardOriginalToken: true in its jwtRules"
        );
        Self::error(Code::AuthorizationGatewayRefused, message).field("spec.callers")
    }
}

/// A filter that asks a login about every request.
pub(super) struct GatewayLogin<'a> {
    pub(super) gateway: &'a str,
    pub(super) filter: &'a str,
}

impl From<GatewayLogin<'_>> for Finding {
    fn from(GatewayLogin { gateway, filter }: GatewayLogin<'_>) -> Self {
        let message = format!(
            "EnvoyFilter {filter} sends a request through {gateway} to the login unless that service knows its session or token, whatever callers names; add the path of the services, such as /v1/models, to SKIP_AUTH_URLS of the login (their policies still require the token), or use Kubeflow 1.9 or later"
        );
        Self::warning(Code::AuthorizationGatewayLogin, message).field("spec.callers")
    }
}

/// The input has an object of another release of Kubeflow.
pub(super) struct OtherRelease<'a> {
    pub(super) profile: Profile,
    pub(super) resource: &'a ResourceRef,
}

impl From<OtherRelease<'_>> for Finding {
    fn from(OtherRelease { profile, resource }: OtherRelease<'_>) -> Self {
        let which = if profile.has_login_filter() {
            "Kubeflow 1.9 and later have"
        } else {
            "only Kubeflow 1.8 and earlier have"
        };
        let message = format!(
            "profile is \"{profile}\", but the input has {} {}, which {which}; remove profile, or set the release that the cluster runs",
            resource.kind, resource.name
        );
        Self::warning(Code::AuthorizationProfileDiffers, message).field("spec.profile")
    }
}

/// The release configures path-based URLs, whose host the dashboard no longer answers at.
pub(super) struct TemplateOfProfile {
    pub(super) profile: Profile,
    pub(super) template: &'static str,
}

impl From<TemplateOfProfile> for Finding {
    fn from(TemplateOfProfile { profile, template }: TemplateOfProfile) -> Self {
        let message = format!(
            "profile \"{profile}\" configures KServe with pathTemplate {template:?}, and inferenceservice-config is not in the input: ingressDomain is assumed to be a domain that the dashboard does not use, which gets 404 there"
        );
        Self::info(Code::AuthorizationAssumed, message).field("spec.profile")
    }
}
