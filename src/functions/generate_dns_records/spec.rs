//! What is asked of `generate-dns-records`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::runtime::Checked;
use crate::serving::dns::RecordKind;
use crate::values::arn::Region;
use crate::values::dns_name::{DnsName, WildcardName};
use crate::values::elb_name::ElbName;
use crate::values::k8s::Namespace;
use crate::values::release::Release;

/// Makes the records.
pub(crate) struct GenerateDnsRecords;

/// How the records are requested.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mode {
    /// Annotations on the Ingress, whose address external-dns takes.
    #[default]
    ExternalDns,
    /// A `DNSEndpoint` of external-dns.
    Endpoint,
    /// `RecordSet`s of AWS Controllers for Kubernetes.
    Ack,
}

/// The addresses of a load balancer, in the words of its controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum IpAddressType {
    /// IPv4.
    Ipv4,
    /// IPv4 and IPv6.
    Dualstack,
    /// IPv6, and private IPv4.
    DualstackWithoutPublicIpv4,
}

/// The object of a name, or the names of objects to make.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ObjectName {
    /// The name.
    pub(crate) name: Option<String>,
    /// The namespace.
    pub(crate) namespace: Option<String>,
}

/// Which hosts get records, where they lead, and who makes them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ServingDns {
    /// How the records are requested. Default: `external-dns`.
    pub(crate) mode: Mode,
    /// The domain under which Knative serves. Default: that of config-domain.
    #[schemars(example = &"platform.example.com")]
    pub(crate) domain: Option<Checked<DnsName>>,
    /// The namespaces whose hosts get records, whether or not they have services yet. Default:
    /// those of the InferenceServices in the input.
    #[schemars(example = &["staging"])]
    pub(crate) namespaces: Vec<Checked<Namespace>>,
    /// More hosts; a first label `*` is a wildcard record.
    #[schemars(example = &["kubeflow.platform.example.com"])]
    pub(crate) hosts: Vec<Checked<WildcardName>>,
    /// Whether each host gets a record of its own, and not each namespace a wildcard.
    pub(crate) per_host: bool,
    /// The Ingress to annotate. Default: the only one of class `alb` that leads to
    /// `istio-ingressgateway`.
    pub(crate) ingress: ObjectName,
    /// The release of external-dns, by which one annotation prefix is written. Default: both.
    #[schemars(with = "Option<String>", example = &"0.21.0")]
    pub(crate) external_dns_version: Option<Checked<Release>>,
    /// The load balancer's DNS name. Default: the address in the status of the Ingress; with
    /// `external-dns` none is needed.
    #[schemars(example = &"k8s-kserve-0123456789.us-west-2.elb.amazonaws.com")]
    pub(crate) target: Option<Checked<ElbName>>,
    /// The region of the load balancer. Default: what its Ingress says.
    #[schemars(example = &"us-west-2")]
    pub(crate) region: Option<Checked<Region>>,
    /// Seconds for which a resolver keeps an answer, 1 to 2147483647. An ALIAS has none.
    #[schemars(range(min = 1, max = 2147483647), example = &300)]
    pub(crate) ttl: Option<u32>,
    /// What the records are. Default: `alias`.
    pub(crate) record: Option<RecordKind>,
    /// The addresses of the load balancer: with `dualstack` an ALIAS of `ack` is an AAAA record,
    /// too; external-dns always creates both. Default: what its Ingress says.
    pub(crate) ip_address_type: Option<IpAddressType>,
    /// The zone's name. Default: that of the HostedZone object.
    #[schemars(example = &"platform.example.com")]
    pub(crate) zone: Option<Checked<DnsName>>,
    /// The zone's id, for `ack`.
    #[schemars(example = &"Z0123456789ABCDEFGHIJ")]
    pub(crate) hosted_zone_id: Option<String>,
    /// The zone's HostedZone object, for `ack`.
    pub(crate) hosted_zone_ref: ObjectName,
    /// Whether names in `ack` are complete, with a dot at the end, which its controller takes from
    /// v1.3.1 on. Default: relative to the zone.
    pub(crate) absolute_names: bool,
    /// The name of the DNSEndpoint (default: `kserve-serving`) and the namespace of generated
    /// objects (default: `istio-system`).
    pub(crate) resource: ObjectName,
}
