//! What a load balancer is set to: texts that the AWS Load Balancer Controller splits, resolves or passes on.

use std::net::IpAddr;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::values::parsed_text::parsed_text;
use crate::values::placeholder;
use krm_package::text::excerpt::Excerpt;

/// Why a text is not what a load balancer is set to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ElbTextError(Reason);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error("the text is empty; set {0}")]
    Empty(&'static str),
    #[error("{0} is a placeholder that was not replaced; set {1}")]
    Unresolved(Excerpt, &'static str),
    #[error(
        "invalid group name {0}: must be at most 63 lowercase letters, digits, \"-\" or \".\", starting and ending with a letter or digit"
    )]
    Group(Excerpt),
    #[error("invalid CIDR block {0}: must be an address and a prefix length, such as 10.0.0.0/8")]
    Cidr(Excerpt),
    #[error(
        "{0} is a prefix list; set it in the annotation alb.ingress.kubernetes.io/security-group-prefix-lists"
    )]
    PrefixList(Excerpt),
    #[error(
        "{found} is an ARN, and the controller takes an ID or a name; set {prefix} and what follows it"
    )]
    Arn { found: Excerpt, prefix: &'static str },
    #[error("invalid ID {found}: must be {prefix} followed by 8 or 17 hexadecimal digits")]
    Id { found: Excerpt, prefix: &'static str },
    #[error("{0} has a comma, at which the controller splits the list; use an entry for each")]
    Comma(Excerpt),
    #[error("{0} has a space at an edge, which the controller removes; remove it")]
    Edge(Excerpt),
    #[error("the name has {0} characters; a tag's value has at most 256")]
    TooLong(usize),
    #[error(
        "invalid security policy {0}: must be the name of one of Elastic Load Balancing's, such as ELBSecurityPolicy-TLS13-1-2-2021-06"
    )]
    Policy(Excerpt),
    #[error(
        "invalid port {0}: must be a number from 1 to 65535, the name of a port, or traffic-port"
    )]
    Port(Excerpt),
    #[error(
        "invalid path {0}: must start with \"/\" and have at most 1024 characters without a space"
    )]
    Path(Excerpt),
    #[error(
        "invalid success codes {0}: must be codes from 200 to 499 or ranges such as 200-299, with commas between them"
    )]
    Codes(Excerpt),
}

fn given(text: &str, expected: &'static str) -> Result<(), ElbTextError> {
    if text.is_empty() {
        Err(ElbTextError(Reason::Empty(expected)))
    } else if placeholder::is_unfilled(text) {
        Err(ElbTextError(Reason::Unresolved(Excerpt::new(text), expected)))
    } else {
        Ok(())
    }
}

/// An ID of EC2, or the value of the tag `Name` that resources have in its place.
///
/// The controller takes what begins with the prefix for an ID and all else for a name, and splits the list at
/// commas (`pkg/networking/security_group_resolver.go`, `subnet_resolver.go`, v3.5).
fn id_or_name(text: &str, prefix: &'static str) -> Result<(), ElbTextError> {
    given(text, "an ID or the value of the tag Name")?;
    let reason = if text.contains(',') {
        Reason::Comma(Excerpt::new(text))
    } else if text.trim() != text {
        Reason::Edge(Excerpt::new(text))
    } else if text.chars().count() > 256 {
        Reason::TooLong(text.chars().count())
    } else if text.starts_with("arn:") {
        Reason::Arn { found: Excerpt::new(text), prefix }
    } else if let Some(id) = text.strip_prefix(prefix) {
        let is_hexadecimal = id.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
        if is_hexadecimal && matches!(id.len(), 8 | 17) {
            return Ok(());
        }
        Reason::Id { found: Excerpt::new(text), prefix }
    } else {
        return Ok(());
    };
    Err(ElbTextError(reason))
}

/// The name of a group of Ingresses that share a load balancer (`pkg/ingress/group_loader.go`,
/// `validateGroupName`, v3.5).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("maxLength" = 63, "pattern" = "^([a-z0-9][-a-z0-9.]*)?[a-z0-9]$"))]
pub(crate) struct GroupName(String);

parsed_text!(pub(crate) GroupName);

impl FromStr for GroupName {
    type Err = ElbTextError;

    /// Reads a name.
    ///
    /// # Errors
    /// What the controller refuses.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        given(text, "the group's name")?;
        let is_edge = |c: Option<char>| c.is_some_and(|c| matches!(c, 'a'..='z' | '0'..='9'));
        let is_inner = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-' | '.');
        let is_name = text.len() <= 63
            && is_edge(text.chars().next())
            && is_edge(text.chars().next_back())
            && text.chars().all(is_inner);
        is_name
            .then(|| Self(text.to_owned()))
            .ok_or(ElbTextError(Reason::Group(Excerpt::new(text))))
    }
}

/// Addresses that a security group lets in, as Go's `net.ParseCIDR` reads them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^[0-9A-Fa-f:.]+/[0-9]{1,3}$"))]
pub(crate) struct Cidr(String);

parsed_text!(pub(crate) Cidr);

impl FromStr for Cidr {
    type Err = ElbTextError;

    /// Reads a block.
    ///
    /// # Errors
    /// What is not an address with a prefix length.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        given(text, "a CIDR block such as 10.0.0.0/8")?;
        let parts = text.split_once('/').and_then(|(address, length)| {
            let address = address.parse::<IpAddr>().ok()?;
            let is_number = length.bytes().all(|c| c.is_ascii_digit());
            Some((address, length.parse::<u8>().ok().filter(|_| is_number)?))
        });
        let is_block = parts
            .is_some_and(|(address, length)| length <= if address.is_ipv4() { 32 } else { 128 });
        is_block.then(|| Self(text.to_owned())).ok_or(ElbTextError(match text.starts_with("pl-") {
            true => Reason::PrefixList(Excerpt::new(text)),
            false => Reason::Cidr(Excerpt::new(text)),
        }))
    }
}

/// A security group, by its ID or by its tag `Name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("minLength" = 1, "maxLength" = 256, "pattern" = "^[^,]+$"))]
pub(crate) struct SecurityGroup(String);

parsed_text!(pub(crate) SecurityGroup);

impl FromStr for SecurityGroup {
    type Err = ElbTextError;

    /// Reads an ID or a name.
    ///
    /// # Errors
    /// An ID of another form, a comma, and a space at an edge.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        id_or_name(text, "sg-").map(|()| Self(text.to_owned()))
    }
}

/// A subnet, by its ID or by its tag `Name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("minLength" = 1, "maxLength" = 256, "pattern" = "^[^,]+$"))]
pub(crate) struct Subnet(String);

parsed_text!(pub(crate) Subnet);

impl Subnet {
    /// Whether it is an ID.
    #[must_use]
    pub(crate) fn is_id(&self) -> bool {
        self.0.starts_with("subnet-")
    }
}

impl FromStr for Subnet {
    type Err = ElbTextError;

    /// Reads an ID or a name.
    ///
    /// # Errors
    /// An ID of another form, a comma, and a space at an edge.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        id_or_name(text, "subnet-").map(|()| Self(text.to_owned()))
    }
}

/// The name of a security policy of Elastic Load Balancing, which says the TLS versions and ciphers of a
/// listener.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^ELBSecurityPolicy-([0-9A-Za-z]+-)*20[0-9]{2}-[0-9]{2}$"))]
pub(crate) struct SslPolicy(String);

parsed_text!(pub(crate) SslPolicy);

impl FromStr for SslPolicy {
    type Err = ElbTextError;

    /// Reads the name of a policy.
    ///
    /// # Errors
    /// What has another form than the names of Elastic Load Balancing's own: an application load balancer has
    /// no custom policies.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        given(text, "the name of a security policy")?;
        let is_policy = text.strip_prefix("ELBSecurityPolicy-").is_some_and(|rest| {
            // All of them end with the month of their release: `TLS13-1-2-2021-06`.
            let mut words = rest.rsplit('-');
            let (month, year) =
                (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let is_number = |text: &str, length| {
                text.len() == length && text.bytes().all(|c| c.is_ascii_digit())
            };
            is_number(month, 2)
                && is_number(year, 4)
                && year.starts_with("20")
                && words
                    .all(|word| !word.is_empty() && word.bytes().all(|c| c.is_ascii_alphanumeric()))
        });
        is_policy
            .then(|| Self(text.to_owned()))
            .ok_or(ElbTextError(Reason::Policy(Excerpt::new(text))))
    }
}

/// The port of a health check (`pkg/ingress/model_build_target_group.go`, `buildTargetGroupHealthCheckPort`,
/// v3.5).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?$", "maxLength" = 63))]
pub(crate) struct HealthCheckPort(String);

parsed_text!(pub(crate) HealthCheckPort);

impl FromStr for HealthCheckPort {
    type Err = ElbTextError;

    /// Reads a number, a port's name or `traffic-port`.
    ///
    /// # Errors
    /// Any other text.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        given(text, "the port")?;
        let is_port = if text.bytes().all(|c| c.is_ascii_digit()) {
            text.parse::<u16>().is_ok_and(|port| port > 0)
        } else {
            let is_edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
            text.len() <= 63
                && is_edge(text.chars().next())
                && is_edge(text.chars().next_back())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        is_port.then(|| Self(text.to_owned())).ok_or(ElbTextError(Reason::Port(Excerpt::new(text))))
    }
}

/// The path of a health check (`HealthCheckPath` of the Elastic Load Balancing API).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^/[!-~]*$", "maxLength" = 1024))]
pub(crate) struct HealthCheckPath(String);

parsed_text!(pub(crate) HealthCheckPath);

impl FromStr for HealthCheckPath {
    type Err = ElbTextError;

    /// Reads a path.
    ///
    /// # Errors
    /// What does not start with `/`, and what no request can have.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        given(text, "the path")?;
        let is_path = text.starts_with('/')
            && text.len() <= 1024
            && text.chars().all(|c| c.is_ascii_graphic());
        is_path.then(|| Self(text.to_owned())).ok_or(ElbTextError(Reason::Path(Excerpt::new(text))))
    }
}

/// The status codes of a healthy target (`Matcher` of the Elastic Load Balancing API: 200 to 499 for an
/// application load balancer).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^[2-4][0-9]{2}(-[2-4][0-9]{2})?(,[2-4][0-9]{2}(-[2-4][0-9]{2})?)*$"))]
pub(crate) struct SuccessCodes(String);

parsed_text!(pub(crate) SuccessCodes);

impl FromStr for SuccessCodes {
    type Err = ElbTextError;

    /// Reads codes and ranges.
    ///
    /// # Errors
    /// What is none of the codes.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        given(text, "the status codes")?;
        let code = |text: &str| {
            let is_number = text.len() == 3 && text.bytes().all(|c| c.is_ascii_digit());
            text.parse::<u16>().ok().filter(|code| is_number && (200..500).contains(code))
        };
        let is_code = |part: &str| match part.split_once('-') {
            Some((least, most)) => {
                code(least).zip(code(most)).is_some_and(|(least, most)| least <= most)
            }
            None => code(part).is_some(),
        };
        let is_list = text.split(',').all(is_code);
        is_list
            .then(|| Self(text.to_owned()))
            .ok_or(ElbTextError(Reason::Codes(Excerpt::new(text))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_controller_takes() {
        assert!("my-team.awesome-group".parse::<GroupName>().is_ok());
        for text in ["10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32"] {
            assert_eq!(text.parse::<Cidr>().unwrap().as_str(), text);
        }
        for text in ["sg-0a1b2c3d", "sg-0a1b2c3d4e5f60718", "the models' group"] {
            assert_eq!(text.parse::<SecurityGroup>().unwrap().as_str(), text);
        }
        assert!("subnet-0a1b2c3d".parse::<Subnet>().unwrap().is_id());
        assert!(!"public-a".parse::<Subnet>().unwrap().is_id());
        assert!("ELBSecurityPolicy-TLS13-1-2-2021-06".parse::<SslPolicy>().is_ok());
        for text in ["15021", "status-port", "traffic-port"] {
            assert!(text.parse::<HealthCheckPort>().is_ok(), "{text}");
        }
        assert!("/healthz/ready".parse::<HealthCheckPath>().is_ok());
        for text in ["200", "200-299", "200,302-399"] {
            assert!(text.parse::<SuccessCodes>().is_ok(), "{text}");
        }
    }

    #[test]
    fn refuses_what_it_does_not() {
        let long = "g".repeat(64);
        for text in ["", "-a", "a-", "A", "a_b", "a b", "$(group)", &long] {
            assert!(text.parse::<GroupName>().is_err(), "{text}");
        }
        for text in ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/+8", "10.0.0.0/", "::/129", "a/8", ""] {
            assert!(text.parse::<Cidr>().is_err(), "{text}");
        }
        for text in ["", "sg-1", "sg-0A1B2C3D", "a,b", " a", "${GROUP}"] {
            assert!(text.parse::<SecurityGroup>().is_err(), "{text}");
        }
        assert!("subnet-xyz".parse::<Subnet>().is_err());
        for text in ["", "0", "65536", "-a", "a_b"] {
            assert!(text.parse::<HealthCheckPort>().is_err(), "{text}");
        }
        for text in ["", "healthz", "/a b", "/é"] {
            assert!(text.parse::<HealthCheckPath>().is_err(), "{text}");
        }
        for text in ["", "20", "500", "200-199", "200;302", "200, 302", "2xx"] {
            assert!(text.parse::<SuccessCodes>().is_err(), "{text}");
        }
        for text in ["", "TLS13-1-2-2021-06", "ELBSecurityPolicy-", "ELBSecurityPolicy-a b"] {
            assert!(text.parse::<SslPolicy>().is_err(), "{text}");
        }
    }
}
