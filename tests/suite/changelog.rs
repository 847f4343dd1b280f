//! CHANGELOG.md is of the form that scripts/release-notes and its readers know: Keep a Changelog.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regex_lite::Regex;

const SECTIONS: [&str; 6] = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];

/// What is wrong with the text of a changelog.
fn faults(text: &str) -> Vec<String> {
    let release = Regex::new(r"^## \[(\d+)\.(\d+)\.(\d+)\] - \d{4}-\d{2}-\d{2}$").unwrap();
    let mut faults = Vec::new();
    let mut last: Option<Vec<u32>> = None;
    let mut sections = BTreeSet::new();
    let mut is_entry = false;
    if text.lines().next() != Some("# Changelog") {
        faults.push("the title is not # Changelog".to_owned());
    }
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(name) = line.strip_prefix("### ") {
            if !SECTIONS.contains(&name) || !sections.insert(name.to_owned()) {
                faults.push(format!("section {name}"));
            }
            is_entry = true;
        } else if line.starts_with("## ") {
            let version = release
                .captures(line)
                .map(|found| (1..4).map(|part| found[part].parse().unwrap()).collect::<Vec<u32>>());
            let is_first = last.is_none();
            let is_later = |version: &Vec<u32>| last.as_ref().is_some_and(|last| version < last);
            match &version {
                None if is_first && line == "## [Unreleased]" => {}
                Some(version) if is_later(version) => {}
                _ => faults.push(format!("heading {line}")),
            }
            last = Some(version.unwrap_or(vec![u32::MAX]));
            sections.clear();
            is_entry = false;
            let name = line.split(['[', ']']).nth(1).unwrap_or_default();
            if !text.contains(&format!("\n[{name}]: https://")) {
                faults.push(format!("{name} has no link"));
            }
        } else if is_entry && !["- ", "  ", "["].iter().any(|start| line.starts_with(start)) {
            faults.push(format!("no entry of a list: {line}"));
        }
    }
    faults
}

#[test]
fn keeps_a_changelog() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("CHANGELOG.md");
    assert_eq!(faults(&fs::read_to_string(path).unwrap()), Vec::<String>::new());
}

#[test]
fn other_forms_are_found() {
    let links = "[Unreleased]: https://example.com\n[0.2.0]: https://example.com\n[0.1.0]: https://example.com\n";
    let right = format!(
        "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-02-01\n\n### Fixed\n\n- One.\n\n## [0.1.0] - 2026-01-31\n\n### Added\n\n- Two\n  lines.\n\n{links}"
    );
    assert_eq!(faults(&right), Vec::<String>::new());
    for (text, other) in [
        ("# Changelog", "# News"),
        ("## [0.2.0] - 2026-02-01", "## [0.2.0]"),
        ("## [0.2.0] - 2026-02-01", "## [0.0.9] - 2026-02-01"),
        ("### Fixed", "### Mended"),
        ("- One.", "One."),
        ("[0.1.0]: https", "[0.0.1]: https"),
        ("### Fixed", "### Fixed\n\n- Three.\n\n### Fixed"),
    ] {
        assert!(!faults(&right.replacen(text, other, 1)).is_empty(), "{other}");
    }
}
