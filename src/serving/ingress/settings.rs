//! Parameters, checked: what is left is what the load balancer can be set to.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use super::params::{IngressParams, Overlay};
use crate::finding::{Code, FieldPath, Finding};
use crate::values::arn::{CertificateArn, UserPoolArn};
use crate::values::cognito::{UserPoolClientId, UserPoolDomain};
use crate::values::dns_name::ListenerHost;
use crate::values::header::{HeaderName, HeaderToken};
use crate::values::k8s::ResourceRef;
use crate::values::scheme::Scheme;

/// The header of the guide, where none is named.
const DEFAULT_HEADER: &str = "x-api-key";
/// Elastic Load Balancing documents three match evaluations for a condition, and refuses a rule with
/// more than five values: the path, the host and three tokens.
const MAX_TOKENS: usize = 3;

/// Parameters from one place: the configuration, or an object.
#[derive(Clone)]
pub(crate) struct Layer {
    /// The parameters.
    pub params: IngressParams,
    /// The object that they came from; `None` for the configuration itself.
    pub source: Option<LayerSource>,
    /// The field of the configuration that they stand in: `spec`, or an entry of `targets`.
    pub field: String,
}

/// An object that holds parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LayerSource {
    /// The object.
    pub object: ResourceRef,
    /// Whether it is the Ingress that is set, on which an earlier run wrote them.
    pub is_target: bool,
    /// Where in the object each field stands: `cognito.userPoolArn` at `data.CognitoUserPoolArn`.
    pub places: BTreeMap<String, FieldPath>,
}

/// Who may pass the load balancer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Protection {
    /// Everybody.
    Open,
    /// A request with one of the tokens in the header.
    Token {
        /// The header.
        header: HeaderName,
        /// The tokens.
        tokens: Vec<HeaderToken>,
    },
    /// A browser that is logged in.
    Login {
        /// The user pool.
        user_pool: UserPoolArn,
        /// Its app client.
        client: UserPoolClientId,
        /// Its domain.
        domain: UserPoolDomain,
    },
}

/// Checked parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The overlay, given or inferred.
    pub overlay: Overlay,
    /// The certificates, the listener's default first; empty for `base`.
    pub certificates: Vec<CertificateArn>,
    /// Who may pass.
    pub protection: Protection,
    /// The scheme, where one is given.
    pub scheme: Option<Scheme>,
    /// The hosts, where they are restricted.
    pub hosts: Vec<ListenerHost>,
}

impl Settings {
    /// Merges the layers, later ones over earlier, and checks every field.
    ///
    /// The findings beside the settings are warnings and what was inferred.
    ///
    /// # Errors
    /// Every wrong, missing or useless field, each with its place.
    pub(crate) fn checked(layers: &[Layer]) -> Result<(Self, Vec<Finding>), Vec<Finding>> {
        let mut check = Check { layers, findings: Vec::new(), failed: false };
        let overlay = check.overlay();
        let certificates = check.certificates(overlay);
        let protection = check.protection(overlay);
        let scheme =
            check.given(|params| params.load_balancer_scheme.as_ref()).and_then(|(text, at)| {
                check.parsed(text, at, "loadBalancerScheme", Code::SchemeInvalid)
            });
        let hosts = check.hosts();
        match protection {
            Some(protection) if !check.failed => {
                Ok((Self { overlay, certificates, protection, scheme, hosts }, check.findings))
            }
            _ => Err(check.findings),
        }
    }
}

struct Check<'l> {
    layers: &'l [Layer],
    findings: Vec<Finding>,
    failed: bool,
}

impl<'l> Check<'l> {
    /// The last layer's value of a field, with the layer.
    fn given<T: ?Sized>(
        &self,
        field: impl Fn(&'l IngressParams) -> Option<&'l T>,
    ) -> Option<(&'l T, &'l Layer)> {
        self.layers.iter().rev().find_map(|layer| Some((field(&layer.params)?, layer)))
    }

    fn overlay(&mut self) -> Overlay {
        if let Some((overlay, _)) = self.given(|params| params.overlay.as_ref()) {
            return *overlay;
        }
        let has_cognito = self.cognito_fields().iter().any(|(_, given)| given.is_some());
        let has_token = self.given(|params| params.http_header_values.as_ref()).is_some()
            || self.given(|params| params.http_header_name.as_ref()).is_some();
        let has_certificate = self.given(|params| params.cert_arn.as_ref()).is_some();
        let (overlay, reason) = match (has_cognito, has_token, has_certificate) {
            (true, ..) => (Overlay::Cognito, "Cognito settings are set"),
            (_, true, _) => (Overlay::Api, "a header is set"),
            (.., true) => {
                (Overlay::Https, "a certificate is set, but neither a header nor Cognito settings")
            }
            _ => (Overlay::Base, "neither a certificate nor a header nor Cognito settings are set"),
        };
        let message = format!(
            "overlay {} is used, because {reason}; set overlay to make this explicit",
            overlay.as_str()
        );
        self.findings.push(
            Finding::info(Code::OverlayInferred, message)
                .field("spec.overlay")
                .proposed(overlay.as_str()),
        );
        if matches!(overlay, Overlay::Base | Overlay::Https) {
            let message = format!(
                "overlay {} forwards every request without a token or a login; set httpHeaderValues or cognito, or set overlay: {} if this is intended",
                overlay.as_str(),
                overlay.as_str()
            );
            self.findings
                .push(Finding::warning(Code::EndpointUnprotected, message).field("spec.overlay"));
        }
        overlay
    }

    fn certificates(&mut self, overlay: Overlay) -> Vec<CertificateArn> {
        let given = self.given(|params| params.cert_arn.as_ref());
        let Some((arns, layer)) = given else {
            if overlay != Overlay::Base {
                let message = format!(
                    "overlay {} listens on HTTPS and requires the ARN of a certificate: arn:PARTITION:acm:REGION:ACCOUNT:certificate/ID",
                    overlay.as_str()
                );
                self.error(Code::CertificateMissing, message, None, "certArn");
            }
            return Vec::new();
        };
        if overlay == Overlay::Base {
            self.unused("certArn", overlay, layer);
            return Vec::new();
        }
        let arns = arns.to_vec();
        if arns.is_empty() {
            self.error(
                Code::CertificateMissing,
                "the list has no certificate".to_owned(),
                Some(layer),
                "certArn",
            );
        }
        if arns.iter().any(|arn| arn.contains(',')) {
            let message =
                "one text holds several ARNs; set certArn to a list: [\"arn:…\", \"arn:…\"]";
            self.error(Code::CertificateArnInvalid, message.to_owned(), Some(layer), "certArn");
            return Vec::new();
        }
        let several = arns.len() > 1;
        let mut certificates: Vec<CertificateArn> = Vec::new();
        for (place, arn) in arns.iter().enumerate() {
            let field = if several { format!("certArn[{place}]") } else { "certArn".to_owned() };
            let Some(certificate) =
                self.parsed::<CertificateArn>(arn, layer, &field, Code::CertificateArnInvalid)
            else {
                continue;
            };
            if certificates.contains(&certificate) {
                self.error(
                    Code::CertificateArnInvalid,
                    "duplicate certificate; remove one of them".to_owned(),
                    Some(layer),
                    &field,
                );
            }
            if certificate.unusual_id() {
                let message = "ACM's certificate IDs are UUIDs; this one is not".to_owned();
                self.findings.push(at(
                    Finding::warning(Code::CertificateIdUnusual, message),
                    Some(layer),
                    &field,
                ));
            }
            certificates.push(certificate);
        }
        let mut regions = certificates.iter().filter_map(CertificateArn::region);
        if let Some(first) = regions.next()
            && let Some(other) = regions.find(|region| *region != first)
        {
            let message = format!(
                "certificates of {first} and {other} cannot be on one load balancer, which only takes certificates of its own region"
            );
            self.error(Code::AlbTwoRegions, message, Some(layer), "certArn");
        }
        certificates
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
            for (field, given) in self.cognito_fields() {
                if let Some((_, layer)) = given {
                    self.unused(field, overlay, layer);
                }
            }
        }
        match overlay {
            Overlay::Base | Overlay::Https => Some(Protection::Open),
            Overlay::Api => self.token(),
            Overlay::Cognito => self.login(),
        }
    }

    fn token(&mut self) -> Option<Protection> {
        let header = match self.given(|params| params.http_header_name.as_deref()) {
            Some((name, layer)) => {
                self.parsed(name, layer, "httpHeaderName", Code::HeaderNameInvalid)
            }
            None => DEFAULT_HEADER.parse::<HeaderName>().ok(),
        };
        let Some((values, layer)) = self.given(|params| params.http_header_values.as_ref()) else {
            let message =
                "overlay api requires at least one token; set httpHeaderValues: [\"…\"]".to_owned();
            self.error(Code::HeaderValuesMissing, message, None, "httpHeaderValues");
            return None;
        };
        if values.is_empty() {
            let message =
                "the list is empty, and without a token the controller creates a rule that requires none; add a token"
                    .to_owned();
            self.error(Code::HeaderValuesMissing, message, Some(layer), "httpHeaderValues");
        }
        if values.len() > MAX_TOKENS {
            let message = format!(
                "too many tokens: {}; a rule takes {MAX_TOKENS} besides its path and host, five condition values in total",
                values.len()
            );
            self.error(Code::ConditionValuesTooMany, message, Some(layer), "httpHeaderValues");
        }
        let mut tokens: Vec<HeaderToken> = Vec::new();
        for (place, value) in values.iter().enumerate() {
            let field = format!("httpHeaderValues[{place}]");
            let Some(token) =
                self.parsed::<HeaderToken>(value, layer, &field, Code::HeaderValueInvalid)
            else {
                continue;
            };
            // What an earlier run wrote is weighed in the annotation.
            if !layer.source.as_ref().is_some_and(|source| source.is_target) {
                self.weigh_token(&token, &tokens, layer, &field);
            }
            tokens.push(token);
        }
        Some(Protection::Token { header: header?, tokens })
    }

    fn weigh_token(
        &mut self,
        token: &HeaderToken,
        before: &[HeaderToken],
        layer: &Layer,
        field: &str,
    ) {
        if token.is_placeholder() {
            let message =
                "this token is the guide's placeholder; generate one: openssl rand -hex 32"
                    .to_owned();
            self.findings.push(at(
                Finding::warning(Code::TokenPlaceholder, message),
                Some(layer),
                field,
            ));
        } else if token.is_short() {
            let message = format!(
                "this token has fewer than {} characters; generate one: openssl rand -hex 32",
                HeaderToken::ADVISED_LENGTH
            );
            self.findings.push(at(Finding::warning(Code::TokenShort, message), Some(layer), field));
        }
        if let Some(twin) = before.iter().position(|earlier| earlier.same_ignoring_case(token)) {
            let message = format!(
                "duplicates httpHeaderValues[{twin}]: the load balancer compares header values case-insensitively; remove one of them"
            );
            self.findings.push(at(
                Finding::warning(Code::TokensDifferInCaseOnly, message),
                Some(layer),
                field,
            ));
        }
    }

    fn cognito_fields(&self) -> [(&'static str, Option<(&'l String, &'l Layer)>); 3] {
        [
            ("cognito.userPoolArn", self.given(|params| params.cognito.user_pool_arn.as_ref())),
            (
                "cognito.userPoolClientId",
                self.given(|params| params.cognito.user_pool_client_id.as_ref()),
            ),
            (
                "cognito.userPoolDomain",
                self.given(|params| params.cognito.user_pool_domain.as_ref()),
            ),
        ]
    }

    fn login(&mut self) -> Option<Protection> {
        let fields = self.cognito_fields();
        for (field, given) in fields {
            if given.is_none() {
                let message =
                    "overlay cognito requires the user pool's ARN, its app client ID and its domain"
                        .to_owned();
                self.error(Code::CognitoInvalid, message, None, field);
            }
        }
        let [arn, client, domain] = fields;
        let user_pool = arn.1.and_then(|(text, layer)| {
            self.parsed::<UserPoolArn>(text, layer, arn.0, Code::CognitoInvalid)
        });
        let client_id = client
            .1
            .and_then(|(text, layer)| self.parsed(text, layer, client.0, Code::CognitoInvalid));
        let domain_name = domain
            .1
            .and_then(|(text, layer)| self.parsed(text, layer, domain.0, Code::CognitoInvalid));
        Some(Protection::Login { user_pool: user_pool?, client: client_id?, domain: domain_name? })
    }

    fn hosts(&mut self) -> Vec<ListenerHost> {
        let Some((hosts, layer)) = self.given(|params| params.hosts.as_ref()) else {
            return Vec::new();
        };
        if hosts.is_empty() {
            let message = "the list is empty; remove hosts to serve every host".to_owned();
            self.error(Code::HostInvalid, message, Some(layer), "hosts");
        }
        let mut parsed: Vec<ListenerHost> = Vec::new();
        for (place, host) in hosts.iter().enumerate() {
            let field = format!("hosts[{place}]");
            if let Some(host) = self.parsed::<ListenerHost>(host, layer, &field, Code::HostInvalid)
            {
                if parsed.contains(&host) {
                    self.error(
                        Code::HostInvalid,
                        "duplicate host; remove one of them".to_owned(),
                        Some(layer),
                        &field,
                    );
                } else {
                    parsed.push(host);
                }
            }
        }
        parsed
    }

    fn parsed<T: FromStr>(
        &mut self,
        text: &str,
        layer: &Layer,
        field: &str,
        code: Code,
    ) -> Option<T>
    where
        T::Err: Display,
    {
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.error(code, T::Err::to_string(&error), Some(layer), field);
                None
            }
        }
    }

    /// A parameter that asks for something the overlay does not do is refused: its author believes
    /// in a protection that is not there.
    fn unused(&mut self, field: &str, overlay: Overlay, layer: &Layer) {
        let message = format!(
            "{field} has no effect in overlay {}; remove it, or use another overlay",
            overlay.as_str()
        );
        self.error(Code::ParameterNotUsed, message, Some(layer), field);
    }

    fn error(&mut self, code: Code, message: String, layer: Option<&Layer>, field: &str) {
        self.failed = true;
        self.findings.push(at(Finding::error(code, message), layer, field));
    }
}

/// Puts a finding on the field that it is about: in the configuration, or in the object that gave
/// the parameter.
fn at(finding: Finding, layer: Option<&Layer>, field: &str) -> Finding {
    match layer.and_then(|layer| layer.source.as_ref()) {
        None => {
            let of = layer.map_or("spec", |layer| layer.field.as_str());
            finding.field(format!("{of}.{field}"))
        }
        Some(source) => {
            let key = field.split('[').next().unwrap_or(field);
            let place = source.places.get(key).cloned().unwrap_or_else(|| key.into());
            finding.on(&source.object).field(place)
        }
    }
}
