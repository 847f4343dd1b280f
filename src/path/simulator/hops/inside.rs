//! A request of a pod: it finds a Service of the cluster by the host that it requests.

use super::target::TargetService;
use crate::controllers::alb::objects::IntOrString;
use crate::path::simulator::outcome::{Cause, Place};
use crate::path::simulator::walk::{Step, Walk};

/// The Service that the host names: of what `KServe` and Knative route, the gateway inside the
/// cluster, to which their Services of type ExternalName lead.
pub(in crate::path::simulator) fn follow(walk: &mut Walk<'_, '_, '_>) -> Step<TargetService> {
    let host = walk.request.host.to_ascii_lowercase();
    let mut labels = host.split('.');
    let (Some(name), Some(namespace)) = (labels.next(), labels.next()) else {
        let text = format!("{host} is not the name of a Service");
        return Err(walk.ends(Place::Dns, None, None, text, None, Cause::DnsNoRecord));
    };
    if !matches!(labels.next(), None | Some("svc")) {
        let text = format!("{host} is not a name of the cluster");
        return Err(walk.ends(Place::Dns, None, None, text, None, Cause::DnsNoRecord));
    }
    let simulator = walk.simulator;
    let key = (namespace.to_owned(), name.to_owned());
    let is_routed = simulator.mesh.knative_services.contains(&key);
    let (namespace, name) = if is_routed {
        ("istio-system".to_owned(), "knative-local-gateway".to_owned())
    } else {
        (namespace.to_owned(), name.to_owned())
    };
    let text = format!("{host} leads to the Service {namespace}/{name}");
    walk.passes(Place::Dns, None, None, text);
    Ok(TargetService { namespace, name, port: IntOrString::Int(80), health_check: None })
}
