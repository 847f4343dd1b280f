//! Remarks on services in Knative mode.

use crate::controllers::knative::{RefusedAnnotation, RouteError};
use crate::controllers::kserve::annotations::AnnotationPlace;
use crate::controllers::kserve::container_ports::RefusedPorts;
use crate::controllers::kserve::hosts::TemplatedError;
use crate::controllers::kserve::inference_service::Component;

/// What there is to say of a service in Knative mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KnativeRemark {
    /// Knative refuses the name of a component's Service.
    ServiceName {
        /// The Service's name.
        name: String,
        /// The characters that the `InferenceService`'s own name may have.
        room: usize,
    },
    /// A component is stopped by its own annotation.
    ComponentStopped(Component),
    /// Knative refuses an annotation of a revision.
    AnnotationRefused {
        /// The annotation, and what it must be.
        refused: RefusedAnnotation,
        /// Where it is.
        place: AnnotationPlace,
    },
    /// Knative refuses the ports of a component's containers.
    PortsRefused {
        /// The component.
        component: Component,
        /// Why.
        refused: RefusedPorts,
    },
    /// `canaryTrafficPercent` is not a percentage.
    CanaryPercent {
        /// The component.
        component: Component,
        /// What is written.
        percent: i64,
    },
    /// Knative gives a component's Route no host.
    NoHost {
        /// The component.
        component: Component,
        /// Why.
        error: RouteError,
    },
    /// `pathTemplate` gives no path: there is neither VirtualService nor URL, and no error.
    PathTemplate(TemplatedError),
    /// A component without a host keeps the VirtualService from being created.
    ComponentNotReady,
    /// `pathTemplate` sets the URL, and `disableIstioVirtualHost` takes away its route.
    PathWithoutRoute,
    /// `urlScheme` makes no URL.
    UrlScheme(String),
    /// `ingressDomain` makes no URL.
    UrlDomain {
        /// The domain.
        domain: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// `ingressDomain` is not read in Knative mode.
    IngressDomainIgnored(String),
}
