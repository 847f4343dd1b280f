//! Which header conditions can require a token.
//!
//! A condition on a header routes as often as it guards: gRPC by Content-Type, a canary by its own
//! header. Where only an annotation speaks, it is taken for a token by the header's name, or by
//! values that nobody guesses.

use crate::controllers::alb::conditions::HeaderValue;
use crate::values::header::HeaderToken;

/// Headers that every client sends for other reasons, or that a proxy sets.
const ROUTING: [&str; 25] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "connection",
    "content-encoding",
    "content-language",
    "content-length",
    "content-type",
    "cookie",
    "dnt",
    "forwarded",
    "host",
    "origin",
    "pragma",
    "range",
    "referer",
    "te",
    "upgrade",
    "user-agent",
    "via",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-requested-with",
];

/// Parts of the names of headers that carry a credential.
const CREDENTIAL: [&str; 8] =
    ["key", "token", "secret", "authorization", "credential", "password", "signature", "bearer"];

/// Parts of the names of headers by which a content delivery network shows that a request comes through
/// it (AWS, "Restrict access to Application Load Balancers": CloudFront adds `X-Origin-Verify` or such to
/// every request, whoever sends it).
const OF_NETWORKS: [&str; 3] = ["origin-verify", "cloudfront", "cdn"];

/// Whether a header, in lowercase, is one that clients and proxies send for other reasons than to show who
/// they are, so no value of it is a token unless it is required by name.
pub(crate) fn routes(header: &str) -> bool {
    ROUTING.contains(&header)
        || header.starts_with("sec-")
        || OF_NETWORKS.iter().any(|part| header.contains(part))
}

/// Whether a condition on a header with these values can require a token.
pub(crate) fn can_be_token<'a>(
    header: &str,
    mut values: impl Iterator<Item = &'a HeaderValue>,
) -> bool {
    let header = header.to_ascii_lowercase();
    if routes(&header) {
        return false;
    }
    header.contains("auth")
        || CREDENTIAL.iter().any(|part| header.contains(part))
        || values.all(|value| is_random(value.expose()))
}

/// Whether a text is long and has letters and digits, as what a generator makes.
fn is_random(text: &str) -> bool {
    text.chars().count() >= HeaderToken::ADVISED_LENGTH
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !text.contains([' ', '/', ';', '='])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str, value: &str) -> bool {
        can_be_token(header, [HeaderValue::from(value)].iter())
    }

    #[test]
    fn routing_is_no_token() {
        assert!(!of("Content-Type", "application/grpc"));
        assert!(!of("Accept", "0f5b1c2e9d8a4736a1b2c3d4e5f60718"));
        assert!(!of("x-canary", "true"));
        assert!(!of("x-tenant", "acme"));
        assert!(!of("User-Agent", "*"));
    }

    #[test]
    fn a_name_or_a_random_value_is_one() {
        assert!(of("x-api-key", "token1"));
        assert!(of("X-Team-Key", "a"));
        assert!(of("Authorization", "Bearer x"));
        assert!(of("x-door", "0f5b1c2e9d8a4736a1b2c3d4e5f60718"));
    }
}
