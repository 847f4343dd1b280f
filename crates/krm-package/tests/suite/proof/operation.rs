//! One operation on one object, made by the engine and judged without it.

use json_patch::jsonptr::{PointerBuf, Token};
use json_patch::{AddOperation, Patch, PatchOperation, RemoveOperation, ReplaceOperation};
use krm_package::yaml::Form;
use krm_package::{Edit, EditError, ItemId, Package};
use serde_json::Value;

use super::compare::{Verdict, compared};
use super::marked::{Change, Marked, assert_only, documents, named_lines};

/// An operation with its path in words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Operation {
    pub(crate) change: Change,
    pub(crate) path: Vec<String>,
    /// Unused where something is removed.
    pub(crate) value: Value,
}

impl Operation {
    pub(crate) fn patch(&self) -> Patch {
        let path =
            PointerBuf::from_tokens(self.path.iter().map(|token| Token::new(token.as_str())));
        let value = self.value.clone();
        Patch(vec![match self.change {
            Change::Add => PatchOperation::Add(AddOperation { path, value }),
            Change::Replace => PatchOperation::Replace(ReplaceOperation { path, value }),
            Change::Remove => PatchOperation::Remove(RemoveOperation { path }),
        }])
    }

    fn edit(&self, item: ItemId) -> Edit {
        Edit::Patch { item, operations: self.patch() }
    }
}

/// What came of an operation on which nothing was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Made(String),
    Refused(EditError),
    /// RFC 6902 does not allow the operation, and the engine refuses it too.
    Impossible,
}

/// Makes an operation on the first object of a stream.
///
/// # Errors
/// What is wrong with the text that the engine gives: another value than RFC 6902 says, another
/// reading by the second parser, a line that no operation named, a second run that differs.
pub(crate) fn judged(text: &str, value: &Value, operation: &Operation) -> Result<Outcome, String> {
    let package = Package::stream(text).map_err(|error| format!("refused: {error}"))?;
    let mut wanted = value.clone();
    let is_possible = json_patch::patch(&mut wanted, &operation.patch()).is_ok();
    let edit = operation.edit(ItemId(0));
    let after = match (package.apply(std::slice::from_ref(&edit), &[]), is_possible) {
        (Ok(after), true) => after.to_string(),
        (Ok(after), false) => return Err(format!("an impossible edit gave {after}")),
        (Err(_), false) => return Ok(Outcome::Impossible),
        (Err(error), true) => {
            let position = error.error.position;
            let line = text.split('\n').nth(position.line.wrapping_sub(1));
            let Some(line) = line else {
                return Err(format!("{error:?} is of no line"));
            };
            if position.column == 0 || position.column > line.chars().count() + 1 {
                return Err(format!("{error:?} is of no column of {line:?}"));
            }
            return Ok(Outcome::Refused(error));
        }
    };
    let found = value_of(&after)?;
    if found != wanted {
        return Err(format!("{after}\n{after:?}\nis {found}\nnot {wanted}"));
    }
    match compared(&after)? {
        Verdict::Same { .. } | Verdict::SecondPanics => {}
        other => return Err(format!("{after}\n{after:?}\n{other:?}")),
    }
    only_named_lines(text, &after, operation).map_err(|error| format!("{after}\n{error}"))?;
    let set = Operation { change: Change::Replace, ..operation.clone() };
    if operation.change == Change::Replace {
        let again = Package::stream(&after).unwrap().apply(&[set.edit(ItemId(0))], &[]);
        let again = again.map_err(|error| format!("{after}\na second run: {error:?}"))?.to_string();
        if again != after {
            return Err(format!("{after}\nis after a second run\n{again}"));
        }
    }
    Ok(Outcome::Made(after))
}

fn value_of(text: &str) -> Result<Value, String> {
    let package = Package::stream(text).map_err(|error| format!("{text}\n{text:?}\n{error}"))?;
    let item = package.items().next().ok_or("no object is left")?.1;
    item.value().map_err(|error| error.to_string())
}

fn only_named_lines(before: &str, after: &str, operation: &Operation) -> Result<(), String> {
    let Ok(roots) = documents(before) else { return Ok(()) };
    let lines: Vec<&str> = before.split('\n').collect();
    let named = named_lines(&roots[0], &operation.path, operation.change, &lines)
        .ok_or("the second parser finds no such place")?;
    assert_only(named, before, after).map_err(|error| format!("{named:?}: {error}"))?;
    match node_at(&roots[0], &operation.path) {
        Some(node) if operation.change == Change::Replace => {
            same_around(before, after, node, &operation.value)
        }
        _ => Ok(()),
    }
}

fn node_at<'m>(root: &'m Marked, path: &[String]) -> Option<&'m Marked> {
    path.iter().try_fold(root, |node, token| Some(&node.entries[node.child(token)?].1))
}

/// A scalar on one line gives its place to another, and what stands around it stays: the key, the
/// comment, the blanks.
fn same_around(before: &str, after: &str, node: &Marked, value: &Value) -> Result<(), String> {
    let is_inline = value.as_array().is_none_or(Vec::is_empty)
        && value.as_object().is_none_or(serde_json::Map::is_empty);
    let (start, end) = (node.node.start, node.node.end);
    let is_simple = matches!(node.node.form, Form::Plain | Form::SingleQuoted | Form::DoubleQuoted);
    if !is_inline || !is_simple || start.line != end.line {
        return Ok(());
    }
    let line = before.split('\n').nth(start.line).unwrap_or_default();
    let line = line.strip_prefix(if start.line == 0 { "\u{feff}" } else { "" }).unwrap_or(line);
    let at = |column| line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
    let (lead, rest) = (&line[..at(start.column)], &line[at(end.column)..]);
    // A value on a line of its own may move up behind its key.
    if lead.trim().is_empty() {
        return Ok(());
    }
    let now = after.split('\n').nth(start.line).unwrap_or_default().trim_start_matches('\u{feff}');
    if now.starts_with(lead) && now.ends_with(rest) {
        Ok(())
    } else {
        Err(format!("{line:?} became {now:?}"))
    }
}
