//! A file of acceptances.

use krm_package::Package;
use serde::Deserialize;

use super::super::code::Code;
use super::super::diags::{WrongAcceptFile, unreadable};
use super::super::files::Files;
use super::super::finding::Finding;
use super::entry::Acceptance;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AcceptFile {
    accept: Vec<Acceptance>,
}

/// The list in a file.
pub(super) fn listed<C: Code>(text: &str, name: &str) -> Result<Vec<Acceptance>, Vec<Finding<C>>> {
    let mut files = Files::default();
    files.push(1, name);
    let package = Package::stream(text).map_err(|error| vec![unreadable(text, &error, &files)])?;
    let mut documents = package.items().map(|(_, node)| node);
    let (Some(node), None) = (documents.next(), documents.next()) else {
        return Err(vec![WrongAcceptFile::NotOneList { name }.into()]);
    };
    let file: AcceptFile =
        node.read().map_err(|error| vec![WrongAcceptFile::Unreadable { name, error }.into()])?;
    Ok(file.accept)
}
