//! The layers of parameters as one.

use super::layer::{Layer, at};
use crate::finding::{Code, FieldPath, Finding};
use crate::runtime::{Checked, Reading};
use crate::serving::ingress::diags::UnusedParameter;
use crate::serving::ingress::params::{IngressParams, Overlay};

/// Layers, read from the last to the first, and what was found in them.
pub(super) struct Merged<'l> {
    pub(super) layers: &'l [Layer],
    pub(super) has_certificate: bool,
    pub(super) findings: Vec<Finding>,
}

impl<'l> Merged<'l> {
    /// The last layer's value of a field, with the layer.
    pub(super) fn given<T: ?Sized>(
        &self,
        field: impl Fn(&'l IngressParams) -> Option<&'l T>,
    ) -> Option<(&'l T, &'l Layer)> {
        self.layers.iter().rev().find_map(|layer| Some((field(&layer.params)?, layer)))
    }

    /// Reads fields of a layer, or misses them in the configuration: what is found is reported where
    /// the layer has them.
    pub(super) fn read<T>(
        &mut self,
        layer: Option<&Layer>,
        read: impl FnOnce(&mut Reading<Code>) -> T,
    ) -> T {
        let mut reading = Reading::of(FieldPath::root());
        let value = read(&mut reading);
        self.findings.extend(reading.findings.into_iter().map(|finding| at(finding, layer)));
        value
    }

    /// The value of one field.
    pub(super) fn field<T: Clone + 'l>(
        &mut self,
        code: Code,
        field: &str,
        of: impl Fn(&'l IngressParams) -> Option<&'l Checked<T>>,
    ) -> Option<T> {
        let (text, layer) = self.given(of)?;
        self.read(Some(layer), |reading| reading.field(code, field, Some(text)))
    }

    /// Reports a field that has no effect with the overlay.
    pub(super) fn unused(&mut self, field: &'static str, overlay: Overlay, layer: &Layer) {
        let unused = UnusedParameter { field, overlay };
        self.read(Some(layer), |reading| reading.report(field, unused));
    }
}
