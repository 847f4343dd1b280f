//! The classes of the Ingresses, and what their parameters set.

use std::collections::BTreeMap;

use json_patch::PatchOperation;

use crate::cluster::Cluster;
use crate::controllers::alb::class::IngressClassParamsSpec;
use crate::controllers::alb::group::{Member, classify};
use crate::controllers::alb::{Objects, Options};
use crate::serving::ingress;
use krm_package::ItemId;

/// What the load balancer's controller reads, with the place of each Ingress in it.
pub(super) struct Classes {
    objects: Objects,
    places: BTreeMap<ItemId, usize>,
}

impl Classes {
    pub(super) fn of(cluster: &Cluster<'_>) -> Self {
        let ingresses = cluster.objects.ingresses.iter().enumerate();
        let places = ingresses.filter_map(|(place, kept)| Some((kept.id?, place))).collect();
        Self { objects: ingress::objects(cluster), places }
    }

    /// An Ingress that the controller manages, with its class.
    pub(super) fn member(&self, ingress: ItemId) -> Option<Member<'_>> {
        let ingress = self.objects.ingresses.get(*self.places.get(&ingress)?)?;
        classify(ingress, &self.objects, &Options::default()).ok()
    }

    /// What the parameters of an Ingress's class set.
    pub(super) fn params_of(&self, ingress: ItemId) -> Option<&IngressClassParamsSpec> {
        self.member(ingress)?.params.map(|params| &params.spec)
    }
}

/// What is set of an Ingress in its class, and what that takes away from the Ingress.
#[derive(Default)]
pub(super) struct Moved {
    /// The annotations that the class has in their place.
    pub(super) suffixes: Vec<&'static str>,
    pub(super) operations: Vec<PatchOperation>,
}
