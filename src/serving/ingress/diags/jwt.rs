//! What there is to say of the JSON Web Tokens that parameters name.

use crate::controllers::alb::objects::Ingress;
use crate::finding::{Code, Finding};
use crate::serving::ingress::diags::on_annotation;
use krm_package::text::excerpt::Excerpt;
use krm_package::text::suggest::hint;

/// Tokens that a load balancer cannot validate, or would not tell apart.
pub(crate) enum WrongJwt<'a> {
    /// Neither a user pool nor an issuer.
    NoIssuer,
    /// An issuer or a key set without the other.
    Without(&'static str),
    /// A field that the user pool gives.
    OfPool(&'static str),
    /// A claim that access tokens of a user pool do not have.
    NotOfPool(&'static str),
    /// Clients of a user pool, and another issuer.
    NoPool,
    /// No claim names a client, an audience or a scope.
    AnyToken {
        /// Whether the issuer is a user pool.
        is_pool: bool,
    },
    /// More claims than a load balancer takes.
    TooManyClaims { count: usize, most: usize },
    /// More values than a claim takes.
    TooManyValues { count: usize, most: usize },
    /// The keys of somebody else than the user pool that issues the tokens, and where its own are.
    OtherKeys(&'a str),
    /// A list without an entry.
    EmptyList,
    /// A claim that another field or entry names already.
    ClaimTwice(&'a str),
    /// A value that is listed before.
    ValueTwice,
    /// Several values in one.
    SpaceInValue,
    /// A format that a load balancer does not know.
    UnknownFormat(&'a str),
}

impl From<WrongJwt<'_>> for Finding {
    fn from(wrong: WrongJwt<'_>) -> Self {
        let message = match wrong {
            WrongJwt::AnyToken { is_pool } => {
                let (who, fields) = if is_pool {
                    ("user pool", "clientIds or scopes")
                } else {
                    ("issuer", "audiences, authorizedParties or scopes")
                };
                let message = format!(
                    "no client, audience or scope is required, so every token of the {who} is let in; set {fields}"
                );
                return Self::error(Code::AlbJwtWithoutClaims, message);
            }
            WrongJwt::NoIssuer => "overlay jwt requires the issuer of the tokens; set userPoolArn, or issuer and jwksEndpoint".to_owned(),
            WrongJwt::Without("issuer") => {
                "jwksEndpoint requires issuer; set it as the claim iss of the tokens has it".to_owned()
            }
            WrongJwt::Without(field) => {
                format!("issuer requires {field}; set it to the URL of the issuer's keys")
            }
            WrongJwt::OfPool(field) => {
                format!("{field} and userPoolArn exclude each other; remove {field}")
            }
            WrongJwt::NotOfPool(claim) => format!(
                "access tokens of a user pool have no claim {claim}; set clientIds instead"
            ),
            WrongJwt::NoPool => "clientIds are app clients of a Cognito user pool, and the issuer is another; set audiences or authorizedParties".to_owned(),
            WrongJwt::TooManyClaims { count, most } => {
                format!("too many claims: {count}; a load balancer takes {most}")
            }
            WrongJwt::TooManyValues { count, most } => {
                format!("too many values: {count}; a claim takes {most}")
            }
            WrongJwt::OtherKeys(right) => {
                format!("the keys of this user pool are elsewhere, so no token of it is accepted; set {right}")
            }
            WrongJwt::EmptyList => "the list is empty; add a value, or remove the field".to_owned(),
            WrongJwt::ClaimTwice(name) => {
                format!("claim {name:?} is set already; leave one of the two")
            }
            WrongJwt::UnknownFormat(format) => format!(
                "unknown format {}; {}",
                Excerpt::new(format),
                hint(format, &["single-string", "string-array", "space-separated-values"])
            ),
            WrongJwt::ValueTwice => "duplicate value; remove one of them".to_owned(),
            WrongJwt::SpaceInValue => {
                "the value has a space, and values of this format are separated by spaces; use one entry for each".to_owned()
            }
        };
        Self::error(Code::JwtInvalid, message)
    }
}

/// What Elastic Load Balancing does not take of an annotation that somebody wrote, at a place in its text.
pub(crate) struct JwtOfAnnotation<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) found: Finding,
}

impl From<JwtOfAnnotation<'_>> for Finding {
    fn from(JwtOfAnnotation { ingress, mut found }: JwtOfAnnotation<'_>) -> Self {
        if let Some(field) = found.field.take() {
            found.message = format!("{}: {}", field.path, found.message);
        }
        on_annotation(found, ingress, "jwt-validation")
    }
}
