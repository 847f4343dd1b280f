//! Every fix that a fixture's report has, applied to its file: the finding is gone. And no code carries a fix
//! that is applied nowhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use kserve_aws::finding::Code;
use kserve_aws::functions;
use regex_lite::Regex;
use serde_json::Value;

use crate::cases;
use crate::cases::command::fn_on;
use crate::fixes;

/// The results of a report in SARIF.
fn results(report: &str) -> Vec<Value> {
    let log: Value =
        serde_json::from_str(report).unwrap_or_else(|error| panic!("{error}: {report}"));
    log["runs"][0]["results"].as_array().cloned().unwrap_or_default()
}

/// A result without its place, which a fix may move.
fn shown(result: &Value) -> String {
    format!("{} {} {}", result["ruleId"], result["partialFingerprints"], result["message"])
}

/// The codes whose fixes mend their finding in some fixture, each with how many.
fn mended() -> BTreeMap<String, usize> {
    let mut mended = BTreeMap::new();
    for function in functions::ALL.iter() {
        for case in cases::all(function.name) {
            let (Some(config), false) = (&case.config, case.is_list()) else { continue };
            let run = |config: &str, input: &str| {
                results(&fn_on(function.name, config, input, &["--format", "sarif"]).stderr)
            };
            let before = run(config, &case.input);
            for result in &before {
                let Some(change) = result["fixes"][0]["artifactChanges"].get(0) else { continue };
                let what = format!("{}/{}: {}", function.name, case.name, shown(result));
                let replacement = &change["replacements"][0];
                let after = match change["artifactLocation"]["uri"].as_str() {
                    Some("config.yaml") => run(&fixes::replaced(config, replacement), &case.input),
                    Some("input.yaml") => run(config, &fixes::replaced(&case.input, replacement)),
                    other => panic!("{what}: {other:?}"),
                };
                let count =
                    |all: &[Value]| all.iter().filter(|one| shown(one) == shown(result)).count();
                assert!(count(&after) < count(&before), "{what}: {after:#?}");
                let unread = after.iter().find(|one| one["ruleId"] == "bad-input");
                assert!(unread.is_none(), "{what}: {unread:?}");
                let code = result["ruleId"].as_str().unwrap_or_default().to_owned();
                *mended.entry(code).or_default() += 1;
            }
        }
    }
    mended
}

#[test]
fn every_fix_mends_its_finding_and_every_code_with_a_fix_is_tested() {
    let mended = mended();
    let on_the_set_up: BTreeSet<&str> = fixes::codes().into_iter().collect();
    let is_tested = |code: &str| mended.contains_key(code) || on_the_set_up.contains(code);
    let untested: Vec<String> =
        codes_with_a_fix().into_iter().filter(|code| !is_tested(code)).collect();
    assert!(untested.is_empty(), "{untested:?} carry a fix that no test applies");
    let fixes: usize = mended.values().sum();
    println!("{} codes, {fixes} fixes of fixtures: {mended:?}", mended.len());
    assert!(mended.len() >= 20 && fixes > 40, "{mended:?}");
}

/// The codes of findings that are built with a fix, as the sources of every `diags` have them: the last code
/// named before a fix, those of the causes that have one, and those of the runtime.
fn codes_with_a_fix() -> BTreeSet<String> {
    // A load balancer that cannot be built has a fix for its scheme alone, which has a code of its own.
    const NEAREST_BUT_WITHOUT: [&str; 1] = ["alb-not-built"];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut names: BTreeSet<String> =
        ["BadConfig", "BadObject", "AcceptUnused", "AlbScheme"].map(str::to_owned).into();
    let part = Regex::new(r"Code::(\w+)|(\.fix\()").unwrap();
    let mut files = Vec::new();
    push_diags(&root, &mut files);
    for file in &files {
        // Its codes are those of the causes.
        if file.ends_with("opening.rs") {
            continue;
        }
        let mut last = None;
        for found in part.captures_iter(&fs::read_to_string(file).unwrap()) {
            match found.get(1) {
                Some(name) => last = Some(name.as_str().to_owned()),
                None => names.extend(last.take()),
            }
        }
    }
    names.extend(causes_with_a_fix(&root));
    let codes = Code::ALL.iter().filter(|code| names.contains(&format!("{code:?}")));
    let codes: BTreeSet<String> = codes.map(ToString::to_string).collect();
    assert!(codes.len() >= 24, "{codes:?} are few");
    codes.into_iter().filter(|code| !NEAREST_BUT_WITHOUT.contains(&code.as_str())).collect()
}

fn causes_with_a_fix(root: &Path) -> Vec<String> {
    let text = fs::read_to_string(root.join("serving/ingress/diags/cause.rs")).unwrap();
    let body = |start: &str| {
        let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("{start}"));
        rest.split_once("\n    }\n").unwrap().0.to_owned()
    };
    let variant = Regex::new(r"Self::(\w+)").unwrap();
    let fixed = body("pub(super) fn fix(");
    let fixed: BTreeSet<&str> =
        variant.captures_iter(&fixed).map(|found| found.get(1).unwrap().as_str()).collect();
    let arm = Regex::new(r"(?s)((?:\|? *Self::\w+[^=|]*)+)=> Code::(\w+)").unwrap();
    let mut codes = Vec::new();
    for function in ["pub(super) fn code(", "pub(super) fn code_of_others("] {
        for found in arm.captures_iter(&body(function)) {
            let mut variants = variant.captures_iter(&found[1]);
            if variants.any(|one| fixed.contains(&one[1])) {
                codes.push(found[2].to_owned());
            }
        }
    }
    assert!(codes.len() >= 5, "{codes:?} are few");
    codes
}

/// The files of every `diags`.
fn push_diags(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_diags = path.iter().any(|part| part == "diags") || path.ends_with("diags.rs");
        if path.is_dir() {
            push_diags(&path, files);
        } else if is_diags {
            files.push(path);
        }
    }
}
