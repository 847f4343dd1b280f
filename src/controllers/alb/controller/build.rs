//! From the members of a group to the model of its load balancer.
//!
//! Source: `pkg/ingress/model_builder.go`, `model_build_load_balancer*.go` and
//! `model_build_tags.go`, v3.5.

use std::collections::{BTreeMap, BTreeSet};

use super::annotations::parse_int;
use super::builder::{Builder, conflicting_values};
use super::class::IngressClassParamsSpec;
use super::error::{BuildError, BuildErrorKind};
use super::group::Member;
use super::listeners::{self, MergedPort};
use super::model::{Model, Protocol};
use super::objects::Objects;
use super::sets::{One, as_go_list, as_go_set, conflict, conflicting_lists, one};
use crate::controllers::alb::Options;

/// What a load balancer keeps ready; without its prefix.
const CAPACITY: &str = "minimum-load-balancer-capacity";

/// Builds the model of a group.
///
/// # Errors
/// The controller's reason; the whole load balancer then stays as it was.
pub(crate) fn build(
    objects: &Objects,
    options: &Options,
    members: &[Member<'_>],
) -> Result<Model, BuildError> {
    let mut builder =
        Builder { objects, options, members, ip_address_type: String::new(), ssl_redirect: None };
    let ports = listeners::merged_ports(&builder)?;
    let scheme = builder.scheme()?;
    builder.ip_address_type = builder.resolve_ip_address_type()?;
    builder.check_subnets()?;
    builder.check_security_groups()?;
    builder.check_customer_owned_pool()?;
    let attributes = builder.attributes()?;
    let tags = builder.tags(&(0..members.len()).collect::<Vec<_>>())?;
    let name = builder.name()?;
    builder.check_capacity()?;
    builder.check_ipam_pool()?;
    builder.ssl_redirect = builder.resolve_ssl_redirect(&ports)?;
    let mut built = Vec::new();
    for (&port, merged) in &ports {
        built.push(listeners::build(&builder, port, merged)?);
    }
    builder.check_add_ons()?;
    Ok(Model {
        scheme,
        ip_address_type: builder.ip_address_type,
        name,
        attributes,
        tags,
        listeners: built,
    })
}

impl<'a> Builder<'a> {
    fn spec_or_text(
        &self,
        suffix: &str,
        of_params: impl Fn(&'a IngressClassParamsSpec) -> Option<&'a str>,
    ) -> BTreeSet<&'a str> {
        self.members
            .iter()
            .enumerate()
            .filter_map(|(index, member)| {
                self.params(index)
                    .and_then(&of_params)
                    .or_else(|| member.annotations().text(suffix))
            })
            .collect()
    }

    fn scheme(&self) -> Result<String, BuildError> {
        let schemes = self.spec_or_text("scheme", |params| params.scheme.as_deref());
        match one(&schemes) {
            One::None => Ok("internal".to_owned()),
            One::Several => Err(of_scheme(
                BuildError::new("conflicting scheme: ").quoting(&as_go_set(&schemes)),
            )),
            One::Only(known @ ("internal" | "internet-facing")) => Ok(known.to_owned()),
            One::Only(unknown) => Err(of_scheme(
                BuildError::new("unknown scheme: ")
                    .choosing(unknown, &["internal", "internet-facing"]),
            )),
        }
    }

    fn resolve_ip_address_type(&self) -> Result<String, BuildError> {
        let types =
            self.spec_or_text("ip-address-type", |params| params.ip_address_type.as_deref());
        match one(&types) {
            One::None => Ok("ipv4".to_owned()),
            One::Several => {
                let error = BuildError::new("conflicting IPAddressType: ");
                Err(error.quoting(&as_go_list(&types)).of_annotation("ip-address-type"))
            }
            One::Only(known @ ("ipv4" | "dualstack" | "dualstack-without-public-ipv4")) => {
                Ok(known.to_owned())
            }
            One::Only(unknown) => {
                let error = BuildError::new("unknown IPAddressType: ");
                let error = error
                    .choosing(unknown, &["ipv4", "dualstack", "dualstack-without-public-ipv4"]);
                Err(error.of_annotation("ip-address-type"))
            }
        }
    }

    fn check_subnets(&self) -> Result<(), BuildError> {
        let mut by_params = false;
        let mut lists = Vec::new();
        for (index, member) in self.members.iter().enumerate() {
            if self.params(index).is_some_and(|params| params.subnets.is_some()) {
                by_params = true;
            } else if let Some(list) = member.annotations().list("subnets") {
                lists.push(list);
            }
        }
        if by_params && !lists.is_empty() {
            return Err(BuildError::new(
                "conflicting subnet specifications: IngressClassParams versus annotation",
            ));
        }
        let sorted = |list: &Vec<String>| {
            let mut sorted = list.clone();
            sorted.sort();
            sorted
        };
        if let Some((first, rest)) = lists.split_first()
            && let Some(other) = rest.iter().find(|other| sorted(other) != sorted(first))
        {
            return Err(conflicting_lists("conflicting subnets: ", first, other, "subnets"));
        }
        Ok(())
    }

    fn check_security_groups(&self) -> Result<(), BuildError> {
        let lists: Vec<_> = self
            .members
            .iter()
            .filter_map(|member| member.annotations().list("security-groups"))
            .collect();
        let all: Vec<usize> = (0..self.members.len()).collect();
        let Some((first, rest)) = lists.split_first() else { return self.tags(&all).map(drop) };
        if let Some(other) = rest.iter().find(|other| *other != first) {
            let words = "conflicting securityGroups: ";
            return Err(conflicting_lists(words, first, other, "security-groups"));
        }
        if first.is_empty() {
            return self.tags(&all).map(drop);
        }
        let mut flags = BTreeSet::new();
        for member in self.members {
            flags.extend(member.annotations().boolean("manage-backend-security-group-rules")?);
        }
        if flags.len() > 1 {
            return Err(BuildError::new(
                "conflicting manage backend security group rules settings",
            ));
        }
        Ok(())
    }

    fn check_customer_owned_pool(&self) -> Result<(), BuildError> {
        let mut pools = BTreeSet::new();
        for member in self.members {
            match member.annotations().text("customer-owned-ipv4-pool") {
                Some("") => {
                    return Err(BuildError::new(format!(
                        "cannot use empty value for customer-owned-ipv4-pool annotation, ingress: \
                         {}",
                        member.ingress.key()
                    ))
                    .of_annotation("customer-owned-ipv4-pool"));
                }
                pool => pools.extend(pool),
            }
        }
        if pools.len() > 1 {
            let error = BuildError::new("conflicting CustomerOwnedIPv4Pool: ");
            return Err(error
                .quoting(&as_go_list(&pools))
                .of_annotation("customer-owned-ipv4-pool"));
        }
        Ok(())
    }

    /// Those of the first member's class win over those of the annotations, which must agree.
    fn attributes(&self) -> Result<BTreeMap<String, String>, BuildError> {
        let of_class: BTreeMap<String, String> = self
            .params(0)
            .into_iter()
            .flat_map(|params| &params.load_balancer_attributes)
            .map(|attribute| (attribute.key.clone(), attribute.value.clone()))
            .collect();
        let mut attributes: BTreeMap<String, String> = BTreeMap::new();
        for member in self.members {
            let given = member.annotations().map("load-balancer-attributes")?.unwrap_or_default();
            for (name, value) in given {
                if let Some(existing) = attributes.get(&name)
                    && *existing != value
                    && !of_class.contains_key(&name)
                {
                    let words = "conflicting load balancer attributes ";
                    let error = conflicting_values(words, &name, existing, &value);
                    return Err(error.of_annotation("load-balancer-attributes"));
                }
                attributes.insert(name, value);
            }
        }
        attributes.extend(of_class);
        Ok(attributes)
    }

    fn name(&self) -> Result<Option<String>, BuildError> {
        let names = self.spec_or_text("load-balancer-name", |params| {
            Some(params.load_balancer_name.as_str()).filter(|name| !name.is_empty())
        });
        match one(&names) {
            One::None => Ok(None),
            One::Several => {
                let error = BuildError::new("conflicting load balancer name: ");
                Err(error.quoting(&as_go_set(&names)).of_annotation("load-balancer-name"))
            }
            One::Only(name) if name.len() > 32 => {
                Err(BuildError::new("load balancer name cannot be longer than 32 characters"))
            }
            One::Only(name) => Ok(Some(name.to_owned())),
        }
    }

    fn check_capacity(&self) -> Result<(), BuildError> {
        if self.params(0).is_some_and(|params| params.minimum_load_balancer_capacity.is_some()) {
            return Ok(());
        }
        let mut capacity: BTreeMap<String, String> = BTreeMap::new();
        for member in self.members {
            let given = member.annotations().map(CAPACITY)?.unwrap_or_default();
            for (name, value) in given {
                if let Some(existing) = capacity.get(&name).filter(|existing| **existing != value) {
                    let words = "conflicting capacity reservation ";
                    let error = conflicting_values(words, &name, existing, &value);
                    return Err(error.of_annotation(CAPACITY));
                }
                capacity.insert(name, value);
            }
        }
        for (name, value) in capacity {
            if name != "CapacityUnits" {
                return Err(BuildError::new("invalid key to set the capacity: ")
                    .quoting(&name)
                    .saying(", Expected key: CapacityUnits")
                    .of_annotation(CAPACITY));
            }
            parse_int(&value, i64::from(i32::MIN), i64::from(i32::MAX)).map_err(|error| {
                let words = BuildError::new("invalid value to set the capacity: ");
                error.after(words.quoting(&value).saying(": ")).of_annotation(CAPACITY)
            })?;
        }
        Ok(())
    }

    fn check_ipam_pool(&self) -> Result<(), BuildError> {
        let mut pool: Option<&str> = None;
        for member in self.members {
            let given = member.annotations().text("ipam-ipv4-pool-id").unwrap_or_default();
            if given.is_empty() {
                continue;
            }
            if let Some(existing) = pool.filter(|existing| *existing != given) {
                return Err(BuildError::new("conflicting ipv4 ipam pools ")
                    .quoting(existing)
                    .saying(": ")
                    .quoting(given)
                    .of_annotation("ipam-ipv4-pool-id"));
            }
            pool = Some(given);
        }
        Ok(())
    }

    /// The port that every HTTP listener redirects to. A class's port that is not a number turns
    /// the redirect off for the whole group.
    fn resolve_ssl_redirect(
        &self,
        ports: &BTreeMap<i32, MergedPort>,
    ) -> Result<Option<i32>, BuildError> {
        let mut wanted = BTreeSet::new();
        for (index, member) in self.members.iter().enumerate() {
            let of_class =
                self.params(index).map_or("", |params| params.ssl_redirect_port.as_str());
            if of_class.is_empty() {
                let given = member
                    .annotations()
                    .int32("ssl-redirect")
                    .map_err(|error| error.of_ingress(&member.ingress.key()))?;
                wanted.extend(given);
            } else {
                match parse_int(of_class, i64::from(i32::MIN), i64::from(i32::MAX)) {
                    Ok(port) => wanted.extend(i32::try_from(port)),
                    Err(_) => return Ok(None),
                }
            }
        }
        let mut ordered = wanted.iter();
        match (ordered.next(), ordered.next()) {
            (None, _) => Ok(None),
            (Some(_), Some(_)) => {
                let list: Vec<_> = wanted.iter().map(ToString::to_string).collect();
                Err(BuildError::new(format!("conflicting sslRedirect port: [{}]", list.join(" "))))
            }
            (Some(port), None) => match ports.get(port).map(|merged| merged.protocol) {
                None => Err(BuildError::new(format!(
                    "listener does not exist for SSLRedirect port: {port}"
                ))),
                Some(Protocol::Http) => Err(BuildError::new(format!(
                    "listener protocol non-SSL for SSLRedirect port: {port}"
                ))),
                Some(Protocol::Https) => Ok(Some(*port)),
            },
        }
    }

    fn check_add_ons(&self) -> Result<(), BuildError> {
        let names: BTreeSet<&str> = self
            .spec_or_text("wafv2-acl-name", |params| {
                Some(params.wafv2_acl_name.as_str()).filter(|name| !name.is_empty())
            })
            .into_iter()
            .filter(|name| !name.is_empty())
            .collect();
        if names.is_empty() {
            let arns = self.spec_or_text("wafv2-acl-arn", |params| {
                Some(params.wafv2_acl_arn.as_str()).filter(|arn| !arn.is_empty())
            });
            conflict(&arns, "WAFv2 WebACL ARNs")?;
        }
        conflict(&names, "WAFv2 WebACL names")?;
        let classic: BTreeSet<&str> = self
            .members
            .iter()
            .filter_map(|member| {
                let annotations = member.annotations();
                annotations.text("waf-acl-id").or_else(|| annotations.text("web-acl-id"))
            })
            .filter(|id| !id.is_empty())
            .collect();
        conflict(&classic, "WAFClassic WebACL IDs")?;
        self.agree("shield-advanced-protection", "conflicting enable shield advanced protection")?;
        self.agree("enable-frontend-nlb", "conflicting enable frontend NLB values")
    }

    fn agree(&self, suffix: &str, words: &str) -> Result<(), BuildError> {
        let mut flags = BTreeSet::new();
        for member in self.members {
            flags.extend(member.annotations().boolean(suffix)?);
        }
        if flags.len() > 1 { Err(BuildError::new(words)) } else { Ok(()) }
    }
}

fn of_scheme(error: BuildError) -> BuildError {
    error.of_kind(BuildErrorKind::Scheme).of_annotation("scheme")
}
