//! ARCHITECTURE.md's map against the code: which room may import which, and that no files and no rooms
//! of a crate import each other in a circle. What another crate may import is Cargo's to hold.

mod imports;
mod tree;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use self::tree::Tree;
use crate::sources;

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

/// Those of the engine, in the same order. Beside them stand files that any room may use.
const ENGINE: &[&str] = &["package", "edit", "read", "syntax"];

/// What the models of other people's controllers may not know: the engine (but for how a message shows
/// a text), the runtime, findings.
const NOT_IN_CONTROLLERS: &[&str] = &["krm_package", "krm_function", "Finding"];
const HOW_TEXTS_ARE_SHOWN: &str = "krm_package::text";

/// Crates that others write their functions with, so that nothing in them is of this project.
const FOR_EVERYBODY: &[&str] = &["kustomize-types", "krm-package", "krm-function"];

#[test]
fn imports_lead_down() {
    let tree = tree_of("src");
    let wrong = imports_up(&tree, ROOMS);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let unknown: BTreeSet<&str> = tree
        .texts
        .keys()
        .map(|file| Tree::room(file))
        .filter(|room| !ROOMS.contains(room) && !matches!(*room, "lib" | "main"))
        .collect();
    assert!(unknown.is_empty(), "not in the list of rooms: {unknown:?}");
    let wrong = imports_up(&tree_of("crates/krm-package/src"), ENGINE);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn models_of_controllers_know_no_function_and_make_no_finding() {
    let mut wrong = Vec::new();
    for (file, text) in &tree_of("src").texts {
        if Tree::room(file) == "controllers" {
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
    let mut shown = Vec::new();
    for (name, folder) in sources::crates() {
        let tree = Tree::read(&folder);
        shown.extend(tree.circles().iter().map(|circle| {
            format!(
                "{name}: {}:\n  {}",
                circle.join(", "),
                tree.imports_within(circle).join("\n  ")
            )
        }));
        let rooms = tree.circles_of_rooms();
        shown.extend(rooms.iter().map(|circle| format!("{name}: rooms {}", circle.join(", "))));
    }
    assert!(shown.is_empty(), "these import each other:\n{}", shown.join("\n"));
}

/// A module with modules is a folder with a `mod.rs`, and no file is longer than one can read at once.
#[test]
fn files_have_one_form_and_length() {
    let mut wrong = Vec::new();
    for (_, folder) in sources::crates() {
        for file in sources::files(&folder) {
            let name = file.display();
            if file.with_extension("").is_dir() {
                wrong.push(format!("{name} is beside a folder of its name: make it mod.rs"));
            }
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            if lines > 400 {
                wrong.push(format!("{name} has {lines} lines"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_map_names_every_room_and_crate() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let tree = tree_of("src");
    let rooms: BTreeSet<&str> = tree.texts.keys().map(|file| Tree::room(file)).collect();
    let rooms = rooms.into_iter().filter(|room| *room != "lib");
    let mut missing: Vec<String> = rooms
        .filter(|room| !["/", ".rs"].iter().any(|end| map.contains(&format!("`src/{room}{end}`"))))
        .map(str::to_owned)
        .collect();
    let crates = sources::crates().into_iter().map(|(name, _)| name);
    let crates = crates.filter_map(|name| name.strip_suffix("/src").map(str::to_owned));
    missing.extend(crates.filter(|name| !map.contains(&format!("`{name}`"))));
    assert!(missing.is_empty(), "ARCHITECTURE.md does not name {missing:?}");
}

/// Whatever somebody else's function is built of must say nothing of ours: in code, in documents, or by
/// a dependency.
#[test]
fn crates_for_everybody_carry_no_name_of_this_project() {
    let mut wrong = Vec::new();
    for name in FOR_EVERYBODY {
        let folder = root().join("crates").join(name);
        let mut files = sources::files(&folder.join("src"));
        files.extend(sources::files(&folder.join("examples")));
        files.extend(["README.md", "Cargo.toml"].map(|file| folder.join(file)));
        assert!(files.len() > 5, "{files:?}");
        for file in files {
            let text = fs::read_to_string(&file).unwrap().to_lowercase();
            for own in ["kserve", "inferenceservice", "knative", "amazonaws"] {
                if text.contains(own) {
                    wrong.push(format!("{}: {own}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The tests above read imports; these hold the reading itself against small trees.
#[test]
fn imports_are_read_as_rust_resolves_them() {
    let tree = tree([
        ("a/mod.rs", "mod b;\npub mod c;\npub use b::{B, Other as Renamed};\nuse c::C;\n"),
        ("a/b.rs", "use super::c::{self, C};\npub struct B;\npub struct Other;\n"),
        (
            "a/c.rs",
            "use crate::a::B;\npub struct C;\n#[cfg(test)]\nmod tests {\n    use crate::d::D;\n}\n",
        ),
        (
            "d.rs",
            "use crate::a::{\n    Renamed,\n    c::C,\n};\nfn f() -> crate::a::b::B { todo() }\npub struct D;\n",
        ),
    ]);
    assert_eq!(imports_of(&tree, "a/mod.rs"), ["a/c.rs"]);
    assert_eq!(imports_of(&tree, "a/b.rs"), ["a/c.rs"]);
    assert_eq!(imports_of(&tree, "a/c.rs"), ["a/b.rs"]);
    assert_eq!(imports_of(&tree, "d.rs"), ["a/b.rs", "a/c.rs"]);
    assert_eq!(tree.circles(), [["a/b.rs", "a/c.rs"]]);
    assert_eq!(tree.circles_of_rooms(), Vec::<Vec<String>>::new());
}

#[test]
fn a_module_of_tests_at_the_top_hides_no_import() {
    let tree = tree([
        (
            "a/mod.rs",
            "#[cfg(test)]\nmod tests;\nmod b;\npub use b::B;\nuse crate::c::C;\npub struct A;\n",
        ),
        ("a/b.rs", "use super::A;\npub struct B;\n"),
        ("c.rs", "use crate::a::B;\npub struct C;\n"),
    ]);
    assert_eq!(tree.circles(), [["a/b.rs", "a/mod.rs", "c.rs"]]);
    assert_eq!(tree.circles_of_rooms(), [["a", "c"]]);
    assert_eq!(imports_up(&tree, &["a", "c"]), ["c.rs imports a/b.rs: c is below a"]);
}

#[test]
fn paths_behind_a_module_s_name_are_imports() {
    let tree = tree([
        ("lib.rs", "mod a;\nmod b;\nmod c;\npub use a::A;\nfn f() { std::fs::read(b::NAME) }\n"),
        ("a/mod.rs", "mod inner;\npub use inner::A;\nfn f() { inner::make() }\npub struct Own;\n"),
        ("a/inner.rs", "use super::Own;\npub struct A;\n"),
        ("b.rs", "use crate::a;\npub const NAME: a::A = a::A;\n"),
        ("c.rs", "use crate::A;\n"),
    ]);
    assert_eq!(imports_of(&tree, "lib.rs"), ["b.rs"]);
    assert_eq!(imports_of(&tree, "a/mod.rs"), ["a/inner.rs"]);
    assert_eq!(imports_of(&tree, "b.rs"), ["a/inner.rs", "a/mod.rs"]);
    assert_eq!(imports_of(&tree, "c.rs"), ["a/inner.rs"]);
    assert_eq!(tree.circles(), [["a/inner.rs", "a/mod.rs"]]);
}

fn tree<const N: usize>(files: [(&str, &str); N]) -> Tree {
    Tree::of(files.map(|(file, text)| (file.to_owned(), text.to_owned())))
}

fn imports_of<'a>(tree: &'a Tree, file: &str) -> Vec<&'a str> {
    tree.imports[file].iter().map(String::as_str).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn tree_of(folder: &str) -> Tree {
    Tree::read(&root().join(folder))
}

/// Imports that lead up a list of rooms.
fn imports_up(tree: &Tree, rooms: &[&str]) -> Vec<String> {
    let rank = |file: &str| rooms.iter().position(|known| *known == Tree::room(file));
    let mut wrong = Vec::new();
    for (file, imports) in &tree.imports {
        let Some(own) = rank(file) else { continue };
        for import in imports.iter().filter(|import| rank(import).is_some_and(|other| other < own))
        {
            let (room, other) = (Tree::room(file), Tree::room(import));
            wrong.push(format!("{file} imports {import}: {room} is below {other}"));
        }
    }
    wrong
}

fn words(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').collect()
}
