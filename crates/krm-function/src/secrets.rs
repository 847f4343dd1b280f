//! The secrets of the input, kept out of all that is reported.

use std::collections::BTreeSet;

use krm_package::text::excerpt::{SHORTEST_TOKEN, SHOWN};
use serde_json::{Value, json};

use super::finding::{Finding, Fix};

/// A text that is something else may hold a million of them.
const MOST: usize = 1_000;
const HIDDEN: &str = "…";

/// The texts that no finding of a run may show, in any case of their letters.
///
/// A [`Project`](crate::Project) collects them with [`Secrets::add`].
#[derive(Clone, Default)]
pub struct Secrets(BTreeSet<String>);

impl Secrets {
    /// Adds one. A text of fewer than eight characters guards nothing and stands in any sentence: it
    /// is not hidden.
    pub fn add(&mut self, secret: &str) {
        if secret.len() >= SHORTEST_TOKEN && self.0.len() < MOST {
            let secret = secret.to_ascii_lowercase();
            // Quoted, and cut, as messages show a text.
            self.0
                .extend(secret.char_indices().nth(SHOWN).map(|(end, _)| secret[..end].to_owned()));
            self.0.insert(secret.escape_debug().to_string());
            self.0.insert(secret);
        }
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
        let mut all: Vec<&String> = self.0.iter().collect();
        // One may be the beginning of another, whose end would be left.
        all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        all.into_iter().for_each(|secret| hide(text, secret));
    }

    /// Hides them in what findings say.
    pub(super) fn hide<C>(&self, findings: &mut [Finding<C>]) {
        let shown: String = findings.iter().map(shown).collect::<String>().to_ascii_lowercase();
        let mut stray: Vec<&String> =
            self.0.iter().filter(|secret| shown.contains(*secret)).collect();
        // One may be the beginning of another, whose end would be left.
        stray.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        if stray.is_empty() {
            return;
        }
        for finding in findings {
            for secret in &stray {
                hide(&mut finding.message, secret);
                if let Some(accepted) = &mut finding.accepted {
                    hide(&mut accepted.reason, secret);
                }
                // With a hole in it, it would mend nothing.
                finding.fix.take_if(|fix| fix_text(fix).to_ascii_lowercase().contains(*secret));
                if let Some(field) = &mut finding.field {
                    let mut path = field.path.to_string();
                    hide(&mut path, secret);
                    if field.path != *path {
                        field.path = path.into();
                    }
                    for value in [&mut field.current, &mut field.proposed].into_iter().flatten() {
                        hide_in(value, secret);
                    }
                }
            }
        }
    }
}

fn shown<C>(finding: &Finding<C>) -> String {
    let mut shown = finding.message.clone();
    if let Some(field) = &finding.field {
        shown.push_str(&field.path.to_string());
        for value in [&field.current, &field.proposed].into_iter().flatten() {
            shown.push_str(&value.to_string());
        }
    }
    shown.extend(finding.accepted.iter().map(|accepted| accepted.reason.as_str()));
    shown.extend(finding.fix.iter().map(fix_text));
    shown
}

fn fix_text(fix: &Fix) -> String {
    fix.patch.0.iter().map(|operation| json!(operation).to_string()).collect()
}

fn hide(text: &mut String, secret: &str) {
    let mut from = 0;
    while let Some(place) = text[from..].to_ascii_lowercase().find(secret) {
        let start = from + place;
        text.replace_range(start..start + secret.len(), HIDDEN);
        from = start + HIDDEN.len();
    }
}

fn hide_in(value: &mut Value, secret: &str) {
    match value {
        Value::String(text) => hide(text, secret),
        Value::Array(entries) => entries.iter_mut().for_each(|entry| hide_in(entry, secret)),
        Value::Object(fields) => fields.values_mut().for_each(|value| hide_in(value, secret)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use krm_package::operation;

    use super::*;
    use crate::finding::key_path;

    #[test]
    fn a_secret_that_begins_another_leaves_no_end_of_it() {
        let mut secrets = Secrets::default();
        secrets.add("q8Zr2kLm");
        secrets.add("q8Zr2kLm9xWv4tYp");
        let mut findings = [Finding::error("a", "Q8ZR2KLM9XWV4TYP, q8Zr2kLm")];
        secrets.hide(&mut findings);
        assert_eq!(findings[0].message, "…, …");
    }

    #[test]
    fn a_field_shows_none_and_a_fix_that_would_is_dropped() {
        let mut secrets = Secrets::default();
        secrets.add("q8Zr2kLm9.xWv4tYp");
        let value = |text: &str| vec![operation::replace(&["data", "token"], text)];
        let finding = Finding::error("a", "b").field(key_path("data", "q8zr2klm9.xwv4typ"));
        let mut findings =
            [finding.clone().fix(value("Bearer q8Zr2kLm9.xWv4tYp")), finding.fix(value("none"))];
        secrets.hide(&mut findings);
        assert_eq!(findings.each_ref().map(|finding| finding.fix.is_some()), [false, true]);
        for finding in findings {
            assert_eq!(finding.field.unwrap().path.to_string(), "data[…]");
        }
    }
}
