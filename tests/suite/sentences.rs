//! No code reads a sentence: what an error or a finding says is for people, and its wording may change.
//! What code needs to know of it stands in its fields.

use std::fs;
use std::path::{Path, PathBuf};

use regex_lite::Regex;

/// A text of an error or a finding, looked into: `error.to_string().contains(…)`,
/// `finding.message.split_once(…)`.
const LOOKED_INTO: &str = r"\b(?:[a-z_]*(?:error|err|message|sentence|reason|refusal|doubt)|finding|why)(?:\.(?:as_ref|as_str|as_deref|clone|error|error_message|message|to_string|to_lowercase|to_ascii_lowercase|trim|unwrap|unwrap_or_default)(?:\(\))?)*\.(?:contains|ends_with|find|matches|rfind|rsplit|rsplit_once|split|split_at|split_once|splitn|starts_with|strip_prefix|strip_suffix)\(";

/// Files in which that is right, each with the reason.
const ALLOWED: [(&str, &str); 0] = [];

#[test]
fn no_code_reads_what_an_error_or_a_finding_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    push_sources(&root.join("src"), &mut files);
    push_sources(&root.join("crates"), &mut files);
    assert!(files.len() > 150, "{} files are few", files.len());
    let mut found = Vec::new();
    for file in files {
        let name = file.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        if ALLOWED.iter().any(|(allowed, _)| *allowed == name) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        found.extend(readings(&text).into_iter().map(|reading| format!("{name}: {reading}")));
    }
    assert!(found.is_empty(), "give what is looked for a field of its own:\n{}", found.join("\n"));
}

#[test]
fn a_reading_is_seen() {
    for code in [
        "if error.to_string().contains(\"a\") {}",
        "let (what, _) = finding.message.split_once(';').unwrap();",
        "let field = build_error\n    .message\n    .strip_prefix(\"a\");",
        "message.starts_with(prefix)",
    ] {
        assert_eq!(readings(code).len(), 1, "{code}");
    }
    for code in [
        "errors.contains(&code)",
        "error.annotations.contains(&name)",
        "finding.field.path.below(&root)",
        "#[cfg(test)]\nmod tests { fn a() { assert!(error.to_string().contains(\"a\")); } }",
    ] {
        assert_eq!(readings(code), Vec::<String>::new(), "{code}");
    }
}

/// The places at which code, tests left out, looks into what is said.
fn readings(text: &str) -> Vec<String> {
    let tests = Regex::new(r"#\[cfg\(test\)\]\n(?:pub\(\w+\) )?mod ").unwrap();
    let code = tests.split(text).next().unwrap_or(text);
    let comment = |line: &&str| !line.trim_start().starts_with("//");
    let code: Vec<&str> = code.lines().filter(comment).map(str::trim).collect();
    let code = code.join("\n").replace("\n.", ".");
    let looked_into = Regex::new(LOOKED_INTO).unwrap();
    looked_into.find_iter(&code).map(|found| found.as_str().to_owned()).collect()
}

/// The sources in a folder, without those of tests.
fn push_sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if !matches!(name, "tests" | "examples" | "benches" | "target") {
                push_sources(&path, files);
            }
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
            files.push(path);
        }
    }
}
