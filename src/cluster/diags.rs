//! What there is to say of the objects of a package.

use crate::finding::{Code, Finding};
use crate::values::k8s::ResourceRef;
use krm_package::ReadError;

/// An object that is not what its kind says.
pub(super) struct Misread<'a> {
    pub(super) object: &'a ResourceRef,
    pub(super) error: ReadError,
}

impl From<Misread<'_>> for Finding {
    fn from(Misread { object, error }: Misread<'_>) -> Self {
        let finding = Self::error(Code::BadObject, error.message).on(object);
        if error.path.is_root() { finding } else { finding.field(error.path) }
    }
}
