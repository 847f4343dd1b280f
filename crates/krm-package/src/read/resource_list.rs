//! What makes a document a ResourceList.

use std::borrow::Cow;

use super::NodeRef;
use crate::error::SourceError;
use crate::syntax::tree::{NodeId, Tree};
use crate::text::excerpt::Excerpt;

/// The one document as a ResourceList, and its `items`, which may be absent.
///
/// # Errors
/// Why the documents are not one ResourceList.
pub(crate) fn resource_list(
    source: &str,
    tree: &Tree,
) -> Result<(NodeId, Option<NodeId>), SourceError> {
    let [list] = tree.roots[..] else {
        let offset = tree.roots.get(1).map_or(0, |second| tree.span(*second).start);
        return Err(SourceError::at(
            source,
            offset,
            match tree.roots.len() {
                0 => "the input is empty; expected a ResourceList",
                _ => "expected one ResourceList, found a second document",
            },
        ));
    };
    let root = NodeRef { source, tree, id: list };
    if !root.is_mapping() {
        return Err(SourceError::at(
            source,
            tree.span(list).start,
            "expected a ResourceList, found something other than a mapping",
        ));
    }
    let text = |key| root.get(key).and_then(NodeRef::as_str);
    let found = |text: Option<Cow<'_, str>>| {
        text.map_or("none".to_owned(), |text| Excerpt::new(&text).to_string())
    };
    let (kind, api_version) = (text("kind"), text("apiVersion"));
    if kind.as_deref() != Some("ResourceList") {
        return Err(SourceError::at(
            source,
            tree.span(list).start,
            format!("expected kind: ResourceList, found {}", found(kind)),
        ));
    }
    let known =
        ["v1", "v1beta1", "v1alpha1"].map(|version| format!("config.kubernetes.io/{version}"));
    if !known.iter().any(|known| Some(known.as_str()) == api_version.as_deref()) {
        return Err(SourceError::at(
            source,
            tree.span(list).start,
            format!("expected apiVersion: {}, found {}", known.join(" or "), found(api_version)),
        ));
    }
    let items = root.get("items").filter(|items| !items.is_null());
    if let Some(items) = items.filter(|items| !tree.node(items.id).form.is_sequence()) {
        let start = tree.span(items.id).start;
        return Err(SourceError::at(source, start, "items must be a list"));
    }
    Ok((list, items.map(|items| items.id)))
}
