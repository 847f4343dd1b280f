//! The project's sources as the tests of its own text read them: the files of `src/` and of each crate,
//! and what of a file is code.

use std::fs;
use std::path::{Path, PathBuf};

use regex_lite::Regex;

/// The folders with the sources of a crate, each with the name of what it is: `src`, `crates/images/src`.
pub(crate) fn crates() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![("src".to_owned(), root.join("src"))];
    for entry in fs::read_dir(root.join("crates")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let folder = root.join("crates").join(&name).join("src");
        found.push((format!("crates/{name}/src"), folder));
    }
    found.sort();
    assert!(found.len() > 4, "{found:?}");
    found
}

/// The Rust files below a folder, without those of tests; none where there is no such folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    if folder.exists() {
        push_files(folder, &mut found);
    }
    found.sort();
    found
}

fn push_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if !matches!(name, "tests" | "examples" | "benches" | "target") {
                push_files(&path, files);
            }
        } else if name.ends_with(".rs") && name != "tests.rs" && !name.ends_with("_tests.rs") {
            files.push(path);
        }
    }
}

/// A source without its modules of tests, wherever they are declared.
pub(crate) fn without_tests(source: &str) -> String {
    let module =
        Regex::new(r"(?m)^#\[cfg\(test\)\]\n(?:pub(?:\(\w+\))? )?mod \w+ ?(;|\{)").unwrap();
    let mut code = String::new();
    let mut rest = source;
    while let Some(found) = module.captures(rest) {
        let whole = found.get(0).unwrap();
        code.push_str(&rest[..whole.start()]);
        rest = &rest[whole.end()..];
        if &found[1] == "{" {
            // Formatted code closes a module at the start of a line.
            rest = rest.find("\n}").map_or("", |end| &rest[end + 2..]);
        }
    }
    code.push_str(rest);
    code
}

/// A source without tests and comments.
pub(crate) fn code(source: &str) -> String {
    let comment = |line: &&str| !line.trim_start().starts_with("//");
    without_tests(source).lines().filter(comment).collect::<Vec<_>>().join("\n")
}

#[test]
fn tests_are_left_out_wherever_they_are_declared() {
    let source = "// a\n#[cfg(test)]\nmod tests;\nuse b::C;\n#[cfg(test)]\npub(crate) mod more {\n    mod d {}\n}\nfn e() {}\n";
    assert_eq!(without_tests(source), "// a\n\nuse b::C;\n\nfn e() {}\n");
    assert_eq!(code(source), "\nuse b::C;\n\nfn e() {}");
}
