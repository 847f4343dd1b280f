//! JSON as Go's `encoding/json` reads it into a struct: keys fold case, the last duplicate wins,
//! `null` leaves a field as it was, unknown keys are silent and a wrong type fails the whole text.
//!
//! Source: `encoding/json` (`decode.go`, `fold.go`) of Go 1.26, as the controllers call it.

mod reader;

use reader::Reader;

/// A JSON value, its objects with every duplicate key in the order of the text.
#[derive(Debug, Clone, PartialEq)]
pub enum GoJson {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<GoJson>),
    /// An object, duplicates included.
    Object(Vec<(String, GoJson)>),
}

/// Why a text is not what a Go struct can be read from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GoJsonError {
    /// Not JSON.
    #[error("is not JSON: {problem} at character {at}")]
    Syntax {
        /// What is wrong.
        problem: &'static str,
        /// The character, counted from 1.
        at: usize,
    },
    /// A field holds another type than the struct's.
    #[error("has {found} in {field:?} where {expected} is read")]
    Type {
        /// The field, or `.` for the text itself.
        field: String,
        /// What stands there.
        found: &'static str,
        /// What the field takes.
        expected: &'static str,
    },
}

impl GoJson {
    /// Reads one JSON text.
    ///
    /// # Errors
    /// [`GoJsonError::Syntax`], with the place.
    pub fn parse(text: &str) -> Result<Self, GoJsonError> {
        Reader::whole(text)
    }

    /// The fields of an object that a Go struct field named `name` is set from, in order: Go takes
    /// each of them, so the last one wins.
    pub fn fields<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> + 'a {
        let entries = match self {
            Self::Object(entries) => entries.as_slice(),
            _ => &[],
        };
        entries.iter().filter(move |(key, _)| same_key(key, name)).map(|(_, value)| value)
    }

    /// A `string` field; empty where it is absent or only `null`.
    ///
    /// # Errors
    /// [`GoJsonError::Type`] where any of the duplicates is not a string.
    pub fn string(&self, name: &str) -> Result<String, GoJsonError> {
        let mut last = String::new();
        for value in self.fields(name) {
            match value {
                Self::Text(text) => last.clone_from(text),
                Self::Null => {}
                other => return Err(other.unlike(name, "a string")),
            }
        }
        Ok(last)
    }

    /// A `bool` field; false where it is absent or only `null`.
    ///
    /// # Errors
    /// [`GoJsonError::Type`] where any of the duplicates is not a boolean (`"false"` is a string).
    pub fn boolean(&self, name: &str) -> Result<bool, GoJsonError> {
        let mut last = false;
        for value in self.fields(name) {
            match value {
                Self::Bool(flag) => last = *flag,
                Self::Null => {}
                other => return Err(other.unlike(name, "a boolean")),
            }
        }
        Ok(last)
    }

    /// A `*string` field: `null` makes it absent again.
    ///
    /// # Errors
    /// [`GoJsonError::Type`] where any of the duplicates is neither a string nor `null`.
    pub fn optional_string(&self, name: &str) -> Result<Option<String>, GoJsonError> {
        let mut last = None;
        for value in self.fields(name) {
            match value {
                Self::Text(text) => last = Some(text.clone()),
                Self::Null => last = None,
                other => return Err(other.unlike(name, "a string")),
            }
        }
        Ok(last)
    }

    /// A `[]string` field: `null` makes it absent again, and a `null` element is the empty string.
    ///
    /// # Errors
    /// [`GoJsonError::Type`] where any of the duplicates is not a list of strings.
    pub fn strings(&self, name: &str) -> Result<Option<Vec<String>>, GoJsonError> {
        let mut last: Option<Vec<String>> = None;
        for value in self.fields(name) {
            match value {
                Self::Null => last = None,
                Self::List(elements) => {
                    // Go decodes over the slice that is there, where `null` keeps an old element.
                    let before = last.take().unwrap_or_default();
                    let mut list = Vec::with_capacity(elements.len());
                    for (index, element) in elements.iter().enumerate() {
                        match element {
                            Self::Text(text) => list.push(text.clone()),
                            Self::Null => list.push(before.get(index).cloned().unwrap_or_default()),
                            other => return Err(other.unlike(name, "a list of strings")),
                        }
                    }
                    last = Some(list);
                }
                other => return Err(other.unlike(name, "a list of strings")),
            }
        }
        Ok(last)
    }

    /// Checks that the text is an object or `null`, the only values that a struct is read from.
    ///
    /// # Errors
    /// [`GoJsonError::Type`] for every other value.
    pub fn object_or_null(&self) -> Result<(), GoJsonError> {
        match self {
            Self::Object(_) | Self::Null => Ok(()),
            other => Err(other.unlike(".", "an object")),
        }
    }

    fn unlike(&self, field: &str, expected: &'static str) -> GoJsonError {
        let found = match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        };
        GoJsonError::Type { field: field.to_owned(), found, expected }
    }
}

/// Whether Go takes `key` for the field `name`: equal but for case, where the long s and the
/// Kelvin sign are cases of `s` and `k`.
fn same_key(key: &str, name: &str) -> bool {
    let fold = |c: char| match c {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    };
    key.chars().map(fold).eq(name.chars().map(fold))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_fold_case_and_the_last_duplicate_wins() {
        let json = GoJson::parse(r#"{"UrlScheme":"a","urlscheme":"b","urlScheme":null}"#).unwrap();
        assert_eq!(json.string("urlScheme").unwrap(), "b");
        let long_s = GoJson::parse("{\"url\u{17f}cheme\":\"c\"}").unwrap();
        assert_eq!(long_s.string("urlScheme").unwrap(), "c");
    }

    #[test]
    fn null_resets_only_what_is_a_pointer() {
        let json = GoJson::parse(r#"{"a":["x",null],"a":null,"b":"y","b":null}"#).unwrap();
        assert_eq!(json.strings("a").unwrap(), None);
        assert_eq!(json.optional_string("b").unwrap(), None);
        assert_eq!(json.string("b").unwrap(), "y");
        let json = GoJson::parse(r#"{"a":["x",null]}"#).unwrap();
        assert_eq!(json.strings("a").unwrap(), Some(vec!["x".to_owned(), String::new()]));
    }

    #[test]
    fn a_wrong_type_in_any_duplicate_fails() {
        let json = GoJson::parse(r#"{"a":"false","A":false}"#).unwrap();
        let error = json.boolean("a").unwrap_err();
        assert_eq!(error.to_string(), r#"has a string in "a" where a boolean is read"#);
        assert!(GoJson::parse("[]").unwrap().object_or_null().is_err());
        assert!(GoJson::parse("null").unwrap().object_or_null().is_ok());
    }

    #[test]
    fn what_is_not_json_is_named_with_its_place() {
        for (text, problem, at) in [
            (r#"{"a":"b",}"#, "no key in quotes", 10),
            ("{\"a\":\"b\n\"}", "a control character", 8),
            ("01", "text after the value", 2),
            ("1.", "no digit", 3),
            (r#"{"a" 1}"#, "no colon after the key", 6),
            ("tru", "no value", 1),
            ("", "the text ends", 1),
        ] {
            let error = GoJson::parse(text).unwrap_err();
            assert_eq!(error, GoJsonError::Syntax { problem, at }, "{text}");
        }
        let deep = "[".repeat(100_000);
        assert!(matches!(GoJson::parse(&deep), Err(GoJsonError::Syntax { .. })));
    }

    #[test]
    fn escapes_and_lone_surrogates_read_as_in_go() {
        let json = GoJson::parse(r#""\u00e9\ud83d\ude00\ud800x\n""#).unwrap();
        assert_eq!(json, GoJson::Text("é😀\u{fffd}x\n".to_owned()));
    }
}
