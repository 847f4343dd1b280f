//! The YAML of one domain's value in `config-domain`, as Knative reads it: YAML 1.1 into
//! `{selector: map[string]string, type: string}`.
//!
//! Source: `sigs.k8s.io/yaml` 1.6 (`yaml.go`) over `go.yaml.in/yaml/v2` (`resolve.go`).

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle};

/// How deep a value may nest; a selector nests two levels.
const DEPTH: usize = 32;
/// The longest value. Kubernetes' limit of a whole ConfigMap is a megabyte.
const LONGEST: usize = 1 << 20;

/// Why a value is not a domain's value. It follows the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DomainValueError {
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

/// A YAML value with its scalars resolved.
#[derive(Debug, Clone, PartialEq)]
enum Yaml {
    Null,
    Text(String),
    /// A number or boolean, as text.
    Scalar {
        text: String,
        finite: bool,
    },
    List(Vec<Yaml>),
    Map(Vec<(Yaml, Yaml)>),
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
    let entries = match document(text)? {
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

/// A collection that is not at its end.
enum Open {
    List(Vec<Yaml>),
    Map(Vec<(Yaml, Yaml)>, Option<Yaml>),
}

/// The first document. Later ones do not count.
fn document(text: &str) -> Result<Yaml, DomainValueError> {
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| DomainValueError::Syntax(error.to_string()))?;
        let node = match event {
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, _, Some(_))
            | Event::MappingStart(_, _, Some(_)) => {
                return Err(DomainValueError::Unsupported("a tag"));
            }
            Event::Alias(_) => return Err(DomainValueError::Unsupported("an alias")),
            Event::Scalar(text, ScalarStyle::Plain, _, None) => resolved(&text),
            Event::Scalar(text, _, _, None) => Yaml::Text(text.into_owned()),
            Event::SequenceStart(..) | Event::MappingStart(..) if open.len() == DEPTH => {
                return Err(DomainValueError::Shape("is nested too deep"));
            }
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(Vec::new(), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(list)) => Yaml::List(list),
                Some(Open::Map(entries, _)) => Yaml::Map(entries),
                None => continue,
            },
            _ => continue,
        };
        match open.last_mut() {
            None => return Ok(node),
            Some(Open::List(list)) => list.push(node),
            Some(Open::Map(entries, key)) => match key.take() {
                Some(key) => entries.push((key, node)),
                None => *key = Some(node),
            },
        }
    }
    Ok(Yaml::Null)
}

/// A plain scalar, as YAML 1.1 of `go.yaml.in/yaml/v2` resolves it.
fn resolved(text: &str) -> Yaml {
    let scalar = |text: &str| Yaml::Scalar { text: text.to_owned(), finite: true };
    let endless = |text: &str| Yaml::Scalar { text: text.to_owned(), finite: false };
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Yaml::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return scalar("true");
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return scalar("false");
        }
        ".nan" | ".NaN" | ".NAN" => return endless("NaN"),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return endless("+Inf"),
        "-.inf" | "-.Inf" | "-.INF" => return endless("-Inf"),
        _ => {}
    }
    let plain = text.replace('_', "");
    if text.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '-') {
        if let Some(number) = integer(&plain) {
            return scalar(&number);
        }
        if let Some(number) = float(&plain) {
            return number;
        }
    } else if let Some(number) = text.starts_with('.').then(|| float(text)).flatten() {
        return number;
    }
    Yaml::Text(text.to_owned())
}

/// `strconv.ParseInt` and then `ParseUint` with the base of the prefix.
fn integer(text: &str) -> Option<String> {
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (digits, radix) = match lower.as_str() {
        "0" => ("0", 10),
        lower => match lower.split_at_checked(2) {
            Some(("0x", digits)) => (digits, 16),
            Some(("0o", digits)) => (digits, 8),
            Some(("0b", digits)) => (digits, 2),
            _ => lower.strip_prefix('0').map_or((lower, 10), |digits| (digits, 8)),
        },
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let size = i128::from_str_radix(digits, radix).ok()?;
    let number = if negative { -size } else { size };
    // A sign rules ParseUint out.
    let most =
        if text.starts_with(['+', '-']) { i128::from(i64::MAX) } else { i128::from(u64::MAX) };
    (i128::from(i64::MIN)..=most).contains(&number).then(|| number.to_string())
}

fn float(text: &str) -> Option<Yaml> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = unsigned
        .split_once(['e', 'E'])
        .map_or((unsigned, None), |(mantissa, exponent)| (mantissa, Some(exponent)));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    let mantissa_fits =
        digits(whole) && digits(fraction) && (!whole.is_empty() || !fraction.is_empty());
    if !mantissa_fits || !exponent_fits {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    // Go reports a number past the range as an error, and the scalar stays a string.
    if number.is_infinite() {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "Go writes it in single precision")]
    let single = number as f32;
    Some(Yaml::Scalar { text: shortest(single), finite: true })
}

/// `strconv.FormatFloat(…, 'g', -1, 32)`.
fn shortest(number: f32) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() };
    }
    let scientific = format!("{number:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return format!("{number}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
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
