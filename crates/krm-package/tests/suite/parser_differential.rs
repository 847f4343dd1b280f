//! The engine's parser against a second one: the same structure, texts, styles and places, or
//! both refuse.

use krm_package::Package;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use test_support::{Dice, cases, corpora, damaged, values, yaml_text};

use crate::proof::{Verdict, compared};

#[derive(Debug, Default)]
struct Count {
    texts: usize,
    bytes: usize,
    nodes: usize,
    both_refuse: usize,
    engine_refuses: usize,
    second_refuses: usize,
    second_panics: usize,
}

impl Count {
    fn add(&mut self, source: &str, verdict: &Verdict) {
        self.texts += 1;
        self.bytes += source.len();
        match verdict {
            Verdict::Same { nodes } => self.nodes += nodes,
            Verdict::BothRefuse => self.both_refuse += 1,
            Verdict::EngineRefuses(_) => self.engine_refuses += 1,
            Verdict::SecondRefuses(_) => self.second_refuses += 1,
            Verdict::SecondPanics => self.second_panics += 1,
        }
    }
}

#[test]
fn both_read_the_corpora_alike() {
    let mut count = Count::default();
    for file in corpora::files() {
        let verdict = compared(&file.text).unwrap_or_else(|error| panic!("{}: {error}", file.name));
        count.add(&file.text, &verdict);
        assert!(
            matches!(verdict, Verdict::Same { .. } | Verdict::SecondPanics),
            "{}: {verdict:?}",
            file.name
        );
    }
    eprintln!("corpora: {count:?}");
}

#[test]
fn both_read_generated_text_alike_and_find_the_value_in_it() {
    let count = std::cell::RefCell::new(Count::default());
    let written = (values::object(), any::<u64>());
    let outcome = cases(3_000).run(&written, |(value, seed)| {
        let text = yaml_text(&value, seed);
        let verdict = compared(&text)
            .map_err(|error| TestCaseError::fail(format!("{text}\n{text:?}\n{error}")))?;
        prop_assert!(
            matches!(verdict, Verdict::Same { .. } | Verdict::SecondPanics),
            "{}\n{:?}\n{:?}",
            text,
            text,
            verdict
        );
        let package = Package::stream(&text).unwrap();
        let found = package.items().next().unwrap().1.value();
        prop_assert_eq!(found.as_ref(), Ok(&value), "{}\n{:?}", text, text);
        count.borrow_mut().add(&text, &verdict);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    eprintln!("generated: {:?}", count.into_inner());
}

const INSERTED: &[&str] = &[
    " ",
    "  ",
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    "-",
    "- ",
    ": ",
    ":",
    "#",
    " #",
    ",",
    "[",
    "]",
    "{",
    "}",
    "? ",
    "&a ",
    "*a",
    "!!str ",
    "! ",
    "|",
    ">-",
    "|+\n",
    "'",
    "\"",
    "%",
    "@",
    "\\",
    "---\n",
    "--- ",
    "...\n",
    "\u{feff}",
    "\u{85}",
    "\u{a0}",
    "\u{1f600}",
    "<<: ",
    "a",
    "0",
    "~",
];

#[test]
fn damaged_text_is_read_alike_or_refused() {
    let mut dice = Dice::new(3);
    let mut count = Count::default();
    let mut differ = Vec::new();
    // The second parser's own faults are counted, not shown.
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.location().is_none_or(|place| !place.file().contains("libyaml-safer")) {
            default(panic);
        }
    }));
    let mut runner = cases(1);
    for _ in 0..2_500 {
        let value = values::object().new_tree(&mut runner).unwrap().current();
        let seed = dice.below(usize::MAX) as u64;
        let text = damaged(&yaml_text(&value, seed), 4, INSERTED, &mut dice);
        match compared(&text) {
            Ok(verdict) => count.add(&text, &verdict),
            Err(error) => differ.push(format!("{text:?}\n  {error}")),
        }
    }
    eprintln!("damaged: {count:?}");
    differ.sort_by_key(String::len);
    assert!(
        differ.is_empty(),
        "{} differ:\n{}",
        differ.len(),
        differ[..differ.len().min(25)].join("\n")
    );
}
