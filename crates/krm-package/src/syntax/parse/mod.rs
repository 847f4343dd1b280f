//! Source to tree.

use super::compose::compose;
use super::json;
use super::skim;
use super::tree::Tree;
use crate::error::SourceError;

/// Reads a YAML stream.
///
/// The common way of writing is read by [`skim`], several times as fast; what that leaves, and every text
/// with an error, is read by [`compose`](mod@super::compose), which knows all of YAML as Go's readers do.
///
/// # Errors
/// What kubectl, kustomize and kpt do not all take, and what they take for different things; duplicate
/// keys, aliases that expand without measure, nesting of more than 250, and text of 4 GiB or more.
pub(crate) fn parse(source: &str) -> Result<Tree, SourceError> {
    let (tree, is_json_stream) = read(source)?;
    if !is_json_stream {
        json::check_rest(source, &tree)?;
    }
    Ok(tree)
}

/// Reads a YAML stream that is a part of another text.
///
/// # Errors
/// As [`parse`].
pub(crate) fn parse_part(source: &str) -> Result<Tree, SourceError> {
    read(source).map(|(tree, _)| tree)
}

/// A text's tree, and whether it is known for JSON objects behind each other.
fn read(source: &str) -> Result<(Tree, bool), SourceError> {
    if u32::try_from(source.len()).is_err() {
        return Err(SourceError::at(source, 0, "the text is 4 GiB or longer; split it"));
    }
    match skim::read(source) {
        Some(skimmed) => Ok((skimmed.tree, skimmed.is_json_stream)),
        None => compose(source).map(|tree| (tree, false)),
    }
}

#[cfg(test)]
mod tests;
