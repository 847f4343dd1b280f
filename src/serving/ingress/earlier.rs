//! What an earlier run set, read back from the Ingress: the parameters that it consumed are gone.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use serde_json::Value;

use super::annotations::backend_services;
use super::jwt_params::{Claim, FIELDS, Format, Jwt};
use super::login_params::{self, Oidc};
use super::params::{Cognito, IngressParams, OneOrMany, Overlay};
use super::settings::{Layer, LayerSource};
use super::token_params::TokenParam;
use super::written::annotation;
use crate::controllers::alb::annotations::key;
use crate::controllers::alb::auth::{CognitoConfig, JwtConfig, OidcConfig};
use crate::controllers::alb::conditions;
use crate::finding::{FieldPath, key_path};
use crate::go::json;
use crate::runtime::Checked;
use crate::values::arn::is_user_pool;
use crate::values::k8s::ResourceRef;

/// The parameters of an Ingress that is set, given as its JSON value, for what an overlay sets.
///
/// Without an overlay, what the annotations require: a login, or else a token. `header` names the
/// header whose tokens are meant, where the configuration does.
#[must_use]
pub(crate) fn earlier(
    ingress: &Value,
    object: &ResourceRef,
    overlay: Option<Overlay>,
    header: Option<&str>,
) -> Layer {
    let has = |name: &str| annotation(ingress, name).is_some();
    let is_oidc = annotation(ingress, "auth-type") == Some("oidc") || !has("auth-idp-cognito");
    let overlay = overlay.unwrap_or(if is_oidc && has("auth-idp-oidc") {
        Overlay::Oidc
    } else if has("auth-idp-cognito") {
        Overlay::Cognito
    } else if has("jwt-validation") {
        Overlay::Jwt
    } else {
        Overlay::Api
    });
    let mut found = Found { params: IngressParams::default(), places: BTreeMap::new() };
    if overlay != Overlay::Base {
        found.certificates(ingress);
    }
    match overlay {
        Overlay::Base | Overlay::Https => {}
        Overlay::Api => found.tokens(ingress, header),
        Overlay::Cognito => found.user_pool(ingress),
        Overlay::Oidc => found.provider(ingress),
        Overlay::Jwt => found.jwt(ingress),
    }
    let source = LayerSource { object: object.clone(), is_target: true, places: found.places };
    Layer { params: found.params, source: Some(source), field: "spec".to_owned() }
}

/// A text, where there is one.
fn given<T: FromStr<Err: Display>>(text: &str) -> Option<Checked<T>> {
    (!text.is_empty()).then(|| Checked::of(text))
}

/// The parameters that give a `jwt-validation`; what none of them can give is left out.
fn jwt_params(config: &JwtConfig) -> Jwt {
    let is_pool = is_user_pool(&config.issuer);
    let names_client = config.additional_claims.iter().any(|claim| claim.name == "client_id");
    let mut jwt = Jwt {
        issuer: given(&config.issuer),
        jwks_endpoint: given(&config.jwks_endpoint),
        ..Jwt::default()
    };
    for claim in config.additional_claims.iter() {
        let Some(format) = Format::of(&claim.format.0) else { continue };
        match (claim.name.as_str(), format) {
            ("client_id", Format::SingleString) if is_pool => {
                jwt.client_ids = Some(texts(&claim.values));
            }
            // It comes with the client.
            ("token_use", Format::SingleString)
                if is_pool && names_client && claim.values.iter().eq(["access"]) => {}
            ("aud", Format::SingleString) => jwt.audiences = Some(texts(&claim.values)),
            ("azp", Format::SingleString) => jwt.authorized_parties = Some(texts(&claim.values)),
            ("scope", Format::SpaceSeparatedValues) => jwt.scopes = Some(texts(&claim.values)),
            _ => jwt.claims.get_or_insert_default().push(Claim {
                name: Checked::of(&claim.name),
                format,
                values: texts(&claim.values),
            }),
        }
    }
    jwt
}

fn texts<T: FromStr<Err: Display>>(texts: &[String]) -> Vec<Checked<T>> {
    texts.iter().map(|text| Checked::of(text)).collect()
}

struct Found {
    params: IngressParams,
    places: BTreeMap<String, FieldPath>,
}

impl Found {
    fn at(&mut self, field: &str, annotation: &str) {
        let place = key_path("metadata.annotations", &key(annotation));
        self.places.insert(field.to_owned(), place);
    }

    fn certificates(&mut self, ingress: &Value) {
        let Some(text) = annotation(ingress, "certificate-arn") else {
            return;
        };
        let arns = text.split(',').map(str::trim).filter(|arn| !arn.is_empty());
        self.params.cert_arn = Some(OneOrMany::Many(arns.map(Checked::of).collect()));
        self.at("certArn", "certificate-arn");
    }

    fn tokens(&mut self, ingress: &Value, header: Option<&str>) {
        for service in backend_services(ingress) {
            let name = format!("conditions.{service}");
            let text = annotation(ingress, &name).unwrap_or_default();
            let conditions = conditions::read(text).unwrap_or_default();
            let is_meant = |found: &str| header.is_none_or(|name| found.eq_ignore_ascii_case(name));
            let mut given = conditions.iter().filter_map(|condition| {
                let config = condition.http_header.as_ref()?;
                Some((config.name.as_str(), config.values.iter()))
            });
            // Ours is behind the others.
            if let Some((header, values)) = given.rfind(|(header, _)| is_meant(header)) {
                self.params.http_header_name = Some(Checked::of(header));
                let values = values.map(|value| TokenParam::of(value.expose()));
                self.params.http_header_values = Some(values.collect());
                self.at("httpHeaderName", &name);
                self.at("httpHeaderValues", &name);
                return;
            }
        }
    }

    fn user_pool(&mut self, ingress: &Value) {
        let mut pool = CognitoConfig::default();
        let text = annotation(ingress, "auth-idp-cognito").unwrap_or_default();
        if json::unmarshal(text, &mut pool).is_err() {
            return;
        }
        self.params.cognito = Cognito {
            user_pool_arn: given(&pool.user_pool_arn),
            user_pool_client_id: given(&pool.user_pool_client_id),
            user_pool_domain: given(&pool.user_pool_domain),
        };
        for name in ["userPoolArn", "userPoolClientId", "userPoolDomain"] {
            self.at(&format!("cognito.{name}"), "auth-idp-cognito");
        }
    }

    fn provider(&mut self, ingress: &Value) {
        let mut provider = OidcConfig::default();
        let text = annotation(ingress, "auth-idp-oidc").unwrap_or_default();
        if json::unmarshal(text, &mut provider).is_err() {
            return;
        }
        self.params.oidc = Oidc {
            issuer: given(&provider.issuer),
            authorization_endpoint: given(&provider.authorization_endpoint),
            token_endpoint: given(&provider.token_endpoint),
            user_info_endpoint: given(&provider.user_info_endpoint),
            secret_name: given(&provider.secret_name),
        };
        for name in login_params::FIELDS {
            self.at(name, "auth-idp-oidc");
        }
    }

    fn jwt(&mut self, ingress: &Value) {
        let mut config = JwtConfig::default();
        let text = annotation(ingress, "jwt-validation").unwrap_or_default();
        if json::unmarshal(text, &mut config).is_err() {
            return;
        }
        self.params.jwt = jwt_params(&config);
        for name in FIELDS {
            self.at(name, "jwt-validation");
        }
    }
}
