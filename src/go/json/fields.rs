//! A Go struct whose fields are known only when it is read, because they differ between releases.

use std::borrow::Cow;

use super::decode::{Decoder, GoTarget, unmarshal};
use super::error::GoJsonError;
use super::names::names_field;

/// The fields of a Go struct, each with the place that it is read into.
pub(crate) struct GoFields<'t> {
    package: &'static str,
    name: &'static str,
    fields: Vec<(&'static str, &'t mut dyn GoTarget)>,
    found: Found,
}

/// What else a text says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// The text is `null`, which leaves every field as it was.
    pub null: bool,
    /// Keys that name no field, in the order of the text. Go passes them over.
    pub unknown: Vec<String>,
}

impl<'t> GoFields<'t> {
    /// A struct without fields: `GoFields::of("v1beta1", "IngressConfig")`.
    #[must_use]
    pub(crate) fn of(package: &'static str, name: &'static str) -> Self {
        Self { package, name, fields: Vec::new(), found: Found::default() }
    }

    /// Adds a field by its JSON name.
    #[must_use]
    pub(crate) fn field(mut self, key: &'static str, target: &'t mut dyn GoTarget) -> Self {
        self.fields.push((key, target));
        self
    }

    /// Reads a text into the fields, as `json.Unmarshal` does.
    ///
    /// # Errors
    /// Those of [`unmarshal`].
    pub(crate) fn read(mut self, text: &str) -> Result<Found, GoJsonError> {
        unmarshal(text, &mut self)?;
        Ok(self.found)
    }
}

impl GoTarget for GoFields<'_> {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Owned(format!("{}.{}", self.package, self.name))
    }

    fn null(&mut self) {
        self.found.null = true;
    }

    fn object(&mut self, decoder: &mut Decoder<'_>) -> bool {
        let Self { name, fields, found, .. } = self;
        decoder.members(&mut |decoder, key| match fields
            .iter_mut()
            .find(|(field, _)| names_field(key, field))
        {
            Some((field, target)) => decoder.field(name, field, *target),
            None => {
                found.unknown.push(key.to_owned());
                decoder.skip();
            }
        });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::go::json::GoSlice;

    #[test]
    fn fields_are_read_as_those_of_a_struct() {
        let (mut scheme, mut off, mut class) = (String::new(), false, None::<String>);
        let mut domains: Option<GoSlice<String>> = None;
        let text = r#"{"URLSCHEME":"a","urlscheme":"b","urlScheme":null,"off":true,"x":{"y":[]},
            "class":"c","Class":null,"domains":["d",null]}"#;
        let found = GoFields::of("v1beta1", "IngressConfig")
            .field("urlScheme", &mut scheme)
            .field("off", &mut off)
            .field("class", &mut class)
            .field("domains", &mut domains)
            .read(text)
            .unwrap();
        assert_eq!(found, Found { null: false, unknown: vec!["x".to_owned()] });
        assert_eq!((scheme.as_str(), off, class), ("b", true, None));
        assert_eq!(&*domains.unwrap(), ["d", ""]);
    }

    #[test]
    fn errors_name_the_struct_and_the_field() {
        let read = |text: &str| {
            let mut off = false;
            let fields = GoFields::of("v1beta1", "IngressConfig").field("off", &mut off);
            fields.read(text).map_err(|error| error.to_string())
        };
        assert!(read("null").unwrap().null);
        assert_eq!(
            read(r#"{"Off":"false","off":false}"#).unwrap_err(),
            "json: cannot unmarshal string into Go struct field IngressConfig.off of type bool"
        );
        assert_eq!(
            read("[]").unwrap_err(),
            "json: cannot unmarshal array into Go value of type v1beta1.IngressConfig"
        );
        assert_eq!(read("{").unwrap_err(), "unexpected end of JSON input");
    }
}
