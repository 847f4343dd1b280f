//! Sets one label on every object: a whole KRM function, which a host runs on a ResourceList.
//!
//! The test beside it builds it and has kustomize run it as an exec function.

use std::error::Error;
use std::io::{self, Read, Write};

use json_patch::Patch;
use krm_package::{Edit, Package, operation};
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let mut list = String::new();
    io::stdin().read_to_string(&mut list)?;
    let package = Package::resource_list(&list)?;
    let edits = package.items().map(|(item, object)| {
        let labels = object.get("metadata").and_then(|metadata| metadata.get("labels"));
        let add = match labels {
            Some(_) => operation::add(&["metadata", "labels", "team"], "shop"),
            None => operation::add(&["metadata", "labels"], json!({ "team": "shop" })),
        };
        Edit::Patch { item, operations: Patch(vec![add]) }
    });
    let edits: Vec<Edit> = edits.collect();
    let labelled = package.apply(&edits, &[]).map_err(|refused| refused.error)?;
    write!(io::stdout(), "{labelled}")?;
    Ok(())
}
