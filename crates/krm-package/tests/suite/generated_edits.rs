//! Random operations at random places of random texts: made as RFC 6902 says and nothing else
//! changed, or refused with a place.

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngSeed};
use serde_json::Value;
use test_support::{cases, values, yaml_text};

use crate::proof::{Change, Operation, Outcome, judged};

/// Without it, no failure of another machine could be seen again.
#[test]
fn chance_has_a_seed() {
    assert!(matches!(Config::default().rng_seed, RngSeed::Fixed(_)));
}

/// The paths of a value and of everything in it.
fn paths(value: &Value) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let mut add = |token: String, below: &Value| {
        for mut path in paths(below) {
            path.insert(0, token.clone());
            all.push(path);
        }
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, field)| add(key.clone(), field)),
        Value::Array(entries) => {
            entries.iter().enumerate().for_each(|(place, entry)| add(place.to_string(), entry));
        }
        _ => {}
    }
    all
}

/// What is to be done, before it is known to what.
#[derive(Debug, Clone)]
enum Wish {
    Replace,
    Remove,
    AddKey(String),
    AddEntry(Index),
    Append,
}

fn wish() -> impl Strategy<Value = Wish> {
    prop_oneof![
        Just(Wish::Replace),
        Just(Wish::Remove),
        values::key().prop_map(Wish::AddKey),
        any::<Index>().prop_map(Wish::AddEntry),
        Just(Wish::Append),
    ]
}

fn operation(object: &Value, wish: Wish, place: Index, value: Value) -> Operation {
    let mut paths = paths(object);
    let at = |path: &Vec<String>| {
        path.iter().fold(object, |at, token| match at {
            Value::Array(entries) => &entries[token.parse::<usize>().unwrap()],
            other => &other[token.as_str()],
        })
    };
    // Where there is one, the wish goes to a place that it fits.
    let fits: Vec<Vec<String>> = paths
        .iter()
        .filter(|path| match wish {
            Wish::Replace => true,
            Wish::Remove => !path.is_empty(),
            Wish::AddKey(_) => at(path).is_object(),
            Wish::AddEntry(_) | Wish::Append => at(path).is_array(),
        })
        .cloned()
        .collect();
    if !fits.is_empty() {
        paths = fits;
    }
    let mut path = place.get(&paths).clone();
    let change = match wish {
        Wish::Replace => Change::Replace,
        Wish::Remove => Change::Remove,
        Wish::AddKey(key) => {
            path.push(key);
            Change::Add
        }
        Wish::AddEntry(index) => {
            let length = at(&path).as_array().map_or(0, Vec::len);
            path.push(index.index(length + 1).to_string());
            Change::Add
        }
        Wish::Append => {
            path.push("-".into());
            Change::Add
        }
    };
    Operation { change, path, value }
}

#[test]
fn every_edit_is_made_as_json_patch_says_or_refused() {
    let (made, impossible, bytes) = (RefCell::new(0), RefCell::new(0), RefCell::new(0));
    let refused = RefCell::new(BTreeMap::<String, (usize, String)>::new());
    let given = (values::object(), any::<u64>(), wish(), any::<Index>(), values::value());
    let outcome = cases(3_000).run(&given, |(object, seed, wish, place, value)| {
        let text = yaml_text(&object, seed);
        let operation = operation(&object, wish, place, value);
        *bytes.borrow_mut() += text.len();
        let explain =
            |error| TestCaseError::fail(format!("{operation:?}\n{text}\n{text:?}\n{error}"));
        match judged(&text, &object, &operation).map_err(explain)? {
            Outcome::Made(_) => *made.borrow_mut() += 1,
            Outcome::Impossible => *impossible.borrow_mut() += 1,
            Outcome::Refused(error) => {
                let mut refused = refused.borrow_mut();
                let case = format!("{:?} {:?} {text:?}", operation, error.error.position);
                let entry = refused.entry(error.error.message).or_insert_with(|| (0, case.clone()));
                entry.0 += 1;
                if case.len() < entry.1.len() {
                    entry.1 = case;
                }
            }
        }
        Ok(())
    });
    let refused = refused.into_inner();
    eprintln!(
        "{} bytes, {} edits made, {} impossible, {} refused:",
        bytes.into_inner(),
        made.into_inner(),
        impossible.into_inner(),
        refused.values().map(|(count, _)| count).sum::<usize>()
    );
    for (message, (count, case)) in &refused {
        eprintln!("  {count} {message}: {case}");
    }
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
