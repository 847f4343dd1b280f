//! What `generate-authorization-policies` has to say, one struct or variant a finding.

use crate::controllers::istio::{AuthorizationPolicy, Doubt, Refusal};
use crate::controllers::knative::{CONFIG_NETWORK, MESH_COMPATIBILITY_MODE};
use crate::controllers::kserve::{Component, Guess};
use crate::finding::{Code, Finding, key_path};
use crate::serving::authorization::ServingWorkload;
use crate::values::k8s::ResourceRef;
use krm_package::ReadError;
use krm_package::text::excerpt::Excerpt;

/// How many names a message lists.
const MOST_NAMES: usize = 5;

/// The first components of a list, and how many more there are.
fn listed(components: &[&ServingWorkload], shown: impl Fn(&ServingWorkload) -> String) -> String {
    let names: Vec<String> = components.iter().take(MOST_NAMES).map(|one| shown(one)).collect();
    match components.len().saturating_sub(MOST_NAMES) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// A field that has no effect in mode guide.
pub(super) struct NotUsedByGuide(pub(super) &'static str);

impl From<NotUsedByGuide> for Finding {
    fn from(NotUsedByGuide(field): NotUsedByGuide) -> Self {
        let message = format!(
            "{field} has no effect in mode \"guide\", whose policies apply to the whole mesh; remove it, or set mode to \"namespace\" or \"strict\""
        );
        Finding::error(Code::AuthorizationFieldNotUsed, message).field(format!("spec.{field}"))
    }
}

/// A kind of service that no policy is generated for.
pub(super) struct KindNotCovered<'a>(pub(super) &'a ResourceRef);

impl From<KindNotCovered<'_>> for Finding {
    fn from(KindNotCovered(resource): KindNotCovered<'_>) -> Self {
        let message = format!(
            "{} of {} is not supported: no policy is generated for it; add one for its pods if another policy denies by default",
            resource.kind, resource.api_version
        );
        Finding::warning(Code::AuthorizationKindNotCovered, message).on(resource)
    }
}

/// A service without a namespace.
pub(super) struct WithoutNamespace<'a> {
    pub(super) resource: &'a ResourceRef,
    /// Whether principals name the namespace, too.
    pub(super) is_strict: bool,
}

impl From<WithoutNamespace<'_>> for Finding {
    fn from(WithoutNamespace { resource, is_strict }: WithoutNamespace<'_>) -> Self {
        let found = "metadata.namespace is not set, so one is assumed for the policies";
        let wanted = "set metadata.namespace";
        let finding = if is_strict {
            let message = format!(
                "{found} and for the service accounts in them, which do not follow a namespace that kustomize sets; {wanted}"
            );
            Finding::warning(Code::AuthorizationNamespaceAssumed, message)
        } else {
            let message = format!("{found}; {wanted}, unless kustomize sets it for both");
            Finding::info(Code::AuthorizationAssumed, message)
        };
        finding.on(resource).field("metadata.namespace")
    }
}

/// A predictor whose protocol is `KServe`'s default.
pub(super) struct DefaultProtocol;

impl From<DefaultProtocol> for Finding {
    fn from(_: DefaultProtocol) -> Self {
        let message = "a model without protocolVersion and without a known runtime is assumed to speak v1; if it speaks another protocol, set protocolVersion, or protocols in this configuration";
        Finding::info(Code::AuthorizationAssumed, message).field("spec.predictor")
    }
}

/// A component whose protocol is a guess that may close paths.
pub(super) struct GuessedProtocol<'a>(pub(super) &'a Guess);

impl From<GuessedProtocol<'_>> for Finding {
    fn from(GuessedProtocol(guess): GuessedProtocol<'_>) -> Self {
        let (found, wanted) = match guess {
            Guess::Container => (
                "the container names no protocol, so v1 is assumed".to_owned(),
                "set its environment variable PROTOCOL",
            ),
            Guess::VllmContainer => (
                "the container runs vLLM and names no protocol, so OpenAI's is assumed".to_owned(),
                "set its environment variable PROTOCOL",
            ),
            Guess::Runtime(name) => (
                format!("the runtime {name} lists no protocolVersions, so v1 is assumed"),
                "list them, or set protocolVersion",
            ),
            Guess::VllmRuntime(name) => (
                format!(
                    "the runtime {name} runs vLLM and lists no protocolVersions, so OpenAI's protocol is assumed"
                ),
                "list them, or set protocolVersion",
            ),
            Guess::UnknownRuntime(name) => (
                format!("the runtime {name} is not in the input, so the protocol v1 is assumed"),
                "add the runtime, or set protocolVersion",
            ),
        };
        let message = format!(
            "{found}: requests in another protocol get 403; {wanted}, or set protocols in this configuration"
        );
        Finding::warning(Code::AuthorizationProtocolGuessed, message).field("spec.predictor")
    }
}

/// A component whose own protocol outranks the configuration's.
pub(super) struct StatedProtocol(pub(super) Component);

impl From<StatedProtocol> for Finding {
    fn from(StatedProtocol(component): StatedProtocol) -> Self {
        let component = component.as_str();
        let message = format!(
            "the {component} declares its own protocol, which takes precedence over protocols in this configuration"
        );
        Finding::info(Code::AuthorizationProtocolStated, message).field(format!("spec.{component}"))
    }
}

/// A component that is reached through a gateway whose calls prove no identity.
pub(super) struct GatewayWithoutIdentity {
    pub(super) component: Component,
    /// `Kourier`, `class alb of Ingress a/b`.
    pub(super) gateway: String,
}

impl From<GatewayWithoutIdentity> for Finding {
    fn from(GatewayWithoutIdentity { component, gateway }: GatewayWithoutIdentity) -> Self {
        let component = component.as_str();
        let message = format!(
            "requests reach the {component} through {gateway}, whose calls carry no identity of the mesh, so mode strict refuses them with 403; set mode to \"namespace\", or route them through an Istio gateway"
        );
        Finding::error(Code::AuthorizationGatewayWithoutIdentity, message)
            .field(format!("spec.{component}"))
    }
}

/// A component without sidecar.
pub(super) struct WithoutSidecar {
    pub(super) component: Component,
    /// Whether the mode is strict and the component the predictor, which every request ends at.
    pub(super) is_error: bool,
}

impl From<WithoutSidecar> for Finding {
    fn from(WithoutSidecar { component, is_error }: WithoutSidecar) -> Self {
        let message = format!(
            "the {} has no sidecar (sidecar.istio.io/inject: \"false\"), so no policy is enforced and every peer reaches it; remove the annotation",
            component.as_str()
        );
        not_enforced(is_error, message)
    }
}

fn not_enforced(is_error: bool, message: String) -> Finding {
    if is_error {
        Finding::error(Code::AuthorizationNotEnforced, message)
    } else {
        Finding::warning(Code::AuthorizationWithoutSidecar, message)
    }
}

/// A component whose sidecar depends on Istio's release.
pub(super) struct DoubtfulSidecar<'a> {
    pub(super) component: Component,
    pub(super) value: &'a str,
    /// Whether the mode is strict and the component the predictor.
    pub(super) is_error: bool,
}

impl From<DoubtfulSidecar<'_>> for Finding {
    fn from(DoubtfulSidecar { component, value, is_error }: DoubtfulSidecar<'_>) -> Self {
        let message = format!(
            "sidecar.istio.io/inject of the {} is {}, which some Istio releases read as \"false\" and others ignore: without a sidecar no policy is enforced; set it to \"true\" or remove it",
            component.as_str(),
            Excerpt::new(value)
        );
        not_enforced(is_error, message)
    }
}

/// A component in ambient mode.
pub(super) struct BehindZtunnel(pub(super) Component);

impl From<BehindZtunnel> for Finding {
    fn from(BehindZtunnel(component): BehindZtunnel) -> Self {
        let message = format!(
            "the {} is in ambient mode, where ztunnel enforces policies that select pods: it cannot match paths and methods, so these policies would refuse every request; set the label istio-injection: enabled on the namespace instead of istio.io/dataplane-mode: ambient, or exclude the namespace and add policies with targetRefs for its waypoint",
            component.as_str()
        );
        Finding::error(Code::AuthorizationBehindZtunnel, message)
    }
}

/// A component whose namespace turns injection off, where its policy names who may call.
pub(super) struct InjectionOff<'a> {
    pub(super) component: Component,
    pub(super) namespace: &'a str,
}

impl From<InjectionOff<'_>> for Finding {
    fn from(InjectionOff { component, namespace }: InjectionOff<'_>) -> Self {
        let message = format!(
            "the namespace {namespace} turns sidecar injection off, so the {} has no sidecar: no policy is enforced and every peer reaches it; set the label istio-injection: enabled on the namespace",
            component.as_str()
        );
        Finding::error(Code::AuthorizationNotEnforced, message)
    }
}

/// The components of a namespace that injects no sidecar.
pub(super) struct NothingEnforces<'a> {
    pub(super) namespace: &'a str,
    /// Whether the namespace turns injection off, and not just on.
    pub(super) is_off: bool,
    pub(super) components: &'a [&'a ServingWorkload],
}

impl From<NothingEnforces<'_>> for Finding {
    fn from(NothingEnforces { namespace, is_off, components }: NothingEnforces<'_>) -> Self {
        let cause = if is_off {
            "turns sidecar injection off"
        } else {
            "has no label istio-injection or istio.io/rev"
        };
        let message = format!(
            "the namespace {namespace} {cause}: without a sidecar no policy is enforced, and every peer reaches {}; set the label istio-injection: enabled on the namespace",
            listed(components, |one| format!("{} {}", one.service, one.component.as_str()))
        );
        let namespace = ResourceRef {
            api_version: "v1".to_owned(),
            kind: "Namespace".to_owned(),
            namespace: None,
            name: namespace.to_owned(),
        };
        Finding::warning(Code::AuthorizationWithoutSidecar, message)
            .on(&namespace)
            .field("metadata.labels")
    }
}

/// A component whose calls prove no identity.
pub(super) struct CallsWithoutIdentity(pub(super) Component);

impl From<CallsWithoutIdentity> for Finding {
    fn from(CallsWithoutIdentity(component): CallsWithoutIdentity) -> Self {
        let component = component.as_str();
        let message = format!(
            "the {component} has no sidecar, so its calls to the predictor carry no identity and mode strict refuses them with 403 ({component} to predictor); enable its sidecar, or set mode to \"namespace\""
        );
        Finding::warning(Code::AuthorizationCallRefused, message).field(format!("spec.{component}"))
    }
}

/// A predictor of several nodes.
pub(super) struct SeveralNodes;

impl From<SeveralNodes> for Finding {
    fn from(_: SeveralNodes) -> Self {
        let message = "the predictor runs on several nodes: its head and workers reach each other on every port but 8080, the model server's own";
        Finding::info(Code::AuthorizationSeveralNodes, message).field("spec.predictor.workerSpec")
    }
}

/// What cannot be judged.
pub(super) enum Unjudged<'a> {
    /// A policy of the function's own cannot be read back.
    OwnPolicy(&'a ReadError),
    /// There are too many objects.
    TooMany { components: usize, policies: usize },
    /// A request.
    Request { component: Component, request: &'a str, why: &'a Doubt },
    /// A request at a gateway.
    AtGateway { gateway: &'a str, request: &'a str, why: &'a Doubt },
}

impl From<Unjudged<'_>> for Finding {
    fn from(unjudged: Unjudged<'_>) -> Self {
        match unjudged {
            Unjudged::OwnPolicy(error) => Finding::error(
                Code::AuthorizationOwnPolicyInvalid,
                format!("its own policy: {}: {}", error.path, error.message),
            ),
            Unjudged::TooMany { components, policies } => Finding::info(
                Code::AuthorizationTooMany,
                format!(
                    "{components} components under {policies} policies are too many to evaluate"
                ),
            ),
            Unjudged::Request { component, request, why } => Finding::info(
                Code::AuthorizationUndecided,
                format!("whether the {} refuses {request} is undecided: {why}", component.as_str()),
            ),
            Unjudged::AtGateway { gateway, request, why } => Finding::info(
                Code::AuthorizationUndecided,
                format!("whether {gateway} refuses {request} is undecided: {why}"),
            ),
        }
    }
}

/// A request that a component serves and the policies refuse.
pub(super) struct RefusedRequest<'a> {
    pub(super) component: Component,
    pub(super) request: &'a str,
    pub(super) by: &'a Refusal,
    /// The guide's policies were chosen.
    pub(super) is_guide: bool,
}

impl From<RefusedRequest<'_>> for Finding {
    fn from(RefusedRequest { component, request, by, is_guide }: RefusedRequest<'_>) -> Self {
        let message = format!("the {} refuses {request}: {by}", component.as_str());
        // A DENY is there because somebody wants it.
        if is_guide || matches!(by, Refusal::Deny(_) | Refusal::Custom(_)) {
            Finding::warning(Code::AuthorizationDenied, message)
        } else {
            Finding::error(Code::AuthorizationRefused, message)
        }
    }
}

/// The guide's policies are for every namespace of the mesh.
pub(super) struct MeshWide<'a>(pub(super) &'a str);

impl From<MeshWide<'_>> for Finding {
    fn from(MeshWide(root_namespace): MeshWide<'_>) -> Self {
        let message = format!(
            "the guide's policies in {root_namespace} apply to every namespace and every pod with the label component: predictor or transformer, and do not cover explainers or the paths of v2 health, OpenAI and gRPC; set mode to \"namespace\" for one policy per component"
        );
        Finding::warning(Code::AuthorizationMeshWide, message).field("spec.mode")
    }
}

/// Components that answer peers without an identity; at least one.
pub(super) struct PlaintextPeers<'a>(pub(super) &'a [&'a ServingWorkload]);

impl From<PlaintextPeers<'_>> for Finding {
    fn from(PlaintextPeers(components): PlaintextPeers<'_>) -> Self {
        let message = format!(
            "every peer, in plaintext and from any namespace, may request what these serve: {}; set mode to \"strict\" to require the gateways' identities",
            listed(components, |one| one.shown())
        );
        Finding::warning(Code::AuthorizationPlaintextPeers, message).field("spec.mode")
    }
}

/// Other pods that carry the labels that a policy selects.
pub(super) struct GenericLabels<'a>(pub(super) &'a AuthorizationPolicy);

impl From<GenericLabels<'_>> for Finding {
    fn from(GenericLabels(policy): GenericLabels<'_>) -> Self {
        let message = format!(
            "policy {}/{} also selects these pods by their labels: they then accept the policy's paths from its peers and refuse everything else; rename their label component",
            policy.namespace(),
            policy.metadata.name
        );
        Finding::warning(Code::AuthorizationGenericLabels, message)
            .field("spec.template.metadata.labels.component")
    }
}

/// Knative's `config-network` has to know of the mesh, and is not in the input.
pub(super) struct MeshModeMissing;

impl From<MeshModeMissing> for Finding {
    fn from(_: MeshModeMissing) -> Self {
        let message = "mode \"strict\" requires mesh-compatibility-mode: enabled in the ConfigMap knative-serving/config-network, which is not in the input; add Knative's manifests, or set mode to \"namespace\": without it the activator calls in plaintext and gets 403";
        Finding::error(Code::MeshCompatibilityMode, message)
            .on(&ResourceRef {
                api_version: "v1".to_owned(),
                kind: "ConfigMap".to_owned(),
                namespace: Some("knative-serving".to_owned()),
                name: CONFIG_NETWORK.to_owned(),
            })
            .field(key_path("data", MESH_COMPATIBILITY_MODE))
            .proposed("enabled")
    }
}
