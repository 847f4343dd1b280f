//! A text's nodes with the lines that each of them takes, as the second parser has them: what an
//! edit may change, found without the engine.

use krm_package::yaml::Form;

use super::second_reader::{Node, Place, Refusal, Step, steps};

/// A node and what is below it.
#[derive(Debug, Clone)]
pub(crate) struct Marked {
    pub(crate) node: Node,
    /// Entries of a mapping have keys, those of a sequence have none.
    pub(crate) entries: Vec<(Option<Marked>, Marked)>,
}

/// Lines from `first` to before `end`, counted from 0; where both are the same, something new can
/// stand before that line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lines {
    pub(crate) first: usize,
    pub(crate) end: usize,
}

/// What an operation does at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Add,
    Replace,
    Remove,
}

/// The root of each document.
pub(crate) fn documents(source: &str) -> Result<Vec<Marked>, Refusal> {
    let mut roots = Vec::new();
    let mut open: Vec<(Marked, Option<Marked>)> = Vec::new();
    for step in steps(source)? {
        let mut done = match step {
            Step::Document => continue,
            Step::Node(node) => {
                let is_collection = is_mapping(node.form) || is_sequence(node.form);
                let marked = Marked { node, entries: Vec::new() };
                if is_collection {
                    open.push((marked, None));
                    continue;
                }
                marked
            }
            Step::End(place) => {
                let (mut marked, _) = open.pop().unwrap();
                marked.node.end = place;
                marked
            }
        };
        if let Some((parent, key)) = open.last_mut() {
            if is_mapping(parent.node.form) && key.is_none() {
                *key = Some(done);
            } else {
                done.entries.shrink_to_fit();
                parent.entries.push((key.take(), done));
            }
        } else {
            roots.push(done);
        }
    }
    Ok(roots)
}

fn is_mapping(form: Form) -> bool {
    matches!(form, Form::BlockMapping | Form::FlowMapping)
}

fn is_sequence(form: Form) -> bool {
    matches!(form, Form::BlockSequence | Form::FlowSequence)
}

impl Marked {
    fn is_flow(&self) -> bool {
        matches!(self.node.form, Form::FlowMapping | Form::FlowSequence)
    }

    /// The line behind the node's last one that is not blank; blank lines belong to a `|+`.
    fn end_line(&self, lines: &[&str]) -> usize {
        if let Some((key, last)) = self.entries.last().filter(|_| !self.is_flow()) {
            let key_end = key.as_ref().map_or(0, |key| key.end_line(lines));
            return last.end_line(lines).max(key_end);
        }
        if !matches!(self.node.form, Form::Literal | Form::Folded) {
            return self.node.end.line + 1;
        }
        let first = self.node.start.line;
        let mut end = self.node.end.line.max(first + 1);
        // The last line of a text has no line break to end it.
        if end == lines.len() - 1 && self.node.end.column > 0 {
            end += 1;
        }
        let header = &lines[first][first_column(lines[first], self.node.start)..];
        let header = header.split(" #").next().unwrap();
        let keeps = header.contains("|+") || header.contains(">+") || header.ends_with('+');
        while !keeps && end > first + 1 && lines[end - 1].trim().is_empty() {
            end -= 1;
        }
        end
    }

    /// Whether the node begins behind a dash on its line.
    fn is_compact(&self, lines: &[&str]) -> bool {
        let line = lines[self.node.start.line];
        let lead = &line[..first_column(line, self.node.start)];
        lead.chars().any(|c| c != ' ' && c != '\u{feff}')
    }

    pub(crate) fn child(&self, token: &str) -> Option<usize> {
        if is_sequence(self.node.form) {
            return token.parse().ok().filter(|place| *place < self.entries.len());
        }
        self.entries
            .iter()
            .position(|(key, _)| key.as_ref().is_some_and(|key| key.node.text == token))
    }
}

fn first_column(line: &str, place: Place) -> usize {
    line.char_indices().nth(place.column).map_or(line.len(), |(at, _)| at)
}

/// The line of the dash before an entry that may begin on a line below it.
fn dash_line(entry: &Marked, lines: &[&str]) -> usize {
    let start = entry.node.start;
    let mut line = start.line.min(lines.len() - 1);
    let mut before = &lines[line][..first_column(lines[line], start)];
    while line > 0 && !before.contains('-') {
        line -= 1;
        before = lines[line].split('#').next().unwrap();
    }
    line
}

/// The lines that an operation on one document names; `None` where the path leads nowhere, or
/// through an alias.
///
/// `lines` are those of the whole text. All of a node that is replaced or removed is named with
/// its key or dash; what is added names no line in block style, and its collection's in flow style.
pub(crate) fn named_lines(
    root: &Marked,
    path: &[String],
    change: Change,
    lines: &[&str],
) -> Option<Lines> {
    let Some((last, above)) = path.split_last() else {
        let first = root.node.start.line;
        return Some(Lines { first, end: root.end_line(lines) });
    };
    let mut parent = root;
    // The line on which what leads to the parent stands.
    let mut parent_line = root.node.start.line;
    for token in above {
        let (key, value) = &parent.entries[parent.child(token)?];
        parent_line = if parent.is_flow() {
            parent_line
        } else {
            key.as_ref().map_or_else(|| dash_line(value, lines), |key| key.node.start.line)
        };
        parent = value;
        if parent.node.form == Form::Alias {
            return None;
        }
    }
    let all_of_parent = Lines { first: parent_line, end: parent.end_line(lines) };
    if !is_mapping(parent.node.form) && !is_sequence(parent.node.form) {
        return None;
    }
    let place =
        if last == "-" && is_sequence(parent.node.form) { None } else { parent.child(last) };
    if parent.is_flow() || parent.entries.is_empty() {
        return Some(all_of_parent);
    }
    let first_line = |place: usize| {
        let (key, value) = &parent.entries[place];
        key.as_ref().map_or_else(|| dash_line(value, lines), |key| key.node.start.line)
    };
    let Some(place) = place else {
        if change != Change::Add {
            return None;
        }
        let end = parent.end_line(lines);
        return Some(Lines { first: end, end });
    };
    let (key, value) = &parent.entries[place];
    let own = Lines {
        first: first_line(place),
        end: value.end_line(lines).max(key.as_ref().map_or(0, |key| key.end_line(lines))),
    };
    match change {
        Change::Add if is_sequence(parent.node.form) => {
            // `- - a`: the new entry takes the old one's place behind the outer dash.
            let end =
                if place == 0 && parent.is_compact(lines) { own.first + 1 } else { own.first };
            Some(Lines { first: own.first, end })
        }
        Change::Remove if parent.entries.len() == 1 => Some(all_of_parent),
        // What comes next moves up behind the dash of `- key: …`.
        Change::Remove if place == 0 && parent.is_compact(lines) => {
            Some(Lines { first: own.first, end: first_line(1) + 1 })
        }
        _ => Some(own),
    }
}

/// Checks that an edited text differs from the one before in the named lines alone.
///
/// # Errors
/// The first line that differs and is not named.
pub(crate) fn assert_only(named: Lines, before: &str, after: &str) -> Result<(), String> {
    let marked = |text: &str| text.starts_with('\u{feff}');
    if marked(before) != marked(after) {
        return Err("the byte-order mark came or went".into());
    }
    let old: Vec<&str> = before.trim_start_matches('\u{feff}').split('\n').collect();
    let new: Vec<&str> = after.trim_start_matches('\u{feff}').split('\n').collect();
    // A line that was the last, without a line break, may get one.
    let same = |place: usize, old_line: &str, new_line: &str| {
        old_line == new_line
            || (place + 1 == old.len() && new_line.strip_suffix('\r') == Some(old_line))
            // The new last line has no line break, as the old one had none.
            || (place + 1 == new.len() && old_line.strip_suffix('\r') == Some(new_line))
    };
    for (place, line) in old.iter().enumerate().take(named.first) {
        if !new.get(place).is_some_and(|now| same(place, line, now)) {
            return Err(format!("line {} was {line:?}, is {:?}", place + 1, new.get(place)));
        }
    }
    let behind = old.len().saturating_sub(named.end);
    let new_behind = new.len().saturating_sub(behind).max(named.first.min(new.len()));
    // The break behind what was the last line can go with it.
    if behind == 0 || (behind == 1 && old[old.len() - 1].is_empty() && new.len() <= named.first) {
        return Ok(());
    }
    for (place, line) in old[named.end..].iter().enumerate() {
        if new.get(new_behind + place) != Some(line) {
            return Err(format!(
                "line {} was {line:?}, is {:?} on line {}",
                named.end + place + 1,
                new.get(new_behind + place),
                new_behind + place + 1
            ));
        }
    }
    Ok(())
}
