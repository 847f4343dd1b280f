//! What runs on macOS, where no test runs: its bash is 3.2, and its tools are BSD's.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use regex_lite::Regex;

/// What only GNU's tools or a later bash know, as it stands in a shell script.
const FOREIGN: &[&str] = &[
    r"\b(readarray|mapfile|nproc|setsid|timeout|realpath|tac|numfmt)\b",
    r"\b(declare|local) -[An]",
    r"\$\{[a-z_]+(,,|\^\^|@[A-Z])",
    r"\|&|&>>",
    r"\breadlink -f|\bdate (-d|--)|\bstat (-c|--)|\bmktemp (-p|--)|\binstall -D",
    r"\bsed (-i|-r|--)|\bgrep -[a-zA-Z]*P|\bxargs -r|\bhead -n -|\bcp (--|-[a-zA-Z]*t)",
    r"\btar .*--(sort|owner|group|mtime|mode|numeric-owner)",
    // GNU's own, and since macOS 15 a program of that name: where it is absent, shasum has to be called.
    r"\bsha256sum\b",
];

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The lines of a script that macOS does not run, except those that look for the tool first.
fn foreign_lines(script: &str) -> Vec<String> {
    let patterns: Vec<Regex> = FOREIGN.iter().map(|text| Regex::new(text).unwrap()).collect();
    let is_foreign = |line: &str, pattern: &Regex| {
        let found = pattern.find(line);
        found.is_some_and(|found| !line.contains(&format!("command -v {} ", found.as_str())))
    };
    let code = script.lines().filter(|line| !line.trim_start().starts_with('#'));
    code.filter(|line| patterns.iter().any(|pattern| is_foreign(line, pattern)))
        .map(str::to_owned)
        .collect()
}

/// The scripts of the steps of jobs on macOS and of the action, and what they call in turn.
fn scripts() -> BTreeMap<String, String> {
    let release: Value = serde_yaml::from_str(&read(".github/workflows/release.yaml")).unwrap();
    let action: Value = serde_yaml::from_str(&read("action.yaml")).unwrap();
    let on_macos = |job: &&Value| job["runs-on"].as_str().unwrap().starts_with("macos");
    let jobs = release["jobs"].as_object().unwrap().values().filter(on_macos);
    let steps = jobs.flat_map(|job| job["steps"].as_array().unwrap());
    let steps = steps.chain(action["runs"]["steps"].as_array().unwrap());
    let mut found: BTreeMap<String, String> = steps
        .filter_map(|step| Some((step["name"].as_str()?, step["run"].as_str()?)))
        .map(|(name, run)| (format!("the step {name}"), run.to_owned()))
        .collect();
    let called = Regex::new(r"scripts/[a-z-]+").unwrap();
    let mut texts: Vec<String> = found.values().cloned().collect();
    while let Some(text) = texts.pop() {
        // What make runs would have to be looked at, too.
        assert!(!Regex::new(r"(?m)^\s*make\b").unwrap().is_match(&text), "{text}");
        for script in called.find_iter(&text) {
            let script = script.as_str().to_owned();
            if !found.contains_key(&script) {
                texts.push(read(&script));
                found.insert(script.clone(), read(&script));
            }
        }
    }
    found
}

#[test]
fn what_runs_there_needs_no_gnu() {
    let scripts = scripts();
    assert!(scripts.contains_key("scripts/build"), "{:?}", scripts.keys());
    assert!(scripts.contains_key("the step Install"), "{:?}", scripts.keys());
    for (name, script) in &scripts {
        assert_eq!(foreign_lines(script), Vec::<String>::new(), "{name}");
    }
    // The README's commands are for both.
    let readme = read("README.md");
    let section = readme.split("### From a release").nth(1).unwrap();
    let section = section.split("```").nth(1).unwrap();
    assert!(section.contains("tar -xzf"), "{section}");
    assert_eq!(foreign_lines(section), Vec::<String>::new());
}

#[test]
fn what_needs_gnu_is_found() {
    for line in [
        "folder=\"$(realpath \"$1\")\"",
        "install -D \"$program\" bin/kserve-aws",
        "pushed=\"$(mktemp -p \"$layout\")\"",
        "tar --create --format=ustar --sort=name .",
        "mapfile -t lines <file",
        "sha256sum --check SHA256SUMS",
        "echo \"${name,,}\"",
    ] {
        assert_eq!(foreign_lines(line), [line]);
    }
    // Of scripts that run on Linux alone some have such lines.
    assert!(!foreign_lines(&read("scripts/dist")).is_empty());
    let asked = "if command -v sha256sum >/dev/null; then sha256sum --check sums\nelse shasum -a 256 --check sums; fi";
    assert_eq!(foreign_lines(asked), Vec::<String>::new());
}
