//! `kserve-aws schema KIND`.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::Answer;
use crate::functions;
use crate::runtime::{API_VERSION, Registered};

pub(super) fn run(kind: &str, write: impl FnOnce(&Answer<'_>) -> ExitCode) -> ExitCode {
    match functions::of_kind(kind) {
        Ok(function) => write(&Answer::text(&format!("{:#}\n", of(function)))),
        Err(hint) => write(&Answer::failure(&format!("there is no kind {kind:?}; {hint}"))),
    }
}

/// The schema of a whole configuration, as a `KRMFunctionDefinition` has it.
pub(super) fn of(function: &Registered) -> Value {
    json!({
        "type": "object",
        "description": function.summary,
        "required": ["apiVersion", "kind"],
        "additionalProperties": false,
        "properties": {
            "apiVersion": { "type": "string", "enum": [API_VERSION] },
            "kind": { "type": "string", "enum": [function.kind] },
            "metadata": { "type": "object" },
            "spec": function.spec_schema(),
        },
    })
}
