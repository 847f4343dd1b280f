//! The ARN of a Cognito user pool.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Arn, ArnError, Problem, Region};
use krm_package::text::excerpt::Excerpt;

const FORM: &str = "arn:PARTITION:cognito-idp:REGION:ACCOUNT:userpool/REGION_ID";

/// The ARN of a Cognito user pool, `arn:PARTITION:cognito-idp:REGION:ACCOUNT:userpool/REGION_ID`.
///
/// The id of the pool is that of the Cognito API (`UserPoolIdType`, at most 55 characters); its
/// region is the ARN's.
///
/// ```
/// use kserve_aws::values::arn::UserPoolArn;
///
/// let arn: UserPoolArn =
///     "arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_cEPNNVy5C".parse()?;
/// assert_eq!(arn.region().as_str(), "us-west-2");
/// # Ok::<(), kserve_aws::values::arn::ArnError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend(
    "maxLength" = 2048,
    "pattern" = "^arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:[0-9]{12}:userpool/[a-z0-9-]+_[0-9A-Za-z]+$"
))]
pub struct UserPoolArn {
    arn: Arn,
    region: Region,
}

impl UserPoolArn {
    /// The parts.
    #[must_use]
    pub fn arn(&self) -> &Arn {
        &self.arn
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// The claim `iss` of its tokens (Cognito's developer guide, "Verifying JSON web tokens").
    #[must_use]
    pub(crate) fn issuer(&self) -> String {
        let domain = self.arn.partition().domain();
        let pool = self.arn.resource().strip_prefix("userpool/").unwrap_or_default();
        format!("https://cognito-idp.{}.{domain}/{pool}", self.region.as_str())
    }
}

/// Whether an issuer is a user pool.
pub(crate) fn is_user_pool(issuer: &str) -> bool {
    let Some((host, pool)) =
        issuer.strip_prefix("https://cognito-idp.").and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    let region = host.split('.').next().unwrap_or_default();
    let is_pool =
        |id: &str| !id.is_empty() && id.bytes().all(|letter| letter.is_ascii_alphanumeric());
    pool.split_once('_').is_some_and(|(of, id)| of == region && is_pool(id))
}

impl FromStr for UserPoolArn {
    type Err = ArnError;

    /// Reads the ARN of a user pool.
    ///
    /// # Errors
    /// Names the part that is missing or wrong, and the form expected.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let arn = Arn::parse_as(text, FORM)?;
        if arn.service() != "cognito-idp" {
            return Err(arn.wrong_service("cognito-idp", FORM));
        }
        let region = arn.checked_region(FORM)?;
        arn.check_account(FORM)?;
        let pool = arn
            .resource()
            .strip_prefix("userpool/")
            .filter(|pool| pool.len() <= 55)
            .and_then(|pool| pool.split_once('_'))
            .filter(|(_, id)| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric()));
        let Some((pool_region, _)) = pool else {
            return Err(arn.wrong_resource("userpool/REGION_ID", FORM));
        };
        if pool_region != region.as_str() {
            let pool = Excerpt::new(arn.resource());
            return Err(ArnError { problem: Problem::PoolRegion { pool, region }, expected: FORM });
        }
        Ok(Self { arn, region })
    }
}

impl fmt::Display for UserPoolArn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.arn.fmt(out)
    }
}

impl TryFrom<String> for UserPoolArn {
    type Error = ArnError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<UserPoolArn> for String {
    fn from(arn: UserPoolArn) -> Self {
        arn.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_user_pools() {
        for text in [
            "arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_cEPNNVy5C",
            "arn:aws-us-gov:cognito-idp:us-gov-west-1:123456789012:userpool/us-gov-west-1_x",
        ] {
            let arn: UserPoolArn = text.parse().unwrap();
            let json = serde_json::to_string(text).unwrap();
            assert_eq!(serde_json::to_string(&arn).unwrap(), json);
            assert_eq!(serde_json::from_str::<UserPoolArn>(&json).unwrap(), arn);
        }
    }

    #[test]
    fn a_pool_is_the_issuer_of_its_tokens() {
        for (arn, issuer) in [
            (
                "arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_cEPNNVy5C",
                "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_cEPNNVy5C",
            ),
            (
                "arn:aws-us-gov:cognito-idp:us-gov-west-1:123456789012:userpool/us-gov-west-1_x",
                "https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_x",
            ),
        ] {
            assert_eq!(arn.parse::<UserPoolArn>().unwrap().issuer(), issuer);
            assert!(is_user_pool(issuer));
        }
        for other in ["https://a.example.com/us-west-2_x", "https://cognito-idp.a.b.c/us_x", ""] {
            assert!(!is_user_pool(other), "{other}");
        }
    }

    #[test]
    fn names_the_part_that_is_wrong() {
        for (rest, problem) in [
            ("aws:cognito-idp:us-west-2", r#""arn:aws:cognito-idp:us-west-2" has 4 of 6 parts"#),
            (
                "aws:cognito:us-west-2:123456789012:userpool/us-west-2_x",
                r#"service "cognito" is not cognito-idp"#,
            ),
            (
                "aws:cognito-idp:us-west:123456789012:userpool/us-west_x",
                r#"invalid region "us-west": expected a region such as us-west-2"#,
            ),
            ("aws:cognito-idp:us-west-2:1:userpool/us-west-2_x", r#"account "1" is not 12 digits"#),
            (
                "aws:cognito-idp:us-west-2:123456789012:userpool/x",
                r#"resource "userpool/x" is not userpool/REGION_ID"#,
            ),
            (
                "aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_",
                r#"resource "userpool/us-west-2_" is not userpool/REGION_ID"#,
            ),
            (
                "aws:cognito-idp:us-west-2:123456789012:identitypool/us-west-2_x",
                r#"resource "identitypool/us-west-2_x" is not userpool/REGION_ID"#,
            ),
            (
                "aws:cognito-idp:us-west-2:123456789012:userpool/eu-west-1_x",
                r#"user pool "userpool/eu-west-1_x" is not in the ARN's region us-west-2"#,
            ),
        ] {
            let error = format!("arn:{rest}").parse::<UserPoolArn>().unwrap_err();
            assert_eq!(error.to_string(), format!("{problem}; expected {FORM}"));
        }
    }
}
