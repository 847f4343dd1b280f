//! The name that Elastic Load Balancing gives a load balancer.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::values::arn::{Partition, Region};
use crate::values::dns_name::DnsName;
use krm_package::text::excerpt::Excerpt;

/// The DNS name of an application or network load balancer:
/// `NAME-NUMBER.REGION.elb.amazonaws.com` or `NAME-ID.elb.REGION.amazonaws.com`, in China with
/// `.cn` behind; `dualstack.` may stand in front.
///
/// ```
/// use kserve_aws::values::elb_name::ElbName;
///
/// let name: ElbName = "k8s-kserve-0123456789.us-west-2.elb.amazonaws.com".parse()?;
/// assert_eq!(name.region().as_str(), "us-west-2");
/// assert!("lb.example.com".parse::<ElbName>().is_err());
/// # Ok::<(), kserve_aws::values::elb_name::ElbNameError>(())
/// ```
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend(
    "maxLength" = 253,
    "pattern" = "^[a-zA-Z0-9.-]+\\.(elb\\.[a-z0-9-]+|[a-z0-9-]+\\.elb)\\.amazonaws\\.(com|com\\.cn|eu)$"
))]
pub struct ElbName {
    name: DnsName,
    region: Region,
    is_network: bool,
}

/// Why a text is not a load balancer's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{found} is not the DNS name of a load balancer{reason}; use the address of the Ingress, such as k8s-kserve-0123456789.us-west-2.elb.amazonaws.com"
)]
pub struct ElbNameError {
    found: Excerpt,
    reason: String,
}

impl ElbName {
    /// The name in lower case.
    #[must_use]
    pub fn name(&self) -> &DnsName {
        &self.name
    }

    /// The region of the load balancer.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Whether the name has the form of a network load balancer's.
    #[must_use]
    pub(crate) fn is_network(&self) -> bool {
        self.is_network
    }
}

impl FromStr for ElbName {
    type Err = ElbNameError;

    /// Reads a name; a dot at its end and upper case, which AWS prints, are taken.
    ///
    /// # Errors
    /// Any other name, with what to write instead.
    fn from_str(text: &str) -> Result<Self, ElbNameError> {
        let refused = |reason: String| ElbNameError { found: Excerpt::new(text), reason };
        let lower = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let name: DnsName = lower.parse().map_err(|_| refused(String::new()))?;
        let labels: Vec<&str> = name.labels().collect();
        let (labels, suffix) = match labels.as_slice() {
            [labels @ .., "amazonaws", "com", "cn"] => (labels, "com.cn"),
            [labels @ .., "amazonaws", "com"] => (labels, "com"),
            [labels @ .., "amazonaws", "eu"] => (labels, "eu"),
            _ => return Err(refused(String::new())),
        };
        let (region, is_network) = match labels {
            [.., _, region, "elb"] => (region, false),
            [.., _, "elb", region] => (region, true),
            _ => return Err(refused(String::new())),
        };
        let region: Region = region.parse().map_err(|error| refused(format!(": {error}")))?;
        let expected = suffix_of(region.partition());
        if expected.is_some_and(|expected| expected != suffix) {
            let reason = format!(
                ": names of {} end with amazonaws.{}",
                region.as_str(),
                expected.unwrap_or_default()
            );
            return Err(refused(reason));
        }
        Ok(Self { name, region, is_network })
    }
}

/// What names end with behind `amazonaws.`, in the partitions that have public ones.
fn suffix_of(partition: Partition) -> Option<&'static str> {
    match partition {
        Partition::Aws | Partition::AwsUsGov => Some("com"),
        Partition::AwsCn => Some("com.cn"),
        Partition::AwsEusc => Some("eu"),
        _ => None,
    }
}

impl fmt::Display for ElbName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(out)
    }
}

impl TryFrom<String> for ElbName {
    type Error = ElbNameError;

    fn try_from(text: String) -> Result<Self, ElbNameError> {
        text.parse()
    }
}

impl From<ElbName> for String {
    fn from(name: ElbName) -> Self {
        name.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names() {
        for (text, region, is_network) in [
            ("k8s-a-0123.us-west-2.elb.amazonaws.com", "us-west-2", false),
            ("internal-K8s-A-0123.eu-central-1.elb.amazonaws.com.", "eu-central-1", false),
            ("dualstack.k8s-a-0123.us-gov-west-1.elb.amazonaws.com", "us-gov-west-1", false),
            ("a-0123.cn-north-1.elb.amazonaws.com.cn", "cn-north-1", false),
            ("net-0123abc.elb.us-east-1.amazonaws.com", "us-east-1", true),
        ] {
            let name: ElbName = text.parse().unwrap();
            assert_eq!((name.region().as_str(), name.is_network()), (region, is_network), "{text}");
        }
    }

    #[test]
    fn refuses_other_names() {
        for text in [
            "",
            "lb.example.com",
            "us-west-2.elb.amazonaws.com",
            "a.us-west-2.elb.amazonaws.com.cn",
            "a.cn-north-1.elb.amazonaws.com",
            "a.mars-1.elb.amazonaws.com",
            "a.us-west-2.elb.amazonaws.com:443",
            "d111111abcdef8.cloudfront.net",
            "*.us-west-2.elb.amazonaws.com",
            "10.0.0.1",
        ] {
            let message = text.parse::<ElbName>().unwrap_err().to_string();
            assert!(message.contains("is not the DNS name of a load balancer"), "{message}");
        }
    }
}
