//! `IngressClass` and `IngressClassParams`, as far as the controller's model reads them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::values::k8s::{ObjectMeta, empty_if_null};

/// `networking.k8s.io/v1` `IngressClass`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct IngressClass {
    /// Name and annotations.
    pub metadata: ObjectMeta,
    /// Which controller, with which parameters.
    #[serde(deserialize_with = "empty_if_null")]
    pub(crate) spec: IngressClassSpec,
}

/// `spec` of an `IngressClass`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct IngressClassSpec {
    /// `ingress.k8s.aws/alb` for this controller.
    #[serde(deserialize_with = "empty_if_null")]
    pub controller: String,
    /// The `IngressClassParams`.
    pub parameters: Option<ClassParameters>,
}

/// `spec.parameters` of an `IngressClass`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ClassParameters {
    /// `elbv2.k8s.aws`.
    pub api_group: Option<String>,
    /// `IngressClassParams`.
    #[serde(deserialize_with = "empty_if_null")]
    pub kind: String,
    /// Its name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
}

/// `elbv2.k8s.aws/v1beta1` `IngressClassParams`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct IngressClassParams {
    /// Its name.
    pub metadata: ObjectMeta,
    /// What it sets for every Ingress of its classes.
    #[serde(deserialize_with = "empty_if_null")]
    pub(crate) spec: IngressClassParamsSpec,
}

/// `spec` of `IngressClassParams`. Source: `apis/elbv2/v1beta1/ingressclassparams_types.go`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct IngressClassParamsSpec {
    /// Over `load-balancer-name`.
    #[serde(deserialize_with = "empty_if_null")]
    pub load_balancer_name: String,
    /// Over `certificate-arn`.
    #[serde(deserialize_with = "empty_if_null")]
    pub certificate_arn: Vec<String>,
    /// Which namespaces may use the class.
    pub namespace_selector: Option<LabelSelector>,
    /// Over `group.name`.
    pub group: Option<ParamsGroup>,
    /// Over `scheme`.
    pub scheme: Option<String>,
    /// Over `inbound-cidrs`.
    #[serde(rename = "inboundCIDRs", deserialize_with = "empty_if_null")]
    pub inbound_cidrs: Vec<String>,
    /// Over `ssl-policy`.
    #[serde(deserialize_with = "empty_if_null")]
    pub ssl_policy: String,
    /// Over `ssl-redirect`.
    #[serde(deserialize_with = "empty_if_null")]
    pub ssl_redirect_port: String,
    /// Over `subnets`; only that it is there.
    pub subnets: Option<serde::de::IgnoredAny>,
    /// Over `ip-address-type`.
    pub ip_address_type: Option<String>,
    /// Over `tags`.
    #[serde(deserialize_with = "empty_if_null")]
    pub tags: Vec<KeyValue>,
    /// Over `target-type`.
    #[serde(deserialize_with = "empty_if_null")]
    pub target_type: String,
    /// Over `load-balancer-attributes`, key by key.
    #[serde(deserialize_with = "empty_if_null")]
    pub load_balancer_attributes: Vec<KeyValue>,
    /// Over `listener-attributes.*`.
    #[serde(deserialize_with = "empty_if_null")]
    pub listeners: Vec<ParamsListener>,
    /// Over `minimum-load-balancer-capacity`; only that it is there.
    pub minimum_load_balancer_capacity: Option<serde::de::IgnoredAny>,
    /// Over `wafv2-acl-arn`.
    #[serde(deserialize_with = "empty_if_null")]
    pub wafv2_acl_arn: String,
    /// Over `wafv2-acl-name`.
    #[serde(deserialize_with = "empty_if_null")]
    pub wafv2_acl_name: String,
}

/// `spec.group` of `IngressClassParams`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ParamsGroup {
    /// The group's name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
}

/// A tag or an attribute.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct KeyValue {
    /// The key.
    #[serde(deserialize_with = "empty_if_null")]
    pub key: String,
    /// The value.
    #[serde(deserialize_with = "empty_if_null")]
    pub value: String,
}

/// `spec.listeners[]` of `IngressClassParams`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ParamsListener {
    /// `HTTP` or `HTTPS`.
    #[serde(deserialize_with = "empty_if_null")]
    pub protocol: String,
    /// The port.
    #[serde(deserialize_with = "empty_if_null")]
    pub port: i32,
    /// Its attributes.
    #[serde(deserialize_with = "empty_if_null")]
    pub listener_attributes: Vec<KeyValue>,
}

/// A label selector.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct LabelSelector {
    /// Labels that must be equal.
    #[serde(deserialize_with = "empty_if_null")]
    pub match_labels: BTreeMap<String, String>,
    /// Further requirements.
    #[serde(deserialize_with = "empty_if_null")]
    pub match_expressions: Vec<LabelRequirement>,
}

/// One of `matchExpressions`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct LabelRequirement {
    /// The label.
    #[serde(deserialize_with = "empty_if_null")]
    pub key: String,
    /// `In`, `NotIn`, `Exists`, `DoesNotExist`.
    #[serde(deserialize_with = "empty_if_null")]
    pub operator: String,
    /// The values.
    #[serde(deserialize_with = "empty_if_null")]
    pub values: Vec<String>,
}

impl LabelSelector {
    /// What it requires of one label.
    #[must_use]
    pub(crate) fn of_label(&self, name: &str) -> Self {
        let mut own = self.clone();
        own.match_labels.retain(|other, _| other == name);
        own.match_expressions.retain(|requirement| requirement.key == name);
        own
    }

    pub(crate) fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.match_labels.iter().all(|(name, value)| labels.get(name) == Some(value))
            && self.match_expressions.iter().all(|requirement| {
                let found = labels.get(&requirement.key);
                let listed = found.is_some_and(|value| requirement.values.contains(value));
                match requirement.operator.as_str() {
                    "In" => listed,
                    "NotIn" => !listed,
                    "Exists" => found.is_some(),
                    "DoesNotExist" => found.is_none(),
                    _ => false,
                }
            })
    }
}
