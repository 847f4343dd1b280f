//! The kinds of doors.

/// A kind of door, or of what makes one object lead to the pods of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum DoorKind {
    /// An Ingress of the AWS Load Balancer Controller.
    LoadBalancerIngress,
    /// An Ingress of another class, or of none.
    OtherIngress,
    /// An Ingress of an API version that Kubernetes 1.22 removed.
    RemovedIngress,
    /// An Ingress or a route that `KServe` creates.
    KserveRoute,
    /// A route of the Gateway API.
    GatewayRoute,
    /// An Istio Gateway on other pods.
    IstioGateway,
    /// A Service of type `LoadBalancer`.
    LoadBalancerService,
    /// A Service with addresses outside the cluster.
    ExternalIps,
    /// A Service of type `NodePort`.
    NodePort,
    /// Pods on the network of their node.
    HostNetwork,
    /// Pods with a port of their node.
    HostPort,
    /// A `TargetGroupBinding`.
    TargetGroupBinding,
    /// An object that is given twice.
    GivenTwice,
    /// An object of another kind that names the Service.
    OtherKind,
    /// Another Service that selects the same pods.
    SecondService,
    /// A Service of type `ExternalName` that represents the Service.
    ExternalName,
    /// Addresses that are written by hand.
    Addresses,
    /// An object without a namespace, which may become that of any.
    WithoutNamespace,
    /// An ingress class of Knative's that is not Istio's.
    KnativeIngressClass,
    /// A route or an Ingress that an `LLMInferenceService` leaves to somebody else.
    WrittenRoute,
    /// A gateway that `IstioOperator` or a chart installs.
    InstalledGateway,
    /// An object that another object's text or template holds.
    Embedded,
    /// An object of another kind that selects the pods.
    SelectedPods,
    /// A chart or a folder that another controller applies.
    Release,
    /// An address inside the cluster that is advertised outside it.
    AdvertisedAddress,
    /// An Ingress of the same run that requires another token for the same hosts.
    OtherToken,
}

impl DoorKind {
    /// All of them.
    pub const ALL: [Self; 26] = [
        Self::LoadBalancerIngress,
        Self::OtherIngress,
        Self::RemovedIngress,
        Self::KserveRoute,
        Self::GatewayRoute,
        Self::IstioGateway,
        Self::LoadBalancerService,
        Self::ExternalIps,
        Self::NodePort,
        Self::HostNetwork,
        Self::HostPort,
        Self::TargetGroupBinding,
        Self::GivenTwice,
        Self::OtherKind,
        Self::SecondService,
        Self::ExternalName,
        Self::Addresses,
        Self::WithoutNamespace,
        Self::KnativeIngressClass,
        Self::WrittenRoute,
        Self::InstalledGateway,
        Self::Embedded,
        Self::SelectedPods,
        Self::Release,
        Self::AdvertisedAddress,
        Self::OtherToken,
    ];
}

/// Which kinds are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readers(u32);

impl Readers {
    /// All of them.
    pub const ALL: Self = Self(u32::MAX);

    /// All but one, so that a test can show that it is looked at.
    #[must_use]
    pub fn without(self, kind: DoorKind) -> Self {
        Self(self.0 & !(1 << kind as u8))
    }

    /// Whether a kind is looked for.
    #[must_use]
    pub(crate) fn has(self, kind: DoorKind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }
}
