//! The words of messages, help and documents: CONTRIBUTING.md, "Words", holds for all of them. What a
//! controller says in its own words is quoted as it says it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use kserve_aws::functions;
use regex_lite::Regex;
use serde_json::Value;

use crate::cases::command::Memory;
use crate::sources;

/// A form that CONTRIBUTING.md rules out, and what stands there instead.
const BANNED: [(&str, &str); 24] = [
    (r"\b(?:is|are) no\b(?: longer\b)?", "is not a valid …, has no …, … not found"),
    (r"\b(?:is|are) none\b", "is not listed in, is not set"),
    (r"\bfor nothing\b", "has no effect"),
    (r"\bpass(?:es|ed)?(?: \w+){0,3} over\b", "ignores, skips, is ignored"),
    (r"\b(?:is|are) (?:told|said)\b", "is reported, is printed"),
    (r"\band said\b", "and reported"),
    (r"\bso that\b", "so"),
    (r"\bask(?:s|ed|ing)?\b", "requires, requests"),
    (r"\bmade\b", "created"),
    (r"\bmakes? (?:no|a|an|none)\b", "creates no, is not a valid"),
    (r"\bcounts\b", "takes effect, applies"),
    (r"\bgoes\b", "is removed"),
    (r"\bgives? (?:it|its|the|one|a|an|each|both)\b", "set, add"),
    (r"\bleave (?:it|them|one|the|ttl|\w+) out\b", "remove"),
    (r"\b(?:is|are) meant\b", "is intended; did you mean"),
    (r"\bamong the (?:objects|manifests)\b", "in the input"),
    (r"\b(?:inside|outside) of\b", "inside, outside"),
    (r"\blower case letters\b|\bupper[ -]case\b", "lowercase, uppercase"),
    (r"\bcan't\b", "cannot"),
    (r"\bstands?\b", "is, is set"),
    (r"\bbehind (?:it\b|`|a [`.-])", "after"),
    (r"\bsays? (?:that|so|of|nothing|class)\b", "reports, names, sets"),
    (r"\bnot modelled\b", "not supported"),
    (r"(?:^|[;,:] )(?:or )?write\b", "set … to, use"),
];

/// Forms that hold a banned one and are right.
const RIGHT: [&str; 2] = ["is no longer", "are no longer"];

/// Sources whose sentences are a controller's own, or say how a text is spelt.
const QUOTES: [&str; 4] = [
    "src/controllers/alb/controller/",
    "src/controllers/istio/policy/",
    "src/controllers/istio/peer/",
    "src/go/",
];

/// Where "write" is said of a text: readers of YAML and of files of variables.
const SPELLING: [&str; 6] = [
    "docs/findings/",
    "crates/krm-package/",
    "crates/kustomize-types/",
    "crates/krm-function/src/diags/objects.rs",
    "fixtures/",
    "tests/suite/snapshots/",
];

#[test]
fn messages_and_documents_have_plain_words() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for name in files(root) {
        let text = fs::read_to_string(root.join(&name)).unwrap();
        let sentences = match name.rsplit('.').next().unwrap() {
            "rs" => literals(&text),
            "md" => paragraphs(&text),
            _ => printed(&text),
        };
        let spells = SPELLING.iter().any(|folder| name.starts_with(folder));
        for sentence in sentences.iter().filter(|text| text.split_whitespace().count() > 1) {
            for (form, better) in banned(sentence) {
                if !(form.ends_with("write") && spells) {
                    found.push(format!("{name}: {form:?} ({better}) in {sentence:?}"));
                }
            }
        }
    }
    assert!(found.is_empty(), "{} banned forms:\n{}", found.len(), found.join("\n"));
}

/// What the program prints of itself: the manual, and the descriptions of every schema.
#[test]
fn the_manual_and_the_schemas_have_plain_words() {
    let mut texts: Vec<(String, String)> = Vec::new();
    let manual = Memory::default();
    let written = manual.written.clone();
    assert_eq!(manual.run(&["man", "man"]).code, 0);
    for (path, page) in written.borrow().iter() {
        let page = String::from_utf8(page.clone()).unwrap().replace("\\-", "-");
        texts.extend(page.lines().map(|line| (path.display().to_string(), line.to_owned())));
    }
    let pages = texts.len();
    let kinds = functions::ALL.iter().map(|function| function.kind);
    for kind in kinds.chain(["findings"]) {
        let schema = Memory::default().run(&["schema", kind]).stdout;
        let schema: Value = serde_json::from_str(&schema).unwrap();
        let mut descriptions = Vec::new();
        push_descriptions(&schema, &mut descriptions);
        texts.extend(descriptions.into_iter().map(|text| (kind.to_owned(), text)));
    }
    assert!(pages > 300 && texts.len() > pages + 150, "{pages} {}", texts.len());
    let found: Vec<String> = texts
        .iter()
        .flat_map(|(name, text)| {
            banned(text).into_iter().map(move |form| format!("{name}: {form:?} in {text:?}"))
        })
        .collect();
    assert!(found.is_empty(), "{} banned forms:\n{}", found.len(), found.join("\n"));
}

fn push_descriptions(schema: &Value, descriptions: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value.as_str() {
                    Some(text) if key == "description" || key == "title" => {
                        descriptions.push(text.to_owned());
                    }
                    _ => push_descriptions(value, descriptions),
                }
            }
        }
        Value::Array(entries) => {
            entries.iter().for_each(|entry| push_descriptions(entry, descriptions));
        }
        _ => {}
    }
}

#[test]
fn a_banned_form_is_seen() {
    for text in [
        "\"Team_A\" is no namespace",
        "spec.namespaces counts for nothing in mode guide",
        "the controller passes this Ingress over",
        "What is not there is assumed, and said.",
        "removed, so that no token is applied",
    ] {
        assert!(!banned(text).is_empty(), "{text}");
    }
    for text in ["the object is no longer generated", "invalid namespace \"Team_A\"", "it made-up"]
    {
        assert_eq!(banned(text).len(), usize::from(text.contains("made")), "{text}");
    }
    assert_eq!(literals("f(\"a \\\n   b\", 'c', r#\"d\"e\"#) // \"f\""), ["a b", "d\"e"]);
}

/// The forms, compiled once for all sentences.
static FORMS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let compiled = |(form, better)| (Regex::new(&format!("(?i){form}")).unwrap(), better);
    BANNED.into_iter().map(compiled).collect()
});

/// The banned forms in a sentence, each with what replaces it.
fn banned(sentence: &str) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    for (form, better) in FORMS.iter() {
        let forms = form.find_iter(sentence).map(|form| form.as_str().to_lowercase());
        found.extend(
            forms.filter(|form| !RIGHT.contains(&form.as_str())).map(|form| (form, *better)),
        );
    }
    found
}

/// Sources without their tests, what the tests expect on stderr, and the pages for users.
fn files(root: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for folder in ["src", "crates", "fixtures", "functions", "awsconfigs", "docs", "tests/suite"] {
        push(&root.join(folder), &mut files);
    }
    files.extend(["README.md", "SECURITY.md"].map(|file| root.join(file)));
    let name = |file: PathBuf| file.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
    let is_shown = |name: &String| match name.rsplit('/').next().unwrap() {
        "stderr" => name.starts_with("fixtures/"),
        file if file.ends_with(".rs") => {
            let is_test = name.contains("/tests/") || file == "tests.rs";
            !is_test
                && !name.contains("examples/")
                && !name.starts_with("tests/")
                && !QUOTES.iter().any(|quote| name.starts_with(quote))
        }
        file if file.ends_with(".md") => true,
        file => name.starts_with("tests/suite/snapshots") && !file.contains("json"),
    };
    let files: Vec<String> = files.into_iter().map(name).filter(is_shown).collect();
    assert!(files.len() > 300, "{} files are few", files.len());
    files
}

fn push(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() { push(&path, files) } else { files.push(path) }
    }
}

/// The string literals of a source, its tests left out.
fn literals(source: &str) -> Vec<String> {
    let code = sources::without_tests(source);
    let token = Regex::new(
        r##"(?s)//[^\n]*|'(?:[^'\\]|\\(?:u\{[^}]*\}|x..|.))'|r#"(.*?)"#|"((?:[^"\\]|\\.)*)""##,
    )
    .unwrap();
    let broken = Regex::new(r"\\\n\s*").unwrap();
    let literal = |found: regex_lite::Captures<'_>| {
        let text = found.get(1).or_else(|| found.get(2))?;
        Some(broken.replace_all(text.as_str(), "").replace("\\\"", "\""))
    };
    token.captures_iter(&code).filter_map(literal).collect()
}

/// What is printed for people: the lines of a text, without the codes and names in them.
fn printed(text: &str) -> Vec<String> {
    let name = |word: &&str| word.contains('/') || (word.starts_with('(') && word.ends_with(')'));
    let line = |line: &str| {
        line.split_whitespace().filter(|word| !name(word)).collect::<Vec<_>>().join(" ")
    };
    text.lines().map(line).collect()
}

/// The paragraphs, rows and entries of a page, without code.
fn paragraphs(page: &str) -> Vec<String> {
    let code = Regex::new(r"(?s)```.*?```|`[^`]*`").unwrap();
    let page = code.replace_all(page, "`code`");
    let start = Regex::new(r"\n(?:\n|[|*-] ?|\d+\. )").unwrap();
    start.split(&page).map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}
