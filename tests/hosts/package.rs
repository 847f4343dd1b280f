//! A copy of the overlays that a test may change, and that is gone afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Where the overlays stand in the project, and in every copy.
pub(crate) const OVERLAYS: &str = "awsconfigs/common/istio-ingress";

/// A folder of a test's own.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("e2e-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// With the overlays as they are published.
    pub(crate) fn with_overlays() -> Self {
        let folder = Self::new();
        let project = Path::new(env!("CARGO_MANIFEST_DIR"));
        copy(&project.join(OVERLAYS), &folder.path().join(OVERLAYS));
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn overlay(&self, overlay: &str) -> PathBuf {
        let place = if overlay == "base" { "base".into() } else { format!("overlays/{overlay}") };
        self.path().join(OVERLAYS).join(place)
    }

    /// Replaces text in every file of one name.
    #[track_caller]
    pub(crate) fn replace(&self, name: &str, from: &str, to: &str) {
        let mut found = 0;
        for path in files(self.path()).into_keys() {
            let path = self.path().join(path);
            if path.file_name().is_some_and(|file| file == name) {
                let text = fs::read_to_string(&path).unwrap();
                found += text.matches(from).count();
                fs::write(&path, text.replace(from, to)).unwrap();
            }
        }
        assert!(found > 0, "no {name} has {from:?}");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A container may have made files that are not ours to remove.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Every file below a folder, with its bytes.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(place) = open.pop() {
        for entry in fs::read_dir(&place).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for (name, bytes) in files(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Makes a shell script that can be run.
pub(crate) fn script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
