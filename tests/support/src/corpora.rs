//! Real files for tests, where they are at hand: a folder `corpora/` beside the checkout's
//! `shared/`, or under `KSERVE_AWS_SHARED`. A test passes without them.

use std::io::Read;
use std::path::{Path, PathBuf};

pub struct File {
    pub name: String,
    pub text: String,
}

pub fn files() -> Vec<File> {
    let root = std::env::var_os("KSERVE_AWS_SHARED")
        .map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
            PathBuf::from,
        )
        .join("corpora");
    if !root.is_dir() {
        assert!(
            std::env::var_os("KSERVE_AWS_REQUIRE_SHARED").is_none(),
            "KSERVE_AWS_REQUIRE_SHARED is set and there is no corpora folder"
        );
        eprintln!("skipped: no corpora folder beside the checkout");
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let mut text = String::new();
            if path.extension().is_some_and(|extension| extension == "gz") {
                flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
            } else {
                text = String::from_utf8(bytes).unwrap();
            }
            found.push(File { name: path.display().to_string(), text });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}
