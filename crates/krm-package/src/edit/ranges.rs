//! Whose each byte of a text is.
//!
//! When a text is read, it is tiled: each object has the ranges of [`Ranges`], one after the other, and
//! what lies between two objects is of the list or the stream that holds them. An edit rewrites ranges of
//! the object that it names, or puts lines between two ranges; all others are copied.

use super::page::Page;
use crate::read::contents::{Contents, Entry, List};
use crate::syntax::lines;
use crate::syntax::tree::NodeId;

/// The ranges of an object; each begins where the one before it ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ranges {
    /// What leads to it: the comment lines right above it and its dash, its `---`, or a comma.
    pub(crate) lead: usize,
    /// What it is, from the start of a line if nothing else is before it there, and the comment
    /// after its last line.
    pub(crate) text: usize,
    /// The line break of its last line.
    pub(crate) line_break: usize,
    /// The lines below it.
    pub(crate) below: usize,
    /// Up to here, a block scalar that ends the object would take the lines below for its text.
    pub(crate) open: usize,
    /// Up to here, the lines below go with the object.
    pub(crate) own: usize,
    /// Up to here, they are comments further in than the object's dash, or empty.
    pub(crate) end: usize,
    /// Up to here, all lines are empty or comments, whosever they are. A reader that takes them below the
    /// object as it was may refuse them below what an edit makes of it: they belong to its proof.
    pub(crate) proof: usize,
    /// It is between brackets, or is one of JSON's.
    pub(crate) in_flow: bool,
}

/// The ranges of all objects, in order.
pub(crate) fn tile(page: Page<'_>, contents: &Contents, is_json: bool) -> Vec<Ranges> {
    let mut all = vec![Ranges::default(); contents.items.len()];
    documents(page, &contents.documents, is_json, &mut all);
    for list in &contents.lists {
        entries(page, list, &mut all);
    }
    // A comment that is further in than the dash above it is of what it is below.
    for place in 1..all.len() {
        all[place].lead = all[place].lead.max(all[place - 1].end.min(all[place].text));
    }
    all
}

fn entries(page: Page<'_>, list: &List, all: &mut [Ranges]) {
    let Some(items) = list.items else { return };
    let is_flow = page.tree.node(items).form.is_flow();
    let mut before = page.tree.span(NodeId(items.0 - 1)).end;
    for (place, entry) in list.entries.iter().enumerate() {
        if let Some(item) = entry.item() {
            all[item] = match is_flow {
                true => between_brackets(page, entry.node, (place > 0).then_some(before)),
                false => after_dash(page, items, entry.node, (place > 0).then_some(before), before),
            };
        }
        before = page.tree.span(entry.node).end;
    }
}

/// Ranges of an entry that the comma before it leads to.
fn between_brackets(page: Page<'_>, node: NodeId, before: Option<usize>) -> Ranges {
    let span = page.tree.outer_span(node);
    let lead = before.unwrap_or(span.start);
    bare(lead, span.start, span.end, span.end)
}

/// Ranges of what has no lines of its own.
fn bare(lead: usize, text: usize, end: usize, own: usize) -> Ranges {
    let [line_break, below, open] = [end; 3];
    Ranges { lead, text, line_break, below, open, own, end: own, proof: own, in_flow: true }
}

fn after_dash(
    page: Page<'_>,
    sequence: NodeId,
    node: NodeId,
    entry_before: Option<usize>,
    before: usize,
) -> Ranges {
    let dash = page.dash_after(sequence, entry_before);
    let own_line = page.line_start(dash);
    let column = blanks(&page.source[own_line..]);
    let mut ranges = of_lines(page, node, own_line);
    // A line of what is before may look like a comment: it may be in a block scalar.
    while ranges.lead > 0 {
        let above = page.line_start(ranges.lead - 1);
        let is_comment = page.source[above..ranges.lead].trim_ascii_start().starts_with('#');
        if above <= before || !is_comment {
            break;
        }
        ranges.lead = above;
    }
    for (line, end) in lines_from(page.source, ranges.below) {
        match line.trim_ascii().as_bytes() {
            [] if line.is_empty() => {}
            [] => ranges.own = end,
            [b'#', ..] if blanks(line) > column => ranges.own = end,
            _ => break,
        }
        ranges.end = end;
    }
    ranges.open = ranges.open.min(ranges.end);
    ranges
}

/// The ranges of what is on lines, without the lines above and below it.
fn of_lines(page: Page<'_>, node: NodeId, lead: usize) -> Ranges {
    let span = page.tree.outer_span(node);
    let line = page.line_start(span.start);
    let has_its_line = page.source[line..span.start].bytes().all(|byte| byte == b' ');
    let text = if has_its_line { line } else { span.start };
    let line_break = page.line_end(span.end);
    let below = page.after_line_break(line_break).unwrap_or(line_break);
    let column = page.column(text);
    let mut open = below;
    for (line, end) in lines_from(page.source, below) {
        match line.trim_ascii().as_bytes() {
            [] => {}
            [b'#', ..] if blanks(line) > column => {}
            _ => break,
        }
        open = end;
    }
    let proof = free_lines(page.source, below).last().map_or(below, |(_, end)| end);
    Ranges { lead, text, line_break, below, open, own: below, end: below, proof, in_flow: false }
}

fn documents(page: Page<'_>, documents: &[Entry], is_json: bool, all: &mut [Ranges]) {
    let length = page.source.len();
    let spans = |place: usize| documents.get(place).map(|next| page.tree.outer_span(next.node));
    let lead_of = |place: usize| {
        let document = documents.get(place).filter(|_| !is_json)?;
        Some(lead_of_document(page, document.node))
    };
    let mut next_lead = lead_of(0);
    for (place, document) in documents.iter().enumerate() {
        let lead = next_lead.unwrap_or(length);
        next_lead = lead_of(place + 1);
        let Some(item) = document.item() else { continue };
        all[item] = if is_json {
            let span = page.tree.outer_span(document.node);
            let own = spans(place + 1).map_or(length, |next| next.start);
            bare(span.start, span.start, span.end, own)
        } else {
            let own = next_lead.unwrap_or(length);
            let ranges = of_lines(page, document.node, lead);
            let open = ranges.open.min(own);
            Ranges { open, own, end: open, ..ranges }
        };
    }
}

/// The `---` of a document, or its first comment or empty line.
fn lead_of_document(page: Page<'_>, root: NodeId) -> usize {
    let mut start = page.line_start(page.tree.outer_span(root).start);
    if is_marker(&page.source[start..page.line_end(start)]) {
        return start;
    }
    // Nothing of the document before, a block scalar of which may look like a comment.
    let place = page.tree.roots.partition_point(|other| *other < root);
    let before = place.checked_sub(1).map(|before| page.tree.span(page.tree.roots[before]).end);
    while start > 0 {
        let above = page.line_start(start - 1);
        let line = page.source[above..start].trim_ascii_end();
        if is_marker(line) {
            return above;
        }
        let leads = line.is_empty() || line.trim_ascii_start().starts_with('#');
        if !leads || before.is_some_and(|before| above <= before) {
            break;
        }
        start = above;
    }
    start
}

/// Whether a document begins with this line.
fn is_marker(line: &str) -> bool {
    let line = line.trim_start_matches('\u{feff}').trim_ascii_end();
    line == "---" || line.starts_with("--- ") || line.starts_with("---\t")
}

fn blanks(line: &str) -> usize {
    line.bytes().take_while(|byte| *byte == b' ').count()
}

/// The lines from a place on without their line breaks, each with the start of the next one.
fn lines_from(source: &str, mut at: usize) -> impl Iterator<Item = (&str, usize)> {
    std::iter::from_fn(move || {
        if at == source.len() {
            return None;
        }
        let start = at;
        let end = lines::line_end(source, at);
        at = lines::after_line_break(source, end).unwrap_or(end);
        Some((&source[start..end], at))
    })
}

/// Those of them that are empty or comments, up to the first other one.
pub(super) fn free_lines(source: &str, at: usize) -> impl Iterator<Item = (&str, usize)> {
    let is_free = |line: &str| matches!(line.trim_ascii().as_bytes(), [] | [b'#', ..]);
    lines_from(source, at).take_while(move |(line, _)| is_free(line))
}
