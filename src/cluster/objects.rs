//! Every kind that is read, and as what.

use std::rc::Rc;

use serde::de::DeserializeOwned;

use super::endpoints::{EndpointSlice, Endpoints};
use super::kept::{Kept, Source};
use super::plain::{Named, Plain};
use super::removed_ingress::RemovedIngress;
use super::service_entry::ServiceEntry;
use super::target_group_binding::{AutoModeParams, TargetGroupBinding};
use super::workload::{CronJob, Pod, Workload};
use crate::controllers::alb::class::{IngressClass, IngressClassParams};
use crate::controllers::alb::objects::{Ingress, Namespace, Secret, Service};
use crate::controllers::gateway_api::{AwsConfiguration, Gateway, GatewayClass, Route};
use crate::controllers::istio::{
    AuthorizationPolicy, EnvoyFilter, Gateway as IstioGateway, PeerAuthentication,
    RequestAuthentication, VirtualService,
};
use crate::controllers::kserve::InferenceService;
use crate::values::k8s::ResourceRef;
use krm_package::{ItemId, ReadError};

macro_rules! objects {
    ($(#[doc = $doc:literal] $field:ident: $type:ty = $pattern:pat,)*) => {
        /// The objects of a package, each once, in the order of the package.
        #[derive(Clone, Default)]
        pub(crate) struct Objects<'p> {
            $(#[doc = $doc] pub $field: Vec<Rc<Kept<$type>>>,)*
            /// `v1` ConfigMaps, to be read by need: most hold texts that nobody here looks at.
            pub config_maps: Vec<Rc<Kept<Source<'p>>>>,
            /// Objects of every other kind, as they are written.
            pub others: Vec<Rc<Kept<Source<'p>>>>,
            /// Objects that are not what their kind says: the API server refuses them.
            pub unreadable: Vec<ResourceRef>,
        }

        impl<'p> Objects<'p> {
            /// Reads an object into its place.
            pub(super) fn add(
                &mut self,
                id: Option<ItemId>,
                resource: &Rc<ResourceRef>,
                source: &Source<'p>,
            ) -> Result<(), ReadError> {
                let kept = |resource: &Rc<ResourceRef>| (id, Rc::clone(resource));
                match (resource.group(), resource.version(), resource.kind.as_str()) {
                    $($pattern => match read::<$type>(source) {
                        Ok(object) => {
                            let (id, resource) = kept(resource);
                            self.$field.push(Rc::new(Kept { id, resource, owner: None, object }));
                        }
                        Err(error) => {
                            self.unreadable.push(ResourceRef::clone(resource));
                            return Err(error);
                        }
                    },)*
                    _ => {
                        let (id, resource) = kept(resource);
                        if source.has(&["spec", "template", "spec", "containers"])
                            && let Ok(object) = source.read::<Workload>()
                        {
                            let (id, resource) = kept(&resource);
                            self.workloads.push(Rc::new(Kept { id, resource, owner: None, object }));
                        }
                        let object = source.clone();
                        let place = match (resource.group(), resource.kind.as_str()) {
                            ("", "ConfigMap") => &mut self.config_maps,
                            _ => &mut self.others,
                        };
                        place.push(Rc::new(Kept { id, resource, owner: None, object }));
                    }
                }
                Ok(())
            }

            /// Those that a test keeps.
            pub(super) fn retain(&mut self, keep: impl Fn(Option<ItemId>) -> bool) {
                $(self.$field.retain(|kept| keep(kept.id));)*
                self.config_maps.retain(|kept| keep(kept.id));
                self.others.retain(|kept| keep(kept.id));
            }

            /// Puts back the order of the package, behind which new objects are.
            pub(super) fn sort(&mut self) {
                $(self.$field.sort_by_key(|kept| place(kept.id));)*
                self.config_maps.sort_by_key(|kept| place(kept.id));
                self.others.sort_by_key(|kept| place(kept.id));
            }
        }
    };
}

objects! {
    /// `v1` Namespaces.
    namespaces: Namespace = ("", _, "Namespace"),
    /// `v1` Services.
    services: Service = ("", _, "Service"),
    /// `discovery.k8s.io` `EndpointSlices`.
    endpoint_slices: EndpointSlice = ("discovery.k8s.io", _, "EndpointSlice"),
    /// `v1` Endpoints.
    endpoints: Endpoints = ("", _, "Endpoints"),
    /// `v1` `ServiceAccounts`.
    service_accounts: Named = ("", _, "ServiceAccount"),
    /// `v1` Secrets: which keys they have.
    secrets: Secret = ("", _, "Secret"),
    /// Deployments and whatever else has a pod template at `spec.template`: a Job, a Rollout, …
    workloads: Workload = ("apps" | "batch" | "" | "extensions", _, "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" | "Job"),
    /// CronJobs.
    cron_jobs: CronJob = ("batch", _, "CronJob"),
    /// Pods.
    pods: Pod = ("", _, "Pod"),
    /// Ingresses of API versions that Kubernetes 1.22 removed.
    removed_ingresses: RemovedIngress = ("extensions", _, "Ingress") | ("networking.k8s.io", "v1beta1", "Ingress"),
    /// `networking.k8s.io` Ingresses.
    ingresses: Ingress = ("networking.k8s.io", _, "Ingress"),
    /// `networking.k8s.io` `IngressClasses`.
    ingress_classes: IngressClass = ("networking.k8s.io", _, "IngressClass"),
    /// `elbv2.k8s.aws` `IngressClassParams`.
    ingress_class_params: IngressClassParams = ("elbv2.k8s.aws", _, "IngressClassParams"),
    /// `eks.amazonaws.com` `IngressClassParams`.
    auto_mode_params: AutoModeParams = ("eks.amazonaws.com", _, "IngressClassParams"),
    /// `TargetGroupBindings` of the controller and of EKS Auto Mode.
    target_group_bindings: TargetGroupBinding = ("elbv2.k8s.aws" | "eks.amazonaws.com", _, "TargetGroupBinding"),
    /// `GatewayClasses`.
    gateway_classes: GatewayClass = ("gateway.networking.k8s.io", _, "GatewayClass"),
    /// The Gateway API's Gateways.
    gateways: Gateway = ("gateway.networking.k8s.io", _, "Gateway"),
    /// The Gateway API's routes, of whatever kind.
    routes: Route = ("gateway.networking.k8s.io", _, "HTTPRoute" | "GRPCRoute" | "TLSRoute" | "TCPRoute" | "UDPRoute"),
    /// AWS's configurations for the Gateway API.
    aws_configurations: AwsConfiguration = ("gateway.k8s.aws", _, "LoadBalancerConfiguration" | "ListenerRuleConfiguration" | "TargetGroupConfiguration"),
    /// Istio's Gateways.
    istio_gateways: IstioGateway = ("networking.istio.io", _, "Gateway"),
    /// `VirtualServices`.
    virtual_services: VirtualService = ("networking.istio.io", _, "VirtualService"),
    /// `ServiceEntries`.
    service_entries: ServiceEntry = ("networking.istio.io", _, "ServiceEntry"),
    /// `InferencePools` of the Gateway API's inference extension.
    inference_pools: Plain = ("inference.networking.k8s.io" | "inference.networking.x-k8s.io", _, "InferencePool"),
    /// `AuthorizationPolicies`.
    authorization_policies: AuthorizationPolicy = ("security.istio.io", _, "AuthorizationPolicy"),
    /// `RequestAuthentications`.
    request_authentications: RequestAuthentication = ("security.istio.io", _, "RequestAuthentication"),
    /// `EnvoyFilters`.
    envoy_filters: EnvoyFilter = ("networking.istio.io", _, "EnvoyFilter"),
    /// `PeerAuthentications`.
    peer_authentications: PeerAuthentication = ("security.istio.io", _, "PeerAuthentication"),
    /// The Knative operator's `KnativeServings`.
    knative_servings: Plain = ("operator.knative.dev", _, "KnativeServing"),
    /// Knative Services.
    knative_services: Plain = ("serving.knative.dev", _, "Service"),
    /// Knative Routes.
    knative_routes: Plain = ("serving.knative.dev", _, "Route"),
    /// Knative `DomainMappings`.
    domain_mappings: Plain = ("serving.knative.dev", _, "DomainMapping"),
    /// `InferenceServices` of `v1beta1`.
    inference_services: InferenceService = ("serving.kserve.io", "v1beta1", "InferenceService"),
    /// `InferenceGraphs`.
    inference_graphs: Plain = ("serving.kserve.io", _, "InferenceGraph"),
    /// `LLMInferenceServices`.
    llm_inference_services: Plain = ("serving.kserve.io", _, "LLMInferenceService"),
    /// `ServingRuntimes` and `ClusterServingRuntimes`.
    serving_runtimes: Plain = ("serving.kserve.io", _, "ServingRuntime" | "ClusterServingRuntime"),
    /// AWS Controllers for Kubernetes: certificates, records and zones.
    ack: Plain = ("acm.services.k8s.aws" | "route53.services.k8s.aws", _, _),
    /// external-dns's records.
    dns_endpoints: Plain = ("externaldns.k8s.io" | "externaldns.nginx.org", _, "DNSEndpoint"),
}

/// Whether an object is one of the `InferenceServices`.
pub(super) fn is_inference_service(resource: &ResourceRef) -> bool {
    resource.kind == "InferenceService" && resource.api_version == "serving.kserve.io/v1beta1"
}

fn read<T: DeserializeOwned>(source: &Source<'_>) -> Result<T, ReadError> {
    source.read()
}

fn place(id: Option<ItemId>) -> usize {
    id.map_or(usize::MAX, |id| id.0)
}
