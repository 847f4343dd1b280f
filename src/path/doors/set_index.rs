//! Which sets of pods a selector may select, without a look at every set.

use std::collections::HashMap;

use super::reach::{PodSet, Why};
use super::selection::{Labels, PodLabels, Selection, is_of_template, is_within, selection};

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
    /// Those of other gateways that are known by a selector, by each label of that: they may be of any namespace, and
    /// only what shares a label with them selects them.
    gateways: HashMap<(&'s str, &'s str), Vec<usize>>,
    /// Sets by one label of each template, the one that the fewest have: a pod of the template has it, too.
    members: HashMap<(&'s str, &'s str), Vec<usize>>,
}

impl<'s> SetIndex<'s> {
    pub(crate) fn of(sets: &'s [PodSet]) -> Self {
        let mut index = Self {
            sets,
            by_label: HashMap::new(),
            anywhere: HashMap::new(),
            others: HashMap::new(),
            every_other: Vec::new(),
            gateways: HashMap::new(),
            members: HashMap::new(),
        };
        for (place, set) in sets.iter().enumerate() {
            let namespace = set.namespace.as_deref();
            if let (PodLabels::Selected(labels), Why::OtherGateway) = (&set.labels, set.why) {
                for (key, value) in labels {
                    index.gateways.entry((key, value)).or_default().push(place);
                }
                continue;
            }
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
        index.add_members();
        index
    }

    fn add_members(&mut self) {
        for (place, set) in self.sets.iter().enumerate() {
            let PodLabels::Known(templates) = &set.labels else { continue };
            for template in templates {
                let pairs = template.iter().map(|(key, value)| (key.as_str(), value.as_str()));
                let whole = pairs.clone().filter(|(_, value)| !value.ends_with('*'));
                let count = |pair: &(&str, &str)| self.anywhere.get(pair).map_or(0, Vec::len);
                let rarest = whole
                    .min_by_key(count)
                    .or_else(|| pairs.clone().next().map(|(key, _)| (key, "*")));
                let Some(pair) = rarest else { continue };
                let all = self.members.entry(pair).or_default();
                if all.last() != Some(&place) {
                    all.push(place);
                }
            }
        }
    }

    /// The sets that a pod of a namespace belongs to, by its labels; how many were looked at. Of a set that is
    /// known by its Service's name alone that is not decided.
    pub(crate) fn sets_of_pod(
        &self,
        namespace: Option<&str>,
        labels: &Labels,
    ) -> (Vec<(usize, Selection)>, usize) {
        let pairs =
            labels.iter().flat_map(|(key, value)| [(key.as_str(), value.as_str()), (key, "*")]);
        let by_label = pairs.filter_map(|pair| self.members.get(&pair)).flatten();
        let others = match namespace {
            None => self.every_other.iter().chain(&[]),
            Some(_) => {
                let of = |namespace| self.others.get(&namespace).map_or(&[][..], Vec::as_slice);
                of(namespace).iter().chain(of(None))
            }
        };
        let of_gateways = labels
            .iter()
            .filter_map(|(key, value)| self.gateways.get(&(key.as_str(), value.as_str())));
        let all = by_label.chain(others).chain(of_gateways.flatten());
        let mut candidates: Vec<usize> = all.copied().collect();
        candidates.sort_unstable();
        candidates.dedup();
        let belongs = |set: &PodSet| match &set.labels {
            PodLabels::Known(all) => all
                .iter()
                .any(|template| is_of_template(labels, template))
                .then_some(Selection::Same),
            PodLabels::Selected(selector) => is_within(selector, labels).then_some(Selection::Same),
            PodLabels::OfService(_) => Some(Selection::Undecided),
        };
        let found = candidates.iter().filter_map(|&set| Some((set, belongs(&self.sets[set])?)));
        (found.collect(), candidates.len())
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
        let of_gateways = selector
            .iter()
            .filter_map(|(key, value)| self.gateways.get(&(key.as_str(), value.as_str())));
        candidates.extend(of_gateways.flatten());
        candidates.sort_unstable();
        candidates.dedup();
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
