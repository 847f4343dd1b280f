//! Remarks on services in Standard mode.

use crate::controllers::kserve::admission::UnknownAutoscaler;
use crate::controllers::kserve::annotations::AnnotationPlace;
use crate::controllers::kserve::hosts::TemplatedError;
use crate::controllers::kserve::inference_service::Component;
use crate::values::release::Release;

/// What there is to say of a service in Standard mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StandardRemark {
    /// Kubernetes refuses the name of a component's Service, or of its label `app`.
    ServiceName {
        /// The Service's name.
        name: String,
        /// The characters that the `InferenceService`'s own name may have.
        room: usize,
    },
    /// A component is stopped by its own annotation.
    ComponentStopped(Component),
    /// Standard mode fails for an autoscaler that the release does not know.
    Autoscaler {
        /// The autoscaler.
        unknown: UnknownAutoscaler,
        /// Where it is.
        place: AnnotationPlace,
    },
    /// A template gives no host or no path, and the service no URL.
    Templated(TemplatedError),
    /// Kubernetes refuses a host for its final dot.
    FinalDot(String),
    /// `canaryTrafficPercent` of a component is not read.
    CanaryPercentIgnored(Component),
    /// `spec.canary` is an unknown field to the release.
    CanaryUnknown(Release),
    /// The release starts a canary, and its routes give it no traffic.
    CanaryNotRouted(Release),
    /// `spec.canary` gets no traffic from an Ingress.
    CanaryWithoutGatewayApi,
    /// The canary's part of the traffic of the named `HTTPRoute` goes past the other components.
    CanaryPastComponents(String),
    /// The release deletes the workers of several nodes in the round that creates them.
    WorkersDeleted(Release),
    /// The label that keeps a service inside is not read by the release.
    VisibilityTooEarly(Release),
    /// The label of Knative mode's visibility is not read.
    VisibilityOfKnativeMode,
    /// The visibility label has a value that is not read.
    VisibilityValue(String),
    /// `urlScheme` makes no URL, and the controller can write no status.
    UrlScheme(String),
    /// The status has the URL, and no route answers to it.
    UrlWithoutRoute(String),
    /// The Ingress sends the transformer's own host to the predictor; the service's name.
    TransformerBackend(String),
    /// The Ingress gives the explainer no host of its own.
    ExplainerWithoutHost,
    /// A setting that is not read for an Ingress.
    SettingIgnored(&'static str),
    /// `pathTemplate` puts the bare domain into the `HTTPRoute`.
    BareDomain(String),
}
