//! Packages, and requests that are close to what their objects say.

use serde_json::{Value, json};
use test_support::Dice;

use super::package::{Case, Client, LocalGateway, Sent, Service, Token, virtual_service};

/// Packages and requests.
pub(super) struct Generator(pub(super) Dice);

#[rustfmt::skip]
mod lists {
    pub(super) const NAMES: &[&str] = &["iris", "faces", "income"];
    pub(super) const NAMESPACES: &[&str] = &["team-a", "team-b"];
    pub(super) const HOSTS: &[&str] = &[
        "models.example.com", "*.example.com", "*", "iris.team-a.example.com", "api.example.com", "*.team-a.example.com",
    ];
    pub(super) const PREFIXES: &[&str] = &["/", "/v1", "/v1/", "/v1/models", "/api", "/api/", "/iris", "/iris/", "/v1/models/iris"];
    pub(super) const REGEXES: &[&str] = &["/v[12]/.*", "/api/[a-z]+", ".*:predict", "/v1/models/[\\w-]+:predict", "/.*"];
    pub(super) const EXACTS: &[&str] = &["/v1/models/iris", "/v1/models/iris:predict", "/api", "/", "/metrics"];
    pub(super) const PATHS: &[&str] = &[
        "/v1/models/iris", "/v1/models/iris:predict", "/v1/models/faces:predict", "/v1/models/", "/v1/models", "/", "/metrics",
        "/api", "/api/v1/models/iris", "/api/v1/models/iris:predict", "/iris/v1/models/iris:predict", "/apiv1/models/iris",
        "/v1//models/iris", "/v1/./models/iris", "/v1/models/../models/iris", "/v1/models/%69ris", "/v1/models/iris?x=1",
        "/V1/models/iris", "/api/?q=/v1", "/iris", "/iris/", "/v2", "/v1/models/iris:explain", "/nothing", "/v1\\models\\iris",
        "/v1/models/iris%2Fx", "//v1/models/iris",
    ];
    pub(super) const REWRITES: &[&str] = &["/", "/v1/models", "/v1/models/iris", "/v1/models/iris:predict", "/v1", "/api"];
    pub(super) const USERS: &[&str] = &["ada@example.com", "eve@example.com", "ada", ""];
    pub(super) const METHODS: &[&str] = &["GET", "GET", "POST", "POST", "POST", "PUT"];
    pub(super) const PRINCIPALS: &[&str] = &[
        "cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account",
        "cluster.local/ns/istio-system/sa/cluster-local-gateway-service-account", "cluster.local/ns/shop/sa/cart",
        "*/sa/cart", "*", "cluster.local/ns/istio-system/*", "cluster.local/ns/team-a/sa/default",
    ];
    pub(super) const SOURCES: &[&str] = &["istio-system", "shop", "team-*", "*", "team-a"];
    pub(super) const POLICY_PATHS: &[&str] = &[
        "/v1/models/*", "/metrics", "*:predict", "/", "/v1/*", "/api*", "*", "/v1/models/{*}", "/v1/models/iris", "/{**}/iris:predict",
    ];
    pub(super) const POLICY_HOSTS: &[&str] = &[
        "*.example.com", "iris.team-a.example.com", "*.svc.cluster.local", "iris-predictor.team-a.svc.cluster.local", "*", "models.example.com",
    ];
    pub(super) const ISSUERS: &[&str] = &["https://a.example.com", "https://b.example.com", "https://c.example.com"];
}

impl Generator {
    pub(super) fn case(&mut self, requests: usize) -> Case {
        let knative = self.0.below(3) != 0;
        let mut services = Vec::new();
        for _ in 0..1 + self.0.below(2) {
            let name = self.0.word(lists::NAMES).to_owned();
            let namespace = self.0.word(lists::NAMESPACES).to_owned();
            let is_known = |one: &Service| one.name == name && one.namespace == namespace;
            if !services.iter().any(is_known) {
                let knative = knative ^ self.0.hits(4);
                services.push(Service { namespace, name, knative });
            }
        }
        let local_gateway = if self.0.hits(3) { LocalGateway::Ingress } else { LocalGateway::Own };
        let mut objects = Vec::new();
        for number in 0..self.0.below(3) {
            objects.push(self.virtual_service(number, &services));
        }
        if self.0.hits(4) {
            objects.push(self.gateway());
        }
        let policies = [0, 1, 1, 2, 3, 4][self.0.below(6)];
        for number in 0..policies {
            objects.push(self.policy(number));
        }
        if self.0.hits(4) {
            objects.push(self.peer_authentication());
        }
        if self.0.hits(4) {
            objects.push(self.request_authentication());
        }
        let hosts = hosts_of(&objects, &services);
        let has_tokens = objects.iter().any(|one| one["kind"] == "RequestAuthentication");
        let requests = (0..requests).map(|_| self.request(&hosts, &services, has_tokens)).collect();
        Case { local_gateway, services, objects, requests }
    }

    fn text(&mut self, list: &[&str]) -> String {
        self.0.word(list).to_owned()
    }

    fn uri(&mut self) -> Value {
        match self.0.below(6) {
            0 => json!({ "exact": self.text(lists::EXACTS) }),
            1 => json!({ "regex": self.text(lists::REGEXES) }),
            _ => json!({ "prefix": self.text(lists::PREFIXES) }),
        }
    }

    fn route_match(&mut self) -> Value {
        let mut one = json!({});
        if !self.0.hits(5) {
            one["uri"] = self.uri();
            if self.0.hits(8) {
                one["ignoreUriCase"] = true.into();
            }
        }
        match self.0.below(9) {
            0 => one["method"] = json!({ "exact": self.text(lists::METHODS) }),
            1 => one["headers"] = json!({ "x-user": { "exact": self.text(lists::USERS) } }),
            2 => one["withoutHeaders"] = json!({ "x-user": {} }),
            3 => one["queryParams"] = json!({ "x": { "exact": "1" } }),
            4 => one["authority"] = json!({ "prefix": "models" }),
            5 => one["headers"] = json!({ "x-user": {} }),
            _ => {}
        }
        one
    }

    fn destination(&mut self, services: &[Service], is_inside: bool) -> Value {
        let one = self.0.pick(services).clone();
        let inside = format!("{}.{}.svc.cluster.local", one.predictor(), one.namespace);
        let host = match self.0.below(8) {
            0 => "centraldashboard.kubeflow.svc.cluster.local".to_owned(),
            // The gateway inside of the cluster would lead to itself.
            1 | 2 if one.knative && !is_inside => {
                "knative-local-gateway.istio-system.svc.cluster.local".to_owned()
            }
            _ if one.knative && is_inside => {
                format!("{}-00001.{}.svc.cluster.local", one.predictor(), one.namespace)
            }
            3 | 4 if one.knative => {
                format!("{}-00001.{}.svc.cluster.local", one.predictor(), one.namespace)
            }
            _ => inside,
        };
        json!({ "destination": { "host": host, "port": { "number": 80 } } })
    }

    fn http_route(&mut self, services: &[Service], is_inside: bool) -> Value {
        let mut route = json!({});
        if !self.0.hits(6) {
            let matches = (0..1 + self.0.below(2)).map(|_| self.route_match());
            route["match"] = matches.collect();
        }
        match self.0.below(14) {
            0 => {
                route["redirect"] = json!({ "uri": "/elsewhere" });
                if self.0.hits(2) {
                    route["redirect"]["redirectCode"] = 307.into();
                }
                return route;
            }
            1 => {
                route["directResponse"] = json!({ "status": 418 });
                return route;
            }
            2 => {
                let mut first = self.destination(services, is_inside);
                let mut second = self.destination(services, is_inside);
                let share = [0, 50, 100][self.0.below(3)];
                first["weight"] = share.into();
                second["weight"] = (100 - share).into();
                route["route"] = json!([first, second]);
            }
            _ => route["route"] = json!([self.destination(services, is_inside)]),
        }
        if self.0.hits(3) {
            route["rewrite"] = json!({ "uri": self.text(lists::REWRITES) });
        }
        let one = self.0.pick(services).clone();
        let inside = format!("{}.{}.svc.cluster.local", one.predictor(), one.namespace);
        match self.0.below(6) {
            0 => {
                let mut rewrite = route["rewrite"].take();
                if rewrite.is_null() {
                    rewrite = json!({});
                }
                rewrite["authority"] = inside.into();
                route["rewrite"] = rewrite;
            }
            1 => route["headers"] = json!({ "request": { "set": { "Host": inside } } }),
            2 => {
                let user = self.text(lists::USERS[..3].as_ref());
                let operation = self.0.word(&["set", "add"]);
                route["headers"] = json!({ "request": { operation: { "x-user": user } } });
            }
            3 => route["headers"] = json!({ "request": { "remove": ["x-user"] } }),
            _ => {}
        }
        route
    }

    fn virtual_service(&mut self, number: usize, services: &[Service]) -> Value {
        let (external, local) =
            ("kubeflow/kubeflow-gateway", "knative-serving/knative-local-gateway");
        let (gateways, is_inside) = match self.0.below(6) {
            0 => (json!([external, local]), true),
            1 => (json!(["istio-system/second"]), false),
            2 => (json!([local]), true),
            _ => (json!([external]), false),
        };
        let host = self.text(lists::HOSTS);
        let routes: Vec<Value> =
            (0..1 + self.0.below(3)).map(|_| self.http_route(services, is_inside)).collect();
        let namespace = self.text(&["team-a", "team-b", "istio-system"]);
        virtual_service(
            &namespace,
            &format!("routes-{number}"),
            json!({ "hosts": [host], "gateways": gateways, "http": routes }),
        )
    }

    fn gateway(&mut self) -> Value {
        let hosts = match self.0.below(5) {
            0 => json!(["*"]),
            1 => json!(["team-a/*"]),
            2 => json!(["models.example.com"]),
            3 => json!(["*.team-a.example.com", "models.example.com"]),
            _ => json!(["*.example.com"]),
        };
        let mut server =
            json!({ "hosts": hosts, "port": { "name": "http", "number": 80, "protocol": "HTTP" } });
        if self.0.hits(3) {
            server["tls"] = json!({ "httpsRedirect": true });
        }
        json!({
            "apiVersion": "networking.istio.io/v1beta1", "kind": "Gateway",
            "metadata": { "name": "second", "namespace": "istio-system" },
            "spec": { "selector": { "istio": "ingressgateway" }, "servers": [server] },
        })
    }

    fn selector(&mut self) -> Option<Value> {
        match self.0.below(5) {
            0 => Some(json!({ "istio": "ingressgateway" })),
            1 => Some(json!({ "app": "cluster-local-gateway" })),
            2 => Some(json!({ "component": "predictor" })),
            3 => Some(json!({ "serving.kserve.io/inferenceservice": self.text(lists::NAMES) })),
            _ => None,
        }
    }

    fn some(&mut self, list: &[&str]) -> Vec<String> {
        (0..1 + self.0.below(2)).map(|_| self.text(list)).collect()
    }

    fn rule(&mut self) -> Value {
        let mut rule = json!({});
        if self.0.hits(3) {
            let source = match self.0.below(4) {
                0 => json!({ "namespaces": self.some(lists::SOURCES) }),
                1 => json!({ "notPrincipals": self.some(lists::PRINCIPALS) }),
                2 => json!({ "requestPrincipals": [self.text(&[
                    "*", "https://a.example.com/*", "https://a.example.com/ada", "https://b.example.com/*",
                ])] }),
                _ => json!({ "principals": self.some(lists::PRINCIPALS) }),
            };
            rule["from"] = json!([{ "source": source }]);
        }
        if !self.0.hits(3) {
            let operation = match self.0.below(6) {
                0 => json!({ "methods": self.some(lists::METHODS) }),
                1 => json!({ "hosts": self.some(lists::POLICY_HOSTS) }),
                2 => json!({ "notPaths": self.some(lists::POLICY_PATHS) }),
                3 => json!({ "ports": [self.text(&["8080", "8081", "8012", "80"])] }),
                _ => json!({ "paths": self.some(lists::POLICY_PATHS) }),
            };
            rule["to"] = json!([{ "operation": operation }]);
        }
        if self.0.hits(3) {
            rule["when"] = match self.0.below(4) {
                0 => {
                    json!([{ "key": "request.headers[x-user]", "notValues": self.some(lists::USERS[..3].as_ref()) }])
                }
                1 => {
                    json!([{ "key": "request.auth.claims[team]", "values": [self.text(&["models", "web"])] }])
                }
                _ => {
                    json!([{ "key": "request.headers[x-user]", "values": self.some(lists::USERS[..3].as_ref()) }])
                }
            };
        }
        rule
    }

    fn policy(&mut self, number: usize) -> Value {
        let action =
            ["ALLOW", "ALLOW", "ALLOW", "ALLOW", "DENY", "DENY", "CUSTOM"][self.0.below(7)];
        let namespace = self.text(&["istio-system", "istio-system", "team-a", "team-b"]);
        let mut policy = json!({
            "apiVersion": "security.istio.io/v1beta1", "kind": "AuthorizationPolicy",
            "metadata": { "name": format!("policy-{number}"), "namespace": namespace },
            "spec": { "action": action },
        });
        if action == "CUSTOM" {
            policy["spec"]["provider"] = json!({ "name": "gate" });
        }
        if action != "ALLOW" || !self.0.hits(12) {
            policy["spec"]["rules"] = (0..1 + self.0.below(2))
                .map(|_| {
                    let mut rule = self.rule();
                    // istiod takes neither sources nor claims for what a provider decides.
                    if action == "CUSTOM" && rule.to_string().contains("request.auth") {
                        rule["when"].take();
                    }
                    if action == "CUSTOM" {
                        rule["from"].take();
                    }
                    rule
                })
                .collect();
        }
        if let Some(labels) = self.selector() {
            policy["spec"]["selector"] = json!({ "matchLabels": labels });
        }
        policy
    }

    fn peer_authentication(&mut self) -> Value {
        let namespace = self.text(&["istio-system", "team-a", "team-b"]);
        let mode = self.text(&["STRICT", "STRICT", "PERMISSIVE", "DISABLE"]);
        json!({
            "apiVersion": "security.istio.io/v1beta1", "kind": "PeerAuthentication",
            "metadata": { "name": "peers", "namespace": namespace },
            "spec": { "mtls": { "mode": mode } },
        })
    }

    fn request_authentication(&mut self) -> Value {
        let namespace = self.text(&["istio-system", "istio-system", "team-a"]);
        let mut rules = Vec::new();
        for issuer in &lists::ISSUERS[..1 + self.0.below(2)] {
            let mut rule = json!({ "issuer": issuer });
            if self.0.hits(3) {
                rule["audiences"] = json!(["models"]);
            }
            if self.0.hits(2) {
                rule["forwardOriginalToken"] = true.into();
            }
            if self.0.hits(3) {
                rule["outputClaimToHeaders"] = json!([{ "header": "x-user", "claim": "sub" }]);
            }
            rules.push(rule);
        }
        let mut object = json!({
            "apiVersion": "security.istio.io/v1beta1", "kind": "RequestAuthentication",
            "metadata": { "name": "tokens", "namespace": namespace },
            "spec": { "jwtRules": rules },
        });
        if let Some(labels) = self.selector() {
            object["spec"]["selector"] = json!({ "matchLabels": labels });
        }
        object
    }

    fn token(&mut self) -> Token {
        let issuer = self.text(lists::ISSUERS);
        let signer =
            if self.0.hits(8) { "https://a.example.com".to_owned() } else { issuer.clone() };
        let mut claims = json!({ "iss": issuer, "sub": self.text(&["ada", "eve"]) });
        if self.0.hits(2) {
            claims["aud"] = json!("models");
        }
        if self.0.hits(2) {
            claims["team"] = json!(self.text(&["models", "web"]));
        }
        Token { claims, signer, expired: self.0.hits(8) }
    }

    fn request(&mut self, hosts: &[String], services: &[Service], has_tokens: bool) -> Sent {
        let pod = || ("shop".to_owned(), "cart".to_owned());
        let client = match self.0.below(5) {
            0 => Client::Pod(pod().0, pod().1),
            1 => Client::PlainPod(pod().0, pod().1),
            _ => Client::Internet,
        };
        let host = if client == Client::Internet {
            self.0.pick(hosts).clone()
        } else {
            let one = self.0.pick(services).clone();
            let name =
                if one.knative && self.0.hits(2) { one.name.clone() } else { one.predictor() };
            format!("{name}.{}.svc.cluster.local", one.namespace)
        };
        let mut headers = Vec::new();
        if self.0.hits(2) {
            let user = self.text(lists::USERS[..3].as_ref());
            headers.push(("x-user".to_owned(), user));
        }
        let token = (has_tokens && !self.0.hits(4)).then(|| self.token());
        let method = self.text(lists::METHODS);
        let path = if self.0.hits(3) {
            let one = self.0.pick(services);
            format!("/v1/models/{}:predict", one.name)
        } else {
            self.text(lists::PATHS)
        };
        Sent { client, host, method, path, headers, token }
    }
}

/// The hosts that the routes of a package have, and one that none has.
fn hosts_of(objects: &[Value], services: &[Service]) -> Vec<String> {
    let mut hosts: Vec<String> =
        vec!["unknown.example.com".to_owned(), "MODELS.example.com".to_owned()];
    for one in services.iter().filter(|one| one.knative) {
        hosts.push(format!("{}.{}.example.com", one.name, one.namespace));
        hosts.push(format!("{}.{}.example.com", one.predictor(), one.namespace));
        hosts.push(format!("{}.{}.svc.cluster.local", one.name, one.namespace));
    }
    for object in objects.iter().filter(|one| one["kind"] == "VirtualService") {
        for host in object["spec"]["hosts"].as_array().into_iter().flatten() {
            hosts.push(match host.as_str().unwrap_or_default() {
                "*" => "other.example.org".to_owned(),
                host => host.replace('*', "some"),
            });
        }
    }
    hosts
}
