//! Pods, and what creates them: Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs, CronJobs.
//!
//! Source of the fields: `k8s.io/api/core/v1/types.go` (`PodSpec`), `apps/v1`, `batch/v1`.

use serde::Deserialize;
use serde_json::Value;

use crate::controllers::alb::class::LabelSelector;
use crate::controllers::oauth2_proxy::ELSEWHERE;
use crate::values::k8s::{ObjectMeta, empty_if_null};

/// An object with a pod template at `spec.template`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Workload {
    /// `metadata`.
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: WorkloadSpec,
}

/// `spec` of a [`Workload`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WorkloadSpec {
    /// Which pods are its own.
    pub selector: Option<LabelSelector>,
    /// What its pods are.
    #[serde(deserialize_with = "empty_if_null")]
    pub template: PodTemplate,
}

/// A pod template.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PodTemplate {
    /// The labels and annotations of the pods.
    #[serde(deserialize_with = "empty_if_null")]
    pub metadata: ObjectMeta,
    /// The pods' `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: PodSpec,
    /// What the kubelet reports of a Pod; a template has none.
    #[serde(deserialize_with = "empty_if_null")]
    pub status: PodStatus,
}

/// A Pod.
pub(crate) type Pod = PodTemplate;

/// `status` of a Pod.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PodStatus {
    /// Its address.
    #[serde(rename = "podIP", deserialize_with = "empty_if_null")]
    pub pod_ip: String,
    /// All its addresses.
    #[serde(rename = "podIPs", deserialize_with = "empty_if_null")]
    pub pod_ips: Vec<PodAddress>,
}

/// `status.podIPs[]` of a Pod.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PodAddress {
    /// The address.
    #[serde(deserialize_with = "empty_if_null")]
    pub ip: String,
}

impl PodStatus {
    /// Its addresses; the first of the list is also the one by itself.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &str> {
        let all = std::iter::once(&self.pod_ip).chain(self.pod_ips.iter().map(|one| &one.ip));
        all.map(String::as_str).filter(|ip| !ip.is_empty())
    }
}

/// `batch/v1` CronJob.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct CronJob {
    /// `metadata`.
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: CronJobSpec,
}

/// `spec` of a [`CronJob`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct CronJobSpec {
    /// The Jobs that it creates.
    #[serde(deserialize_with = "empty_if_null")]
    pub job_template: Workload,
}

/// `spec` of a Pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PodSpec {
    /// Whether the pods use the node's network: every port that they listen on is the node's.
    #[serde(deserialize_with = "empty_if_null")]
    pub host_network: bool,
    /// The service account; `default` where it is empty.
    #[serde(deserialize_with = "empty_if_null")]
    pub service_account_name: String,
    /// The containers.
    #[serde(deserialize_with = "empty_if_null")]
    pub containers: Vec<PodContainer>,
    /// Containers that run before the others, or beside them as sidecars.
    #[serde(deserialize_with = "empty_if_null")]
    pub init_containers: Vec<PodContainer>,
}

/// Programs that forward to what an argument names, through a tunnel or a port of their own.
const TUNNELS: [&str; 11] = [
    "caddy",
    "chisel",
    "cloudflared",
    "frpc",
    "haproxy",
    "inlets",
    "ngrok",
    "nginx",
    "oauth2-proxy",
    "socat",
    "traefik",
];

/// It creates Services, and forwards to them.
const KUBECTL: &str = "kubectl";

/// A container of a pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, from = "WrittenContainer")]
pub(crate) struct PodContainer {
    /// Its name.
    pub name: String,
    /// The command, the arguments and the variables of a program that forwards. Those of other programs are not kept:
    /// they are most of a pod's text.
    pub tunnel: Vec<String>,
    /// The same of kubectl.
    pub kubectl: Vec<String>,
    /// Its ports.
    pub ports: Vec<PodPort>,
    /// Whether it is Istio's proxy as a gateway: `istio-proxy` with the argument `router`.
    pub is_router: bool,
    /// The port that kubelet probes for the readiness of Istio's proxy.
    pub proxy_readiness: Option<u16>,
}

/// The path of the readiness of Istio's proxy (`pilot-agent`'s `status.ReadyPath`).
const PROXY_READINESS: &str = "/healthz/ready";

/// A container as it is written.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WrittenContainer {
    #[serde(deserialize_with = "empty_if_null")]
    name: String,
    #[serde(deserialize_with = "empty_if_null")]
    image: String,
    #[serde(deserialize_with = "empty_if_null")]
    command: Vec<String>,
    #[serde(deserialize_with = "empty_if_null")]
    args: Vec<String>,
    #[serde(deserialize_with = "empty_if_null")]
    env: Vec<WrittenVariable>,
    #[serde(deserialize_with = "empty_if_null")]
    ports: Vec<PodPort>,
    readiness_probe: Value,
}

impl WrittenContainer {
    fn proxy_readiness(&self) -> Option<u16> {
        let get = self.readiness_probe.get("httpGet")?;
        if get.get("path").and_then(Value::as_str) != Some(PROXY_READINESS) {
            return None;
        }
        let port = get.get("port")?;
        let named = || self.ports.iter().find(|one| Some(one.name.as_str()) == port.as_str());
        let number = port.as_i64().or_else(|| Some(named()?.container_port.into()))?;
        u16::try_from(number).ok()
    }
}

/// A variable of a container's environment.
#[derive(Default, Deserialize)]
#[serde(default)]
struct WrittenVariable {
    #[serde(deserialize_with = "empty_if_null")]
    name: String,
    #[serde(deserialize_with = "empty_if_null")]
    value: String,
}

impl From<WrittenContainer> for PodContainer {
    fn from(written: WrittenContainer) -> Self {
        let proxy_readiness = written.proxy_readiness();
        let WrittenContainer { name, image, command, args, env, ports, .. } = written;
        let mut words = command;
        words.extend(args);
        // The names of settings of oauth2-proxy say that its file is not all of them.
        let is_setting = |name: &str| ELSEWHERE.iter().any(|setting| name.contains(setting));
        for WrittenVariable { name, value } in env {
            words.extend(Some(name).filter(|name| is_setting(name)));
            words.push(value);
        }
        let is_router = name == "istio-proxy" && words.iter().any(|word| word == "router");
        let is_kubectl = |text: &String| text.contains(KUBECTL);
        let kubectl = if is_kubectl(&image) || words.iter().any(is_kubectl) {
            words.clone()
        } else {
            Vec::new()
        };
        let is_tunnel = |text: &String| TUNNELS.iter().any(|word| text.contains(word));
        if !is_tunnel(&image) && !words.iter().any(is_tunnel) {
            words = Vec::new();
        }
        Self { name, tunnel: words, kubectl, ports, is_router, proxy_readiness }
    }
}

/// A port of a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PodPort {
    /// Its name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// The port that it listens on.
    #[serde(deserialize_with = "empty_if_null")]
    pub container_port: i32,
    /// The node's port that leads to it; 0 for none.
    #[serde(deserialize_with = "empty_if_null")]
    pub host_port: i32,
}
