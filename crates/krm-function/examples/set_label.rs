//! Sets one label on every object: a whole function.
//!
//! The test beside it builds it and has kustomize run it as an exec function.

use krm_function::{Function, Items, Plan, Project, Registered, Registry, serve};

struct Example;
impl Project for Example {
    const API_VERSION: &'static str = "fn.example.com/v1";
    type Code = &'static str;
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Label {
    key: String,
    value: String,
}

struct SetLabel;
impl Function for SetLabel {
    type Project = Example;
    type Spec = Label;
    const NAME: &'static str = "set-label";
    const KIND: &'static str = "SetLabel";
    const SUMMARY: &'static str = "Set a label on every object";
    fn plan(Label { key, value }: Label, items: &Items<'_>) -> Plan {
        let labels = |key: &str| krm_function::key_path("metadata.labels", key);
        items.iter().filter_map(|item| item.set(labels(&key), value.as_str())).collect()
    }
}

fn main() -> std::process::ExitCode {
    serve(Registry::new(const { &[Registered::of::<SetLabel>()] }))
}
