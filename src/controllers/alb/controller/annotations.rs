//! The controller's annotation parsers.
//!
//! Source: `pkg/annotations/parser.go` and `constants.go` of the controller, v3.5.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::error::BuildError;
use crate::go::json::{self, GoTarget};

/// The prefix of every annotation that the controller reads on an Ingress or its Services.
pub(crate) const PREFIX: &str = "alb.ingress.kubernetes.io";

/// The deprecated class annotation, which the controller prefers to `spec.ingressClassName`.
pub(crate) const CLASS: &str = "kubernetes.io/ingress.class";

/// The full key of an annotation: `alb.ingress.kubernetes.io/scheme`.
#[must_use]
pub(crate) fn key(suffix: &str) -> String {
    [PREFIX, "/", suffix].concat()
}

/// The annotations of an Ingress, or of a Service over those of an Ingress.
#[derive(Clone, Copy)]
pub(crate) struct Annotations<'a> {
    first: &'a BTreeMap<String, String>,
    then: Option<&'a BTreeMap<String, String>>,
}

impl<'a> Annotations<'a> {
    /// Those of one object.
    #[must_use]
    pub(crate) fn of(map: &'a BTreeMap<String, String>) -> Self {
        Self { first: map, then: None }
    }

    /// Those of a Service, and where it has none of a key, those of the Ingress.
    #[must_use]
    pub(crate) fn of_service_over_ingress(
        service: &'a BTreeMap<String, String>,
        ingress: &'a BTreeMap<String, String>,
    ) -> Self {
        Self { first: service, then: Some(ingress) }
    }

    /// The same below those of a Service.
    #[must_use]
    pub(crate) fn below(self, service: &'a BTreeMap<String, String>) -> Self {
        Self { first: service, then: Some(self.first) }
    }

    /// The text of an annotation as it is.
    #[must_use]
    pub(crate) fn text(self, suffix: &str) -> Option<&'a str> {
        let key = key(suffix);
        self.first
            .get(&key)
            .or_else(|| self.then.and_then(|then| then.get(&key)))
            .map(String::as_str)
    }

    /// A comma list: trimmed, empty elements dropped. A newline separates nothing.
    #[must_use]
    pub(crate) fn list(self, suffix: &str) -> Option<Vec<String>> {
        Some(
            self.text(suffix)?
                .split(',')
                .map(str::trim)
                .filter(|element| !element.is_empty())
                .map(str::to_owned)
                .collect(),
        )
    }

    /// A list of `key=value`.
    ///
    /// # Errors
    /// An element without `=` or with an empty key.
    pub(crate) fn map(self, suffix: &str) -> Result<Option<BTreeMap<String, String>>, BuildError> {
        let Some(raw) = self.text(suffix) else { return Ok(None) };
        let mut map = BTreeMap::new();
        for pair in split_pairs(raw) {
            match pair.split_once('=') {
                Some((name, value)) if !name.trim().is_empty() => {
                    map.insert(name.trim().to_owned(), value.trim().to_owned());
                }
                _ => {
                    let words = format!("failed to parse stringMap annotation, {}: ", key(suffix));
                    return Err(BuildError::new(words)
                        .quoting(raw)
                        .of_annotation(suffix.to_owned()));
                }
            }
        }
        Ok(Some(map))
    }

    /// An int32, as Go's `ParseInt` reads it.
    ///
    /// # Errors
    /// Anything else.
    pub(crate) fn int32(self, suffix: &str) -> Result<Option<i32>, BuildError> {
        self.text(suffix)
            .map(|raw| parse_int(raw, i64::from(i32::MIN), i64::from(i32::MAX)))
            .transpose()
            .map(|value| value.and_then(|value| i32::try_from(value).ok()))
            .map_err(|error| self.failed("int32", suffix, &error))
    }

    /// An int64, as Go's `ParseInt` reads it.
    ///
    /// # Errors
    /// Anything else.
    pub(crate) fn int64(self, suffix: &str) -> Result<Option<i64>, BuildError> {
        self.text(suffix)
            .map(|raw| parse_int(raw, i64::MIN, i64::MAX))
            .transpose()
            .map_err(|error| self.failed("int64", suffix, &error))
    }

    /// A boolean, as Go's `ParseBool` reads it: `1`, `t`, `T`, `TRUE`, `true`, `True` and their
    /// opposites.
    ///
    /// # Errors
    /// Anything else.
    pub(crate) fn boolean(self, suffix: &str) -> Result<Option<bool>, BuildError> {
        let Some(raw) = self.text(suffix) else { return Ok(None) };
        match raw {
            "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(Some(true)),
            "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(Some(false)),
            _ => {
                let error = NumberError::new("ParseBool", raw, "invalid syntax");
                Err(self.failed("bool", suffix, &error))
            }
        }
    }

    /// JSON, read into a Go type. Gives whether the annotation is there.
    ///
    /// # Errors
    /// Those of Go's decoder.
    pub(crate) fn json(self, suffix: &str, target: &mut dyn GoTarget) -> Result<bool, BuildError> {
        let Some(raw) = self.text(suffix) else { return Ok(false) };
        json::unmarshal(raw, target).map(|()| true).map_err(|error| {
            BuildError::new(format!("failed to parse json annotation, {}: ", key(suffix)))
                .quoting(raw)
                .saying(format!(": {error}"))
                .of_annotation(suffix.to_owned())
        })
    }

    fn failed(self, kind: &str, suffix: &str, error: &NumberError) -> BuildError {
        let raw = self.text(suffix).unwrap_or_default();
        let words = format!("failed to parse {kind} annotation, {}: ", key(suffix));
        error
            .after(BuildError::new(words).quoting(raw).saying(": "))
            .of_annotation(suffix.to_owned())
    }
}

/// Why Go's `strconv` cannot read a number or a boolean.
pub(crate) struct NumberError {
    function: &'static str,
    raw: String,
    why: &'static str,
}

impl NumberError {
    fn new(function: &'static str, raw: &str, why: &'static str) -> Self {
        Self { function, raw: raw.to_owned(), why }
    }

    /// The error so far, then Go's words, which quote the text.
    pub(crate) fn after(&self, error: BuildError) -> BuildError {
        error
            .quoting(&format!("strconv.{}: parsing {}", self.function, go_quote(&self.raw)))
            .saying(format!(": {}", self.why))
    }
}

/// Go's `strconv.ParseInt(raw, 10, …)`.
pub(crate) fn parse_int(raw: &str, least: i64, most: i64) -> Result<i64, NumberError> {
    let digits = raw.strip_prefix(['+', '-']).unwrap_or(raw);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::new("ParseInt", raw, "invalid syntax"));
    }
    match raw.parse::<i64>() {
        Ok(value) if (least..=most).contains(&value) => Ok(value),
        _ => Err(NumberError::new("ParseInt", raw, "value out of range")),
    }
}

/// A text as Go's `%q` shows it.
pub(crate) fn go_quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            '\0'..' ' | '\u{7f}' => {
                let _ = write!(quoted, "\\x{:02x}", u32::from(letter));
            }
            '\u{80}'..='\u{a0}' | '\u{ad}' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(letter));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// Splits `k=v,k=v`: a comma before text without any further `=` belongs to the value or is
/// alone, a trailing comma joins the value, and a backslash takes the next byte as it is.
fn split_pairs(raw: &str) -> Vec<String> {
    let bytes = raw.as_bytes();
    // The question "does a `=` follow?" comes up at every comma; answering it from the last `=`
    // keeps a long text linear.
    let last_equals = bytes.iter().rposition(|&byte| byte == b'=');
    let mut pairs = Vec::new();
    let mut current = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'\\' && at + 1 < bytes.len() {
            at += 1;
            current.push(bytes[at]);
        } else if byte == b',' {
            if last_equals.is_some_and(|last| last > at) {
                pairs.push(trimmed(&current));
                current.clear();
            } else {
                let rest = raw[at + 1..].trim();
                if !rest.is_empty() {
                    pairs.push(trimmed(&current));
                    pairs.push(rest.to_owned());
                    return pairs;
                }
                current.push(byte);
            }
        } else {
            current.push(byte);
        }
        at += 1;
    }
    if !current.is_empty() {
        pairs.push(trimmed(&current));
    }
    pairs
}

fn trimmed(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map_of(raw: &str) -> Result<Vec<(String, String)>, String> {
        let map = BTreeMap::from([(key("tags"), raw.to_owned())]);
        Annotations::of(&map)
            .map("tags")
            .map(|map| map.unwrap_or_default().into_iter().collect())
            .map_err(|error| error.to_string())
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_map_keeps_the_oddities_of_the_controller() {
        assert_eq!(map_of("a=1, b = 2 "), Ok(pairs(&[("a", "1"), ("b", "2")])));
        assert_eq!(map_of("a=1,"), Ok(pairs(&[("a", "1,")])));
        assert_eq!(map_of("a=1\\,2,b=3"), Ok(pairs(&[("a", "1,2"), ("b", "3")])));
        assert_eq!(map_of("a=1\nb=2"), Ok(pairs(&[("a", "1\nb=2")])));
        assert_eq!(map_of(""), Ok(Vec::new()));
        assert_eq!(map_of("a=b=c"), Ok(pairs(&[("a", "b=c")])));
        assert!(map_of("a=1,b").is_err());
        assert!(map_of(",a=1").is_err());
        assert!(map_of("=1").is_err());
    }

    #[test]
    fn numbers_and_booleans_are_those_of_go() {
        let read = |raw: &str| {
            let map = BTreeMap::from([(key("n"), raw.to_owned())]);
            Annotations::of(&map)
                .int32("n")
                .map_err(|error| error.controller_words().expose().to_owned())
        };
        assert_eq!(read("+5"), Ok(Some(5)));
        assert_eq!(read("-1000"), Ok(Some(-1000)));
        assert_eq!(
            read("4294967296"),
            Err("failed to parse int32 annotation, alb.ingress.kubernetes.io/n: 4294967296: \
                 strconv.ParseInt: parsing \"4294967296\": value out of range"
                .to_owned())
        );
        assert_eq!(
            read(" 5"),
            Err("failed to parse int32 annotation, alb.ingress.kubernetes.io/n:  5: \
                 strconv.ParseInt: parsing \" 5\": invalid syntax"
                .to_owned())
        );
        let map = BTreeMap::from([(key("b"), "T".to_owned()), (key("c"), "yes".to_owned())]);
        assert_eq!(Annotations::of(&map).boolean("b"), Ok(Some(true)));
        assert!(Annotations::of(&map).boolean("c").is_err());
    }

    #[test]
    fn a_list_has_no_separator_but_the_comma() {
        let map = BTreeMap::from([(key("l"), " a ,,b\nc,".to_owned())]);
        assert_eq!(Annotations::of(&map).list("l"), Some(vec!["a".to_owned(), "b\nc".to_owned()]));
    }

    #[test]
    fn the_text_of_a_json_annotation_is_never_shown() {
        let map = BTreeMap::from([(key("conditions.x"), "[\"secret-token\"".to_owned())]);
        let mut target: Option<String> = None;
        let Err(error) = Annotations::of(&map).json("conditions.x", &mut target) else {
            panic!("broken JSON was read");
        };
        assert!(!error.to_string().contains("secret"));
        assert!(!format!("{error:?}").contains("secret"));
        assert!(error.controller_words().expose().contains("secret"));
    }
}
