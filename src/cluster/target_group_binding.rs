//! What binds pods to a target group, and the class parameters of EKS Auto Mode.
//!
//! Source of the fields: `apis/elbv2/v1beta1/targetgroupbinding_types.go` of the AWS Load Balancer
//! Controller; EKS Auto Mode has both kinds in the group `eks.amazonaws.com`.

use serde::Deserialize;

use crate::controllers::alb::class::{
    IngressClassParams, IngressClassParamsSpec, KeyValue, LabelSelector, ParamsGroup,
};
use crate::controllers::alb::objects::IntOrString;
use crate::values::k8s::{ObjectMeta, empty_if_null};

/// A `TargetGroupBinding`: the pods of a Service become targets of a load balancer that somebody
/// else created.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct TargetGroupBinding {
    /// Name and namespace.
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: TargetGroupBindingSpec,
}

/// `spec` of a [`TargetGroupBinding`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct TargetGroupBindingSpec {
    /// The Service, of its own namespace.
    #[serde(deserialize_with = "empty_if_null")]
    pub service_ref: ServiceReference,
    /// The target group.
    #[serde(rename = "targetGroupARN", deserialize_with = "empty_if_null")]
    pub target_group_arn: String,
    /// The target group by its name.
    #[serde(deserialize_with = "empty_if_null")]
    pub target_group_name: String,
}

/// `spec.serviceRef`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ServiceReference {
    /// Its name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// Its port.
    pub port: Option<IntOrString>,
}

/// `eks.amazonaws.com` `IngressClassParams`, which EKS Auto Mode reads.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AutoModeParams {
    /// Its name.
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: AutoModeParamsSpec,
}

/// `spec` of [`AutoModeParams`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct AutoModeParamsSpec {
    /// `internal` or `internet-facing`.
    pub scheme: Option<String>,
    /// The group of its Ingresses.
    pub group: Option<ParamsGroup>,
    /// The certificates.
    #[serde(rename = "certificateARNs", deserialize_with = "empty_if_null")]
    pub certificate_arns: Vec<String>,
    /// Which namespaces may use the class.
    pub namespace_selector: Option<LabelSelector>,
    /// The load balancer's name.
    #[serde(deserialize_with = "empty_if_null")]
    pub load_balancer_name: String,
    /// `ipv4`, `dualstack` or `dualstack-without-public-ipv4`.
    pub ip_address_type: Option<String>,
    /// The addresses that are let in.
    #[serde(rename = "inboundCIDRs", deserialize_with = "empty_if_null")]
    pub inbound_cidrs: Vec<String>,
    /// The security policy of HTTPS listeners.
    #[serde(deserialize_with = "empty_if_null")]
    pub ssl_policy: String,
    /// `instance` or `ip`.
    #[serde(deserialize_with = "empty_if_null")]
    pub target_type: String,
    /// The load balancer's attributes.
    #[serde(deserialize_with = "empty_if_null")]
    pub load_balancer_attributes: Vec<KeyValue>,
    /// The subnets; only that they are there.
    pub subnets: Option<serde::de::IgnoredAny>,
    /// Tags of what is created.
    #[serde(deserialize_with = "empty_if_null")]
    pub tags: Vec<KeyValue>,
}

impl AutoModeParams {
    /// What they set, in the fields of the controller's own.
    pub(crate) fn params(&self) -> IngressClassParams {
        let spec = self.spec.clone();
        IngressClassParams {
            metadata: self.metadata.clone(),
            spec: IngressClassParamsSpec {
                scheme: spec.scheme,
                group: spec.group,
                certificate_arn: spec.certificate_arns,
                namespace_selector: spec.namespace_selector,
                load_balancer_name: spec.load_balancer_name,
                ip_address_type: spec.ip_address_type,
                inbound_cidrs: spec.inbound_cidrs,
                ssl_policy: spec.ssl_policy,
                target_type: spec.target_type,
                load_balancer_attributes: spec.load_balancer_attributes,
                subnets: spec.subnets,
                tags: spec.tags,
                ..IngressClassParamsSpec::default()
            },
        }
    }
}
