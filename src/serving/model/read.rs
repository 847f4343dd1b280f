//! The objects of a package, read for the serving model.

use serde::de::DeserializeOwned;

use crate::controllers::kserve::{ObjectSource, ServingItems};
use crate::runtime::{Item, Items};
use krm_package::{NodeRef, ReadError};

/// The objects of a package. One that is not what its kind says is noted as unreadable.
#[must_use]
pub fn serving_items(items: &Items<'_>) -> ServingItems {
    let mut read = ServingItems::default();
    items.iter().for_each(|item| add_item(&mut read, item));
    read
}

/// Adds an object of a package.
pub(crate) fn add_item(read: &mut ServingItems, item: &Item<'_>) {
    let resource = &item.resource;
    let added = read.add_from(&resource.api_version, &resource.kind, Node(item.node));
    if let Err(error) = added {
        read.unreadable(resource, &error);
    }
}

/// An object of a package as a source of the model.
struct Node<'p>(NodeRef<'p>);

impl ObjectSource for Node<'_> {
    type Error = ReadError;

    fn read<T: DeserializeOwned>(self) -> Result<T, ReadError> {
        self.0.read()
    }
}
