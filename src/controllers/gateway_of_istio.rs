//! What Istio makes of a Gateway of the Gateway API: pods, and a Service in front of them.

use super::gateway_api::Gateway;

/// Istio's controller.
pub(crate) const ISTIO: &str = "istio.io/gateway-controller";

/// The annotation that names the type of the Service that Istio creates for a Gateway
/// (`pilot/pkg/config/kube/gatewaycommon/deploymentcontroller.go` of istio/istio).
pub(crate) const SERVICE_TYPE: &str = "networking.istio.io/service-type";

/// The controller of a class that istiod itself creates, so that no package has it (`BuiltinGatewayClasses` in
/// `pilot/pkg/config/kube/gatewaycommon/classinfo.go` of istio/istio; `Reconcile` in `deploymentcontroller.go` there
/// takes a Gateway of the class even before it is created).
#[must_use]
pub(crate) fn built_in_controller(class: &str) -> Option<&'static str> {
    (class == "istio").then_some(ISTIO)
}

impl Gateway {
    /// The Service that Istio creates for its pods (`GetDefaultName` in
    /// `pilot/pkg/config/kube/gatewaycommon/deploymentcontroller.go` of istio/istio, in releases before 1.28 in
    /// `pilot/pkg/config/kube/gateway`).
    #[must_use]
    pub(crate) fn service_of_istio(&self) -> String {
        let named = self.metadata.annotations.get("gateway.istio.io/name-override");
        named
            .filter(|name| !name.is_empty())
            .cloned()
            .unwrap_or_else(|| format!("{}-{}", self.metadata.name, self.spec.gateway_class_name))
    }

    /// Whether Istio creates pods and a Service for it: not where it has the name of a Service that is there, or several
    /// addresses (`IsManaged` in `gateway_utils.go` there).
    #[must_use]
    pub(crate) fn is_managed_by_istio(&self) -> bool {
        match &self.spec.addresses[..] {
            [] => true,
            [one] => one.kind.as_deref().is_none_or(|kind| kind == "IPAddress"),
            _ => false,
        }
    }
}
