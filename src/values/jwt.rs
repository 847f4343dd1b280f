//! What a load balancer compares a JSON Web Token with.
//!
//! Source of the limits: `JwtValidationActionConfig` (issuer and key set: 256 characters; the key set "a full URL,
//! including the HTTPS protocol, the domain, and the path"; 10 claims) and `JwtValidationActionAdditionalClaim` (10 values
//! of 256 characters, without spaces in `space-separated-values`; not `exp`, `iss`, `nbf` and `iat`; no limit for a
//! name) of the Elastic Load Balancing API Reference. That a key set has at most 150 KB and 10 keys (user guide, "Verify JWTs
//! using an Application Load Balancer") is found out by the load balancer alone. The controller itself requires the two and, of each
//! claim, its three fields (`buildJwtValidationConfig` in `pkg/ingress/enhanced_backend_builder.go`, v3.5).

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::values::https_url;
use crate::values::parsed_text::parsed_text;
use crate::values::placeholder;
use krm_package::text::excerpt::Excerpt;

/// The most characters of an issuer, of the address of its keys and of the value of a claim.
const MAX_LENGTH: usize = 256;
/// The claims that the load balancer validates by itself.
const VALIDATED: [&str; 4] = ["exp", "iss", "nbf", "iat"];

/// Where an issuer's own configuration is (`OpenID` Connect Discovery 1.0, section 4; RFC 8414, section 3).
const CONFIGURATIONS: [&str; 2] =
    [".well-known/openid-configuration", ".well-known/oauth-authorization-server"];

/// Why a text is not what a load balancer compares a token with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct JwtTextError(Reason);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error(transparent)]
    Unset(#[from] placeholder::Unset),
    #[error("the text has {0} characters; it may have at most 256")]
    TooLong(usize),
    #[error("invalid {what} {found}: {character:?} is not allowed; set {expected}")]
    Character { found: Excerpt, character: char, what: &'static str, expected: &'static str },
    #[error(
        "invalid key set {0}: must be a full URL with https, a domain and a path, such as https://issuer.example.com/keys"
    )]
    NotHttps(Excerpt),
    #[error(
        "invalid key set {0}: a load balancer only finds names that everybody can resolve; set an address of the keys outside the cluster"
    )]
    NotPublic(Excerpt),
    #[error(
        "invalid key set {0}: this is the issuer's configuration; set the jwks_uri that it names"
    )]
    Configuration(Excerpt),
    #[error("claim {0} is always validated and cannot be listed; remove it")]
    Validated(Excerpt),
}

/// What all of them have in common; blanks are allowed inside of some.
fn checked(
    text: &str,
    what: &'static str,
    expected: &'static str,
    allows_blanks: bool,
) -> Result<(), Reason> {
    let is_stray = |c: &char| c.is_control() || (*c == ' ' && !allows_blanks);
    placeholder::check(text, expected)?;
    if let Some(character) = text.chars().find(is_stray) {
        Err(Reason::Character { found: Excerpt::new(text), character, what, expected })
    } else {
        Ok(())
    }
}

/// The same for a text whose length is limited.
fn limited(
    text: &str,
    what: &'static str,
    expected: &'static str,
    allows_blanks: bool,
) -> Result<(), Reason> {
    checked(text, what, expected, allows_blanks)?;
    match text.chars().count() {
        count if count > MAX_LENGTH => Err(Reason::TooLong(count)),
        _ => Ok(()),
    }
}

/// Who issues tokens: the claim `iss`, compared as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("minLength" = 1, "maxLength" = 256))]
pub(crate) struct Issuer(String);

parsed_text!(pub(crate) Issuer);

impl FromStr for Issuer {
    type Err = JwtTextError;

    /// Reads an issuer.
    ///
    /// # Errors
    /// An empty text, a placeholder, a blank, or over 256 characters.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = "the issuer as the claim iss has it";
        limited(text, "issuer", expected, false).map_err(JwtTextError)?;
        Ok(Self(text.to_owned()))
    }
}

/// Where an issuer's keys are: a URL with https, a domain and a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("maxLength" = 256, "pattern" = "^https://[^/?# ]+/[^ ]*$"))]
pub(crate) struct JwksEndpoint(String);

parsed_text!(pub(crate) JwksEndpoint);

impl FromStr for JwksEndpoint {
    type Err = JwtTextError;

    /// Reads the address of a key set.
    ///
    /// # Errors
    /// What is not a full URL with https, what only a cluster resolves, the issuer's configuration, and over 256
    /// characters.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = "the URL of the issuer's keys";
        limited(text, "key set", expected, false).map_err(JwtTextError)?;
        let found = || Excerpt::new(text);
        let reason = match https_url::parts(text) {
            Some((_, Some(path))) if CONFIGURATIONS.iter().any(|one| path.ends_with(one)) => {
                Reason::Configuration(found())
            }
            Some((host, Some(_))) if !https_url::is_public(host) => Reason::NotPublic(found()),
            Some((_, Some(_))) => return Ok(Self(text.to_owned())),
            _ => Reason::NotHttps(found()),
        };
        Err(JwtTextError(reason))
    }
}

/// The name of a claim that is compared in addition.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("minLength" = 1))]
pub(crate) struct ClaimName(String);

parsed_text!(pub(crate) ClaimName);

impl FromStr for ClaimName {
    type Err = JwtTextError;

    /// Reads the name of a claim.
    ///
    /// # Errors
    /// One that is validated anyway, an empty text, or a blank.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        checked(text, "claim", "the name of the claim", false).map_err(JwtTextError)?;
        if VALIDATED.contains(&text) {
            return Err(JwtTextError(Reason::Validated(Excerpt::new(text))));
        }
        Ok(Self(text.to_owned()))
    }
}

/// A value of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("minLength" = 1, "maxLength" = 256))]
pub(crate) struct ClaimValue(String);

parsed_text!(pub(crate) ClaimValue);

impl FromStr for ClaimValue {
    type Err = JwtTextError;

    /// Reads a value.
    ///
    /// # Errors
    /// An empty text, a placeholder, a control character, or over 256 characters.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        limited(text, "value", "the value as tokens have it", true).map_err(JwtTextError)?;
        Ok(Self(text.to_owned()))
    }
}

/// A value of a claim whose values are separated by spaces, such as a scope.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("maxLength" = 256, "pattern" = "^[^ ]+$"))]
pub(crate) struct ScopeValue(String);

parsed_text!(pub(crate) ScopeValue);

impl FromStr for ScopeValue {
    type Err = JwtTextError;

    /// Reads a value.
    ///
    /// # Errors
    /// An empty text, a placeholder, a space, or over 256 characters.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        limited(text, "scope", "one scope an entry", false).map_err(JwtTextError)?;
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_load_balancer_takes() {
        for text in ["https://accounts.google.com", "accounts.google.com", &"a".repeat(256)] {
            assert_eq!(text.parse::<Issuer>().unwrap().as_str(), text);
        }
        for text in ["https://a.example.com/keys", "https://a.example.com:8443/"] {
            assert_eq!(text.parse::<JwksEndpoint>().unwrap().as_str(), text);
        }
        assert!("cognito:groups".parse::<ClaimName>().is_ok());
        // The API states no limit for a name.
        assert!("a".repeat(300).parse::<ClaimName>().is_ok());
        assert!("two words".parse::<ClaimValue>().is_ok());
        assert!("api/read".parse::<ScopeValue>().is_ok());
    }

    #[test]
    fn refuses_what_it_does_not() {
        let long = "a".repeat(257);
        for text in ["", " ", "$(issuer)", &long] {
            assert!(text.parse::<Issuer>().is_err(), "{text}");
        }
        for text in [
            "https://dex.auth.svc.cluster.local:5556/dex/keys",
            "https://a.example.com/.well-known/openid-configuration",
            "http://a.example.com/k",
            "https://a.example.com",
            "https:///k",
            "https://a@b/",
            "a",
        ] {
            assert!(text.parse::<JwksEndpoint>().is_err(), "{text}");
        }
        for name in VALIDATED {
            assert_eq!(
                name.parse::<ClaimName>().unwrap_err().to_string(),
                format!("claim \"{name}\" is always validated and cannot be listed; remove it")
            );
        }
        assert!("api/read api/write".parse::<ScopeValue>().is_err());
    }
}
