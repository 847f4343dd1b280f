//! What `serving-endpoint` itself finds; all else its steps do.

use json_patch::PatchError;
use krm_package::text::excerpt::Excerpt;

use crate::finding::{Code, Finding};
use crate::values::k8s::ResourceRef;

/// A field that no step can judge.
pub(super) enum Wrong<'a> {
    Missing(&'static str),
    CognitoWithJwt,
    CognitoWithOidc,
    JwtWithLogin,
    OidcWithOther,
    CognitoWithDex,
    NamespacesBesideStages,
    Twice(&'a str),
    TokensTwice,
    Open,
}

impl Wrong<'_> {
    pub(super) fn finding(&self, field: String) -> Finding {
        let message = match self {
            Self::Missing(name) => format!("missing {name}; set it"),
            Self::CognitoWithJwt => {
                "spec.cognito has no effect with authProvider jwt; set its ARN as jwt.userPoolArn, and remove cognito".to_owned()
            }
            Self::JwtWithLogin => {
                "jwt only has an effect with authProvider jwt; remove jwt, or set authProvider to jwt".to_owned()
            }
            Self::CognitoWithOidc => {
                "cognito has no effect with authProvider oidc; remove cognito, or set authProvider to cognito".to_owned()
            }
            Self::OidcWithOther => {
                "oidc only has an effect with authProvider oidc; remove oidc, or set authProvider to oidc".to_owned()
            }
            Self::CognitoWithDex => {
                "a Cognito user pool has no effect with authProvider dex; remove cognito, or set authProvider to cognito".to_owned()
            }
            Self::NamespacesBesideStages => {
                "namespaces has no effect beside stages, each of which has its own; remove it".to_owned()
            }
            Self::Twice(text) => {
                format!("{} is in another stage, too; each stage needs its own", Excerpt::new(text))
            }
            Self::TokensTwice => "both tokens and valuesFrom are set; keep one of them".to_owned(),
            Self::Open => {
                "no tokens guard this Ingress; set tokens or valuesFrom, or with authProvider cognito the user pool in spec.cognito, with oidc the provider in spec.oidc, or with jwt the tokens in spec.jwt".to_owned()
            }
        };
        Finding::error(Code::EndpointInvalid, message).field(field.as_str())
    }
}

/// A certificate that is requested and not issued yet.
pub(super) struct NotIssued<'a> {
    pub(super) field: &'a str,
}

impl From<NotIssued<'_>> for Finding {
    fn from(NotIssued { field }: NotIssued<'_>) -> Self {
        let message = format!(
            "the certificate is requested and its ARN is not known yet: the Ingress is left as it is, and has no load balancer; set {field}.arn when the certificate is issued"
        );
        Self::warning(Code::EndpointPending, message).field(format!("{field}.arn"))
    }
}

/// What keeps a step from the objects that the steps before it leave.
pub(super) enum StepFailed<'a> {
    /// They cannot be read together.
    Objects(String),
    /// One of them cannot be read.
    Object { object: &'a ResourceRef, why: String },
    /// One of them does not take the step's patch.
    Patch(PatchError),
}

impl From<StepFailed<'_>> for Finding {
    fn from(failed: StepFailed<'_>) -> Self {
        match failed {
            StepFailed::Objects(why) => Self::error(Code::BadObject, why),
            StepFailed::Object { object, why } => Self::error(Code::BadObject, why).on(object),
            StepFailed::Patch(error) => Self::error(Code::EditRefused, error.to_string()),
        }
    }
}
