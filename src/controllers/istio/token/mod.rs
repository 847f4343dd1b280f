//! Tokens: which a workload takes, and what its policies then see of them.

mod authentication;
mod request_authentication;

pub use authentication::{Authenticated, Token, TokenRefusal, TokenRules};
pub use request_authentication::RequestAuthentication;
