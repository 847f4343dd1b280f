//! What the engine reads and writes, before the judges: kubectl's reader, go.yaml.in/yaml/v3 and
//! kyaml's, as `oracles/yaml` calls them. `make oracle` runs this; `YAML_TEXTS` says how many texts.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "what was tried is counted")]

mod edits;
mod go;
mod grammar;
mod lists;
mod reading;

use std::collections::BTreeMap;

use test_support::Dice;

use go::Go;
use grammar::{Coverage, Grammar, damaged};
use reading::{Reading, agree, read, same};

/// How many texts are put to the judges at once.
const BATCH: usize = 500;

/// How many edits each text that is taken gets.
const EDITS: usize = 8;

#[derive(Default)]
struct Count {
    texts: usize,
    taken: usize,
    edits: usize,
    edits_refused: usize,
    /// What Go's readers take, with one meaning, and the engine refuses, by what it says.
    refused_though_fine: BTreeMap<String, (usize, String)>,
    wrong: Vec<String>,
}

#[test]
fn the_value_read_is_gos_or_the_text_is_refused() {
    let Some(mut go) = started() else { return };
    let texts = std::env::var("YAML_TEXTS").ok().and_then(|text| text.parse().ok());
    let texts: usize = texts.unwrap_or(20_000);
    let seed = std::env::var("YAML_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut dice = Dice::new(seed);
    let mut coverage = Coverage::default();
    let mut count = Count::default();
    while count.texts < texts && count.wrong.len() < 20 {
        let batch: Vec<String> = (0..BATCH).map(|_| text(&mut dice, &mut coverage)).collect();
        let answers = go.ask(&batch);
        let mut edited = Vec::new();
        for (text, answer) in batch.iter().zip(&answers) {
            count.texts += 1;
            match read(text) {
                Ok(reading) => {
                    count.taken += 1;
                    if let Err(why) = same(&reading, answer, text) {
                        count.wrong.push(format!("{why}\n{text}\n{text:?}\n{answer:?}"));
                        continue;
                    }
                    for _ in 0..EDITS {
                        match edits::edit(text, &reading.values, &mut dice) {
                            Some(made) => edited.push((text, made)),
                            None => count.edits_refused += 1,
                        }
                    }
                }
                Err(message) if agree(answer) => {
                    let kind = message.split_once(": ").map_or("", |(_, kind)| kind).to_owned();
                    let entry = count.refused_though_fine.entry(kind);
                    entry.or_insert_with(|| (0, text.clone())).0 += 1;
                }
                Err(_) => {}
            }
        }
        let written: Vec<String> = edited.iter().map(|(_, made)| made.text.clone()).collect();
        for ((text, made), answer) in edited.iter().zip(go.ask(&written)) {
            count.edits += 1;
            let shapes = read(&made.text).map(|reading| reading.shapes);
            let verdict = shapes.and_then(|shapes| {
                same(&Reading { values: made.planned.clone(), shapes }, &answer, &made.text)
            });
            if let Err(why) = verdict {
                count.wrong.push(format!(
                    "edit: {why}\n{:?}\n{text:?}\nbecame {:?}\n{answer:?}",
                    made.what, made.text
                ));
            }
        }
    }
    eprintln!(
        "{} texts, {} taken; {} edits read as planned, {} refused; {} of 211 productions; not reached: {:?}",
        count.texts,
        count.taken,
        count.edits,
        count.edits_refused,
        coverage.reached(),
        coverage.missing()
    );
    for (kind, (times, example)) in &count.refused_though_fine {
        eprintln!("refused though all take it, {times} times: {kind}: {example:?}");
    }
    assert!(count.wrong.is_empty(), "{}", count.wrong.join("\n\n"));
    assert!(count.taken * 10 > count.texts && count.edits > count.taken);
}

fn text(dice: &mut Dice, coverage: &mut Coverage) -> String {
    let text = Grammar::text(dice, coverage);
    if dice.hits(3) { damaged(&text, dice) } else { text }
}

/// The judges; says why not, where there is no Go.
fn started() -> Option<Go> {
    Go::start().inspect_err(|error| test_support::skip(&format!("go: {error}"))).ok()
}
