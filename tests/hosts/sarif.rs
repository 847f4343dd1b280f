//! SARIF as Microsoft's validator judges it: `@microsoft/sarif-multitool`, whose rules hold the schema and
//! more than it.

use std::fs;
use std::path::Path;

use serde_json::Value;
use test_support::hosts::is_installed;

use crate::package::Folder;
use crate::process::{binary, command, run, skip};

const TOOL: &str = "sarif-multitool";

/// What the validator finds in a log.
fn found(folder: &Path, log: &str) -> Vec<String> {
    fs::write(folder.join("found.sarif"), log).unwrap();
    let mut validate = command(TOOL, folder);
    validate.args([
        "validate",
        "found.sarif",
        "--output",
        "judged.sarif",
        "--log",
        "ForceOverwrite",
    ]);
    // Its notes advise what a report without a repository or the network behind it cannot have.
    validate.args(["--level", "Error;Warning", "--kind", "Fail;Review"]);
    let outcome = run(&mut validate);
    let judged = fs::read_to_string(folder.join("judged.sarif"));
    let judged = judged.unwrap_or_else(|_| panic!("{}", outcome.terminal()));
    let judged: Value = serde_json::from_str(judged.trim_start_matches('\u{feff}')).unwrap();
    let results = judged["runs"][0]["results"].as_array().cloned().unwrap_or_default();
    results.iter().map(Value::to_string).collect()
}

#[test]
fn the_validator_finds_nothing() {
    let folder = Folder::new();
    if !is_installed(TOOL) {
        return skip("the SARIF of reports", "sarif-multitool is not installed");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/validate-serving-path");
    let right = fs::read_to_string(root.join("input.yaml")).unwrap();
    let wrong = right
        .replacen("internet-facing", "Internet-Facing", 1)
        .replacen("/healthcheck-path:", "/healthcheck_paths:", 1)
        .replacen("type: ClusterIP", "type: LoadBalancer", 1);
    for text in [&right, &wrong] {
        fs::write(folder.path().join("in put.yaml"), text).unwrap();
        let absolute = folder.path().join("in put.yaml");
        for file in ["in put.yaml", absolute.to_str().unwrap()] {
            for call in [["check", file], ["hosts", file]] {
                let mut check = command(binary(), folder.path());
                let outcome = run(check.args(call).args(["--format", "sarif"]));
                assert_eq!(found(folder.path(), &outcome.stderr), [""; 0], "{call:?}");
            }
        }
    }
    // A validator that finds nothing anywhere would prove nothing.
    assert_ne!(found(folder.path(), "{\"version\": \"2.1.0\", \"runs\": [{}]}"), [""; 0]);
}
