//! A program that is one function, without a type for it.

use std::process::ExitCode;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::config::FunctionConfig;
use super::declaration::Declaration;
use super::function::{Plan, Registered, plan_with};
use super::items::Items;
use super::project::Project;
use super::registry::Registry;
use super::schema;
use super::serve::serve;

/// The `main` of a program that is one function: `plan`, configured by `kind` in `api_version`.
///
/// It runs as [`serve`] does. What a [`Function`](crate::Function) can have beyond that (several in one
/// program, codes of a type of its own, secrets, generated objects, other names for fields) takes that trait.
///
/// ```no_run
/// use krm_function::{Finding, Items, Plan, serve_one};
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// #[serde(deny_unknown_fields)]
/// struct Limit {
///     most: usize,
/// }
///
/// fn main() -> std::process::ExitCode {
///     serve_one("fn.example.com/v1", "ObjectLimit", |limit: Limit, items: &Items<'_>| {
///         let mut plan = Plan::default();
///         if items.iter().count() > limit.most {
///             plan.findings.push(Finding::error("too-many-objects", "remove some objects"));
///         }
///         plan
///     })
/// }
/// ```
#[must_use]
pub fn serve_one<S: DeserializeOwned + JsonSchema + 'static>(
    api_version: &'static str,
    kind: &'static str,
    plan: impl Fn(S, &Items<'_>) -> Plan + Sync + 'static,
) -> ExitCode {
    let declaration = Declaration {
        name: kind,
        api_version,
        kind,
        summary: "the function of this program",
        help: "",
        config_is_optional: false,
        aliases: &[],
        schema: |own| {
            let schema = schema::configuration::<S>(own.api_version, own.kind, own.summary);
            format!("{schema:#}\n").into()
        },
    };
    // A registry is static, as it is where the functions are known at compile time; this one lives as long as
    // the program.
    let plan = Box::leak(Box::new(
        move |config: Option<&FunctionConfig<'_>>, declaration: &Declaration, items: &Items<'_>| {
            plan_with(config, declaration, items, &plan)
        },
    ));
    let function = Registered::<Anonymous>::with(declaration, plan);
    serve(Registry::new(Box::leak(Box::new([function]))))
}

/// The project of a function that names none. Its version is the declaration's.
struct Anonymous;

impl Project for Anonymous {
    const API_VERSION: &'static str = "";
    type Code = &'static str;
}
