//! The objects of a world as the serving model reads them.

use std::rc::Rc;

use serde::de::DeserializeOwned;

use super::Cluster;
use super::kept::{Kept, Source};
use super::objects::is_inference_service;
use crate::controllers::kserve::{InferenceService, ObjectSource, ServingItems};
use crate::values::k8s::ResourceRef;
use krm_package::ReadError;

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

    /// The same without the `InferenceServices`.
    #[must_use]
    pub(super) fn items_without_services(&self) -> ServingItems {
        self.items_of(|resource| !is_inference_service(resource))
    }

    /// The `InferenceServices`, each read when it is asked for.
    pub(super) fn services(&self) -> impl Iterator<Item = Kept<InferenceService>> {
        let services = self.sources.iter().filter(|read| is_inference_service(&read.resource));
        services.filter_map(|read| {
            let (id, resource) = (Some(read.id), Rc::clone(&read.resource));
            Some(Kept { id, resource, owner: None, object: read.source.read().ok()? })
        })
    }

    fn items_of(&self, is_read: impl Fn(&ResourceRef) -> bool) -> ServingItems {
        let mut items = ServingItems::default();
        for read in self.sources.iter().filter(|read| is_read(&read.resource)) {
            let resource = &read.resource;
            let _ = items.add_from(&resource.api_version, &resource.kind, &read.source);
        }
        items
    }
}
