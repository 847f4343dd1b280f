//! What the members of a group say of one thing, and how the controller's messages show it.

use std::collections::BTreeSet;

use super::error::BuildError;

/// How many members agree on something.
pub(super) enum One<'a> {
    /// None says it.
    None,
    /// All that say it agree.
    Only(&'a str),
    /// They do not.
    Several,
}

pub(super) fn one<'a>(set: &BTreeSet<&'a str>) -> One<'a> {
    let mut members = set.iter();
    match (members.next(), members.next()) {
        (None, _) => One::None,
        (Some(only), None) => One::Only(only),
        (Some(_), Some(_)) => One::Several,
    }
}

pub(super) fn conflict(set: &BTreeSet<&str>, what: &str) -> Result<(), BuildError> {
    if set.len() > 1 {
        return Err(BuildError::new(format!("conflicting {what}: ")).quoting(&as_go_list(set)));
    }
    Ok(())
}

/// Two members give a list differently.
pub(super) fn conflicting_lists(
    words: &str,
    first: &[String],
    other: &[String],
    suffix: &'static str,
) -> BuildError {
    let list = |list: &[String]| format!("[{}]", list.join(" "));
    let error = BuildError::new(words).quoting(&list(first)).saying(" | ");
    error.quoting(&list(other)).of_annotation(suffix)
}

/// A Go set as `%v` shows it.
pub(super) fn as_go_set(set: &BTreeSet<&str>) -> String {
    let members: Vec<_> = set.iter().map(|member| format!("{member}:{{}}")).collect();
    format!("map[{}]", members.join(" "))
}

/// A Go list as `%v` shows it.
pub(super) fn as_go_list(set: &BTreeSet<&str>) -> String {
    format!("[{}]", set.iter().copied().collect::<Vec<_>>().join(" "))
}
