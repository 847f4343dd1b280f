//! Which sets of pods a selector may select, without a look at every set.

use std::collections::HashMap;

use super::reach::PodSet;
use super::selection::{Labels, PodLabels, Selection, selection};

/// Sets of pods by their namespace and by each label of their pods. A set whose labels are not all known, or only by
/// their beginning, is looked at for every selector of its namespace.
pub(crate) struct SetIndex<'s> {
    sets: &'s [PodSet],
    /// By namespace, key and value.
    by_label: HashMap<(Option<&'s str>, &'s str, &'s str), Vec<usize>>,
    /// By key and value, for a selector of an object without a namespace.
    anywhere: HashMap<(&'s str, &'s str), Vec<usize>>,
    /// The others, by namespace.
    others: HashMap<Option<&'s str>, Vec<usize>>,
    every_other: Vec<usize>,
}

impl<'s> SetIndex<'s> {
    pub(crate) fn of(sets: &'s [PodSet]) -> Self {
        let mut index = Self {
            sets,
            by_label: HashMap::new(),
            anywhere: HashMap::new(),
            others: HashMap::new(),
            every_other: Vec::new(),
        };
        for (place, set) in sets.iter().enumerate() {
            let namespace = set.namespace.as_deref();
            let PodLabels::Known(templates) = &set.labels else {
                index.others.entry(namespace).or_default().push(place);
                index.every_other.push(place);
                continue;
            };
            for (key, value) in templates.iter().flatten() {
                let value = if value.ends_with('*') { "*" } else { value };
                let of_namespace = index.by_label.entry((namespace, key, value)).or_default();
                let of_any = index.anywhere.entry((key, value)).or_default();
                for all in [of_namespace, of_any] {
                    // Templates of one set often share a label.
                    if all.last() != Some(&place) {
                        all.push(place);
                    }
                }
            }
        }
        index
    }

    /// The sets that a selector of an object in a namespace selects, or may select; how many were looked at.
    pub(crate) fn selected(
        &self,
        namespace: Option<&str>,
        selector: &Labels,
    ) -> (Vec<(usize, Selection)>, usize) {
        let mut candidates = self.by_labels(namespace, selector);
        match namespace {
            None => candidates.extend(&self.every_other),
            Some(_) => {
                for namespace in [namespace, None] {
                    candidates.extend(self.others.get(&namespace).into_iter().flatten());
                }
            }
        }
        let found = candidates
            .iter()
            .filter_map(|&place| Some((place, selection(selector, &self.sets[place].labels)?)));
        (found.collect(), candidates.len())
    }

    /// The sets that have one of the labels: the one that the fewest have.
    fn by_labels(&self, namespace: Option<&str>, selector: &Labels) -> Vec<usize> {
        let of_labels = selector.iter().map(|(key, value)| {
            let mut all = self.with_label(namespace, key, value);
            all.extend(self.with_label(namespace, key, "*"));
            all
        });
        let fewest = of_labels.min_by_key(|all| all.iter().map(|some| some.len()).sum::<usize>());
        fewest.into_iter().flatten().flatten().copied().collect()
    }

    fn with_label<'a>(
        &'a self,
        namespace: Option<&'a str>,
        key: &'a str,
        value: &'a str,
    ) -> Vec<&'a [usize]> {
        let all = match namespace {
            None => vec![self.anywhere.get(&(key, value))],
            Some(_) => vec![
                self.by_label.get(&(namespace, key, value)),
                self.by_label.get(&(None, key, value)),
            ],
        };
        all.into_iter().flatten().map(Vec::as_slice).collect()
    }
}
