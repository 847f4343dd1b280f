//! Folders as the objects that they represent: what kustomize makes of a kustomization and kpt of a
//! package, with this project's functions run in this process.
//!
//! The rules are those of kustomize's own code (`sigs.k8s.io/kustomize/api` v0.21.2 and `kyaml`) and of
//! kpt's. What is not rendered here is refused by the name of its field, never left out. Nothing is read
//! but through [`Files`], and nothing is written.

mod changes;
mod diags;
mod document;
mod fields;
mod function;
mod id;
mod kustomization;
mod package;
mod written;

use std::io;
use std::path::{Path, PathBuf};

pub(crate) use changes::{Texts, changed, line_diff, plan, unified};
use diags::FileProblem;
pub(crate) use diags::Refused;
pub(crate) use document::{Document, stream, stream_of};
pub(crate) use function::{Findings, Named, name_of};
pub(crate) use kustomization::{Functions, kustomization};
pub(crate) use package::{Tree, package, with_config};

/// The files that a rendering may read.
pub(crate) trait Files {
    /// The bytes of a file.
    fn file(&mut self, path: &Path) -> io::Result<Vec<u8>>;
    /// Whether there is a file of this name.
    fn is_file(&self, path: &Path) -> bool;
    /// Whether there is a folder of this name.
    fn is_folder(&self, path: &Path) -> bool;
    /// Says what is done, to who waits.
    fn progress(&mut self, what: &str);
    /// Every file in a folder and the folders below, by name.
    fn files(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;
}

/// What came of a rendering.
#[derive(Debug, Default)]
pub(crate) struct Rendered {
    /// The objects, in the order in which the host prints them.
    pub(crate) documents: Vec<Document>,
    /// Those that it does not print, since their annotation keeps them out of the cluster.
    pub(crate) local: Vec<Document>,
}

/// The objects of a stream, each in the file in which it is by itself.
pub(crate) fn own_files(stream: &str) -> Result<Texts, Refused> {
    let documents = Document::of_file(Path::new("the output"), stream)?;
    Ok(documents.iter().map(|one| (one.own_file(), one.own_text())).collect())
}

/// The text of a file.
fn text(files: &mut dyn Files, path: &Path) -> Result<String, Refused> {
    let bytes = bytes(files, path)?;
    String::from_utf8(bytes).map_err(|_| Refused::file(path, &FileProblem::NotUtf8))
}

/// What a file holds.
fn bytes(files: &mut dyn Files, path: &Path) -> Result<Vec<u8>, Refused> {
    files.file(path).map_err(|error| Refused::unavailable(path, error))
}

/// A path of a kustomization, without `..`.
fn resolved(folder: &Path, path: &str) -> PathBuf {
    let mut place = folder.to_owned();
    for part in Path::new(path).components() {
        match part {
            std::path::Component::ParentDir if place.file_name().is_some() => {
                place.pop();
            }
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir if place == Path::new(".") => place = "..".into(),
            other => place.push(other),
        }
    }
    place
}
