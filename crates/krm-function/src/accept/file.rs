//! A file of acceptances.

use krm_package::{FieldPath, LineIndex, Package};
use serde::Deserialize;

use super::super::code::Code;
use super::super::diags::{WrongAcceptFile, unreadable};
use super::super::files::Files;
use super::super::finding::Finding;
use super::super::place::Place;
use super::entry::Acceptance;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AcceptFile {
    accept: Vec<Acceptance>,
}

/// The list in a file.
pub(super) fn listed<C: Code>(
    text: &str,
    name: &str,
) -> Result<Vec<(Acceptance, Place)>, Vec<Finding<C>>> {
    let mut files = Files::default();
    files.push(1, name);
    let package = Package::stream(text).map_err(|error| vec![unreadable(text, &error, &files)])?;
    let mut documents = package.items().map(|(_, node)| node);
    let (Some(node), None) = (documents.next(), documents.next()) else {
        return Err(vec![WrongAcceptFile::NotOneList { name }.into()]);
    };
    let file: AcceptFile =
        node.read().map_err(|error| vec![unreadable(text, &error.into(), &files)])?;
    let lines = LineIndex::of(text);
    let place = |index| {
        let start = node.marked(&FieldPath::from("accept").index(index)).start;
        Place { position: Some(lines.position(start)), ..Place::of_file(name) }
    };
    Ok(file.accept.into_iter().enumerate().map(|(index, one)| (one, place(index))).collect())
}
