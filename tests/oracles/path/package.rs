//! A package with a path through it, as manifests and as the mesh that the controllers make of it: the
//! routes that `KServe` and Knative create are written here after their own code.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use test_support::documents;

use crate::istio::Question;

/// The objects that every package has: the load balancer's Ingress without a condition, the gateways,
/// and the configuration of Knative and `KServe`.
const PLATFORM: &str = include_str!("platform.yaml");
const DOMAIN: &str = "example.com";
/// What the activator of Knative Serving up to 1.10 proves.
const ACTIVATOR: &str = "cluster.local/ns/knative-serving/sa/controller";
const INGRESS: &str = "the ingress gateway";
const LOCAL: &str = "the local gateway";

/// Which pods are the gateway inside of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum LocalGateway {
    /// Pods of their own, as in Kubeflow.
    Own,
    /// Those of the ingress gateway, on a port of their own, as Knative's own manifests have it.
    Ingress,
}

/// An InferenceService.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Service {
    pub(super) namespace: String,
    pub(super) name: String,
    /// Whether Knative serves it.
    pub(super) knative: bool,
}

/// A package and the requests through it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Case {
    pub(super) local_gateway: LocalGateway,
    pub(super) services: Vec<Service>,
    /// Further objects of Istio's.
    pub(super) objects: Vec<Value>,
    pub(super) requests: Vec<Sent>,
}

/// A request as a client sends it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Sent {
    pub(super) client: Client,
    pub(super) host: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) token: Option<Token>,
}

/// Who sends a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Client {
    Internet,
    /// A pod with a sidecar, by its namespace and service account.
    Pod(String, String),
    /// One without a sidecar.
    PlainPod(String, String),
}

/// A JSON Web Token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Token {
    pub(super) claims: Value,
    pub(super) signer: String,
    pub(super) expired: bool,
}

impl Service {
    /// The name of the pods, and of the Service before them.
    pub(super) fn predictor(&self) -> String {
        format!("{}-predictor", self.name)
    }

    fn port(&self) -> u16 {
        if self.knative { 8012 } else { 8080 }
    }

    fn labels(&self) -> BTreeMap<String, String> {
        let own = if self.knative {
            ("serving.knative.dev/service", self.predictor())
        } else {
            ("app", format!("isvc.{}", self.predictor()))
        };
        let of = |(key, value): (&str, String)| (key.to_owned(), value);
        [
            of(("component", "predictor".to_owned())),
            of(("serving.kserve.io/inferenceservice", self.name.clone())),
            of(own),
        ]
        .into()
    }

    fn manifest(&self) -> Value {
        let mode = if self.knative { "Serverless" } else { "RawDeployment" };
        json!({
            "apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService",
            "metadata": {
                "name": self.name, "namespace": self.namespace,
                "annotations": { "serving.kserve.io/deploymentMode": mode },
            },
            "spec": { "predictor": { "model": {
                "modelFormat": { "name": "sklearn" }, "storageUri": "s3://models/iris",
            } } },
        })
    }

    /// `createIngress` in `reconcilers/ingress/ingress_reconciler.go` of kserve/kserve.
    fn kserve_route(&self) -> Value {
        let Self { namespace, name, .. } = self;
        let regex = |host: &str| format!("^{}(?::\\d{{1,5}})?$", host.replace('.', "\\."));
        let inside = format!("{name}.{namespace}.svc.cluster.local");
        let outside = format!("{name}.{namespace}.{DOMAIN}");
        let (local, external) =
            ("knative-serving/knative-local-gateway", "kubeflow/kubeflow-gateway");
        virtual_service(
            namespace,
            name,
            json!({
                "hosts": [inside, outside],
                "gateways": [local, "mesh", external],
                "http": [{
                    "match": [
                        { "authority": { "regex": regex(&inside) }, "gateways": [local, "mesh"] },
                        { "authority": { "regex": regex(&outside) }, "gateways": [external] },
                    ],
                    "headers": { "request": { "set": {
                        "Host": format!("{}.{namespace}.svc.cluster.local", self.predictor()),
                        "KServe-Isvc-Name": name, "KServe-Isvc-Namespace": namespace,
                    } } },
                    "route": [{ "weight": 100, "destination": {
                        "host": "knative-local-gateway.istio-system.svc.cluster.local",
                        "port": { "number": 80 },
                    } }],
                }],
            }),
        )
    }

    /// `MakeVirtualServices` in `pkg/reconciler/ingress/resources/virtual_service.go` of net-istio.
    fn knative_routes(&self) -> [Value; 2] {
        let Self { namespace, .. } = self;
        let name = self.predictor();
        let short = format!("{name}.{namespace}");
        let route = |authority: &str, gateway: &str| {
            json!({
                "match": [{ "authority": { "prefix": authority }, "gateways": [gateway] }],
                "headers": { "request": { "set": { "K-Network-Hash": "0123456789abcdef" } } },
                "retries": {},
                "route": [{
                    "weight": 100,
                    "destination": {
                        "host": format!("{name}-00001.{namespace}.svc.cluster.local"),
                        "port": { "number": 80 },
                    },
                    "headers": { "request": { "set": {
                        "Knative-Serving-Namespace": namespace,
                        "Knative-Serving-Revision": format!("{name}-00001"),
                    } } },
                }],
            })
        };
        let (local, external) =
            ("knative-serving/knative-local-gateway", "kubeflow/kubeflow-gateway");
        let outside = format!("{short}.{DOMAIN}");
        let inside = [short.clone(), format!("{short}.svc"), format!("{short}.svc.cluster.local")];
        let mut all = inside.to_vec();
        all.push(outside.clone());
        [
            virtual_service(
                namespace,
                &format!("{name}-ingress"),
                json!({
                    "hosts": all, "gateways": [local, external],
                    "http": [route(&short, local), route(&outside, external)],
                }),
            ),
            virtual_service(
                namespace,
                &format!("{name}-mesh"),
                json!({ "hosts": inside, "gateways": ["mesh"], "http": [route(&short, "mesh")] }),
            ),
        ]
    }
}

pub(super) fn virtual_service(namespace: &str, name: &str, spec: Value) -> Value {
    json!({
        "apiVersion": "networking.istio.io/v1beta1", "kind": "VirtualService",
        "metadata": { "name": name, "namespace": namespace }, "spec": spec,
    })
}

/// The proxy of a pod that sends requests.
fn sender(namespace: &str, account: &str) -> String {
    format!("client {namespace} {account}")
}

impl Case {
    /// What is applied.
    pub(super) fn package(&self) -> String {
        let mut all = documents(PLATFORM);
        if self.local_gateway == LocalGateway::Ingress {
            let own = json!({ "istio": "ingressgateway" });
            all.retain(|one| one["metadata"]["name"] != "cluster-local-gateway");
            for one in
                all.iter_mut().filter(|one| one["metadata"]["name"] == "knative-local-gateway")
            {
                one["spec"]["selector"] = own.clone();
            }
        }
        all.extend(self.services.iter().map(Service::manifest));
        all.extend(self.objects.iter().cloned());
        all.iter().map(|one| format!("---\n{one}\n")).collect()
    }

    pub(super) fn has_knative(&self) -> bool {
        self.services.iter().any(|one| one.knative)
    }

    /// The mesh, with an Envoy for each gateway, for each predictor and for the pod that sends requests.
    /// Where it is on the path, Knative's activator dials the pods.
    pub(super) fn mesh(&self, activator: bool) -> Question {
        let gateway = |name: &str, labels: Value, account: &str| {
            json!({
                "name": name, "gateway": true, "namespace": "istio-system", "labels": labels,
                "service_account": account,
            })
        };
        let ingress_labels = json!({ "app": "istio-ingressgateway", "istio": "ingressgateway" });
        let mut proxies =
            vec![gateway(INGRESS, ingress_labels, "istio-ingressgateway-service-account")];
        let local = match self.local_gateway {
            LocalGateway::Own => {
                let labels =
                    json!({ "app": "cluster-local-gateway", "istio": "cluster-local-gateway" });
                proxies.push(gateway(LOCAL, labels, "cluster-local-gateway-service-account"));
                LOCAL
            }
            LocalGateway::Ingress => INGRESS,
        };
        let mut services = vec![
            json!({
                "namespace": "istio-system", "name": "istio-ingressgateway", "proxy": INGRESS,
                "ports": { "80": 8080, "443": 8443 },
            }),
            json!({
                "namespace": "istio-system", "name": "knative-local-gateway", "proxy": local,
                "ports": { "80": 8081 },
            }),
            json!({ "namespace": "kubeflow", "name": "centraldashboard", "ports": { "80": 8082 } }),
        ];
        let clients: BTreeSet<&Client> = self.requests.iter().map(|one| &one.client).collect();
        for client in clients {
            if let Client::Pod(namespace, account) = client {
                proxies.push(json!({
                    "name": sender(namespace, account), "namespace": namespace,
                    "service_account": account, "client": true,
                    "labels": { "app": format!("client-of-{account}") },
                }));
            }
        }
        let mut istio: Vec<Value> = documents(&self.package());
        istio.retain(|one| {
            one["apiVersion"].as_str().is_some_and(|version| version.contains(".istio.io/"))
        });
        for one in &self.services {
            let Service { namespace, name, .. } = one;
            let pods = format!("{namespace} {name}");
            proxies.push(json!({
                "name": pods, "namespace": namespace, "service_account": "default",
                "labels": one.labels(), "port": one.port(),
                "serves": [
                    ["GET", "/"], ["GET", "/metrics"], ["GET", "/v1/models"], ["GET", "/v1/models/{}"],
                    ["POST", "/v1/models/{}:predict"], ["POST", "/v1/models/{}:explain"],
                ],
            }));
            if !one.knative {
                services.push(json!({
                    "namespace": namespace, "name": one.predictor(), "proxy": pods,
                    "ports": { "80": one.port() },
                }));
                continue;
            }
            let revision = format!("{}-00001", one.predictor());
            let mut service = json!({
                "namespace": namespace, "name": revision, "ports": { "80": one.port() },
            });
            if activator {
                service["dials"] = json!({ "proxy": pods, "port": one.port(), "peer": ACTIVATOR });
            } else {
                service["proxy"] = pods.into();
            }
            services.push(service);
            for (alias, ports) in
                [(name.clone(), json!({})), (one.predictor(), json!({ "80": 80 }))]
            {
                services.push(json!({
                    "namespace": namespace, "name": alias, "ports": ports,
                    "external_name": "knative-local-gateway.istio-system.svc.cluster.local",
                }));
            }
            istio.push(one.kserve_route());
            istio.extend(one.knative_routes());
        }
        let requests = self.requests.iter().map(|sent| self.request(sent, local)).collect();
        Question { istio, proxies, services, requests }
    }

    /// A request to the first proxy on its path.
    fn request(&self, sent: &Sent, local: &str) -> Value {
        let mut headers = sent.headers.clone();
        let (proxy, port) = match &sent.client {
            Client::Internet => {
                // Those of the load balancer.
                headers.extend(
                    [
                        ("x-forwarded-for", "198.51.100.7"),
                        ("x-forwarded-proto", "https"),
                        ("x-forwarded-port", "443"),
                    ]
                    .map(|(name, value)| (name.to_owned(), value.to_owned())),
                );
                (INGRESS.to_owned(), 8080)
            }
            Client::Pod(namespace, account) => (sender(namespace, account), 80),
            Client::PlainPod(..) => self.reached(&sent.host, local),
        };
        json!({
            "proxy": proxy, "port": port, "host": sent.host, "method": sent.method, "path": sent.path,
            "headers": headers, "token": sent.token,
        })
    }

    /// The pods behind a name of the cluster.
    fn reached(&self, host: &str, local: &str) -> (String, u16) {
        let mut own = self.services.iter().filter(|one| !one.knative);
        let found =
            own.find(|one| host.starts_with(&format!("{}.{}", one.predictor(), one.namespace)));
        match found {
            Some(one) => (format!("{} {}", one.namespace, one.name), one.port()),
            None => (local.to_owned(), 8081),
        }
    }
}
