//! The engine's events against the second parser's.

use krm_package::yaml::{Event, Form};
use krm_package::{SourceError, events};

use super::second_reader::{Node, Refusal, Step, steps};

/// What came of a comparison that found no difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Same { nodes: usize },
    BothRefuse,
    EngineRefuses(SourceError),
    SecondRefuses(String),
    SecondPanics,
}

/// # Errors
/// The first difference, where both parsers read the text.
pub(crate) fn compared(source: &str) -> Result<Verdict, String> {
    let (ours, theirs) = match (events(source), steps(source)) {
        (Ok(ours), Ok(theirs)) => (ours, theirs),
        (_, Err(Refusal::Panic)) => return Ok(Verdict::SecondPanics),
        (Err(_), Err(_)) => return Ok(Verdict::BothRefuse),
        (Err(error), Ok(_)) => return Ok(Verdict::EngineRefuses(error)),
        (Ok(_), Err(Refusal::Error(error))) => return Ok(Verdict::SecondRefuses(error)),
    };
    let mut places = Places { source, offset: 0, line: 0, line_start: 0 };
    let mut nodes = 0;
    for (ours, theirs) in ours.iter().zip(&theirs) {
        nodes += 1;
        match (ours, theirs) {
            (Event::Document, Step::Document) | (Event::End, Step::End(_)) => {}
            (Event::Node { .. }, Step::Node(theirs)) => {
                same_node(source, ours, theirs, &mut places)?
            }
            _ => return Err(format!("{ours:?} is {theirs:?} to the second parser")),
        }
    }
    if ours.len() != theirs.len() {
        let longer = format!("{:?} {:?}", ours.get(theirs.len()), theirs.get(ours.len()));
        return Err(format!(
            "{} events, {} of the second parser: {longer}",
            ours.len(),
            theirs.len()
        ));
    }
    Ok(Verdict::Same { nodes })
}

fn same_node(
    source: &str,
    ours: &Event<'_>,
    theirs: &Node,
    places: &mut Places<'_>,
) -> Result<(), String> {
    let Event::Node { form, text, anchor, tag, span } = ours else {
        return Err(format!("{ours:?} is not a node"));
    };
    let differ = |what: &str| Err(format!("{what}: {ours:?} is {theirs:?} to the second parser"));
    if (*form, &**text) != (theirs.form, theirs.text.as_str()) {
        return differ("form or text");
    }
    if anchor.as_deref() != theirs.anchor.as_deref() {
        return differ("anchor");
    }
    let full = tag.as_ref().map(|tag| match tag.strip_prefix("!!") {
        Some(name) => format!("tag:yaml.org,2002:{name}"),
        None => tag.trim_start_matches("!<").trim_end_matches('>').to_owned(),
    });
    // A `%TAG` line can give a handle any meaning.
    if full != theirs.tag && !source.contains("%TAG") && !source.contains("%") {
        return differ("tag");
    }
    let has_properties = anchor.is_some() || tag.is_some();
    let is_collection = matches!(form, Form::BlockMapping | Form::BlockSequence);
    let start = places.of(span.start);
    if *form != Form::Empty && !has_properties && start != (theirs.start.line, theirs.start.column)
    {
        return differ(&format!("starts at {start:?}"));
    }
    let ends_alike =
        matches!(form, Form::Plain | Form::SingleQuoted | Form::DoubleQuoted | Form::Alias);
    debug_assert!(!(ends_alike && is_collection));
    if ends_alike {
        // Aside, so that the walk stays in order.
        let end = places.clone().of(span.end);
        if end != (theirs.end.line, theirs.end.column) {
            return differ(&format!("ends at {end:?}"));
        }
    }
    Ok(())
}

/// A byte-order mark takes no column where it begins the text.
fn first_mark(line: usize) -> &'static str {
    if line == 0 { "\u{feff}" } else { "" }
}

/// Lines and columns of offsets that only grow, in one walk.
#[derive(Clone)]
struct Places<'s> {
    source: &'s str,
    offset: usize,
    line: usize,
    line_start: usize,
}

impl Places<'_> {
    fn of(&mut self, offset: usize) -> (usize, usize) {
        let bytes = self.source.as_bytes();
        while self.offset < offset {
            let at = self.offset;
            self.offset += 1;
            let is_break = match bytes[at] {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            if is_break {
                self.line += 1;
                self.line_start = self.offset;
            }
        }
        let line = &self.source[self.line_start.min(offset)..offset];
        (self.line, line.strip_prefix(first_mark(self.line)).unwrap_or(line).chars().count())
    }
}
