//! Manifests in files, or on stdin, as one stream.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use crate::finding::{Code, Finding};
use crate::runtime::Files;
use krm_package::{Package, Position};

/// A file's name and text.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) text: String,
}

/// A stream, and the files that it was put together from.
#[derive(Default)]
pub(super) struct Manifests {
    pub(super) text: String,
    pub(super) files: Files,
}

impl Manifests {
    /// Reads files, and those of folders, one behind the other, or stdin where there are none. The file
    /// of the configuration is left out where it lies among them.
    pub(super) fn read(
        places: &[PathBuf],
        config: Option<&Path>,
        environment: &mut dyn Environment,
    ) -> Result<Self, Finding> {
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
    ) -> Result<(), Finding> {
        for path in files {
            let file = read(path, environment)?;
            // By itself first: what is open at its end would swallow the next file.
            Package::stream(&file.text)
                .map_err(|error| input_error(format!("{}: {error}", file.name)))?;
            self.push(&file);
        }
        Ok(())
    }

    /// Adds a file, which must be complete by itself.
    pub(super) fn push(&mut self, file: &Named) {
        let text = file.text.trim_start_matches('\u{feff}');
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
        let lines = stream.bytes().filter(|byte| *byte == b'\n').count();
        self.files.push(lines + 1, &file.name);
        self.text.push_str(text);
    }
}

/// The files of places: themselves, and the manifests of folders.
pub(super) fn files(
    places: &[PathBuf],
    config: Option<&Path>,
    environment: &dyn Environment,
) -> Result<Vec<PathBuf>, Finding> {
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
) -> Result<Vec<PathBuf>, Finding> {
    let shown = folder.display();
    for name in ["kustomization.yaml", "kustomization.yml", "Kustomization", "Kptfile"] {
        if environment.is_file(&folder.join(name)) {
            let message = format!(
                "{shown} has a {name}, so its files are not the manifests that are applied; render it first: kserve-aws render {shown}, kustomize build or kpt fn render, and pass the output"
            );
            return Err(input_error(message));
        }
    }
    let mut files = environment
        .manifests(folder)
        .map_err(|error| input_error(format!("cannot read {shown}: {error}")))?;
    files.retain(|file| Some(file.as_path()) != config);
    if files.is_empty() {
        return Err(input_error(format!("{shown} has no .yaml, .yml or .json file")));
    }
    Ok(files)
}

/// Reads a file, or stdin for `-`.
pub(super) fn read(path: &Path, environment: &mut dyn Environment) -> Result<Named, Finding> {
    let is_stdin = path == Path::new("-");
    let bytes = if is_stdin { environment.stdin() } else { environment.file(path) };
    let name = if is_stdin { "stdin".to_owned() } else { path.display().to_string() };
    let bytes = bytes.map_err(|error| unreadable(&name, &error))?;
    Ok(Named { text: text(bytes, &name)?, name })
}

pub(super) fn input_error(message: String) -> Finding {
    Finding::error(Code::BadInput, message)
}

fn unreadable(name: &str, error: &std::io::Error) -> Finding {
    input_error(format!("cannot read {name}: {error}"))
}

fn text(bytes: Vec<u8>, name: &str) -> Result<String, Finding> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
        let position = Position::of(&before, valid);
        input_error(format!(
            "{name} is not UTF-8: byte 0x{:02x} at {position}",
            error.as_bytes()[valid]
        ))
    })
}
