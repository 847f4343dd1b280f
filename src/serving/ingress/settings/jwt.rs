//! Which JSON Web Tokens the load balancer lets through.

use std::collections::BTreeSet;
use std::fmt::Display;

use super::layer::Layer;
use super::merged::Merged;
use super::protection::Protection;
use crate::controllers::alb::auth::{ClaimFormat, JwtClaim, JwtConfig};
use crate::finding::{Code, FieldPath, Finding};
use crate::runtime::{Checked, Reading};
use crate::serving::ingress::diags::WrongJwt;
use crate::serving::ingress::jwt_params::{Claim, Format, Jwt};
use crate::values::arn::is_user_pool;
use crate::values::jwt::{ClaimName, ClaimValue, Issuer, JwksEndpoint};

/// How many claims there may be, and how many values a claim may have
/// (`JwtValidationActionConfig` and `JwtValidationActionAdditionalClaim` of the Elastic Load Balancing
/// API).
const MOST: usize = 10;

/// The tokens that the layers name; `None` where they name none.
pub(super) fn protection(merged: &mut Merged<'_>) -> Option<Protection> {
    let pool = merged
        .field(Code::JwtInvalid, "jwt.userPoolArn", |params| params.jwt.user_pool_arn.as_ref());
    let has_pool = merged.given(|params| params.jwt.user_pool_arn.as_ref()).is_some();
    let provider = if has_pool {
        excluded_by_pool(merged);
        pool.map(|pool| {
            let issuer = pool.issuer();
            (format!("{issuer}/.well-known/jwks.json"), issuer)
        })
    } else {
        provider(merged)
    };
    let is_pool = has_pool || provider.as_ref().is_some_and(|(_, issuer)| is_user_pool(issuer));
    let claims = claims(merged, has_pool, is_pool)?;
    let (jwks_endpoint, issuer) = provider?;
    let config =
        JwtConfig { jwks_endpoint, issuer, additional_claims: claims.into_iter().collect() };
    if !config.names_client() {
        merged.read(None, |reading| reading.report("jwt", WrongJwt::AnyToken { is_pool }));
        return None;
    }
    Some(Protection::Jwt(config))
}

/// Whether a field is given.
type IsGiven = fn(&Jwt) -> bool;

/// What a user pool says itself, or its access tokens do not have.
fn excluded_by_pool(merged: &mut Merged<'_>) {
    let given: [(&str, IsGiven, WrongJwt<'static>); 4] = [
        ("jwt.issuer", |jwt| jwt.issuer.is_some(), WrongJwt::OfPool("issuer")),
        ("jwt.jwksEndpoint", |jwt| jwt.jwks_endpoint.is_some(), WrongJwt::OfPool("jwksEndpoint")),
        ("jwt.audiences", |jwt| jwt.audiences.is_some(), WrongJwt::NotOfPool("aud")),
        (
            "jwt.authorizedParties",
            |jwt| jwt.authorized_parties.is_some(),
            WrongJwt::NotOfPool("azp"),
        ),
    ];
    for (field, has, wrong) in given {
        let layers = merged.layers.iter().rev();
        // What an earlier run wrote has the pool as issuer and key set.
        let mut own = layers.filter(|layer| !is_target(layer));
        if let Some(layer) = own.find(|layer| has(&layer.params.jwt)) {
            merged.read(Some(layer), |reading| reading.report(field, wrong));
        }
    }
}

/// The key set and the issuer.
fn provider(merged: &mut Merged<'_>) -> Option<(String, String)> {
    let code = Code::JwtInvalid;
    let has_issuer = merged.given(|params| params.jwt.issuer.as_ref()).is_some();
    let has_keys = merged.given(|params| params.jwt.jwks_endpoint.as_ref()).is_some();
    let missing = match (has_issuer, has_keys) {
        (false, false) => Some(("jwt", WrongJwt::NoIssuer)),
        (false, true) => Some(("jwt.issuer", WrongJwt::Without("issuer"))),
        (true, false) => Some(("jwt.jwksEndpoint", WrongJwt::Without("jwksEndpoint"))),
        (true, true) => None,
    };
    if let Some((field, wrong)) = missing {
        merged.read(None, |reading| reading.report(field, wrong));
    }
    let issuer = merged.field(code, "jwt.issuer", |params| params.jwt.issuer.as_ref());
    let keys = merged.field(code, "jwt.jwksEndpoint", |params| params.jwt.jwks_endpoint.as_ref());
    let (issuer, keys) = (issuer?.to_string(), keys?.to_string());
    if let Some(right) = other_keys(&issuer, &keys) {
        merged.read(None, |reading| {
            reading.report("jwt.jwksEndpoint", WrongJwt::OtherKeys(&right));
        });
    }
    Some((keys, issuer))
}

/// Where the keys of a user pool are, where these are others: every token would be refused.
fn other_keys(issuer: &str, keys: &str) -> Option<String> {
    let right = format!("{issuer}/.well-known/jwks.json");
    (is_user_pool(issuer) && keys != right).then_some(right)
}

/// What Elastic Load Balancing does not take of a `jwt-validation` that somebody wrote, by the same readers. The
/// fields are those of its text; what the controller refuses is not repeated.
#[must_use]
pub(crate) fn limits(config: &JwtConfig) -> Vec<Finding> {
    let mut reading = Reading::of(FieldPath::root());
    let code = Code::JwtInvalid;
    reading.field(code, "issuer", Some(&Checked::<Issuer>::of(&config.issuer)));
    reading.field(code, "jwksEndpoint", Some(&Checked::<JwksEndpoint>::of(&config.jwks_endpoint)));
    if let Some(right) = other_keys(&config.issuer, &config.jwks_endpoint) {
        reading.report("jwksEndpoint", WrongJwt::OtherKeys(&right));
    }
    let count = config.additional_claims.len();
    if count > MOST {
        reading.report("additionalClaims", WrongJwt::TooManyClaims { count, most: MOST });
    }
    let mut names = BTreeSet::new();
    for (place, claim) in config.additional_claims.iter().enumerate() {
        let list = FieldPath::from("additionalClaims").index(place);
        let at = |field: &str| list.clone().key(field);
        reading.field(code, at("name"), Some(&Checked::<ClaimName>::of(&claim.name)));
        if !names.insert(&claim.name) {
            reading.report(at("name"), WrongJwt::ClaimTwice(&claim.name));
        }
        let format = Format::of(&claim.format.0);
        if format.is_none() {
            reading.report(at("format"), WrongJwt::UnknownFormat(&claim.format.0));
        }
        let texts: Vec<Checked<ClaimValue>> =
            claim.values.iter().map(|value| Checked::of(value)).collect();
        let is_spaced = format == Some(Format::SpaceSeparatedValues);
        values(&at("values"), &texts, is_spaced, &mut reading);
    }
    reading.findings
}

/// Whether an earlier run wrote a layer.
fn is_target(layer: &Layer) -> bool {
    layer.source.as_ref().is_some_and(|source| source.is_target)
}

/// What tokens have to claim; `None` where a claim is wrong.
fn claims(merged: &mut Merged<'_>, has_pool: bool, is_pool: bool) -> Option<Vec<JwtClaim>> {
    let before = merged.findings.len();
    let mut claims = Vec::new();
    if let Some((ids, layer)) = merged.given(|params| params.jwt.client_ids.as_ref()) {
        if !is_pool && merged.given(|params| params.jwt.issuer.as_ref()).is_some() {
            merged.read(Some(layer), |reading| reading.report("jwt.clientIds", WrongJwt::NoPool));
        }
        claims.push(named(merged, "jwt.clientIds", "client_id", ids, layer));
    }
    // An ID token of the pool names a client, too, in `aud`, and is not meant for an API.
    if has_pool || !claims.is_empty() {
        claims.push(claim("token_use", Format::SingleString, vec!["access".to_owned()]));
    }
    if let Some((texts, layer)) = merged.given(|params| params.jwt.audiences.as_ref())
        && !has_pool
    {
        claims.push(named(merged, "jwt.audiences", "aud", texts, layer));
    }
    if let Some((texts, layer)) = merged.given(|params| params.jwt.authorized_parties.as_ref())
        && !has_pool
    {
        claims.push(named(merged, "jwt.authorizedParties", "azp", texts, layer));
    }
    if let Some((texts, layer)) = merged.given(|params| params.jwt.scopes.as_ref()) {
        let scopes = named(merged, "jwt.scopes", "scope", texts, layer);
        claims.push(JwtClaim {
            format: ClaimFormat(Format::SpaceSeparatedValues.as_str().to_owned()),
            ..scopes
        });
    }
    if let Some((more, layer)) = merged.given(|params| params.jwt.claims.as_ref()) {
        further(merged, more, layer, &mut claims);
    }
    if claims.len() > MOST {
        let wrong = WrongJwt::TooManyClaims { count: claims.len(), most: MOST };
        merged.read(None, |reading| reading.report("jwt.claims", wrong));
    }
    // Their order is that of the fields, also where an earlier run's are read back.
    claims.sort_by_key(|claim| rank(&claim.name));
    (merged.findings.len() == before).then_some(claims)
}

fn rank(name: &str) -> usize {
    let order = ["client_id", "token_use", "aud", "azp", "scope"];
    order.iter().position(|known| *known == name).unwrap_or(order.len())
}

fn claim(name: &str, format: Format, values: Vec<String>) -> JwtClaim {
    JwtClaim {
        format: ClaimFormat(format.as_str().to_owned()),
        name: name.to_owned(),
        values: values.into_iter().collect(),
    }
}

/// The claim of a field that is a list of its values.
fn named<T: Clone + Display + PartialEq>(
    merged: &mut Merged<'_>,
    field: &str,
    name: &str,
    texts: &[Checked<T>],
    layer: &Layer,
) -> JwtClaim {
    let values =
        merged.read(Some(layer), |reading| values(&FieldPath::from(field), texts, false, reading));
    claim(name, Format::SingleString, values)
}

/// The claims that no field of their own names.
fn further(merged: &mut Merged<'_>, more: &[Claim], layer: &Layer, claims: &mut Vec<JwtClaim>) {
    let is_earlier = is_target(layer);
    merged.read(Some(layer), |reading| {
        let list = FieldPath::from("jwt.claims");
        if more.is_empty() {
            reading.report(&list, WrongJwt::EmptyList);
        }
        for (place, one) in more.iter().enumerate() {
            let field = list.clone().index(place);
            let at = |name: &str| field.clone().join(&FieldPath::from(name));
            let Some(name) = reading.field(Code::JwtInvalid, at("name"), Some(&one.name)) else {
                continue;
            };
            if claims.iter().any(|known| known.name == name.as_str()) {
                // What a field says now goes before what it said.
                if !is_earlier {
                    reading.report(at("name"), WrongJwt::ClaimTwice(name.as_str()));
                }
                continue;
            }
            let is_spaced = one.format == Format::SpaceSeparatedValues;
            let values = values(&at("values"), &one.values, is_spaced, reading);
            claims.push(claim(name.as_str(), one.format, values));
        }
    });
}

/// The values of a list.
fn values<T: Clone + Display + PartialEq>(
    list: &FieldPath,
    texts: &[Checked<T>],
    is_spaced: bool,
    reading: &mut Reading<Code>,
) -> Vec<String> {
    if texts.is_empty() {
        reading.report(list, WrongJwt::EmptyList);
    }
    if texts.len() > MOST {
        reading.report(list, WrongJwt::TooManyValues { count: texts.len(), most: MOST });
    }
    let mut values: Vec<String> = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        let field = list.clone().index(place);
        let Some(value) = reading.field(Code::JwtInvalid, &field, Some(text)) else { continue };
        let value = value.to_string();
        if is_spaced && value.contains(' ') {
            reading.report(&field, WrongJwt::SpaceInValue);
        }
        if values.contains(&value) {
            reading.report(&field, WrongJwt::ValueTwice);
        }
        values.push(value);
    }
    values
}
