//! What is said of one Ingress, before its load balancer is looked at.

use super::{annotation, at, on_annotation, same_word, set_annotation};
use crate::controllers::alb::BuildError;
use crate::controllers::alb::admission::FieldError;
use crate::controllers::alb::annotations;
use crate::controllers::alb::backend::USE_ANNOTATION;
use crate::controllers::alb::objects::Ingress;
use crate::finding::{Code, FieldPath, Finding, Fix};
use crate::go::json::UnknownKey;
use crate::values::k8s::ResourceRef;
use krm_package::text::suggest;

/// A rule without `http`.
pub(crate) struct RuleWithoutPaths<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) rule: usize,
}

impl From<RuleWithoutPaths<'_>> for Finding {
    fn from(found: RuleWithoutPaths<'_>) -> Self {
        let words = "a rule without http creates no listener rule; add paths, or remove it";
        Self::warning(Code::AlbRuleIgnored, words)
            .on(&found.ingress.reference())
            .field(format!("spec.rules[{}]", found.rule))
    }
}

/// A group name that the controller refuses, in its words.
pub(crate) struct InvalidGroupName<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) words: &'a str,
}

impl From<InvalidGroupName<'_>> for Finding {
    fn from(found: InvalidGroupName<'_>) -> Self {
        let words = format!(
            "the controller never creates a load balancer for this Ingress, and reports that only in an event: {}",
            found.words
        );
        on_annotation(Self::error(Code::AlbGroupName, words), found.ingress, "group.name")
    }
}

/// A reference that nothing filled in.
pub(crate) struct UnresolvedVariable<'a> {
    pub(crate) ingress: &'a Ingress,
    /// The annotation's full key.
    pub(crate) key: &'a str,
}

impl From<UnresolvedVariable<'_>> for Finding {
    fn from(found: UnresolvedVariable<'_>) -> Self {
        let words = "a placeholder such as $(NAME), ${NAME}, {{ … }}, <NAME> or CHANGEME was not replaced; set its value";
        Self::error(Code::AlbUnresolvedVariable, words)
            .on(&found.ingress.reference())
            .field(at(found.key))
    }
}

/// What the API server refuses.
pub(crate) struct RefusedByApiServer<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) error: FieldError,
}

impl From<RefusedByApiServer<'_>> for Finding {
    fn from(found: RefusedByApiServer<'_>) -> Self {
        let FieldError { field, reason } = found.error;
        let words = format!("the API server refuses this Ingress: {reason}");
        Self::error(Code::AlbRefusedByApiServer, words).on(&found.ingress.reference()).field(field)
    }
}

/// What the controller's webhook refuses.
pub(crate) struct RefusedByWebhook<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) error: BuildError,
    /// The backend whose conditions are broken, where it is that.
    pub(crate) backend: Option<&'a str>,
}

impl From<RefusedByWebhook<'_>> for Finding {
    fn from(found: RefusedByWebhook<'_>) -> Self {
        let words = format!("the controller's webhook refuses this Ingress: {}", found.error);
        let finding = Self::error(Code::AlbRefusedByWebhook, words);
        match found.backend {
            Some(name) => on_annotation(finding, found.ingress, &format!("conditions.{name}")),
            None => finding.on(&found.ingress.reference()).field("spec"),
        }
    }
}

/// A word for requests without a login that AWS does not know.
pub(crate) struct OnUnauthenticated<'a> {
    pub(crate) ingress: &'a Ingress,
}

impl OnUnauthenticated<'_> {
    /// The annotation.
    pub(crate) const SUFFIX: &'static str = "auth-on-unauthenticated-request";
}

impl From<OnUnauthenticated<'_>> for Finding {
    fn from(found: OnUnauthenticated<'_>) -> Self {
        let words = "invalid auth-on-unauthenticated-request: AWS takes authenticate, deny and allow, in lowercase; set it to \"authenticate\"";
        let finding = Self::error(Code::AlbOnUnauthenticated, words);
        let ingress = found.ingress;
        let key = annotations::key(OnUnauthenticated::SUFFIX);
        let text = ingress.metadata.annotations.get(&key).map(String::as_str).unwrap_or_default();
        let set = |word: &str| set_annotation(ingress, OnUnauthenticated::SUFFIX, word.to_owned());
        let fix = match same_word(text, &["authenticate", "deny"]) {
            Some(word) => set(word),
            None => set("authenticate").map(Fix::if_intended),
        };
        on_annotation(finding, ingress, OnUnauthenticated::SUFFIX).fix(fix)
    }
}

/// An action that no backend uses.
pub(crate) struct DeadAction<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) name: &'a str,
}

impl From<DeadAction<'_>> for Finding {
    fn from(found: DeadAction<'_>) -> Self {
        let DeadAction { ingress, name } = found;
        let words = format!(
            "no backend named {name} has the port name {USE_ANNOTATION}, so this action has no effect; remove it"
        );
        let suffix = format!("actions.{name}");
        let fix = Fix::remove(annotation(&suffix)).if_intended();
        on_annotation(Self::warning(Code::AlbDeadAction, words), ingress, &suffix).fix(fix)
    }
}

/// A redirect to itself, of which the controller makes no rule.
pub(crate) struct RedirectToItself<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) name: &'a str,
}

impl From<RedirectToItself<'_>> for Finding {
    fn from(found: RedirectToItself<'_>) -> Self {
        let words = "a redirect that changes nothing creates no rule; set its protocol, port, host, path or query";
        let finding = Self::warning(Code::AlbRuleIgnored, words);
        on_annotation(finding, found.ingress, &format!("actions.{}", found.name))
    }
}

/// A backend whose action is not there.
pub(crate) struct MissingAction<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) name: &'a str,
}

impl From<MissingAction<'_>> for Finding {
    fn from(found: MissingAction<'_>) -> Self {
        let MissingAction { ingress, name } = found;
        let words = format!("the backend {name} has no action and returns 503; add actions.{name}");
        let finding = Self::warning(Code::AlbMissingAction, words);
        on_annotation(finding, ingress, &format!("actions.{name}"))
    }
}

/// Conditions that are named after no backend.
pub(crate) struct ConditionsUnbound<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) name: &'a str,
}

impl From<ConditionsUnbound<'_>> for Finding {
    fn from(found: ConditionsUnbound<'_>) -> Self {
        let ConditionsUnbound { ingress, name } = found;
        let words = format!(
            "no rule of this Ingress has a backend named exactly {name}, so these conditions have no effect; name them after a backend, or remove them"
        );
        let field = annotation(&format!("conditions.{name}"));
        Self::warning(Code::AlbConditionsUnbound, words).on(&ingress.reference()).key(field)
    }
}

/// A condition of a field that the controller does not know.
pub(crate) struct ConditionIgnored<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) name: &'a str,
}

impl From<ConditionIgnored<'_>> for Finding {
    fn from(found: ConditionIgnored<'_>) -> Self {
        let words = "the controller ignores a condition with an unknown field; set field to one that it knows, in lowercase, or remove the condition";
        let finding = Self::warning(Code::AlbConditionIgnored, words);
        on_annotation(finding, found.ingress, &format!("conditions.{}", found.name))
    }
}

/// An annotation that is nearly one of the controller's.
pub(crate) struct UnknownAnnotation<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) suffix: &'a str,
    pub(crate) known: &'static str,
}

impl From<UnknownAnnotation<'_>> for Finding {
    fn from(found: UnknownAnnotation<'_>) -> Self {
        let UnknownAnnotation { ingress, suffix, known } = found;
        let words = format!("the controller ignores the unknown annotation {suffix}; use {known}");
        // `actions.` is followed by a name.
        let name = suffix.split_once('.').map_or("", |(_, name)| name);
        let right = if known.ends_with('.') { format!("{known}{name}") } else { known.to_owned() };
        let key = annotations::key(&right);
        let is_free = !ingress.metadata.annotations.contains_key(&key);
        let fix = is_free.then(|| Fix::respell(annotation(suffix), suffix, &right, &key));
        let finding = Self::warning(Code::AlbUnknownAnnotation, words);
        finding.on(&ingress.reference()).key(annotation(suffix)).fix(fix)
    }
}

/// An annotation that means to require a token or a login, and that the controller does not know: of rules that
/// something else guards.
pub(crate) struct MisspeltRequirement<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) key: &'a str,
    pub(crate) right: &'a str,
}

impl From<MisspeltRequirement<'_>> for Finding {
    fn from(found: MisspeltRequirement<'_>) -> Self {
        let MisspeltRequirement { ingress, key, right } = found;
        let words = format!("the controller ignores the unknown annotation {key}; use {right}");
        let field = FieldPath::from("metadata.annotations").key(key);
        Self::error(Code::AlbAnnotationMisspelt, words).on(&ingress.reference()).key(field)
    }
}

/// A key inside a JSON annotation that the controller does not know.
pub(crate) struct UnknownKeyIn<'a> {
    pub(crate) object: &'a ResourceRef,
    /// The annotation.
    pub(crate) suffix: &'a str,
    pub(crate) key: &'a UnknownKey,
}

impl From<UnknownKeyIn<'_>> for Finding {
    fn from(found: UnknownKeyIn<'_>) -> Self {
        let UnknownKeyIn { object, suffix, key: UnknownKey { within, key, known } } = found;
        // A token may be where a key should: only what is like a key is shown.
        let is_shown = suggest::nearest(key, known).is_some()
            || (key.len() < 16 && key.chars().all(|letter| letter.is_ascii_alphabetic()));
        let shown =
            if is_shown { format!("unknown key \"{key}\"") } else { "an unknown key".to_owned() };
        let within = if within.is_empty() { String::new() } else { format!(" in {within}") };
        let words =
            format!("{shown}{within}, which the controller ignores; {}", suggest::hint(key, known));
        Self::error(Code::AlbUnknownKey, words).on(object).field(at(&annotations::key(suffix)))
    }
}
