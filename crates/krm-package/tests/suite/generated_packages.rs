//! Several edits of one package at once: objects patched, removed and added, results behind them, in
//! lists and streams that are written in every way. What comes out holds what was planned, and is the
//! text that patches and removals give one after the other.

use std::cell::RefCell;
use std::collections::BTreeMap;

use json_patch::jsonptr::{PointerBuf, Token};
use json_patch::{AddOperation, Patch, PatchOperation, RemoveOperation, ReplaceOperation};
use krm_package::{Edit, EditError, ItemId, Package};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use test_support::{cases, values, yaml_text};

/// What becomes of one object.
#[derive(Debug, Clone)]
enum Fate {
    Stays,
    /// A field of its own is set to a value.
    Set(String, Value),
    /// Its first field goes.
    Shrinks,
    /// Its last field goes.
    LosesLast,
    Goes,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        2 => Just(Fate::Stays),
        3 => (values::key(), values::value()).prop_map(|(key, value)| Fate::Set(key, value)),
        1 => Just(Fate::Shrinks),
        1 => Just(Fate::LosesLast),
        3 => Just(Fate::Goes),
    ]
}

/// A package and what to do with it.
#[derive(Debug, Clone)]
struct Case {
    objects: Vec<(Value, Fate)>,
    added: Vec<Value>,
    results: Vec<Value>,
    /// The results that a list has already.
    earlier: Option<Vec<Value>>,
    /// Where the list's own fields stand: `items` first, in the middle or last.
    order: usize,
    seed: u64,
}

fn case() -> impl Strategy<Value = Case> {
    let result = "[a-c]{1,2}".prop_map(|message| json!({"message": message, "severity": "info"}));
    let results = prop::collection::vec(result, 0..3);
    (
        prop::collection::vec((values::object(), fate()), 0..5),
        prop::collection::vec(values::object(), 0..3),
        results.clone(),
        prop::option::of(results),
        0..3usize,
        any::<u64>(),
    )
        .prop_map(|(objects, added, results, earlier, order, seed)| Case {
            objects,
            added,
            results,
            earlier,
            order,
            seed,
        })
}

impl Case {
    fn before(&self) -> Vec<Value> {
        self.objects.iter().map(|(object, _)| object.clone()).collect()
    }

    fn list(&self) -> Value {
        let items = self.before();
        let mut fields = vec![("kind", json!("ResourceList"))];
        let config = ("functionConfig", json!({"kind": "ConfigMap", "data": {"a": "b"}}));
        let mut others = vec![config];
        others.extend(self.earlier.clone().map(|earlier| ("results", Value::Array(earlier))));
        let behind = others.split_off(others.len() - self.order.min(others.len()));
        fields.extend(others);
        fields.push(("items", Value::Array(items)));
        fields.extend(behind);
        let api_version = ("apiVersion", json!("config.kubernetes.io/v1"));
        let all = std::iter::once(api_version).chain(fields);
        Value::Object(all.map(|(key, value)| (key.to_owned(), value)).collect())
    }

    fn patch(place: usize, fate: &Fate, object: &Value) -> Option<Edit> {
        let at = |key: &str| PointerBuf::from_tokens([Token::new(key)]);
        let operation = match fate {
            Fate::Set(key, value) if object.get(key).is_some() => {
                PatchOperation::Replace(ReplaceOperation { path: at(key), value: value.clone() })
            }
            Fate::Set(key, value) => {
                PatchOperation::Add(AddOperation { path: at(key), value: value.clone() })
            }
            Fate::Shrinks => {
                let first = object.as_object()?.keys().next()?;
                PatchOperation::Remove(RemoveOperation { path: at(first) })
            }
            Fate::LosesLast => {
                let last = object.as_object()?.keys().next_back()?;
                PatchOperation::Remove(RemoveOperation { path: at(last) })
            }
            Fate::Stays | Fate::Goes => return None,
        };
        Some(Edit::Patch { item: ItemId(place), operations: Patch(vec![operation]) })
    }

    fn patches(&self) -> Vec<Edit> {
        let each = self.objects.iter().enumerate();
        each.filter_map(|(place, (object, fate))| Self::patch(place, fate, object)).collect()
    }

    /// The objects that go.
    fn removals(&self) -> Vec<Edit> {
        let each = self.objects.iter().enumerate();
        each.filter(|(_, (_, fate))| matches!(fate, Fate::Goes))
            .map(|(place, _)| Edit::RemoveItem(ItemId(place)))
            .collect()
    }

    fn additions(&self) -> Vec<Edit> {
        self.added.iter().map(Edit::add_item).collect()
    }

    /// The objects that are to come out.
    fn wanted(&self) -> Vec<Value> {
        let mut objects = self.before();
        for edit in self.patches() {
            let Edit::Patch { item, operations } = edit else { continue };
            json_patch::patch(&mut objects[item.0], &operations).unwrap();
        }
        let stays = |place: &usize| !matches!(self.objects[*place].1, Fate::Goes);
        let kept = (0..objects.len()).filter(stays).map(|place| objects[place].clone());
        kept.chain(self.added.iter().cloned()).collect()
    }

    /// The results that are to come out: one that is there already comes no second time.
    fn wanted_results(&self) -> Vec<Value> {
        let earlier = self.earlier.clone().unwrap_or_default();
        let new = self.results.iter().filter(|result| !earlier.contains(result)).cloned();
        earlier.iter().cloned().chain(new).collect()
    }
}

/// A changed object keeps the line break that the last one, which goes, could take.
const LINE_BREAK: [char; 2] = ['\r', '\n'];

type Reader = for<'s> fn(&'s str) -> Result<Package<'s>, krm_package::SourceError>;

/// Makes the patches, then adds the results, then makes the removals, each on the text that came before.
fn one_after_another(case: &Case, source: &str, read: Reader) -> Result<String, EditError> {
    // The results first: where the last object loses its last lines, they would come before the comments
    // that stood among those.
    let steps =
        [(Vec::new(), &case.results[..]), (case.patches(), &[][..]), (case.removals(), &[])];
    steps.iter().try_fold(source.to_owned(), |text, (edits, results)| {
        let package = read(&text).unwrap_or_else(|error| panic!("{error}\n{text}\n{text:?}"));
        package.apply(edits, results).map(|after| after.to_string())
    })
}

fn objects(package: &Package<'_>) -> Vec<Value> {
    package.items().map(|(_, item)| item.value().unwrap()).collect()
}

/// What each kind of outcome was of, for the count at the end.
#[derive(Default)]
struct Tally {
    made: usize,
    refused: BTreeMap<String, usize>,
}

fn try_all(count: u32, source: impl Fn(&Case) -> String, read: Reader, has_results: bool) {
    let tally = RefCell::new(Tally::default());
    let outcome = cases(count).run(&case(), |mut case| {
        if !has_results {
            case.results.clear();
        }
        let source = source(&case);
        let fail = |what: &str, text: &str| {
            TestCaseError::fail(format!("{what}\n{source}\n{source:?}\nbecame\n{text}\n{text:?}"))
        };
        let Ok(package) = read(&source) else {
            *tally.borrow_mut().refused.entry("the text itself".to_owned()).or_default() += 1;
            return Ok(());
        };
        if objects(&package) != case.before() {
            return Err(fail("the text says something else", &source));
        }
        let edits = [case.patches(), case.removals(), case.additions()].concat();
        let together = match package.apply(&edits, &case.results) {
            Ok(after) => after.to_string(),
            Err(error) => {
                *tally.borrow_mut().refused.entry(error.error.message).or_default() += 1;
                return Ok(());
            }
        };
        tally.borrow_mut().made += 1;
        let after =
            read(&together).map_err(|error| fail(&format!("unreadable: {error}"), &together))?;
        if objects(&after) != case.wanted() {
            return Err(fail("not what was planned", &together));
        }
        if has_results {
            let found = after.list_field("results").map(|results| results.value().unwrap());
            let wanted = Some(Value::Array(case.wanted_results())).filter(|wanted| {
                case.earlier.is_some() || wanted.as_array().is_some_and(|all| !all.is_empty())
            });
            if found != wanted {
                return Err(fail(&format!("results {found:?}, not {wanted:?}"), &together));
            }
            let again = after.apply(&[], &case.results).unwrap().to_string();
            if again != together {
                return Err(fail("a second run changes it", &again));
            }
        }
        // One kind of edit may be refused by itself and possible together with another. What is added
        // is left out: behind an object that goes in the same run it stands where none is left to
        // show how the file is written.
        if case.added.is_empty()
            && let Ok(apart) = one_after_another(&case, &source, read)
            && apart.trim_end_matches(LINE_BREAK) != together.trim_end_matches(LINE_BREAK)
        {
            return Err(fail(&format!("step by step it becomes\n{apart}\n{apart:?}"), &together));
        }
        Ok(())
    });
    let tally = tally.into_inner();
    eprintln!("{} made, {} refused:", tally.made, tally.refused.values().sum::<usize>());
    for (message, count) in &tally.refused {
        eprintln!("  {count} {message}");
    }
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(tally.made > tally.refused.values().sum::<usize>(), "most packages are edited");
}

/// The list, one time in two without its last line break where nothing else goes with it.
fn list(case: &Case) -> String {
    let text = yaml_text(&case.list(), case.seed);
    let bare = text.trim_end_matches(['\r', '\n']);
    let same = Package::resource_list(bare).is_ok_and(|package| objects(&package) == case.before());
    if case.seed.is_multiple_of(2) && same { bare.to_owned() } else { text }
}

#[test]
fn edits_of_a_list_do_not_disturb_each_other() {
    try_all(1_500, list, |text| Package::resource_list(text), true);
}

#[test]
fn edits_of_a_stream_do_not_disturb_each_other() {
    let source = |case: &Case| {
        let documents = case.objects.iter().enumerate().map(|(place, (object, _))| {
            let seed = case.seed.wrapping_add(place as u64);
            yaml_text(object, seed).trim_start_matches('\u{feff}').to_owned()
        });
        let mut text = String::new();
        for document in documents {
            if !text.is_empty() {
                if !text.ends_with('\n') {
                    text.push('\n');
                }
                if !document.starts_with("---") {
                    text.push_str(if document.starts_with('%') { "...\n" } else { "---\n" });
                }
            }
            text.push_str(&document);
        }
        text
    };
    try_all(1_500, source, |text| Package::stream(text), false);
}

/// The generator makes what the properties are about.
#[test]
fn cases_are_of_every_kind() {
    let seen = RefCell::new(Map::new());
    let outcome = cases(1_500).run(&case(), |case| {
        let text = list(&case);
        let ends_in_items = case.list().as_object().unwrap().keys().next_back().unwrap() == "items";
        let last_goes = matches!(case.objects.last(), Some((_, Fate::Goes)));
        let one_before_changes =
            matches!(case.objects.iter().rev().nth(1), Some((_, Fate::Set(..))));
        let see = |what: &str, is_so: bool| {
            if is_so {
                seen.borrow_mut().insert(what.to_owned(), Value::Null);
            }
        };
        see("the last goes, the one before changes", last_goes && one_before_changes);
        see(
            "the same, and no line break ends the list",
            ends_in_items && last_goes && one_before_changes && !text.ends_with('\n'),
        );
        see("all go", case.objects.len() > 1 && case.removals().len() == case.objects.len());
        see("none is there", case.objects.is_empty() && !case.added.is_empty());
        see("in flow style", text.contains("items: [") && case.objects.len() > 1);
        see("with CRLF", text.contains("\r\n"));
        Ok(())
    });
    outcome.unwrap();
    let seen = seen.into_inner();
    assert_eq!(seen.len(), 6, "only {seen:?}");
}
