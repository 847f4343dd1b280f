//! The objects of a world as the serving model reads them.

use std::collections::HashSet;

use serde::de::DeserializeOwned;

use super::Cluster;
use super::kept::Source;
use crate::controllers::kserve::{ObjectSource, ServingItems, ServingModel, ServingOptions};
use krm_package::{ItemId, ReadError};

impl ObjectSource for &Source<'_> {
    type Error = ReadError;

    fn read<T: DeserializeOwned>(self) -> Result<T, ReadError> {
        Source::read(self)
    }
}

impl Cluster<'_> {
    /// The objects of the package. What is not as its kind says is left out.
    #[must_use]
    pub(crate) fn serving_items(&self) -> ServingItems {
        self.items_of(|_| true)
    }

    /// What `KServe` and Knative reconcile the services to. Each `InferenceService` is the one that the cluster has
    /// read.
    #[must_use]
    pub(crate) fn serving_model(&self) -> ServingModel {
        let services = &self.objects.inference_services;
        let read: HashSet<ItemId> = services.iter().filter_map(|kept| kept.id).collect();
        let items = self.items_of(|id| !read.contains(&id));
        let services = services.iter().map(|kept| &kept.object);
        ServingModel::of(&items, services, &ServingOptions::default())
    }

    fn items_of(&self, is_read: impl Fn(ItemId) -> bool) -> ServingItems {
        let mut items = ServingItems::default();
        for read in self.sources.iter().filter(|read| is_read(read.id)) {
            let resource = &read.resource;
            let _ = items.add_from(&resource.api_version, &resource.kind, &read.source);
        }
        items
    }
}
