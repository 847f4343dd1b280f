//! The ways of requests that are not the guide's: the Gateway API, ambient mode, graphs, and
//! `LLMInferenceServices`, each with how it ends.

use crate::cases::command::Memory;

const SERVICE: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: inferenceservice-config, namespace: kserve}
data:
  deploy: '{\"defaultDeploymentMode\": \"RawDeployment\"}'
  ingress: |-
    {\"enableGatewayApi\": true, \"kserveIngressGateway\": \"kserve/kserve-ingress-gateway\",
     \"ingressGateway\": \"a/b\", \"ingressDomain\": \"example.com\"}
---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: iris, namespace: team}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://bucket/iris}
---
apiVersion: v1
kind: Namespace
metadata: {name: team, labels: {istio-injection: enabled}}
";

const GATEWAY: &str = "
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: kserve-ingress-gateway, namespace: kserve}
spec:
  gatewayClassName: istio
  listeners: [{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]
";

const ALB_CLASS: &str = "
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: alb}
spec: {controllerName: gateway.k8s.aws/alb}
";

const PUBLIC: &str = "http://iris-team.example.com/v1/models/iris:predict";
const INSIDE: &str = "http://iris-predictor.team.svc.cluster.local/v1/models/iris:predict";

/// How a request ends, and whether a hop says something.
#[track_caller]
fn ends(package: &str, arguments: &[&str], outcome: &str, hop: &str) {
    let answer = Memory::default()
        .with_file("package.yaml", package)
        .run(&[&["trace", "-X", "POST"], arguments, &["package.yaml"]].concat());
    let last = answer.stdout.lines().find(|line| line.starts_with("=> ")).unwrap_or_default();
    assert!(last.starts_with(&format!("=> {outcome}")), "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains(hop), "{hop}\n{}", answer.stdout);
    assert_eq!(answer.code, u8::from(!outcome.starts_with("200")), "{outcome}");
}

fn policy(namespace: &str, spec: &str) -> String {
    format!(
        "\n---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: own, namespace: {namespace}}}\nspec: {spec}\n"
    )
}

#[test]
fn through_a_gateway_of_istio() {
    let package = format!("{SERVICE}{GATEWAY}");
    ends(
        &package,
        &[PUBLIC],
        "200 (model-answers)",
        "HTTPRoute team/iris takes it to team/iris-predictor",
    );
    ends(&package, &["https://iris-team.example.com/"], "no answer (no-listener)", "");
    let refused = format!("{package}{}", policy("team", "{}"));
    ends(&refused, &[PUBLIC], "403 (workload-refused)", "");
    // A policy of the Gateway itself.
    let target = "{targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: kserve-ingress-gateway}]}";
    let refused = format!("{package}{}", policy("kserve", target));
    ends(
        &refused,
        &[PUBLIC],
        "403 (gateway-refused)",
        "by security.istio.io/v1beta1/AuthorizationPolicy/kserve/own",
    );
    let unknown = package.replace("gatewayClassName: istio", "gatewayClassName: other");
    ends(
        &unknown,
        &[PUBLIC],
        "unknown: the GatewayClass other",
        "either 200 (model-answers) or 404",
    );
}

/// A route that no listener takes: the listener to change is named, or the route where that names another one.
#[test]
fn a_route_that_is_not_attached_is_blamed() {
    let own = "---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: own, namespace: team}\nspec:\n  parentRefs: [{name: kserve-ingress-gateway, namespace: kserve}]\n  hostnames: [models.example.com]\n  rules: [{backendRefs: [{name: iris-predictor, port: 80}]}]\n";
    let url = "http://models.example.com/v1/models/iris:predict";
    let package = format!("{SERVICE}{GATEWAY}{own}");
    ends(&package, &[url], "200 (model-answers)", "HTTPRoute team/own takes it");
    let gateway = "by gateway.networking.k8s.io/v1/Gateway/kserve/kserve-ingress-gateway";
    let route = "by gateway.networking.k8s.io/v1/HTTPRoute/team/own";
    let left = "HTTPRoute team/own is not attached to the Gateway kserve/kserve-ingress-gateway: ";
    let all = "{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}";
    let https = "{name: https, port: 443, protocol: HTTPS}, ";
    for (from, to, object, field, why) in [
        (
            all,
            "{name: http, port: 80, protocol: HTTP}",
            gateway,
            "spec.listeners[0].allowedRoutes.namespaces",
            "the listener takes no routes of its namespace",
        ),
        (
            all,
            &format!("{https}{}", all.replace("protocol:", "hostname: a.example.com, protocol:")),
            gateway,
            "spec.listeners[1].hostname",
            "none of its hosts is the listener's hostname",
        ),
        (
            "gateway, namespace: kserve}]",
            "gateway, namespace: kserve, sectionName: other}]",
            route,
            "spec.parentRefs",
            "its parentRefs name another listener or port",
        ),
    ] {
        assert!(package.contains(from), "{from}");
        let package = package.replacen(from, to, 1);
        ends(&package, &[url], "404 (gateway-no-route)", &format!("{left}{why}"));
        ends(&package, &[url], "404 (gateway-no-route)", object);
        ends(&package, &[url], "404 (gateway-no-route)", field);
    }
}

/// What explains is a component of its own, behind the path of explanations alone.
#[test]
fn explanations_come_to_the_explainer() {
    let model = "    model: {modelFormat: {name: sklearn}, storageUri: s3://bucket/iris}\n";
    let explainer =
        "  explainer: {containers: [{name: kserve-container, image: example.com/explainer:1}]}\n";
    assert!(SERVICE.contains(model));
    let service = SERVICE.replacen(model, &format!("{model}{explainer}"), 1);
    let package = format!("{service}{GATEWAY}");
    let at = |path: &str| format!("http://iris-team.example.com{path}");
    for (path, outcome, component) in [
        ("/v1/models/iris:explain", "200 (model-answers)", "explainer"),
        ("/v1/models/iris:predict", "200 (model-answers)", "predictor"),
        ("/v1/models/iris:explain/more", "404 (model-path-unknown)", "predictor"),
    ] {
        let hop = format!("HTTPRoute team/iris takes it to team/iris-{component}");
        ends(&package, &[&at(path)], outcome, &hop);
    }
}

/// `KServe` gives each of its routes a filter that the load balancer's controller does not know.
#[test]
fn through_a_gateway_of_the_load_balancer() {
    let package = format!("{SERVICE}{GATEWAY}{ALB_CLASS}").replace("Name: istio", "Name: alb");
    ends(
        &package,
        &[PUBLIC],
        "404 (alb-no-rule)",
        "does not support the filter RequestHeaderModifier",
    );
    let route = "
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: own, namespace: team}
spec:
  parentRefs: [{name: kserve-ingress-gateway, namespace: kserve}]
  hostnames: [models.example.com]
  rules:
  - matches: [{path: {value: /iris}, headers: [{name: x-api-key, value: one}]}]
    filters:
    - {type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}
    backendRefs: [{name: iris-predictor, port: 80}]
";
    // What the rule that is left out would have taken, the next one does.
    let host = "iris-team.example.com";
    let open = route
        .replace("models.example.com", host)
        .replace("/iris}, headers: [{name: x-api-key, value: one}]", "/}");
    ends(
        &format!("{package}{open}"),
        &[PUBLIC],
        "200 (model-answers)",
        "HTTPRoute team/own takes it",
    );
    let (package, url) =
        (format!("{package}{route}"), "http://models.example.com/iris/v1/models/iris:predict");
    ends(&package, &[url, "-H", "x-api-key: ONE"], "200 (model-answers)", "");
    ends(
        &package,
        &[url],
        "404 (alb-no-rule)",
        "no route of the Gateway kserve/kserve-ingress-gateway",
    );
    let login = package.replace(
        "    filters:\n    - {type: URL",
        "    filters:\n    - {type: ExtensionRef, extensionRef: {kind: ListenerRuleConfiguration, name: login}}\n    - {type: URL",
    );
    ends(
        &login,
        &[url, "-H", "x-api-key: one"],
        "unknown: what the ListenerRuleConfiguration login",
        "",
    );
}

/// A load balancer in front of a Gateway of Istio's, with and without TLS between them.
#[test]
fn through_a_load_balancer_and_a_gateway_over_tls() {
    let ingress = |protocol: &str| {
        format!(
            "\n---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: api\n  namespace: kserve\n  annotations:\n    alb.ingress.kubernetes.io/target-type: ip\n    alb.ingress.kubernetes.io/backend-protocol: {protocol}\nspec:\n  ingressClassName: alb\n  rules: [{{http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: kserve-ingress-gateway-istio, port: {{number: 443}}}}}}}}]}}}}]\n"
        )
    };
    let listener = |more: &str| {
        GATEWAY.replace(
            "{name: http, port: 80, protocol: HTTP,",
            &format!("{{name: tls, port: 443, {more}"),
        )
    };
    let of =
        |protocol: &str, more: &str| format!("{SERVICE}{}{}", listener(more), ingress(protocol));
    let tls = "protocol: HTTPS, tls: {certificateRefs: [{name: own}]},";
    ends(&of("HTTPS", tls), &[PUBLIC], "200 (model-answers)", "");
    ends(&of("HTTP", tls), &[PUBLIC], "502 (wrong-protocol)", "takes TLS, and");
    ends(
        &of("HTTPS", "protocol: HTTP,"),
        &[PUBLIC],
        "502 (wrong-protocol)",
        "takes plain HTTP, and",
    );
    let named = format!("hostname: iris-team.example.com, {tls}");
    ends(&of("HTTPS", &named), &[PUBLIC], "unknown: ", "or 200 (model-answers)");
}

#[test]
fn before_pods_in_ambient_mode() {
    let package = SERVICE.replace("istio-injection: enabled", "istio.io/dataplane-mode: ambient");
    let of = |spec: &str| format!("{package}{}", policy("team", spec));
    let paths = of("{rules: [{to: [{operation: {paths: [/v1/models/*]}}]}]}");
    let pod = |namespace: &'static str| [INSIDE, "--pod", namespace];
    ends(
        &paths,
        &pod("team"),
        "no answer (workload-no-connection)",
        "ztunnel reads no rule about HTTP",
    );
    ends(&of("{rules: [{}]}"), &pod("team"), "200 (model-answers)", "ztunnel lets it pass");
    ends(&of("{action: AUDIT, rules: [{}]}"), &pod("team"), "200 (model-answers)", "");
    let named = of("{rules: [{from: [{source: {namespaces: [team]}}]}]}");
    ends(&named, &pod("team"), "unknown: ", "unless it is dialled with an identity");
    ends(&named, &pod("other"), "no answer (workload-no-connection)", "");
    let waypoint = paths.replace("mode: ambient", "mode: ambient, istio.io/use-waypoint: waypoint");
    ends(&waypoint, &pod("team"), "unknown: a waypoint is before the pods", "either 200");
}

#[test]
fn through_a_graph() {
    let graph = "
---
apiVersion: serving.kserve.io/v1alpha1
kind: InferenceGraph
metadata: {name: graph, namespace: team}
spec:
  nodes: {root: {routerType: Sequence, steps: [{serviceName: iris}]}}
";
    let (package, url) = (format!("{SERVICE}{graph}"), "http://graph.team.svc.cluster.local/");
    ends(
        &package,
        &[url, "--pod", "team"],
        "200 (model-answers)",
        "the step requests iris, which answers",
    );
    let selector = "{selector: {matchLabels: {component: predictor}}}";
    let refused = format!("{package}{}", policy("team", selector));
    ends(&refused, &[url, "--pod", "team"], "unknown: the step requests iris, and gets 403", "");
    let refused = format!("{package}{}", policy("team", "{}"));
    ends(
        &refused,
        &[url, "--pod", "team"],
        "403 (workload-refused)",
        "before the pods of team/graph router",
    );
}

#[test]
fn to_an_llm_inference_service() {
    let llm = "
---
apiVersion: serving.kserve.io/v1alpha1
kind: LLMInferenceService
metadata: {name: chat, namespace: team}
spec:
  model: {uri: hf://example/chat, name: chat}
  router: {route: {}, gateway: {}}
";
    let package = format!("{SERVICE}{GATEWAY}{llm}");
    let url = |path: &str| format!("http://inference.example.com{path}");
    let chat = url("/team/chat/v1/chat/completions");
    ends(&package, &[&chat], "200 (model-answers)", "takes it to team/chat-kserve-workload-svc");
    // What no API of the scheduler takes comes to the pods, too, and what names the model in a header.
    ends(&package, &[&url("/team/chat/v1/models")], "404 (model-path-unknown)", "takes it to team");
    let plain = url("/v1/chat/completions");
    ends(&package, &[&plain], "404 (gateway-no-route)", "");
    let named = "X-Gateway-Model-Name: publishers/team/models/chat";
    ends(&package, &["-H", named, &plain], "200 (model-answers)", "takes it to team/chat");
    let publisher = url("/publishers/team/models/chat/v1/completions");
    ends(&package, &[&publisher], "200 (model-answers)", "spec.rules[5]");
    let refused = format!("{package}{}", policy("team", "{}"));
    ends(&refused, &[&chat], "403 (workload-refused)", "");
}
