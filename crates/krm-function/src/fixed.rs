//! The fixes of findings in the text of the files that the findings are placed in.

use std::collections::HashSet;
use std::ops::Range;

use krm_package::{Edit, FieldPath, ItemId, LineIndex, Package, Position, Spliced};

use super::files::Files;
use super::finding::Finding;
use super::fix::{Fix, Replacement};
use super::secrets::Secrets;

/// A file's text with fixes applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The text.
    pub text: String,
    /// How many fixes were applied.
    pub fixes: usize,
}

/// Applies the safe fixes of findings to the text of the file that they are placed in; `None` where no
/// fix applies. Of an accepted finding there is nothing to fix. A fix that the engine refuses, or that
/// another one makes void, is left: a finding of the next run has it again.
#[must_use]
pub fn fixed<C>(text: &str, file: &str, findings: &[Finding<C>]) -> Option<Fixed> {
    let package = parsed(text)?;
    let mut files = Files::default();
    files.push(1, file);
    let objects = Objects::of(&package, text, &files);
    let mut edits: Vec<Edit> = Vec::new();
    let mut shifted: HashSet<ItemId> = HashSet::new();
    for finding in findings.iter().filter(|finding| finding.accepted.is_none()) {
        let Some(fix) = finding.fix.as_ref().filter(|fix| fix.is_safe) else { continue };
        let Some(item) = objects.named(finding) else { continue };
        let edit = patch(item, fix);
        if edits.contains(&edit) || (fix.shifts_a_list() && !shifted.insert(item)) {
            continue;
        }
        edits.push(edit);
    }
    let fixes = edits.len();
    let whole = (fixes > 0).then(|| package.apply(&edits, &[]).ok()).flatten();
    let (spliced, fixes) = match whole {
        Some(spliced) => (spliced, fixes),
        // One of them does not apply, or not with another one.
        None => {
            let mut each = edits.iter().map(|edit| package.apply(std::slice::from_ref(edit), &[]));
            (each.find_map(Result::ok)?, 1)
        }
    };
    let text = spliced.to_string();
    Some(Fixed { text, fixes })
}

/// Looks up what the fixes of findings change in a text, which was put together from files. A change
/// that would show a secret is not shown.
pub fn locate_fixes<C>(text: &str, files: &Files, secrets: &Secrets, findings: &mut [Finding<C>]) {
    if findings.iter().all(|finding| finding.fix.is_none()) {
        return;
    }
    let Some(package) = parsed(text) else { return };
    let objects = Objects::of(&package, text, files);
    for finding in findings {
        let Some(item) = objects.named(finding) else { continue };
        let Some(fix) = &mut finding.fix else { continue };
        let Ok(spliced) = package.apply(&[patch(item, fix)], &[]) else { continue };
        let replacement = objects.replacement(&spliced);
        fix.replacement = replacement.filter(|found| !secrets.is_in(&found.text));
    }
}

fn parsed(text: &str) -> Option<Package<'_>> {
    Package::manifests(text).ok()
}

fn patch(item: ItemId, fix: &Fix) -> Edit {
    Edit::Patch { item, operations: fix.patch.clone() }
}

/// The objects of a text, by their place.
struct Objects<'t> {
    text: &'t str,
    files: &'t Files,
    lines: LineIndex<'t>,
    /// Where each starts, in order.
    starts: Vec<((usize, usize), ItemId)>,
}

impl<'t> Objects<'t> {
    fn of(package: &Package<'_>, text: &'t str, files: &'t Files) -> Self {
        let lines = LineIndex::of(text);
        let start = |node: krm_package::NodeRef<'_>| {
            let start = lines.position(node.marked(&FieldPath::root()).start);
            (start.line, start.column)
        };
        let mut starts: Vec<_> = package.items().map(|(id, node)| (start(node), id)).collect();
        starts.sort_unstable();
        Self { text, files, lines, starts }
    }

    /// The object in which a finding is placed.
    fn named<C>(&self, finding: &Finding<C>) -> Option<ItemId> {
        let place = finding.place.as_ref()?;
        let Position { line, column } = place.position?;
        let line = self.files.line_in_stream(&place.file, line)?;
        let after = self.starts.partition_point(|(start, _)| *start <= (line, column));
        self.starts.get(after.checked_sub(1)?).map(|(_, id)| *id)
    }

    /// The least part of the text that is other.
    fn replacement(&self, spliced: &Spliced<'_>) -> Option<Replacement> {
        let mut changes = spliced.changes();
        let (Some((range, new)), None) = (changes.next(), changes.next()) else { return None };
        let old = self.text.get(range.clone())?;
        let (part, new) = difference(old, new);
        let position = |offset: usize| {
            let Position { line, column } = self.lines.position(range.start + offset);
            let first = self.files.at(line).map_or(1, |(first, _)| first);
            Position { line: line - first + 1, column }
        };
        Some(Replacement {
            start: position(part.start),
            end: position(part.end),
            text: new.to_owned(),
        })
    }
}

/// What of a text is replaced, and by what.
fn difference<'n>(old: &str, new: &'n str) -> (Range<usize>, &'n str) {
    let same = |(old, new): &(char, char)| old == new;
    let length = |pairs: &mut dyn Iterator<Item = (char, char)>| {
        pairs.take_while(same).map(|(letter, _)| letter.len_utf8()).sum::<usize>()
    };
    let start = length(&mut old.chars().zip(new.chars()));
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let end = length(&mut old_rest.chars().rev().zip(new_rest.chars().rev()));
    (start..old.len() - end, &new_rest[..new_rest.len() - end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_is_the_least() {
        assert_eq!(difference("a: 1\nb: 2\n", "a: 1\nb: 3\n"), (8..9, "3"));
        assert_eq!(difference("a", "a: é"), (1..1, ": é"));
        assert_eq!(difference("aa", "a"), (1..2, ""));
        assert_eq!(difference("à", "è"), (0..2, "è"));
    }
}
