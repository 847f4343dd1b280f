//! An object that a package does not have yet.

use std::sync::Arc;

use serde_json::Value;

use super::emit::{self, Style, Written};
use crate::error::SourceError;
use crate::read::NodeRef;
use crate::syntax::parse::parse_part;

impl Written for NewObject {
    fn push_block(&self, column: usize, style: Style, out: &mut String) -> Result<(), SourceError> {
        if style != Self::STYLE {
            return self.value().push_block(column, style, out);
        }
        let blanks = " ".repeat(column);
        let text = self.text.strip_suffix('\n').unwrap_or(&self.text);
        for (place, line) in text.split('\n').enumerate() {
            if place > 0 {
                out.push('\n');
                out.push_str(if line.is_empty() { "" } else { &blanks });
            }
            out.push_str(line);
        }
        Ok(())
    }

    fn flow(&self) -> Result<String, SourceError> {
        self.value().flow()
    }
}

/// What is nested no further every reader takes.
const MAX_DEPTH: usize = 100;

/// An object that a package does not have yet, held as the text that it gets: a generator makes thousands, each
/// of which would take five times the memory as a value.
///
/// ```
/// use krm_package::{Edit, NewObject, Package};
/// use serde_json::json;
///
/// let object = NewObject::from(json!({ "kind": "Service", "metadata": { "name": "cart" } }));
/// assert_eq!(object.value()["kind"], "Service");
/// let package = Package::stream("kind: Secret\n")?;
/// let edited = package.apply(&[Edit::AddItem(object)], &[]).unwrap();
/// let new = "kind: Service\nmetadata:\n  name: cart\n";
/// assert_eq!(edited.to_string(), format!("kind: Secret\n---\n{new}"));
/// # Ok::<(), krm_package::SourceError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewObject {
    /// With the line break at its end, without which a text of several lines would lose its own.
    text: Arc<str>,
    /// Why its text would not be read by everyone.
    refused: Option<Box<str>>,
}

impl From<Value> for NewObject {
    fn from(value: Value) -> Self {
        Self::from(&value)
    }
}

impl From<&Value> for NewObject {
    fn from(value: &Value) -> Self {
        let mut text = emit::block(value, 0, Self::STYLE);
        text.push_str(Self::STYLE.line_break);
        let text: Arc<str> = text.into();
        let refused = match emit::check_keys(&[value]) {
            Err(refused) => Some(refused.into()),
            Ok(depth) if depth <= MAX_DEPTH => None,
            Ok(_) => parse_part(&text).err().map(|error| error.message.into()),
        };
        Self { text, refused }
    }
}

impl NewObject {
    /// As an object is written into a stream of documents whose lines end in LF.
    pub(crate) const STYLE: Style =
        Style { line_break: "\n", indented_sequences: false, literals: true };

    /// What it is; `null` for what no reader would take, which [`Package::apply`](crate::Package::apply) refuses.
    #[must_use]
    pub fn value(&self) -> Value {
        let Ok(tree) = parse_part(&self.text) else { return Value::Null };
        let Some(id) = tree.roots.first().copied() else { return Value::Null };
        NodeRef { source: &self.text, tree: &tree, id }.value().unwrap_or_default()
    }

    /// Its text as a document, with a line break at its end.
    pub(crate) fn text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// Checks that every reader takes the text of some.
    ///
    /// # Errors
    /// Why one cannot be written.
    pub(crate) fn check(objects: &[&Self], source: &str) -> Result<(), SourceError> {
        let refused = objects.iter().find_map(|object| object.refused.as_deref());
        refused.map_or(Ok(()), |refused| Err(SourceError::at(source, 0, refused)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Edit, Package};
    use serde_json::json;

    #[test]
    fn a_value_comes_back() {
        for value in [
            json!({ "a": { "b": [1, 0.1, 1e300, -0.0, u64::MAX, i64::MIN, null, true, "1", ""] } }),
            json!({ "text": "a\n\n  b\n", "kept": "a\n\n", "quotes": "it's \"x\"\t\u{1f600}\u{85}" }),
            json!({ "last": "a\nb\n" }),
            json!({ "empty": {}, "list": [], "nested": [[{ "a": [{}] }]] }),
        ] {
            assert_eq!(NewObject::from(&value).value(), value);
        }
    }

    #[test]
    fn what_no_reader_takes_is_refused() {
        let deep = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!({ "a": inner }));
        let package = Package::stream("kind: Secret\n").unwrap();
        let add = |value: Value| package.apply(&[Edit::add_item(value)], &[]);
        assert!(add(deep(150)).is_ok());
        let refused = add(deep(400)).unwrap_err();
        assert!(refused.error.message.contains("nested"), "{refused:?}");
        let refused = add(json!({ "k".repeat(2_000): 1 })).unwrap_err();
        assert!(refused.error.message.contains("1,000 characters"), "{refused:?}");
    }

    #[test]
    fn it_is_written_as_the_text_around() {
        let object = json!({ "kind": "Service", "data": { "a": "b\n\nc\n" }, "list": [1] });
        for (source, written) in [
            ("a: b\n", "---\nkind: Service\ndata:\n  a: |\n    b\n\n    c\nlist:\n- 1\n"),
            (
                "a: b\r\n",
                "---\r\nkind: Service\r\ndata:\r\n  a: \"b\\n\\nc\\n\"\r\nlist:\r\n- 1\r\n",
            ),
            (
                "{\"a\": 1}\n{\"b\": 2}\n",
                "{\"kind\": \"Service\", \"data\": {\"a\": \"b\\n\\nc\\n\"}, \"list\": [1]}\n",
            ),
            (
                "kind: List\nitems:\n  - a: b\n",
                "  - kind: Service\n    data:\n      a: |\n        b\n\n        c\n    list:\n    - 1\n",
            ),
        ] {
            let package = Package::stream(source).unwrap();
            let edited = package.apply(&[Edit::add_item(&object)], &[]).unwrap();
            assert_eq!(edited.to_string(), format!("{source}{written}"));
        }
    }
}
