//! Streams that kubectl takes for JSON: those that begin with a brace.

use serde::de::IgnoredAny;

use super::tree::Tree;
use crate::error::SourceError;

/// Whether kubectl reads a text as JSON first (k8s.io/apimachinery, `pkg/util/yaml/decoder.go`:
/// `IsJSONBuffer`).
pub(crate) fn begins(source: &str) -> bool {
    source.trim_start().starts_with('{')
}

/// Whether a text is JSON objects, with nothing or blanks between them.
pub(super) fn is_stream(source: &str) -> bool {
    let mut objects = serde_json::Deserializer::from_str(source).into_iter::<IgnoredAny>();
    objects.all(|object| object.is_ok())
}

/// Checks that kubectl finds what is after a first object that is JSON: a further one, or a line
/// that begins with `---`, with which it begins to read YAML (`YAMLOrJSONDecoder`).
pub(super) fn check_rest(source: &str, tree: &Tree) -> Result<(), SourceError> {
    let Some(root) = tree.roots.first().filter(|_| begins(source)) else { return Ok(()) };
    let end = tree.span(*root).end;
    let rest = source[end..].trim_ascii_start();
    let at = source.len() - rest.len();
    let is_marker = rest.starts_with("---") && source[..at].ends_with('\n');
    let is_json = || serde_json::from_str::<IgnoredAny>(&source[..end]).is_ok();
    if rest.is_empty() || is_marker || !is_json() || is_stream(source) {
        return Ok(());
    }
    let message = "kubectl reads a text that begins with `{` as JSON and refuses this; remove it, or begin the text with a line `---`";
    Err(SourceError::at(source, at, message))
}

/// Whether the documents of a text are JSON objects, with no line `---` between them.
pub(crate) fn is_stream_of(source: &str, tree: &Tree) -> bool {
    let [first, second, ..] = tree.roots[..] else { return false };
    let between = &source[tree.span(first).end..tree.span(second).start];
    begins(source) && between.trim_ascii().is_empty()
}
