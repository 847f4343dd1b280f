//! Remarks on the VirtualService of a service.

use crate::controllers::kserve::inference_service::Component;

/// What there is to say of the VirtualService of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VirtualServiceRemark {
    /// `pathTemplate` puts the bare domain into the VirtualService.
    BareDomain(String),
    /// The URL is path-based, and the public gateway does not know a service inside the cluster.
    PathInsideOnly,
    /// The service is meant for the cluster only, and the public gateway takes its host.
    PublicGatewayLeak {
        /// The gateway.
        gateway: String,
        /// The host.
        host: String,
    },
    /// The predictor's name is part of the host.
    PredictorNameInHost {
        /// The host.
        host: String,
        /// The host without the name.
        right: String,
    },
    /// The host keeps, or loses, more than the component's name.
    HostNotStripped {
        /// The host.
        host: String,
        /// The host that is meant.
        right: String,
        /// The component that requests reach first.
        entry: Component,
    },
    /// The label of Standard mode's visibility is not read.
    VisibilityOfStandardMode,
    /// The visibility label has a value that is not read.
    VisibilityValue(String),
    /// `ingressGateway` has no namespace.
    GatewayWithoutNamespace(String),
}
