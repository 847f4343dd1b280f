//! The labels of Knative Serving's own ConfigMaps.

use crate::values::release::Release;

/// The labels of a stock ConfigMap of Knative Serving: `controller` is the component of
/// `config-domain`, `networking` that of `config-network`. Knative's webhook picks the ConfigMaps
/// that it checks by the first two: without them nothing is checked. A release that nobody named is
/// left out.
///
/// Source: `config/core/configmaps/*.yaml` and `config/core/webhooks/configmap-validation.yaml` of
/// knative.dev/serving.
#[must_use]
pub(crate) fn stock_labels(
    component: &str,
    knative: Option<Release>,
) -> Vec<(&'static str, String)> {
    let mut labels = vec![
        ("app.kubernetes.io/name", "knative-serving".to_owned()),
        ("app.kubernetes.io/component", component.to_owned()),
    ];
    labels.extend(knative.map(|release| ("app.kubernetes.io/version", release.to_string())));
    labels
}
