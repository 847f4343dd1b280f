//! The real manifests of `shared/corpora`.

use std::io::Read;

pub struct File {
    /// Its path.
    pub name: String,
    pub text: String,
}

impl File {
    pub fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }
}

/// All of them, in the order of their names; none where the folder is missing.
pub fn files() -> Vec<File> {
    read("corpora")
}

/// Those of one folder.
pub fn of(folder: &str) -> Vec<File> {
    read(&format!("corpora/{folder}"))
}

fn read(folder: &str) -> Vec<File> {
    let Some(root) = crate::shared(folder) else { return Vec::new() };
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
