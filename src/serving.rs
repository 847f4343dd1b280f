//! The serving model of a package: its objects, as `KServe` and Knative read them.

use serde::Deserializer;
use serde::de::DeserializeSeed;

use crate::kserve::ServingItems;
use crate::runtime::{Item, Items};

/// Gathers what the serving model reads. An object that is not what its kind says becomes a finding
/// of the model.
#[must_use]
pub fn items(items: &Items<'_>) -> ServingItems {
    let mut gathered = ServingItems::default();
    for item in items.iter() {
        if let Err(error) = item.node.read_seed(Into { items: &mut gathered, item }) {
            gathered.unreadable(&item.resource, &error);
        }
    }
    gathered
}

struct Into<'a, 'p> {
    items: &'a mut ServingItems,
    item: &'a Item<'p>,
}

impl<'de> DeserializeSeed<'de> for Into<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, object: D) -> Result<(), D::Error> {
        let resource = &self.item.resource;
        self.items.add(&resource.api_version, &resource.kind, object)
    }
}
