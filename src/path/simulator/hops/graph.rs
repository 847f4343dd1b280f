//! An InferenceGraph: its router, and the services that its steps call.
//!
//! Source: `pkg/controller/v1alpha1/inferencegraph/{knative_reconciler,raw_ig}.go` and `cmd/router/main.go` of
//! kserve/kserve. What the router makes of a step that fails depends on the step's own fields and on the
//! answers before it, so it is not decided here.

use std::collections::{BTreeMap, BTreeSet};

use super::target::TargetService;
use super::workload::{enforce, peers};
use crate::controllers::istio::{Membership, membership};
use crate::controllers::kserve::{
    Component, DeploymentMode, Endpoint, EndpointKind, MODEL_SERVER, ProtocolSource, QUEUE_PROXY,
};
use crate::path::requests::{first_path, host_inside};
use crate::path::simulator::outcome::{Cause, Outcome, Place, Way};
use crate::path::simulator::walk::{End, Step, Walk};
use crate::path::simulator::{Client, SentRequest};
use crate::serving::authorization::{ServingWorkload, WorkloadLabels};

/// The graph behind a Service, or behind the Service of one of its revisions.
pub(super) fn of_service<'s>(
    walk: &Walk<'s, '_, '_>,
    target: &TargetService,
) -> Option<&'s Endpoint> {
    let simulator = walk.simulator;
    let named = |name: &str| {
        let key = (target.namespace.clone(), name.to_owned());
        simulator
            .mesh
            .graphs
            .get(&key)
            .and_then(|place| simulator.world.model.endpoints.get(*place))
    };
    named(&target.name).or_else(|| named(target.name.strip_suffix("-00001")?))
}

/// The router's own policies, then each step.
pub(super) fn follow(walk: &mut Walk<'_, '_, '_>, graph: &Endpoint) -> Step<End> {
    let router = router(walk, graph);
    let shown = format!("{}/{} router", graph.namespace, graph.name);
    let callers = peers(walk, &router);
    enforce(walk, &router, &shown, &callers, Cause::WorkloadRefused)?;
    let steps = graph.calls.iter().flat_map(|calls| &calls.services);
    for service in steps {
        step(walk, graph, &router, service);
    }
    walk.passes(Place::Application, None, None, format!("{shown} answers"));
    Ok(End(Way { status: Some(200), cause: Cause::ModelAnswers }))
}

fn router(walk: &Walk<'_, '_, '_>, graph: &Endpoint) -> ServingWorkload {
    let knative = graph.mode == Some(DeploymentMode::Knative);
    let labels = graph.router_labels().unwrap_or_default();
    let mut namespaces = walk.simulator.world.cluster.objects.namespaces.iter();
    let namespace = namespaces.find(|one| one.resource.name == graph.namespace);
    let namespace = namespace.map(|one| &one.object.metadata.labels);
    let account = graph.calls.as_ref().map(|calls| calls.service_account.clone());
    ServingWorkload {
        namespace: graph.namespace.clone(),
        service: graph.name.clone(),
        component: Component::Predictor,
        name: graph.name.clone(),
        membership: membership(namespace, &labels, &BTreeMap::new()),
        pod_labels: WorkloadLabels::All(labels),
        protocols: BTreeSet::new(),
        paths: Vec::new(),
        protocol_source: ProtocolSource::Default,
        knative,
        ports: vec![if knative { QUEUE_PROXY } else { MODEL_SERVER }],
        service_account: account.unwrap_or_default(),
        multi_node: false,
        entry: true,
        called_by: BTreeSet::new(),
        called_from: BTreeSet::new(),
    }
}

/// The outcome of the router's request to a service.
fn step(walk: &mut Walk<'_, '_, '_>, graph: &Endpoint, router: &ServingWorkload, service: &str) {
    let simulator = walk.simulator;
    let mut endpoints = simulator.world.model.endpoints.iter();
    let called = endpoints.find(|one| {
        one.kind == EndpointKind::InferenceService
            && one.namespace == graph.namespace
            && one.name == service
    });
    let Some(endpoint) = called else {
        let text = format!("the step requests {service}, which is not in the input");
        walk.doubts(Place::Application, None, text, 500, Cause::PredictorRefused);
        return;
    };
    let Some(path) = first_path(endpoint) else { return };
    let url = format!("http://{}{path}", host_inside(endpoint));
    let Ok(mut request) = SentRequest::for_url(&url) else { return };
    "POST".clone_into(&mut request.method);
    request.client = Client::Pod {
        namespace: router.namespace.clone(),
        service_account: router.service_account.clone(),
        in_mesh: matches!(router.membership, Membership::Sidecar | Membership::Unknown),
    };
    let outcome = simulator.trace(&request).outcome;
    if matches!(&outcome, Outcome::Decided(way) if way.cause == Cause::ModelAnswers) {
        let text = format!("the step requests {service}, which answers");
        walk.passes(Place::Application, None, None, text);
        return;
    }
    let by = Some(endpoint.resource());
    let text = format!("the step requests {service}, and gets {outcome}");
    let failed = outcome.ways().iter().find(|way| way.cause != Cause::ModelAnswers);
    let status = failed.and_then(|way| way.status).unwrap_or(500);
    walk.doubts(Place::Application, by, text, status, Cause::PredictorRefused);
}
