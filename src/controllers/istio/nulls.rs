//! Reads `null` as istiod's decoder does: an absent field, or an empty element.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// Reads a list; an absent list and `null` are empty, a `null` element is the element's default.
///
/// # Errors
/// Those of the element's own type.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    let items = Option::<Vec<Option<T>>>::deserialize(deserializer)?.unwrap_or_default();
    Ok(items.into_iter().map(Option::unwrap_or_default).collect())
}

/// Reads a map of labels; `null`, for the map or for a value, is empty.
///
/// # Errors
/// When a value is not text.
pub(super) fn labels<'de, D>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error>
where
    D: Deserializer<'de>,
{
    let map =
        Option::<BTreeMap<String, Option<String>>>::deserialize(deserializer)?.unwrap_or_default();
    Ok(map.into_iter().map(|(key, value)| (key, value.unwrap_or_default())).collect())
}
