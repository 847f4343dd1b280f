//! Any text, and edits of it: nothing panics, an empty plan changes no byte, and an edit is
//! refused or gives what RFC 6902 says and leaves the other objects alone.

#![no_main]

use json_patch::Patch;
use krm_package::{Edit, ItemId, Package};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

/// How many of the input's last bytes choose the edits; the rest is the text.
const CHOICES: usize = 12;

fuzz_target!(|input: &[u8]| {
    let (text, choices) = input.split_at(input.len().saturating_sub(CHOICES));
    let Ok(text) = std::str::from_utf8(text) else { return };
    let mut choices = Choices(choices.iter());
    if let Ok(package) = Package::stream(text) {
        edit(text, &package, &mut choices, &|text| Package::stream(text));
    }
    if let Ok(package) = Package::resource_list(text) {
        edit(text, &package, &mut choices, &|text| Package::resource_list(text));
    }
});

struct Choices<'i>(std::slice::Iter<'i, u8>);

impl Choices<'_> {
    fn below(&mut self, bound: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or_default()) % bound.max(1)
    }

    fn value(&mut self) -> Value {
        match self.below(8) {
            0 => Value::Null,
            1 => json!(0),
            2 => json!("on"),
            3 => json!("two\nlines: #\u{85}"),
            4 => json!([]),
            5 => json!({}),
            6 => json!([1, {"a": ["b"]}]),
            _ => json!({"a": {"b: ": []}, "0": [[""]]}),
        }
    }

    /// An operation at a place of the value.
    fn operation(&mut self, object: &Value) -> Value {
        let mut path = String::new();
        let mut at = object;
        loop {
            let (token, below) = match at {
                Value::Object(fields) if !fields.is_empty() => {
                    let place = self.below(fields.len());
                    fields.iter().nth(place).map(|(key, value)| (key.clone(), value)).unwrap()
                }
                Value::Array(entries) if !entries.is_empty() => {
                    let place = self.below(entries.len());
                    (place.to_string(), &entries[place])
                }
                _ => break,
            };
            path.push('/');
            path.push_str(&token.replace('~', "~0").replace('/', "~1"));
            at = below;
            if self.below(3) == 0 {
                break;
            }
        }
        match self.below(5) {
            0 => json!({"op": "remove", "path": path}),
            1 | 2 => json!({"op": "replace", "path": path, "value": self.value()}),
            _ => {
                let last = ["new", "-", "0"][if at.is_array() { 1 + self.below(2) } else { 0 }];
                json!({"op": "add", "path": format!("{path}/{last}"), "value": self.value()})
            }
        }
    }
}

type Read<'r> = &'r dyn Fn(&str) -> Result<Package<'_>, krm_package::SourceError>;

fn values(package: &Package<'_>) -> Vec<Option<Value>> {
    package.items().map(|(_, item)| item.value().ok()).collect()
}

fn edit(text: &str, package: &Package<'_>, choices: &mut Choices<'_>, read: Read<'_>) {
    assert_eq!(package.apply(&[], &[]).unwrap().to_string(), text);
    let mut wanted = values(package);
    let item = choices.below(wanted.len());
    let mut edits = Vec::new();
    if let Some(Some(object)) = wanted.get_mut(item) {
        let operations: Vec<Value> =
            (0..1 + choices.below(2)).map(|_| choices.operation(object)).collect();
        let operations: Patch = serde_json::from_value(Value::Array(operations)).unwrap();
        let edit = Edit::Patch { item: ItemId(item), operations: operations.clone() };
        let spliced = package.apply(std::slice::from_ref(&edit), &[]);
        let possible = json_patch::patch(object, &operations).is_ok();
        assert!(possible || spliced.is_err());
        if spliced.is_err() {
            return;
        }
        edits.push(edit);
    }
    // With the operations or without, objects come and go.
    let scope = choices.below(4);
    if scope & 1 == 1 && !wanted.is_empty() {
        let gone = choices.below(wanted.len());
        edits.push(Edit::RemoveItem(ItemId(gone)));
        wanted.remove(gone);
    }
    if scope & 2 == 2 {
        let new = json!({"kind": "New", "data": {"on": "yes"}});
        edits.push(Edit::add_item(new.clone()));
        wanted.push(Some(new));
    }
    let result = json!({"message": "found"});
    let Ok(after) = package.apply(&edits, std::slice::from_ref(&result)) else { return };
    let after = after.to_string();
    let edited = read(&after).unwrap_or_else(|error| panic!("{error}\n{after}"));
    assert_eq!(values(&edited), wanted, "{after}");
    // A second run says the same again, and that is there already.
    let again = edited.apply(&[], std::slice::from_ref(&result)).unwrap().to_string();
    assert_eq!(again, after);
}
