//! Every case in `fixtures/<function>`, held against the rules that every function keeps.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use kserve_aws::functions;

use crate::cases;

/// A test for each function, by which its cases can be run alone.
macro_rules! functions {
    ($($function:ident),*) => {
        $(
            #[test]
            fn $function() {
                cases::run_all(named(stringify!($function)));
            }
        )*

        const TESTED: &[&str] = &[$(stringify!($function)),*];
    };
}

functions!(
    generate_authorization_policies,
    generate_dns_records,
    plan_certificate,
    serving_endpoint,
    set_ingress_params,
    set_knative_domain,
    validate_serving_path
);

/// The function of a test.
fn named(test: &str) -> &'static str {
    let mut all = functions::ALL.iter().map(|function| function.name);
    all.find(|name| name.replace('-', "_") == test).unwrap()
}

/// An input that two cases have is written once: the others are links to it.
#[test]
fn no_input_is_a_copy_of_another() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut inputs: HashMap<Vec<u8>, PathBuf> = HashMap::new();
    let mut copies = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("input.yaml") && !path.is_symlink() {
                let text = fs::read(&path).unwrap();
                if let Some(other) = inputs.insert(text, path.clone()) {
                    copies.push(format!("{} and {}", other.display(), path.display()));
                }
            }
        }
    }
    assert!(inputs.len() > 300, "{} inputs are few", inputs.len());
    assert!(copies.is_empty(), "make one a link to the other (ln -s):\n{}", copies.join("\n"));
}

#[test]
fn each_function_has_its_test() {
    let all: Vec<String> =
        functions::ALL.iter().map(|function| function.name.replace('-', "_")).collect();
    for function in &all {
        assert!(TESTED.contains(&function.as_str()), "{function} is not in {TESTED:?}");
    }
    assert_eq!(all.len(), TESTED.len());
}
