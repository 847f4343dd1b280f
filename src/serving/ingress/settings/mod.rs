//! Parameters, checked: what is left is what the load balancer can be set to.

mod balancer;
mod jwt;
mod layer;
mod lists;
mod login;
mod merged;
mod protection;

use super::diags::{InferredOverlay, MissingParameter, UnprotectedOverlay};
use super::jwt_params::FIELDS;
use super::params::Overlay;
use crate::finding::{Code, Finding};
use crate::values::arn::CertificateArn;
use crate::values::dns_name::ListenerHost;
use crate::values::header::HeaderName;
use crate::values::scheme::Scheme;

use merged::Merged;

pub(crate) use balancer::Balancer;
pub(crate) use jwt::limits as jwt_limits;
pub(crate) use layer::{Layer, LayerSource};
pub(crate) use lists::certificate_limits;
pub(crate) use login::Session;
pub(crate) use protection::Protection;

/// The header of the guide, where none is named.
const DEFAULT_HEADER: &str = "x-api-key";

/// Checked parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    overlay: Overlay,
    certificates: Vec<CertificateArn>,
    protection: Protection,
    scheme: Option<Scheme>,
    hosts: Vec<ListenerHost>,
    session: Session,
    balancer: Balancer,
}

impl Settings {
    /// Merges the layers, later ones over earlier, and checks every field.
    ///
    /// The findings beside the settings are warnings and what was inferred.
    ///
    /// `has_certificate` is whether the controller has certificates for the listener without one of
    /// these parameters.
    ///
    /// # Errors
    /// Every wrong, missing or useless field, each with its place.
    pub(crate) fn checked(
        layers: &[Layer],
        has_certificate: bool,
    ) -> Result<(Self, Vec<Finding>), Vec<Finding>> {
        let mut merged = Merged { layers, has_certificate, findings: Vec::new() };
        let overlay = merged.overlay();
        let certificates = merged.certificates(overlay);
        let protection = merged.protection(overlay);
        let scheme = merged.field(Code::SchemeInvalid, "loadBalancerScheme", |params| {
            params.load_balancer_scheme.as_ref()
        });
        let hosts = merged.hosts();
        let session = merged.session(overlay);
        let balancer = merged.balancer(overlay, &certificates);
        let findings = merged.findings;
        match protection {
            Some(protection) if !findings.iter().any(Finding::is_error) => {
                let settings =
                    Self { overlay, certificates, protection, scheme, hosts, session, balancer };
                Ok((settings, findings))
            }
            _ => Err(findings),
        }
    }

    /// The overlay, given or inferred.
    #[must_use]
    pub(crate) fn overlay(&self) -> Overlay {
        self.overlay
    }

    /// The certificates, the listener's default first; empty for `base`.
    #[must_use]
    pub(crate) fn certificates(&self) -> &[CertificateArn] {
        &self.certificates
    }

    /// Who may pass.
    #[must_use]
    pub(crate) fn protection(&self) -> &Protection {
        &self.protection
    }

    /// The scheme, where one is given.
    #[must_use]
    pub(crate) fn scheme(&self) -> Option<Scheme> {
        self.scheme
    }

    /// What is set of a login.
    #[must_use]
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// What the load balancer itself is set to.
    #[must_use]
    pub(crate) fn balancer(&self) -> &Balancer {
        &self.balancer
    }

    /// The hosts, where they are restricted.
    #[must_use]
    pub(crate) fn hosts(&self) -> &[ListenerHost] {
        &self.hosts
    }
}

impl<'l> Merged<'l> {
    fn overlay(&mut self) -> Overlay {
        if let Some((overlay, _)) = self.given(|params| params.overlay.as_ref()) {
            return *overlay;
        }
        let has_cognito = self.cognito_layers().iter().any(|(_, layer)| layer.is_some());
        let has_oidc = self.oidc_layers().any(|(_, layer)| layer.is_some());
        let has_jwt = self.jwt_layers().any(|(_, layer)| layer.is_some());
        let has_token = self.given(|params| params.http_header_values.as_ref()).is_some()
            || self.given(|params| params.http_header_name.as_ref()).is_some();
        let has_certificate = self.given(|params| params.cert_arn.as_ref()).is_some();
        let names_provider = has_cognito || has_oidc || has_jwt;
        let (overlay, reason) = match (names_provider, has_token, has_certificate) {
            (true, ..) if has_cognito => (Overlay::Cognito, "Cognito settings are set"),
            (true, ..) if has_oidc => (Overlay::Oidc, "oidc is set"),
            (true, ..) => (Overlay::Jwt, "jwt is set"),
            (_, true, _) => (Overlay::Api, "a header is set"),
            (.., true) => {
                (Overlay::Https, "a certificate is set, but neither a header nor Cognito settings")
            }
            _ => (Overlay::Base, "neither a certificate nor a header nor Cognito settings are set"),
        };
        self.read(None, |reading| {
            reading.report("overlay", InferredOverlay { overlay, reason });
            if matches!(overlay, Overlay::Base | Overlay::Https) {
                reading.report("overlay", UnprotectedOverlay(overlay));
            }
        });
        overlay
    }

    fn certificates(&mut self, overlay: Overlay) -> Vec<CertificateArn> {
        match self.given(|params| params.cert_arn.as_ref()) {
            None => {
                if overlay != Overlay::Base && !self.has_certificate {
                    let missing = MissingParameter::Certificate(overlay);
                    self.read(None, |reading| reading.report("certArn", missing));
                }
                Vec::new()
            }
            Some((_, layer)) if overlay == Overlay::Base => {
                self.unused("certArn", overlay, layer);
                Vec::new()
            }
            Some((arns, layer)) => {
                self.read(Some(layer), |reading| lists::certificates(&arns.to_vec(), reading))
            }
        }
    }

    fn protection(&mut self, overlay: Overlay) -> Option<Protection> {
        if overlay != Overlay::Api {
            let name = self
                .given(|params| params.http_header_name.as_ref())
                .map(|(_, layer)| ("httpHeaderName", layer));
            let values = self
                .given(|params| params.http_header_values.as_ref())
                .map(|(_, layer)| ("httpHeaderValues", layer));
            for (field, layer) in [name, values].into_iter().flatten() {
                self.unused(field, overlay, layer);
            }
        }
        if overlay != Overlay::Cognito {
            for (field, layer) in self.cognito_layers() {
                if let Some(layer) = layer {
                    self.unused(field, overlay, layer);
                }
            }
        }
        if overlay != Overlay::Oidc {
            for (field, layer) in self.oidc_layers() {
                if let Some(layer) = layer {
                    self.unused(field, overlay, layer);
                }
            }
        }
        if overlay != Overlay::Jwt {
            for (field, layer) in self.jwt_layers() {
                if let Some(layer) = layer {
                    self.unused(field, overlay, layer);
                }
            }
        }
        match overlay {
            Overlay::Base | Overlay::Https => Some(Protection::Open),
            Overlay::Api => self.token(),
            Overlay::Cognito => self.login(),
            Overlay::Oidc => self.oidc(),
            Overlay::Jwt => jwt::protection(self),
        }
    }

    fn token(&mut self) -> Option<Protection> {
        let header = match self.given(|params| params.http_header_name.as_ref()) {
            Some((name, layer)) => self.read(Some(layer), |reading| {
                reading.field(Code::HeaderNameInvalid, "httpHeaderName", Some(name))
            }),
            None => DEFAULT_HEADER.parse::<HeaderName>().ok(),
        };
        let Some((values, layer)) = self.given(|params| params.http_header_values.as_ref()) else {
            let missing = MissingParameter::Tokens;
            self.read(None, |reading| reading.report("httpHeaderValues", missing));
            return None;
        };
        // What an earlier run wrote is weighed in the annotation.
        let is_new = !layer.source.as_ref().is_some_and(|source| source.is_target);
        let tokens = self.read(Some(layer), |reading| lists::tokens(values, is_new, reading));
        Some(Protection::Token { header: header?, tokens })
    }

    /// The fields of JSON Web Tokens, each with the layer that has it.
    fn jwt_layers(&self) -> impl Iterator<Item = (&'static str, Option<&'l Layer>)> + use<'l> {
        let layers = self.layers;
        FIELDS.into_iter().enumerate().map(move |(place, field)| {
            let has = |layer: &&Layer| layer.params.jwt.given()[place];
            (field, layers.iter().rev().find(has))
        })
    }

    fn hosts(&mut self) -> Vec<ListenerHost> {
        let Some((texts, layer)) = self.given(|params| params.hosts.as_ref()) else {
            return Vec::new();
        };
        self.read(Some(layer), |reading| lists::hosts(texts, reading))
    }
}
