//! The Knative operator's `KnativeServing`, which sets Knative Serving's ConfigMaps.
//!
//! Source: `ConfigMapTransform` in `pkg/reconciler/common/config_maps.go` of knative/operator.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::other_ingress::OtherIngress;
use crate::values::k8s::{ObjectMeta, empty_if_null};

/// A `KnativeServing`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct KnativeServing {
    /// `metadata`.
    #[serde(deserialize_with = "empty_if_null")]
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: KnativeServingSpec,
}

/// `spec` of a [`KnativeServing`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct KnativeServingSpec {
    /// The release of Knative Serving.
    #[serde(deserialize_with = "empty_if_null")]
    pub version: String,
    /// Entries of ConfigMaps, by the ConfigMap's name with or without its `config-`.
    #[serde(deserialize_with = "empty_if_null")]
    pub config: BTreeMap<String, Option<BTreeMap<String, Option<String>>>>,
    /// The ingresses that the operator installs, by `istio`, `kourier` and `contour`; Istio alone where
    /// it is absent (`Transformers` in `pkg/reconciler/knativeserving/ingress/ingress.go` of
    /// knative/operator 0.42).
    pub ingress: Option<BTreeMap<String, Option<OperatorIngress>>>,
}

/// `spec.ingress.*` of a [`KnativeServing`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct OperatorIngress {
    /// Whether it is installed.
    #[serde(deserialize_with = "empty_if_null")]
    pub enabled: bool,
    /// The type of Kourier's Service; `LoadBalancer` where it is empty.
    #[serde(deserialize_with = "empty_if_null")]
    pub service_type: String,
}

impl KnativeServingSpec {
    /// An ingress that the operator installs.
    pub(crate) fn installed(&self, word: &str) -> Option<&OperatorIngress> {
        self.ingress.as_ref()?.get(word)?.as_ref().filter(|one| one.enabled)
    }

    /// The ingress that the operator installs in the place of Istio. It leaves `ingress-class` as it is.
    pub(crate) fn instead_of_istio(&self) -> Option<OtherIngress> {
        let istio = self.installed("istio");
        OtherIngress::ALL
            .into_iter()
            .find(|one| istio.is_none() && self.installed(one.word).is_some())
    }
}

impl KnativeServing {
    /// The key under which the entries of a ConfigMap are; the whole name first.
    #[must_use]
    pub(crate) fn key<'k>(&self, config_map: &'k str) -> Option<&'k str> {
        let short = config_map.strip_prefix("config-").unwrap_or(config_map);
        [config_map, short].into_iter().find(|key| self.spec.config.contains_key(*key))
    }

    /// The entries of a ConfigMap.
    #[must_use]
    pub(crate) fn entries(&self, config_map: &str) -> Option<BTreeMap<String, String>> {
        let entries = self.spec.config.get(self.key(config_map)?)?.iter().flatten();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Some(entries.map(|(key, value)| (key.clone(), text(value))).collect())
    }

    /// Puts other entries in the place of a ConfigMap's.
    pub(crate) fn replace(&mut self, config_map: &str, entries: Option<&BTreeMap<String, String>>) {
        let short = config_map.strip_prefix("config-").unwrap_or(config_map);
        for key in [config_map, short] {
            self.spec.config.remove(key);
        }
        if let Some(entries) = entries {
            let entries = entries.iter().map(|(key, value)| (key.clone(), Some(value.clone())));
            self.spec.config.insert(short.to_owned(), Some(entries.collect()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_name_comes_before_the_short_one() {
        let mut serving: KnativeServing = serde_json::from_str(
            r#"{"spec": {"config": {"domain": {"a.com": null}, "config-domain": {"b.com": ""}}}}"#,
        )
        .unwrap();
        let one = |domain: &str| Some(BTreeMap::from([(domain.to_owned(), String::new())]));
        assert_eq!(serving.entries("config-domain"), one("b.com"));
        assert_eq!(serving.entries("config-network"), None);
        serving.replace("config-domain", one("c.com").as_ref());
        assert_eq!(
            (serving.key("config-domain"), serving.entries("config-domain")),
            (Some("domain"), one("c.com"))
        );
    }
}
