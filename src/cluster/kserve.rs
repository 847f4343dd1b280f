//! What `KServe`'s controller creates of `InferenceServices`, as far as traffic reaches it.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::knative_classes::IngressClassOf;
use super::kserve_pods::{
    KservePods, LlmBases, of_knative_services, of_llm, of_model_mesh, of_router, of_service,
};
use super::{Cluster, Kept};
use crate::controllers::alb::objects::Ingress;
use crate::controllers::knative::OtherIngress;
use crate::controllers::kserve::{
    Endpoint, EndpointKind, InferenceService, RouteKind, ServingModel, ServingOptions,
    ServingRoute, WrittenRoute,
};
use crate::values::k8s::ResourceRef;
use crate::values::release::Release;

/// What `KServe` creates.
#[derive(Clone, Default)]
pub struct KserveWorld {
    /// The pods of every component.
    pub(crate) pods: Vec<KservePods>,
    /// The Ingresses of Standard mode.
    pub(crate) ingresses: Vec<Rc<Kept<Ingress>>>,
    /// The `HTTPRoutes` that are reached from outside.
    pub(crate) http_routes: Vec<KserveRoute>,
    /// The `VirtualServices` that are reached from outside.
    pub(crate) virtual_services: Vec<KserveVirtualService>,
    /// The Gateway inside the cluster, `NAMESPACE/NAME`.
    pub local_gateway: Option<String>,
    /// The ingress of Knative's Routes where it is not Istio.
    pub(crate) other_ingress: Option<OtherIngress>,
    /// The ingress classes of Knative's Routes where they are not Istio's.
    pub(crate) ingress_classes: Vec<IngressClassOf>,
    /// The routes and Ingresses that `LLMInferenceServices` leave to somebody else, each with its service.
    pub(crate) written_routes: Vec<(Rc<ResourceRef>, WrittenRoute)>,
}

/// An `HTTPRoute`.
#[derive(Debug, Clone)]
pub(crate) struct KserveRoute {
    /// The `InferenceService`.
    pub owner: Rc<ResourceRef>,
    /// What it is.
    pub route: ServingRoute,
    /// The Services that it forwards to, each once.
    pub services: Vec<String>,
}

/// A `VirtualService`.
#[derive(Debug, Clone)]
pub(crate) struct KserveVirtualService {
    /// The `InferenceService`.
    pub owner: Rc<ResourceRef>,
    /// Its Gateways, `NAMESPACE/NAME`; thousands of services share them.
    pub gateways: Rc<[String]>,
}

/// What is created of `InferenceServices`, each by itself.
#[derive(Default)]
struct Created {
    world: KserveWorld,
    ingresses: Vec<CreatedIngress>,
}

/// An Ingress of Standard mode, which the settings of all services decide about.
struct CreatedIngress {
    owner: Rc<ResourceRef>,
    annotations: BTreeMap<String, String>,
    route: ServingRoute,
}

impl Created {
    fn add(&mut self, service: &Kept<InferenceService>, endpoint: &Endpoint, kserve: Release) {
        let owner = &service.resource;
        self.world.pods.extend(of_service(service, endpoint, kserve));
        for route in &endpoint.routes {
            match route.kind {
                RouteKind::Ingress => self.ingresses.push(CreatedIngress {
                    owner: Rc::clone(owner),
                    annotations: service.object.metadata.annotations.clone(),
                    route: route.clone(),
                }),
                _ if route.public => self.world.add_route(owner, endpoint, route),
                _ => {}
            }
        }
    }
}

impl CreatedIngress {
    fn ingress(self, model: &ServingModel) -> Rc<Kept<Ingress>> {
        let Self { owner, annotations, route } = self;
        let namespace = &owner.namespace;
        Rc::new(Kept {
            id: None,
            resource: Rc::new(ResourceRef {
                api_version: "networking.k8s.io/v1".to_owned(),
                kind: "Ingress".to_owned(),
                namespace: namespace.clone(),
                name: route.name.clone(),
            }),
            object: model.ingress(namespace, &annotations, &route),
            owner: Some(owner),
        })
    }
}

impl KserveWorld {
    /// How the services of a model are reconciled.
    #[must_use]
    pub fn of(cluster: &Cluster<'_>, model: &ServingModel) -> Self {
        let services = model.endpoints.iter();
        let services = services.filter(|one| one.kind == EndpointKind::InferenceService);
        let endpoints: HashMap<(&str, &str), &Endpoint> = services
            .clone()
            .map(|endpoint| ((endpoint.namespace.as_str(), endpoint.name.as_str()), endpoint))
            .collect();
        let mut first_by_name: HashMap<&str, &Endpoint> = HashMap::new();
        for endpoint in services {
            first_by_name.entry(&endpoint.name).or_insert(endpoint);
        }
        let mut created = Created::default();
        for service in &cluster.objects.inference_services {
            let resource = &service.resource;
            let endpoint = match &resource.namespace {
                Some(namespace) => {
                    endpoints.get(&(namespace.as_str(), resource.name.as_str())).copied()
                }
                None => first_by_name.get(resource.name.as_str()).copied(),
            };
            let Some(endpoint) = endpoint else { continue };
            created.add(service, endpoint, model.kserve.release);
        }
        Self::with(created, cluster, model)
    }

    /// The same of a package, each service of which is read and reconciled by itself, and goes before the next: of
    /// thousands they are most of the world.
    #[must_use]
    pub(crate) fn of_package(cluster: &Cluster<'_>) -> Self {
        let mut created = Created::default();
        let items = cluster.items_without_services();
        let model =
            ServingModel::of_each(&items, &ServingOptions::default(), &mut |kserve, reconcile| {
                let endpoints = cluster.services().map(|service| {
                    let mut endpoint = reconcile(&service.object);
                    created.add(&service, &endpoint, kserve);
                    endpoint.forget_reconciled();
                    endpoint
                });
                endpoints.collect()
            });
        Self::with(created, cluster, &model)
    }

    /// What is created of the services, with what is created of everything else.
    fn with(created: Created, cluster: &Cluster<'_>, model: &ServingModel) -> Self {
        let settings = model.settings.as_ref();
        let of_routes = model.knative_ingress_class.as_deref();
        let mut world = created.world;
        world.local_gateway = settings.map(|one| one.local_gateway.clone());
        world.other_ingress = of_routes.and_then(OtherIngress::of_class);
        world.ingresses = created.ingresses.into_iter().map(|one| one.ingress(model)).collect();
        world.pods.extend(model.endpoints.iter().filter_map(of_router));
        world.pods.extend(of_model_mesh(&model.endpoints));
        let bases = LlmBases::of(cluster);
        let written: HashMap<(Option<&str>, &str), &Rc<ResourceRef>> = cluster
            .objects
            .llm_inference_services
            .iter()
            .map(|one| &one.resource)
            .map(|one| ((one.namespace.as_deref(), one.name.as_str()), one))
            .collect();
        for endpoint in &model.endpoints {
            let Some(llm) = &endpoint.llm else { continue };
            let name = endpoint.name.as_str();
            let own = [Some(endpoint.namespace.as_str()), None];
            let own = own.into_iter().find_map(|namespace| written.get(&(namespace, name)));
            let owner = own.map_or_else(|| Rc::new(endpoint.resource()), |own| Rc::clone(own));
            for route in &endpoint.routes {
                world.add_route(&owner, endpoint, route);
            }
            let written = llm.written.iter().map(|route| (owner.clone(), route.clone()));
            world.written_routes.extend(written);
            world.pods.extend(of_llm(llm, &owner));
            world.pods.extend(bases.of_service(llm, &owner));
        }
        world.pods.extend(of_knative_services(cluster, model));
        world.ingress_classes.extend(IngressClassOf::written(cluster));
        world.ingress_classes.extend(IngressClassOf::configured(cluster, model));
        world
    }

    /// The Gateways of the `VirtualServices`, `NAMESPACE/NAME`.
    pub(crate) fn gateways_of_virtual_services(&self) -> impl Iterator<Item = &str> {
        self.virtual_services.iter().flat_map(|one| one.gateways.iter()).map(String::as_str)
    }

    fn add_route(&mut self, owner: &Rc<ResourceRef>, endpoint: &Endpoint, route: &ServingRoute) {
        let owner = Rc::clone(owner);
        match route.kind {
            RouteKind::HttpRoute => self.http_routes.push(KserveRoute {
                owner,
                route: route.clone(),
                services: endpoint.services_of(route),
            }),
            RouteKind::VirtualService => {
                let before = self.virtual_services.last().map(|one| &one.gateways);
                let same = before.filter(|gateways| ***gateways == *route.gateways);
                let gateways = same.map_or_else(|| route.gateways.as_slice().into(), Rc::clone);
                self.virtual_services.push(KserveVirtualService { owner, gateways });
            }
            RouteKind::Knative | RouteKind::Ingress => {}
        }
    }
}
