//! The annotations whose text is JSON for a struct: which keys of it the controller reads.

use super::actions::{ActionConfig, TransformConfig};
use super::auth::{CognitoConfig, JwtConfig, OidcConfig};
use super::conditions::RuleCondition;
use super::mutual_auth::MutualAuth;
use crate::go::json::{self, GoSlice, UnknownKey};

/// The keys in the text of an annotation, given by its suffix, that the controller ignores; keys are
/// compared as Go folds them. None where the text is not JSON or the annotation takes any key.
#[must_use]
pub(crate) fn unknown_keys(suffix: &str, text: &str) -> Vec<UnknownKey> {
    match suffix {
        "auth-idp-cognito" => json::unknown_keys(text, &mut CognitoConfig::default()),
        "auth-idp-oidc" => json::unknown_keys(text, &mut OidcConfig::default()),
        "jwt-validation" => json::unknown_keys(text, &mut JwtConfig::default()),
        "mutual-authentication" => json::unknown_keys(text, &mut GoSlice::<MutualAuth>::default()),
        _ if suffix.starts_with("actions.") => {
            json::unknown_keys(text, &mut ActionConfig::default())
        }
        _ if suffix.starts_with("conditions.") => {
            json::unknown_keys(text, &mut GoSlice::<RuleCondition>::default())
        }
        _ if suffix.starts_with("transforms.") => {
            json::unknown_keys(text, &mut GoSlice::<TransformConfig>::default())
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(suffix: &str, text: &str) -> Vec<String> {
        let found = unknown_keys(suffix, text).into_iter();
        found.map(|one| format!("{}/{}", one.within, one.key)).collect()
    }

    #[test]
    fn each_annotation_knows_its_keys_in_any_case() {
        let jwt = r#"{"JWKSEndpoint":"u","issuer":"i","additionalClaim":[],
            "additionalClaims":[{"NAME":"scope","fmt":"x"}]}"#;
        assert_eq!(keys("jwt-validation", jwt), ["/additionalClaim", "additionalClaims/fmt"]);
        let action = r#"{"Type":"forward","ForwardConfig":{"TargetGroups":[{"serviceName":"a",
            "servicePort":"80","wieght":1}],"sticky":{"a":{"b":1}}}}"#;
        assert_eq!(
            keys("actions.a", action),
            ["forwardConfig.targetGroups/wieght", "forwardConfig/sticky"]
        );
        let condition = r#"[{"field":"http-header","httpHeader":{"values":["a"]}}]"#;
        assert_eq!(keys("conditions.a", condition), ["/httpHeader"]);
        assert_eq!(keys("transforms.a", r#"[{"kind":"url-rewrite"}]"#), ["/kind"]);
        assert_eq!(keys("mutual-authentication", r#"[{"prot":443}]"#), ["/prot"]);
        assert_eq!(keys("auth-idp-cognito", r#"{"userPool":"a"}"#), ["/userPool"]);
        let extra = r#"{"authenticationRequestExtraParams":{"any":"key"},"clientID":"a"}"#;
        assert_eq!(keys("auth-idp-oidc", extra), ["/clientID"]);
        assert_eq!(keys("listen-ports", r#"[{"HTTP":80}]"#), [] as [&str; 0]);
        assert_eq!(keys("conditions.a", "[{"), [] as [&str; 0]);
    }
}
