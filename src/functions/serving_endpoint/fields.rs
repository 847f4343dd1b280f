//! The fields of the outer configuration that the fields of a function's configuration come from.

use crate::finding::{FieldPath, Finding};

/// The fields of one step: what the function calls them, and what they are called outside. The first
/// that fits is taken, so that the longer come first.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(&'static str, String)>);

impl Fields {
    /// The certificate's, the Ingress's and the others' of a stage.
    pub(super) fn of(names: &[(&'static str, String)]) -> Self {
        Self(names.to_vec())
    }

    /// A finding of the function, as the outer configuration's author reads it.
    pub(super) fn outer(&self, function: &str, mut finding: Finding) -> Finding {
        finding.message = format!("{function}: {}", finding.message);
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
            let outer = fields.outer("set-ingress-params", finding);
            assert_eq!(outer.message, "set-ingress-params: a token is short");
            outer.field.unwrap().path.to_string()
        };
        assert_eq!(outer("spec.httpHeaderValues[0]"), "spec.stages[1].ingress.tokens[0]");
        assert_eq!(outer("spec.certArn"), "spec.stages[1].certificate.arn");
        assert_eq!(outer("spec.certArns"), "spec");
    }
}
