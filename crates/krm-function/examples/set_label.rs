//! Sets one label on every object: a whole function.
//!
//! The test beside it builds it and has kustomize run it as an exec function.

use krm_function::{Items, Plan, key_path, serve_one};

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Label {
    key: String,
    value: String,
}

fn main() -> std::process::ExitCode {
    serve_one("fn.example.com/v1", "SetLabel", |label: Label, items: &Items<'_>| -> Plan {
        let path = key_path("metadata.labels", &label.key);
        items.iter().filter_map(|item| item.set(path.clone(), label.value.as_str())).collect()
    })
}
