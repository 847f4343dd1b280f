//! The model's facts held against KServe's.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::facts::{Facts, NOT_MODELLED, Outcome, REFUSED};
use super::model::Modelled;

/// What came of it, counted by objects.
#[derive(Default)]
pub(crate) struct Tally {
    release: &'static str,
    same: usize,
    refused: usize,
    random: usize,
    not_modelled: BTreeMap<String, usize>,
    differ: BTreeMap<String, Vec<String>>,
}

impl Tally {
    pub(crate) fn of(release: &'static str) -> Self {
        Self { release, ..Self::default() }
    }

    pub(crate) fn judge(
        &mut self,
        number: usize,
        _question: &Value,
        theirs: &Outcome,
        ours: &Modelled,
    ) {
        for (key, theirs) in theirs {
            let Some(ours_of) = ours.outcome.get(key) else {
                let kind = key.split(' ').next().unwrap();
                *self.not_modelled.entry(kind.to_owned()).or_default() += 1;
                continue;
            };
            match (theirs.contains_key(REFUSED), ours_of.contains_key(REFUSED)) {
                (true, true) => self.refused += 1,
                (true, false) => {
                    self.differs("only KServe refuses", number, key, theirs, ours_of, ours)
                }
                (false, true) => {
                    self.differs("only the model refuses", number, key, theirs, ours_of, ours)
                }
                (false, false) => self.facts(number, key, theirs, ours_of, ours),
            }
        }
    }

    fn facts(&mut self, number: usize, key: &str, theirs: &Facts, ours: &Facts, model: &Modelled) {
        if theirs.contains_key("random")
            && model.codes[key].contains("kserve-additional-hosts-random")
        {
            self.random += 1;
            return;
        }
        let mut kinds: Vec<_> = theirs
            .keys()
            .chain(ours.keys())
            .filter(|kind| !NOT_MODELLED.contains(&kind.as_str()))
            .collect();
        kinds.sort();
        kinds.dedup();
        kinds.retain(|kind| theirs.get(*kind) != ours.get(*kind));
        if kinds.is_empty() {
            self.same += 1;
            return;
        }
        let kinds: Vec<_> = kinds.into_iter().map(String::as_str).collect();
        self.differs(&kinds.join(", "), number, key, theirs, ours, model);
    }

    fn differs(
        &mut self,
        kind: &str,
        number: usize,
        key: &str,
        theirs: &Facts,
        ours: &Facts,
        model: &Modelled,
    ) {
        let only = |these: &Facts| {
            let shown: BTreeMap<_, _> = these
                .iter()
                .filter(|(kind, _)| !["rules", "class", "service"].contains(&kind.as_str()))
                .collect();
            format!("{shown:?}")
        };
        let codes = model.codes.get(key).map(|codes| format!("{codes:?}")).unwrap_or_default();
        let example = format!(
            "question {number}, {key}\n    KServe {}\n    model  {}\n    {codes}",
            only(theirs),
            only(ours)
        );
        self.differ.entry(kind.to_owned()).or_default().push(example);
    }

    pub(crate) fn assert_explained(&self) {
        assert!(self.same > 0 && self.refused > 0);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let differ: usize = self.differ.values().map(Vec::len).sum();
        writeln!(
            out,
            "KServe {}: {} same, {} refused by both, {} random as said, {differ} differ",
            self.release, self.same, self.refused, self.random
        )?;
        for (kind, count) in &self.not_modelled {
            writeln!(out, "not modelled: {count} {kind}")?;
        }
        let shown = std::env::var("KSERVE_SHOW").map_or(2, |text| text.parse().unwrap_or(2));
        for (kind, examples) in &self.differ {
            writeln!(out, "{} differ in {kind}", examples.len())?;
            for example in examples.iter().take(shown) {
                writeln!(out, "  {example}")?;
            }
        }
        Ok(())
    }
}
