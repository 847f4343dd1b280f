//! Renames an object in a stream of manifests, and leaves every other byte as it was:
//! `cargo run --example rename -- OLD NEW < manifests.yaml`.

use std::io::{Read, Write};
use std::process::ExitCode;

use json_patch::Patch;
use krm_package::{Edit, Package, operation};

fn main() -> ExitCode {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let [old, new] = &names[..] else {
        return failed("expected two arguments: the old name and the new one");
    };
    let mut source = String::new();
    if let Err(error) = std::io::stdin().read_to_string(&mut source) {
        return failed(&error.to_string());
    }
    match renamed(&source, old, new) {
        Ok(text) => match std::io::stdout().write_all(text.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error.to_string()),
        },
        Err(message) => failed(&message),
    }
}

fn renamed(source: &str, old: &str, new: &str) -> Result<String, String> {
    let package = Package::stream(source).map_err(|error| error.to_string())?;
    let named = package.items().filter(|(_, object)| {
        let name = object.get("metadata").and_then(|metadata| metadata.get("name"));
        name.and_then(|name| name.as_str()).as_deref() == Some(old)
    });
    let edits: Vec<Edit> = named
        .map(|(item, _)| Edit::Patch {
            item,
            operations: Patch(vec![operation::replace(&["metadata", "name"], new)]),
        })
        .collect();
    if edits.is_empty() {
        return Err(format!("no object is named {old:?}"));
    }
    let edited = package.apply(&edits, &[]).map_err(|error| error.error.to_string())?;
    Ok(edited.to_string())
}

fn failed(message: &str) -> ExitCode {
    // Nothing else can be done about an error of stderr.
    let _ = writeln!(std::io::stderr(), "rename: {message}");
    ExitCode::FAILURE
}
