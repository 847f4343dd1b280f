//! The YAML of one domain's value in `config-domain`, as Knative reads it: YAML 1.1 into
//! `{selector: map[string]string, type: string}`.
//!
//! Source: `sigs.k8s.io/yaml` 1.6 (`yaml.go`) over `go.yaml.in/yaml/v2` (`resolve.go`).

use std::collections::BTreeMap;

use crate::go::yaml::{self, Yaml, YamlError};

/// The longest value. Kubernetes' limit of a whole ConfigMap is a megabyte.
const LONGEST: usize = 1 << 20;

/// Why a value is not a domain's value. It follows the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DomainValueError {
    /// Not YAML.
    #[error("is not valid YAML: {0}")]
    Syntax(String),
    /// YAML of another shape.
    #[error("{0}")]
    Shape(&'static str),
    /// YAML that Knative takes and this reader does not.
    #[error("uses {0}, which is not supported; list the labels of the selector")]
    Unsupported(&'static str),
}

impl From<YamlError> for DomainValueError {
    fn from(error: YamlError) -> Self {
        match error {
            YamlError::Syntax(error) => Self::Syntax(error),
            YamlError::Tag => Self::Unsupported("a tag"),
            YamlError::Alias => Self::Unsupported("an alias"),
            YamlError::TooDeep => Self::Shape("is nested too deep"),
        }
    }
}

/// Reads the selector of a domain's value; empty for a default domain.
///
/// # Errors
/// [`DomainValueError`] where Knative refuses the whole ConfigMap, or where the value uses aliases,
/// tags or merge keys.
pub(super) fn selector(text: &str) -> Result<BTreeMap<String, String>, DomainValueError> {
    if text.len() > LONGEST {
        return Err(DomainValueError::Shape("is longer than a megabyte"));
    }
    let entries = match yaml::first_document(text)? {
        Yaml::Null => return Ok(BTreeMap::new()),
        Yaml::Map(entries) => strings_map(entries)?,
        Yaml::Text(_) | Yaml::Scalar { .. } => {
            return Err(DomainValueError::Shape(
                "is a scalar; set selector: with labels, or leave it empty",
            ));
        }
        Yaml::List(_) => {
            return Err(DomainValueError::Shape(
                "is a list; set selector: with labels, or leave it empty",
            ));
        }
    };
    let mut selector = BTreeMap::new();
    // In the order of the keys: Go sorts them on the way through JSON, and `Selector` counts too.
    for (key, value) in entries {
        match key.to_ascii_lowercase().as_str() {
            "selector" => match value {
                Yaml::Null => selector.clear(),
                Yaml::Map(labels) => {
                    for (label, value) in strings_map(labels)? {
                        selector.insert(label, string(value, "has a label that is not a string")?);
                    }
                }
                _ => {
                    return Err(DomainValueError::Shape(
                        "has a selector that is not a map of labels",
                    ));
                }
            },
            "type" => {
                string(value, "has a type that is not a string")?;
            }
            _ => convertible(&value)?,
        }
    }
    Ok(selector)
}

fn string(value: Yaml, shape: &'static str) -> Result<String, DomainValueError> {
    match value {
        Yaml::Null => Ok(String::new()),
        Yaml::Text(text) | Yaml::Scalar { text, .. } => Ok(text),
        Yaml::List(_) | Yaml::Map(_) => Err(DomainValueError::Shape(shape)),
    }
}

/// The last of two equal keys wins; keys that are numbers or booleans become their text.
fn strings_map(entries: Vec<(Yaml, Yaml)>) -> Result<BTreeMap<String, Yaml>, DomainValueError> {
    let mut map = BTreeMap::new();
    for (key, value) in entries {
        let key = match key {
            Yaml::Text(text) if text == "<<" => {
                return Err(DomainValueError::Unsupported("a merge key"));
            }
            Yaml::Text(text) => text,
            Yaml::Scalar { text, .. } => match text.as_str() {
                "+Inf" => ".inf".to_owned(),
                "-Inf" => "-.inf".to_owned(),
                "NaN" => ".nan".to_owned(),
                _ => text,
            },
            Yaml::Null | Yaml::List(_) | Yaml::Map(_) => {
                return Err(DomainValueError::Shape("has a key that is not a string"));
            }
        };
        map.insert(key, value);
    }
    Ok(map)
}

/// Whether a value that nothing reads turns into JSON.
fn convertible(value: &Yaml) -> Result<(), DomainValueError> {
    match value {
        Yaml::Null | Yaml::Text(_) | Yaml::Scalar { finite: true, .. } => Ok(()),
        Yaml::Scalar { .. } => Err(DomainValueError::Shape("has a number that JSON does not have")),
        Yaml::List(list) => list.iter().try_for_each(convertible),
        Yaml::Map(entries) => {
            strings_map(entries.clone())?;
            entries.iter().try_for_each(|(_, value)| convertible(value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_value_without_labels_is_a_default() {
        for text in [
            "",
            "\n",
            "# c\n",
            "null",
            "~",
            "{}",
            "selector:",
            "selector: {}",
            "type: wildcard",
            "selector: null\nx: [1]",
        ] {
            assert_eq!(selector(text), Ok(BTreeMap::new()), "{text:?}");
        }
    }

    #[test]
    fn scalars_are_those_of_yaml_1_1() {
        for (value, expected) in [
            ("prod", "prod"),
            ("'1'", "1"),
            ("yes", "true"),
            ("off", "false"),
            ("0644", "420"),
            ("08", "8"),
            ("1_000", "1000"),
            ("1.50", "1.5"),
            ("0x1F", "31"),
            ("1e3", "1000"),
            ("~", ""),
            ("2012-10-17", "2012-10-17"),
            ("1.2.3", "1.2.3"),
            (".5", "0.5"),
            ("-0", "0"),
            (".inf", "+Inf"),
            ("12:30", "12:30"),
            ("18446744073709551615", "18446744073709551615"),
        ] {
            assert_eq!(
                selector(&format!("selector:\n  k: {value}\n")),
                Ok(labels(&[("k", expected)])),
                "{value}"
            );
        }
        assert_eq!(
            selector("selector: {yes: a, 1: b, 'x': \"c\"}"),
            Ok(labels(&[("true", "a"), ("1", "b"), ("x", "c")]))
        );
        assert_eq!(
            selector("Selector: {a: b}\nselector: {c: d, c: e}"),
            Ok(labels(&[("a", "b"), ("c", "e")]))
        );
    }

    #[test]
    fn other_shapes_are_refused() {
        for text in [
            "foo",
            "5",
            "- a",
            "selector: x",
            "selector: [a]",
            "selector: {a: [b]}",
            "type: {}",
            "a: &x b\nc: *x",
            "selector: !!str x",
            "selector: {<<: {a: b}}",
            "{",
            "? [a]\n: b",
            "selector: {~: a}",
            "x: .nan",
        ] {
            assert!(selector(text).is_err(), "{text}");
        }
        assert!(selector(&"[".repeat(100_000)).is_err());
    }
}
