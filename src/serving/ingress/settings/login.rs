//! Who logs browsers in at the load balancer, and how.

use super::layer::Layer;
use super::merged::Merged;
use super::protection::Protection;
use crate::controllers::alb::auth::OidcConfig;
use crate::finding::Code;
use crate::serving::ingress::diags::{MissingParameter, WrongLogin};
use crate::serving::ingress::login_params::{FIELDS, OnUnauthenticated};
use crate::serving::ingress::params::{IngressParams, Overlay};
use crate::values::https_url;
use crate::values::oidc::LoginScope;

const USER_POOL_ARN: &str = "cognito.userPoolArn";
const USER_POOL_CLIENT: &str = "cognito.userPoolClientId";
const USER_POOL_DOMAIN: &str = "cognito.userPoolDomain";

/// The longest session: seven days, which is the default as well (`apis/gateway/v1/listenerruleconfig_types.go`
/// of the controller, v3.5.0: `sessionTimeout` has `Maximum=604800` and `default=604800`; for the annotation the
/// controller has the default alone, `pkg/ingress/auth_config_builder.go`).
const LONGEST_SESSION: u32 = 604_800;

/// What is set of a login, of either provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Session {
    /// The scope.
    pub(crate) scope: Option<LoginScope>,
    /// Seconds until the next login.
    pub(crate) timeout: Option<u32>,
    /// How a request without a session is answered.
    pub(crate) on_unauthenticated: Option<OnUnauthenticated>,
}

impl<'l> Merged<'l> {
    /// The fields of a Cognito login, each with the layer that has it.
    pub(super) fn cognito_layers(&self) -> [(&'static str, Option<&'l Layer>); 3] {
        let layer_of = |has: fn(&IngressParams) -> bool| {
            self.layers.iter().rev().find(|layer| has(&layer.params))
        };
        [
            (USER_POOL_ARN, layer_of(|params| params.cognito.user_pool_arn.is_some())),
            (USER_POOL_CLIENT, layer_of(|params| params.cognito.user_pool_client_id.is_some())),
            (USER_POOL_DOMAIN, layer_of(|params| params.cognito.user_pool_domain.is_some())),
        ]
    }

    /// The fields of another provider, each with the layer that has it.
    pub(super) fn oidc_layers(
        &self,
    ) -> impl Iterator<Item = (&'static str, Option<&'l Layer>)> + use<'l> {
        let layers = self.layers;
        FIELDS.into_iter().enumerate().map(move |(place, field)| {
            (field, layers.iter().rev().find(|layer| layer.params.oidc.given()[place]))
        })
    }

    pub(super) fn login(&mut self) -> Option<Protection> {
        for (field, layer) in self.cognito_layers() {
            if layer.is_none() {
                self.read(None, |reading| reading.report(field, MissingParameter::Cognito));
            }
        }
        let code = Code::CognitoInvalid;
        let user_pool =
            self.field(code, USER_POOL_ARN, |params| params.cognito.user_pool_arn.as_ref());
        let client = self
            .field(code, USER_POOL_CLIENT, |params| params.cognito.user_pool_client_id.as_ref());
        let domain =
            self.field(code, USER_POOL_DOMAIN, |params| params.cognito.user_pool_domain.as_ref());
        Some(Protection::Login { user_pool: user_pool?, client: client?, domain: domain? })
    }

    pub(super) fn oidc(&mut self) -> Option<Protection> {
        for (field, layer) in self.oidc_layers() {
            if layer.is_none() {
                self.read(None, |reading| reading.report(field, WrongLogin::Missing));
            }
        }
        let code = Code::LoginInvalid;
        let [issuer, authorization, token, user_info, secret] = FIELDS;
        let issuer = self.field(code, issuer, |params| params.oidc.issuer.as_ref());
        let authorization =
            self.field(code, authorization, |params| params.oidc.authorization_endpoint.as_ref());
        let token = self.field(code, token, |params| params.oidc.token_endpoint.as_ref());
        let user_info =
            self.field(code, user_info, |params| params.oidc.user_info_endpoint.as_ref());
        // The browser requests the login page, and the load balancer the other two.
        for (field, endpoint) in [(FIELDS[2], &token), (FIELDS[3], &user_info)] {
            let endpoint = endpoint.as_ref().map(ToString::to_string).unwrap_or_default();
            let host = https_url::parts(&endpoint).map(|(host, _)| host);
            if host.is_some_and(|host| !https_url::is_public(host)) {
                let wrong = WrongLogin::NotPublic(&endpoint);
                self.read(None, |reading| reading.report(field, wrong));
            }
        }
        let secret = self.field(code, secret, |params| params.oidc.secret_name.as_ref());
        Some(Protection::Oidc(OidcConfig {
            issuer: issuer?.to_string(),
            authorization_endpoint: authorization?.to_string(),
            token_endpoint: token?.to_string(),
            user_info_endpoint: user_info?.to_string(),
            secret_name: secret?.to_string(),
            ..OidcConfig::default()
        }))
    }

    /// What both logins have.
    pub(super) fn session(&mut self, overlay: Overlay) -> Session {
        let scope = self.given(|params| params.scope.as_ref());
        let timeout = self.given(|params| params.session_timeout.as_ref());
        let on_unauthenticated = self.given(|params| params.on_unauthenticated_request.as_ref());
        if !overlay.has_login() {
            let fields = [
                ("scope", scope.map(|(_, layer)| layer)),
                ("sessionTimeout", timeout.map(|(_, layer)| layer)),
                ("onUnauthenticatedRequest", on_unauthenticated.map(|(_, layer)| layer)),
            ];
            for (field, layer) in fields {
                if let Some(layer) = layer {
                    self.unused(field, overlay, layer);
                }
            }
            return Session::default();
        }
        if let Some((seconds, layer)) = timeout
            && !(1..=LONGEST_SESSION).contains(seconds)
        {
            let wrong = WrongLogin::Timeout { seconds: *seconds, most: LONGEST_SESSION };
            self.read(Some(layer), |reading| reading.report("sessionTimeout", wrong));
        }
        if let Some((OnUnauthenticated::Allow, layer)) = on_unauthenticated {
            let field = "onUnauthenticatedRequest";
            self.read(Some(layer), |reading| reading.report(field, WrongLogin::Allow));
        }
        Session {
            scope: self.field(Code::LoginInvalid, "scope", |params| params.scope.as_ref()),
            timeout: timeout.map(|(seconds, _)| *seconds),
            on_unauthenticated: on_unauthenticated.map(|(what, _)| *what),
        }
    }
}
