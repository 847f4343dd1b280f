//! The objects of a world as the serving model reads them.

use serde::de::DeserializeOwned;

use super::Cluster;
use super::kept::Source;
use crate::controllers::kserve::{ObjectSource, ServingItems};
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
        let mut items = ServingItems::default();
        for read in &self.sources {
            let resource = &read.resource;
            let _ = items.add_from(&resource.api_version, &resource.kind, &read.source);
        }
        items
    }
}
