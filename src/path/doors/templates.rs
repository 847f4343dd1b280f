//! The labels of the pods of a package.

use std::collections::BTreeMap;

use super::reach::Reach;
use super::selection::{self, Labels};
use crate::cluster::Cluster;

/// The pod templates of a package.
pub(crate) struct Templates {
    all: BTreeMap<Option<String>, Vec<Labels>>,
}

impl Templates {
    pub(crate) fn of(cluster: &Cluster<'_>) -> Self {
        let mut all: BTreeMap<Option<String>, Vec<Labels>> = BTreeMap::new();
        for (template, labels) in cluster.pod_templates().map(|one| (one.resource, one.labels)) {
            all.entry(template.namespace.clone()).or_default().push(labels.clone());
        }
        Self { all }
    }

    /// The labels of those that a selector selects.
    pub(crate) fn selected(
        &self,
        namespace: &Option<String>,
        selector: &Labels,
        reach: &Reach,
    ) -> Vec<Labels> {
        let near = self.all.iter().filter(|(own, _)| reach.may_be_one(own, namespace));
        let all = near.flat_map(|(_, labels)| labels);
        all.filter(|labels| selection::is_within(selector, labels)).cloned().collect()
    }
}
