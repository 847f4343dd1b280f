//! Which files of a crate import which, read from their text.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::imports::{Import, imports};
use crate::sources;

/// Paths from the crate's root that a file gives another name, by that name.
type Exports = BTreeMap<String, Vec<String>>;

/// The files of a crate, without tests, and what each imports.
pub(super) struct Tree {
    pub(super) texts: BTreeMap<String, String>,
    pub(super) imports: BTreeMap<String, BTreeSet<String>>,
}

impl Tree {
    pub(super) fn read(folder: &Path) -> Self {
        let name = |file: &Path| file.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        let files = sources::files(folder);
        Self::of(files.iter().map(|file| (name(file), fs::read_to_string(file).unwrap())))
    }

    pub(super) fn of(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let texts: BTreeMap<String, String> =
            files.into_iter().map(|(file, text)| (file, sources::code(&text))).collect();
        let paths: BTreeMap<&String, Vec<Import>> =
            texts.iter().map(|(file, text)| (file, imports(text, &module_of(file)))).collect();
        let mut tree = Self { texts: texts.clone(), imports: BTreeMap::new() };
        let exports: BTreeMap<&String, Exports> = paths
            .iter()
            .map(|(file, paths)| {
                let exported = paths.iter().filter(|path| path.is_export);
                let named = exported.map(|path| (path.name.clone(), path.segments.clone()));
                (*file, named.collect())
            })
            .collect();
        for (file, paths) in &paths {
            // What a `mod.rs` re-exports is the import of whoever uses it.
            let is_module = file.ends_with("mod.rs") || *file == "lib.rs";
            let imported = paths
                .iter()
                .filter(|path| !(is_module && path.is_export))
                .filter_map(|path| tree.resolve(&path.segments, &exports))
                .filter(|other| other != *file)
                .collect();
            tree.imports.insert((*file).clone(), imported);
        }
        tree
    }

    /// The first folder, or the file at the root.
    pub(super) fn room(file: &str) -> &str {
        file.split('/').next().unwrap().trim_end_matches(".rs")
    }

    fn file_of(&self, module: &[String]) -> Option<String> {
        let path = module.join("/");
        let names = if path.is_empty() {
            ["lib.rs".to_owned(), "main.rs".to_owned()]
        } else {
            [format!("{path}.rs"), format!("{path}/mod.rs")]
        };
        names.into_iter().find(|name| self.texts.contains_key(name))
    }

    /// The file that defines what a path names.
    fn resolve(&self, segments: &[String], exports: &BTreeMap<&String, Exports>) -> Option<String> {
        let mut segments = segments.to_vec();
        // Each turn follows one re-export; a chain of them is short.
        for _ in 0..8 {
            let (length, file) = (0..=segments.len())
                .rev()
                .find_map(|length| Some((length, self.file_of(&segments[..length])?)))?;
            let next = segments.get(length);
            match next.and_then(|name| exports.get(&file)?.get(name)) {
                Some(target) if target[..] != segments[..=length] => {
                    segments = [target, &segments[length + 1..]].concat();
                }
                // A path of another crate, that starts where a child of the root would.
                _ if length == 0 && next.is_some_and(|name| !self.defines(&file, name)) => {
                    return None;
                }
                _ => return Some(file),
            }
        }
        None
    }

    /// Whether a file has an item of a name.
    fn defines(&self, file: &str, name: &str) -> bool {
        let item = format!(r"\b(?:fn|struct|enum|trait|type|const|static|union) {name}\b");
        regex_lite::Regex::new(&item).unwrap().is_match(&self.texts[file])
    }

    /// Files that reach each other, each group once.
    pub(super) fn circles(&self) -> Vec<Vec<String>> {
        circles(&self.imports)
    }

    /// The imports of some files among themselves.
    pub(super) fn imports_within(&self, files: &[String]) -> Vec<String> {
        let of = |file: &String| {
            let others = self.imports[file].iter().filter(|other| files.contains(other));
            others.map(|other| format!("{file} imports {other}")).collect::<Vec<_>>()
        };
        files.iter().flat_map(of).collect()
    }

    /// Rooms that reach each other, each group once.
    pub(super) fn circles_of_rooms(&self) -> Vec<Vec<String>> {
        let mut rooms: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (file, imports) in &self.imports {
            let own = Self::room(file);
            let others = imports.iter().map(|other| Self::room(other).to_owned());
            rooms.entry(own.to_owned()).or_default().extend(others.filter(|other| other != own));
        }
        circles(&rooms)
    }
}

/// The module that a file is.
fn module_of(file: &str) -> Vec<String> {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').filter(|part| !matches!(*part, "lib" | "main")).map(str::to_owned).collect()
}

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
