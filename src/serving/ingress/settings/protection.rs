//! Who may pass the load balancer.

use crate::controllers::alb::auth::{JwtConfig, OidcConfig};
use crate::values::arn::UserPoolArn;
use crate::values::cognito::{UserPoolClientId, UserPoolDomain};
use crate::values::header::{HeaderName, HeaderToken};

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
    /// A browser that is logged in with another provider.
    Oidc(OidcConfig),
    /// A request with such a JSON Web Token.
    Jwt(JwtConfig),
}
