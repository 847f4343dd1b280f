//! What is said of one Ingress, before its load balancer is looked at.

use super::{annotation, at, on_annotation, same_word, set_annotation};
use crate::controllers::alb::admission::FieldError;
use crate::controllers::alb::annotations;
use crate::controllers::alb::backend::USE_ANNOTATION;
use crate::controllers::alb::objects::Ingress;
use crate::controllers::alb::{BuildError, Unmanaged};
use crate::finding::{Code, FieldPath, Finding, Fix};
use crate::go::json::UnknownKey;
use crate::values::k8s::ResourceRef;
use krm_package::text::suggest::{self, is_within, nearest};

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

/// An Ingress that parameters set, or whose annotations require a credential, and that the controller
/// does not manage.
pub(crate) struct NotManaged<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) reason: &'a Unmanaged,
    /// The class to give it.
    pub(crate) class: &'a str,
}

impl From<NotManaged<'_>> for Finding {
    fn from(found: NotManaged<'_>) -> Self {
        let NotManaged { ingress, reason, class } = found;
        let advice = match reason {
            Unmanaged::AbsentClass(_) => "add its IngressClass to the input, or ",
            _ => "",
        };
        let words = format!(
            "the AWS Load Balancer Controller ignores this Ingress ({reason}), so the annotations set here have no effect; {advice}set the class {class}"
        );
        let field = if ingress.metadata.annotations.contains_key(annotations::CLASS) {
            at(annotations::CLASS)
        } else {
            "spec.ingressClassName".to_owned()
        };
        let path = FieldPath::from(field.as_str());
        let has_class =
            ingress.spec.ingress_class_name.is_some() || path != "spec.ingressClassName";
        let fix = if has_class { Fix::replace(path, class) } else { Fix::add(path, class) };
        Self::error(Code::AlbNotManaged, words)
            .on(&ingress.reference())
            .field(field)
            .fix(fix.if_intended())
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

/// The class is given twice, the same.
pub(crate) struct ClassTwice<'a> {
    pub(crate) ingress: &'a Ingress,
}

impl From<ClassTwice<'_>> for Finding {
    fn from(found: ClassTwice<'_>) -> Self {
        let words = "the class is set by annotation and by spec.ingressClassName, which Kubernetes up to 1.26 refuses, and IngressClassParams are ignored; remove the annotation";
        // Without it, IngressClassParams apply.
        let fix = Fix::remove(FieldPath::from("metadata.annotations").key(annotations::CLASS));
        Self::warning(Code::AlbIngressClassTwice, words)
            .on(&found.ingress.reference())
            .field(at(annotations::CLASS))
            .fix(fix.if_intended())
    }
}

/// The class is given twice, differently.
pub(crate) struct ClassConflict<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) annotation: &'a str,
    pub(crate) name: &'a str,
}

impl From<ClassConflict<'_>> for Finding {
    fn from(found: ClassConflict<'_>) -> Self {
        let words = format!(
            "the annotation sets class {} and spec.ingressClassName sets {}; remove one of them",
            found.annotation, found.name
        );
        Self::error(Code::AlbIngressClassConflict, words)
            .on(&found.ingress.reference())
            .field(at(annotations::CLASS))
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

const ATTRIBUTES: &str = "load-balancer-attributes";

/// Attributes that something else than a comma separates.
pub(crate) struct AttributesGlued<'a> {
    pub(crate) ingress: &'a Ingress,
}

impl From<AttributesGlued<'_>> for Finding {
    fn from(found: AttributesGlued<'_>) -> Self {
        let words = "attributes must be separated by commas: the controller reads text joined by \";\" or a newline as one attribute, so the others are not applied";
        let finding = Self::error(Code::AlbAttributesGlued, words);
        let fix = separated(found.ingress, ATTRIBUTES, |letter| matches!(letter, '\n' | ';' | ','));
        on_annotation(finding, found.ingress, ATTRIBUTES).fix(fix)
    }
}

/// An attribute that AWS does not know.
pub(crate) struct UnknownAttribute<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) name: &'a str,
    /// Those that it knows.
    pub(crate) known: &'a [&'static str],
}

impl From<UnknownAttribute<'_>> for Finding {
    fn from(found: UnknownAttribute<'_>) -> Self {
        let words = format!(
            "unknown attribute {} of an application load balancer; check its name in the AWS documentation",
            found.name
        );
        let fix = nearest(found.name, found.known).and_then(|known| {
            let fix = with_attribute(found.ingress, found.name, |_, value| (known, value))?;
            Some(if is_within(found.name, known, 1) { fix } else { fix.if_intended() })
        });
        let finding = Self::warning(Code::AlbAttributeUnknown, words);
        on_annotation(finding, found.ingress, ATTRIBUTES).fix(fix)
    }
}

/// An attribute that is neither on nor off.
pub(crate) struct AttributeValue<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
}

impl From<AttributeValue<'_>> for Finding {
    fn from(found: AttributeValue<'_>) -> Self {
        let words =
            format!("invalid value of {} \"{}\": must be true or false", found.name, found.value);
        let fix = same_word(found.value, &["true", "false"])
            .and_then(|word| with_attribute(found.ingress, found.name, |name, _| (name, word)));
        let finding = Self::warning(Code::AlbAttributeValue, words);
        on_annotation(finding, found.ingress, ATTRIBUTES).fix(fix)
    }
}

/// The attributes with another name or value for one of them.
fn with_attribute<'a>(
    ingress: &'a Ingress,
    changed: &str,
    new: impl Fn(&'a str, &'a str) -> (&'a str, &'a str),
) -> Option<Fix> {
    let text = ingress.metadata.annotations.get(&annotations::key(ATTRIBUTES))?;
    let attribute = |one: &'a str| match one.split_once('=') {
        Some((name, value)) if name.trim() == changed => {
            let (name, value) = new(name.trim(), value.trim());
            format!("{name}={value}")
        }
        _ => one.to_owned(),
    };
    let attributes: Vec<String> = text.split(',').map(attribute).collect();
    set_annotation(ingress, ATTRIBUTES, attributes.join(","))
}

/// A list with commas in place of what separates it.
fn separated(ingress: &Ingress, suffix: &str, separates: fn(char) -> bool) -> Option<Fix> {
    let text = ingress.metadata.annotations.get(&annotations::key(suffix))?;
    let entries = text.split(separates).map(str::trim).filter(|entry| !entry.is_empty());
    set_annotation(ingress, suffix, entries.collect::<Vec<_>>().join(","))
}

/// Certificates that something else than a comma separates.
pub(crate) struct CertificatesGlued<'a> {
    pub(crate) ingress: &'a Ingress,
}

impl From<CertificatesGlued<'_>> for Finding {
    fn from(found: CertificatesGlued<'_>) -> Self {
        let words = "certificates must be separated by commas: the controller reads text joined by white space or \";\" as one ARN";
        let finding = Self::error(Code::AlbCertificatesGlued, words);
        let separates = |letter: char| letter.is_whitespace() || matches!(letter, ';' | ',');
        let fix = separated(found.ingress, "certificate-arn", separates);
        on_annotation(finding, found.ingress, "certificate-arn").fix(fix)
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
        let finding = Self::warning(Code::AlbConditionsUnbound, words);
        on_annotation(finding, ingress, &format!("conditions.{name}"))
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
        let words = format!("unknown annotation, which the controller ignores; use {known}");
        // `actions.` is followed by a name.
        let name = suffix.split_once('.').map_or("", |(_, name)| name);
        let right = if known.ends_with('.') { format!("{known}{name}") } else { known.to_owned() };
        let key = annotations::key(&right);
        let is_free = !ingress.metadata.annotations.contains_key(&key);
        let fix = is_free.then(|| Fix::respell(annotation(suffix), suffix, &right, &key));
        let finding = Self::warning(Code::AlbUnknownAnnotation, words);
        on_annotation(finding, ingress, suffix).fix(fix)
    }
}

/// A key inside of a JSON annotation that the controller does not know.
pub(crate) struct UnknownKeyIn<'a> {
    pub(crate) object: &'a ResourceRef,
    /// The annotation.
    pub(crate) suffix: &'a str,
    pub(crate) key: &'a UnknownKey,
}

impl From<UnknownKeyIn<'_>> for Finding {
    fn from(found: UnknownKeyIn<'_>) -> Self {
        let UnknownKeyIn { object, suffix, key: UnknownKey { within, key, known } } = found;
        // A token may stand where a key should: only what is like a key is shown.
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

/// An annotation that EKS Auto Mode does not read.
pub(crate) struct AutoModeIgnores<'a> {
    pub(crate) ingress: &'a Ingress,
    /// The annotation's full key.
    pub(crate) key: &'a str,
    /// What to do instead.
    pub(crate) instead: &'static str,
}

impl From<AutoModeIgnores<'_>> for Finding {
    fn from(found: AutoModeIgnores<'_>) -> Self {
        let words = format!(
            "EKS Auto Mode (eks.amazonaws.com/alb) ignores this annotation; {}",
            found.instead
        );
        Self::error(Code::AlbAutoModeIgnores, words)
            .on(&found.ingress.reference())
            .field(at(found.key))
    }
}

/// An Ingress that EKS Auto Mode manages.
pub(crate) struct AutoMode<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) class: &'a str,
}

impl From<AutoMode<'_>> for Finding {
    fn from(found: AutoMode<'_>) -> Self {
        let words = format!(
            "EKS Auto Mode (eks.amazonaws.com/alb) manages this Ingress by its class {}; the group is that of the class's IngressClassParams alone",
            found.class
        );
        Self::info(Code::AlbAutoMode, words)
            .on(&found.ingress.reference())
            .field("spec.ingressClassName")
    }
}

/// An annotation that the class overrides.
pub(crate) struct ClassOverrides<'a> {
    pub(crate) ingress: &'a Ingress,
    /// The name of the IngressClassParams.
    pub(crate) params: &'a str,
    pub(crate) suffix: &'static str,
    /// What they set: `the scheme internal`.
    pub(crate) sets: String,
}

impl From<ClassOverrides<'_>> for Finding {
    fn from(found: ClassOverrides<'_>) -> Self {
        let words = format!(
            "the class's IngressClassParams {} override this annotation with {}; change it there, or set another class on the Ingress",
            found.params, found.sets
        );
        on_annotation(Self::error(Code::AlbClassOverrides, words), found.ingress, found.suffix)
    }
}
