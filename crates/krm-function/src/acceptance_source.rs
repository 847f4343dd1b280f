//! Where an acceptance is written.

use krm_package::FieldPath;

use super::place::Place;
use super::resource_ref::ResourceRef;

/// Where an acceptance is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AcceptanceSource {
    /// A configuration: this object, at this field.
    Configuration { resource: ResourceRef, field: FieldPath },
    /// A file, with the number of the entry and its place.
    File { number: usize, place: Place },
    /// A baseline, in which findings come and go without a word.
    Baseline,
}

impl AcceptanceSource {
    /// The entry's own place in the list of a configuration.
    pub(crate) fn entry(&self) -> Option<FieldPath> {
        match self {
            Self::Configuration { field, .. } if field.segments().len() == 3 => Some(field.clone()),
            _ => None,
        }
    }
}
