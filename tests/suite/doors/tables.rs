//! Doors of which no controller can be asked here: what the source of each says, row by row.
//!
//! AWS Load Balancer Controller: v3 at commit 225f445; Istio: `master` at commit eed52eb.

use serde_json::{Value, json};

use super::package::{self, TOKEN};
use super::{Readers, Verdict, found};

/// What is said of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Open,
    Guarded,
    NotJudged,
    Noted,
    /// It leads nothing in.
    Nothing,
}

use Said::{Guarded, NotJudged, Noted, Nothing, Open};

/// What is said of the objects that are added to the gateway's Service and its guarded Ingress.
fn said(objects: &[Value]) -> Said {
    let mut facts = package::many(0, false);
    facts.objects.extend(objects.iter().cloned());
    let doors = found(&facts, Readers::ALL);
    let verdicts = doors.iter().map(|door| match door.verdict {
        Verdict::Open { .. } => Open,
        Verdict::NotJudged { .. } => NotJudged,
        Verdict::Guarded { .. } => Guarded,
        Verdict::Noted { .. } | Verdict::Unseen { .. } => Noted,
    });
    let rank =
        |said: &Said| [Nothing, Noted, Guarded, NotJudged, Open].iter().position(|one| one == said);
    verdicts.max_by_key(rank).unwrap_or(Nothing)
}

#[track_caller]
fn assert_rows(rows: &[(&str, Vec<Value>, Said, &str)]) {
    for (name, objects, expected, source) in rows {
        assert_eq!(said(objects), *expected, "{name}: {source}");
    }
}

fn class(controller: &str) -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass",
        "metadata": { "name": "edge" }, "spec": { "controllerName": controller },
    })
}

fn gateway(spec: Value) -> Value {
    let mut gateway = json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
        "metadata": { "name": "public", "namespace": "istio-system" },
        "spec": {
            "gatewayClassName": "edge",
            "listeners": [{ "name": "web", "port": 80, "protocol": "HTTP" }],
        },
    });
    for (key, value) in spec.as_object().unwrap() {
        gateway["spec"][key] = value.clone();
    }
    gateway
}

/// A route to the gateway's Service, with what its rule says besides.
fn route(kind: &str, rule: Value) -> Value {
    let mut route = json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": kind,
        "metadata": { "name": "models", "namespace": "istio-system" },
        "spec": {
            "parentRefs": [{ "name": "public" }],
            "rules": [{ "backendRefs": [{ "name": "istio-ingressgateway", "port": 80 }] }],
        },
    });
    for (key, value) in rule.as_object().unwrap() {
        route["spec"]["rules"][0][key] = value.clone();
    }
    route
}

fn header(value: &str) -> Value {
    json!({ "matches": [{ "headers": [{ "name": "X-Api-Key", "value": value }] }] })
}

/// A route under a Gateway of a controller.
fn under(controller: &str, kind: &str, rule: Value) -> Vec<Value> {
    let protocol = match kind {
        "TCPRoute" => "TCP",
        "TLSRoute" => "TLS",
        "UDPRoute" => "UDP",
        _ => "HTTP",
    };
    let listeners = json!({ "listeners": [{ "name": "web", "port": 80, "protocol": protocol }] });
    vec![class(controller), gateway(listeners), route(kind, rule)]
}

const ALB: &str = "gateway.k8s.aws/alb";
const NLB: &str = "gateway.k8s.aws/nlb";
const ISTIO: &str = "istio.io/gateway-controller";

/// `pkg/gateway/routeutils` of the AWS Load Balancer Controller.
#[test]
fn routes_of_the_load_balancer_controller() {
    const CONDITIONS: &str = "BuildHttpRuleConditions, route_rule_condition.go:14: a rule of the listener for each match, its parts combined";
    const HEADER: &str = "buildHttpHeaderCondition, route_rule_condition.go: an http-header condition of the header's values";
    const COMMAS: &str = "generateValuesFromMatchHeaderValue, route_rule_condition.go: an unescaped comma separates values, any of which is enough";
    const GRPC: &str = "BuildGrpcRuleConditions, route_rule_condition.go";
    const KINDS: &str =
        "DefaultProtocolToRouteKindMap, routeutils/constants.go: HTTP takes HTTPRoutes alone";
    const L7: &str = "L7RouteFilter, loader.go:46: HTTPRoute and GRPCRoute";
    const L4: &str = "L4RouteFilter, loader.go:41: UDPRoute, TCPRoute and TLSRoute";
    const WEIGHT: &str = "backend.go:164: with weight 0 no traffic is forwarded";
    let both = json!({ "matches": [
        { "headers": [{ "name": "x-api-key", "value": TOKEN }] },
        { "path": { "type": "PathPrefix", "value": "/v1" } },
    ] });
    let combined = json!({ "matches": [{
        "headers": [{ "name": "x-api-key", "value": TOKEN }], "path": { "type": "PathPrefix", "value": "/v1" },
    }] });
    let regex = json!({ "matches": [{ "headers": [{ "type": "RegularExpression", "name": "x-api-key", "value": ".*" }] }] });
    let query =
        json!({ "matches": [{ "queryParams": [{ "name": "x-api-key", "value": TOKEN }] }] });
    let method =
        json!({ "matches": [{ "method": "POST", "path": { "type": "Exact", "value": "/v1" } }] });
    let none =
        json!({ "backendRefs": [{ "name": "istio-ingressgateway", "port": 80, "weight": 0 }] });
    let some = json!({ "backendRefs": [
        { "name": "grafana", "port": 80, "weight": 99 }, { "name": "istio-ingressgateway", "port": 80, "weight": 1 },
    ] });
    let rules = json!({ "filters": [{ "type": "ExtensionRef", "extensionRef": {
        "group": "gateway.k8s.aws", "kind": "ListenerRuleConfiguration", "name": "login",
    } }] });
    let grpc = |protocol: &str, allowed: Value, rule: Value| {
        let listener =
            json!({ "name": "web", "port": 443, "protocol": protocol, "allowedRoutes": allowed });
        let gateway = gateway(json!({ "listeners": [listener] }));
        vec![class(ALB), gateway, route("GRPCRoute", rule)]
    };
    assert_rows(&[
        ("no match", under(ALB, "HTTPRoute", json!({})), Open, CONDITIONS),
        ("path and method", under(ALB, "HTTPRoute", method), Open, CONDITIONS),
        ("a parameter of the query", under(ALB, "HTTPRoute", query), Open, CONDITIONS),
        ("the token", under(ALB, "HTTPRoute", header(TOKEN)), Guarded, HEADER),
        ("the token and a path", under(ALB, "HTTPRoute", combined), Guarded, CONDITIONS),
        ("the token, or a path", under(ALB, "HTTPRoute", both), Open, CONDITIONS),
        (
            "the token, or another text",
            under(ALB, "HTTPRoute", header(&format!("{TOKEN},b"))),
            Open,
            COMMAS,
        ),
        ("any text", under(ALB, "HTTPRoute", header("*")), Open, HEADER),
        ("an expression", under(ALB, "HTTPRoute", regex), Open, HEADER),
        ("gRPC", grpc("HTTPS", json!({}), json!({})), Open, GRPC),
        ("gRPC with the token", grpc("HTTPS", json!({}), header(TOKEN)), Guarded, GRPC),
        ("gRPC without TLS", grpc("HTTP", json!({}), json!({})), Noted, KINDS),
        (
            "gRPC without TLS, by name",
            grpc("HTTP", json!({ "kinds": [{ "kind": "GRPCRoute" }] }), json!({})),
            Open,
            "buildTargetGroupProtocolVersion, model_build_target_group.go: behind HTTP it speaks HTTP/1 to the pods",
        ),
        ("TCP of an ALB", under(ALB, "TCPRoute", json!({})), Nothing, L7),
        ("TCP", under(NLB, "TCPRoute", json!({})), Open, L4),
        ("TLS", under(NLB, "TLSRoute", json!({})), Open, L4),
        ("UDP", under(NLB, "UDPRoute", json!({})), Open, L4),
        ("HTTP of an NLB", under(NLB, "HTTPRoute", json!({})), Nothing, L4),
        ("no weight", under(ALB, "HTTPRoute", none), Nothing, WEIGHT),
        ("a small weight", under(ALB, "HTTPRoute", some), Open, WEIGHT),
        (
            "actions of its own",
            under(ALB, "HTTPRoute", rules),
            NotJudged,
            "route_rule_action.go:36: a ListenerRuleConfiguration has the rule's actions, a login among them",
        ),
    ]);
}

/// `pilot/pkg/config/kube/gateway` of Istio.
#[test]
fn routes_of_istio() {
    const MATCH: &str = "createHeadersMatch, conversion.go:1528: StringMatch_Exact";
    const SERVICES: &str = "extractGatewayServices, conversion.go:2032: NAME-CLASS, or the Services that Hostname addresses name";
    const KINDS: &str =
        "route_collections.go: collections of HTTPRoutes, GRPCRoutes, TCPRoutes and TLSRoutes";
    const SERVICE_TYPE: &str = "configureIstioGateway, gatewaycommon/deploymentcontroller.go:392: the annotation is the type of the Gateway's Service";
    let of_type = |kind: &str| {
        let mut gateway = gateway(json!({}));
        gateway["metadata"]["annotations"] = json!({ "networking.istio.io/service-type": kind });
        vec![class(ISTIO), gateway, route("HTTPRoute", json!({}))]
    };
    let own = gateway(json!({
        "addresses": [{ "type": "Hostname", "value": "istio-ingressgateway.istio-system.svc.cluster.local" }],
    }));
    let mut managed = gateway(json!({ "gatewayClassName": "ingressgateway" }));
    managed["metadata"]["name"] = "istio".into();
    let mut class_of_it = class(ISTIO);
    class_of_it["metadata"]["name"] = "ingressgateway".into();
    let mut route_of_it = route("HTTPRoute", json!({}));
    route_of_it["spec"]["parentRefs"][0]["name"] = "istio".into();
    let copy = json!({
        "backendRefs": [{ "name": "grafana", "port": 80 }],
        "filters": [{ "type": "RequestMirror", "requestMirror": { "backendRef": { "name": "istio-ingressgateway", "port": 80 } } }],
    });
    let mesh = json!([{ "group": "", "kind": "Service", "name": "istio-ingressgateway" }]);
    let mut of_mesh = route("HTTPRoute", json!({}));
    of_mesh["spec"]["parentRefs"] = mesh;
    assert_rows(&[
        ("no match", under(ISTIO, "HTTPRoute", json!({})), Open, MATCH),
        ("the token", under(ISTIO, "HTTPRoute", header(TOKEN)), Guarded, MATCH),
        ("another text", under(ISTIO, "HTTPRoute", header("true")), Open, MATCH),
        ("gRPC", under(ISTIO, "GRPCRoute", json!({})), Open, KINDS),
        ("TCP", under(ISTIO, "TCPRoute", json!({})), Open, KINDS),
        ("TLS", under(ISTIO, "TLSRoute", json!({})), Open, KINDS),
        ("UDP", under(ISTIO, "UDPRoute", json!({})), Nothing, KINDS),
        (
            "its own class, which istiod creates",
            vec![gateway(json!({ "gatewayClassName": "istio" })), route("HTTPRoute", json!({}))],
            Open,
            "BuiltinGatewayClasses, gatewaycommon/classinfo.go",
        ),
        (
            "a copy",
            under(ISTIO, "HTTPRoute", copy),
            Open,
            "conversion.go:167: RequestMirror sends every request to its backend, too",
        ),
        ("inside the cluster", of_type("ClusterIP"), Noted, SERVICE_TYPE),
        ("on the nodes", of_type("NodePort"), Open, SERVICE_TYPE),
        (
            "the gateway's own Service",
            vec![class(ISTIO), own, route("HTTPRoute", json!({}))],
            Nothing,
            SERVICES,
        ),
        ("the gateway's own pods", vec![class_of_it, managed, route_of_it], Nothing, SERVICES),
        (
            "a route of the mesh",
            vec![of_mesh],
            Nothing,
            "conversion.go: a parent of kind Service is for the sidecars of its clients",
        ),
    ]);
}

/// What hangs on an object that is not there, or on a controller that is not supported.
#[test]
fn routes_that_cannot_be_judged() {
    const CLASS: &str = "gateway_types.go of gateway-api: the class names the controller";
    let of_a_set = || {
        let mut route = route("HTTPRoute", header(TOKEN));
        route["spec"]["parentRefs"][0]["kind"] = "ListenerSet".into();
        vec![class(ALB), gateway(json!({})), route]
    };
    assert_rows(&[
        ("no Gateway", vec![route("HTTPRoute", header(TOKEN))], NotJudged, CLASS),
        ("no class", vec![gateway(json!({})), route("HTTPRoute", header(TOKEN))], NotJudged, CLASS),
        (
            "Envoy Gateway",
            under("gateway.envoyproxy.io/gatewayclass-controller", "HTTPRoute", header(TOKEN)),
            NotJudged,
            CLASS,
        ),
        (
            "a set of listeners",
            of_a_set(),
            NotJudged,
            "listenerset_types.go of gateway-api: its listeners are of whatever Gateway it names",
        ),
    ]);
}

/// A Service in front of the gateway's pods, or of others.
fn service(kind: &str, app: &str, annotations: Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": { "name": "edge", "namespace": "istio-system", "annotations": annotations },
        "spec": { "type": kind, "selector": { "app": app }, "ports": [{ "name": "http", "port": 80 }] },
    })
}

/// `pkg/service` of the AWS Load Balancer Controller, and kube-proxy.
#[test]
fn services_with_an_address() {
    const OWN: &str = "istio-ingressgateway";
    const LISTENER: &str =
        "buildListener, model_build_listener.go: a listener a port, whose default action forwards";
    const SUPPORTED: &str = "IsServiceSupported and checkAWSLoadBalancerTypeAnnotation, service_utils.go:46: whatever the type; the feature gate ServiceTypeLoadBalancerOnly is off by default (feature_gates.go:79)";
    const TARGETS: &str = "buildTargetType, model_build_target_group.go:537: a Service of type ClusterIP has no nodes for targets";
    const ACTIONS: &str = "buildActionConfigViaAnnotation, model_build_listener.go:214: actions.PROTOCOL-PORT forwards to the Services that it names";
    const PROXY: &str = "pkg/proxy/iptables/proxier.go of Kubernetes";
    let typed = |kind: &str| json!({ "service.beta.kubernetes.io/aws-load-balancer-type": kind });
    let targets = |target: &str| {
        let mut annotations = typed("external");
        annotations["service.beta.kubernetes.io/aws-load-balancer-nlb-target-type"] = target.into();
        annotations
    };
    let actions = |to: &str| {
        let action = json!({ "type": "forward", "forwardConfig": {
            "baseServiceWeight": 9, "targetGroups": [{ "serviceName": to, "servicePort": 80, "weight": 1 }],
        } });
        json!({ "service.beta.kubernetes.io/actions.TCP-80": action.to_string() })
    };
    let with = |key: &str, value: Value| {
        let mut service = service("LoadBalancer", OWN, json!({}));
        service["spec"][key] = value;
        vec![service]
    };
    let mut external = service("ClusterIP", OWN, json!({}));
    external["spec"]["externalIPs"] = json!(["203.0.113.7"]);
    let internal = json!({ "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal" });
    assert_rows(&[
        ("a load balancer", vec![service("LoadBalancer", OWN, json!({}))], Open, LISTENER),
        ("an internal one", vec![service("LoadBalancer", OWN, internal)], Open, LISTENER),
        (
            "of EKS Auto Mode",
            with("loadBalancerClass", json!("eks.amazonaws.com/nlb")),
            Open,
            LISTENER,
        ),
        (
            "for some addresses",
            with("loadBalancerSourceRanges", json!(["203.0.113.0/24"])),
            Open,
            LISTENER,
        ),
        ("of other pods", vec![service("LoadBalancer", "grafana", json!({}))], Nothing, LISTENER),
        ("ClusterIP and nlb-ip", vec![service("ClusterIP", OWN, typed("nlb-ip"))], Open, SUPPORTED),
        ("ClusterIP and pods", vec![service("ClusterIP", OWN, targets("ip"))], Open, SUPPORTED),
        (
            "ClusterIP and nodes",
            vec![service("ClusterIP", OWN, targets("instance"))],
            Nothing,
            TARGETS,
        ),
        (
            "NodePort and nodes",
            vec![service("NodePort", OWN, targets("instance"))],
            Open,
            SUPPORTED,
        ),
        (
            "no kind of targets",
            vec![service("ClusterIP", OWN, typed("external"))],
            Nothing,
            SUPPORTED,
        ),
        ("another controller's", vec![service("ClusterIP", OWN, typed("nlb"))], Nothing, SUPPORTED),
        ("an action", vec![service("LoadBalancer", "grafana", actions(OWN))], Open, ACTIONS),
        (
            "an action to others",
            vec![service("LoadBalancer", "grafana", actions("grafana"))],
            Nothing,
            ACTIONS,
        ),
        (
            "an action of none",
            vec![service("ClusterIP", "grafana", actions(OWN))],
            Nothing,
            ACTIONS,
        ),
        ("a node port", vec![service("NodePort", OWN, json!({}))], Noted, PROXY),
        ("external addresses", vec![external], Open, PROXY),
    ]);
}

/// Which pods serve a Gateway of Istio's own API.
#[test]
fn pods_that_serve_a_gateway_of_istio() {
    const ALL: &str =
        "mergeGateways, push_context.go:2476: without a selector every gateway that asks has it";
    const SUBSET: &str =
        "mergeGateways, push_context.go:2480: a subset of the labels, of any namespace";
    const CREATED: &str = "kube-gateway.yaml of istio-discovery: the labels of the pods";
    let of_labels = |selector: Value| {
        let mut gateway = json!({
            "apiVersion": "networking.istio.io/v1", "kind": "Gateway",
            "metadata": { "name": "models", "namespace": "istio-system" },
            "spec": { "servers": [{ "port": { "number": 80, "name": "http", "protocol": "HTTP" }, "hosts": ["*"] }] },
        });
        if !selector.is_null() {
            gateway["spec"]["selector"] = selector;
        }
        let route = json!({
            "apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
            "metadata": { "name": "models", "namespace": "staging" },
            "spec": {
                "hosts": ["*"], "gateways": ["istio-system/models"],
                "http": [{ "route": [{ "destination": { "host": "model" } }] }],
            },
        });
        vec![gateway, route]
    };
    let pods = |labels: Value, arguments: Value| {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": { "name": "edge", "namespace": "edge" },
            "spec": { "template": {
                "metadata": { "labels": labels },
                "spec": { "containers": [{ "name": "istio-proxy", "args": arguments }] },
            } },
        })
    };
    let public = |selector: Value| {
        json!({
            "apiVersion": "v1", "kind": "Service", "metadata": { "name": "edge", "namespace": "edge" },
            "spec": { "type": "LoadBalancer", "selector": selector, "ports": [{ "port": 80 }] },
        })
    };
    let edge = json!({ "app": "edge" });
    let both = json!({ "app": "edge", "istio": "ingressgateway" });
    let router = || pods(edge.clone(), json!(["proxy", "router"]));
    let sidecar = || pods(edge.clone(), json!(["proxy", "sidecar"]));
    let own = json!({ "istio": "ingressgateway" });
    let with = |mut objects: Vec<Value>, more: Vec<Value>| {
        objects.extend(more);
        objects
    };
    let api = || gateway(json!({ "gatewayClassName": "istio" }));
    // A route to the same Service through the front's pods.
    let mut of_another = of_labels(Value::Null).remove(1);
    of_another["metadata"]["name"] = "own".into();
    of_another["spec"]["gateways"] = json!(["istio-system/own"]);
    assert_rows(&[
        ("the gateway's own pods", of_labels(own.clone()), Nothing, SUBSET),
        ("no selector, and no other gateway", of_labels(Value::Null), Nothing, ALL),
        (
            "no selector",
            with(of_labels(Value::Null), vec![router(), public(edge.clone())]),
            Open,
            ALL,
        ),
        (
            "an empty selector",
            with(of_labels(json!({})), vec![router(), public(edge.clone())]),
            Open,
            "SubsetOf, pkg/config/labels/instance.go: no labels are a subset of any",
        ),
        (
            "no selector, beside pods with a sidecar",
            with(of_labels(Value::Null), vec![sidecar(), public(edge.clone())]),
            Nothing,
            "SetGatewaysForProxy, context.go:594: of proxies of type Router alone",
        ),
        (
            "a label that others have",
            with(
                of_labels(own.clone()),
                vec![pods(both.clone(), json!(["proxy", "router"])), public(edge.clone())],
            ),
            Open,
            SUBSET,
        ),
        (
            "a label that others have, by their Service",
            with(of_labels(own.clone()), vec![public(both.clone())]),
            Open,
            SUBSET,
        ),
        (
            "the same labels elsewhere",
            with(of_labels(own.clone()), vec![public(own.clone())]),
            Open,
            SUBSET,
        ),
        ("pods that Istio creates", with(of_labels(Value::Null), vec![api()]), Open, ALL),
        (
            "pods that Istio creates, by their label",
            with(
                of_labels(json!({ "gateway.networking.k8s.io/gateway-name": "public" })),
                vec![api(), of_another],
            ),
            Open,
            CREATED,
        ),
    ]);
}
