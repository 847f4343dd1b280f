//! The package with everything that the controllers make of it, built once.

use crate::cluster::{Cluster, KserveWorld};
use crate::controllers::alb::Objects;
use crate::controllers::kserve::{ServingModel, ServingOptions};
use crate::finding::Finding;
use crate::runtime::Items;
use crate::serving::ingress;
use crate::serving::model::serving_items;

/// The package with everything that the controllers make of it.
pub struct World<'p> {
    /// The objects.
    pub cluster: Cluster<'p>,
    /// What `KServe` and Knative reconcile its services to.
    pub model: ServingModel,
    /// The objects that `KServe` creates of that.
    pub kserve: KserveWorld,
    /// What the load balancer's controller reads, with the Ingresses that `KServe` creates behind
    /// those of the package.
    pub ingresses: Objects,
}

impl<'p> World<'p> {
    /// Builds it, and says which objects are not what their kind says.
    #[must_use]
    pub fn of(items: &Items<'p>) -> (Self, Vec<Finding>) {
        let (cluster, findings) = Cluster::of(items);
        let model = ServingModel::build(&serving_items(items), &ServingOptions::default());
        let kserve = KserveWorld::of(&cluster, &model);
        let mut ingresses = ingress::objects(&cluster);
        ingresses.ingresses.extend(kserve.ingresses.iter().map(|kept| kept.object.clone()));
        (Self { cluster, model, kserve, ingresses }, findings)
    }
}
