//! What binds pods to a target group, and the class parameters of EKS Auto Mode.
//!
//! Source of the fields: `apis/elbv2/v1beta1/targetgroupbinding_types.go` of the AWS Load Balancer
//! Controller; EKS Auto Mode has both kinds in the group `eks.amazonaws.com`.

use serde::Deserialize;

use crate::controllers::alb::objects::IntOrString;
use crate::values::k8s::{ObjectMeta, empty_if_null};

/// A `TargetGroupBinding`: the pods of a Service become targets of a load balancer that somebody
/// else made.
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
#[serde(default)]
pub(crate) struct AutoModeParamsSpec {
    /// `internal` or `internet-facing`.
    pub scheme: Option<String>,
    /// The group of its Ingresses.
    pub group: Option<crate::controllers::alb::class::ParamsGroup>,
    /// The certificates.
    #[serde(rename = "certificateARNs", deserialize_with = "empty_if_null")]
    pub certificate_arns: Vec<String>,
}
