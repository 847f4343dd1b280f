//! The functions of a template.

use std::cmp::Ordering;

use super::error::TemplateError;
use super::tree::{Function, Operand};
use super::value::Value;

/// The widest field and the longest precision of `printf`.
const WIDEST: usize = 256;

fn stop<T>(message: impl Into<String>) -> Result<T, TemplateError> {
    Err(TemplateError::Execution(message.into()))
}

/// Calls `function` with its arguments and, last, the value of the command before.
pub(super) fn call<'v>(
    function: Function,
    arguments: &'v [Operand],
    before: Option<Value<'v>>,
    mut evaluate: impl FnMut(&'v Operand) -> Result<Value<'v>, TemplateError>,
) -> Result<Value<'v>, TemplateError> {
    let count = arguments.len() + usize::from(before.is_some());
    let (fewest, most) = function.arguments();
    if count < fewest || count > most {
        return stop(format!("{count} arguments for {function:?}").to_lowercase());
    }
    if let Function::And | Function::Or = function {
        let mut value = Value::Missing;
        for argument in arguments {
            value = evaluate(argument)?;
            if value.truth() == (function == Function::Or) {
                return Ok(value);
            }
        }
        return Ok(before.unwrap_or(value));
    }
    let mut values = Vec::with_capacity(count);
    for argument in arguments {
        values.push(evaluate(argument)?);
    }
    values.extend(before);
    match (function, values.as_slice()) {
        (Function::Not, [value]) => Ok(Value::Bool(!value.truth())),
        (Function::Len, [value]) => length(value),
        (Function::Eq, [first, rest @ ..]) => equal(first, rest).map(Value::Bool),
        (Function::Ne, [first, second]) => {
            equal(first, std::slice::from_ref(second)).map(|equal| Value::Bool(!equal))
        }
        (Function::Lt, [a, b]) => Ok(Value::Bool(order(a, b)? == Ordering::Less)),
        (Function::Le, [a, b]) => Ok(Value::Bool(order(a, b)? != Ordering::Greater)),
        (Function::Gt, [a, b]) => Ok(Value::Bool(order(a, b)? == Ordering::Greater)),
        (Function::Ge, [a, b]) => Ok(Value::Bool(order(a, b)? != Ordering::Less)),
        (Function::Index, [item, keys @ ..]) => index(item.clone(), keys),
        (Function::Slice, [item, bounds @ ..]) => slice(item, bounds),
        (Function::Print, values) => Ok(Value::text(print(values))),
        (Function::Println, values) => {
            let words: Vec<_> = values.iter().map(Value::printed).collect();
            Ok(Value::text(words.join(" ") + "\n"))
        }
        (Function::Printf, [Value::Text(format), values @ ..]) => {
            printf(format, values).map(Value::text)
        }
        (Function::Printf, [other, ..]) => {
            stop(format!("a {} as the format of printf", other.kind()))
        }
        _ => stop("a wrong number of arguments"),
    }
}

/// Spaces are between operands of which neither is a string.
fn print(values: &[Value]) -> String {
    let mut out = String::new();
    for (at, value) in values.iter().enumerate() {
        let words = |value: &Value| matches!(value, Value::Text(_));
        if at > 0 && !words(value) && !words(&values[at - 1]) {
            out.push(' ');
        }
        out.push_str(&value.printed());
    }
    out
}

fn length(value: &Value<'_>) -> Result<Value<'static>, TemplateError> {
    let length = match value {
        Value::Text(text) => text.len(),
        Value::Map(map) => map.len(),
        other => return stop(format!("len of type {}", other.kind())),
    };
    Ok(Value::Integer(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn equal(first: &Value, rest: &[Value]) -> Result<bool, TemplateError> {
    if rest.is_empty() {
        return stop("missing argument for comparison");
    }
    for other in rest {
        let same = match (first, other) {
            (Value::Missing, Value::Missing) => true,
            (Value::Missing, _) | (_, Value::Missing) => false,
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Integer(a), Value::Integer(b)) => a == b,
            (a, b) => {
                return stop(format!(
                    "incompatible types for comparison: {} and {}",
                    a.kind(),
                    b.kind()
                ));
            }
        };
        if same {
            return Ok(true);
        }
    }
    Ok(false)
}

fn order(a: &Value, b: &Value) -> Result<Ordering, TemplateError> {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => Ok(a.cmp(b)),
        (Value::Integer(a), Value::Integer(b)) => Ok(a.cmp(b)),
        (a, b) => stop(format!("no order of {} and {}", a.kind(), b.kind())),
    }
}

/// An absent key of a map is the empty string here, unlike `.Labels.key`.
fn index<'v>(mut item: Value<'v>, keys: &[Value<'_>]) -> Result<Value<'v>, TemplateError> {
    if item == Value::Missing {
        return stop("index of untyped nil");
    }
    for key in keys {
        item = match (item, key) {
            (Value::Map(map), Value::Text(key)) => {
                Value::text(map.get(&**key).map_or("", String::as_str))
            }
            (Value::Text(text), Value::Integer(at)) => {
                let byte =
                    usize::try_from(*at).ok().and_then(|at| text.as_bytes().get(at).copied());
                match byte {
                    Some(byte) => Value::Integer(i64::from(byte)),
                    None => return stop(format!("index out of range: {at}")),
                }
            }
            (item, key) => {
                return stop(format!("a {} as the index of a {}", key.kind(), item.kind()));
            }
        };
    }
    Ok(item)
}

fn slice(item: &Value<'_>, bounds: &[Value<'_>]) -> Result<Value<'static>, TemplateError> {
    let Value::Text(text) = item else {
        return stop(format!("can't slice item of type {}", item.kind()));
    };
    let mut range = [0, text.len()];
    if bounds.len() > 2 {
        return stop("cannot 3-index slice a string");
    }
    for (place, bound) in range.iter_mut().zip(bounds) {
        let Value::Integer(at) = bound else {
            return stop(format!("cannot index slice with type {}", bound.kind()));
        };
        *place = match usize::try_from(*at) {
            Ok(at) if at <= text.len() => at,
            _ => return stop(format!("index out of range: {at}")),
        };
    }
    if range[0] > range[1] {
        return stop(format!("invalid slice index: {} > {}", range[0], range[1]));
    }
    match text.get(range[0]..range[1]) {
        Some(part) => Ok(Value::text(part.to_owned())),
        None => Err(TemplateError::Unsupported("a slice through a character".to_owned())),
    }
}

/// `fmt.Sprintf` for the verbs `%s`, `%v`, `%d`, `%q` and `%t` with `-`, width and precision.
fn printf(format: &str, values: &[Value]) -> Result<String, TemplateError> {
    let mut out = String::new();
    let mut values = values.iter();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let left = rest.starts_with('-');
        if left {
            rest = &rest[1..];
        }
        let width = number(&mut rest)?;
        let precision = match rest.strip_prefix('.') {
            Some(after) => {
                rest = after;
                Some(number(&mut rest)?.unwrap_or(0))
            }
            None => None,
        };
        let Some(verb) = rest.chars().next() else {
            out.push_str("%!(NOVERB)");
            break;
        };
        rest = &rest[verb.len_utf8()..];
        if verb == '%' {
            out.push('%');
            continue;
        }
        if !"svdqt".contains(verb) {
            return Err(TemplateError::Unsupported(format!("%{verb} in printf")));
        }
        let Some(value) = values.next() else {
            out.push_str(&format!("%!{verb}(MISSING)"));
            continue;
        };
        let text = formatted(verb, value, precision)?;
        match width {
            Some(width) if left => out.push_str(&format!("{text:<width$}")),
            Some(width) => out.push_str(&format!("{text:>width$}")),
            None => out.push_str(&text),
        }
    }
    out.push_str(if format.is_empty() { "" } else { rest });
    let extra: Vec<_> = values
        .map(|value| match value {
            Value::Missing => "<nil>".to_owned(),
            value => format!("{}={}", value.kind(), value.printed()),
        })
        .collect();
    if !extra.is_empty() {
        out.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    Ok(out)
}

fn number(rest: &mut &str) -> Result<Option<usize>, TemplateError> {
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, after) = rest.split_at(end);
    if digits.is_empty() {
        return Ok(None);
    }
    *rest = after;
    match digits.parse() {
        Ok(number) if number <= WIDEST && !digits.starts_with('0') || digits == "0" => {
            Ok(Some(number))
        }
        _ => Err(TemplateError::Unsupported(format!("the width {digits} in printf"))),
    }
}

fn formatted(verb: char, value: &Value, precision: Option<usize>) -> Result<String, TemplateError> {
    let cut = |text: &str| match precision {
        Some(length) => text.chars().take(length).collect(),
        None => text.to_owned(),
    };
    let bad = |value: &Value| match value {
        Value::Missing => format!("%!{verb}(<nil>)"),
        value => format!("%!{verb}({}={})", value.kind(), value.printed()),
    };
    Ok(match (verb, value) {
        ('s' | 'v', Value::Text(text)) => cut(text),
        ('q', Value::Text(text)) => quoted(&cut(text))?,
        ('v', Value::Missing) => "<nil>".to_owned(),
        (_, Value::Record(_))
        | ('s' | 'q' | 'd' | 't', Value::Map(_))
        | ('q', Value::Integer(_)) => {
            return Err(TemplateError::Unsupported(format!(
                "%{verb} of a {} in printf",
                value.kind()
            )));
        }
        ('v' | 'd', Value::Integer(_)) if precision.is_some() => {
            return Err(TemplateError::Unsupported(
                "the precision of a number in printf".to_owned(),
            ));
        }
        ('v' | 'd', Value::Integer(number)) => number.to_string(),
        ('v' | 't', Value::Bool(flag)) => flag.to_string(),
        ('v', Value::Map(_)) => value.printed().into_owned(),
        _ => bad(value),
    })
}

/// `strconv.Quote` of text that holds only printable ASCII.
fn quoted(text: &str) -> Result<String, TemplateError> {
    if text.bytes().any(|b| !(b' '..=b'~').contains(&b)) {
        return Err(TemplateError::Unsupported("%q of other than printable ASCII".to_owned()));
    }
    Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}
