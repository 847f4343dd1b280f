//! What there is to say of a login that parameters name.

use crate::controllers::alb::objects::Ingress;
use crate::finding::{Code, Finding};
use crate::serving::ingress::diags::on_annotation;
use krm_package::text::excerpt::Excerpt;

/// A login that a load balancer does not have, or that lets everybody through.
pub(crate) enum WrongLogin<'a> {
    /// A setting of the provider.
    Missing,
    /// A session of another length.
    Timeout { seconds: u32, most: u32 },
    /// A request without a session is let through.
    Allow,
    /// An endpoint that only a cluster or a private zone knows.
    NotPublic(&'a str),
}

impl From<WrongLogin<'_>> for Finding {
    fn from(wrong: WrongLogin<'_>) -> Self {
        match wrong {
            WrongLogin::Missing => Self::error(
                Code::LoginInvalid,
                "overlay oidc requires the provider's issuer, its endpoints for authorization, token and user info, and the Secret of its client",
            ),
            WrongLogin::Timeout { seconds, most } => Self::error(
                Code::LoginInvalid,
                format!("invalid session timeout {seconds}: must be 1 to {most} seconds"),
            ),
            WrongLogin::NotPublic(endpoint) => Self::error(
                Code::LoginInvalid,
                format!(
                    "invalid URL {}: a load balancer only finds names that everybody can resolve; set the provider's address outside the cluster",
                    Excerpt::new(endpoint)
                ),
            ),
            WrongLogin::Allow => Self::error(
                Code::AlbOpenUnauthenticatedAllowed,
                "allow lets requests through without a login; set onUnauthenticatedRequest to \"authenticate\" or \"deny\"",
            ),
        }
    }
}

/// The Secret of a provider's client, which kustomize renames.
pub(crate) struct SecretRenamed<'a> {
    pub(crate) ingress: &'a Ingress,
    /// What the annotation says.
    pub(crate) name: &'a str,
    /// What it is called; not known before the hash is added.
    pub(crate) now: Option<&'a str>,
}

impl From<SecretRenamed<'_>> for Finding {
    fn from(SecretRenamed { ingress, name, now }: SecretRenamed<'_>) -> Self {
        let message = match now {
            Some(now) => format!(
                "kustomize renamed Secret {name} to {now} and leaves the name in this annotation as it is; set secretName to the name that the Secret has in the end"
            ),
            None => format!(
                "kustomize will append a hash to the name of Secret {name} and leaves the name in this annotation as it is; set options: {{disableNameSuffixHash: true}} on its secretGenerator"
            ),
        };
        on_annotation(Self::error(Code::LoginSecretRenamed, message), ingress, "auth-idp-oidc")
    }
}
