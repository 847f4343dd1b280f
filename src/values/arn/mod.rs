//! Amazon Resource Names.

mod certificate;
mod partition;
mod region;
mod user_pool;
mod web_acl;

use std::fmt;
use std::str::FromStr;

use krm_package::text::excerpt::{Excerpt, SHORTEST_TOKEN};

use crate::values::placeholder;

pub use certificate::{CertificateArn, CertificateStore};
pub use partition::Partition;
pub(crate) use region::{Region, RegionError, with_right_region};
pub use user_pool::UserPoolArn;
pub(crate) use user_pool::is_user_pool;
pub use web_acl::WebAclArn;

/// The most characters of an ARN that the services here take.
const MAX_LENGTH: usize = 2048;

/// The name of any AWS resource, `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, split into its
/// parts.
///
/// Checked are the number of parts, the partition, and that no blank or comma is in it (the
/// load balancer controller splits its lists of ARNs at commas). Region and account may be empty;
/// what they and the resource look like is the service's matter ([`CertificateArn`],
/// [`UserPoolArn`]).
///
/// ```
/// use kserve_aws::values::arn::{Arn, Partition};
///
/// let arn: Arn = "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/a/b".parse()?;
/// assert_eq!(arn.partition(), Partition::Aws);
/// assert_eq!(arn.resource(), "targetgroup/a/b");
///
/// let error = "arn:aws:acm:us-west-2".parse::<Arn>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     r#""arn:aws:acm:us-west-2" has 4 of 6 parts; expected arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE"#
/// );
/// # Ok::<(), kserve_aws::values::arn::ArnError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Arn {
    partition: Partition,
    service: String,
    region: String,
    account: String,
    resource: String,
}

impl Arn {
    /// The partition.
    #[must_use]
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The service, such as `acm`.
    #[must_use]
    pub(crate) fn service(&self) -> &str {
        &self.service
    }

    /// The region; empty for a global service.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The account id; empty for some resources.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The resource, which may hold colons.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }

    fn parse_as(text: &str, expected: &'static str) -> Result<Self, ArnError> {
        let fail = |problem| Err(ArnError { problem, expected });
        if text.is_empty() {
            return fail(Problem::Empty);
        }
        if text.contains("$(") || placeholder::is_unfilled(text) {
            return fail(Problem::Unresolved(Excerpt::new(text)));
        }
        if text.len() > MAX_LENGTH {
            return fail(Problem::TooLong(text.chars().count()));
        }
        if let Some(character) = text.chars().find(|c| !matches!(c, '!'..='~') || *c == ',') {
            return fail(match character {
                ',' => Problem::Comma(Excerpt::new(text)),
                _ => Problem::Character { found: Excerpt::new(text), character },
            });
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        if parts[0] != "arn" {
            // Parameters that changed places would have a token here.
            return fail(match text.contains(':') || text.len() < SHORTEST_TOKEN {
                true => Problem::NoPrefix(Excerpt::new(text)),
                false => Problem::NoColon(text.len()),
            });
        }
        let [_, partition, service, region, account, resource] = parts[..] else {
            return fail(Problem::Parts { found: Excerpt::new(text), count: parts.len() });
        };
        let Some(partition) = Partition::named(partition) else {
            return fail(Problem::Partition(Excerpt::new(partition)));
        };
        if service.is_empty() || resource.is_empty() {
            let part = if service.is_empty() { "service" } else { "resource" };
            return fail(Problem::EmptyPart { part, found: Excerpt::new(text) });
        }
        Ok(Self {
            partition,
            service: service.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            resource: resource.to_owned(),
        })
    }

    /// The region, which must be one of the partition's.
    fn checked_region(&self, expected: &'static str) -> Result<Region, ArnError> {
        let problem = match self.region.parse::<Region>() {
            _ if self.region.is_empty() => Problem::NoRegion,
            Ok(region) if region.partition() == self.partition => return Ok(region),
            Ok(region) => Problem::ForeignRegion {
                partition: self.partition,
                home: region.partition(),
                region: Excerpt::new(&self.region),
            },
            Err(error) => Problem::Region(error),
        };
        Err(ArnError { problem, expected })
    }

    /// Checks that the account is an id of 12 digits.
    fn check_account(&self, expected: &'static str) -> Result<(), ArnError> {
        if self.account.len() == 12 && self.account.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(());
        }
        let problem = if self.account.is_empty() {
            Problem::NoAccount
        } else {
            Problem::Account(Excerpt::new(&self.account))
        };
        Err(ArnError { problem, expected })
    }

    fn wrong_service(&self, right: &'static str, expected: &'static str) -> ArnError {
        ArnError {
            problem: Problem::Service { found: Excerpt::new(&self.service), right },
            expected,
        }
    }

    fn wrong_resource(&self, right: &'static str, expected: &'static str) -> ArnError {
        let found = Excerpt::new(&self.resource);
        ArnError { problem: Problem::Resource { found, right }, expected }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(out, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

impl FromStr for Arn {
    type Err = ArnError;

    /// Splits an ARN.
    ///
    /// # Errors
    /// Names the part that is missing or wrong.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse_as(text, "arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE")
    }
}

/// Why a text is not the required ARN: the part, what it is, and the form expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; expected {expected}")]
pub struct ArnError {
    problem: Problem,
    expected: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Problem {
    #[error("the ARN is empty")]
    Empty,
    #[error("{0} is a placeholder that was not replaced")]
    Unresolved(Excerpt),
    #[error("the ARN has {0} characters; AWS takes at most 2048")]
    TooLong(usize),
    #[error("{0} has a comma, at which the load balancer controller splits the list")]
    Comma(Excerpt),
    #[error("{found} has {character:?}, which is not valid in an ARN")]
    Character { found: Excerpt, character: char },
    #[error("{0} does not start with \"arn:\"")]
    NoPrefix(Excerpt),
    #[error("invalid ARN: {0} characters without a \":\"")]
    NoColon(usize),
    #[error("{found} has {count} of 6 parts")]
    Parts { found: Excerpt, count: usize },
    #[error("the {part} of {found} is empty")]
    EmptyPart { part: &'static str, found: Excerpt },
    #[error("unknown partition {0}: must be one of {list}", list = Partition::LIST)]
    Partition(Excerpt),
    #[error("service {found} is not {right}")]
    Service { found: Excerpt, right: &'static str },
    #[error("the region is empty")]
    NoRegion,
    #[error("{0}")]
    Region(RegionError),
    #[error("region {region} belongs to partition {home}, not to {partition}")]
    ForeignRegion { partition: Partition, home: Partition, region: Excerpt },
    #[error("region {0} is set in the ARN of a global service, whose region must be empty")]
    NeedlessRegion(Excerpt),
    #[error("the account is empty")]
    NoAccount,
    #[error("account {0} is not 12 digits")]
    Account(Excerpt),
    #[error("resource {found} is not {right}")]
    Resource { found: Excerpt, right: &'static str },
    #[error("user pool {pool} is not in the ARN's region {region}")]
    PoolRegion { pool: Excerpt, region: Region },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_arns() {
        for (text, parts) in [
            ("arn:aws:s3:::bucket/key:with:colons", ("s3", "", "", "bucket/key:with:colons")),
            ("arn:aws-cn:iam::123456789012:role/x", ("iam", "", "123456789012", "role/x")),
        ] {
            let arn: Arn = text.parse().unwrap();
            assert_eq!((arn.service(), arn.region(), arn.account(), arn.resource()), parts);
            assert_eq!(arn.to_string(), text);
        }
    }

    #[test]
    fn names_the_part_that_is_wrong() {
        let long = format!("arn:aws:s3:::{}", "k".repeat(3000));
        for (text, problem) in [
            ("", "the ARN is empty"),
            ("$(certArn)", r#""$(certArn)" is a placeholder that was not replaced"#),
            ("arn:aws:s3:::$(x)", r#""arn:aws:s3:::$(x)" is a placeholder that was not replaced"#),
            ("arn", r#""arn" has 1 of 6 parts"#),
            ("arn:aws:s3::", r#""arn:aws:s3::" has 5 of 6 parts"#),
            ("ARN:aws:s3:::b", r#""ARN:aws:s3:::b" does not start with "arn:""#),
            ("example.com", r#"invalid ARN: 11 characters without a ":""#),
            ("arm:aws:s3:::b", r#""arm:aws:s3:::b" does not start with "arn:""#),
            ("arn:aws:s3:::b ", r#""arn:aws:s3:::b " has ' ', which is not valid in an ARN"#),
            ("arn:aws:s3:::b\n", r#""arn:aws:s3:::b\n" has '\n', which is not valid in an ARN"#),
            (
                "arn:aws:s3:::a,arn:aws:s3:::b",
                r#""arn:aws:s3:::a,arn:aws:s3:::b" has a comma, at which the load balancer controller splits the list"#,
            ),
            (
                "arn:amazon:s3:::b",
                r#"unknown partition "amazon": must be one of aws, aws-cn, aws-us-gov, aws-eusc, aws-iso, aws-iso-b, aws-iso-e, aws-iso-f"#,
            ),
            ("arn:aws::::b", r#"the service of "arn:aws::::b" is empty"#),
            ("arn:aws:s3:::", r#"the resource of "arn:aws:s3:::" is empty"#),
            (&long, "the ARN has 3013 characters; AWS takes at most 2048"),
        ] {
            assert_eq!(
                text.parse::<Arn>().unwrap_err().to_string(),
                format!("{problem}; expected arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE")
            );
        }
    }
}
