//! No code reads a sentence: what an error or a finding says is for people, and its wording may change.
//! What code needs to know of it is in its fields. And every finding is worded in one place, the `diags` of its
//! room.

use std::fs;
use std::path::{Path, PathBuf};

use regex_lite::Regex;

use crate::sources;

/// A text of an error or a finding, looked into: `error.to_string().contains(…)`,
/// `finding.message.split_once(…)`.
const LOOKED_INTO: &str = r"\b(?:[a-z_]*(?:error|err|message|sentence|reason|refusal|doubt)|finding|why)(?:\.(?:as_ref|as_str|as_deref|clone|error|error_message|message|to_string|to_lowercase|to_ascii_lowercase|trim|unwrap|unwrap_or_default)(?:\(\))?)*\.(?:contains|ends_with|find|matches|rfind|rsplit|rsplit_once|split|split_at|split_once|splitn|starts_with|strip_prefix|strip_suffix)\(";

/// Files in which that is right, each with the reason.
const ALLOWED: [(&str, &str); 0] = [];

#[test]
fn no_code_reads_what_an_error_or_a_finding_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files: Vec<PathBuf> =
        sources::crates().iter().flat_map(|(_, folder)| sources::files(folder)).collect();
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

/// A finding of this project, built of its code and a text.
const BUILT: &str = r"\bFinding(?:::<\w+>)?::(?:error|warning|info)\(|\bSelf::(?:error|warning|info)\(\s*(?:Runtime)?Code::|\bmessage: (?:format!|\x22)";

/// An error with a text of its own: a type with it, or one that takes any text.
const WORDED_ERROR: &str = r"#\[error\(|\bError for \w+|\bError>::from\(|\bError::(?:other|custom|new)\(|\bRefused::\w+\([^;]*(?:\x22|format!)";

/// Where every error becomes a finding, so that its text is one.
const ERRORS_ARE_FINDINGS: [&str; 2] = ["src/rendering", "crates/krm-function/src"];

#[test]
fn findings_are_worded_in_diags() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = sources::files(&root.join("src"));
    files.extend(sources::files(&root.join("crates/krm-function/src")));
    let is_diags = |file: &PathBuf| {
        file.iter().any(|part| part == "diags") || file.to_string_lossy().ends_with("diags.rs")
    };
    let (diags, others): (Vec<PathBuf>, Vec<PathBuf>) = files.into_iter().partition(is_diags);
    let of = |file: &PathBuf| {
        let text = fs::read_to_string(file).unwrap();
        let mut worded = found(BUILT, &text);
        if ERRORS_ARE_FINDINGS.iter().any(|room| file.starts_with(root.join(room))) {
            worded.extend(found(WORDED_ERROR, &text));
        }
        worded
    };
    let worded: usize = diags.iter().map(|file| of(file).len()).sum();
    assert!(worded > 100, "{worded} findings in {} diags are few", diags.len());
    let name = |file: &PathBuf| file.strip_prefix(root).unwrap().display().to_string();
    let elsewhere: Vec<String> = others
        .iter()
        .flat_map(|file| of(file).into_iter().map(|built| format!("{}: {built}", name(file))))
        .collect();
    assert!(
        elsewhere.is_empty(),
        "make it a struct in the room's diags:\n{}",
        elsewhere.join("\n")
    );
}

#[test]
fn a_finding_that_is_worded_is_seen() {
    for code in [
        "findings.push(Finding::error(Code::BadInput, message));",
        "Finding::<Code>::warning(code, \"a\")",
        "impl From<A> for Finding {\n    fn from(_: A) -> Self {\n        Self::info(\n            Code::A, \"a\")",
        "Finding { code, message: format!(\"{a}\"), ..finding }",
    ] {
        assert_eq!(found(BUILT, code).len(), 1, "{code}");
    }
    for code in [
        "findings.push(NothingSet.into());",
        "Finding::from(NothingSet).on(&resource)",
        "Self::error(Kind::Anchor, position)",
        "#[cfg(test)]\nmod tests {\n    fn a() { Finding::error(Code::BadInput, \"a\"); }\n}",
    ] {
        assert_eq!(found(BUILT, code), Vec::<String>::new(), "{code}");
    }
}

#[test]
fn an_error_that_is_worded_is_seen() {
    for code in [
        "#[derive(Debug, Error)]\nenum Wrong {\n    #[error(\"is empty\")]\n    Empty,",
        "impl std::error::Error for Wrong {}",
        "Refused::file(&file, &io::Error::other(text))",
        "let error: &dyn Error = &*Box::<dyn Error>::from(text);",
        "Refused::of(format!(\"{file}: is empty\"))",
        "Refused::file(\n            &file,\n            &\"is empty\",\n        )",
    ] {
        assert_eq!(found(WORDED_ERROR, code).len(), 1, "{code}");
    }
    for code in [
        "Refused::file(file, &FileProblem::Empty);\nlet name = \"a\";",
        "Err(error) => Err(Refused::file(path, &FileProblem::Unreadable(error))),",
        "return Err(WrongConfig::Missing.into());",
    ] {
        assert_eq!(found(WORDED_ERROR, code), Vec::<String>::new(), "{code}");
    }
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
        "#[cfg(test)]\nmod tests {\n    fn a() { assert!(error.to_string().contains(\"a\")); }\n}",
    ] {
        assert_eq!(readings(code), Vec::<String>::new(), "{code}");
    }
}

/// The places at which code, tests left out, looks into what is said.
fn readings(text: &str) -> Vec<String> {
    found(LOOKED_INTO, text)
}

/// What of the code, tests and comments left out, is of a pattern.
fn found(pattern: &str, text: &str) -> Vec<String> {
    let code = sources::code(text);
    let code = code.lines().map(str::trim).collect::<Vec<_>>().join("\n").replace("\n.", ".");
    let pattern = Regex::new(pattern).unwrap();
    pattern.find_iter(&code).map(|found| found.as_str().to_owned()).collect()
}
