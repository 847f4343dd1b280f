//! From Service to Service: gateways route on, and the pods at the end answer.

use super::target::{HealthCheck, TargetService};
use super::{encrypted, gateway, gateway_api, graph, health_check, route, workload};
use crate::path::simulator::mesh::{ServicePods, identity, service_pods, service_port};
use crate::path::simulator::outcome::{Cause, Place, Way};
use crate::path::simulator::walk::{End, Step, Walk};
use crate::values::k8s::ResourceRef;

/// More gateways than any way has.
const MOST: usize = 8;

/// Follows a request from Service to Service to the pods that answer.
pub(in crate::path::simulator) fn follow(
    walk: &mut Walk<'_, '_, '_>,
    target: TargetService,
) -> Step<End> {
    let mut target = target;
    for _ in 0..MOST {
        let simulator = walk.simulator;
        if let Some(component) = simulator.mesh.component(&target.namespace, &target.name) {
            return workload::follow(walk, component);
        }
        if let Some(graph) = graph::of_service(walk, &target) {
            return graph::follow(walk, graph);
        }
        if let Some(gateway) = gateway_api::of_service(walk, &target) {
            if let Some(HealthCheck { port, path, .. }) = &target.health_check {
                walk.assumes(format!("the health check of {path} on port {port} passes"));
            }
            let port = gateway_api::listener_of_service(walk, gateway, &target)?;
            target = gateway_api::follow(walk, gateway, port)?;
            continue;
        }
        let cluster = &simulator.world.cluster;
        let found = service_pods(cluster, &target.namespace, &target.name, &target.port);
        let is_routed = found
            .as_ref()
            .is_some_and(|pods| simulator.mesh.gateways_of(pods.labels).next().is_some());
        if !is_routed && let Some(component) = by_host(walk, &target.name) {
            let TargetService { namespace, name, .. } = &target;
            walk.assumes(format!("{namespace}/{name} and its Gateway are as they are installed"));
            let account = match name.as_str() {
                "istio-ingressgateway" => "istio-ingressgateway-service-account",
                _ => "cluster-local-gateway-service-account",
            };
            walk.peer = Some(identity(&simulator.mesh.mesh, namespace, account));
            return workload::follow(walk, component);
        }
        let assumed = super::gateway::stock_labels(walk, &target.name);
        let pods = match (found, &assumed) {
            (Some(pods), _) => pods,
            (None, Some((labels, port))) => {
                walk.assumes(format!(
                    "the pods of {}/{} have the labels of Istio's own manifests",
                    target.namespace, target.name
                ));
                ServicePods::assumed(&target.namespace, labels, *port)
            }
            (None, None) => return Ok(other(walk, &target)),
        };
        if simulator.mesh.gateways_of(pods.labels).next().is_none() {
            workload::of_other_service(walk, &pods, &target.name)?;
            let is_first = !walk.hops.iter().any(|hop| hop.place == Place::Route);
            return Ok(if is_first { no_gateway(walk, &target) } else { other(walk, &target) });
        }
        let port = service_port(cluster, &target.namespace, &target.name, &target.port);
        if let Some(check) = &target.health_check {
            health_check::at_gateway(walk, &pods, port, check);
        }
        let over_tls = match target.over_tls {
            Some(over_tls) => encrypted::connect(walk, &pods, port, over_tls)?,
            None => None,
        };
        let routes = over_tls.unwrap_or_else(|| route::routes(walk, &pods, port));
        gateway::follow(walk, &pods, &routes)?;
        let next = route::follow(walk, &pods, port, &routes)?;
        let account = pods
            .service_account
            .map_or_else(|| format!("{}-service-account", target.name), str::to_owned);
        walk.peer = Some(identity(&simulator.mesh.mesh, &pods.namespace, &account));
        target = next;
    }
    Err(walk.ends(
        Place::Route,
        None,
        None,
        "the routes lead in a circle",
        None,
        Cause::RouteCircle,
    ))
}

/// A Service behind the load balancer whose pods are not a gateway and serve no model.
fn no_gateway(walk: &mut Walk<'_, '_, '_>, target: &TargetService) -> End {
    let service = ResourceRef {
        api_version: "v1".to_owned(),
        kind: "Service".to_owned(),
        namespace: Some(target.namespace.clone()),
        name: target.name.clone(),
    };
    let text = format!(
        "no Gateway selects the pods of {}/{}, and they serve no model",
        target.namespace, target.name
    );
    walk.passes(Place::Application, Some(service), Some("spec.selector".to_owned()), text);
    End(Way { status: Some(200), cause: Cause::OtherServiceAnswers })
}

/// A Service that serves no model.
fn other(walk: &mut Walk<'_, '_, '_>, target: &TargetService) -> End {
    let (cause, text) = if walk.is_dashboard {
        let text = "Kubeflow's dashboard takes every host and path that no other route has, and answers in place of a model";
        (Cause::DashboardAnswers, text.to_owned())
    } else {
        let text = format!("{}/{} answers, which serves no model", target.namespace, target.name);
        (Cause::OtherServiceAnswers, text)
    };
    walk.passes(Place::Application, None, None, text);
    End(Way { status: Some(200), cause })
}

/// The component that a host leads to behind a gateway that is not in the package.
fn by_host<'s>(
    walk: &Walk<'s, '_, '_>,
    service: &str,
) -> Option<&'s crate::serving::authorization::ServingWorkload> {
    if !matches!(
        service,
        "knative-local-gateway" | "cluster-local-gateway" | "istio-ingressgateway"
    ) {
        return None;
    }
    let host = walk.request.host.to_ascii_lowercase();
    let (place, backend) = walk.simulator.mesh.hosts.get(&host)?;
    let endpoint = walk.simulator.world.model.endpoints.get(*place)?;
    // A Gateway of the package is judged as it is.
    let gateways = &walk.simulator.mesh.gateways;
    let is_there = |name: &String| gateways.iter().any(|one| one.full_name() == *name);
    let named = endpoint.routes.iter().flat_map(|route| &route.gateways);
    let is_local = service != "istio-ingressgateway";
    let mut own = named.filter(|name| *name != "mesh" && name.contains("local") == is_local);
    if own.any(is_there) {
        return None;
    }
    walk.simulator.mesh.component(&endpoint.namespace, backend)
}
