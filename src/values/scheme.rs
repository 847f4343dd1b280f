//! Where the load balancer listens.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use krm_package::text::excerpt::Excerpt;
use krm_package::text::suggest::hint;

/// The scheme of a load balancer, the value of `alb.ingress.kubernetes.io/scheme`.
///
/// The controller reads the two names with their exact case, and takes an absent annotation for
/// `internal` (`pkg/ingress/model_build_load_balancer.go`, v3.5.0).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("enum" = ["internal", "internet-facing"]))]
pub(crate) enum Scheme {
    /// Private addresses of the VPC only.
    Internal,
    /// Public addresses.
    InternetFacing,
}

impl Scheme {
    /// `internal` or `internet-facing`.
    #[must_use]
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::InternetFacing => "internet-facing",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A text that is not a scheme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found} is not a load balancer scheme; {hint}")]
pub(crate) struct SchemeError {
    found: Excerpt,
    hint: String,
}

impl FromStr for Scheme {
    type Err = SchemeError;

    /// Reads `internal` or `internet-facing`.
    ///
    /// # Errors
    /// Any other text, also one in other case or with spaces around it, since the controller
    /// does not read those.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "internal" => Ok(Self::Internal),
            "internet-facing" => Ok(Self::InternetFacing),
            _ => Err(SchemeError {
                found: Excerpt::new(text),
                hint: match text.trim().to_ascii_lowercase().as_str() {
                    // What the words "public" and "external" stand for is not near in letters.
                    "public" | "external" | "internet" => {
                        "did you mean \"internet-facing\"?".to_owned()
                    }
                    "private" => "did you mean \"internal\"?".to_owned(),
                    other => hint(other, &["internal", "internet-facing"]),
                },
            }),
        }
    }
}

impl TryFrom<String> for Scheme {
    type Error = SchemeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Scheme> for String {
    fn from(scheme: Scheme) -> Self {
        scheme.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_schemes() {
        for (text, scheme) in
            [("internal", Scheme::Internal), ("internet-facing", Scheme::InternetFacing)]
        {
            assert_eq!(text.parse::<Scheme>().unwrap(), scheme);
            assert_eq!(scheme.to_string(), text);
            let json = format!("\"{text}\"");
            assert_eq!(serde_json::from_str::<Scheme>(&json).unwrap(), scheme);
            assert_eq!(serde_json::to_string(&scheme).unwrap(), json);
        }
    }

    #[test]
    fn says_what_was_meant() {
        for (text, message) in [
            (
                "internet_facing",
                r#""internet_facing" is not a load balancer scheme; did you mean "internet-facing"?"#,
            ),
            ("Internal", r#""Internal" is not a load balancer scheme; did you mean "internal"?"#),
            ("internal ", r#""internal " is not a load balancer scheme; did you mean "internal"?"#),
            (
                "public",
                r#""public" is not a load balancer scheme; did you mean "internet-facing"?"#,
            ),
            ("private", r#""private" is not a load balancer scheme; did you mean "internal"?"#),
            ("", r#""" is not a load balancer scheme; expected one of internal, internet-facing"#),
            (
                "$(loadBalancerScheme)",
                r#""$(loadBalancerScheme)" is not a load balancer scheme; expected one of internal, internet-facing"#,
            ),
        ] {
            assert_eq!(text.parse::<Scheme>().unwrap_err().to_string(), message);
        }
        assert!(serde_json::from_str::<Scheme>("\"Internal\"").is_err());
    }
}
