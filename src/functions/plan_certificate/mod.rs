//! `plan-certificate`: the names that the certificate in front of `KServe` needs.

mod diags;
mod known;
mod needs;

use schemars::JsonSchema;
use serde::Deserialize;
use std::borrow::Cow;

use crate::finding::{Code, Finding};
use crate::runtime::{Checked, Function, Items, KserveAws, Owned, Plan, Reading};
use crate::serving::certificate::diags::CertificatesOverQuota;
use crate::serving::certificate::{
    self, AckCertificate, AckResource, CERTIFICATES_QUOTA, CertificateFacts, CertificateGroup,
    MOST_NAMES, Need,
};
use crate::values::arn::Region;
use crate::values::dns_name::{DnsName, WildcardName};
use crate::values::k8s::Namespace;

use diags::{NoHosts, PlannedCertificate, ReplacedCertificate, WrongField, weighed};

/// Plans, checks and requests the certificate.
pub(crate) struct PlanCertificate;

/// What to make of the plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Emit {
    /// Nothing: the plan is a result.
    #[default]
    None,
    /// A `Certificate` of AWS Controllers for Kubernetes.
    Ack,
}

/// Which hosts the certificate is for, and what is known of it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ServingCertificate {
    /// The domain under which Knative serves. Default: that of config-domain.
    #[schemars(example = &"platform.example.com")]
    pub(crate) domain: Option<Checked<DnsName>>,
    /// The namespaces whose services the certificate is for, whether or not they have any yet.
    /// Default: those of the InferenceServices in the input.
    #[schemars(example = &["staging"])]
    pub(crate) namespaces: Vec<Checked<Namespace>>,
    /// Hosts of the platform itself, beside those of its Ingresses; a first label `*` matches
    /// exactly one label.
    #[schemars(example = &["kubeflow.platform.example.com"])]
    pub(crate) hosts: Vec<Checked<WildcardName>>,
    /// Whether the certificate is for the domain itself, too, which no wildcard covers.
    pub(crate) include_apex: bool,
    /// The most names in one certificate, 1 to 100: more are split into a certificate per group of
    /// namespaces. Default: one certificate with all names.
    #[schemars(range(min = 1, max = 100), example = &10)]
    pub(crate) max_names: Option<u32>,
    /// What to make of the plan. Default: `none`.
    pub(crate) emit: Emit,
    /// What is known of the real certificate.
    pub(crate) certificate: CertificateFacts,
    /// What is known of several certificates of one load balancer, which serves any that covers a
    /// host.
    pub(crate) certificates: Vec<CertificateFacts>,
    /// The region of the load balancer. Default: what its Ingress says.
    #[schemars(example = &"us-west-2")]
    pub(crate) region: Option<Checked<Region>>,
    /// The object that requests the certificate.
    pub(crate) resource: AckResource,
}

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
        let Some(asked) = Asked::read(&spec, &mut plan.findings) else {
            return plan;
        };
        let needs = needs::of(&asked, items, &mut plan.findings);
        if needs.is_empty() && items.accepted().is_sound(&plan.findings) {
            plan.findings.push(NoHosts.into());
        }
        if !items.accepted().is_sound(&plan.findings) {
            return plan;
        }
        let groups = planned(&spec, &asked, &needs, &mut plan.findings);
        known::check(&spec, &asked, &groups, items, &mut plan.findings);
        let wanted = match spec.emit {
            Emit::None => Vec::new(),
            Emit::Ack => {
                plan.findings.extend(spec.resource.check());
                numbered(&groups)
                    .map(|(number, group)| {
                        spec.resource.certificate(&group.names, number, asked.region.as_ref())
                    })
                    .collect()
            }
        };
        if wanted.is_empty() || items.accepted().is_sound(&plan.findings) {
            let made = OWNED.plan(wanted, items);
            plan.edits.extend(made.edits);
            plan.findings.extend(made.findings.into_iter().map(weighed));
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
    let Some(asked) = Asked::read(&spec, findings) else { return Vec::new() };
    let needs = needs::of(&asked, items, findings);
    certificate::grouped(&needs, None, usize::MAX)
}

const CERTIFICATE: (&str, &str) = ("acm.services.k8s.aws", "Certificate");
pub(super) const OWNED: Owned = Owned::by::<PlanCertificate>(&[CERTIFICATE]);

/// The configuration's texts, read.
struct Asked {
    domain: Option<DnsName>,
    namespaces: Vec<Namespace>,
    hosts: Vec<WildcardName>,
    includes_apex: bool,
    most_names: Option<usize>,
    region: Option<Region>,
}

impl Asked {
    fn read(spec: &ServingCertificate, findings: &mut Vec<Finding>) -> Option<Self> {
        let mut reading = Reading::of("spec");
        let code = Code::CertificateNameInvalid;
        let domain = reading.field(code, "domain", spec.domain.as_ref());
        let namespaces = reading.list(code, "namespaces", &spec.namespaces);
        let hosts = reading.list(code, "hosts", &spec.hosts);
        if spec.include_apex && spec.domain.is_none() {
            reading.wrong(code, "includeApex", WrongField::ApexWithoutDomain);
        }
        let most_names = spec.max_names.map(|most| most as usize);
        if most_names.is_some_and(|most| !(1..=MOST_NAMES).contains(&most)) {
            reading.wrong(code, "maxNames", WrongField::MaxNames);
        }
        let region = reading.field(code, "region", spec.region.as_ref());
        let includes_apex = spec.include_apex;
        let asked = Self { domain, namespaces, hosts, includes_apex, most_names, region };
        let is_sound = reading.is_sound();
        findings.extend(reading.findings);
        is_sound.then_some(asked)
    }
}

/// The certificates and their names, each reported with the hosts that it covers.
fn planned(
    spec: &ServingCertificate,
    asked: &Asked,
    needs: &[Need],
    findings: &mut Vec<Finding>,
) -> Vec<CertificateGroup> {
    let most = asked.most_names.unwrap_or(usize::MAX);
    let groups = certificate::grouped(needs, asked.domain.as_ref(), most);
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

/// Reports each certificate of an earlier run that is asked for with other names.
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
