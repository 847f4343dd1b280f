//! The names that get records.

use std::collections::{BTreeMap, BTreeSet};

use crate::serving::certificate::Need;
use crate::values::dns_name::WildcardName;

/// A record's name and the hosts that it is there for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The name.
    pub name: WildcardName,
    /// The hosts, sorted, each once.
    pub hosts: Vec<WildcardName>,
}

/// The records for hosts: one wildcard for each namespace, as `*.staging.platform.example.com`, or
/// with `per_host` one for each host.
///
/// A host has a namespace's wildcard where the label behind its first is the namespace, as Knative
/// makes hosts by default. Any other host has a record of its own: a wildcard above it would catch
/// the hosts of others. Ordered by fewer labels, then by the labels from the right.
#[must_use]
pub fn records_for(needs: &[Need], per_host: bool) -> Vec<Record> {
    let wildcard = |need: &Need| {
        let parent = need.host.name().parent().filter(|_| !need.host.is_wildcard())?;
        let namespace = need.namespace.as_deref()?;
        (parent.labels().next() == Some(namespace)).then(|| WildcardName::below(&parent).ok())?
    };
    let wildcards: BTreeSet<WildcardName> = if per_host {
        BTreeSet::new()
    } else {
        let wildcards = needs.iter().filter(|need| need.host.is_wildcard());
        needs.iter().filter_map(wildcard).chain(wildcards.map(|need| need.host.clone())).collect()
    };
    let mut records: BTreeMap<WildcardName, BTreeSet<WildcardName>> = BTreeMap::new();
    for need in needs {
        let parent = need.host.name().parent();
        let above = parent
            .and_then(|parent| WildcardName::below(&parent).ok())
            .filter(|above| !need.host.is_wildcard() && wildcards.contains(above));
        let name = above.unwrap_or_else(|| need.host.clone());
        records.entry(name).or_default().insert(need.host.clone());
    }
    let mut records: Vec<Record> = records
        .into_iter()
        .map(|(name, hosts)| Record { name, hosts: hosts.into_iter().collect() })
        .collect();
    records.sort_by_cached_key(|record| {
        let labels: Vec<String> = record.name.name().labels().rev().map(str::to_owned).collect();
        (record.name.label_count(), labels, record.name.is_wildcard())
    });
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(needs: &[(&str, &str)], per_host: bool) -> Vec<String> {
        let needs: Vec<Need> = needs
            .iter()
            .map(|(namespace, host)| Need {
                namespace: (!namespace.is_empty()).then(|| (*namespace).to_owned()),
                host: host.parse().unwrap(),
            })
            .collect();
        records_for(&needs, per_host).iter().map(|record| record.name.to_string()).collect()
    }

    #[test]
    fn makes_one_wildcard_a_namespace() {
        let needs = [
            ("staging", "iris.staging.p.example.com"),
            ("staging", "mnist.staging.p.example.com"),
            ("staging", "iris-staging.p.example.com"),
            ("", "kubeflow.p.example.com"),
            ("", "extra.staging.p.example.com"),
        ];
        let wildcards =
            ["iris-staging.p.example.com", "kubeflow.p.example.com", "*.staging.p.example.com"];
        assert_eq!(planned(&needs, false), wildcards);
        assert_eq!(
            planned(&needs, true),
            [
                "iris-staging.p.example.com",
                "kubeflow.p.example.com",
                "extra.staging.p.example.com",
                "iris.staging.p.example.com",
                "mnist.staging.p.example.com",
            ]
        );
    }
}
