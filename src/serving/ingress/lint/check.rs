//! All findings of the Ingresses of a package, in one order.

use std::collections::BTreeSet;

use super::{
    auto_mode, certificates, class, ingress, jwt, keys, load_balancer, restrictions, secrets,
};
use crate::controllers::alb::{Objects, Options, Unmanaged, load_balancers};
use crate::finding::Finding;
use crate::serving::ingress::diags::MisspeltRequirement;
use crate::serving::ingress::proof::{self, ParamsRequirement};

/// Everything that can be said of Ingresses: what is refused, what cannot be built, what is not
/// what it says, and every opening that the proof finds. How much the tokens are worth that
/// parameters required is not reported:
/// the parameters' own check does. Ingresses that this controller does not manage are passed
/// over, but for those that parameters set. Errors come first, then by object and field; no
/// message holds a token.
#[must_use]
pub fn check(
    objects: &Objects,
    by_params: &[ParamsRequirement],
    options: &Options,
) -> Vec<Finding> {
    let (balancers, unmanaged) = load_balancers(objects, options);
    let mut findings = Vec::new();
    let mut refused = BTreeSet::new();
    // Both are in the order of the objects.
    let mut unmanaged = unmanaged.iter().peekable();
    for found in &objects.ingresses {
        let of_auto_mode = auto_mode::findings(found, objects, options);
        let is_ignored = of_auto_mode.iter().any(Finding::is_error);
        findings.extend(of_auto_mode);
        if let Some((_, reason)) = unmanaged.next_if(|(other, _)| std::ptr::eq(*other, found)) {
            let is_required = by_params.iter().any(|by_params| by_params.ingress == found.key())
                || !proof::requirements::of_ingress(found).is_empty();
            if !is_ignored {
                findings.extend(ingress::unmanaged(found, reason, is_required, options));
            }
            let ours = matches!(reason, Unmanaged::InvalidGroup(_))
                || ingress::names_our_class(found, options);
            if !ours {
                continue;
            }
        }
        let (of_ingress, is_refused) = ingress::ingress(found, objects, options);
        findings.extend(of_ingress);
        findings.extend(keys::unknown(found, objects));
        findings.extend(class::overrides(found, objects, options));
        findings.extend(restrictions::ignored(found));
        findings.extend(jwt::limits(found));
        // The IDs of those that parameters set were looked at where they were given.
        let is_set = by_params.iter().any(|by_params| by_params.ingress == found.key());
        let of_certificates = certificates::limits(found, objects, options).into_iter();
        findings.extend(of_certificates.filter(|one| one.is_error() || !is_set));
        findings.extend(secrets::renamed(found, objects));
        if is_refused {
            refused.insert(found.key());
        }
    }
    for balancer in &balancers {
        findings.extend(load_balancer::load_balancer(balancer, objects, &refused, by_params));
    }
    findings.extend(proof::findings(&balancers, objects, by_params));
    if let Some(other) = with_later_services(objects) {
        let (balancers, _) = load_balancers(&other, options);
        findings.extend(proof::findings(&balancers, &other, by_params));
    }
    misspelt(objects, options, &mut findings);
    findings.sort_by(|left, right| {
        let index = |finding: &Finding| {
            let field = finding.field.as_ref().map(|field| field.path.clone());
            (finding.severity, finding.resource.clone(), field, finding.code)
        };
        index(left).cmp(&index(right)).then_with(|| left.message.cmp(&right.message))
    });
    findings.dedup();
    findings
}

/// Adds the annotations that mean to require something under a key that the controller does not know, where no
/// opening says so already.
fn misspelt(objects: &Objects, options: &Options, findings: &mut Vec<Finding>) {
    let managed = objects.ingresses.iter().filter(|ingress| {
        crate::controllers::alb::group::managed_class(ingress, objects, options).is_ok()
    });
    for ingress in managed {
        let resource = ingress.reference();
        let backends: Vec<&str> = proof::requirements::rule_backends(ingress).collect();
        for requirement in proof::requirements::of_ingress(ingress) {
            if requirement.binding != proof::requirements::Binding::Misspelt {
                continue;
            }
            let named = requirement.name.as_deref().filter(|name| backends.contains(name));
            let backend = named.or(backends.first().copied()).unwrap_or("SERVICE");
            let right = requirement.right_key(backend);
            let key = requirement.key.as_str();
            let found = Finding::from(MisspeltRequirement { ingress, key, right: &right });
            let is_reported = |other: &Finding| {
                other.is_error()
                    && other.resource.as_ref() == Some(&resource)
                    && other.field.as_ref().map(|field| &field.path)
                        == found.field.as_ref().map(|field| &field.path)
            };
            if !findings.iter().any(is_reported) {
                findings.push(found);
            }
        }
    }
}

/// The objects with the later of two Services of one name in front, where there are two: `kubectl
/// apply` leaves the last, and the first is what is looked at otherwise.
fn with_later_services(objects: &Objects) -> Option<Objects> {
    let mut names = BTreeSet::new();
    let mut services = objects.services.iter();
    let is_twin =
        services.any(|service| !names.insert((service.namespace(), &service.metadata.name)));
    is_twin.then(|| {
        let mut other = objects.clone();
        other.services.reverse();
        other
    })
}
