//! `validate-serving-path`: every lint and every door of a package as it will be applied.

mod diags;
mod expect;
mod protect;
mod spec;

use std::borrow::Cow;

use crate::path::{World, check};
use crate::runtime::{Function, Items, KserveAws, Plan};

pub(crate) use spec::{Protect, ServingPathCheck};

/// Checks a package that others have rendered.
pub(crate) struct ValidateServingPath;

impl Function for ValidateServingPath {
    type Project = KserveAws;
    const NAME: &'static str = "validate-serving-path";
    const KIND: &'static str = "ServingPathCheck";
    const SUMMARY: &'static str =
        "Check that no request reaches protected pods without its token or login";
    const HELP: &'static str = "Changes nothing. Placed last, it reads the objects as they will be applied, whoever wrote them: what the
controllers make of them, every rule of every load balancer, every other way to the pods behind them.
Without a configuration it requires what annotations require, and a token or a login in front of every
public InferenceService.";
    const CONFIG_IS_OPTIONAL: bool = true;
    type Spec = ServingPathCheck;

    fn schema() -> Cow<'static, str> {
        include_str!("../../../functions/validate-serving-path/schema.json").into()
    }

    fn plan(spec: ServingPathCheck, items: &Items<'_>) -> Plan {
        let mut plan = Plan::default();
        let (world, unreadable) = World::of(items);
        let protected = protect::protected(&spec.protect, &world, items, &mut plan.findings);
        if !plan.is_sound() {
            return plan.blocked();
        }
        let follows = spec.auto.unwrap_or(true);
        plan.findings.extend(check::check(&world, unreadable, protected, follows));
        plan.findings.extend(expect::findings(&spec.expect, &world));
        plan
    }
}
