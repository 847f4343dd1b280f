//! The mesh of the README's tables: Kubeflow's policies and gateways, three services as KServe and
//! Knative expose them, and the policies that the function writes.

use std::collections::BTreeMap;

use kserve_aws::controllers::istio::Workload;
use serde_json::Value;

use test_support::documents;
use test_support::kubeflow::Kubeflow;
use test_support::serving::{self, CONFIG_NETWORK, manifest, samples, service_account};

use super::run;

pub(crate) const NAMESPACE: &str = "team-a";

/// The pods of a component.
pub(crate) struct Pods {
    pub(crate) service: String,
    pub(crate) component: &'static str,
}

impl Pods {
    pub(crate) fn all() -> Vec<Self> {
        let of = |service: &serving::Service| {
            let name = service.name.clone();
            let components = service.components().into_iter();
            components.map(move |component| Self { service: name.clone(), component })
        };
        samples().iter().flat_map(of).collect()
    }

    /// As the tables call it.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.service, self.component)
    }

    /// The Knative Service.
    pub(crate) fn knative_service(&self) -> String {
        format!("{}-{}", self.service, self.component)
    }

    pub(crate) fn service_account(&self) -> String {
        service_account(&self.service, self.component)
    }

    pub(crate) fn labels(&self) -> BTreeMap<String, String> {
        BTreeMap::from([
            ("component".to_owned(), self.component.to_owned()),
            ("serving.kserve.io/inferenceservice".to_owned(), self.service.clone()),
            ("serving.knative.dev/service".to_owned(), self.knative_service()),
        ])
    }

    pub(crate) fn workload(&self) -> Workload {
        Workload::sidecar(NAMESPACE, self.labels())
    }
}

/// A gateway's pods.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum GatewayPods {
    Ingress,
    Local,
}

impl GatewayPods {
    pub(crate) const ALL: [Self; 2] = [Self::Ingress, Self::Local];

    /// As the tables call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ingress => "the ingress gateway",
            Self::Local => "the local gateway",
        }
    }

    pub(crate) fn of(name: &str) -> Self {
        let found = Self::ALL.into_iter().find(|gateway| gateway.name() == name);
        found.unwrap_or_else(|| panic!("{name:?} is not a gateway"))
    }

    pub(crate) fn service_account(self) -> &'static str {
        match self {
            Self::Ingress => "istio-ingressgateway-service-account",
            Self::Local => "cluster-local-gateway-service-account",
        }
    }

    pub(crate) fn labels(self) -> BTreeMap<String, String> {
        let (app, istio) = match self {
            Self::Ingress => ("istio-ingressgateway", "ingressgateway"),
            Self::Local => ("cluster-local-gateway", "cluster-local-gateway"),
        };
        BTreeMap::from([("app".to_owned(), app.to_owned()), ("istio".to_owned(), istio.to_owned())])
    }

    /// The port of the Gateway object's server.
    pub(crate) fn server_port(self) -> u32 {
        match self {
            Self::Ingress => 80,
            Self::Local => 8081,
        }
    }

    /// The port of the pod.
    pub(crate) fn pod_port(self) -> u16 {
        match self {
            Self::Ingress => 8080,
            Self::Local => 8081,
        }
    }

    /// The Service in front of it, in `istio-system`.
    pub(crate) fn service(self) -> &'static str {
        match self {
            Self::Ingress => "istio-ingressgateway",
            Self::Local => "knative-local-gateway",
        }
    }

    pub(crate) fn workload(self) -> Workload {
        Workload::gateway("istio-system", self.labels())
    }
}

/// Istio's objects in the mesh, with what a mode writes; each a document of its own.
pub(crate) fn istio_objects(mode: &str, kubeflow: Kubeflow) -> Vec<Value> {
    let services: Vec<String> = samples().iter().map(manifest).collect();
    let platform = kubeflow.platform();
    let input = format!("{platform}---\n{CONFIG_NETWORK}---\n{}", services.join("---\n"));
    let ran = run(mode, &input);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let is_istios = |object: &Value| {
        object["apiVersion"].as_str().is_some_and(|version| version.contains(".istio.io/"))
    };
    let mut all: Vec<Value> = documents(&ran.stdout).into_iter().filter(is_istios).collect();
    let (samples, pods) = (samples(), Pods::all());
    let routes = samples.iter().map(kserve_route).chain(pods.iter().map(knative_route));
    all.extend(routes.flat_map(|text| documents(&text)));
    all
}

/// The VirtualService that KServe makes of a service (`pkg/controller/v1beta1/inferenceservice/
/// reconcilers/ingress/ingress_reconciler.go`, 0.15).
fn kserve_route(service: &serving::Service) -> String {
    let name = &service.name;
    let route = |component: &str, uri: &str| {
        format!(
            "  - match:
    - authority:
        regex: ^{name}\\.{NAMESPACE}\\.svc\\.cluster\\.local(?::\\d{{1,5}})?$
      gateways: [knative-serving/knative-local-gateway]{uri}
    - authority:
        regex: ^{name}\\.{NAMESPACE}\\.example\\.com(?::\\d{{1,5}})?$
      gateways: [kubeflow/kubeflow-gateway]{uri}
    headers:
      request:
        set:
          Host: {name}-{component}.{NAMESPACE}.svc.cluster.local
          KServe-Isvc-Name: {name}
          KServe-Isvc-Namespace: {NAMESPACE}
    route:
    - destination:
        host: knative-local-gateway.istio-system.svc.cluster.local
        port:
          number: 80
      weight: 100
"
        )
    };
    let mut routes = String::new();
    if service.explainer {
        let explain = "\n      uri:\n        regex: ^/v1/models/[\\w-]+:explain$";
        routes.push_str(&route("explainer", explain));
    }
    routes.push_str(&route(if service.transformer { "transformer" } else { "predictor" }, ""));
    format!(
        "apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata:
  name: {name}
  namespace: {NAMESPACE}
spec:
  gateways: [knative-serving/knative-local-gateway, kubeflow/kubeflow-gateway]
  hosts: [{name}.{NAMESPACE}.svc.cluster.local, {name}.{NAMESPACE}.example.com]
  http:
{routes}"
    )
}

/// The VirtualService that net-istio makes of a component's Route
/// (`pkg/reconciler/ingress/resources/virtual_service.go`, 1.16).
fn knative_route(pods: &Pods) -> String {
    let name = pods.knative_service();
    let route = |authority: &str, gateway: &str| {
        format!(
            "  - match:
    - authority:
        prefix: {authority}
      gateways: [{gateway}]
    headers:
      request:
        set:
          K-Network-Hash: 0123456789abcdef
    route:
    - destination:
        host: {name}-00001.{NAMESPACE}.svc.cluster.local
        port:
          number: 80
      headers:
        request:
          set:
            Knative-Serving-Namespace: {NAMESPACE}
            Knative-Serving-Revision: {name}-00001
      weight: 100
"
        )
    };
    let local = route(&format!("{name}.{NAMESPACE}"), "knative-serving/knative-local-gateway");
    let public = route(&format!("{name}.{NAMESPACE}.example.com"), "kubeflow/kubeflow-gateway");
    format!(
        "apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata:
  name: {name}-ingress
  namespace: {NAMESPACE}
spec:
  gateways: [knative-serving/knative-local-gateway, kubeflow/kubeflow-gateway]
  hosts:
  - {name}.{NAMESPACE}
  - {name}.{NAMESPACE}.svc
  - {name}.{NAMESPACE}.svc.cluster.local
  - {name}.{NAMESPACE}.example.com
  http:
{local}{public}"
    )
}
