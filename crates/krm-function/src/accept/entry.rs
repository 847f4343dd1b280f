//! One entry: which findings it is about, and what is wrong with it.

use std::cell::Cell;
use std::rc::Rc;

use krm_package::FieldPath;
use krm_package::text::suggest;
use schemars::JsonSchema;
use serde::Deserialize;

use super::super::acceptance_source::AcceptanceSource;
use super::super::code::{Code, RuntimeCode};
use super::super::diags::{UnusedEntry, WrongEntry};
use super::super::finding::Finding;
use super::super::fix::Fix;
use super::super::resource_ref::ResourceRef;
use super::super::severity::Severity;

/// Stands for every object or field, of a warning alone.
const ANY: &str = "*";

/// A finding that is accepted, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Acceptance {
    /// The finding's code.
    #[schemars(example = &"door-open")]
    code: String,
    /// Its object, as `kind/namespace/name` or as the finding names it; of a warning also `*`.
    #[schemars(example = &"Service/istio-system/istio-ingressgateway")]
    resource: String,
    /// Its field, as the finding names it; left out where the finding has none; of a warning also `*`.
    #[serde(default)]
    #[schemars(example = &"spec.type")]
    field: String,
    /// Its message, where several findings have the code, the object and the field.
    #[serde(default)]
    message: Option<String>,
    /// Why it is accepted.
    pub(super) reason: String,
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) acceptance: Acceptance,
    origin: AcceptanceSource,
    /// The configuration of the run, on which a function's findings are that name no object.
    pub(super) configuration: Option<ResourceRef>,
    /// Whether it accepted something. Every copy of the entry shares it.
    pub(super) is_used: Rc<Cell<bool>>,
    /// Whether other runs may use it, so that none of them reports it as unused.
    pub(super) has_more_runs: bool,
}

impl Entry {
    pub(super) fn new(acceptance: Acceptance, origin: AcceptanceSource) -> Self {
        let configuration = match &origin {
            AcceptanceSource::Configuration { resource, .. } => Some(resource.clone()),
            AcceptanceSource::File { .. } | AcceptanceSource::Baseline => None,
        };
        Self { acceptance, origin, configuration, is_used: Rc::default(), has_more_runs: false }
    }

    /// Whether it is about a finding. Only a warning, or an error that can be accepted, is.
    pub(super) fn names<C: Code>(&self, finding: &Finding<C>) -> bool {
        let can_be_accepted = match finding.severity {
            Severity::Error => finding.can_be_accepted(),
            Severity::Warning => finding.code != RuntimeCode::AcceptUnused.into(),
            Severity::Info => false,
        };
        can_be_accepted && self.is_about(finding)
    }

    fn is_about<C: Code>(&self, finding: &Finding<C>) -> bool {
        let Acceptance { resource, field, message, .. } = &self.acceptance;
        let may_be_any = finding.severity == Severity::Warning;
        let is_any = |text: &str| may_be_any && text == ANY;
        let is_code = self.has_code(finding.code);
        let is_resource = is_any(resource)
            || match (&finding.resource, &self.configuration) {
                (Some(found), _) => is_named(found, resource),
                // What a function says of its configuration gets its name later.
                (None, Some(configuration)) => is_named(configuration, resource),
                (None, None) => resource.is_empty(),
            };
        let is_field = is_any(field)
            || match &finding.field {
                Some(found) => found.path == *field.as_str() || is_flat(&found.path, field),
                None => field.is_empty(),
            };
        let is_message = message.as_ref().is_none_or(|message| *message == finding.message);
        is_code && is_resource && is_field && is_message
    }

    pub(super) fn has_code<C: Code>(&self, code: C) -> bool {
        code.is_known_as(&self.acceptance.code)
    }

    /// The errors that it accepted, of findings that an acceptance was applied to.
    pub(super) fn accepted<C: Code>(&self, findings: &[Finding<C>]) -> Vec<usize> {
        let reason = self.acceptance.reason.trim();
        let is_accepted = |finding: &Finding<C>| {
            let accepted = finding.accepted.as_ref();
            accepted.is_some_and(|one| one.severity == Severity::Error && one.reason == reason)
        };
        let all = findings.iter().enumerate();
        all.filter(|(_, finding)| is_accepted(finding) && self.is_about(finding))
            .map(|(place, _)| place)
            .collect()
    }

    /// The same for a function that calls fields of the configuration by other names, and whose messages are
    /// reported with more words. One name may stand for several of its fields.
    pub(super) fn renamed(
        &self,
        fields: &impl Fn(&str) -> Vec<String>,
        message: &impl Fn(&str) -> String,
    ) -> Vec<Self> {
        let Acceptance { resource, field, .. } = &self.acceptance;
        let is_of_configuration =
            self.configuration.as_ref().is_some_and(|own| is_named(own, resource));
        let names = if is_of_configuration { fields(field) } else { vec![field.clone()] };
        let renamed = |field: String| {
            let mut entry = self.clone();
            entry.acceptance.field = field;
            entry.acceptance.message = self.acceptance.message.as_deref().map(message);
            entry
        };
        names.into_iter().map(renamed).collect()
    }

    /// What is wrong with the entry itself.
    pub(super) fn wrong<C: Code>(&self) -> Option<Finding<C>> {
        let Acceptance { code, resource, reason, .. } = &self.acceptance;
        let known = C::ids();
        let wrong = if reason.trim().is_empty() {
            WrongEntry::NoReason
        } else if resource.is_empty() && self.origin != AcceptanceSource::Baseline {
            WrongEntry::NoResource
        } else if !known.is_empty() && !known.contains(&code.as_str()) {
            WrongEntry::UnknownCode { code, known: &known }
        } else {
            return None;
        };
        let intended = match wrong {
            WrongEntry::UnknownCode { .. } => suggest::nearest(code, &known),
            WrongEntry::NoReason | WrongEntry::NoResource => None,
        };
        let fix = intended
            .zip(self.origin.entry())
            .map(|(code, entry)| Fix::replace(entry.key("code"), code).if_intended());
        Some(wrong.of(&self.origin).fix(fix))
    }

    /// That it accepts none of several errors.
    pub(super) fn ambiguous<C: Code>(&self) -> Finding<C> {
        UnusedEntry::SeveralErrors.of(&self.acceptance.code, &self.origin)
    }

    /// That it accepts nothing. Entries of a baseline come and go without a finding.
    pub(super) fn unused<C: Code>(&self, findings: &[Finding<C>]) -> Option<Finding<C>> {
        if self.origin == AcceptanceSource::Baseline {
            return None;
        }
        let Acceptance { code, resource, field, .. } = &self.acceptance;
        let about: Vec<&Finding<C>> =
            findings.iter().filter(|finding| self.is_about(finding)).collect();
        let errors = about.iter().filter(|finding| finding.is_error()).count();
        let is_accepted = about.iter().any(|finding| finding.accepted.is_some());
        let is_unacceptable =
            |finding: &&Finding<C>| finding.is_error() && !finding.can_be_accepted();
        let why = if about.iter().any(is_unacceptable) {
            UnusedEntry::Unacceptable
        } else if errors > 1 {
            UnusedEntry::SeveralErrors
        } else if is_accepted {
            UnusedEntry::Superfluous
        } else if resource == ANY || field == ANY {
            UnusedEntry::NoWarning
        } else {
            UnusedEntry::NoFinding
        };
        let fix = self.origin.entry().filter(|_| errors == 0).map(Fix::remove);
        let fix = fix.map(|fix| if is_accepted { fix } else { fix.if_intended() });
        Some(why.of(code, &self.origin).fix(fix))
    }
}

/// Whether a text names an object: `kind/namespace/name`, with or without the `apiVersion` in front.
fn is_named(resource: &ResourceRef, text: &str) -> bool {
    let whole = resource.to_string();
    let short = whole.strip_prefix(&resource.api_version).and_then(|rest| rest.strip_prefix('/'));
    text == whole || Some(text) == short
}

/// Whether a text is the key of a ConfigMap that a field of `spec` stands for.
fn is_flat(path: &FieldPath, text: &str) -> bool {
    let below = path.below(&"spec".into());
    let flat = below.filter(|below| !below.is_root()).map(|below| {
        let below = below.to_string();
        let key = below.split('[').next().unwrap_or(&below).to_owned();
        FieldPath::from("data").key(key)
    });
    flat.is_some_and(|flat| flat == *text)
}
