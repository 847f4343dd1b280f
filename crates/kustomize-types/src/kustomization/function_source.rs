//! An entry of `generators`, `transformers` or `validators`.

use serde::{Deserialize, Serialize};

/// Where a functionConfig is.
///
/// kustomize first reads an entry as the object itself, and takes it for a path where that fails
/// (`internal/target/kusttarget.go`). Here a text of more than one line, or one that starts with
/// `{`, is an object, since no path is; everything else is a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum FunctionSource {
    /// A file, a directory with a kustomization, or an address.
    Path(String),
    /// One or more YAML documents, as they are.
    Inline(String),
}

impl FunctionSource {
    /// The entry as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Path(text) | Self::Inline(text) => text,
        }
    }
}

impl From<String> for FunctionSource {
    fn from(text: String) -> Self {
        let trimmed = text.trim();
        if trimmed.contains('\n') || trimmed.starts_with('{') {
            Self::Inline(text)
        } else {
            Self::Path(text)
        }
    }
}

impl From<FunctionSource> for String {
    fn from(source: FunctionSource) -> Self {
        match source {
            FunctionSource::Path(text) | FunctionSource::Inline(text) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_paths_from_objects() {
        for (text, inline) in [
            ("fn.yaml", false),
            ("../a b/fn-config.yaml", false),
            ("https://example.com/a?ref=main", false),
            ("fn.yaml\n", false),
            ("apiVersion: v1\nkind: ConfigMap\n", true),
            ("{apiVersion: v1, kind: ConfigMap}", true),
            ("\n{}", true),
        ] {
            let source = FunctionSource::from(text.to_owned());
            assert_eq!(matches!(source, FunctionSource::Inline(_)), inline, "{text}");
            assert_eq!(source.as_str(), text);
        }
    }
}
