//! Policies, found by the labels of the workload that they may be for.

use std::collections::{BTreeMap, HashMap};

use super::AuthorizationPolicy;

/// A label: its key and its value.
type Label = (String, String);

/// Policies of one namespace or several, of which most select a workload each: who goes through all of
/// them for every workload takes the square of their number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PoliciesByLabels {
    policies: Vec<AuthorizationPolicy>,
    /// Those that any workload may have: without labels to select by, or with references.
    general: Vec<usize>,
    /// The others, each by the label of its selector that the fewest of them have.
    selecting: HashMap<Label, Vec<usize>>,
}

impl PoliciesByLabels {
    pub(crate) fn of(policies: Vec<AuthorizationPolicy>) -> Self {
        let mut counts: HashMap<(&String, &String), usize> = HashMap::new();
        for label in policies.iter().flat_map(labels) {
            *counts.entry(label).or_default() += 1;
        }
        let (mut general, mut selecting) = (Vec::new(), HashMap::<Label, Vec<usize>>::new());
        for (place, policy) in policies.iter().enumerate() {
            let rarest = labels(policy).min_by_key(|label| counts.get(label));
            match rarest {
                Some((key, value)) => {
                    selecting.entry((key.clone(), value.clone())).or_default().push(place);
                }
                None => general.push(place),
            }
        }
        Self { policies, general, selecting }
    }

    /// All of them, in the order in which they came.
    pub(crate) fn as_slice(&self) -> &[AuthorizationPolicy] {
        &self.policies
    }

    /// Those that a workload with these labels may have, in the order in which they came.
    pub(crate) fn for_labels(
        &self,
        labels: &BTreeMap<String, String>,
    ) -> impl Iterator<Item = &AuthorizationPolicy> {
        let selecting = labels
            .iter()
            .filter_map(|(key, value)| self.selecting.get(&(key.clone(), value.clone())))
            .flatten();
        let mut places: Vec<usize> = self.general.iter().chain(selecting).copied().collect();
        places.sort_unstable();
        places.into_iter().filter_map(|place| self.policies.get(place))
    }
}

/// The labels that a policy selects by; none where it has references, which come before a selector.
fn labels(policy: &AuthorizationPolicy) -> impl Iterator<Item = (&String, &String)> {
    let spec = &policy.spec;
    let has_references = spec.target_ref.is_some() || !spec.target_refs.is_empty();
    let selector = spec.selector.as_ref().filter(|_| !has_references);
    selector.into_iter().flat_map(|selector| &selector.match_labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(name: &str, selector: &serde_json::Value) -> AuthorizationPolicy {
        let object =
            serde_json::json!({"metadata": {"name": name, "namespace": "team"}, "spec": selector});
        serde_json::from_value(object).unwrap()
    }

    /// Whatever the labels are, no policy is left out that selects them.
    #[test]
    fn none_that_selects_a_workload_is_left_out() {
        let selectors = [
            serde_json::json!({}),
            serde_json::json!({"selector": {}}),
            serde_json::json!({"selector": {"matchLabels": {"app": "a"}}}),
            serde_json::json!({"selector": {"matchLabels": {"app": "a", "model": "x"}}}),
            serde_json::json!({"selector": {"matchLabels": {"app": "a", "model": "y"}}}),
            serde_json::json!({"selector": {"matchLabels": {"model": "y"}}}),
            serde_json::json!({"selector": {"matchLabels": {"app": "b"}}, "targetRefs": [{"kind": "Gateway", "name": "g"}]}),
        ];
        let all: Vec<_> = selectors
            .iter()
            .enumerate()
            .map(|(place, one)| policy(&format!("p{place}"), one))
            .collect();
        let index = PoliciesByLabels::of(all);
        let found = |pairs: &[(&str, &str)]| -> Vec<String> {
            let labels = pairs.iter().map(|(key, value)| ((*key).into(), (*value).into()));
            index.for_labels(&labels.collect()).map(|one| one.metadata.name.clone()).collect()
        };
        assert_eq!(found(&[]), ["p0", "p1", "p6"]);
        assert_eq!(found(&[("app", "a")]), ["p0", "p1", "p2", "p6"]);
        assert_eq!(found(&[("app", "a"), ("model", "x")]), ["p0", "p1", "p2", "p3", "p6"]);
        assert_eq!(found(&[("app", "b"), ("model", "y")])[..3], ["p0", "p1", "p4"][..]);
        for labels in [&[("app", "a"), ("model", "y")][..], &[("model", "y")], &[("app", "c")]] {
            let found = found(labels);
            let labels: BTreeMap<String, String> =
                labels.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
            for policy in index.as_slice() {
                let selects =
                    |one: &crate::controllers::istio::WorkloadSelector| one.selects(&labels);
                if policy.spec.selector.as_ref().is_none_or(selects) {
                    assert!(found.contains(&policy.metadata.name), "{}", policy.metadata.name);
                }
            }
        }
    }
}
