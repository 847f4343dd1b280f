//! YAML that a controller reads by itself: `sigs.k8s.io/yaml` 1.6 (`yaml.go`) over `go.yaml.in/yaml/v2`
//! (`resolve.go`). The text of an object is for the engine to read.

use krm_package::yaml::{self, Event, Form, Plain};

/// How deep a value may nest; what controllers read nests few levels.
const DEPTH: usize = 32;

/// A YAML value with its scalars resolved.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Yaml {
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

/// Why a text has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum YamlError {
    /// Not YAML.
    Syntax(String),
    /// A tag, which is not supported.
    Tag,
    /// An alias, which is not supported.
    Alias,
    /// Nested deeper than anything that a controller reads.
    TooDeep,
}

/// A collection that is not at its end.
enum Open {
    List(Vec<Yaml>),
    Map(Vec<(Yaml, Yaml)>, Option<Yaml>),
}

/// The first document. Later ones do not count.
///
/// # Errors
/// [`YamlError`].
pub(crate) fn first_document(text: &str) -> Result<Yaml, YamlError> {
    let events =
        yaml::first_document(text).map_err(|error| YamlError::Syntax(error.to_string()))?;
    let mut open: Vec<Open> = Vec::new();
    for event in events {
        let node = match event {
            Event::Document => continue,
            Event::Node { tag: Some(_), .. } => {
                return Err(YamlError::Tag);
            }
            Event::Node { form: Form::Alias, .. } => {
                return Err(YamlError::Alias);
            }
            Event::Node { form: Form::Empty, .. } => Yaml::Null,
            Event::Node { form: Form::Plain, text, .. } => resolved(&text),
            Event::Node { form, text, .. } if form.is_scalar() => Yaml::Text(text.into_owned()),
            Event::Node { .. } if open.len() == DEPTH => {
                return Err(YamlError::TooDeep);
            }
            Event::Node { form, .. } => {
                open.push(if form.is_mapping() {
                    Open::Map(Vec::new(), None)
                } else {
                    Open::List(Vec::new())
                });
                continue;
            }
            Event::End => match open.pop() {
                Some(Open::List(list)) => Yaml::List(list),
                Some(Open::Map(entries, _)) => Yaml::Map(entries),
                None => continue,
            },
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

/// A plain scalar, and a number as Go writes it.
fn resolved(text: &str) -> Yaml {
    let scalar = |text: String, finite| Yaml::Scalar { text, finite };
    match Plain::of(text) {
        Plain::Null => Yaml::Null,
        Plain::Boolean(value) => scalar(value.to_string(), true),
        Plain::Integer(number) => scalar(number.to_string(), true),
        Plain::Float(number) if number.is_nan() => scalar("NaN".to_owned(), false),
        Plain::Float(number) if number.is_infinite() => {
            let text = if number > 0.0 { "+Inf" } else { "-Inf" };
            scalar(text.to_owned(), false)
        }
        Plain::Float(number) => {
            #[allow(clippy::cast_possible_truncation, reason = "Go writes it in single precision")]
            let single = number as f32;
            scalar(shortest(single), true)
        }
        Plain::Text | Plain::Merge => Yaml::Text(text.to_owned()),
    }
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
