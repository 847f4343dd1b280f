//! The Kubernetes objects that the controller reads, as far as its model reads them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::class::{IngressClass, IngressClassParams};
use crate::values::k8s::{ObjectMeta, ResourceRef, empty_if_null};

/// The objects of a render, or of a cluster.
#[derive(Clone, Default)]
pub struct Objects {
    /// `networking.k8s.io/v1` Ingresses.
    pub ingresses: Vec<Ingress>,
    /// `v1` Services.
    pub services: Vec<Service>,
    /// `v1` Secrets: their keys, never their values.
    pub secrets: Vec<Secret>,
    /// `v1` Namespaces.
    pub namespaces: Vec<Namespace>,
    /// `networking.k8s.io/v1` `IngressClasses`.
    pub ingress_classes: Vec<IngressClass>,
    /// `elbv2.k8s.aws/v1beta1` `IngressClassParams`.
    pub ingress_class_params: Vec<IngressClassParams>,
    /// `eks.amazonaws.com/v1` `IngressClassParams`, which EKS Auto Mode reads.
    pub auto_mode_params: Vec<IngressClassParams>,
    /// The certificates of the account; `None` where they are not known.
    pub certificates: Option<Vec<AcmCertificate>>,
}

/// A certificate that ACM lists.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AcmCertificate {
    /// Its ARN.
    pub arn: String,
    /// Its subject alternative names.
    pub domains: Vec<String>,
}

/// `networking.k8s.io/v1` Ingress.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Ingress {
    /// Name, namespace, annotations.
    pub metadata: ObjectMeta,
    /// What it routes.
    #[serde(deserialize_with = "empty_if_null")]
    pub(crate) spec: IngressSpec,
    /// Where the controller says what became of it.
    #[serde(deserialize_with = "empty_if_null")]
    pub(crate) status: IngressStatus,
}

impl Ingress {
    /// The hosts of its rules and of its TLS blocks, as they are written.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = &str> {
        let rules = self.spec.rules.iter().map(|rule| rule.host.as_str());
        let tls = self.spec.tls.iter().flat_map(|tls| &tls.hosts).map(String::as_str);
        rules.chain(tls).filter(|host| !host.is_empty())
    }

    /// The namespace it is created in; `default` where the manifest gives none.
    #[must_use]
    pub(crate) fn namespace(&self) -> &str {
        self.metadata.namespace.as_deref().unwrap_or("default")
    }

    /// `namespace/name`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}", self.namespace(), self.metadata.name)
    }

    /// How findings refer to it.
    #[must_use]
    pub(crate) fn reference(&self) -> ResourceRef {
        ResourceRef {
            api_version: "networking.k8s.io/v1".to_owned(),
            kind: "Ingress".to_owned(),
            namespace: self.metadata.namespace.clone(),
            name: self.metadata.name.clone(),
        }
    }
}

/// `spec` of an Ingress.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct IngressSpec {
    /// The name of an `IngressClass`.
    pub ingress_class_name: Option<String>,
    /// Where a request goes that no rule takes.
    pub default_backend: Option<BackendRef>,
    /// The rules.
    #[serde(deserialize_with = "empty_if_null")]
    pub rules: Vec<IngressRule>,
    /// Hosts that have a certificate.
    #[serde(deserialize_with = "empty_if_null")]
    pub tls: Vec<IngressTls>,
}

/// `status` of an Ingress or a Service.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct IngressStatus {
    /// `loadBalancer`.
    #[serde(deserialize_with = "empty_if_null")]
    pub load_balancer: LoadBalancerStatus,
}

/// `status.loadBalancer`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LoadBalancerStatus {
    /// The addresses.
    #[serde(deserialize_with = "empty_if_null")]
    pub ingress: Vec<LoadBalancerAddress>,
}

/// `status.loadBalancer.ingress[]`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LoadBalancerAddress {
    /// The load balancer's DNS name.
    #[serde(deserialize_with = "empty_if_null")]
    pub hostname: String,
    /// Its address, where it has no name.
    #[serde(deserialize_with = "empty_if_null")]
    pub ip: String,
}

/// `spec.tls[]`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct IngressTls {
    /// The hosts.
    #[serde(deserialize_with = "empty_if_null")]
    pub hosts: Vec<String>,
    /// The Secret of the certificate, which this controller does not read.
    #[serde(deserialize_with = "empty_if_null")]
    pub secret_name: String,
}

/// `spec.rules[]`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct IngressRule {
    /// The host; empty for every host.
    #[serde(deserialize_with = "empty_if_null")]
    pub host: String,
    /// The paths; the controller ignores a rule without.
    pub http: Option<HttpRule>,
}

/// `spec.rules[].http`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct HttpRule {
    /// The paths.
    #[serde(deserialize_with = "empty_if_null")]
    pub paths: Vec<HttpPath>,
}

/// `spec.rules[].http.paths[]`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct HttpPath {
    /// The path; empty for every path.
    #[serde(deserialize_with = "empty_if_null")]
    pub path: String,
    /// `Exact`, `Prefix` or `ImplementationSpecific`.
    pub path_type: Option<String>,
    /// Where it goes.
    #[serde(deserialize_with = "empty_if_null")]
    pub backend: BackendRef,
}

/// A backend: a Service, or a resource that this controller cannot use.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct BackendRef {
    /// The Service.
    pub service: Option<ServiceBackend>,
    /// Another resource.
    pub resource: Option<ResourceBackend>,
}

/// `backend.service`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ServiceBackend {
    /// The Service's name, or an action's where the port is named `use-annotation`.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// Its port.
    #[serde(deserialize_with = "empty_if_null")]
    pub port: BackendPort,
}

/// `backend.service.port`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct BackendPort {
    /// By name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// By number.
    #[serde(deserialize_with = "empty_if_null")]
    pub number: i32,
}

/// `backend.resource`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ResourceBackend {
    /// The API group.
    pub api_group: Option<String>,
    /// The kind.
    #[serde(deserialize_with = "empty_if_null")]
    pub kind: String,
    /// The name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
}

/// A port by number or by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(untagged)]
pub enum IntOrString {
    /// A number.
    Int(i32),
    /// A name.
    Text(String),
}

impl Default for IntOrString {
    fn default() -> Self {
        Self::Int(0)
    }
}

impl fmt::Display for IntOrString {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(number) => write!(out, "{number}"),
            Self::Text(name) => out.write_str(name),
        }
    }
}

impl IntOrString {
    /// A number where the text is one.
    #[must_use]
    pub(crate) fn parse(text: &str) -> Self {
        match super::annotations::parse_int(text, i64::from(i32::MIN), i64::from(i32::MAX)) {
            Ok(number) => {
                i32::try_from(number).map_or_else(|_| Self::Text(text.to_owned()), Self::Int)
            }
            Err(_) => Self::Text(text.to_owned()),
        }
    }
}

/// `v1` Service.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Service {
    /// Name, namespace, annotations.
    pub metadata: ObjectMeta,
    /// Its ports.
    #[serde(deserialize_with = "empty_if_null")]
    pub(crate) spec: ServiceSpec,
    /// Where its load balancer answers.
    #[serde(deserialize_with = "empty_if_null")]
    pub(crate) status: IngressStatus,
}

impl Service {
    /// The namespace it is created in; `default` where the manifest gives none.
    #[must_use]
    pub(crate) fn namespace(&self) -> &str {
        self.metadata.namespace.as_deref().unwrap_or("default")
    }

    /// How findings refer to it.
    #[must_use]
    pub(crate) fn reference(&self) -> ResourceRef {
        ResourceRef {
            api_version: "v1".to_owned(),
            kind: "Service".to_owned(),
            namespace: self.metadata.namespace.clone(),
            name: self.metadata.name.clone(),
        }
    }
}

/// `spec` of a Service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ServiceSpec {
    /// `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`.
    #[serde(rename = "type", deserialize_with = "empty_if_null")]
    pub kind: String,
    /// Which pods.
    #[serde(deserialize_with = "empty_if_null")]
    pub selector: BTreeMap<String, String>,
    /// The ports.
    #[serde(deserialize_with = "empty_if_null")]
    pub ports: Vec<ServicePort>,
    /// `IPv4`, `IPv6`.
    #[serde(deserialize_with = "empty_if_null")]
    pub ip_families: Vec<String>,
    /// Addresses outside the cluster at which every node takes its traffic.
    #[serde(rename = "externalIPs", deserialize_with = "empty_if_null")]
    pub external_ips: Vec<String>,
    /// Its address inside the cluster; `None` for a headless one.
    #[serde(rename = "clusterIP", deserialize_with = "empty_if_null")]
    pub cluster_ip: String,
    /// All its addresses inside the cluster.
    #[serde(rename = "clusterIPs", deserialize_with = "empty_if_null")]
    pub cluster_ips: Vec<String>,
    /// The address that a Service of type `LoadBalancer` requests.
    #[serde(rename = "loadBalancerIP")]
    pub load_balancer_ip: Option<String>,
    /// The DNS name that a Service of type `ExternalName` represents.
    #[serde(deserialize_with = "empty_if_null")]
    pub external_name: String,
    /// Who creates the load balancer of a Service of type `LoadBalancer`; the cloud provider where
    /// it is absent.
    pub load_balancer_class: Option<String>,
}

impl ServiceSpec {
    /// Whether it has no address of its own: kube-proxy skips it (`ShouldSkipService` in
    /// `pkg/proxy/util/utils.go` of Kubernetes 1.34).
    pub(crate) fn is_headless(&self) -> bool {
        self.cluster_ip == "None"
    }
}

/// `spec.ports[]` of a Service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ServicePort {
    /// The name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// The port.
    pub port: i32,
    /// The pods' port; that of the Service where it is absent.
    pub target_port: Option<IntOrString>,
    /// The nodes' port.
    #[serde(deserialize_with = "empty_if_null")]
    pub node_port: i32,
}

/// `v1` Secret: only which keys it has.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Secret {
    /// Name and namespace.
    pub metadata: ObjectMeta,
    /// The keys of `data`.
    #[serde(deserialize_with = "empty_if_null")]
    pub data: BTreeMap<String, serde::de::IgnoredAny>,
    /// The keys of `stringData`.
    #[serde(deserialize_with = "empty_if_null")]
    pub string_data: BTreeMap<String, serde::de::IgnoredAny>,
}

impl Secret {
    pub(crate) fn has(&self, key: &str) -> bool {
        self.data.contains_key(key) || self.string_data.contains_key(key)
    }
}

/// `v1` Namespace.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Namespace {
    /// Name and labels.
    pub metadata: ObjectMeta,
}
