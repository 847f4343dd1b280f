//! The files that `render` reads: the system's, or those that are built in.

use std::io;
use std::path::{Path, PathBuf};

use super::built_in;
use crate::cli::diags::WrongInput;
use crate::cli::environment::Environment;
use crate::cli::output::Refusal;
use crate::rendering::{Files, Texts};

/// The names of a kustomization file, and of kpt's.
pub(super) const KUSTOMIZATIONS: [&str; 3] = kustomize_types::kustomization::FILE_NAMES;
pub(super) const KPTFILE: &str = kustomize_types::kptfile::FILE_NAME;

pub(super) struct Source<'e> {
    pub(super) environment: &'e mut dyn Environment,
    pub(super) built_in: bool,
}

impl Source<'_> {
    /// Whether a folder is rendered as a package of kpt: where that is wanted, and where it is nothing
    /// else.
    pub(super) fn is_package(&self, folder: &Path, is_wanted: bool) -> bool {
        let has = |name: &str| self.is_file(&folder.join(name));
        has(KPTFILE) && (is_wanted || !KUSTOMIZATIONS.iter().any(|name| has(name)))
    }

    /// Of these files those that are there.
    pub(super) fn texts<'p>(
        &mut self,
        paths: impl Iterator<Item = &'p PathBuf>,
    ) -> Result<Texts, Refusal> {
        let mut texts = Texts::new();
        for path in paths {
            if self.environment.is_file(path) {
                let read = self.environment.file(path).map(String::from_utf8);
                let text = read.ok().and_then(Result::ok).ok_or(WrongInput::NotText(path))?;
                texts.insert(path.clone(), text);
            }
        }
        Ok(texts)
    }

    /// Takes away what was said to who waits.
    pub(super) fn done(&mut self) {
        self.environment.progress("");
    }
}

impl Files for Source<'_> {
    fn file(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        if self.built_in {
            let found = built_in::file(path).map(|text| text.as_bytes().to_vec());
            return found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "is not built in"));
        }
        self.environment.file(path)
    }

    fn is_file(&self, path: &Path) -> bool {
        if self.built_in { built_in::file(path).is_some() } else { self.environment.is_file(path) }
    }

    fn is_folder(&self, path: &Path) -> bool {
        if self.built_in { built_in::is_folder(path) } else { self.environment.is_folder(path) }
    }

    fn files(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        if self.built_in { Ok(Vec::new()) } else { self.environment.files(folder) }
    }

    fn progress(&mut self, what: &str) {
        self.environment.progress(what);
    }
}
