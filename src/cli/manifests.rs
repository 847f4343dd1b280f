//! Manifests in files, or on stdin, as one stream.

use std::path::{Path, PathBuf};

use super::diags::WrongInput;
use super::environment::Environment;
use super::output::Refusal;
use crate::finding::Finding;
use crate::runtime::{Files, Items, unreadable};
use krm_package::{Package, Position};

/// A file's name and text.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) text: String,
}

impl Named {
    /// The documents, by themselves.
    pub(super) fn parsed(&self) -> Result<Package<'_>, Finding> {
        Package::stream(&self.text).map_err(|error| unreadable(&self.text, &error, &self.files()))
    }

    /// The file as the only one.
    pub(super) fn files(&self) -> Files {
        let mut files = Files::default();
        files.push(1, &self.name);
        files
    }
}

/// A stream, and the files that it was put together from.
#[derive(Default)]
pub(super) struct Manifests {
    pub(super) text: String,
    pub(super) files: Files,
    /// What to report of how it was read.
    pub(super) findings: Vec<Finding>,
    /// The bytes of the text whose line breaks are counted, and how many those are.
    pub(super) counted: (usize, usize),
}

impl Manifests {
    /// Reads files, and those of folders, one behind the other, or stdin where there are none. The file
    /// of the configuration is left out where it lies among them.
    pub(super) fn read(
        places: &[PathBuf],
        config: Option<&Path>,
        environment: &mut dyn Environment,
    ) -> Result<Self, Refusal> {
        let mut manifests = Self::default();
        match &files(places, config, environment)?[..] {
            [] => manifests.text = read(Path::new("-"), environment)?.text,
            [only] => {
                let file = read(only, environment)?;
                manifests.files.push(1, &file.name);
                manifests.text = file.text;
            }
            several => manifests.add(several, environment)?,
        }
        Ok(manifests)
    }

    /// Adds files, one behind the other.
    pub(super) fn add(
        &mut self,
        files: &[PathBuf],
        environment: &mut dyn Environment,
    ) -> Result<(), Refusal> {
        for path in files {
            let file = read(path, environment)?;
            // By itself first: what is open at its end would swallow the next file.
            file.parsed()?;
            self.push(&file);
        }
        Ok(())
    }

    /// Adds a file, which must be complete by itself.
    pub(super) fn push(&mut self, file: &Named) {
        let first_line = self.push_text(&file.text);
        self.files.push(first_line, &file.name);
    }

    /// Adds what was rendered.
    pub(super) fn append(&mut self, rendered: &Self) {
        self.findings.extend_from_slice(&rendered.findings);
        let first_line = self.push_text(&rendered.text);
        self.files.extend(first_line, &rendered.files);
    }

    /// Adds documents behind those before; gives their first line.
    fn push_text(&mut self, text: &str) -> usize {
        let text = text.trim_start_matches('\u{feff}');
        let first_line =
            text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'));
        let stream = &mut self.text;
        if !stream.is_empty() {
            if !stream.ends_with('\n') {
                stream.push('\n');
            }
            match first_line {
                Some(line) if line.starts_with("---") => {}
                Some(line) if line.starts_with('%') => stream.push_str("...\n"),
                _ => stream.push_str("---\n"),
            }
        }
        // Counted from the start for every file, many small files would cost their square.
        let (bytes, breaks) = self.counted;
        let new = stream.bytes().skip(bytes).filter(|byte| *byte == b'\n').count();
        self.counted = (stream.len(), breaks + new);
        self.text.push_str(text);
        self.counted.1 + 1
    }
}

/// The files of places: themselves, and the manifests of folders.
pub(super) fn files(
    places: &[PathBuf],
    config: Option<&Path>,
    environment: &dyn Environment,
) -> Result<Vec<PathBuf>, Refusal> {
    let mut files = Vec::new();
    for place in places {
        if environment.is_folder(place) {
            files.extend(of_folder(place, config, environment)?);
        } else {
            files.push(place.clone());
        }
    }
    Ok(files)
}

/// The manifests of a folder and of those below.
fn of_folder(
    folder: &Path,
    config: Option<&Path>,
    environment: &dyn Environment,
) -> Result<Vec<PathBuf>, Refusal> {
    for name in ["kustomization.yaml", "kustomization.yml", "Kustomization", "Kptfile"] {
        if environment.is_file(&folder.join(name)) {
            return Err(WrongInput::NotRendered { folder, file: name }.into());
        }
    }
    let mut files = environment
        .manifests(folder)
        .map_err(|error| WrongInput::CannotRead { name: folder.display().to_string(), error })?;
    files.retain(|file| Some(file.as_path()) != config);
    if files.is_empty() {
        return Err(WrongInput::NoManifests(folder).into());
    }
    Ok(files)
}

/// Reads a file, or stdin for `-`.
pub(super) fn read(path: &Path, environment: &mut dyn Environment) -> Result<Named, Refusal> {
    let is_stdin = path == Path::new("-");
    let bytes = if is_stdin { environment.stdin() } else { environment.file(path) };
    let name = if is_stdin { "stdin".to_owned() } else { path.display().to_string() };
    let bytes = bytes.map_err(|error| WrongInput::CannotRead { name: name.clone(), error })?;
    Ok(Named { text: text(bytes, &name)?, name })
}

fn text(bytes: Vec<u8>, name: &str) -> Result<String, Refusal> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
        let position = Position::of(&before, valid);
        WrongInput::NotUtf8At { name, byte: error.as_bytes()[valid], position }.into()
    })
}

/// Parses the stream, or the items of a ResourceList.
pub(super) fn parse(manifests: &Manifests) -> Result<Package<'_>, Finding> {
    let Manifests { text, files, .. } = manifests;
    Package::manifests(text).map_err(|error| unreadable(text, &error, files))
}

/// The objects.
pub(super) fn items<'p>(
    package: &'p Package<'_>,
    files: &Files,
) -> Result<Items<'p>, Vec<Finding>> {
    Items::of_files(package, files)
        .map_err(|others| others.into_iter().map(Finding::from).collect())
}
