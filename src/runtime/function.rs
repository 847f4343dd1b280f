//! What a function is to the runtime.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::config::FunctionConfig;
use super::field_types::FieldTypes;
use super::items::Items;
use crate::finding::{Finding, Severity};
use krm_package::Edit;

/// What a function wants changed, and what it has to say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// The changes, in order.
    pub edits: Vec<Edit>,
    /// What was found. An error lets none of the changes be made.
    pub findings: Vec<Finding>,
}

impl Plan {
    /// Whether the changes may be made.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity != Severity::Error)
    }
}

/// A KRM function: pure, from its configuration and the objects to a plan.
pub trait Function {
    /// The name of the function, of its image and of its folder.
    const NAME: &'static str;
    /// The kind of its configuration, in the group `fn.kserve-aws.dev/v1alpha1`.
    const KIND: &'static str;
    /// What it does, in one line.
    const SUMMARY: &'static str;
    /// What `--help` says behind the summary.
    const HELP: &'static str;
    /// Other names for fields in a ConfigMap, as the guides' `params.env` has them.
    const ALIASES: &'static [(&'static str, &'static str)] = &[];
    /// The JSON Schema of its configuration: the text of `functions/NAME/schema.json`, which is
    /// generated from [`Function::Spec`]. The text is smaller than what generates it.
    const SCHEMA: &'static str;
    /// The `spec` of its configuration.
    type Spec: DeserializeOwned + JsonSchema;

    /// Looks at the objects and says what to change.
    fn plan(spec: Self::Spec, items: &Items<'_>) -> Plan;
}

/// A function in the registry.
#[derive(Debug, Clone, Copy)]
pub struct Registered {
    /// See [`Function::NAME`].
    pub name: &'static str,
    /// See [`Function::KIND`].
    pub kind: &'static str,
    /// See [`Function::SUMMARY`].
    pub summary: &'static str,
    /// See [`Function::HELP`].
    pub help: &'static str,
    pub(super) aliases: &'static [(&'static str, &'static str)],
    /// See [`Function::SCHEMA`].
    pub schema: &'static str,
    plan: fn(&FunctionConfig<'_>, Registered, &Items<'_>) -> Plan,
}

impl Registered {
    /// Registers a function.
    #[must_use]
    pub const fn of<F: Function>() -> Self {
        Self {
            name: F::NAME,
            kind: F::KIND,
            summary: F::SUMMARY,
            help: F::HELP,
            aliases: F::ALIASES,
            schema: F::SCHEMA,
            plan: plan::<F>,
        }
    }

    /// The fields of `spec` and their types, as its schema has them.
    #[must_use]
    pub fn spec_types(&self) -> FieldTypes<'static> {
        FieldTypes::of(self.schema).into_field("spec")
    }

    /// Reads the configuration and plans.
    #[must_use]
    pub fn plan(&self, config: &FunctionConfig<'_>, items: &Items<'_>) -> Plan {
        (self.plan)(config, *self, items)
    }
}

fn plan<F: Function>(config: &FunctionConfig<'_>, this: Registered, items: &Items<'_>) -> Plan {
    match config.spec::<F::Spec>(&this) {
        Ok(spec) => {
            let plan = F::plan(spec, items);
            let findings = plan.findings.into_iter().map(|finding| config.own(finding, F::ALIASES));
            Plan { findings: findings.collect(), ..plan }
        }
        Err(findings) => Plan { edits: Vec::new(), findings },
    }
}
