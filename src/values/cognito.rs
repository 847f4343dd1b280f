//! The settings of a Cognito login other than the user pool's ARN: the app client, and the domain
//! of the hosted login page.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::values::dns_name::{DnsName, DnsNameError};
use crate::values::parsed_text::parsed_text;
use crate::values::placeholder;
use krm_package::text::excerpt::Excerpt;

/// The id of an app client of a user pool: 1 to 128 letters, digits, `_` and `+`.
///
/// Source of the rule: `ClientIdType` of the Cognito API (`[\w+]+`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("minLength" = 1, "maxLength" = 128, "pattern" = "^[A-Za-z0-9_+]+$"))]
pub(crate) struct UserPoolClientId(String);

parsed_text!(pub(crate) UserPoolClientId);

/// Why a text is not the id of an app client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UserPoolClientIdError(ClientReason);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum ClientReason {
    #[error("the app client ID is empty; set it to the ID that the user pool's console page shows")]
    Empty,
    #[error("{0} is a placeholder that was not replaced; set the app client ID itself")]
    Unresolved(Excerpt),
    #[error("the app client ID has {0} characters; it may have at most 128")]
    TooLong(usize),
    #[error(
        "invalid app client ID {found}: {character:?} is not allowed; use letters, digits, \"_\" and \"+\" only"
    )]
    Character { found: Excerpt, character: char },
}

impl FromStr for UserPoolClientId {
    type Err = UserPoolClientIdError;

    /// Reads an id.
    ///
    /// # Errors
    /// An empty text, over 128 characters, or another character.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = || Excerpt::new(text);
        let stray = |c: &char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '+'));
        let reason = if text.is_empty() {
            ClientReason::Empty
        } else if text.contains("$(") || placeholder::is_unfilled(text) {
            ClientReason::Unresolved(found())
        } else if let Some(character) = text.chars().find(stray) {
            ClientReason::Character { found: found(), character }
        } else if text.len() > 128 {
            ClientReason::TooLong(text.len())
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(UserPoolClientIdError(reason))
    }
}

/// The domain of a user pool's login page, as the load balancer takes it: the bare prefix of an
/// Amazon-hosted domain (`my-login`), or the whole name of a custom domain (`login.example.com`).
///
/// A prefix has 1 to 63 lower-case letters, digits and `-`, not at an edge (`DomainType` of the
/// Cognito API). `my-login.auth.us-west-2.amazoncognito.com` is refused: the load balancer would
/// add the suffix again.
///
/// ```
/// use kserve_aws::values::cognito::UserPoolDomain;
///
/// assert!("my-login".parse::<UserPoolDomain>()?.is_prefix());
/// assert!(!"login.example.com".parse::<UserPoolDomain>()?.is_prefix());
/// # Ok::<(), kserve_aws::values::cognito::UserPoolDomainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("minLength" = 1, "maxLength" = 253))]
pub struct UserPoolDomain(String);

parsed_text!(pub UserPoolDomain);

impl UserPoolDomain {
    /// Whether it is the prefix of an Amazon-hosted domain, not a custom domain.
    #[must_use]
    pub fn is_prefix(&self) -> bool {
        !self.0.contains('.')
    }
}

/// Why a text is not the domain of a user pool.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UserPoolDomainError(DomainReason);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum DomainReason {
    #[error("the user pool domain is empty; set it to its prefix, or to the custom domain")]
    Empty,
    #[error("{found} is the full name of an Amazon-hosted domain; set only its prefix, {prefix}")]
    AmazonHosted { found: Excerpt, prefix: Excerpt },
    #[error("{0} has a scheme, port or path; set only the prefix or the custom domain")]
    Url(Excerpt),
    #[error("user pool domain {0}")]
    Name(#[from] DnsNameError),
}

impl FromStr for UserPoolDomain {
    type Err = UserPoolDomainError;

    /// Reads a prefix or a custom domain.
    ///
    /// # Errors
    /// What is neither, and the whole name of an Amazon-hosted domain.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = || Excerpt::new(text);
        // A custom domain is a DNS name, and a prefix has the shape of one label of a DNS name.
        let reason = if text.is_empty() {
            DomainReason::Empty
        } else if text.contains(['/', ':']) && !placeholder::is_unfilled(text) {
            DomainReason::Url(found())
        } else if let Some(prefix) = amazon_hosted_prefix(text) {
            DomainReason::AmazonHosted { found: found(), prefix: Excerpt::new(prefix) }
        } else {
            match text.parse::<DnsName>() {
                Ok(name) => return Ok(Self(name.into())),
                Err(error) => error.into(),
            }
        };
        Err(UserPoolDomainError(reason))
    }
}

/// `my-login` of `my-login.auth.us-west-2.amazoncognito.com`, `auth-fips` in its place too.
fn amazon_hosted_prefix(text: &str) -> Option<&str> {
    const SUFFIX: &str = ".amazoncognito.com";
    let end = text.trim_end_matches('.');
    let at = end.len().checked_sub(SUFFIX.len())?;
    let hosted = end.get(at..)?.eq_ignore_ascii_case(SUFFIX);
    hosted.then(|| text.split('.').next()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_client_ids() {
        let longest = "a".repeat(128);
        for text in ["4hq3bl0ilsq8kqb6bqr5pbmcfs", "a+b_C", &longest] {
            let id: UserPoolClientId = text.parse().unwrap();
            assert_eq!(id.as_str(), text);
            let json = serde_json::to_string(&id).unwrap();
            assert_eq!(serde_json::from_str::<UserPoolClientId>(&json).unwrap(), id);
        }
    }

    #[test]
    fn refuses_other_client_ids() {
        let long = "a".repeat(129);
        for (text, message) in [
            (
                "",
                "the app client ID is empty; set it to the ID that the user pool's console page shows",
            ),
            (
                "a-b",
                r#"invalid app client ID "a-b": '-' is not allowed; use letters, digits, "_" and "+" only"#,
            ),
            (
                "abc ",
                r#"invalid app client ID "abc ": ' ' is not allowed; use letters, digits, "_" and "+" only"#,
            ),
            (
                "$(CognitoAppClientId)",
                r#""$(CognitoAppClientId)" is a placeholder that was not replaced; set the app client ID itself"#,
            ),
            (&long, "the app client ID has 129 characters; it may have at most 128"),
        ] {
            assert_eq!(text.parse::<UserPoolClientId>().unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn reads_domains() {
        for (text, prefix) in [
            ("my-login", true),
            ("a", true),
            ("login.example.com", false),
            ("auth.platform.example.com", false),
            ("my.amazoncognito.com.example.com", false),
        ] {
            let domain: UserPoolDomain = text.parse().unwrap();
            assert_eq!((domain.as_str(), domain.is_prefix()), (text, prefix));
            let json = serde_json::to_string(&domain).unwrap();
            assert_eq!(serde_json::from_str::<UserPoolDomain>(&json).unwrap(), domain);
        }
    }

    #[test]
    fn refuses_other_domains() {
        for (text, message) in [
            ("", "the user pool domain is empty; set it to its prefix, or to the custom domain"),
            (
                "my-login.auth.us-west-2.amazoncognito.com",
                r#""my-login.auth.us-west-2.amazoncognito.com" is the full name of an Amazon-hosted domain; set only its prefix, "my-login""#,
            ),
            (
                "x.auth-fips.us-gov-west-1.AmazonCognito.com",
                r#""x.auth-fips.us-gov-west-1.AmazonCognito.com" is the full name of an Amazon-hosted domain; set only its prefix, "x""#,
            ),
            (
                "https://login.example.com",
                r#""https://login.example.com" has a scheme, port or path; set only the prefix or the custom domain"#,
            ),
            ("MyLogin", r#"user pool domain "MyLogin" has uppercase letters; use "mylogin""#),
            (
                "-login",
                r#"user pool domain label "-login" of "-login" starts or ends with "-"; start and end it with a letter or digit"#,
            ),
            (
                "$(CognitoUserPoolDomain)",
                r#"user pool domain "$(CognitoUserPoolDomain)" is a placeholder that was not replaced; set the name itself"#,
            ),
        ] {
            assert_eq!(text.parse::<UserPoolDomain>().unwrap_err().to_string(), message);
        }
        assert!("é.amazoncognito.com".parse::<UserPoolDomain>().is_err());
        assert!("ééééééééé€.com".parse::<UserPoolDomain>().is_err());
    }
}
