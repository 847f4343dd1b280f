//! What there is to say of the load balancer that parameters describe.

use crate::controllers::alb::objects::Ingress;
use crate::finding::{Code, Finding};
use crate::serving::ingress::diags::on_annotation;
use krm_package::text::excerpt::Excerpt;
use krm_package::text::suggest::hint;

/// What a load balancer cannot be set to.
pub(crate) enum WrongBalancer<'a> {
    /// A list or a map without an entry.
    Empty,
    /// An entry that is listed before.
    Twice,
    /// Addresses beside security groups, of which the controller takes the groups.
    CidrsBesideGroups,
    /// One subnet.
    OneSubnet,
    /// A place among the members that there is not.
    Order(i32),
    /// A place among the members of no group.
    OrderWithoutGroup,
    /// Rules for security groups that are not given.
    RulesWithoutGroups,
    /// A port that is none, or that of plain HTTP.
    Port(u16),
    /// An attribute that is unknown.
    Attribute { name: &'a str, known: &'a [&'a str] },
    /// A value that an attribute does not take, and what it takes.
    AttributeValue { value: &'a str, must: String },
    /// More tags than a resource takes.
    TooManyTags { count: usize, most: usize },
    /// A key with a prefix that others use.
    ReservedTag(&'a str),
    /// A key of another form.
    TagKey(&'a str),
    /// A value of another form.
    TagValue,
    /// IPv6 addresses and a load balancer that has none.
    Ipv6(&'a str),
}

impl From<WrongBalancer<'_>> for Finding {
    fn from(wrong: WrongBalancer<'_>) -> Self {
        let message = match wrong {
            WrongBalancer::OneSubnet => {
                let message = "a load balancer in availability zones requires two subnets, each in another zone; add one, unless this one is in a local zone or an outpost";
                return Self::warning(Code::SubnetsTooFew, message);
            }
            WrongBalancer::CidrsBesideGroups => {
                let message = "inboundCidrs has no effect beside securityGroups: the controller only writes them into a security group of its own; remove one of the two";
                return Self::error(Code::ParameterNotUsed, message);
            }
            WrongBalancer::OrderWithoutGroup => {
                let message = "group.order has no effect without a group; set group.name, or remove it";
                return Self::error(Code::ParameterNotUsed, message);
            }
            WrongBalancer::RulesWithoutGroups => {
                let message = "manageBackendSecurityGroupRules has no effect without securityGroups: the controller always opens the nodes' and pods' security groups for a group of its own; set securityGroups, or remove it";
                return Self::error(Code::ParameterNotUsed, message);
            }
            WrongBalancer::Ipv6(address) => {
                let message = format!(
                    "{address} has no effect: the load balancer only has IPv4 addresses; set the annotation alb.ingress.kubernetes.io/ip-address-type to dualstack, or remove it"
                );
                return Self::error(Code::ParameterNotUsed, message);
            }
            WrongBalancer::Empty => "no entry; add one, or remove the field".to_owned(),
            WrongBalancer::Twice => "duplicate entry; remove one of them".to_owned(),
            WrongBalancer::Order(order) => {
                format!("invalid group order {order}: must be -1000 to 1000")
            }
            WrongBalancer::Port(port) => {
                format!("invalid port {port}: must be the port of an HTTPS listener, such as 443")
            }
            WrongBalancer::Attribute { name, known } => format!(
                "unknown attribute {} of an application load balancer; {}",
                Excerpt::new(name),
                hint(name, known)
            ),
            WrongBalancer::AttributeValue { value, must } => {
                format!("invalid value {}: must be {must}", Excerpt::new(value))
            }
            WrongBalancer::TooManyTags { count, most } => format!(
                "too many tags: {count}; a resource takes {most} besides those of the controller"
            ),
            WrongBalancer::ReservedTag(prefix) => {
                format!("tags that start with \"{prefix}\" are reserved; use another key")
            }
            WrongBalancer::TagKey(key) => format!(
                "invalid tag key {}: must be 1 to 128 letters, digits, spaces or one of _ . : / + - @, without a space at an edge",
                Excerpt::new(key)
            ),
            WrongBalancer::TagValue => "invalid tag value: must be at most 256 letters, digits, spaces or one of _ . : / = + - @, without a space at an edge".to_owned(),
        };
        Self::error(Code::LoadBalancerInvalid, message)
    }
}

/// An annotation that restricts who reaches the load balancer, and has no effect beside another.
pub(crate) struct RestrictionIgnored<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) suffix: &'static str,
    /// The other's suffix.
    pub(crate) beside: &'static str,
}

impl From<RestrictionIgnored<'_>> for Finding {
    fn from(found: RestrictionIgnored<'_>) -> Self {
        let words = format!(
            "the controller ignores this annotation beside {}, so it restricts nothing; remove one of the two",
            found.beside
        );
        let finding = Self::error(Code::AlbRestrictionIgnored, words);
        on_annotation(finding, found.ingress, found.suffix)
    }
}

/// Security groups of the load balancer's own that the nodes and pods need not let in.
pub(crate) struct BackendRulesMissing<'a> {
    pub(crate) ingress: &'a Ingress,
}

impl From<BackendRulesMissing<'_>> for Finding {
    fn from(found: BackendRulesMissing<'_>) -> Self {
        let words = "the controller opens no security group of nodes or pods for these, so the load balancer may not reach its targets; set manage-backend-security-group-rules to \"true\", or to \"false\" if those groups let it in already";
        let finding = Self::warning(Code::AlbBackendRulesMissing, words);
        on_annotation(finding, found.ingress, "security-groups")
    }
}
