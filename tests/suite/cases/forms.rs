//! The same objects in other forms: a stream, a ResourceList, JSON.

use krm_package::Package;
use regex_lite::Regex;
use serde_json::Value;

use super::resource_list;

pub(crate) fn is_list(text: &str) -> bool {
    Package::resource_list(text).is_ok() || text.contains("kind: ResourceList")
}

/// The objects of a package as values. An empty text has none.
pub(crate) fn objects(text: &str) -> Vec<Value> {
    let package = match Package::resource_list(text) {
        Ok(package) => package,
        Err(_) => Package::stream(text).unwrap(),
    };
    package.items().map(|(_, node)| node.value().unwrap()).collect()
}

/// The results of a ResourceList.
pub(crate) fn results(text: &str) -> Vec<Value> {
    let value = Package::resource_list(text).ok().and_then(|package| {
        let results = package.list_field("results")?;
        Some(results.value().unwrap())
    });
    value.and_then(|value| value.as_array().cloned()).unwrap_or_default()
}

/// The text of a list up to its results, which hosts take away; every other text as it is.
pub(crate) fn without_results(text: &str) -> String {
    if results(text).is_empty() {
        return text.to_owned();
    }
    if let Some((before, _)) = text.split_once("\nresults:") {
        return format!("{before}\n");
    }
    let mut list: Value = serde_json::from_str(text).expect("a list in flow style is JSON");
    list.as_object_mut().unwrap().shift_remove("results");
    list.to_string()
}

/// The stream as a ResourceList with the configuration in it, each text indented and otherwise as
/// it is; a list as it is. None where an input can't be read at all.
pub(crate) fn as_list(config: Option<&str>, input: &str) -> Option<String> {
    if is_list(input) {
        return config.is_none().then(|| input.to_owned());
    }
    Package::stream(input).ok()?;
    let config = config?;
    Package::stream(config).ok()?;
    let crlf = input.contains("\r\n");
    let mut list =
        "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n".to_owned();
    for line in config.lines().filter(|line| *line != "---") {
        push_line(&mut list, "  ", line);
    }
    list.push_str("items:\n");
    let mut starts = true;
    for line in input.lines().filter(|line| *line != "...") {
        if line == "---" {
            starts = true;
        } else if starts && !line.trim().is_empty() && !line.starts_with('#') {
            starts = false;
            push_line(&mut list, "- ", line);
        } else {
            push_line(&mut list, "  ", line);
        }
    }
    Some(if crlf { list.replace('\n', "\r\n") } else { list })
}

fn push_line(list: &mut String, indent: &str, line: &str) {
    if !line.is_empty() {
        list.push_str(indent);
        list.push_str(line);
    }
    list.push('\n');
}

/// A ResourceList as one line of JSON; None where an object has a tag or an anchor, which JSON has no
/// word for.
pub(crate) fn as_json(list: &str) -> Option<String> {
    let package = Package::resource_list(list).unwrap_or_else(|error| panic!("{error}:\n{list}"));
    if list.contains(": *") || package.items().any(|(_, node)| node.value().is_err()) {
        return None;
    }
    let config = package.list_field("functionConfig").map(|config| config.value().unwrap());
    Some(resource_list(config.as_ref(), &objects(list)).to_string())
}

/// Messages without what depends on the form: places in the text, and the configuration's file.
pub(crate) fn without_places(stderr: &str) -> String {
    let mut kept = String::new();
    let stderr = stderr.replace("config.yaml ", "functionConfig ").replace("input.yaml: ", "");
    let in_file = Regex::new(r"input\.yaml:\d+:\d+").unwrap();
    let stderr = in_file.replace_all(&stderr, "line 1, column 1");
    let mut rest = stderr.as_ref();
    while let Some(at) = rest.find("line ") {
        kept.push_str(&rest[..at]);
        rest = rest[at + "line ".len()..]
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .trim_start_matches(", column ")
            .trim_start_matches(|c: char| c.is_ascii_digit());
    }
    kept + rest
}
