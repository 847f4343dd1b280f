//! Objects of kinds that this project does not know and that name a Service with protected pods:
//! an `IngressRoute`, an `HTTPProxy`, a `Tunnel`, …
//!
//! Their text is searched for a Service by the names that the field has in such kinds, for the
//! Service's DNS name, and for an address of it or of its pods. What they do with it is not known, so that nothing is judged.

use std::rc::Rc;

use serde_json::Value;

use super::context::DoorContext;
use super::door::{Door, each_opening};
use super::kinds::DoorKind;
use super::reach::{Hit, service_of_dns_name};
use crate::cluster::is_object;
use crate::values::k8s::ResourceRef;

/// Groups whose objects lead no request in from outside: what the API server itself calls, what
/// watches, scales, configures, checks or stores, and the hosts' own.
const WITHOUT_TRAFFIC: [&str; 44] = [
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "app.k8s.io",
    "apps",
    "autoscaling",
    "autoscaling.k8s.io",
    "batch",
    "bitnami.com",
    "caching.internal.knative.dev",
    "autoscaling.internal.knative.dev",
    "cert-manager.io",
    "chaos-mesh.org",
    "constraints.gatekeeper.sh",
    "coordination.k8s.io",
    "events.k8s.io",
    "extensions.istio.io",
    "external-secrets.io",
    "flowcontrol.apiserver.k8s.io",
    "install.istio.io",
    "karpenter.k8s.aws",
    "karpenter.sh",
    "keda.sh",
    "kustomize.config.k8s.io",
    "config.kubernetes.io",
    "kyverno.io",
    "monitoring.coreos.com",
    "networking.k8s.aws",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "sailoperator.io",
    "scheduling.k8s.io",
    "security.istio.io",
    "snapshot.storage.k8s.io",
    "storage.k8s.io",
    "telemetry.istio.io",
    "templates.gatekeeper.sh",
    "velero.io",
    "vpcresources.k8s.aws",
    "kpt.dev",
    "fn.kserve-aws.dev",
    "certificates.k8s.io",
];

/// Kinds of Istio, Knative and Kubernetes that route inside the mesh, or nothing. Those of Cilium select Services by
/// the Services' own labels: what the one advertises has a reader of its own (`advertised`), and the other's addresses
/// are of Services that are doors already.
const INSIDE: [(&str, &str); 12] = [
    ("argoproj.io", "Rollout"),
    ("cilium.io", "CiliumBGPAdvertisement"),
    ("cilium.io", "CiliumLoadBalancerIPPool"),
    ("networking.istio.io", "DestinationRule"),
    ("networking.istio.io", "Sidecar"),
    ("networking.istio.io", "ServiceEntry"),
    ("networking.istio.io", "WorkloadEntry"),
    ("networking.istio.io", "WorkloadGroup"),
    ("networking.istio.io", "ProxyConfig"),
    ("gateway.networking.k8s.io", "ReferenceGrant"),
    ("serving.kserve.io", "LLMInferenceServiceConfig"),
    ("serving.kserve.io", "TrainedModel"),
];

/// Whether objects of a kind lead no request to pods. What ends in `Policy` changes what reaches them.
pub(crate) fn leads_nothing(resource: &ResourceRef) -> bool {
    let group = resource.group();
    group.is_empty()
        || WITHOUT_TRAFFIC.contains(&group)
        || INSIDE.contains(&(group, resource.kind.as_str()))
        || resource.kind.ends_with("Policy")
}

/// It exports the Service of its own name and namespace to other clusters
/// (`pkg/apis/v1beta1/serviceexport.go` of kubernetes-sigs/mcs-api), or to a service network
/// (`docs/api-types/service-export.md` of aws/aws-application-networking-k8s).
const SERVICE_EXPORT: &str = "ServiceExport";

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    if !context.readers.has(DoorKind::OtherKind) {
        return;
    }
    domain_mappings(context, doors);
    for kept in &context.cluster.objects.others {
        let resource = &kept.resource;
        if leads_nothing(resource) {
            continue;
        }
        let Ok(value) = kept.object.value() else { continue };
        let mut search = Search { context, namespace: &resource.namespace, found: Vec::new() };
        if resource.kind == SERVICE_EXPORT {
            search.note(
                &resource.namespace,
                &resource.name,
                &["metadata".to_owned(), "name".to_owned()],
            );
        }
        for (key, part) in value.as_object().into_iter().flatten() {
            if !matches!(key.as_str(), "apiVersion" | "kind" | "metadata" | "status") {
                search.walk(key, part, &mut vec![key.clone()]);
            }
        }
        let found =
            search.found.into_iter().map(|(field, hit)| door(context, resource, field, hit));
        doors.extend(each_opening(found));
    }
}

/// Knative routes the host of a `DomainMapping` to the Service that `ref` names, be it one of its own
/// or of Kubernetes, in its own namespace alone (`resolveRef` in
/// `pkg/reconciler/domainmapping/reconciler.go` of knative/serving 1.19).
fn domain_mappings(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    for kept in &context.cluster.objects.domain_mappings {
        let Some(to) = kept.object.spec.get("ref") else { continue };
        let text = |key: &str| to.get(key).and_then(Value::as_str);
        if text("kind") != Some("Service") || text("apiVersion") != Some("v1") {
            continue;
        }
        let own = &kept.resource.namespace;
        let named = text("namespace").map(str::to_owned).or_else(|| own.clone());
        if !context.reach.may_be_one(&named, own) {
            continue;
        }
        let hit = text("name").and_then(|name| context.reach.hit(&named, name));
        doors.extend(hit.map(|hit| door(context, &kept.resource, "spec.ref".to_owned(), hit)));
    }
}

fn door(
    context: &DoorContext<'_, '_>,
    resource: &Rc<ResourceRef>,
    field: String,
    hit: Hit,
) -> Door {
    let reader = format!("{} of {}", resource.kind, resource.group());
    door_through(&reader, context, resource, (field, hit))
}

/// A door through a program that reads an object, and of which nothing else is known.
pub(crate) fn door_through(
    reader: &str,
    context: &DoorContext<'_, '_>,
    resource: &Rc<ResourceRef>,
    (field, hit): (String, Hit),
) -> Door {
    let verdict = context.not_judged(
        hit.set,
        format!("what {reader} requires of a request, which is not supported"),
    );
    Door {
        kind: DoorKind::OtherKind,
        resource: resource.clone(),
        created: None,
        field,
        to: context.name_of(hit),
        verdict,
    }
}

/// A search for the Services of protected pods.
pub(crate) struct Search<'s, 'w, 'p> {
    pub(crate) context: &'s DoorContext<'w, 'p>,
    /// That of short names.
    pub(crate) namespace: &'s Option<String>,
    /// Those that were found, each with its field.
    pub(crate) found: Vec<(String, Hit)>,
}

impl Search<'_, '_, '_> {
    /// Looks into a value that is under a key.
    fn walk(&mut self, key: &str, value: &Value, path: &mut Vec<String>) {
        match value {
            Value::String(text) => self.text(key, text, path),
            Value::Number(number) => {
                let port = number.as_u64().and_then(|port| u16::try_from(port).ok());
                let hit = port.filter(|_| speaks_of_a_port(key));
                let hit = hit.and_then(|port| self.context.addresses.hit_of_port(port));
                self.note_hit(hit, path);
            }
            Value::Array(list) => {
                for (place, entry) in list.iter().enumerate() {
                    path.push(format!("[{place}]"));
                    self.walk(key, entry, path);
                    path.pop();
                }
            }
            // An object that this one holds is looked at by itself.
            Value::Object(_) if is_object(value) => {}
            Value::Object(fields) => {
                self.object(key, fields, path);
                // The name of an object of another kind is not that of a Service.
                let kind = fields.get("kind").and_then(Value::as_str);
                let is_of_another = kind.is_some_and(|kind| kind != "Service");
                for (name, field) in fields {
                    if is_of_another && name == "name" {
                        continue;
                    }
                    // A map may have addresses for keys.
                    self.note_hit(self.context.addresses.hit_of_text(name), path);
                    path.push(name.clone());
                    // A reference is to what the key above it says.
                    let under = if name == "ref" { key } else { name };
                    self.walk(under, field, path);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    /// A Service as `{kind: Service, name: X}`, or as `{name: X}` under a key that speaks of one.
    fn object(&mut self, key: &str, fields: &serde_json::Map<String, Value>, path: &[String]) {
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        let kind = text("kind");
        let is_service = kind == Some("Service") || (kind.is_none() && speaks_of_a_service(key));
        let name = ["name", "serviceName", "service"].iter().find_map(|key| text(key));
        let Some(name) = name else { return };
        let namespace = ["namespace", "serviceNamespace"].iter().find_map(|key| text(key));
        let namespace = namespace.map(str::to_owned).or_else(|| self.namespace.clone());
        if is_service {
            self.note(&namespace, name, path);
        } else if let Some(kind) = kind {
            // Flagger's Canary creates Services and routes for the pods of a Deployment.
            let context = self.context;
            let pods = (&namespace, name);
            self.note_hit(context.addresses.hit_of_workload(&context.reach, kind, pods), path);
        }
    }

    /// Looks into a text that is under a key.
    pub(crate) fn text(&mut self, key: &str, text: &str, path: &[String]) {
        let addresses = &self.context.addresses;
        let port = text.parse().ok().filter(|_| speaks_of_a_port(key));
        let of_port = || port.and_then(|port| addresses.hit_of_port(port));
        self.note_hit(addresses.hit_of_text(text).or_else(of_port), path);
        // Hosts have no case.
        let lower = text.to_ascii_lowercase();
        let host = lower.rsplit_once("://").map_or(lower.as_str(), |(_, host)| host);
        let host = host.split(['/', ':']).next().unwrap_or_default();
        if !speaks_of_others(key) {
            self.note(&self.namespace.clone(), host, path);
        }
        let is_address = text.contains("://") || speaks_of_an_address(key);
        if is_address {
            self.note(&self.namespace.clone(), host, path);
        }
        if let Some((name, namespace)) = service_of_dns_name(host) {
            self.note(&Some(namespace.to_owned()), name, path);
        }
        // `NAME.NAMESPACE`, which the search list of a pod's resolver completes.
        if let Some((name, namespace)) = host.split_once('.') {
            let namespace = Some(namespace.to_owned());
            let hit = self.context.reach.hit(&namespace, name);
            if hit.is_some_and(|hit| is_address || hit.same_namespace) {
                self.note(&namespace, name, path);
            }
        }
    }

    /// Notes a Service that is named.
    pub(crate) fn note(&mut self, namespace: &Option<String>, name: &str, path: &[String]) {
        let reach = &self.context.reach;
        self.note_hit(reach.knows(name).then(|| reach.hit(namespace, name)).flatten(), path);
    }

    /// Notes a Service, or the pods of a workload, that a kind and a name are for, as kubectl takes them.
    pub(crate) fn named(
        &mut self,
        namespace: &Option<String>,
        (kind, name): (&str, &str),
        path: &[String],
    ) {
        let kind = kind.to_ascii_lowercase();
        let kind = kind.split('.').next().unwrap_or_default();
        let workload = match kind {
            "service" | "services" | "svc" => return self.note(namespace, name, path),
            "deployment" | "deployments" | "deploy" => "Deployment",
            "statefulset" | "statefulsets" | "sts" => "StatefulSet",
            "daemonset" | "daemonsets" | "ds" => "DaemonSet",
            "replicaset" | "replicasets" | "rs" => "ReplicaSet",
            "pod" | "pods" | "po" => "Pod",
            _ => return,
        };
        let context = self.context;
        let pods = (namespace, name);
        match context.addresses.hit_of_workload(&context.reach, workload, pods) {
            Some(hit) => self.note_hit(Some(hit), path),
            // One that is not in the package is mostly called as its Service is.
            None => self.note(namespace, name, path),
        }
    }

    fn note_hit(&mut self, hit: Option<Hit>, path: &[String]) {
        let Some(hit) = hit else { return };
        let field = path.join(".").replace(".[", "[");
        // A reference and its parts are one.
        let is_noted = self.found.last().is_some_and(|(last, of_last)| {
            let rest = field.strip_prefix(last.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
                && of_last.set == hit.set
        });
        if !is_noted {
            self.found.push((field, hit));
        }
    }
}

/// Whether a field's name is one that names of other things stand under, which are often called as their Service is.
fn speaks_of_others(key: &str) -> bool {
    const OTHERS: [&str; 14] = [
        "account",
        "app",
        "certificate",
        "class",
        "configmap",
        "container",
        "deployment",
        "hostname",
        "image",
        "issuer",
        "label",
        "namespace",
        "role",
        "secret",
    ];
    let key = key.to_ascii_lowercase();
    OTHERS.iter().any(|word| key.contains(word))
}

/// Whether a field's name is one that hosts and URLs are under.
fn speaks_of_an_address(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["url", "host", "address", "endpoint", "target"].iter().any(|word| key.contains(word))
        || speaks_of_a_service(&key)
}

/// Whether a field's name is one that ports are under.
fn speaks_of_a_port(key: &str) -> bool {
    key.to_ascii_lowercase().contains("port")
}

/// Whether a field's name is one that Services are under.
fn speaks_of_a_service(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    // A `TunnelBinding` names its Services as `subjects`.
    let words = ["service", "backend", "upstream", "destination", "kube", "subject"];
    words.iter().any(|word| key.contains(word))
}
