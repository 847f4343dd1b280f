//! The secrets of the input, kept out of all that is reported.

mod fragments;

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value, json};

use super::finding::Finding;
use super::fix::Fix;
use fragments::{Fragments, MOST_BYTES};

const HIDDEN: &str = "…";

/// Of a longer secret, each part of so many bytes is hidden: a message may show any part of a text.
const PART: usize = 12;
/// A text of fewer characters is in any sentence: it is hidden where a word begins or ends with it.
const SHORTEST_PART: usize = 8;
/// Of still fewer: it is hidden in quotes only.
const SHORTEST_WORD: usize = 4;

/// The texts that nothing of a run may show, in any case of their letters: its findings, and what a
/// program prints of its plan.
///
/// A [`Project`](crate::Project) collects them with [`Secrets::add`].
#[derive(Clone, Default, PartialEq)]
pub struct Secrets {
    /// Shown in no part.
    parts: Fragments,
    /// Hidden as words.
    words: Fragments,
    /// Hidden in quotes.
    quoted: Fragments,
    /// Hidden as a whole.
    whole: BTreeSet<String>,
    bytes: usize,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secrets(…)")
    }
}

impl Secrets {
    /// Adds a text that guards something. No part of 12 characters of it is shown; one of fewer than
    /// eight is hidden where it is a word of its own, one of fewer than four where it is in quotes; not in
    /// the names and paths of objects, by which they are found again.
    pub fn add(&mut self, secret: &str) {
        let plain = secret.to_ascii_lowercase();
        let escaped = plain.escape_debug().to_string();
        // As a message quotes a text, which leaves the single quote alone.
        let quoted = escaped.replace("\\'", "'");
        for secret in BTreeSet::from([plain, escaped, quoted]) {
            self.bytes = self.bytes.saturating_add(secret.len());
            if self.is_too_much() {
                return;
            }
            match secret.len() {
                0 => {}
                length if length < SHORTEST_WORD => self.quoted.add(secret.as_bytes()),
                length if length < SHORTEST_PART => self.words.add(secret.as_bytes()),
                length => {
                    secret
                        .as_bytes()
                        .windows(PART.min(length))
                        .for_each(|part| self.parts.add(part));
                }
            }
        }
    }

    /// Adds a text that is a secret as a whole, parts of which may be anything. One of fewer than
    /// eight characters is not hidden.
    pub fn add_whole(&mut self, secret: &str) {
        if secret.len() < SHORTEST_PART {
            return;
        }
        self.bytes = self.bytes.saturating_add(secret.len());
        if !self.is_too_much() {
            self.whole.insert(secret.to_ascii_lowercase());
        }
    }

    /// Whether nothing is to be hidden.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Hides them in a text.
    #[must_use]
    pub fn hidden_in(&self, text: &str) -> String {
        if self.is_empty() {
            return text.to_owned();
        }
        if self.is_too_much() {
            return HIDDEN.to_owned();
        }
        let lower = text.to_ascii_lowercase();
        let bytes = lower.as_bytes();
        let mut found = self.long_ones(&lower);
        found.extend(self.words.find(bytes).filter(|&(start, end)| is_word(bytes, start, end)));
        found.extend(self.quoted.find(bytes).filter(|&(start, end)| is_quoted(bytes, start, end)));
        replaced(text, found)
    }

    /// Hides them in a name or a path by which something is found again: a short secret, which is a word
    /// such as `beta`, is left.
    fn hidden_in_name(&self, name: &str) -> String {
        if self.is_too_much() {
            return HIDDEN.to_owned();
        }
        replaced(name, self.long_ones(&name.to_ascii_lowercase()))
    }

    /// Where those of eight characters or more are in a text in lowercase.
    fn long_ones(&self, lower: &str) -> Vec<(usize, usize)> {
        let mut found: Vec<(usize, usize)> = self.parts.find(lower.as_bytes()).collect();
        for secret in &self.whole {
            let places = lower.match_indices(secret.as_str());
            found.extend(places.map(|(at, _)| (at, at + secret.len())));
        }
        found
    }

    /// Hides them in a text.
    ///
    /// ```
    /// use krm_function::Secrets;
    ///
    /// let mut secrets = Secrets::default();
    /// secrets.add("q8Zr2kLm9xWv");
    /// let mut text = "the token is q8Zr2kLm9xWv".to_owned();
    /// secrets.hide_in_text(&mut text);
    /// assert_eq!(text, "the token is …");
    /// ```
    pub fn hide_in_text(&self, text: &mut String) {
        if !self.is_empty() {
            *text = self.hidden_in(text);
        }
    }

    /// Hides them in a value, in its keys as well.
    pub fn hide_in(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.hidden_in(text),
            Value::Array(entries) => entries.iter_mut().for_each(|entry| self.hide_in(entry)),
            Value::Object(fields) => {
                let mut hidden = Map::new();
                for (key, mut value) in std::mem::take(fields) {
                    self.hide_in(&mut value);
                    hidden.insert(self.hidden_in(&key), value);
                }
                *fields = hidden;
            }
            Value::Number(number) => {
                let shown = number.to_string();
                if self.hidden_in(&shown) != shown {
                    *value = HIDDEN.into();
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Whether a text holds one, or a part of one.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        !self.is_empty() && self.hidden_in(text) != text
    }

    /// Hides them in what findings say.
    pub(super) fn hide<C>(&self, findings: &mut [Finding<C>]) {
        if self.is_empty() {
            return;
        }
        for finding in findings {
            finding.message = self.hidden_in(&finding.message);
            if let Some(accepted) = &mut finding.accepted {
                accepted.reason = self.hidden_in(&accepted.reason);
            }
            if let Some(resource) = &mut finding.resource {
                resource.name = self.hidden_in_name(&resource.name);
                if let Some(namespace) = &mut resource.namespace {
                    *namespace = self.hidden_in_name(namespace);
                }
            }
            // With a hole in it, it would mend nothing.
            finding.fix.take_if(|fix| {
                let shown = fix_text(fix);
                self.hidden_in(&shown) != shown
            });
            if let Some(field) = &mut finding.field {
                let path = field.path.to_string();
                let hidden = self.hidden_in_name(&path);
                if hidden != path {
                    field.path = hidden.into();
                }
                for value in [&mut field.current, &mut field.proposed].into_iter().flatten() {
                    self.hide_in(value);
                }
            }
        }
    }

    /// More than can be looked for: then nothing at all is shown.
    fn is_too_much(&self) -> bool {
        self.bytes > MOST_BYTES
    }
}

fn is_word(text: &[u8], start: usize, end: usize) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let before = start.checked_sub(1).and_then(|before| text.get(before));
    !is_part(before) || !is_part(text.get(end))
}

fn is_quoted(text: &[u8], start: usize, end: usize) -> bool {
    let is_quote = |byte: Option<&u8>| byte.is_some_and(|byte| b"\"'`".contains(byte));
    is_quote(start.checked_sub(1).and_then(|before| text.get(before))) && is_quote(text.get(end))
}

/// The text with a sign in place of each range.
fn replaced(text: &str, mut ranges: Vec<(usize, usize)>) -> String {
    ranges.sort_unstable();
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (mut start, mut end) in ranges {
        if end <= done {
            continue;
        }
        let touches = start <= done && done > 0;
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        while !text.is_char_boundary(end) {
            end += 1;
        }
        if start > done || !touches {
            out.push_str(text.get(done..start).unwrap_or_default());
            out.push_str(HIDDEN);
        }
        done = end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

fn fix_text(fix: &Fix) -> String {
    // A pointer writes `~1` for a slash, which a token may have.
    let text = |operation| json!(operation).to_string().replace("~1", "/").replace("~0", "~");
    fix.patch.0.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::key_path;

    fn secrets(all: &[&str]) -> Secrets {
        let mut secrets = Secrets::default();
        all.iter().for_each(|secret| secrets.add(secret));
        secrets
    }

    #[test]
    fn a_secret_that_begins_another_leaves_no_end_of_it() {
        let secrets = secrets(&["q8Zr2kLm", "q8Zr2kLm9xWv4tYp"]);
        let mut findings = [Finding::error("a", "Q8ZR2KLM9XWV4TYP, q8Zr2kLm")];
        secrets.hide(&mut findings);
        assert_eq!(findings[0].message, "…, …");
    }

    #[test]
    fn no_part_of_a_long_secret_is_shown() {
        let long = "q8Zr2kLm9xWv4tYp".repeat(25);
        let secrets = secrets(&[&long, "é8Zr2kLm9xWv4tYpé"]);
        assert_eq!(secrets.hidden_in(&format!("it is {}…", &long[..300])), "it is ……");
        assert_eq!(secrets.hidden_in(&long[100..]), "…");
        assert_eq!(secrets.hidden_in("a é8Zr2kLm9xWv4tYpé b"), "a … b");
    }

    #[test]
    fn a_short_secret_is_hidden_where_a_word_begins_or_ends_with_it_and_a_shorter_one_in_quotes() {
        let secrets = secrets(&["to-ken", "abc", ""]);
        assert_eq!(
            secrets.hidden_in("To-Ken, to-kens, \"to-ken\", ato-kens"),
            "…, …s, \"…\", ato-kens"
        );
        assert_eq!(secrets.hidden_in("abc 'abc' \"abcd\""), "abc '…' \"abcd\"");
    }

    #[test]
    fn a_whole_secret_is_hidden_as_a_whole() {
        let mut secrets = Secrets::default();
        secrets.add_whole("https://login.example.com/x");
        secrets.add_whole("short");
        let text = "login.example.com, HTTPS://login.example.com/x, short";
        assert_eq!(secrets.hidden_in(text), "login.example.com, …, short");
    }

    #[test]
    fn of_more_than_can_be_looked_for_nothing_is_shown() {
        let mut secrets = Secrets::default();
        for number in 0..200_000 {
            secrets.add(&format!("token-{number:010}"));
        }
        assert_eq!(secrets.hidden_in("anything"), "…");
    }

    #[test]
    fn a_field_shows_none_and_a_fix_that_would_is_dropped() {
        let secrets = secrets(&["q8Zr2kLm9.xWv4tYp"]);
        let value = |text: &str| Fix::replace("data.token", text);
        let finding = Finding::error("a", "b").field(key_path("data", "q8zr2klm9.xwv4typ"));
        let mut findings =
            [finding.clone().fix(value("Bearer q8Zr2kLm9.xWv4tYp")), finding.fix(value("none"))];
        secrets.hide(&mut findings);
        assert_eq!(findings.each_ref().map(|finding| finding.fix.is_some()), [false, true]);
        for finding in findings {
            assert_eq!(finding.field.unwrap().path.to_string(), "data[…]");
        }
    }

    #[test]
    fn keys_and_numbers_of_a_value_are_hidden_too() {
        let mut value = json!({ "q8Zr2kLm9xWv": [{ "a": 1_234_567_890_123_u64, "b": 7 }] });
        secrets(&["q8Zr2kLm9xWv", "1234567890123"]).hide_in(&mut value);
        assert_eq!(value, json!({ "…": [{ "a": "…", "b": 7 }] }));
    }
}
