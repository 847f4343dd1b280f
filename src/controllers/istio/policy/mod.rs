//! Authorization policies: as istiod validates them, and what Envoy's RBAC filter makes of them.

mod address;
mod authorization_policy;
mod by_labels;
mod claims;
mod clause;
mod evaluation;
mod identity_pattern;
mod path_template;
mod policies;
mod rule;
mod string_pattern;
mod trust_domain;
mod validation;
mod values;

pub use authorization_policy::{
    Action, AuthorizationPolicy, Condition, ExtensionProvider, Operation, PolicySpec, Rule,
    RuleFrom, RuleTo, Source,
};
pub(crate) use by_labels::PoliciesByLabels;
pub use evaluation::{Evaluation, Refusal, Verdict};
pub use policies::PoliciesInForce;
pub use rule::RuleName;
