//! A mapping's fields and a list's entries, one after the other, as serde takes them.

use std::borrow::Cow;

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed};

use super::cursor::{Cursor, core_name, is_own_text};
use super::unplaced::Unplaced;
use crate::syntax::scalar::{self, Plain};
use crate::syntax::tree::{Form, NodeId};

pub(super) struct Fields<'t> {
    reader: Cursor<'t>,
    entries: std::vec::IntoIter<(NodeId, NodeId)>,
    /// The key that was read last, its text, and its value.
    entry: Option<(NodeId, Cow<'t, str>, NodeId)>,
    /// Whether kubectl has read a key `false`, and one `true`.
    booleans: [bool; 2],
}

impl<'t> Fields<'t> {
    pub(super) fn new(reader: Cursor<'t>, entries: std::vec::IntoIter<(NodeId, NodeId)>) -> Self {
        Self { reader, entries, entry: None, booleans: [false; 2] }
    }

    /// Checks that no two keys are one to kubectl: it writes a plain `yes` out as `true`.
    fn check_boolean(
        &mut self,
        key: Cursor<'_>,
        text: &str,
        is_plain: bool,
    ) -> Result<(), Unplaced> {
        // The shortest is `n`, the longest `false`.
        if !(1..=5).contains(&text.len()) {
            return Ok(());
        }
        let boolean = match scalar::resolve(text) {
            Plain::Boolean(value) if is_plain => value,
            _ if text == "true" || text == "false" => text == "true",
            _ => return Ok(()),
        };
        if std::mem::replace(&mut self.booleans[usize::from(boolean)], true) {
            let message = format!(
                "kubectl reads both this key and another one of this mapping as `{boolean}`; write both in quotes, with different names"
            );
            return Err(key.refuse(&message));
        }
        Ok(())
    }

    #[inline(never)]
    fn advance(&mut self) -> Result<bool, Unplaced> {
        let Some((key, value)) = self.entries.next() else {
            return Ok(false);
        };
        let reader = self.reader.below(key).followed()?;
        let node = reader.node.tree.node(reader.node.id);
        if !node.form.is_scalar() {
            return Err(reader.refuse("a key must be a scalar"));
        }
        let text = scalar::text(reader.node.source, node);
        let is_plain = matches!(node.form, Form::Plain | Form::Empty);
        let is_tagged = reader.node.tag().is_some_and(|tag| core_name(tag) != Some("str"));
        if is_tagged || (is_plain && reader.node.tag().is_none() && !is_own_text(&text)) {
            return Err(reader.refuse(
                "kubectl reads this key as another number or as null, and other readers as its text; write it in quotes",
            ));
        }
        self.check_boolean(reader, &text, is_plain && reader.node.tag().is_none())?;
        self.entry = Some((key, text, value));
        Ok(true)
    }

    fn key(&self) -> &str {
        self.entry.as_ref().map_or("", |(_, key, _)| key)
    }

    #[inline(never)]
    fn entry_value(&self) -> Result<Cursor<'t>, Unplaced> {
        match self.entry {
            Some((.., value)) => Ok(self.reader.below(value)),
            None => Err(self.reader.refuse("a value without its key")),
        }
    }

    #[cold]
    #[inline(never)]
    fn bad_value(&self, error: Unplaced, reader: Cursor<'_>) -> Unplaced {
        error.below_key(self.key(), reader.offset())
    }

    #[cold]
    #[inline(never)]
    fn bad_key(&self, error: Unplaced) -> Unplaced {
        let key = self.entry.as_ref().map(|(key, ..)| *key);
        let reader = key.map_or(self.reader, |key| self.reader.below(key));
        reader.here(error).below_key(self.key(), reader.offset())
    }
}

impl<'t> de::MapAccess<'t> for &mut Fields<'t> {
    type Error = Unplaced;

    fn next_key_seed<K: DeserializeSeed<'t>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unplaced> {
        if !self.advance()? {
            return Ok(None);
        }
        let key = StrDeserializer::new(self.key());
        seed.deserialize(key).map(Some).map_err(|error| self.bad_key(error))
    }

    fn next_value_seed<S: DeserializeSeed<'t>>(&mut self, seed: S) -> Result<S::Value, Unplaced> {
        let reader = self.entry_value()?;
        seed.deserialize(reader).map_err(|error| self.bad_value(error, reader))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

pub(super) struct Entries<'t> {
    pub(super) reader: Cursor<'t>,
    pub(super) entries: std::vec::IntoIter<NodeId>,
    pub(super) place: usize,
}

impl<'t> de::SeqAccess<'t> for &mut Entries<'t> {
    type Error = Unplaced;

    fn next_element_seed<S: DeserializeSeed<'t>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Unplaced> {
        let Some(entry) = self.entries.next() else {
            return Ok(None);
        };
        let reader = self.reader.below(entry);
        let place = self.place;
        self.place += 1;
        seed.deserialize(reader)
            .map(Some)
            .map_err(|error| error.below_entry(place, reader.offset()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}
