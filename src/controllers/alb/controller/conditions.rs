//! `conditions.<service>`: what a rule demands of a request beyond host and path.
//!
//! Source: `RuleCondition` and its `Validate` in `pkg/ingress/config_types.go`, v3.5.

use std::borrow::Cow;
use std::fmt;

use crate::go::json::go_struct;
use crate::go::json::{self, GoJsonError, GoSlice, GoTarget};

/// A text that may be a token: no `Display`, and a `Debug` that hides it.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeaderValue(String);

impl HeaderValue {
    /// The text. Never put it into a message.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for HeaderValue {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for HeaderValue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("HeaderValue(…)")
    }
}

impl GoTarget for HeaderValue {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Borrowed("string")
    }
    fn text(&mut self, value: &str) -> bool {
        value.clone_into(&mut self.0);
        true
    }
}

/// `field` of a condition. Only the exact lower-case names of AWS select a condition; the
/// controller ignores every other one without a word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ConditionField(pub String);

impl GoTarget for ConditionField {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Borrowed("ingress.RuleConditionField")
    }
    fn text(&mut self, value: &str) -> bool {
        value.clone_into(&mut self.0);
        true
    }
}

/// The `field` names that the controller knows.
pub(crate) const FIELDS: [&str; 6] = [
    "http-header",
    "http-request-method",
    "host-header",
    "path-pattern",
    "query-string",
    "source-ip",
];

go_struct! {
    /// One condition as the annotation gives it.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub(crate) struct RuleCondition as "ingress", "RuleCondition" {
        /// Which of the configurations counts.
        pub field: ConditionField = "field",
        /// For `host-header`.
        pub host_header: Option<HostHeaderConfig> = "hostHeaderConfig",
        /// For `http-header`.
        pub http_header: Option<HttpHeaderConfig> = "httpHeaderConfig",
        /// For `http-request-method`.
        pub method: Option<MethodConfig> = "httpRequestMethodConfig",
        /// For `path-pattern`.
        pub path_pattern: Option<PathPatternConfig> = "pathPatternConfig",
        /// For `query-string`.
        pub query_string: Option<QueryStringConfig> = "queryStringConfig",
        /// For `source-ip`.
        pub source_ip: Option<SourceIpConfig> = "sourceIPConfig",
    }
}

/// The conditions of a `conditions.<service>` annotation, as the controller reads them: keys in any
/// case, the last of a repeated one, every unknown one skipped. A condition of an unknown `field` is
/// among them (see [`RuleCondition::counts`]).
///
/// # Errors
/// Go's reason why the text is not a list of conditions.
pub(crate) fn read(text: &str) -> Result<Vec<RuleCondition>, GoJsonError> {
    let mut conditions: GoSlice<RuleCondition> = GoSlice::default();
    json::unmarshal(text, &mut conditions)?;
    Ok(conditions.to_vec())
}

/// Every value in the text of a `conditions.<service>` annotation that may be a token: what the
/// controller would compare, and all that it can read of a list that it refuses in the end.
#[must_use]
pub(crate) fn secrets(text: &str) -> Vec<HeaderValue> {
    let mut conditions: GoSlice<RuleCondition> = GoSlice::default();
    // Go reads on behind a value of a wrong type, and says so at the end.
    let _ = json::unmarshal(text, &mut conditions);
    let mut secrets = Vec::new();
    for condition in conditions.iter() {
        if let Some(config) = &condition.http_header {
            secrets.extend(config.values.iter().chain(config.regex_values.iter()).cloned());
        }
        if let Some(config) = &condition.query_string {
            secrets.extend(config.values.iter().map(|pair| pair.value.clone()));
        }
    }
    secrets
}

go_struct! {
    /// `hostHeaderConfig`.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub(crate) struct HostHeaderConfig as "ingress", "HostHeaderConditionConfig" {
        /// Regular expressions.
        pub regex_values: GoSlice<String> = "regexValues",
        /// Patterns with `*` and `?`.
        pub values: GoSlice<String> = "values",
    }
}

go_struct! {
    /// `httpHeaderConfig`.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub(crate) struct HttpHeaderConfig as "ingress", "HTTPHeaderConditionConfig" {
        /// The header's name.
        pub name: String = "httpHeaderName",
        /// Regular expressions.
        pub regex_values: GoSlice<HeaderValue> = "regexValues",
        /// Patterns with `*` and `?`, compared without case.
        pub values: GoSlice<HeaderValue> = "values",
    }
}

go_struct! {
    /// `httpRequestMethodConfig`.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub(crate) struct MethodConfig as "ingress", "HTTPRequestMethodConditionConfig" {
        /// The methods.
        pub values: GoSlice<String> = "values",
    }
}

go_struct! {
    /// `pathPatternConfig`.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub(crate) struct PathPatternConfig as "ingress", "PathPatternConditionConfig" {
        /// Regular expressions.
        pub regex_values: GoSlice<String> = "regexValues",
        /// Patterns with `*` and `?`.
        pub values: GoSlice<String> = "values",
    }
}

go_struct! {
    /// `queryStringConfig`.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub(crate) struct QueryStringConfig as "ingress", "QueryStringConditionConfig" {
        /// The parameters, any of which is enough.
        pub values: GoSlice<QueryStringPair> = "values",
    }
}

go_struct! {
    /// A query parameter.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub(crate) struct QueryStringPair as "ingress", "QueryStringKeyValuePair" {
        /// Its key; any where absent.
        pub key: Option<String> = "key",
        /// Its value, which may be a token.
        pub value: HeaderValue = "value",
    }
}

go_struct! {
    /// `sourceIPConfig`.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub(crate) struct SourceIpConfig as "ingress", "SourceIPConditionConfig" {
        /// CIDRs.
        pub values: GoSlice<String> = "values",
    }
}

impl RuleCondition {
    /// Whether the controller reads it at all: its `field` is one of [`FIELDS`].
    #[must_use]
    pub(crate) fn counts(&self) -> bool {
        FIELDS.contains(&self.field.0.as_str())
    }

    /// The header that its `httpHeaderConfig` names, whether or not its `field` selects it.
    #[must_use]
    pub(crate) fn header(&self) -> Option<&str> {
        let config = self.http_header.as_ref()?;
        Some(config.name.as_str()).filter(|name| !name.is_empty())
    }

    /// What the controller's webhook and model check of a condition; an unknown `field` passes.
    ///
    /// # Errors
    /// The controller's words.
    pub(crate) fn validate(&self) -> Result<(), String> {
        let one_of = |values: usize, regex: usize| match (values, regex) {
            (0, 0) => Err("values or regexValues must be specified"),
            (0, _) | (_, 0) => Ok(()),
            _ => Err("precisely one of values and regexValues can be specified"),
        };
        let any =
            |values: usize, words: &'static str| if values == 0 { Err(words) } else { Ok(()) };
        let (name, checked) = match self.field.0.as_str() {
            "host-header" => (
                "hostHeaderConfig",
                self.host_header
                    .as_ref()
                    .map(|config| one_of(config.values.len(), config.regex_values.len())),
            ),
            "path-pattern" => (
                "pathPatternConfig",
                self.path_pattern
                    .as_ref()
                    .map(|config| one_of(config.values.len(), config.regex_values.len())),
            ),
            "http-header" => (
                "httpHeaderConfig",
                self.http_header
                    .as_ref()
                    .map(|config| one_of(config.values.len(), config.regex_values.len())),
            ),
            "http-request-method" => (
                "httpRequestMethodConfig",
                self.method
                    .as_ref()
                    .map(|config| any(config.values.len(), "values cannot be empty")),
            ),
            "query-string" => (
                "queryStringConfig",
                self.query_string.as_ref().map(|config| {
                    any(config.values.len(), "Values cannot be empty")?;
                    if config.values.iter().any(|pair| pair.value.expose().is_empty()) {
                        return Err("value cannot be empty");
                    }
                    Ok(())
                }),
            ),
            "source-ip" => (
                "sourceIPConfig",
                self.source_ip
                    .as_ref()
                    .map(|config| any(config.values.len(), "values cannot be empty")),
            ),
            _ => return Ok(()),
        };
        match checked {
            None => Err(format!("missing {name}")),
            Some(Err(words)) => Err(format!("invalid {name}: {words}")),
            Some(Ok(())) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_in_any_spelling() {
        for text in [
            r#"[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"x","Values":["t"]}}]"#,
            r#"[{"FIELD":"http-header","HTTPHEADERCONFIG":{"HTTPHEADERNAME":"x","VALUES":["t"]}}]"#,
            r#"[{"Field":"http-header","HttpHeaderConfig":{"httpheadername":"x","valueſ":["t"]}}]"#,
        ] {
            let conditions = read(text).unwrap();
            assert_eq!(conditions[0].header(), Some("x"), "{text}");
            assert!(conditions[0].counts());
            assert_eq!(secrets(text), [HeaderValue::from("t")], "{text}");
        }
    }

    #[test]
    fn expressions_parameters_and_broken_lists_hold_secrets_too() {
        let regex = r#"[{"httpHeaderConfig":{"regexvalues":["^a$"]}}]"#;
        assert_eq!(secrets(regex), [HeaderValue::from("^a$")]);
        let query = r#"[{"queryStringConfig":{"values":[{"key":"k","value":"s"}]}}]"#;
        assert_eq!(secrets(query), [HeaderValue::from("s")]);
        let broken = r#"[{"field":5,"httpHeaderConfig":{"values":["t"]}}]"#;
        assert!(read(broken).is_err());
        assert_eq!(secrets(broken), [HeaderValue::from("t")]);
    }
}
