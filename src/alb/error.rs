//! Why the controller can't build a load balancer.

use std::fmt;

/// The controller's reason for not building a load balancer: an event on the members, and the
/// load balancer stays as it was.
///
/// Its `Display` and `Debug` leave out what the controller quotes of an annotation's text, since
/// that text may hold a token.
#[derive(Clone, PartialEq, Eq)]
pub struct BuildError {
    parts: Vec<Part>,
    /// The `namespace/name` of the Ingress that is to blame, where the controller knows it.
    ingress: Option<String>,
}

#[derive(Clone, PartialEq, Eq)]
enum Part {
    Said(String),
    Quoted(String),
}

impl BuildError {
    pub(crate) fn new(words: impl Into<String>) -> Self {
        Self { parts: vec![Part::Said(words.into())], ingress: None }
    }

    /// `before`, then an annotation's own text, then `after`.
    pub(crate) fn quoting(before: String, raw: &str, after: String) -> Self {
        let parts = vec![Part::Said(before), Part::Quoted(raw.to_owned()), Part::Said(after)];
        Self { parts, ingress: None }
    }

    pub(crate) fn within(mut self, context: &str) -> Self {
        self.parts.insert(0, Part::Said(format!("{context}: ")));
        self
    }

    pub(crate) fn of_ingress(mut self, key: &str) -> Self {
        self = self.within(&format!("ingress: {key}"));
        self.ingress = Some(key.to_owned());
        self
    }

    /// The Ingress that is to blame, as `namespace/name`, where the controller names one.
    #[must_use]
    pub fn ingress(&self) -> Option<&str> {
        self.ingress.as_deref()
    }

    /// The controller's own words. They may quote an annotation, and with it a token: compare
    /// them, never show them.
    #[must_use]
    pub fn controller_words(&self) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Said(words) | Part::Quoted(words) => words.as_str(),
            })
            .collect()
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            out.write_str(match part {
                Part::Said(words) => words,
                Part::Quoted(_) => "…",
            })?;
        }
        Ok(())
    }
}

impl fmt::Debug for BuildError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "BuildError({self})")
    }
}

impl std::error::Error for BuildError {}
