//! A `spec` as its function declares it, without the field that every `spec` has.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer, IgnoredAny, IntoDeserializer, MapAccess, Visitor,
};

use super::accept::FIELD;

/// The `spec` of a configuration. [`FIELD`] is the runtime's own, and left out.
pub(super) struct OwnFields<T>(pub(super) T);

impl<'de, T: de::Deserialize<'de>> de::Deserialize<'de> for OwnFields<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Spec(PhantomData))
    }
}

struct Spec<T>(PhantomData<T>);

impl<'de, T: de::Deserialize<'de>> Visitor<'de> for Spec<T> {
    type Value = OwnFields<T>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(Own(fields))).map(OwnFields)
    }
}

/// The fields of a mapping but for [`FIELD`].
struct Own<A>(A);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Own<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Self::Error> {
        let mut seed = Some(seed);
        loop {
            match self.0.next_key_seed(OwnKey(&mut seed))? {
                None => return Ok(None),
                Some(Some(key)) => return Ok(Some(key)),
                Some(None) => self.0.next_value::<IgnoredAny>().map(drop)?,
            }
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.next_value_seed(seed)
    }
}

/// A key: nothing where it is [`FIELD`], else what its seed makes of it.
struct OwnKey<'s, K>(&'s mut Option<K>);

impl<'de, K: DeserializeSeed<'de>> DeserializeSeed<'de> for OwnKey<'_, K> {
    type Value = Option<K::Value>;

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<Self::Value, D::Error> {
        key.deserialize_identifier(self)
    }
}

impl<'de, K: DeserializeSeed<'de>> Visitor<'de> for OwnKey<'_, K> {
    type Value = Option<K::Value>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the name of a field")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<Self::Value, E> {
        let seed = if key == FIELD { None } else { self.0.take() };
        let key: StrDeserializer<'_, E> = key.into_deserializer();
        seed.map(|seed| seed.deserialize(key)).transpose()
    }
}
