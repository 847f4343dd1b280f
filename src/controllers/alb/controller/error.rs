//! Why the controller cannot build a load balancer.

use std::borrow::Cow;
use std::fmt;

use krm_package::text::excerpt::SHORTEST_TOKEN;
use krm_package::text::suggest::{hint, nearest};

use super::conditions::HeaderValue;

/// What a build fails at, where more is to be said of it than the controller says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum BuildErrorKind {
    /// The scheme, which one load balancer has one of.
    Scheme,
    /// A login and JSON Web Tokens on one rule.
    LoginAndJwt,
    /// The Service of an instance target has no node port.
    NoNodePort,
    /// Anything else.
    #[default]
    Other,
}

/// The controller's reason for not building a load balancer: an event on the members, and the
/// load balancer stays as it was.
///
/// Its `Display` and `Debug` leave out what the controller quotes of an annotation's text, since
/// that text may hold a token.
#[derive(Clone, PartialEq, Eq)]
pub struct BuildError {
    kind: BuildErrorKind,
    parts: Vec<Part>,
    /// The `namespace/name` of the Ingress that is to blame, where the controller knows it.
    ingress: Option<String>,
    /// The annotation that is to blame, without its prefix.
    annotation: Option<Cow<'static, str>>,
    /// What to write instead, which the controller does not say.
    advice: Option<String>,
}

#[derive(Clone, PartialEq, Eq)]
enum Part {
    Said(String),
    Quoted(String),
}

impl BuildError {
    pub(crate) fn new(words: impl Into<String>) -> Self {
        Self {
            kind: BuildErrorKind::Other,
            parts: vec![Part::Said(words.into())],
            ingress: None,
            annotation: None,
            advice: None,
        }
    }

    /// The words so far, then an annotation's own text.
    pub(crate) fn quoting(mut self, raw: &str) -> Self {
        self.parts.push(Part::Quoted(raw.to_owned()));
        self
    }

    /// The words so far, then a text that is none of those that are known. One that is short, or
    /// nearly one of them, is not a token, and shown.
    pub(crate) fn choosing(mut self, found: &str, known: &[&str]) -> Self {
        self.advice = Some(hint(found, known));
        if found.len() < SHORTEST_TOKEN || nearest(found, known).is_some() {
            self.saying(found)
        } else {
            self.quoting(found)
        }
    }

    /// The words so far, then these.
    pub(crate) fn saying(mut self, words: impl Into<String>) -> Self {
        self.parts.push(Part::Said(words.into()));
        self
    }

    /// An error of the annotation of this name, without its prefix.
    pub(crate) fn of_annotation(mut self, suffix: impl Into<Cow<'static, str>>) -> Self {
        self.annotation = Some(suffix.into());
        self
    }

    pub(crate) fn of_kind(mut self, kind: BuildErrorKind) -> Self {
        self.kind = kind;
        self
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
    pub(crate) fn ingress(&self) -> Option<&str> {
        self.ingress.as_deref()
    }

    /// The annotation that is to blame, without its prefix, where one is.
    #[must_use]
    pub(crate) fn annotation(&self) -> Option<&str> {
        self.annotation.as_deref()
    }

    /// What the build fails at.
    #[must_use]
    pub(crate) fn kind(&self) -> BuildErrorKind {
        self.kind
    }

    /// The controller's own words, to compare with the controller's. They may quote an annotation,
    /// and with it a token, so that they have no `Display`.
    #[doc(hidden)]
    #[must_use]
    pub fn controller_words(&self) -> HeaderValue {
        let words: String = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Said(words) | Part::Quoted(words) => words.as_str(),
            })
            .collect();
        HeaderValue::from(words.as_str())
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
        if let Some(advice) = &self.advice {
            write!(out, "; {advice}")?;
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
