//! ARCHITECTURE.md's map against the code: which room may import which, and that no files import each
//! other in a circle.
//!
//! Imports are read from the text of `src/`: paths that start with `crate`, `super` or `self`, without
//! the modules of tests. A name that a `mod.rs` re-exports is an import of the file that defines it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of `src/`, from the one that knows all others down. An import leads down this list.
const ROOMS: &[&str] = &[
    "cli",
    "rendering",
    "functions",
    "path",
    "serving",
    "cluster",
    "runtime",
    "finding",
    "controllers",
    "values",
    "go",
];

/// What the models of other people's controllers may not know: the engine (but for how a message shows
/// a text), the runtime, findings.
const NOT_IN_CONTROLLERS: &[&str] = &["krm_package", "krm_function", "Finding"];
const HOW_TEXTS_ARE_SHOWN: &str = "krm_package::text";

#[test]
fn imports_lead_down() {
    let tree = Tree::read();
    let rank = |room: &str| ROOMS.iter().position(|known| *known == room);
    let mut wrong = Vec::new();
    for (file, imports) in &tree.imports {
        let room = tree.room(file);
        // The crate's root re-exports all rooms; main.rs calls cli.
        if matches!(room.as_str(), "lib" | "main") {
            continue;
        }
        let Some(own) = rank(&room) else {
            wrong.push(format!("{file}: the room {room:?} is not in the list of rooms"));
            continue;
        };
        for import in imports {
            let other = tree.room(import);
            if rank(&other).is_none_or(|other| other < own) {
                wrong.push(format!("{file} imports {import}: {room} is below {other}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn models_of_controllers_know_no_function_and_make_no_finding() {
    let tree = Tree::read();
    let mut wrong = Vec::new();
    for (file, text) in &tree.texts {
        if tree.room(file) == "controllers" {
            let text = text.replace(HOW_TEXTS_ARE_SHOWN, "");
            let words = words(&text);
            for name in NOT_IN_CONTROLLERS.iter().filter(|name| words.contains(**name)) {
                wrong.push(format!("{file} names {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let tree = Tree::read();
    let circles = circles(&tree.imports);
    let shown: Vec<String> = circles.iter().map(|circle| circle.join(", ")).collect();
    assert!(shown.is_empty(), "these import each other:\n{}", shown.join("\n"));
}

#[test]
fn the_map_names_every_room() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let tree = Tree::read();
    let rooms: BTreeSet<String> = tree.texts.keys().map(|file| tree.room(file)).collect();
    let missing: Vec<&String> = rooms
        .iter()
        .filter(|room| !matches!(room.as_str(), "lib" | "main"))
        .filter(|room| !["/", ".rs"].iter().any(|end| map.contains(&format!("`src/{room}{end}`"))))
        .collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md does not name {missing:?}");
}

/// The tests above read imports; this one holds the reading itself against a small tree.
#[test]
fn imports_are_read_as_rust_resolves_them() {
    let files = [
        ("a/mod.rs", "mod b;\npub mod c;\npub use b::{B, Other as Renamed};\nuse c::C;\n"),
        ("a/b.rs", "use super::c::{self, C};\npub struct B;\npub struct Other;\n"),
        (
            "a/c.rs",
            "use crate::a::B;\npub struct C;\n#[cfg(test)]\nmod tests { use crate::d::D; }\n",
        ),
        (
            "d.rs",
            "use crate::a::{\n    Renamed,\n    c::C,\n};\nfn f() -> crate::a::b::B { todo() }\npub struct D;\n",
        ),
    ];
    let tree = Tree::of(files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())));
    let imports = |file: &str| tree.imports[file].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(imports("a/mod.rs"), ["a/c.rs"]);
    assert_eq!(imports("a/b.rs"), ["a/c.rs"]);
    assert_eq!(imports("a/c.rs"), ["a/b.rs"]);
    assert_eq!(imports("d.rs"), ["a/b.rs", "a/c.rs"]);
    assert_eq!(circles(&tree.imports), [["a/b.rs", "a/c.rs"]]);
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files of `src/`, without tests, and what each imports.
struct Tree {
    texts: BTreeMap<String, String>,
    imports: BTreeMap<String, BTreeSet<String>>,
}

impl Tree {
    fn read() -> Self {
        let source = root().join("src");
        let mut found = Vec::new();
        let mut folders = vec![source.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|end| end == "rs") {
                    let name = path.strip_prefix(&source).unwrap().to_string_lossy().into_owned();
                    found.push((name, fs::read_to_string(&path).unwrap()));
                }
            }
        }
        Self::of(found)
    }

    fn of(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let texts: BTreeMap<String, String> = files
            .into_iter()
            .filter(|(file, _)| !is_test(file))
            .map(|(file, text)| (file, without_tests_and_comments(&text)))
            .collect();
        let mut tree = Self { texts, imports: BTreeMap::new() };
        let exports: BTreeMap<String, BTreeMap<String, Vec<String>>> = tree
            .texts
            .iter()
            .map(|(file, text)| (file.clone(), tree.exports(file, text)))
            .collect();
        for (file, text) in &tree.texts {
            let is_module = file.ends_with("mod.rs");
            let imported = paths(text, &module_of(file))
                .into_iter()
                .filter(|path| !(is_module && path.is_export))
                .filter_map(|path| tree.resolve(&path.segments, &exports))
                .filter(|other| other != file)
                .collect();
            tree.imports.insert(file.clone(), imported);
        }
        tree
    }

    /// The first folder, or the file at the root.
    fn room(&self, file: &str) -> String {
        let first = Path::new(file).iter().next().unwrap().to_string_lossy();
        first.trim_end_matches(".rs").to_owned()
    }

    fn file_of(&self, module: &[String]) -> Option<String> {
        let path = module.join("/");
        let names = [format!("{path}.rs"), format!("{path}/mod.rs")];
        names.into_iter().find(|name| self.texts.contains_key(name))
    }

    /// What a file re-exports: the name, and the path that it stands for.
    fn exports(&self, file: &str, text: &str) -> BTreeMap<String, Vec<String>> {
        let exported = paths(text, &module_of(file)).into_iter().filter(|path| path.is_export);
        exported.map(|path| (path.name.clone(), path.segments)).collect()
    }

    /// The file that defines what a path names.
    fn resolve(
        &self,
        segments: &[String],
        exports: &BTreeMap<String, BTreeMap<String, Vec<String>>>,
    ) -> Option<String> {
        let mut segments = segments.to_vec();
        // Each turn follows one re-export; a chain of them is short.
        for _ in 0..8 {
            let (length, file) = (1..=segments.len())
                .rev()
                .find_map(|length| Some((length, self.file_of(&segments[..length])?)))?;
            let next = segments.get(length);
            match next.and_then(|name| exports.get(&file)?.get(name)) {
                Some(target) if target[..] != segments[..=length] => {
                    segments = [target, &segments[length + 1..]].concat();
                }
                _ => return Some(file),
            }
        }
        None
    }
}

fn is_test(file: &str) -> bool {
    let name = Path::new(file).file_stem().unwrap().to_string_lossy();
    name == "tests" || name.ends_with("_tests") || file.contains("/tests/")
}

/// The module that a file is.
fn module_of(file: &str) -> Vec<String> {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').filter(|part| *part != "lib").map(str::to_owned).collect()
}

/// The code alone. By habit a module of tests is a file's last.
fn without_tests_and_comments(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
    let lines = text[..end].lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn words(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').collect()
}

/// A path from the crate's root.
struct Import {
    segments: Vec<String>,
    /// What it is called here.
    name: String,
    is_export: bool,
}

/// The paths in a file that lead into the crate.
fn paths(text: &str, module: &[String]) -> Vec<Import> {
    let mut found = Vec::new();
    let mut rest = text;
    // `use` declarations, whose trees are unfolded.
    while let Some(place) = rest.find("use ") {
        let before = rest[..place].rsplit('\n').next().unwrap_or_default().trim();
        let after = &rest[place + 4..];
        let is_declaration = matches!(before, "" | "pub" | "pub(crate)" | "pub(super)");
        if let Some(end) = after.find(';').filter(|_| is_declaration) {
            let tree: String = after[..end].split_whitespace().collect::<Vec<_>>().join(" ");
            let is_export = !before.is_empty();
            for (path, name) in unfolded(&tree) {
                found.extend(rooted(&path, module).map(|segments| Import {
                    segments,
                    name: name.clone(),
                    is_export,
                }));
            }
            rest = &after[end..];
        } else {
            rest = after;
        }
    }
    // Paths written out where they are used.
    for start in ["crate::", "super::"] {
        for (place, _) in text.match_indices(start) {
            if text[..place].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let end = text[place..]
                .find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
                .map_or(text.len(), |end| place + end);
            let path = text[place..end].trim_end_matches(':').to_owned();
            let line = text[..place].rsplit('\n').next().unwrap_or_default();
            if !line.contains("use ") {
                let name = path.rsplit("::").next().unwrap_or_default().to_owned();
                found.extend(rooted(&path, module).map(|segments| Import {
                    segments,
                    name,
                    is_export: false,
                }));
            }
        }
    }
    found
}

/// `a::{b, c as d}` as `a::b` called `b`, and `a::c` called `d`.
fn unfolded(tree: &str) -> Vec<(String, String)> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let (path, name) = tree.split_once(" as ").unwrap_or((tree, ""));
        let path = path.trim().trim_end_matches("::self").trim_end_matches("::*");
        let name =
            if name.is_empty() { path.rsplit("::").next().unwrap_or_default() } else { name };
        return vec![(path.to_owned(), name.trim().to_owned())];
    };
    let prefix = &tree[..open];
    let inner = tree[open + 1..].rsplit_once('}').map_or("", |(inner, _)| inner);
    let mut depth = 0;
    let branches = inner.split(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    branches
        .filter(|branch| !branch.trim().is_empty())
        .flat_map(|branch| unfolded(&format!("{prefix}{}", branch.trim())))
        .collect()
}

/// The path from the crate's root, where it leads there.
fn rooted(path: &str, module: &[String]) -> Option<Vec<String>> {
    let segments: Vec<&str> = path.split("::").collect();
    let owned =
        |segments: &[&str]| segments.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
    match segments.first()? {
        &"crate" => Some(owned(&segments[1..])),
        &"self" => Some([module, &owned(&segments[1..])].concat()),
        &"super" => {
            let up = segments.iter().take_while(|part| **part == "super").count();
            let base = module.get(..module.len().checked_sub(up)?)?;
            Some([base, &owned(&segments[up..])].concat())
        }
        first if first.starts_with(char::is_lowercase) => {
            // A child of this module, or another crate, which no file of ours is.
            Some([module, &owned(&segments)].concat())
        }
        _ => None,
    }
}

/// Files that reach each other, each group once.
fn circles(imports: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reach = |from: &str| {
        let mut seen = BTreeSet::new();
        let mut open = vec![from.to_owned()];
        while let Some(file) = open.pop() {
            for next in imports.get(&file).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&String, BTreeSet<String>> =
        imports.keys().map(|file| (file, reach(file))).collect();
    let mut found: Vec<Vec<String>> = Vec::new();
    for (file, others) in &reached {
        if others.contains(*file) && !found.iter().any(|circle| circle.contains(*file)) {
            let circle = others
                .iter()
                .filter(|other| reached.get(other).is_some_and(|back| back.contains(*file)));
            found.push(circle.cloned().collect());
        }
    }
    found
}
