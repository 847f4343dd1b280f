//! Which sets of pods a selector may select, without a look at every set.

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;

use super::reach::PodSet;
use super::selection::{Labels, PodLabels, Selection, is_of_template, is_within, selection};

/// So many questions are answered by a look at every set: to sort thousands of them takes longer, and most packages
/// have few Services beside what `KServe` creates.
const FEW: usize = 16;

/// Sets of pods by their labels.
pub(crate) struct SetIndex<'s> {
    sets: &'s [PodSet],
    asked: Cell<usize>,
    tables: OnceCell<Tables<'s>>,
}

impl<'s> SetIndex<'s> {
    pub(crate) fn of(sets: &'s [PodSet]) -> Self {
        Self { sets, asked: Cell::new(0), tables: OnceCell::new() }
    }

    /// The sets that a pod of a namespace belongs to, by its labels; how many were looked at. Of a set that is
    /// known by its Service's name alone that is not decided.
    pub(crate) fn sets_of_pod(
        &self,
        namespace: Option<&str>,
        labels: &Labels,
    ) -> (Vec<(usize, Selection)>, usize) {
        let is_near = |set: &PodSet| match (&set.labels, set.gateway_selector()) {
            (PodLabels::Known(_), _) => true,
            (_, Some(own)) => share_a_label(own, labels),
            _ => is_in(namespace, set),
        };
        let belongs = |set: &PodSet| match &set.labels {
            PodLabels::Known(all) => all
                .iter()
                .any(|template| !template.is_empty() && is_of_template(labels, template))
                .then_some(Selection::Same),
            PodLabels::Selected(selector) => is_within(selector, labels).then_some(Selection::Same),
            PodLabels::OfService(_) => Some(Selection::Undecided),
        };
        self.found(|tables| tables.near_pod(namespace, labels), is_near, belongs)
    }

    /// The sets that a selector of an object in a namespace selects, or may select; how many were looked at.
    pub(crate) fn selected(
        &self,
        namespace: Option<&str>,
        selector: &Labels,
    ) -> (Vec<(usize, Selection)>, usize) {
        let is_near = |set: &PodSet| match set.gateway_selector() {
            Some(own) => share_a_label(own, selector),
            None => is_in(namespace, set),
        };
        let is_selected = |set: &PodSet| selection(selector, &set.labels);
        self.found(|tables| tables.near_selector(namespace, selector), is_near, is_selected)
    }

    /// What a judgement says of the sets near an object, which are found by a look at all of them or in tables.
    fn found(
        &self,
        in_tables: impl Fn(&Tables<'s>) -> Vec<usize>,
        is_near: impl Fn(&PodSet) -> bool,
        judge: impl Fn(&PodSet) -> Option<Selection>,
    ) -> (Vec<(usize, Selection)>, usize) {
        self.asked.set(self.asked.get() + 1);
        if self.asked.get() <= FEW {
            let near = self.sets.iter().enumerate().filter(|(_, set)| is_near(set));
            let found = near.filter_map(|(place, set)| Some((place, judge(set)?)));
            return (found.collect(), self.sets.len());
        }
        let mut near = in_tables(self.tables.get_or_init(|| Tables::of(self.sets)));
        near.sort_unstable();
        near.dedup();
        let found = near.iter().filter_map(|&place| Some((place, judge(&self.sets[place])?)));
        (found.collect(), near.len())
    }
}

/// Whether a set may be of a namespace.
fn is_in(namespace: Option<&str>, set: &PodSet) -> bool {
    namespace.is_none() || set.namespace.is_none() || set.namespace.as_deref() == namespace
}

fn share_a_label(one: &Labels, other: &Labels) -> bool {
    one.iter().any(|(key, value)| other.get(key) == Some(value))
}

/// Sets of pods by their namespace and by each label of their pods. A set whose labels are not all known, or only by
/// their beginning, is looked at for every selector of its namespace.
#[derive(Default)]
struct Tables<'s> {
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

impl<'s> Tables<'s> {
    fn of(sets: &'s [PodSet]) -> Self {
        let mut tables = Self::default();
        for (place, set) in sets.iter().enumerate() {
            let namespace = set.namespace.as_deref();
            if let Some(labels) = set.gateway_selector() {
                for (key, value) in labels {
                    tables.gateways.entry((key, value)).or_default().push(place);
                }
                continue;
            }
            let PodLabels::Known(templates) = &set.labels else {
                tables.others.entry(namespace).or_default().push(place);
                tables.every_other.push(place);
                continue;
            };
            for (key, value) in templates.iter().flat_map(|template| template.iter()) {
                let value = if value.ends_with('*') { "*" } else { value };
                let of_namespace = tables.by_label.entry((namespace, key, value)).or_default();
                let of_any = tables.anywhere.entry((key, value)).or_default();
                for all in [of_namespace, of_any] {
                    // Templates of one set often share a label.
                    if all.last() != Some(&place) {
                        all.push(place);
                    }
                }
            }
        }
        tables.add_members(sets);
        tables
    }

    fn add_members(&mut self, sets: &'s [PodSet]) {
        for (place, set) in sets.iter().enumerate() {
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

    /// The sets that a pod may belong to.
    fn near_pod(&self, namespace: Option<&str>, labels: &Labels) -> Vec<usize> {
        let pairs =
            labels.iter().flat_map(|(key, value)| [(key.as_str(), value.as_str()), (key, "*")]);
        let by_label = pairs.filter_map(|pair| self.members.get(&pair)).flatten();
        let all = by_label.chain(self.others(namespace)).chain(self.of_gateways(labels));
        all.copied().collect()
    }

    /// The sets that a selector may select.
    fn near_selector(&self, namespace: Option<&str>, selector: &Labels) -> Vec<usize> {
        let by_label = self.by_labels(namespace, selector);
        let all = by_label.chain(self.others(namespace)).chain(self.of_gateways(selector));
        all.copied().collect()
    }

    /// The sets whose labels are not known, in a namespace or in any.
    fn others<'a>(&'a self, namespace: Option<&'a str>) -> impl Iterator<Item = &'a usize> {
        let of = |namespace| self.others.get(&namespace).map_or(&[][..], Vec::as_slice);
        let (own, of_any) = match namespace {
            None => (self.every_other.as_slice(), &[][..]),
            Some(_) => (of(namespace), of(None)),
        };
        own.iter().chain(of_any)
    }

    /// The sets of other gateways that share a label.
    fn of_gateways<'a>(&'a self, labels: &'a Labels) -> impl Iterator<Item = &'a usize> {
        let pairs = labels.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        pairs.filter_map(|pair| self.gateways.get(&pair)).flatten()
    }

    /// The sets that have one of the labels: the one that the fewest have.
    fn by_labels<'a>(
        &'a self,
        namespace: Option<&'a str>,
        selector: &'a Labels,
    ) -> impl Iterator<Item = &'a usize> {
        let of_labels = selector.iter().map(|(key, value)| {
            let mut all = self.with_label(namespace, key, value);
            all.extend(self.with_label(namespace, key, "*"));
            all
        });
        let fewest = of_labels.min_by_key(|all| all.iter().map(|some| some.len()).sum::<usize>());
        fewest.into_iter().flatten().flatten()
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

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use test_support::Dice;

    use super::*;
    use crate::path::doors::reach::Why;

    fn labels(dice: &mut Dice) -> Labels {
        let count = dice.below(4);
        let pair = |dice: &mut Dice| {
            let value = ["1", "2", "3-*", "3-00001"][dice.below(4)];
            (["app", "istio", "version"][dice.below(3)].to_owned(), value.to_owned())
        };
        (0..count).map(|_| pair(dice)).collect()
    }

    fn namespace(dice: &mut Dice) -> Option<String> {
        [None, Some("a"), Some("b")][dice.below(3)].map(str::to_owned)
    }

    fn set(dice: &mut Dice) -> PodSet {
        let known = dice.below(4);
        let labels = match known {
            0 => PodLabels::Selected(labels(dice)),
            1 => PodLabels::OfService(["1", "web"][dice.below(2)].to_owned()),
            _ => PodLabels::Known((0..=dice.below(2)).map(|_| Rc::new(labels(dice))).collect()),
        };
        let why = [Why::Target, Why::Served, Why::OtherGateway][dice.below(3)];
        PodSet { namespace: namespace(dice), labels, why, name: "pods".into(), has_proxy: false }
    }

    #[test]
    fn a_look_at_every_set_and_the_tables_find_the_same() {
        let mut dice = Dice::new(7);
        let mut found = 0;
        for _ in 0..300 {
            let sets: Vec<PodSet> = (0..12).map(|_| set(&mut dice)).collect();
            let questions: Vec<(Option<String>, Labels)> =
                (0..FEW / 2).map(|_| (namespace(&mut dice), labels(&mut dice))).collect();
            let index = SetIndex::of(&sets);
            let answers = || -> Vec<_> {
                let each = questions.iter().map(|(namespace, labels)| {
                    let namespace = namespace.as_deref();
                    let selected = index.selected(namespace, labels).0;
                    (selected, index.sets_of_pod(namespace, labels).0)
                });
                each.collect()
            };
            let by_look = answers();
            assert!(index.tables.get().is_none());
            let by_tables = answers();
            assert!(index.tables.get().is_some());
            assert_eq!(by_look, by_tables, "{sets:#?} {questions:#?}");
            found += by_look
                .iter()
                .filter(|(selected, own)| !selected.is_empty() || !own.is_empty())
                .count();
        }
        assert!(found > 1000, "{found}");
    }
}
