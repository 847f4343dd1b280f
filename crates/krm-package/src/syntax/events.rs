//! A text as a row of events: for values that somebody reads as YAML by rules of their own, and for tests
//! that hold the parser against another one.

use std::borrow::Cow;
use std::ops::Range;

use super::compose::parse_first;
use super::parse::parse;
use super::scalar;
use super::tree::{Form, NodeId, Tree};
use crate::error::SourceError;

/// One step of a walk over a source's nodes in document order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'s> {
    /// A document that is not empty.
    Document,
    /// A node; a collection's entries follow it, and then its end.
    Node {
        /// How it is written.
        form: Form,
        /// What a scalar says; an alias's name; nothing for a collection.
        text: Cow<'s, str>,
        /// The name of the node's own anchor.
        anchor: Option<&'s str>,
        /// The tag as it is written.
        tag: Option<&'s str>,
        /// The node's bytes, after its anchor and tag.
        span: Range<usize>,
    },
    /// The end of the innermost collection.
    End,
}

/// Every node of a stream of documents.
///
/// # Errors
/// Text that the engine does not read.
pub fn events(source: &str) -> Result<Vec<Event<'_>>, SourceError> {
    parse(source).map(|tree| walk(source, &tree))
}

/// Every node of the first document of a text, as `go.yaml.in/yaml/v2` reads one: a key may be twice,
/// and what follows the document is left. [`Plain`](super::scalar::Plain) says what its plain scalars are.
///
/// ```
/// use krm_package::yaml::{Event, Plain, first_document};
///
/// let events = first_document("a: yes\na: 0644\n---\nb: 1\n")?;
/// let scalars = events.iter().filter_map(|event| match event {
///     Event::Node { form, text, .. } if form.is_scalar() => Some(Plain::of(text)),
///     _ => None,
/// });
/// let values: Vec<Plain> = scalars.filter(|scalar| *scalar != Plain::Text).collect();
/// assert_eq!(values, [Plain::Boolean(true), Plain::Integer(420)]);
/// # Ok::<(), krm_package::SourceError>(())
/// ```
///
/// # Errors
/// Text that Go's readers refuse, or that is nested without measure.
pub fn first_document(source: &str) -> Result<Vec<Event<'_>>, SourceError> {
    parse_first(source).map(|tree| walk(source, &tree))
}

fn walk<'s>(source: &'s str, tree: &Tree) -> Vec<Event<'s>> {
    let mut events = Vec::new();
    // Ends of the open collections, innermost last.
    let mut open: Vec<u32> = Vec::new();
    for place in 0..tree.nodes.len() as u32 {
        let id = NodeId(place);
        while open.pop_if(|end| *end == place).is_some() {
            events.push(Event::End);
        }
        if open.is_empty() {
            events.push(Event::Document);
        }
        events.push(node(source, tree, id));
        let form = tree.node(id).form;
        if form.is_mapping() || form.is_sequence() {
            open.push(tree.node(id).next);
        }
    }
    events.extend(open.iter().map(|_| Event::End));
    events
}

fn node<'s>(source: &'s str, tree: &Tree, id: NodeId) -> Event<'s> {
    let node = tree.node(id);
    let span = tree.span(id);
    let properties = tree.properties(id);
    let written = |range: &Range<u32>| &source[range.start as usize..range.end as usize];
    let text = match node.form {
        Form::Alias => Cow::Borrowed(&source[span.start + 1..span.end]),
        form if form.is_scalar() => scalar::text(source, node),
        _ => Cow::Borrowed(""),
    };
    Event::Node {
        form: node.form,
        text,
        anchor: properties.and_then(|own| own.anchor.as_ref()).map(|range| &written(range)[1..]),
        tag: properties.and_then(|own| own.tag.as_ref()).map(written),
        span,
    }
}
