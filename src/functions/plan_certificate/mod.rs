//! `plan-certificate`: the names that the certificate in front of `KServe` needs.

mod config;
mod diags;
mod known;
mod needs;
mod owned;

use std::borrow::Cow;

use crate::finding::Finding;
use crate::runtime::{Function, Items, KserveAws, Plan};
use crate::serving::certificate::diags::CertificatesOverQuota;
use crate::serving::certificate::{
    self, AckCertificate, CERTIFICATES_QUOTA, CertificateGroup, Need,
};
use crate::values::dns_name::WildcardName;

use config::Settings;
use diags::{NoHosts, PlannedCertificate, ReplacedCertificate, weighed};
use owned::CERTIFICATE;

pub(crate) use config::{Emit, ServingCertificate};
pub(crate) use owned::{OWNED, PlanCertificate};

impl Function for PlanCertificate {
    type Project = KserveAws;
    const NAME: &'static str = "plan-certificate";
    const KIND: &'static str = "ServingCertificate";
    const SUMMARY: &'static str =
        "Plan the names that the certificate needs, check those it has, and request it";
    const CONFIG_IS_OPTIONAL: bool = true;
    const HELP: &'static str = "\
Lists the fewest names that cover every public host of the InferenceServices and of the load balancer's
Ingresses, in the order in which ACM takes them; a wildcard covers exactly one label. Where the names of
the real certificates are known, a host that none of them covers is an error.";
    type Spec = ServingCertificate;

    fn schema() -> Cow<'static, str> {
        include_str!("../../../functions/plan-certificate/schema.json").into()
    }

    fn plan(spec: ServingCertificate, items: &Items<'_>) -> Plan {
        let mut plan = Plan::default();
        let Some(settings) = Settings::read(&spec, &mut plan.findings) else {
            return plan;
        };
        let needs = needs::of(&settings, items, &mut plan.findings);
        if needs.is_empty() && items.accepted().is_sound(&plan.findings) {
            plan.findings.push(NoHosts.into());
        }
        if !items.accepted().is_sound(&plan.findings) {
            return plan;
        }
        let groups = planned(&spec, &settings, &needs, &mut plan.findings);
        known::check(&spec, &settings, &groups, items, &mut plan.findings);
        let wanted = match spec.emit {
            Emit::None => Vec::new(),
            Emit::Ack => {
                plan.findings.extend(spec.resource.check());
                numbered(&groups)
                    .map(|(number, group)| {
                        spec.resource.certificate(&group.names, number, settings.region.as_ref())
                    })
                    .collect()
            }
        };
        if wanted.is_empty() || items.accepted().is_sound(&plan.findings) {
            let planned = OWNED.plan(wanted, items);
            plan.edits.extend(planned.edits);
            plan.findings.extend(planned.findings.into_iter().map(weighed));
        }
        if spec.emit == Emit::Ack {
            warn_of_replaced(&spec, &groups, items, &mut plan.findings);
        }
        plan
    }
}

/// The certificates and their names that a package requires.
pub(super) fn certificates(
    items: &Items<'_>,
    findings: &mut Vec<Finding>,
) -> Vec<CertificateGroup> {
    let spec = ServingCertificate::default();
    let Some(settings) = Settings::read(&spec, findings) else { return Vec::new() };
    let needs = needs::of(&settings, items, findings);
    certificate::grouped(&needs, None, usize::MAX)
}

/// The certificates and their names, each reported with the hosts that it covers.
fn planned(
    spec: &ServingCertificate,
    settings: &Settings,
    needs: &[Need],
    findings: &mut Vec<Finding>,
) -> Vec<CertificateGroup> {
    let most = settings.most_names.unwrap_or(usize::MAX);
    let groups = certificate::grouped(needs, settings.domain.as_ref(), most);
    let several = groups.len() > 1;
    // The listener's default certificate does not count.
    if groups.len() > CERTIFICATES_QUOTA + 1 {
        findings.push(CertificatesOverQuota(groups.len()).into());
    }
    for (index, group) in groups.iter().enumerate() {
        let found = certificate::check(&group.names);
        let is_possible = !found.iter().any(Finding::is_error);
        findings.extend(found);
        let place = several.then_some((index, groups.len()));
        let planned = PlannedCertificate { place, namespaces: &group.namespaces };
        let names = group.names.iter().map(|covered| covered.name.to_string());
        findings.push(planned.needs(names.collect()));
        let names = group.names.iter().enumerate().filter(|_| is_possible);
        findings.extend(
            names.map(|(number, covered)| {
                planned.covers(number, covered, listed(spec, &covered.name))
            }),
        );
    }
    groups
}

/// The field of a name among those of the certificates that there are; that of the first list where none has
/// it, and `None` where no list is given.
fn listed(spec: &ServingCertificate, name: &WildcardName) -> Option<String> {
    let one = (!spec.certificate.domains.is_empty())
        .then(|| ("spec.certificate.domains".to_owned(), &spec.certificate.domains));
    let several = spec.certificates.iter().enumerate().filter(|(_, one)| !one.domains.is_empty());
    let several =
        several.map(|(index, one)| (format!("spec.certificates[{index}].domains"), &one.domains));
    let lists: Vec<_> = one.into_iter().chain(several).collect();
    let name = name.to_string();
    let found = lists.iter().find_map(|(field, names)| {
        let index = names.iter().position(|one| one.to_string().eq_ignore_ascii_case(&name))?;
        Some(format!("{field}[{index}]"))
    });
    found.or_else(|| lists.into_iter().next().map(|(field, _)| field))
}

/// The certificates, each with its number where there are several.
fn numbered(
    groups: &[CertificateGroup],
) -> impl Iterator<Item = (Option<usize>, &CertificateGroup)> {
    let several = groups.len() > 1;
    groups.iter().enumerate().map(move |(place, group)| (several.then_some(place + 1), group))
}

/// Reports each certificate of an earlier run that is settings for with other names.
fn warn_of_replaced(
    spec: &ServingCertificate,
    groups: &[CertificateGroup],
    items: &Items<'_>,
    findings: &mut Vec<Finding>,
) {
    let several = groups.len() > 1;
    let earlier = items
        .of_kind(CERTIFICATE.0, CERTIFICATE.1)
        .filter(|item| OWNED.has(item, items.configuration()));
    for item in earlier {
        let resource = &item.resource;
        let number = resource.name.rsplit('-').next().and_then(|last| last.parse().ok());
        let number: Option<usize> = number.filter(|_| several);
        let place = number.map_or(Some(0).filter(|_| !several), |number| number.checked_sub(1));
        let (name, namespace) = spec.resource.place(number);
        let is_same = name == resource.name && resource.namespace.as_deref() == Some(namespace);
        let Some(group) = place.and_then(|place| groups.get(place)).filter(|_| is_same) else {
            continue;
        };
        let before = AckCertificate::of(item.node).names;
        let mut after: Vec<String> =
            group.names.iter().map(|covered| covered.name.to_string()).collect();
        after.sort_unstable();
        if before != after {
            let replaced = ReplacedCertificate { before: &before, after: &after };
            findings.push(Finding::from(replaced).on(&item.resource));
        }
    }
}
