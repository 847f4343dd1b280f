//! The codes of findings: each has one severity and one page, `docs/findings/CODE.md`, whose example is a
//! case of the fixtures. `UPDATE_EXPECTED=1` writes anew what is generated: the lines of examples, the
//! index of the pages, and `fixtures/hosts/*/stderr`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use krm_package::Package;
use kserve_aws::finding::Code;
use regex_lite::Regex;
use serde_json::Value;

use crate::cases::command::Memory;

const HEADINGS: [&str; 4] = ["What it means", "Why it matters", "Example", "How to fix"];

/// Codes without a case of their own, each with the reason.
const WITHOUT_EXAMPLE: [(&str, &str); 10] = [
    ("configurations-disagree", "check alone reports it"),
    ("configuration-order", "check alone reports it"),
    ("path-open", "the proofs of rules and doors report first what is open"),
    ("path-open-unknown", "a door that cannot be judged is reported first"),
    ("authorization-too-many", "a case has fewer objects"),
    ("authorization-own-policy-invalid", "no configuration is known that generates such a policy"),
    ("output-lost", "stdout is closed"),
    ("file-skipped", "a folder is read"),
    ("rendered-by-host", "a folder is rendered by a real host"),
    ("alb-open-rule", "every rule of the fixtures has a cause that is more precise"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages() -> PathBuf {
    root().join("docs/findings")
}

fn updates() -> bool {
    std::env::var_os("UPDATE_EXPECTED").is_some()
}

fn title(page: &str) -> &str {
    page.lines().next().unwrap().strip_prefix("# ").unwrap()
}

/// The text of a section.
fn section<'p>(page: &'p str, heading: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n\n")).unwrap();
    rest.split("\n## ").next().unwrap().trim()
}

#[test]
fn every_code_has_one_page_of_one_form() {
    let mut files: BTreeSet<String> = fs::read_dir(pages())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(files.remove("README.md"));
    for code in Code::ALL {
        assert!(files.remove(&format!("{code}.md")), "{code} has no page");
        let page = code.page();
        assert_eq!(title(page), code.as_str());
        assert!(code.meaning().ends_with('.') && code.meaning().len() < 120, "{code}");
        let former: Vec<String> =
            code.former_ids().iter().map(|former| format!("`{former}`")).collect();
        let former = match former[..] {
            [] => String::new(),
            _ => format!(" Formerly {}.", former.join(", ")),
        };
        let facts = page.split("\n\n").nth(2).unwrap().replace('\n', " ");
        assert_eq!(facts, format!("Severity: {}.{former}", code.severity()), "{code}");
        let headings: Vec<&str> =
            page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(headings, HEADINGS, "{code}");
        for heading in HEADINGS {
            assert!(!section(page, heading).is_empty(), "{code}: {heading}");
        }
        assert!(!page.contains("TODO"), "{code}");
    }
    assert!(files.is_empty(), "pages of no code: {files:?}");
}

/// The line that a case prints with a code.
fn line_of(case: &Path, code: Code) -> Option<String> {
    let stderr = fs::read_to_string(case.join("stderr")).ok()?;
    stderr.lines().find(|line| line.ends_with(&format!(" ({code})"))).map(str::to_owned)
}

#[test]
fn examples_are_those_of_the_fixtures() {
    let from = Regex::new(r"\nFrom `(fixtures/[^`]+)`\.").unwrap();
    let block = Regex::new(r"(?s)```text\n(.*?)\n```").unwrap();
    for code in Code::ALL {
        let path = pages().join(format!("{code}.md"));
        let page = fs::read_to_string(&path).unwrap();
        let example = section(&page, "Example");
        let Some(case) = from.captures(&page) else {
            let is_known = WITHOUT_EXAMPLE.iter().any(|(known, _)| *known == code.as_str());
            assert!(is_known, "the example of {code} names no case");
            continue;
        };
        let Some(line) = line_of(&root().join(&case[1]), *code) else {
            panic!("{} does not print {code}", &case[1]);
        };
        let shown = block.captures(example).unwrap_or_else(|| panic!("{code}"))[1].to_owned();
        let lines = fs::read_to_string(root().join(&case[1]).join("stderr")).unwrap();
        let is_printed = lines.lines().any(|line| line == shown);
        if updates() && !is_printed {
            fs::write(&path, page.replace(&shown, &line)).unwrap();
        } else {
            assert!(is_printed && shown.ends_with(&format!(" ({code})")), "{code}: {shown}");
        }
    }
}

/// What a page shows of a manifest is a part of one of its case, with the same values: `80` and not `'80'`.
#[test]
fn examples_are_parts_of_the_fixtures() {
    let from = Regex::new(r"\nFrom `(fixtures/[^`]+)`\.").unwrap();
    let block = Regex::new(r"(?s)```yaml\n(.*?)```").unwrap();
    let mut parts = 0;
    for code in Code::ALL {
        let page = fs::read_to_string(pages().join(format!("{code}.md"))).unwrap();
        let Some(case) = from.captures(&page) else { continue };
        let folder = root().join(&case[1]);
        let mut of_case = Vec::new();
        for file in ["config.yaml", "input.yaml"] {
            let own = [folder.join(file), folder.parent().unwrap().join(file)];
            let text = own.iter().find_map(|path| fs::read_to_string(path).ok());
            of_case.extend(objects(&text.unwrap_or_default()));
        }
        for example in block.captures_iter(section(&page, "Example")) {
            for object in objects(&example[1]).iter().filter(|one| one.get("kind").is_some()) {
                let is_of_case = of_case.iter().any(|whole| is_part(object, whole));
                assert!(is_of_case, "{code}: {} has no such object: {object:#}", &case[1]);
                parts += 1;
            }
        }
    }
    assert!(parts > 200, "{parts} examples are few");
}

/// The objects of a text, and the configuration of a ResourceList.
fn objects(text: &str) -> Vec<Value> {
    let Ok(package) = Package::manifests(text) else { return Vec::new() };
    let items = package.items().map(|(_, node)| node).chain(package.list_field("functionConfig"));
    items.filter_map(|node| node.value().ok()).collect()
}

/// Whether one value is the other without some of its fields and entries; `…` is left out.
fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part
            .iter()
            .all(|(key, value)| whole.get(key).is_some_and(|whole| is_part(value, whole))),
        (Value::Array(part), Value::Array(whole)) => {
            part.iter().all(|entry| whole.iter().any(|whole| is_part(entry, whole)))
        }
        (Value::String(text), _) if text == "…" => true,
        _ => part == whole,
    }
}

#[test]
fn the_index_lists_every_page() {
    let mut index = String::from(
        "# Findings\n\nEach finding ends with its code in parentheses; `kserve-aws explain CODE` prints the \
         code's page.\n\n| code | severity | what it is about |\n|---|---|---|\n",
    );
    for code in Code::ALL {
        let meaning = code.meaning().replace('\n', " ");
        index.push_str(&format!("| [`{code}`]({code}.md) | {} | {meaning} |\n", code.severity()));
    }
    let path = pages().join("README.md");
    if updates() {
        fs::write(&path, &index).unwrap();
    }
    assert_eq!(fs::read_to_string(path).unwrap(), index);
}

/// Every line of findings that a fixture expects.
fn expected_lines() -> Vec<(PathBuf, String)> {
    let mut lines = Vec::new();
    for function in fs::read_dir(root().join("fixtures")).unwrap() {
        let Ok(cases) = fs::read_dir(function.unwrap().path()) else { continue };
        for case in cases {
            let path = case.unwrap().path().join("stderr");
            let text = fs::read_to_string(&path).unwrap_or_default();
            lines.extend(text.lines().map(|line| (path.clone(), line.to_owned())));
        }
    }
    lines
}

#[test]
fn each_code_has_one_severity() {
    let line = Regex::new(r"^\[(\w+)\] .* \(([a-z0-9-]+)\)$").unwrap();
    let mut shown: BTreeMap<String, usize> = BTreeMap::new();
    for (path, text) in expected_lines() {
        let is_accepted =
            ["error", "warning"].iter().any(|of| text.contains(&format!("accepted {of} (")));
        let Some(found) = line.captures(&text).filter(|_| !is_accepted) else { continue };
        let codes: Vec<Code> =
            Code::ALL.iter().copied().filter(|code| code.as_str() == &found[2]).collect();
        let [code] = codes[..] else { panic!("{}: {text}", path.display()) };
        assert_eq!(&found[1], code.severity().as_str(), "{}: {text}", path.display());
        *shown.entry(code.to_string()).or_default() += 1;
    }
    assert!(shown.len() > 180, "{} codes are few", shown.len());
    // And where a finding is built.
    let built = Regex::new(r"(?:Finding|Self)::(error|warning|info)\(\s*Code::(\w+)").unwrap();
    let mut sites = 0;
    for file in sources(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        for site in built.captures_iter(&text) {
            let code = Code::ALL.iter().find(|code| format!("{code:?}") == site[2]).unwrap();
            assert_eq!(&site[1], code.severity().as_str(), "{}: {code}", file.display());
            sites += 1;
        }
    }
    assert!(sites > 120, "{sites} sites are few");
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn former_ids_stay_valid() {
    let ids: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(ids.len(), Code::ALL.len());
    for code in Code::ALL {
        assert!(code.is_known_as(code.as_str()));
        for former in code.former_ids() {
            assert!(code.is_known_as(former) && Code::known_as(former).any(|one| one == *code));
        }
    }
    let known = |id: &str| Code::known_as(id).map(Code::as_str).collect::<Vec<_>>();
    assert_eq!(known("alb-token-case"), ["tokens-differ-in-case-only"]);
    assert_eq!(known("alb-header-name"), ["header-name-invalid", "header-name-unusual"]);
    assert_eq!(known("no-such-code"), [""; 0]);
}

#[test]
fn explain_prints_the_page() {
    let explain = |code: &str| Memory::default().run(&["explain", code]);
    for code in Code::ALL {
        let answer = explain(code.as_str());
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{code}");
        assert!(answer.stdout.contains(code.page()), "{code}");
    }
    assert_eq!(explain("alb-token-case").stdout, Code::TokensDifferInCaseOnly.page());
    let both = explain("certificate-status").stdout;
    assert!(both.contains("# certificate-status\n") && both.contains("# certificate-pending\n"));
    let unknown = explain("alb-open-rul");
    assert_eq!((unknown.code, unknown.stdout.as_str()), (2, ""));
    assert_eq!(
        unknown.stderr,
        "error: unknown code \"alb-open-rul\"; did you mean \"alb-open-rule\"?\n"
    );
    assert_eq!(explain("x").code, 2);
}

/// `fixtures/hosts/CODE`: manifests of which `hosts` reports that code.
#[test]
fn hosts_reports_each_code_of_its_fixtures() {
    let mut cases = 0;
    for case in fs::read_dir(root().join("fixtures/hosts")).unwrap() {
        let folder = case.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let input = fs::read_to_string(folder.join("input.yaml")).unwrap();
        let answer = Memory::stdin(input).run(&["hosts", "--format", "plain"]);
        let expected = folder.join("stderr");
        if updates() {
            fs::write(&expected, &answer.stderr).unwrap();
        }
        assert_eq!(answer.stderr, fs::read_to_string(expected).unwrap(), "{name}");
        assert!(answer.stderr.contains(&format!("({name})")), "{name}: {}", answer.stderr);
        cases += 1;
    }
    assert!(cases > 45, "{cases} cases are few");
}
