//! `access --diff` over 500 pairs of equal packages: objects in another order, with other names where
//! a name means nothing, written in another way. None shows a difference.

use std::fs;
use std::path::Path;

use serde_yaml::Value;
use test_support::Dice;

use crate::cases::command::Memory;

const PAIRS: u64 = 500;

/// Names that no other object refers to, and that no controller gives a meaning.
const FREE_NAMES: [&str; 5] =
    ["istio-ingress-api", "global-deny-all", "allow-predictor", "callers", "limits"];

fn packages() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixture = |name: &str| {
        fs::read_to_string(root.join("fixtures/validate-serving-path").join(name)).unwrap()
    };
    let right = fixture("input.yaml");
    vec![
        right.replace("[/metrics, /healthz, /ready, /wait-for-drain, /v1", "[/metrics, /v1"),
        right.replace("istio-injection: enabled", "istio-injection: disabled"),
        right.replace("  platform.example.com: \"\"", "  platform.example.org: \"\""),
        fixture("path-pod-admitted/input.yaml"),
        fixture("path-unknown/input.yaml"),
        fixture("login-at-the-gateway/input.yaml"),
        right,
    ]
}

/// An object as it is, with its keys in another order, or as JSON on one line.
fn rewritten(object: &str, dice: &mut Dice) -> String {
    match dice.below(3) {
        0 => object.trim_end().to_owned(),
        1 => {
            let value: Value = serde_yaml::from_str(object).unwrap();
            let Value::Mapping(fields) = value else { panic!("{object}") };
            let mut fields: Vec<(Value, Value)> = fields.into_iter().collect();
            fields.reverse();
            let reversed: serde_yaml::Mapping = fields.into_iter().collect();
            serde_yaml::to_string(&reversed).unwrap().trim_end().to_owned()
        }
        _ => {
            let value: serde_json::Value = serde_yaml::from_str(object).unwrap();
            value.to_string()
        }
    }
}

fn equal(package: &str, dice: &mut Dice) -> String {
    let mut objects: Vec<String> = package
        .split("\n---\n")
        .map(|object| {
            let mut object = format!("{object}\n");
            for name in FREE_NAMES {
                let line = format!("  name: {name}\n");
                if object.contains(&line) && dice.hits(2) {
                    let other = format!("  name: {name}-{}\n", dice.below(100));
                    object = object.replacen(&line, &other, 1);
                }
            }
            rewritten(&object, dice)
        })
        .collect();
    for place in (1..objects.len()).rev() {
        let other = dice.below(place + 1);
        objects.swap(place, other);
    }
    objects.join("\n---\n") + "\n"
}

#[test]
fn equal_packages_show_no_difference() {
    let packages = packages();
    for seed in 0..PAIRS {
        let mut dice = Dice::new(seed);
        let old = dice.pick(&packages).clone();
        let new = equal(&old, &mut dice);
        let answer = Memory::default()
            .with_file("old.yaml", old)
            .with_file("new.yaml", new.clone())
            .run(&["access", "--diff", "old.yaml", "new.yaml"]);
        assert_eq!(
            (answer.code, answer.stdout.lines().count()),
            (0, 1),
            "pair {seed}\n{}{}{new}",
            answer.stdout,
            answer.stderr
        );
    }
}
