//! The settings of a login at the load balancer with an `OpenID` Connect provider.
//!
//! Source of the rules: `AuthenticateOidcActionConfig` of the Elastic Load Balancing API; `scope` is that of
//! RFC 6749, section 3.3, and `OpenID` Connect Core 1.0, section 3.1.2.1.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::values::https_url;
use crate::values::parsed_text::parsed_text;
use crate::values::placeholder;
use krm_package::text::excerpt::Excerpt;

/// Why a text is not a setting of a login.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct OidcTextError(Reason);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error(transparent)]
    Unset(#[from] placeholder::Unset),
    #[error("invalid URL {0}: must be a full URL with https and a domain, without spaces; set {1}")]
    NotHttps(Excerpt, &'static str),
    #[error("invalid URL {0}: the path is missing; set {1}")]
    NoPath(Excerpt, &'static str),
    #[error(
        "invalid scope {0}: must be words with one space between them, without quotes and backslashes"
    )]
    Scope(Excerpt),
    #[error("invalid scope {0}: words are separated by a space, not by a comma")]
    Commas(Excerpt),
    #[error("scope {0} lacks openid, without which a provider has no login; add it")]
    NotOpenId(Excerpt),
}

const ISSUER: &str = "the issuer of the provider's /.well-known/openid-configuration";
const ENDPOINT: &str = "the endpoint of the provider's /.well-known/openid-configuration";

fn url(text: &str, expected: &'static str, needs_path: bool) -> Result<String, OidcTextError> {
    let found = || Excerpt::new(text);
    placeholder::check(text, expected).map_err(|unset| OidcTextError(unset.into()))?;
    let is_plain = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    let reason = match https_url::parts(text).filter(|_| is_plain) {
        None => Reason::NotHttps(found(), expected),
        Some((_, None)) if needs_path => Reason::NoPath(found(), expected),
        Some(_) => return Ok(text.to_owned()),
    };
    Err(OidcTextError(reason))
}

/// The issuer of a provider: a URL with https and a domain.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^https://[^/?# ]+(/[^ ]*)?$"))]
pub(crate) struct IssuerUrl(String);

parsed_text!(pub(crate) IssuerUrl);

impl FromStr for IssuerUrl {
    type Err = OidcTextError;

    /// Reads an issuer.
    ///
    /// # Errors
    /// What is not a URL with https and a domain.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        url(text, ISSUER, false).map(Self)
    }
}

/// An endpoint of a provider: a URL with https, a domain and a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^https://[^/?# ]+/[^ ]*$"))]
pub(crate) struct EndpointUrl(String);

parsed_text!(pub(crate) EndpointUrl);

impl FromStr for EndpointUrl {
    type Err = OidcTextError;

    /// Reads an endpoint.
    ///
    /// # Errors
    /// What is not a URL with https, a domain and a path.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        url(text, ENDPOINT, true).map(Self)
    }
}

/// The scope of a login: words with one space between them, `openid` among them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("minLength" = 6))]
pub(crate) struct LoginScope(String);

parsed_text!(pub(crate) LoginScope);

impl FromStr for LoginScope {
    type Err = OidcTextError;

    /// Reads a scope.
    ///
    /// # Errors
    /// A placeholder, an empty word, a character that no scope has, and a scope without `openid`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = || Excerpt::new(text);
        let expected = "words such as \"openid email\"";
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_graphic() && !b"\"\\".contains(&b))
        };
        placeholder::check(text, expected).map_err(|unset| OidcTextError(unset.into()))?;
        let reason = if !text.split(' ').all(is_word) {
            Reason::Scope(found())
        } else if !text.split(' ').any(|word| word == "openid") {
            let is_list = text.split([' ', ',']).any(|word| word == "openid");
            if is_list { Reason::Commas(found()) } else { Reason::NotOpenId(found()) }
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(OidcTextError(reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_have_https_and_a_domain() {
        for text in ["https://a.example.com", "https://a.example.com:8443/b?c", "https://a/"] {
            assert_eq!(text.parse::<IssuerUrl>().unwrap().as_str(), text);
        }
        assert!("https://a.example.com/token".parse::<EndpointUrl>().is_ok());
        for text in
            ["", "http://a/b", "https:///b", "https://u@a/b", "https://a/b c", "https://a/\n"]
        {
            assert!(text.parse::<IssuerUrl>().is_err(), "{text}");
            assert!(text.parse::<EndpointUrl>().is_err(), "{text}");
        }
        assert!("https://a.example.com".parse::<EndpointUrl>().is_err());
        let unfilled = "https://$(DOMAIN)/token".parse::<EndpointUrl>().unwrap_err();
        assert!(unfilled.to_string().contains("was not replaced"), "{unfilled}");
    }

    #[test]
    fn a_scope_has_words_and_openid() {
        for text in ["openid", "openid email", "profile openid aws.cognito.signin.user.admin"] {
            assert_eq!(text.parse::<LoginScope>().unwrap().as_str(), text);
        }
        for text in [
            "",
            "email",
            "openid  email",
            " openid",
            "openid,email",
            "openid \"a\"",
            "openid\temail",
        ] {
            assert!(text.parse::<LoginScope>().is_err(), "{text:?}");
        }
    }
}
