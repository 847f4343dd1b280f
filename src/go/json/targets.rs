//! The Go types that annotations are decoded into: strings, numbers, booleans, pointers, lists, maps.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Deref;

use super::decode::{Decoder, GoTarget, NumberFit};
use super::error::GoJsonError;
use super::names::names_field;

impl GoTarget for String {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Borrowed("string")
    }
    fn text(&mut self, value: &str) -> bool {
        value.clone_into(self);
        true
    }
}

impl GoTarget for bool {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Borrowed("bool")
    }
    fn boolean(&mut self, value: bool) -> bool {
        *self = value;
        true
    }
}

impl GoTarget for i32 {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Borrowed("int32")
    }
    fn number(&mut self, written: &str) -> NumberFit {
        match written.parse() {
            Ok(value) => {
                *self = value;
                NumberFit::Taken
            }
            Err(_) => NumberFit::OutOfRange,
        }
    }
}

/// A Go pointer: `null` clears it, anything else is decoded into what it points to.
impl<T: GoTarget + Default> GoTarget for Option<T> {
    fn go_type(&self) -> Cow<'static, str> {
        self.as_ref().map_or_else(|| T::default().go_type(), GoTarget::go_type)
    }
    fn null(&mut self) {
        *self = None;
    }
    fn boolean(&mut self, value: bool) -> bool {
        self.get_or_insert_default().boolean(value)
    }
    fn text(&mut self, value: &str) -> bool {
        self.get_or_insert_default().text(value)
    }
    fn number(&mut self, written: &str) -> NumberFit {
        self.get_or_insert_default().number(written)
    }
    fn array(&mut self, decoder: &mut Decoder<'_>) -> bool {
        self.get_or_insert_default().array(decoder)
    }
    fn object(&mut self, decoder: &mut Decoder<'_>) -> bool {
        self.get_or_insert_default().object(decoder)
    }
    fn is_custom(&self) -> bool {
        T::default().is_custom()
    }
    fn custom(&mut self, written: &str) -> Result<(), GoJsonError> {
        self.get_or_insert_default().custom(written)
    }
}

/// A Go slice. A second list for the same key is decoded over the elements of the first, and
/// elements past its end stay in memory: a third, longer one finds them again.
#[derive(Debug, Clone)]
pub struct GoSlice<T> {
    memory: Vec<T>,
    len: usize,
}

impl<T> Default for GoSlice<T> {
    fn default() -> Self {
        Self { memory: Vec::new(), len: 0 }
    }
}

impl<T> Deref for GoSlice<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.memory[..self.len]
    }
}

impl<T: PartialEq> PartialEq for GoSlice<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for GoSlice<T> {}

impl<T> FromIterator<T> for GoSlice<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let memory: Vec<T> = items.into_iter().collect();
        let len = memory.len();
        Self { memory, len }
    }
}

impl<T: GoTarget + Default> GoTarget for GoSlice<T> {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Owned(format!("[]{}", T::default().go_type()))
    }
    fn null(&mut self) {
        *self = Self::default();
    }
    fn array(&mut self, decoder: &mut Decoder<'_>) -> bool {
        let mut read = 0;
        decoder.elements(&mut |decoder, index| {
            if index >= self.memory.len() {
                self.memory.push(T::default());
            }
            decoder.value(&mut self.memory[index]);
            read = index + 1;
        });
        self.len = read;
        if read == 0 {
            self.memory.clear();
        }
        true
    }
}

/// A Go map with string keys: a second object for the same key adds to the first.
impl<T: GoTarget + Default> GoTarget for BTreeMap<String, T> {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Owned(format!("map[string]{}", T::default().go_type()))
    }
    fn null(&mut self) {
        self.clear();
    }
    fn object(&mut self, decoder: &mut Decoder<'_>) -> bool {
        decoder.members(&mut |decoder, key| {
            let mut value = T::default();
            decoder.value(&mut value);
            self.insert(key.to_owned(), value);
        });
        true
    }
}

/// The keys of an object as they are spelt, in order, with the text of those that are strings.
/// Takes any value without complaint: for saying what a text's author meant, not what Go reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeySpellings(pub Vec<(String, Option<String>)>);

impl KeySpellings {
    /// How often a field is given, in any of the spellings that Go takes for it.
    #[must_use]
    pub(crate) fn count(&self, field: &str) -> usize {
        self.0.iter().filter(|(key, _)| names_field(key, field)).count()
    }
}

impl GoTarget for KeySpellings {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Borrowed("interface {}")
    }
    fn boolean(&mut self, _value: bool) -> bool {
        true
    }
    fn text(&mut self, _value: &str) -> bool {
        true
    }
    fn number(&mut self, _written: &str) -> NumberFit {
        NumberFit::Taken
    }
    fn object(&mut self, decoder: &mut Decoder<'_>) -> bool {
        decoder.members(&mut |decoder, key| {
            let mut text = TextOrNot::default();
            decoder.value(&mut text);
            self.0.push((key.to_owned(), text.0));
        });
        true
    }
    fn array(&mut self, decoder: &mut Decoder<'_>) -> bool {
        decoder.elements(&mut |decoder, _| decoder.skip());
        true
    }
}

#[derive(Default)]
struct TextOrNot(Option<String>);

impl GoTarget for TextOrNot {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Borrowed("interface {}")
    }
    fn boolean(&mut self, _value: bool) -> bool {
        true
    }
    fn text(&mut self, value: &str) -> bool {
        self.0 = Some(value.to_owned());
        true
    }
    fn number(&mut self, _written: &str) -> NumberFit {
        NumberFit::Taken
    }
    fn object(&mut self, decoder: &mut Decoder<'_>) -> bool {
        decoder.members(&mut |decoder, _| decoder.skip());
        true
    }
    fn array(&mut self, decoder: &mut Decoder<'_>) -> bool {
        decoder.elements(&mut |decoder, _| decoder.skip());
        true
    }
}
