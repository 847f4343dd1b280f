//! What there is to say of a login that parameters name.

use crate::finding::{Code, Finding};

/// A login that a load balancer does not have, or that lets everybody through.
pub(crate) enum WrongLogin {
    /// A setting of the provider.
    Missing,
    /// A session of another length.
    Timeout { seconds: u32, most: u32 },
    /// A request without a session is let through.
    Allow,
}

impl From<WrongLogin> for Finding {
    fn from(wrong: WrongLogin) -> Self {
        match wrong {
            WrongLogin::Missing => Self::error(
                Code::LoginInvalid,
                "overlay oidc requires the provider's issuer, its endpoints for authorization, token and user info, and the Secret of its client",
            ),
            WrongLogin::Timeout { seconds, most } => Self::error(
                Code::LoginInvalid,
                format!("invalid session timeout {seconds}: must be 1 to {most} seconds"),
            ),
            WrongLogin::Allow => Self::error(
                Code::AlbOpenUnauthenticatedAllowed,
                "allow lets requests through without a login; set onUnauthenticatedRequest to \"authenticate\" or \"deny\"",
            ),
        }
    }
}
