//! The ARN of a certificate that a listener can serve.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Arn, ArnError, Problem, Region};
use krm_package::text::excerpt::Excerpt;

const ACM: &str = "arn:PARTITION:acm:REGION:ACCOUNT:certificate/ID";
const IAM: &str = "arn:PARTITION:iam::ACCOUNT:server-certificate/NAME";

/// Where a certificate is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CertificateStore {
    /// AWS Certificate Manager, in a region; the load balancer must be in the same.
    Acm(Region),
    /// The server certificates of IAM, which have no region.
    Iam,
}

/// The ARN of a certificate, `arn:PARTITION:acm:REGION:ACCOUNT:certificate/ID` or
/// `arn:PARTITION:iam::ACCOUNT:server-certificate/NAME`.
///
/// Checked are the partition, that the region belongs to it, that the account has 12 digits, and
/// the resource. Elastic Load Balancing itself states no pattern; the rule here is Certificate
/// Manager's `Arn` and IAM's `serverCertificateNameType`, narrowed to what names a certificate.
///
/// ```
/// use kserve_aws::values::arn::CertificateArn;
///
/// let arn: CertificateArn =
///     "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012".parse()?;
/// assert_eq!(arn.region().map(|region| region.as_str()), Some("us-west-2"));
/// assert!(!arn.unusual_id());
/// # Ok::<(), kserve_aws::values::arn::ArnError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend(
    "maxLength" = 2048,
    "pattern" = "^arn:aws[a-z-]*:(acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+|iam::[0-9]{12}:server-certificate/[!-+--~]+)$"
))]
pub struct CertificateArn {
    arn: Arn,
    store: CertificateStore,
}

impl CertificateArn {
    /// The parts.
    #[must_use]
    pub fn arn(&self) -> &Arn {
        &self.arn
    }

    /// Where the certificate is kept.
    #[must_use]
    pub fn store(&self) -> &CertificateStore {
        &self.store
    }

    /// The region; `None` for a server certificate of IAM.
    #[must_use]
    pub fn region(&self) -> Option<&Region> {
        match &self.store {
            CertificateStore::Acm(region) => Some(region),
            CertificateStore::Iam => None,
        }
    }

    /// Whether Certificate Manager would hardly have given this id: it is not a UUID. Worth a
    /// warning, since a cut or mistyped id is found out only when the listener is created.
    #[must_use]
    pub fn unusual_id(&self) -> bool {
        matches!(self.store, CertificateStore::Acm(_))
            && !self.arn.resource().strip_prefix("certificate/").is_some_and(is_uuid)
    }
}

fn is_uuid(id: &str) -> bool {
    let lengths = id.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && id.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

impl FromStr for CertificateArn {
    type Err = ArnError;

    /// Reads the ARN of a certificate.
    ///
    /// # Errors
    /// Names the part that is missing or wrong, and the form expected.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let arn = Arn::parse_as(text, ACM)?;
        let store = match arn.service() {
            "acm" => read_acm(&arn)?,
            "iam" => read_iam(&arn)?,
            _ => return Err(arn.wrong_service("acm (or iam, for a server certificate)", ACM)),
        };
        Ok(Self { arn, store })
    }
}

fn read_acm(arn: &Arn) -> Result<CertificateStore, ArnError> {
    let region = arn.checked_region(ACM)?;
    arn.check_account(ACM)?;
    let good = arn.resource().strip_prefix("certificate/").is_some_and(|id| {
        !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    });
    if good {
        Ok(CertificateStore::Acm(region))
    } else {
        Err(arn.wrong_resource("certificate/ID, an ID of letters, digits and \"-\"", ACM))
    }
}

fn read_iam(arn: &Arn) -> Result<CertificateStore, ArnError> {
    if !arn.region().is_empty() {
        let problem = Problem::NeedlessRegion(Excerpt::new(arn.region()));
        return Err(ArnError { problem, expected: IAM });
    }
    arn.check_account(IAM)?;
    // A path may stand before the name; only the name has a narrow alphabet.
    let good = arn.resource().strip_prefix("server-certificate/").is_some_and(|path| {
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        (1..=128).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=.@-".contains(&b))
    });
    if good {
        Ok(CertificateStore::Iam)
    } else {
        let right = "server-certificate/NAME, a NAME of at most 128 letters, digits and _+=.@-";
        Err(arn.wrong_resource(right, IAM))
    }
}

impl fmt::Display for CertificateArn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.arn.fmt(out)
    }
}

impl TryFrom<String> for CertificateArn {
    type Error = ArnError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<CertificateArn> for String {
    fn from(arn: CertificateArn) -> Self {
        arn.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_certificates() {
        for (text, region, unusual) in [
            (
                "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012",
                Some("us-west-2"),
                false,
            ),
            ("arn:aws:acm:us-west-2:123456789012:certificate/abcd", Some("us-west-2"), true),
            (
                "arn:aws:acm:us-west-2:123456789012:certificate/1234567-81234-1234-1234-123456789012",
                Some("us-west-2"),
                true,
            ),
            (
                "arn:aws-cn:acm:cn-north-1:123456789012:certificate/ABCDEF78-1234-1234-1234-123456789012",
                Some("cn-north-1"),
                false,
            ),
            (
                "arn:aws-us-gov:acm:us-gov-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
                Some("us-gov-west-1"),
                false,
            ),
            (
                "arn:aws-eusc:acm:eusc-de-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
                Some("eusc-de-east-1"),
                false,
            ),
            ("arn:aws:iam::123456789012:server-certificate/my-cert", None, false),
            ("arn:aws:iam::123456789012:server-certificate/cloudfront/test/my+cert@x", None, false),
        ] {
            let arn: CertificateArn = text.parse().unwrap();
            assert_eq!(arn.region().map(Region::as_str), region, "{text}");
            assert_eq!(arn.unusual_id(), unusual, "{text}");
            let json = serde_json::to_string(text).unwrap();
            assert_eq!(serde_json::to_string(&arn).unwrap(), json);
            assert_eq!(serde_json::from_str::<CertificateArn>(&json).unwrap(), arn);
        }
    }

    #[test]
    fn names_the_part_that_is_wrong() {
        let id = "12345678-1234-1234-1234-123456789012";
        let name = "n".repeat(129);
        let arn = |rest: &str| format!("arn:{rest}");
        for (text, problem, expected) in [
            (
                arn("aws:acm:us-west-2"),
                r#""arn:aws:acm:us-west-2" has 4 of 6 parts"#.to_owned(),
                ACM,
            ),
            ("$(certArn)".to_owned(), r#""$(certArn)" is a placeholder that was not replaced"#.to_owned(), ACM),
            (
                arn("aws:s3:::bucket"),
                r#"service "s3" is not acm (or iam, for a server certificate)"#.to_owned(),
                ACM,
            ),
            (
                arn(&format!("aws:ACM:us-west-2:123456789012:certificate/{id}")),
                r#"service "ACM" is not acm (or iam, for a server certificate)"#.to_owned(),
                ACM,
            ),
            (
                arn(&format!("aws:acm::123456789012:certificate/{id}")),
                "the region is empty".to_owned(),
                ACM,
            ),
            (
                arn(&format!("aws:acm:us-west2:123456789012:certificate/{id}")),
                r#"invalid region "us-west2": expected a region such as us-west-2"#.to_owned(),
                ACM,
            ),
            (
                arn(&format!("aws-cn:acm:us-west-2:123456789012:certificate/{id}")),
                r#"region "us-west-2" belongs to partition aws, not to aws-cn"#.to_owned(),
                ACM,
            ),
            (
                arn(&format!("aws:acm:us-gov-west-1:123456789012:certificate/{id}")),
                r#"region "us-gov-west-1" belongs to partition aws-us-gov, not to aws"#.to_owned(),
                ACM,
            ),
            (
                arn(&format!("aws:acm:us-west-2:12345678901:certificate/{id}")),
                r#"account "12345678901" is not 12 digits"#.to_owned(),
                ACM,
            ),
            (
                arn(&format!("aws:acm:us-west-2::certificate/{id}")),
                "the account is empty".to_owned(),
                ACM,
            ),
            (
                arn("aws:acm:us-west-2:123456789012:certificate/"),
                r#"resource "certificate/" is not certificate/ID, an ID of letters, digits and "-""#
                    .to_owned(),
                ACM,
            ),
            (
                arn(&format!("aws:acm:us-west-2:123456789012:{id}")),
                format!(
                    r#"resource "{id}" is not certificate/ID, an ID of letters, digits and "-""#
                ),
                ACM,
            ),
            (
                arn("aws:acm:us-west-2:123456789012:certificate/a\"b"),
                r#"resource "certificate/a\"b" is not certificate/ID, an ID of letters, digits and "-""#
                    .to_owned(),
                ACM,
            ),
            (
                arn("aws:iam:us-west-2:123456789012:server-certificate/x"),
                r#"region "us-west-2" is set in the ARN of a global service, whose region must be empty"#
                    .to_owned(),
                IAM,
            ),
            (
                arn("aws:iam::123456789012:role/x"),
                r#"resource "role/x" is not server-certificate/NAME, a NAME of at most 128 letters, digits and _+=.@-"#
                    .to_owned(),
                IAM,
            ),
        ] {
            let error = text.parse::<CertificateArn>().unwrap_err();
            assert_eq!(error.to_string(), format!("{problem}; expected {expected}"), "{text}");
        }
        let long = arn(&format!("aws:iam::123456789012:server-certificate/{name}"));
        assert!(long.parse::<CertificateArn>().is_err());
        let slash = arn("aws:iam::123456789012:server-certificate/path/");
        assert!(slash.parse::<CertificateArn>().is_err());
    }
}
