//! The fields of the outer configuration that the fields of a function's configuration come from.

use crate::finding::{FieldPath, Finding};
use crate::runtime::Acceptances;

/// The fields of one step: what the function calls them, and what they are called outside. The first
/// that fits is taken, so that the longer come first.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(&'static str, String)>);

impl Fields {
    /// The certificate's, the Ingress's and the others' of a stage.
    pub(super) fn of(names: &[(&'static str, String)]) -> Self {
        Self(names.to_vec())
    }

    /// What the outer configuration accepts, as the function calls it.
    pub(super) fn inner(&self, function: &str, accepted: &Acceptances) -> Acceptances {
        let fields = |outer: &str| {
            let names = self.0.iter().filter_map(|(inner, name)| {
                let rest = outer.strip_prefix(name.as_str())?;
                let is_whole = rest.is_empty() || rest.starts_with(['.', '[']);
                is_whole.then(|| format!("{inner}{rest}"))
            });
            names.collect()
        };
        let message = |outer: &str| {
            let words = outer.strip_prefix(function).and_then(|rest| rest.strip_prefix(": "));
            words.unwrap_or(outer).to_owned()
        };
        accepted.renamed(fields, message)
    }

    /// A finding of the function with the field that the outer configuration's author knows.
    pub(super) fn outer(&self, mut finding: Finding) -> Finding {
        // A field of an object is called the same outside.
        if finding.resource.is_some() {
            return finding;
        }
        if let Some(field) = &mut finding.field {
            let path = field.path.to_string();
            let known = self.0.iter().find_map(|(inner, outer)| {
                let rest = path.strip_prefix(inner)?;
                let is_whole = rest.is_empty() || rest.starts_with(['.', '[']);
                is_whole.then(|| format!("{outer}{rest}"))
            });
            field.path = FieldPath::from(known.unwrap_or_else(|| "spec".to_owned()).as_str());
        }
        finding
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Code;

    #[test]
    fn names_the_outer_field() {
        let fields = Fields::of(&[
            ("spec.certArn", "spec.stages[1].certificate.arn".to_owned()),
            ("spec.httpHeaderValues", "spec.stages[1].ingress.tokens".to_owned()),
        ]);
        let outer = |path: &str| {
            let finding = Finding::warning(Code::TokenShort, "a token is short").field(path);
            let outer = fields.outer(finding);
            outer.field.unwrap().path.to_string()
        };
        assert_eq!(outer("spec.httpHeaderValues[0]"), "spec.stages[1].ingress.tokens[0]");
        assert_eq!(outer("spec.certArn"), "spec.stages[1].certificate.arn");
        assert_eq!(outer("spec.certArns"), "spec");
    }
}
