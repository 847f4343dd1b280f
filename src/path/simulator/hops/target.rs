//! Where a request goes next.

use crate::controllers::alb::objects::IntOrString;

/// A port of a Service that a request comes to.
pub(in crate::path::simulator) struct TargetService {
    pub(in crate::path::simulator) namespace: String,
    pub(in crate::path::simulator) name: String,
    pub(in crate::path::simulator) port: IntOrString,
    /// Port and path of the load balancer's health check.
    pub(in crate::path::simulator) health_check: Option<(String, String)>,
}
