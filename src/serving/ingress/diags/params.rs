//! What there is to say of parameters.

use crate::finding::{Code, Finding};
use crate::serving::ingress::params::Overlay;
use crate::values::arn::Region;
use crate::values::header::HeaderToken;

/// An overlay that is not set, but follows from what is.
pub(crate) struct InferredOverlay {
    pub(crate) overlay: Overlay,
    /// The parameters that it follows from.
    pub(crate) reason: &'static str,
}

impl From<InferredOverlay> for Finding {
    fn from(InferredOverlay { overlay, reason }: InferredOverlay) -> Self {
        let message = format!(
            "overlay {} is used, because {reason}; set overlay to make this explicit",
            overlay.as_str()
        );
        Self::info(Code::OverlayInferred, message).proposed(overlay.as_str())
    }
}

/// An inferred overlay that forwards every request.
pub(crate) struct UnprotectedOverlay(pub(crate) Overlay);

impl From<UnprotectedOverlay> for Finding {
    fn from(UnprotectedOverlay(overlay): UnprotectedOverlay) -> Self {
        let overlay = overlay.as_str();
        let message = format!(
            "overlay {overlay} forwards every request without a token or a login; set httpHeaderValues or cognito, or set overlay: {overlay} if this is intended"
        );
        Self::warning(Code::EndpointUnprotected, message)
    }
}

/// A parameter that an overlay requires.
pub(crate) enum MissingParameter {
    /// A certificate.
    Certificate(Overlay),
    /// An entry of the list of certificates.
    ListedCertificate,
    /// The tokens.
    Tokens,
    /// An entry of the list of tokens.
    ListedToken,
    /// A token that replaces the previous ones.
    CurrentToken,
    /// A setting of the login.
    Cognito,
    /// An entry of the list of hosts.
    ListedHost,
}

impl From<MissingParameter> for Finding {
    fn from(missing: MissingParameter) -> Self {
        match missing {
            MissingParameter::Certificate(overlay) => Self::error(
                Code::CertificateMissing,
                format!(
                    "overlay {} listens on HTTPS and requires the ARN of a certificate: arn:PARTITION:acm:REGION:ACCOUNT:certificate/ID; or a host for which the controller discovers one",
                    overlay.as_str()
                ),
            ),
            MissingParameter::ListedCertificate => {
                Self::error(Code::CertificateMissing, "the list has no certificate")
            }
            MissingParameter::Tokens => Self::error(
                Code::HeaderValuesMissing,
                "overlay api requires at least one token; set httpHeaderValues: [\"…\"]",
            ),
            MissingParameter::ListedToken => Self::error(
                Code::HeaderValuesMissing,
                "the list is empty, and without a token the controller creates a rule that requires none; add a token",
            ),
            MissingParameter::CurrentToken => Self::error(
                Code::HeaderValuesMissing,
                "every token is a previous one; add the token that replaces them, or remove previous from the one that stays",
            ),
            MissingParameter::Cognito => Self::error(
                Code::CognitoInvalid,
                "overlay cognito requires the user pool's ARN, its app client ID and its domain",
            ),
            MissingParameter::ListedHost => Self::error(
                Code::HostInvalid,
                "the list is empty; remove hosts to serve every host",
            ),
        }
    }
}

/// Certificates that no listener can have.
pub(crate) enum WrongCertificates<'a> {
    /// Several ARNs in one text.
    OneText,
    /// A certificate that is listed before.
    Twice,
    /// Certificates of two regions.
    Regions(&'a Region, &'a Region),
    /// A web ACL of the first region, and certificates of the second.
    WebAcl(&'a Region, &'a Region),
}

impl From<WrongCertificates<'_>> for Finding {
    fn from(wrong: WrongCertificates<'_>) -> Self {
        match wrong {
            WrongCertificates::OneText => Self::error(
                Code::CertificateArnInvalid,
                "one text holds several ARNs; set certArn to a list: [\"arn:…\", \"arn:…\"]",
            ),
            WrongCertificates::Twice => Self::error(
                Code::CertificateArnInvalid,
                "duplicate certificate; remove one of them",
            ),
            WrongCertificates::WebAcl(acl, certificate) => Self::error(
                Code::AlbTwoRegions,
                format!(
                    "the web ACL is in region {acl} and the certificate in {certificate}; a load balancer only takes those of its own region"
                ),
            ),
            WrongCertificates::Regions(first, other) => Self::error(
                Code::AlbTwoRegions,
                format!(
                    "certificates of {first} and {other} cannot be on one load balancer, which only takes certificates of its own region"
                ),
            ),
        }
    }
}

/// An ARN of ACM whose ID has another form than ACM's.
pub(crate) struct UnusualCertificateId;

impl From<UnusualCertificateId> for Finding {
    fn from(_: UnusualCertificateId) -> Self {
        let message = "ACM's certificate IDs are UUIDs; this one is not";
        Self::warning(Code::CertificateIdUnusual, message)
    }
}

/// More tokens than a rule takes.
pub(crate) struct TooManyTokens {
    pub(crate) count: usize,
    pub(crate) most: usize,
}

impl From<TooManyTokens> for Finding {
    fn from(TooManyTokens { count, most }: TooManyTokens) -> Self {
        let message = format!(
            "too many tokens: {count}; a rule takes {most} besides its path and host, previous ones included, five condition values in total"
        );
        Self::error(Code::ConditionValuesTooMany, message)
    }
}

/// A token that is being replaced, and still opens the listener.
pub(crate) struct PreviousToken;

impl From<PreviousToken> for Finding {
    fn from(_: PreviousToken) -> Self {
        let message = "this previous token still opens the listener; remove it when every client sends the new one";
        Self::warning(Code::TokenPrevious, message)
    }
}

/// A token that protects less than its author thinks. None of them is quoted.
pub(crate) enum WeakToken {
    /// The one of the guide.
    Placeholder,
    /// One of few characters.
    Short,
    /// One that is the earlier one of this index to the load balancer.
    SameAs(usize),
}

impl From<WeakToken> for Finding {
    fn from(weak: WeakToken) -> Self {
        match weak {
            WeakToken::Placeholder => Self::warning(
                Code::TokenPlaceholder,
                "this token is the guide's placeholder; generate one: openssl rand -hex 32",
            ),
            WeakToken::Short => Self::warning(
                Code::TokenShort,
                format!(
                    "this token has fewer than {} characters; generate one: openssl rand -hex 32",
                    HeaderToken::ADVISED_LENGTH
                ),
            ),
            WeakToken::SameAs(twin) => Self::warning(
                Code::TokensDifferInCaseOnly,
                format!(
                    "duplicates httpHeaderValues[{twin}]: the load balancer compares header values case-insensitively; remove one of them"
                ),
            ),
        }
    }
}

/// A host that is listed before.
pub(crate) struct SameHost;

impl From<SameHost> for Finding {
    fn from(_: SameHost) -> Self {
        Self::error(Code::HostInvalid, "duplicate host; remove one of them")
    }
}

/// A parameter that requires something the overlay does not do: its author believes in a protection
/// that is not there.
pub(crate) struct UnusedParameter {
    pub(crate) field: &'static str,
    pub(crate) overlay: Overlay,
}

impl From<UnusedParameter> for Finding {
    fn from(UnusedParameter { field, overlay }: UnusedParameter) -> Self {
        let message = format!(
            "{field} has no effect in overlay {}; remove it, or use another overlay",
            overlay.as_str()
        );
        Self::error(Code::ParameterNotUsed, message)
    }
}

/// A rule for a host that the parameters do not list.
pub(crate) struct HostNotListed<'a>(pub(crate) &'a str);

impl From<HostNotListed<'_>> for Finding {
    fn from(HostNotListed(host): HostNotListed<'_>) -> Self {
        let message =
            format!("host {host} is not listed in spec.hosts; add it there, or remove this rule");
        Self::error(Code::HostNotListed, message)
    }
}

/// A condition adds a host that the parameters do not list.
pub(crate) struct HostAdded(pub(crate) String);

impl From<HostAdded> for Finding {
    fn from(HostAdded(host): HostAdded) -> Self {
        let message = format!(
            "the condition on the host adds {host} to the host of the rule, and spec.hosts does not list it; add it there, or remove the condition"
        );
        Self::error(Code::HostNotListed, message)
    }
}

/// The default backend takes every host, and the parameters list some.
pub(crate) struct EveryHost;

impl From<EveryHost> for Finding {
    fn from(_: EveryHost) -> Self {
        let message = "the default backend takes every host, and spec.hosts lists some; remove it, or point it to a fixed-response action";
        Self::error(Code::HostNotListed, message).field("spec.defaultBackend")
    }
}
