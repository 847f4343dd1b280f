//! A package that a command only reads: files, folders, stdin.

use std::path::PathBuf;

use super::diags::WrongInput;
use super::environment::Environment;
use super::manifests::{self, Manifests};
pub(super) use super::manifests::{items, parse};
use super::output::Refusal;
use super::render;
use crate::runtime::Acceptances;

/// Reads files, the manifests of folders, and stdin (`-`, and without any place), as one stream. Of a
/// folder with a kustomization or a Kptfile it has what rendering gives: its files are not what is applied.
/// What a function of such a folder finds is an error, unless it is accepted.
///
/// # Errors
/// What cannot be read or rendered, and a package without an object: of the output of a program that failed,
/// nothing could be found.
pub(super) fn read(
    places: &[PathBuf],
    accepted: &Acceptances,
    environment: &mut dyn Environment,
) -> Result<Manifests, Refusal> {
    let manifests = if places.iter().any(|place| render::renders(place, environment)) {
        rendered(places, accepted, environment)?
    } else {
        let stdin = [PathBuf::from("-")];
        Manifests::read(if places.is_empty() { &stdin } else { places }, None, environment)?
    };
    if parse(&manifests)?.items().next().is_none() {
        return Err(WrongInput::NoObject(places).into());
    }
    Ok(manifests)
}

/// Places of which some are rendered.
fn rendered(
    places: &[PathBuf],
    accepted: &Acceptances,
    environment: &mut dyn Environment,
) -> Result<Manifests, Refusal> {
    let mut manifests = Manifests::default();
    for place in places {
        if render::renders(place, environment) {
            manifests.append(&render::manifests(place, accepted, environment)?);
        } else {
            let files = manifests::files(std::slice::from_ref(place), None, environment)?;
            manifests.add(&files, environment)?;
        }
    }
    Ok(manifests)
}
