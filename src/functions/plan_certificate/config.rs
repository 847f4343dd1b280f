//! The configuration, and its fields checked.

use schemars::JsonSchema;
use serde::Deserialize;

use super::diags::WrongField;
use crate::finding::{Code, Finding};
use crate::runtime::{Checked, Reading};
use crate::serving::certificate::{AckResource, CertificateFacts, MOST_NAMES};
use crate::values::arn::Region;
use crate::values::dns_name::{DnsName, WildcardName};
use crate::values::k8s::Namespace;

/// What to do with the plan.
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
    /// What to do with the plan. Default: `none`.
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

/// A checked configuration.
pub(super) struct Settings {
    pub(super) domain: Option<DnsName>,
    pub(super) namespaces: Vec<Namespace>,
    pub(super) hosts: Vec<WildcardName>,
    pub(super) includes_apex: bool,
    pub(super) most_names: Option<usize>,
    pub(super) region: Option<Region>,
}

impl Settings {
    pub(super) fn read(spec: &ServingCertificate, findings: &mut Vec<Finding>) -> Option<Self> {
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
        let settings = Self { domain, namespaces, hosts, includes_apex, most_names, region };
        let is_sound = reading.is_sound();
        findings.extend(reading.findings.into_iter().map(Finding::blocking));
        is_sound.then_some(settings)
    }
}
