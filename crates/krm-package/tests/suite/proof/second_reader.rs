//! YAML read by a parser that has nothing in common with the engine's: a port of libyaml, on which Go's reader,
//! and so kubectl, kustomize and kpt, are built too.

use std::panic::{AssertUnwindSafe, catch_unwind};

use krm_package::yaml::Form;
use libyaml_safer::{EventData, MappingStyle, Mark, Parser, ScalarStyle, SequenceStyle};

/// A step of a walk over a text's nodes, as the engine's own events are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Document,
    Node(Node),
    /// The end of the innermost collection, behind its bracket in flow style.
    End(Place),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) form: Form,
    pub(crate) text: String,
    pub(crate) anchor: Option<String>,
    /// In full: `tag:yaml.org,2002:str`.
    pub(crate) tag: Option<String>,
    /// Where the node begins, with its anchor and tag, and where it ends; lines and columns from 0.
    /// A block collection's end lies behind the blank lines that follow it.
    pub(crate) start: Place,
    pub(crate) end: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// Why the second parser gives no steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It refuses the text.
    Error(String),
    /// It has a fault of its own.
    Panic,
}

/// All nodes of a stream of documents.
pub(crate) fn steps(source: &str) -> Result<Vec<Step>, Refusal> {
    catch_unwind(AssertUnwindSafe(|| read(source))).unwrap_or(Err(Refusal::Panic))
}

fn read(source: &str) -> Result<Vec<Step>, Refusal> {
    let mut input = source.as_bytes();
    let mut parser = Parser::new();
    parser.set_input_string(&mut input);
    let mut steps = Vec::new();
    loop {
        let event = parser.parse().map_err(|error| Refusal::Error(error.to_string()))?;
        let (start, end) = (place(event.start_mark), place(event.end_mark));
        let node =
            |form, text, anchor, tag| Step::Node(Node { form, text, anchor, tag, start, end });
        steps.push(match event.data {
            EventData::StreamEnd => return Ok(steps),
            EventData::StreamStart { .. } | EventData::DocumentEnd { .. } => continue,
            EventData::DocumentStart { .. } => Step::Document,
            EventData::Alias { anchor } => node(Form::Alias, anchor, None, None),
            EventData::Scalar { anchor, tag, value, style, .. } => {
                let form = match style {
                    ScalarStyle::SingleQuoted => Form::SingleQuoted,
                    ScalarStyle::DoubleQuoted => Form::DoubleQuoted,
                    ScalarStyle::Literal => Form::Literal,
                    ScalarStyle::Folded => Form::Folded,
                    _ if value.is_empty() => Form::Empty,
                    _ => Form::Plain,
                };
                node(form, value, anchor, tag)
            }
            EventData::SequenceStart { anchor, tag, style, .. } => {
                let is_flow = style == SequenceStyle::Flow;
                let form = if is_flow { Form::FlowSequence } else { Form::BlockSequence };
                node(form, String::new(), anchor, tag)
            }
            EventData::MappingStart { anchor, tag, style, .. } => {
                let is_flow = style == MappingStyle::Flow;
                let form = if is_flow { Form::FlowMapping } else { Form::BlockMapping };
                node(form, String::new(), anchor, tag)
            }
            EventData::SequenceEnd | EventData::MappingEnd => Step::End(end),
        });
    }
}

fn place(mark: Mark) -> Place {
    Place { line: mark.line as usize, column: mark.column as usize }
}
