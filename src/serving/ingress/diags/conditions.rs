//! What is said of the conditions of a load balancer's rules: headers and the tokens in them.

use super::load_balancer::DROP_INVALID;
use super::on_annotation;
use crate::controllers::alb::objects::Ingress;
use crate::finding::{Code, Finding};

/// A rule with more condition values than AWS takes.
pub(crate) struct TooManyConditionValues<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) field: String,
    pub(crate) values: usize,
}

impl From<TooManyConditionValues<'_>> for Finding {
    fn from(found: TooManyConditionValues<'_>) -> Self {
        let words = format!(
            "the rule has {} condition values (hosts, paths and tokens together), and AWS takes at most five; use fewer tokens, or remove the path",
            found.values
        );
        Self::error(Code::ConditionValuesTooMany, words)
            .on(&found.ingress.reference())
            .field(found.field)
    }
}

/// A value of a header condition that AWS refuses.
pub(crate) struct ConditionValue<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) backend: &'a str,
    pub(crate) header: &'a str,
    /// `empty`, `longer than 128 letters`.
    pub(crate) why: &'static str,
}

impl From<ConditionValue<'_>> for Finding {
    fn from(found: ConditionValue<'_>) -> Self {
        let words = format!(
            "a value for {} is {}, and AWS refuses the rule; use 1 to 128 printable ASCII characters",
            found.header, found.why
        );
        let finding = Self::error(Code::AlbConditionValue, words);
        on_annotation(finding, found.ingress, &format!("conditions.{}", found.backend))
    }
}

/// An expression that AWS refuses.
pub(crate) struct BrokenExpression<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) backend: &'a str,
    pub(crate) header: &'a str,
}

impl From<BrokenExpression<'_>> for Finding {
    fn from(found: BrokenExpression<'_>) -> Self {
        let words = format!(
            "a regular expression for {} has an unclosed class or group, and AWS refuses the rule; list the tokens in values",
            found.header
        );
        let finding = Self::error(Code::AlbConditionValue, words);
        on_annotation(finding, found.ingress, &format!("conditions.{}", found.backend))
    }
}

/// A rule that requires a token and has no host.
pub(crate) struct HostlessRule<'a> {
    pub(crate) ingress: &'a Ingress,
    /// The rule; `None` for the default backend.
    pub(crate) rule: Option<usize>,
}

impl From<HostlessRule<'_>> for Finding {
    fn from(found: HostlessRule<'_>) -> Self {
        let words =
            "the rule has no host, so a token opens every host behind the gateway; set its host";
        let field = found.rule.map_or_else(
            || "spec.defaultBackend".to_owned(),
            |index| format!("spec.rules[{index}].host"),
        );
        Self::warning(Code::AlbHostlessRule, words).on(&found.ingress.reference()).field(field)
    }
}

/// A header's name that AWS refuses.
pub(crate) struct HeaderNameRefused<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) backend: &'a str,
    pub(crate) name: &'a str,
    /// `is empty`, `is longer than 40 letters`.
    pub(crate) why: &'static str,
}

impl From<HeaderNameRefused<'_>> for Finding {
    fn from(found: HeaderNameRefused<'_>) -> Self {
        let words = format!(
            "invalid header name \"{}\": {}; use 1 to 40 letters, digits or \"-\"",
            found.name, found.why
        );
        let finding = Self::error(Code::HeaderNameInvalid, words);
        on_annotation(finding, found.ingress, &format!("conditions.{}", found.backend))
    }
}

/// A header that the load balancer drops.
pub(crate) struct HeaderDropped<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) backend: &'a str,
    pub(crate) name: &'a str,
}

impl From<HeaderDropped<'_>> for Finding {
    fn from(found: HeaderDropped<'_>) -> Self {
        let words = format!(
            "{DROP_INVALID} removes the header {} before any rule is evaluated, so no request matches; use a name of letters, digits and \"-\" only",
            found.name
        );
        let finding = Self::error(Code::HeaderNameInvalid, words);
        on_annotation(finding, found.ingress, &format!("conditions.{}", found.backend))
    }
}

/// A header that the load balancer would drop with an attribute that is off.
pub(crate) struct HeaderDroppable<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) backend: &'a str,
    pub(crate) name: &'a str,
}

impl From<HeaderDroppable<'_>> for Finding {
    fn from(found: HeaderDroppable<'_>) -> Self {
        let words = format!(
            "the header {} is removed as soon as {DROP_INVALID} is on; use a name of letters, digits and \"-\" only",
            found.name
        );
        let finding = Self::warning(Code::HeaderNameUnusual, words);
        on_annotation(finding, found.ingress, &format!("conditions.{}", found.backend))
    }
}

/// What makes a token weak.
#[derive(Clone, Copy)]
pub(crate) enum TokenWeakness {
    Placeholder,
    Short,
    SameButForCase,
    Wildcard,
}

/// Tokens that are weak.
pub(crate) struct WeakTokens<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) backend: &'a str,
    pub(crate) header: &'a str,
    pub(crate) weakness: TokenWeakness,
    /// How many; with none nothing is reported.
    pub(crate) count: usize,
}

impl From<WeakTokens<'_>> for Finding {
    fn from(found: WeakTokens<'_>) -> Self {
        let (code, one, many) = match found.weakness {
            TokenWeakness::Placeholder => (
                Code::TokenPlaceholder,
                "looks like an example's; use a random one",
                "look like an example's; use random ones",
            ),
            TokenWeakness::Short => (
                Code::TokenShort,
                "has fewer than 16 characters; use a longer one",
                "have fewer than 16 characters; use longer ones",
            ),
            TokenWeakness::SameButForCase => (
                Code::TokensDifferInCaseOnly,
                "differs from another only in case, which AWS ignores; remove it",
                "differ from another only in case, which AWS ignores; remove them",
            ),
            TokenWeakness::Wildcard => (
                Code::AlbTokenWildcard,
                "has a wildcard; use the whole token",
                "have a wildcard; use whole tokens",
            ),
        };
        let words = if found.count == 1 {
            format!("one of the values for {} {one}", found.header)
        } else {
            format!("{} of the values for {} {many}", found.count, found.header)
        };
        let finding = Self::warning(code, words);
        on_annotation(finding, found.ingress, &format!("conditions.{}", found.backend))
    }
}
