//! The cases of the functions: `fixtures/<function>/<case>/`.

use std::fs;
use std::path::{Path, PathBuf};

/// One directory, as it lies there.
pub struct Fixture {
    pub name: String,
    pub folder: PathBuf,
    /// For a ResourceList it may stand in the list instead.
    pub config: Option<String>,
    /// A stream of documents, or a ResourceList.
    pub input: String,
}

/// A file of the project, from its root.
pub fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Every case of a function, in the order of their names. One without an `input.yaml` has that of the
/// function.
pub fn fixtures(function: &str) -> Vec<Fixture> {
    let all = project("fixtures").join(function);
    let entries = fs::read_dir(&all).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut found: Vec<Fixture> = entries
        .filter(|path| path.is_dir())
        .map(|folder| {
            let own = folder.join("input.yaml");
            let input = if own.is_file() { own } else { all.join("input.yaml") };
            Fixture {
                name: folder.file_name().unwrap().to_string_lossy().into_owned(),
                config: fs::read_to_string(folder.join("config.yaml")).ok(),
                input: fs::read_to_string(&input)
                    .unwrap_or_else(|error| panic!("{input:?}: {error}")),
                folder,
            }
        })
        .collect();
    found.sort_by(|left, right| left.name.cmp(&right.name));
    found
}
