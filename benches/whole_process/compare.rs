//! Whether two ways made the same edit, and what else they changed.

use std::fs;
use std::path::Path;
use std::process::Command;

use krm_package::{NodeRef, Package};
use serde_json::Value;

/// The Ingress in an output, without what hosts write into it for themselves.
pub(crate) fn ingress(output: &Path) -> Option<Value> {
    let text = fs::read_to_string(output).ok()?;
    let package = Package::resource_list(&text).or_else(|_| Package::stream(&text)).ok()?;
    let mut found = package.items().map(|(_, node)| node).filter(|node| {
        node.get("kind").and_then(NodeRef::as_str).is_some_and(|kind| kind == "Ingress")
    });
    let mut ingress = found.next()?.value().ok()?;
    let annotations = ingress.pointer_mut("/metadata/annotations")?.as_object_mut()?;
    annotations.retain(|name, _| !name.contains("config.kubernetes.io/"));
    Some(ingress)
}

/// How many lines of the objects before the Ingress left the list, and how many came instead;
/// `None` without `diff`.
pub(crate) fn other_lines(list: &Path, output: &Path) -> Option<(usize, usize)> {
    let heads = [list, output].map(|path| {
        let text = fs::read_to_string(path).ok()?;
        let end = text.find("\n- apiVersion: networking.k8s.io/v1\n  kind: Ingress\n")?;
        let head = path.with_extension("head");
        fs::write(&head, &text[..end]).ok()?;
        Some(head)
    });
    let [Some(before), Some(after)] = heads else {
        return None;
    };
    let differences = Command::new("diff").args([before, after]).output().ok()?;
    let count = |sign: u8| {
        differences
            .stdout
            .split(|byte| *byte == b'\n')
            .filter(|line| line.first() == Some(&sign))
            .count()
    };
    Some((count(b'<'), count(b'>')))
}
