//! Whether all that a load balancer is given is of one region.

use crate::controllers::alb::Options;
use crate::controllers::alb::actions::ActionConfig;
use crate::controllers::alb::annotations::{Annotations, key};
use crate::controllers::alb::auth::CognitoConfig;
use crate::controllers::alb::backend;
use crate::controllers::alb::group::{Member, group};
use crate::controllers::alb::mutual_auth;
use crate::controllers::alb::objects::{Ingress, Objects};
use crate::finding::Finding;
use crate::go::json;
use crate::serving::ingress::diags::{ForeignRegion, TwoRegions, UnknownRegion, at};
use crate::serving::ingress::proof::requirements::rule_backends;
use crate::values::arn::{Arn, Partition, Region, RegionError};
use crate::values::elb_name::ElbName;
use crate::values::k8s::ResourceRef;
use crate::values::placeholder::is_unfilled;
use std::collections::BTreeSet;

/// What an Ingress names of one region.
struct Named {
    /// `certificate-arn`, `the status`.
    what: &'static str,
    field: String,
    region: String,
    /// The ARN's own partition, where the region is of another one.
    foreign: Option<Partition>,
    /// The ARN, and why its region is none.
    invalid: Option<(String, RegionError)>,
}

/// A finding for the first thing of each member that is of another region than the load balancer's
/// first.
pub(super) fn differ(members: &[Member<'_>], objects: &Objects) -> Vec<Finding> {
    let mut first: Option<(String, String)> = None;
    let mut findings = Vec::new();
    for member in members {
        let ingress = member.ingress;
        for Named { what, field, region, foreign, invalid } in regions(member, objects) {
            if let Some((arn, error)) = invalid {
                findings.push(UnknownRegion { ingress, field, arn, error }.into());
                continue;
            }
            if let Some(partition) = foreign {
                findings.push(ForeignRegion { ingress, field, region, partition }.into());
                break;
            }
            match &first {
                None => first = Some((region, format!("{what} of {}", ingress.key()))),
                Some((known, _)) if *known == region => {}
                Some((known, other)) => {
                    let (other, other_region) = (other.clone(), known.clone());
                    findings
                        .push(TwoRegions { ingress, field, region, other, other_region }.into());
                    break;
                }
            }
        }
    }
    findings
}

/// The findings for groups of several Ingresses of which some are in `set`, before a run sets them: the
/// cluster is in one region, and which of the two is right is not known.
pub(crate) fn of_groups(
    objects: &Objects,
    set: &BTreeSet<ResourceRef>,
    options: &Options,
) -> Vec<Finding> {
    let groups = group(objects, options).groups.into_values().flatten();
    let is_set = |member: &Member<'_>| set.contains(&member.ingress.reference());
    let touched = groups.filter(|members| members.len() > 1 && members.iter().any(is_set));
    touched.flat_map(|members| differ(&members, objects)).collect()
}

/// The regions of what an Ingress names, of its class and of its Services. A certificate of IAM has
/// none.
fn regions(member: &Member<'_>, objects: &Objects) -> Vec<Named> {
    let ingress = member.ingress;
    let annotations = Annotations::of(&ingress.metadata.annotations);
    let mut named = Vec::new();
    let mut add = |what: &'static str, field: String, arn: &str| {
        let text = arn;
        // What is still to be filled in is reported as that.
        let arn = text.parse::<Arn>().ok().filter(|_| !is_unfilled(text));
        named.extend(arn.filter(|arn| !arn.region().is_empty()).map(|arn| {
            let home = arn.region().parse::<Region>();
            let foreign = home.as_ref().is_ok_and(|home| home.partition() != arn.partition());
            Named {
                what,
                field,
                region: arn.region().to_owned(),
                foreign: foreign.then(|| arn.partition()),
                invalid: home.err().map(|error| (text.to_owned(), error)),
            }
        }));
    };
    let of_annotation = |suffix: &str| at(&key(suffix));
    let of_class = || "spec.ingressClassName".to_owned();
    let params = member.params.map(|params| &params.spec);
    match params.filter(|params| !params.certificate_arn.is_empty()) {
        // They go before the annotation.
        Some(params) => {
            for arn in &params.certificate_arn {
                add("certificateArn of the class", of_class(), arn);
            }
        }
        None => {
            for arn in annotations.list("certificate-arn").unwrap_or_default() {
                add("certificate-arn", of_annotation("certificate-arn"), &arn);
            }
        }
    }
    if let Some(arn) = pool(annotations) {
        add("auth-idp-cognito", of_annotation("auth-idp-cognito"), &arn);
    }
    for (place, arn) in pools_of_services(ingress, objects) {
        add("auth-idp-cognito of a Service", place, &arn);
    }
    match params.filter(|params| !params.wafv2_acl_arn.is_empty()) {
        Some(params) => add("wafv2AclArn of the class", of_class(), &params.wafv2_acl_arn),
        None => {
            let arn = annotations.text("wafv2-acl-arn").unwrap_or_default();
            add("wafv2-acl-arn", of_annotation("wafv2-acl-arn"), arn);
        }
    }
    for store in mutual_auth::read(annotations).unwrap_or_default().values() {
        let arn = store.trust_store().unwrap_or_default();
        add("the trust store", of_annotation("mutual-authentication"), arn);
    }
    for (field, arn) in target_groups(ingress) {
        add("a target group", field, &arn);
    }
    let addresses = &ingress.status.load_balancer.ingress;
    let name = addresses.iter().find_map(|address| address.hostname.parse::<ElbName>().ok());
    named.extend(name.map(|name| Named {
        what: "the load balancer",
        field: "status.loadBalancer.ingress[0].hostname".to_owned(),
        region: name.region().to_string(),
        foreign: None,
        invalid: None,
    }));
    named
}

/// The ARNs of target groups in `actions.*`, each with its field.
fn target_groups(ingress: &Ingress) -> Vec<(String, String)> {
    let prefix = key("actions.");
    let actions = ingress.metadata.annotations.iter().filter(|(key, _)| key.starts_with(&prefix));
    let mut found = Vec::new();
    for (key, text) in actions {
        let mut action = ActionConfig::default();
        if json::unmarshal(text, &mut action).is_err() {
            continue;
        }
        let groups = action.forward.iter().flat_map(|forward| forward.target_groups.iter());
        let arns = groups.filter_map(|group| group.target_group_arn.clone());
        found.extend(action.target_group_arn.into_iter().chain(arns).map(|arn| (at(key), arn)));
    }
    found
}

/// The user pool of annotations.
fn pool(annotations: Annotations<'_>) -> Option<String> {
    let mut pool = CognitoConfig::default();
    json::unmarshal(annotations.text("auth-idp-cognito")?, &mut pool).ok()?;
    Some(pool.user_pool_arn)
}

/// The user pools of the Services behind an Ingress, each with the field that names the Service.
fn pools_of_services(ingress: &Ingress, objects: &Objects) -> Vec<(String, String)> {
    let names: BTreeSet<&str> = rule_backends(ingress).collect();
    let pools = names.into_iter().filter_map(|name| {
        let service = backend::service(objects, ingress.namespace(), name)?;
        Some(("spec.rules".to_owned(), pool(Annotations::of(&service.metadata.annotations))?))
    });
    pools.collect()
}
