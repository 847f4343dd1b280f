//! The ARN of a web ACL.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Arn, ArnError, Region};

const FORM: &str = "arn:PARTITION:wafv2:REGION:ACCOUNT:regional/webacl/NAME/ID";

/// The ARN of a regional web ACL of AWS WAF, `arn:PARTITION:wafv2:REGION:ACCOUNT:regional/webacl/NAME/ID`.
///
/// A load balancer takes no global one, which is `CloudFront`'s (`docs/guide/ingress/annotations.md` of the
/// controller, v3.5: "Only Regional WAFv2 is supported"). Name and ID are those of the WAF API
/// (`EntityName`, `EntityId`).
///
/// ```
/// use kserve_aws::values::arn::WebAclArn;
///
/// let arn: WebAclArn = "arn:aws:wafv2:us-west-2:123456789012:regional/webacl/models/3ab78708-85b0-49d3-b4e1-7a9615a6613b".parse()?;
/// assert_eq!(arn.region().as_str(), "us-west-2");
/// # Ok::<(), kserve_aws::values::arn::ArnError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend(
    "maxLength" = 2048,
    "pattern" = "^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:[0-9]{12}:regional/webacl/[0-9A-Za-z_-]{1,128}/[0-9A-Za-z-]{1,64}$"
))]
pub struct WebAclArn {
    arn: Arn,
    region: Region,
}

impl WebAclArn {
    /// The region, which must be that of the load balancer.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }
}

impl FromStr for WebAclArn {
    type Err = ArnError;

    /// Reads the ARN of a web ACL.
    ///
    /// # Errors
    /// Names the part that is missing or wrong, and the form expected.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let arn = Arn::parse_as(text, FORM)?;
        if arn.service() != "wafv2" {
            return Err(arn.wrong_service("wafv2", FORM));
        }
        let region = arn.checked_region(FORM)?;
        arn.check_account(FORM)?;
        let is_name = |name: &str| {
            (1..=128).contains(&name.len())
                && name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-'))
        };
        let is_id = |id: &str| {
            (1..=64).contains(&id.len())
                && id.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
        };
        let parts: Vec<&str> = arn.resource().split('/').collect();
        match parts[..] {
            ["regional", "webacl", name, id] if is_name(name) && is_id(id) => {
                Ok(Self { arn, region })
            }
            _ => Err(arn.wrong_resource("regional/webacl/NAME/ID", FORM)),
        }
    }
}

impl fmt::Display for WebAclArn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.arn.fmt(out)
    }
}

impl TryFrom<String> for WebAclArn {
    type Error = ArnError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<WebAclArn> for String {
    fn from(arn: WebAclArn) -> Self {
        arn.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_regional_web_acls() {
        let text = "arn:aws:wafv2:us-west-2:123456789012:regional/webacl/models/3ab78708-85b0-49d3-b4e1-7a9615a6613b";
        let arn: WebAclArn = text.parse().unwrap();
        assert_eq!((arn.region().as_str(), arn.to_string().as_str()), ("us-west-2", text));
    }

    #[test]
    fn names_the_part_that_is_wrong() {
        for (rest, problem) in [
            (
                "waf:us-west-2:123456789012:regional/webacl/models/a",
                r#"service "waf" is not wafv2"#,
            ),
            (
                "wafv2:us-east-1:123456789012:global/webacl/models/a",
                r#"resource "global/webacl/models/a" is not regional/webacl/NAME/ID"#,
            ),
            (
                "wafv2:us-west-2:123456789012:regional/webacl/models",
                r#"resource "regional/webacl/models" is not regional/webacl/NAME/ID"#,
            ),
            ("wafv2::123456789012:regional/webacl/models/a", "the region is empty"),
        ] {
            let error = format!("arn:aws:{rest}").parse::<WebAclArn>().unwrap_err();
            assert_eq!(error.to_string(), format!("{problem}; expected {FORM}"));
        }
    }
}
