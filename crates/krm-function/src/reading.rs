//! Reading a configuration's fields, each wrong one with its place.

use std::fmt::Display;

use krm_package::FieldPath;

use super::checked::Checked;
use super::code::Code;
use super::diags::refused;
use super::finding::Finding;

/// Reads the checked fields of a configuration and gathers what is wrong with them.
///
/// ```
/// use std::net::IpAddr;
/// use krm_function::{Checked, Reading};
///
/// let hosts = ["10.0.0.1", "ten"].map(Checked::<IpAddr>::of);
/// let mut reading = Reading::of("spec");
/// let read = reading.list("host-invalid", "hosts", &hosts);
/// let port: Option<u16> = reading.require("port-missing", "port", None, "the port is required");
/// assert_eq!((read.len(), port, reading.is_sound()), (1, None, false));
/// let fields = reading.findings.iter().map(|found| found.field.as_ref().unwrap().path.to_string());
/// assert_eq!(fields.collect::<Vec<_>>(), ["spec.hosts[1]", "spec.port"]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Reading<C = &'static str> {
    /// What was found so far.
    pub findings: Vec<Finding<C>>,
    root: FieldPath,
}

impl<C: Code> Reading<C> {
    /// A reading of the fields below a path, `spec` for a function's own.
    #[must_use]
    pub fn of(root: impl Into<FieldPath>) -> Self {
        Self { findings: Vec::new(), root: root.into() }
    }

    /// Whether nothing read so far fails the run.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        !self.findings.iter().any(Finding::is_error)
    }

    /// The place of a field.
    #[must_use]
    pub fn path(&self, field: impl Into<FieldPath>) -> FieldPath {
        self.root.clone().join(&field.into())
    }

    /// Reports what there is to say of a field.
    pub fn report(&mut self, field: impl Into<FieldPath>, finding: impl Into<Finding<C>>) {
        let finding = finding.into().field(self.path(field));
        self.findings.push(finding);
    }

    /// Reports a field that is wrong.
    pub fn wrong(&mut self, code: C, field: impl Into<FieldPath>, message: impl Display) {
        self.report(field, refused(code, message));
    }

    /// The value of a text, where it is given and valid.
    pub fn field<T: Clone>(
        &mut self,
        code: C,
        field: impl Into<FieldPath>,
        text: Option<&Checked<T>>,
    ) -> Option<T> {
        match text?.get() {
            Ok(value) => Some(value.clone()),
            Err(invalid) => {
                self.wrong(code, field, &invalid.error);
                None
            }
        }
    }

    /// The values of the valid texts of a list.
    pub fn list<T: Clone>(
        &mut self,
        code: C,
        field: impl Into<FieldPath>,
        texts: &[Checked<T>],
    ) -> Vec<T> {
        let list = field.into();
        let mut values = Vec::new();
        for (place, text) in texts.iter().enumerate() {
            values.extend(self.field(code, list.clone().index(place), Some(text)));
        }
        values
    }

    /// A value that has to be given: reports its absence.
    pub fn require<T>(
        &mut self,
        code: C,
        field: impl Into<FieldPath>,
        value: Option<T>,
        message: &str,
    ) -> Option<T> {
        if value.is_none() {
            self.wrong(code, field, message);
        }
        value
    }
}
