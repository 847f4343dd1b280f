//! What the load balancer itself is set to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use super::merged::Merged;
use crate::finding::{Code, FieldPath};
use crate::runtime::{Checked, Reading};
use crate::serving::ingress::diags::{WrongBalancer, WrongCertificates};
use crate::serving::ingress::params::{IngressParams, Overlay};
use crate::values::arn::{CertificateArn, WebAclArn};
use crate::values::elb::{
    Cidr, GroupName, HealthCheckPath, HealthCheckPort, SecurityGroup, SslPolicy, Subnet,
    SuccessCodes,
};
use crate::values::elb_attribute;

/// The range of a member's order (`pkg/ingress/group_loader.go`, `minGroupOrder`, `maxGroupOder`, v3.5).
const ORDERS: std::ops::RangeInclusive<i32> = -1000..=1000;

/// The most tags of a resource beside the three of the controller (`pkg/deploy/tracking/provider.go`, v3.5):
/// Elastic Load Balancing takes 50.
const MAX_TAGS: usize = 47;

/// The prefixes of tags that others set: AWS itself, and the controller, which finds its resources by them.
const RESERVED_TAGS: [&str; 3] = ["aws:", "elbv2.k8s.aws/", "ingress.k8s.aws/"];

/// What the load balancer itself is set to; what is not given stays as the Ingress says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Balancer {
    pub(crate) group: Option<GroupName>,
    pub(crate) order: Option<i32>,
    /// The HTTPS port that HTTP listeners redirect to.
    pub(crate) ssl_redirect: Option<u16>,
    pub(crate) inbound_cidrs: Vec<Cidr>,
    pub(crate) security_groups: Vec<SecurityGroup>,
    /// Whether the controller opens the nodes' and pods' security groups for them.
    pub(crate) manage_rules: Option<bool>,
    pub(crate) web_acl: Option<WebAclArn>,
    pub(crate) ssl_policy: Option<SslPolicy>,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) subnets: Vec<Subnet>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) health_port: Option<HealthCheckPort>,
    pub(crate) health_path: Option<HealthCheckPath>,
    pub(crate) success_codes: Option<SuccessCodes>,
}

impl<'l> Merged<'l> {
    /// Reads them, for an overlay with these certificates.
    pub(super) fn balancer(
        &mut self,
        overlay: Overlay,
        certificates: &[CertificateArn],
    ) -> Balancer {
        let code = Code::LoadBalancerInvalid;
        let inbound_cidrs = self.entries("inboundCidrs", |params| params.inbound_cidrs.as_deref());
        let security_groups =
            self.entries("securityGroups", |params| params.security_groups.as_deref());
        if let Some((_, layer)) = self.given(|params| params.inbound_cidrs.as_ref())
            && self.given(|params| params.security_groups.as_ref()).is_some()
        {
            let wrong = WrongBalancer::CidrsBesideGroups;
            self.read(Some(layer), |reading| reading.report("inboundCidrs", wrong));
        }
        let subnets: Vec<Subnet> = self.entries("subnets", |params| params.subnets.as_deref());
        if let ([_], Some((_, layer))) =
            (&subnets[..], self.given(|params| params.subnets.as_ref()))
        {
            self.read(Some(layer), |reading| reading.report("subnets", WrongBalancer::OneSubnet));
        }
        Balancer {
            group: self.field(code, "group.name", |params| params.group.name.as_ref()),
            order: self.order(),
            ssl_redirect: self.ssl_redirect(overlay),
            inbound_cidrs,
            security_groups,
            manage_rules: self
                .given(|params| params.manage_backend_security_group_rules.as_ref())
                .map(|(manages, _)| *manages),
            web_acl: self.web_acl(certificates),
            ssl_policy: self.ssl_policy(overlay),
            attributes: self.attributes(),
            subnets,
            tags: self.tags(),
            health_port: self
                .field(code, "healthCheck.port", |params| params.health_check.port.as_ref()),
            health_path: self
                .field(code, "healthCheck.path", |params| params.health_check.path.as_ref()),
            success_codes: self.field(code, "healthCheck.successCodes", |params| {
                params.health_check.success_codes.as_ref()
            }),
        }
    }

    fn order(&mut self) -> Option<i32> {
        let (order, layer) = self.given(|params| params.group.order.as_ref())?;
        if !ORDERS.contains(order) {
            let wrong = WrongBalancer::Order(*order);
            self.read(Some(layer), |reading| reading.report("group.order", wrong));
        }
        Some(*order)
    }

    fn ssl_redirect(&mut self, overlay: Overlay) -> Option<u16> {
        let (port, layer) = self.given(|params| params.ssl_redirect.as_ref())?;
        if overlay == Overlay::Base {
            self.unused("sslRedirect", overlay, layer);
        } else if matches!(port, 0 | 80) {
            let wrong = WrongBalancer::Port(*port);
            self.read(Some(layer), |reading| reading.report("sslRedirect", wrong));
        }
        Some(*port)
    }

    fn ssl_policy(&mut self, overlay: Overlay) -> Option<SslPolicy> {
        if let Some((_, layer)) = self.given(|params| params.ssl_policy.as_ref())
            && overlay == Overlay::Base
        {
            self.unused("sslPolicy", overlay, layer);
        }
        self.field(Code::LoadBalancerInvalid, "sslPolicy", |params| params.ssl_policy.as_ref())
    }

    /// The web ACL, which must be of the certificates' region.
    fn web_acl(&mut self, certificates: &[CertificateArn]) -> Option<WebAclArn> {
        let (_, layer) = self.given(|params| params.waf_acl_arn.as_ref())?;
        let acl: WebAclArn = self
            .field(Code::LoadBalancerInvalid, "wafAclArn", |params| params.waf_acl_arn.as_ref())?;
        let region = certificates.iter().find_map(CertificateArn::region);
        if let Some(region) = region.filter(|region| *region != acl.region()) {
            let wrong = WrongCertificates::WebAcl(acl.region(), region);
            self.read(Some(layer), |reading| reading.report("wafAclArn", wrong));
        }
        Some(acl)
    }

    /// The entries of a list.
    fn entries<T: Clone + Display + PartialEq + 'l>(
        &mut self,
        field: &'static str,
        of: impl Fn(&'l IngressParams) -> Option<&'l [Checked<T>]>,
    ) -> Vec<T> {
        let Some((texts, layer)) = self.given(of) else { return Vec::new() };
        self.read(Some(layer), |reading| list(field, texts, reading))
    }

    fn attributes(&mut self) -> BTreeMap<String, String> {
        const FIELD: &str = "loadBalancerAttributes";
        let Some((given, layer)) = self.given(|params| params.load_balancer_attributes.as_ref())
        else {
            return BTreeMap::new();
        };
        let known: Vec<&str> = elb_attribute::names().collect();
        self.read(Some(layer), |reading| {
            if given.is_empty() {
                reading.report(FIELD, WrongBalancer::Empty);
            }
            for (name, value) in given {
                let field = FieldPath::from(FIELD).key(name.as_str());
                if !known.contains(&name.as_str()) {
                    reading.report(&field, WrongBalancer::Attribute { name, known: &known });
                } else if let Some(must) = elb_attribute::wrong_value(name, value) {
                    reading.report(&field, WrongBalancer::AttributeValue { value, must });
                }
            }
        });
        given.clone()
    }

    fn tags(&mut self) -> BTreeMap<String, String> {
        let Some((given, layer)) = self.given(|params| params.tags.as_ref()) else {
            return BTreeMap::new();
        };
        self.read(Some(layer), |reading| {
            if given.is_empty() {
                reading.report("tags", WrongBalancer::Empty);
            }
            if given.len() > MAX_TAGS {
                let wrong = WrongBalancer::TooManyTags { count: given.len(), most: MAX_TAGS };
                reading.report("tags", wrong);
            }
            for (key, value) in given {
                let field = FieldPath::from("tags").key(key.as_str());
                if let Some(wrong) = wrong_tag(key, value) {
                    reading.report(&field, wrong);
                }
            }
        });
        given.clone()
    }
}

/// The valid entries of a list, each once.
fn list<T: Clone + Display + PartialEq>(
    field: &'static str,
    texts: &[Checked<T>],
    reading: &mut Reading<Code>,
) -> Vec<T> {
    if texts.is_empty() {
        reading.report(field, WrongBalancer::Empty);
    }
    let mut entries: Vec<T> = Vec::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    for (place, text) in texts.iter().enumerate() {
        let path = FieldPath::from(field).index(place);
        let Some(entry) = reading.field(Code::LoadBalancerInvalid, &path, Some(text)) else {
            continue;
        };
        if !known.insert(entry.to_string()) {
            reading.report(&path, WrongBalancer::Twice);
        }
        entries.push(entry);
    }
    entries
}

/// What is wrong with a tag: its form is that of `Tag` of the Elastic Load Balancing API, and of keys the
/// controller ends one at the first `=` (`pkg/annotations/parser.go`, v3.5).
fn wrong_tag<'a>(key: &'a str, value: &str) -> Option<WrongBalancer<'a>> {
    let is_letter = |letter: char| letter.is_alphanumeric() || " _.:/=+-@".contains(letter);
    let is_text = |text: &str| text.trim() == text && text.chars().all(is_letter);
    let is_reserved = |prefix: &&str| key.to_ascii_lowercase().starts_with(prefix);
    if let Some(prefix) = RESERVED_TAGS.iter().find(|prefix| is_reserved(prefix)) {
        return Some(WrongBalancer::ReservedTag(prefix));
    }
    let is_key = (1..=128).contains(&key.chars().count()) && is_text(key) && !key.contains('=');
    if !is_key {
        return Some(WrongBalancer::TagKey(key));
    }
    (value.chars().count() > 256 || !is_text(value)).then_some(WrongBalancer::TagValue)
}
