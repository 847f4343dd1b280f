//! What the `IngressClassParams` of EKS Auto Mode have in the place of annotations.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::settings::Settings;

/// A field of `IngressClassParams`, and the annotation that it replaces.
pub(crate) struct ClassField {
    /// The field of `spec`.
    pub(crate) name: &'static str,
    /// The annotation's suffix.
    pub(crate) suffix: &'static str,
    /// The value.
    pub(crate) value: Value,
}

/// The fields that settings give (`eks.amazonaws.com/v1`; EKS user guide, "`IngressClassParams` Reference").
#[must_use]
pub(crate) fn class_fields(settings: &Settings) -> Vec<ClassField> {
    let balancer = settings.balancer();
    let texts = |list: Vec<String>| (!list.is_empty()).then(|| Value::from(list));
    let pairs = |given: &BTreeMap<String, String>| {
        let pairs = given.iter().map(|(key, value)| json!({ "key": key, "value": value }));
        (!given.is_empty()).then(|| Value::from(pairs.collect::<Vec<_>>()))
    };
    let certificates = settings.certificates().iter().map(ToString::to_string);
    let subnets = texts(balancer.subnets.iter().map(ToString::to_string).collect());
    [
        ("scheme", "scheme", settings.scheme().map(|scheme| scheme.as_str().into())),
        ("certificateARNs", "certificate-arn", texts(certificates.collect())),
        (
            "group",
            "group.name",
            balancer.group.as_ref().map(|group| json!({ "name": group.as_str() })),
        ),
        ("subnets", "subnets", subnets.map(|ids| json!({ "ids": ids }))),
        ("tags", "tags", pairs(&balancer.tags)),
        ("loadBalancerAttributes", "load-balancer-attributes", pairs(&balancer.attributes)),
    ]
    .into_iter()
    .filter_map(|(name, suffix, value)| Some(ClassField { name, suffix, value: value? }))
    .collect()
}
