//! The way to a field of an object.

use std::fmt;
use std::mem;

use json_patch::jsonptr::PointerBuf;

/// One step on the way to a field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// A key of a mapping.
    Key(String),
    /// An entry of a list, counted from 0.
    Index(usize),
}

/// The way to a field, from an object's root.
///
/// It is shown as messages have it: keys after dots, a key that is not a word in brackets, entries by
/// their index in brackets. The same notation reads as a path, so a literal is one.
///
/// ```
/// use krm_package::FieldPath;
///
/// let host = FieldPath::from("spec.rules").index(0).key("host");
/// assert_eq!(host.to_string(), "spec.rules[0].host");
/// assert_eq!(host.to_pointer().to_string(), "/spec/rules/0/host");
///
/// let owner = FieldPath::from("metadata.annotations").key("example.com/owner");
/// assert_eq!(owner.to_string(), "metadata.annotations[example.com/owner]");
/// assert_eq!(owner.to_pointer().to_string(), "/metadata/annotations/example.com~1owner");
/// assert_eq!(FieldPath::from("metadata.annotations[example.com/owner]"), owner);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath(Vec<Segment>);

impl FieldPath {
    /// The object itself.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// The field below a key.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.0.push(Segment::Key(key.into()));
        self
    }

    /// The entry of a list.
    #[must_use]
    pub fn index(mut self, index: usize) -> Self {
        self.0.push(Segment::Index(index));
        self
    }

    /// A path below this one.
    #[must_use]
    pub fn join(mut self, below: &Self) -> Self {
        self.0.extend_from_slice(&below.0);
        self
    }

    /// The steps, outermost first.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Whether it is the object itself.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The rest of the path below another; `None` where it is not below it.
    #[must_use]
    pub fn below(&self, parent: &Self) -> Option<Self> {
        self.0.strip_prefix(parent.0.as_slice()).map(|rest| Self(rest.to_vec()))
    }

    /// As operations of RFC 6902 have it (RFC 6901).
    #[must_use]
    pub fn to_pointer(&self) -> PointerBuf {
        PointerBuf::from_tokens(self.0.iter().map(|segment| match segment {
            Segment::Key(key) => key.clone(),
            Segment::Index(index) => index.to_string(),
        }))
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(out, "[{index}]")?,
                // An object's own key is as it is written.
                Segment::Key(key) if place == 0 => out.write_str(key)?,
                Segment::Key(key) if is_word(key) => write!(out, ".{key}")?,
                Segment::Key(key) => write!(out, "[{key}]")?,
            }
        }
        Ok(())
    }
}

/// Whether a key is after a dot, and not in brackets.
fn is_word(key: &str) -> bool {
    let is_of_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    !key.is_empty() && key.bytes().all(is_of_word)
}

/// The path that is shown like this. A text that shows none is one key: what is shown is always the
/// text.
impl From<&str> for FieldPath {
    fn from(text: &str) -> Self {
        let path = Self(steps(text));
        let shown = path.to_string();
        if shown == text { path } else { Self::root().key(text) }
    }
}

impl From<String> for FieldPath {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl FromIterator<Segment> for FieldPath {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        Self(segments.into_iter().collect())
    }
}

impl From<&String> for FieldPath {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<&FieldPath> for FieldPath {
    fn from(path: &FieldPath) -> Self {
        path.clone()
    }
}

impl PartialEq<str> for FieldPath {
    fn eq(&self, text: &str) -> bool {
        let shown = self.to_string();
        shown == text
    }
}

impl PartialEq<&str> for FieldPath {
    fn eq(&self, text: &&str) -> bool {
        self == *text
    }
}

fn steps(text: &str) -> Vec<Segment> {
    let mut steps = Vec::new();
    let mut word = String::new();
    let mut rest = text;
    let end_word = |word: &mut String, steps: &mut Vec<Segment>| {
        if !word.is_empty() {
            steps.push(Segment::Key(mem::take(word)));
        }
    };
    while let Some(next) = rest.chars().next() {
        // A bracket is closed where the text ends, or the next step begins.
        let closed = rest.strip_prefix('[').and_then(|inside| {
            let ends =
                |at: &usize| matches!(inside[at + 1..].chars().next(), None | Some('.' | '['));
            let at = inside.match_indices(']').map(|(at, _)| at).find(ends)?;
            Some((&inside[..at], &inside[at + 1..]))
        });
        match closed {
            Some((inside, behind)) => {
                end_word(&mut word, &mut steps);
                let is_index = !inside.is_empty() && inside.bytes().all(|b| b.is_ascii_digit());
                steps.push(match inside.parse() {
                    Ok(index) if is_index => Segment::Index(index),
                    _ => Segment::Key(inside.to_owned()),
                });
                rest = behind;
            }
            None if next == '.' => {
                end_word(&mut word, &mut steps);
                rest = &rest[1..];
            }
            None => {
                word.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    end_word(&mut word, &mut steps);
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key: &str) -> Segment {
        Segment::Key(key.to_owned())
    }

    #[test]
    fn what_is_shown_reads_as_the_path() {
        for (text, steps) in [
            ("", vec![]),
            ("spec", vec![key("spec")]),
            ("spec.hosts[3]", vec![key("spec"), key("hosts"), Segment::Index(3)]),
            ("[2].a-b_c", vec![Segment::Index(2), key("a-b_c")]),
            (
                "data[a.b].c[d/e][0]",
                vec![key("data"), key("a.b"), key("c"), key("d/e"), Segment::Index(0)],
            ),
            ("data[x]y]", vec![key("data"), key("x]y")]),
            ("data[]", vec![key("data"), key("")]),
            // A key that is all digits, and not an entry of a list.
            ("data.12", vec![key("data"), key("12")]),
        ] {
            let path = FieldPath(steps);
            assert_eq!(path.to_string(), text);
            assert_eq!(FieldPath::from(text), path, "{text}");
        }
    }

    #[test]
    fn any_text_is_shown_as_it_is() {
        for text in [
            "example.com/owner",
            "a..b",
            ".",
            "a[",
            "a]",
            "[",
            "a[b]c",
            "a[007]",
            "ä.ö",
            "a.b c",
            "x.",
        ] {
            assert_eq!(FieldPath::from(text).to_string(), text);
        }
    }

    #[test]
    fn the_rest_below_a_parent() {
        let path = FieldPath::from("spec.hosts[1]");
        assert_eq!(path.below(&"spec".into()), Some(FieldPath::root().key("hosts").index(1)));
        assert_eq!(path.below(&"spec.host".into()), None);
        assert_eq!(FieldPath::from("spec").join(&"hosts[1]".into()), path);
    }
}
