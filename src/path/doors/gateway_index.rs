//! The Gateways of the Gateway API, and what is looked up for them, without a look at every object.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::reach::Reach;
use crate::cluster::{Cluster, Kept};
use crate::controllers::gateway_api::Gateway;
use crate::controllers::gateway_of_istio::{ISTIO, built_in_controller};

/// The Gateways of a package by name, and what is looked up for them.
pub(crate) struct Gateways<'w> {
    by_name: HashMap<&'w str, Vec<&'w Kept<Gateway>>>,
    /// The controllers by the names of their classes.
    controllers: HashMap<&'w str, &'w str>,
    /// The labels of Namespaces.
    pub(super) labels: HashMap<&'w str, &'w BTreeMap<String, String>>,
    /// The Services that are written.
    services: HashSet<(&'w str, Option<&'w str>)>,
}

impl<'w> Gateways<'w> {
    pub(crate) fn of(cluster: &'w Cluster<'_>) -> Self {
        let objects = &cluster.objects;
        let mut by_name: HashMap<&str, Vec<&Kept<Gateway>>> = HashMap::new();
        for one in &objects.gateways {
            by_name.entry(&one.resource.name).or_default().push(one);
        }
        let mut controllers = HashMap::new();
        for one in &objects.gateway_classes {
            let controller = one.object.spec.controller_name.as_str();
            controllers.entry(one.resource.name.as_str()).or_insert(controller);
        }
        let namespaces = objects.namespaces.iter();
        let labels =
            namespaces.map(|one| (one.resource.name.as_str(), &one.object.metadata.labels));
        let services = objects.services.iter().map(|one| &one.resource);
        let services = services.map(|one| (one.name.as_str(), one.namespace.as_deref()));
        Self { by_name, controllers, labels: labels.collect(), services: services.collect() }
    }

    /// Those that a name may be for.
    pub(super) fn named<'a>(
        &'a self,
        reach: &'a Reach,
        namespace: &'a Option<String>,
        name: &str,
    ) -> impl Iterator<Item = &'w Kept<Gateway>> + 'a {
        let of_name = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        reach.count(of_name.len());
        let near =
            move |one: &&&Kept<Gateway>| reach.may_be_one(&one.resource.namespace, namespace);
        of_name.iter().filter(near).copied()
    }

    /// The controller of a class.
    pub(super) fn controller(&self, gateway: &Gateway) -> Option<&'w str> {
        let class = gateway.spec.gateway_class_name.as_str();
        self.controllers.get(class).copied().or_else(|| built_in_controller(class))
    }

    /// The Service that Istio creates for the pods of a Gateway; `None` where it creates none.
    pub(super) fn service_of_istio(&self, gateway: &Gateway) -> Option<String> {
        let is_istio = self.controller(gateway) == Some(ISTIO);
        (is_istio && gateway.is_managed_by_istio()).then(|| gateway.service_of_istio())
    }

    /// Whether a Service that may be one of a namespace is written.
    pub(super) fn has_service(&self, namespace: &Option<String>, name: &str) -> bool {
        match namespace {
            None => self.services.iter().any(|(own, _)| *own == name),
            Some(own) => {
                [Some(own.as_str()), None].iter().any(|own| self.services.contains(&(name, *own)))
            }
        }
    }
}
