//! The ports of a component's containers, and those of the Service in front of them.
//!
//! Sources: `buildPodSpec` in `components/predictor.go` and `createDefaultSvc` in
//! `reconcilers/service/service_reconciler.go` of kserve/kserve 0.20.0; `validateContainersPorts` and
//! `validateContainerPorts` in `pkg/apis/serving/k8s_validation.go` of knative/serving 1.21.

use super::inference_service::{Component, ComponentSpec, ContainerPort};
use super::runtimes::ServingRuntime;

const MODEL_CONTAINER: &str = "kserve-container";
const TRANSFORMER_CONTAINER: &str = "transformer-container";
/// `CommonDefaultHttpPort` and `InferenceServiceDefaultHttpPort`.
pub(super) const SERVICE_PORT: u32 = 80;
pub(crate) const MODEL_SERVER: u16 = 8080;
/// The port of Knative's queue-proxy, in front of every model server.
pub(crate) const QUEUE_PROXY: u16 = 8012;
/// The port of an `LLMInferenceService`'s pods and of their Service.
pub(crate) const LLM_PORT: u16 = 8000;
/// `InferenceServiceDefaultAgentPort`: a batcher or logger is in front of the server.
const AGENT_PORT: u32 = 9081;

/// A port of a Service that `KServe` creates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServicePort {
    /// The Service's port.
    pub port: u32,
    /// The port of the pods that it sends to.
    pub target: u32,
    /// Whether its name says gRPC.
    pub is_grpc: bool,
}

/// A container, by what its ports depend on.
pub(super) struct PortsOf<'a> {
    name: &'a str,
    ports: Vec<&'a ContainerPort>,
}

/// Why Knative's webhook refuses the ports of a revision's containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefusedPorts {
    /// The containers have several ports together.
    Several,
    /// None of several containers has a port.
    Missing,
    /// The only port has a name that Knative does not know.
    Name(String),
}

/// The containers of a component's pods: those of the runtime and of the component, merged by name.
///
/// A runtime that is not among the objects counts as one without ports, like those that `KServe` ships.
pub(super) fn containers<'a>(
    component: Component,
    spec: &'a ComponentSpec,
    runtime: Option<&'a ServingRuntime>,
) -> Vec<PortsOf<'a>> {
    let own = spec.containers.iter();
    let own = own.map(|one| PortsOf { name: &one.name, ports: one.ports.iter().collect() });
    let model = spec.served_model().filter(|_| component == Component::Predictor);
    let Some(model) = model else {
        let mut own: Vec<_> = own.collect();
        if own.is_empty() {
            // One of KServe's own explainers.
            own.push(PortsOf { name: MODEL_CONTAINER, ports: Vec::new() });
        }
        return own;
    };
    let of_runtime: Vec<_> = runtime.iter().flat_map(|one| &one.spec.containers).collect();
    let ports_of = |name: &str| {
        let named = of_runtime.iter().find(|one| one.name == name);
        named.map(|one| one.ports.as_slice())
    };
    let served = ports_of(MODEL_CONTAINER).unwrap_or_default();
    let mut all = vec![PortsOf { name: MODEL_CONTAINER, ports: merged(served, &model.ports) }];
    let in_service = spec.containers.iter().find(|one| one.name == TRANSFORMER_CONTAINER);
    let in_runtime = ports_of(TRANSFORMER_CONTAINER);
    if in_service.is_some() || in_runtime.is_some() {
        let patch = in_service.map_or(&[][..], |one| &one.ports);
        let ports = merged(in_runtime.unwrap_or_default(), patch);
        all.push(PortsOf { name: TRANSFORMER_CONTAINER, ports });
    }
    let others = of_runtime.iter().filter(|one| one.name != MODEL_CONTAINER);
    let others = others.map(|one| PortsOf { name: &one.name, ports: one.ports.iter().collect() });
    all.extend(others.chain(own).filter(|one| one.name != TRANSFORMER_CONTAINER));
    all
}

/// A strategic merge by `containerPort`: a port of the patch that is new comes before those that are there.
fn merged<'a>(base: &'a [ContainerPort], patch: &'a [ContainerPort]) -> Vec<&'a ContainerPort> {
    let is_in = |list: &[ContainerPort], port: &ContainerPort| {
        list.iter().any(|one| one.container_port == port.container_port)
    };
    let mut all: Vec<_> = patch.iter().filter(|one| !is_in(base, one)).collect();
    all.extend(base.iter().map(|one| {
        let same = |patched: &&ContainerPort| patched.container_port == one.container_port;
        patch.iter().find(same).unwrap_or(one)
    }));
    all
}

/// The ports of the Service in front of a component in Standard mode.
pub(super) fn service_ports(containers: &[PortsOf<'_>], spec: &ComponentSpec) -> Vec<ServicePort> {
    let in_front = containers.iter().find(|one| one.name == TRANSFORMER_CONTAINER);
    let Some(container) = in_front.or(containers.first()) else { return Vec::new() };
    let first = container.ports.first();
    let target = first.map_or(MODEL_SERVER.into(), |port| port.container_port);
    let has_agent = spec.batcher.is_some() || spec.logger.is_some();
    let target = if has_agent { AGENT_PORT } else { target };
    let others = container.ports.iter().skip(1).map(|one| ServicePort {
        port: one.container_port,
        target: one.container_port,
        is_grpc: is_grpc(&one.name),
    });
    let is_grpc = first.is_some_and(|port| is_grpc(&port.name));
    std::iter::once(ServicePort { port: SERVICE_PORT, target, is_grpc }).chain(others).collect()
}

/// `isGrpcPortByName` in `reconcilers/ingress/httproute_reconciler.go`.
fn is_grpc(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("grpc") || name.contains("h2c")
}

/// Whether Knative's webhook refuses the ports.
pub(super) fn refused_by_knative(containers: &[PortsOf<'_>]) -> Option<RefusedPorts> {
    let mut ports = containers.iter().flat_map(|one| &one.ports);
    let Some(port) = ports.next() else {
        return (containers.len() > 1).then_some(RefusedPorts::Missing);
    };
    if ports.next().is_some() {
        return Some(RefusedPorts::Several);
    }
    let is_known = matches!(port.name.as_str(), "" | "http1" | "h2c");
    (!is_known).then(|| RefusedPorts::Name(port.name.clone()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn spec(value: Value) -> ComponentSpec {
        serde_json::from_value(value).unwrap()
    }

    fn of(value: Value, containers: &Value) -> Vec<(u32, u32)> {
        let spec = spec(value);
        let runtime: ServingRuntime =
            serde_json::from_value(json!({"spec": {"containers": containers}})).unwrap();
        let all = super::containers(Component::Predictor, &spec, Some(&runtime));
        service_ports(&all, &spec).into_iter().map(|one| (one.port, one.target)).collect()
    }

    #[test]
    fn a_service_has_the_ports_of_its_first_container() {
        let none = json!([{"name": "kserve-container"}]);
        let two = json!([{
            "name": "kserve-container",
            "ports": [{"containerPort": 8080}, {"containerPort": 9000}],
        }]);
        let model =
            |ports: Value| json!({"model": {"modelFormat": {"name": "sklearn"}, "ports": ports}});
        assert_eq!(of(model(json!([])), &none), [(80, 8080)]);
        assert_eq!(of(model(json!([])), &two), [(80, 8080), (9000, 9000)]);
        assert_eq!(of(model(json!([{"containerPort": 9000}])), &two), [(80, 8080), (9000, 9000)]);
        // A new port of the service comes first, and takes the requests.
        let new = model(json!([{"containerPort": 5000}]));
        assert_eq!(of(new, &two), [(80, 5000), (8080, 8080), (9000, 9000)]);
        let mut logged = model(json!([{"containerPort": 5000}]));
        logged["logger"] = json!({"mode": "all"});
        assert_eq!(of(logged, &none), [(80, 9081)]);
        let mut beside = model(json!([]));
        beside["containers"] =
            json!([{"name": "transformer-container", "ports": [{"containerPort": 7000}]}]);
        assert_eq!(of(beside, &two), [(80, 7000)]);
        let custom =
            json!({"containers": [{"name": "kserve-container", "ports": [{"containerPort": 1}]}]});
        assert_eq!(of(custom, &two), [(80, 1)]);
    }

    #[test]
    fn a_framework_takes_the_place_of_the_model() {
        let both = json!({
            "onnx": {"storageUri": "s3://models/iris"},
            "model": {"modelFormat": {"name": "sklearn"}, "ports": [{"containerPort": 5000}]},
        });
        assert_eq!(spec(both.clone()).defaulted_model().unwrap().format, "onnx");
        assert_eq!(of(both, &json!([{"name": "kserve-container"}])), [(80, 8080)]);
    }

    #[test]
    fn knative_takes_one_port_of_a_known_name() {
        let refused = |containers: Value| {
            let spec = spec(json!({"containers": containers}));
            refused_by_knative(&super::containers(Component::Transformer, &spec, None))
        };
        let with = |name: &str, ports: Value| json!({"name": name, "ports": ports});
        let port = |name: &str| json!([{"name": name, "containerPort": 9000}]);
        assert_eq!(refused(json!([{"name": "a"}])), None);
        assert_eq!(refused(json!([with("a", port("h2c")), {"name": "b"}])), None);
        assert_eq!(refused(json!([{"name": "a"}, {"name": "b"}])), Some(RefusedPorts::Missing));
        let several = json!([with("a", port("")), with("b", port(""))]);
        assert_eq!(refused(several), Some(RefusedPorts::Several));
        let named = json!([with("a", port("grpc"))]);
        assert_eq!(refused(named), Some(RefusedPorts::Name("grpc".to_owned())));
    }
}
