//! The paths in a file that lead into its own crate.

use std::collections::BTreeMap;

use regex_lite::Regex;

/// A path from the crate's root.
pub(super) struct Import {
    pub(super) segments: Vec<String>,
    /// What it is called here.
    pub(super) name: String,
    pub(super) is_export: bool,
}

/// The `use` declarations of a file, and the paths that it writes out where it uses them: from
/// `crate`, `self` or `super`, from a module that it declares, from a module that it imports.
pub(super) fn imports(text: &str, module: &[String]) -> Vec<Import> {
    let declaration = Regex::new(r"(?m)^[ \t]*(pub(?:\([^)]*\))? )?use ([^;]+);").unwrap();
    let mut found = Vec::new();
    for declared in declaration.captures_iter(text) {
        let tree = declared[2].split_whitespace().collect::<Vec<_>>().join(" ");
        for (path, name) in unfolded(&tree) {
            let is_export = declared.get(1).is_some();
            found.extend(rooted(&path, module).map(|segments| Import {
                segments,
                name,
                is_export,
            }));
        }
    }
    // A visibility is not an import: `pub(in crate::a)`.
    let visibility = Regex::new(r"\bpub\([^)]*\)").unwrap();
    let rest = declaration.replace_all(text, "");
    let rest = visibility.replace_all(&rest, "pub");
    let child = Regex::new(r"(?m)^(?:pub(?:\([^)]*\))? )?mod (\w+);").unwrap();
    let mut starts: BTreeMap<String, Vec<String>> = found
        .iter()
        .filter(|import| import.name.starts_with(char::is_lowercase))
        .map(|import| (import.name.clone(), import.segments.clone()))
        .collect();
    for declared in child.captures_iter(text) {
        let segments = [module, &[declared[1].to_owned()]].concat();
        starts.insert(declared[1].to_owned(), segments);
    }
    let path = Regex::new(r"[A-Za-z_][A-Za-z_0-9]*(?:::[A-Za-z_][A-Za-z_0-9]*)+").unwrap();
    for written in path.find_iter(&rest) {
        let before = &rest[..written.start()];
        // The rest of a longer path, `<T>::a::b`, or the end of a name.
        if before.ends_with("::") || before.ends_with('.') {
            continue;
        }
        let segments: Vec<&str> = written.as_str().split("::").collect();
        let segments = match segments[0] {
            "crate" | "self" | "super" => rooted(written.as_str(), module),
            first => starts.get(first).map(|start| {
                let rest = segments[1..].iter().map(|part| (*part).to_owned());
                start.iter().cloned().chain(rest).collect()
            }),
        };
        found.extend(segments.map(|segments| Import {
            name: segments.last().cloned().unwrap_or_default(),
            segments,
            is_export: false,
        }));
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
