//! Findings that are accepted by name, each with its reason.

use std::cell::Cell;

use krm_package::text::suggest;
use krm_package::{FieldPath, Package};
use schemars::JsonSchema;
use serde::Deserialize;

use super::code::{Code, RuntimeCode};
use super::diags::unreadable;
use super::files::Files;
use super::finding::{Accepted, Finding, Severity};
use super::fix::Fix;
use super::resource_ref::ResourceRef;

/// The field of every `spec` that lists what is accepted, and of a file that does.
pub(super) const FIELD: &str = "accept";
/// Stands for every object or field, of a warning alone.
const ANY: &str = "*";

/// A finding that is accepted, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Acceptance {
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
    reason: String,
}

/// A file of acceptances.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AcceptFile {
    accept: Vec<Acceptance>,
}

/// Where an acceptance is written.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Origin {
    /// A configuration: this object, at this field.
    Configuration { resource: ResourceRef, field: FieldPath },
    /// A file, with the number of the entry.
    File { name: String, number: usize },
    /// A baseline, in which findings come and go without a word.
    Baseline,
}

impl Origin {
    /// The entry's own place in the list of a configuration.
    fn entry(&self) -> Option<FieldPath> {
        match self {
            Self::Configuration { field, .. } if field.segments().len() == 3 => Some(field.clone()),
            _ => None,
        }
    }
}

#[derive(Debug, Clone)]
struct Entry {
    acceptance: Acceptance,
    origin: Origin,
    is_used: Cell<bool>,
}

/// The findings that are accepted: a finding that an entry names becomes information, with the entry's
/// reason.
///
/// An entry names an error by its code, its object and its field, exactly, so that accepting one opening
/// hides no other. Where several errors answer to one entry it accepts none of them, unless it also
/// gives the message. An error that kept the function from its work ([`Code::can_be_accepted`]) stays one.
///
/// ```
/// use krm_function::{Acceptances, Finding, ResourceRef, Severity};
///
/// let accepted = Acceptances::of_file::<&str>(
///     "accept:\n- {code: open, resource: Service/shop/web, field: spec.type, reason: behind a VPN}\n",
///     "accept.yaml",
/// )
/// .unwrap();
/// let service = |name: &str| ResourceRef {
///     api_version: "v1".into(),
///     kind: "Service".into(),
///     namespace: Some("shop".into()),
///     name: name.into(),
/// };
/// let open = |name| Finding::error("open", "is open").on(&service(name)).field("spec.type");
/// let mut findings = vec![open("web"), open("api")];
/// accepted.apply(&mut findings);
/// assert_eq!(findings[0].severity, Severity::Info);
/// assert_eq!(findings[1].severity, Severity::Error);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Acceptances(Vec<Entry>);

impl Acceptances {
    /// Those of a file: a mapping with the list `accept`.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn of_file<C: Code>(text: &str, name: &str) -> Result<Self, Vec<Finding<C>>> {
        let mut accepted = Self::default();
        for (index, acceptance) in listed(text, name)?.into_iter().enumerate() {
            let origin = Origin::File { name: name.to_owned(), number: index + 1 };
            accepted.push(acceptance, origin);
        }
        accepted.checked()
    }

    /// Those of a baseline, which has the form of a file of acceptances. An entry that accepts nothing
    /// is not reported.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn of_baseline<C: Code>(text: &str, name: &str) -> Result<Self, Vec<Finding<C>>> {
        let mut accepted = Self::default();
        for acceptance in listed(text, name)? {
            accepted.push(acceptance, Origin::Baseline);
        }
        accepted.checked()
    }

    /// Those of a configuration's list at a field.
    pub(super) fn of_configuration<C: Code>(
        list: Vec<Acceptance>,
        resource: &ResourceRef,
        field: &FieldPath,
    ) -> Result<Self, Vec<Finding<C>>> {
        let mut accepted = Self::default();
        for (index, acceptance) in list.into_iter().enumerate() {
            // A ConfigMap's list is one text.
            let is_text = field.segments().len() == 2 && field == "data.accept";
            let field = if is_text { field.clone() } else { field.clone().index(index) };
            accepted.push(acceptance, Origin::Configuration { resource: resource.clone(), field });
        }
        accepted.checked()
    }

    fn push(&mut self, acceptance: Acceptance, origin: Origin) {
        self.0.push(Entry { acceptance, origin, is_used: Cell::new(false) });
    }

    /// Adds those of another list.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    fn checked<C: Code>(self) -> Result<Self, Vec<Finding<C>>> {
        let findings: Vec<Finding<C>> = self.0.iter().filter_map(Entry::wrong).collect();
        if findings.is_empty() { Ok(self) } else { Err(findings) }
    }

    /// Makes what is accepted information, and adds a warning for each entry that accepts nothing.
    pub fn apply<C: Code>(&self, findings: &mut Vec<Finding<C>>) {
        let accepted = self.matches(findings);
        for (finding, entry) in findings.iter_mut().zip(accepted) {
            if let Some(entry) = entry {
                let reason = entry.acceptance.reason.trim().to_owned();
                let severity = std::mem::replace(&mut finding.severity, Severity::Info);
                finding.accepted = Some(Accepted { severity, reason });
                entry.is_used.set(true);
            }
        }
        let unused = self.0.iter().filter(|entry| !entry.is_used.get());
        let unused: Vec<Finding<C>> = unused.filter_map(|entry| entry.unused(findings)).collect();
        findings.extend(unused);
    }

    /// Whether no finding fails the run but those that are accepted.
    pub fn is_sound<C: Code>(&self, findings: &[Finding<C>]) -> bool {
        let mut all = findings.iter().zip(self.of(findings));
        all.all(|(finding, is_accepted)| !finding.is_error() || is_accepted)
    }

    /// Of each finding, whether it is accepted.
    pub fn of<C: Code>(&self, findings: &[Finding<C>]) -> Vec<bool> {
        self.matches(findings).iter().map(Option::is_some).collect()
    }

    /// The entry that accepts each finding.
    fn matches<C: Code>(&self, findings: &[Finding<C>]) -> Vec<Option<&Entry>> {
        let mut accepted = vec![None; findings.len()];
        for entry in &self.0 {
            let named: Vec<usize> = findings
                .iter()
                .enumerate()
                .filter(|(_, finding)| entry.names(finding))
                .map(|(place, _)| place)
                .collect();
            let errors = named.iter().filter(|place| findings[**place].is_error()).count();
            for place in named {
                if !findings[place].is_error() || errors == 1 {
                    accepted[place] = Some(entry);
                }
            }
        }
        accepted
    }
}

fn listed<C: Code>(text: &str, name: &str) -> Result<Vec<Acceptance>, Vec<Finding<C>>> {
    let refused = |message: String| {
        vec![Finding::error(RuntimeCode::BadInput.into(), format!("{name}: {message}"))]
    };
    let mut files = Files::default();
    files.push(1, name);
    let package = Package::stream(text).map_err(|error| vec![unreadable(&error, &files)])?;
    let mut documents = package.items().map(|(_, node)| node);
    let (Some(node), None) = (documents.next(), documents.next()) else {
        return Err(refused("expected one document with the list accept".to_owned()));
    };
    let file: AcceptFile = node.read().map_err(|error| refused(error.to_string()))?;
    Ok(file.accept)
}

impl Entry {
    /// Whether it is about a finding. Only a warning, or an error that can be accepted, is.
    fn names<C: Code>(&self, finding: &Finding<C>) -> bool {
        let can_be_accepted = match finding.severity {
            Severity::Error => finding.code.can_be_accepted(),
            Severity::Warning => finding.code != RuntimeCode::AcceptUnused.into(),
            Severity::Info => false,
        };
        can_be_accepted && self.is_about(finding)
    }

    fn is_about<C: Code>(&self, finding: &Finding<C>) -> bool {
        let Acceptance { code, resource, field, message, .. } = &self.acceptance;
        let may_be_any = finding.severity == Severity::Warning;
        let is_any = |text: &str| may_be_any && text == ANY;
        let is_code = finding.code.is_known_as(code);
        let is_resource = is_any(resource)
            || match (&finding.resource, &self.origin) {
                (Some(found), _) => is_named(found, resource),
                // What a function says of its configuration gets its name later.
                (None, Origin::Configuration { resource: own, .. }) => is_named(own, resource),
                (None, _) => resource.is_empty(),
            };
        let is_field = is_any(field)
            || match &finding.field {
                Some(found) => found.path == *field.as_str() || is_flat(&found.path, field),
                None => field.is_empty(),
            };
        let is_message = message.as_ref().is_none_or(|message| *message == finding.message);
        is_code && is_resource && is_field && is_message
    }

    /// What is wrong with the entry itself.
    fn wrong<C: Code>(&self) -> Option<Finding<C>> {
        let Acceptance { code, resource, reason, .. } = &self.acceptance;
        let known = C::ids();
        let (field, message) = if reason.trim().is_empty() {
            ("reason", "the reason is empty; set it to why the finding is accepted".to_owned())
        } else if resource.is_empty() && !matches!(self.origin, Origin::Baseline) {
            ("resource", "the resource is empty; name the object as the finding does".to_owned())
        } else if !known.is_empty() && !known.contains(&code.as_str()) {
            ("code", format!("unknown code {code:?}; {}", suggest::hint(code, &known)))
        } else {
            return None;
        };
        let finding = self.finding(Severity::Error, RuntimeCode::BadConfig, Some(field), &message);
        let meant = suggest::nearest(code, &known).filter(|_| field == "code");
        let entry = self.origin.entry();
        let fix = meant.zip(entry).map(|(meant, entry)| Fix::replace(entry.key("code"), meant));
        Some(finding.fix(fix.map(Fix::if_intended)))
    }

    /// That it accepts nothing, where that is worth a word.
    fn unused<C: Code>(&self, findings: &[Finding<C>]) -> Option<Finding<C>> {
        if self.origin == Origin::Baseline {
            return None;
        }
        let Acceptance { code, resource, field, .. } = &self.acceptance;
        let about: Vec<&Finding<C>> =
            findings.iter().filter(|finding| self.is_about(finding)).collect();
        let errors = about.iter().filter(|finding| finding.is_error()).count();
        let why = if about
            .iter()
            .any(|finding| finding.is_error() && !finding.code.can_be_accepted())
        {
            "this error cannot be accepted, because it kept the function from its work; fix it"
        } else if errors > 1 {
            "several errors have this code, object and field; name each with its message as well"
        } else if about.iter().any(|finding| finding.accepted.is_some()) {
            "another entry already accepts the finding; remove one of them"
        } else if resource == ANY || field == ANY {
            "no warning has this code and object (* matches warnings only); remove the entry, or name the object and the field of an error"
        } else {
            "no finding has this code, object and field; remove the entry, or set them as in the finding"
        };
        let message = format!("accepts nothing ({code}): {why}");
        let finding = self.finding(Severity::Warning, RuntimeCode::AcceptUnused, None, &message);
        let is_superfluous = about.iter().any(|finding| finding.accepted.is_some());
        let fix = self.origin.entry().filter(|_| errors == 0).map(Fix::remove);
        Some(finding.fix(fix.map(|fix| if is_superfluous { fix } else { fix.if_intended() })))
    }

    fn finding<C: Code>(
        &self,
        severity: Severity,
        code: RuntimeCode,
        below: Option<&str>,
        message: &str,
    ) -> Finding<C> {
        let make = |message: String| match severity {
            Severity::Error => Finding::error(code.into(), message),
            _ => Finding::warning(code.into(), message),
        };
        match &self.origin {
            Origin::Configuration { resource, field } => {
                let below = below.filter(|_| self.origin.entry().is_some());
                let field = below.map_or(field.clone(), |below| field.clone().key(below));
                make(message.to_owned()).on(resource).field(field)
            }
            Origin::File { name, number } => {
                make(format!("{name}: entry {number} of accept: {message}"))
            }
            Origin::Baseline => make(format!("baseline: {message}")),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> String {
        format!("accept:\n- {{{text}}}\n")
    }

    fn accepted(text: &str) -> Acceptances {
        Acceptances::of_file::<&str>(text, "accept.yaml").unwrap()
    }

    fn service(kind: &str, name: &str) -> ResourceRef {
        let (api_version, kind) = kind.rsplit_once('/').unwrap();
        let (api_version, kind) = (api_version.to_owned(), kind.to_owned());
        ResourceRef { api_version, kind, namespace: Some("shop".to_owned()), name: name.to_owned() }
    }

    fn open(kind: &str, name: &str, field: &str) -> Finding {
        Finding::error("open", format!("{name} is open")).on(&service(kind, name)).field(field)
    }

    fn codes(findings: &[Finding]) -> Vec<(&str, Severity)> {
        findings.iter().map(|finding| (finding.code, finding.severity)).collect()
    }

    #[test]
    fn one_entry_accepts_one_error() {
        let text = "code: open, resource: Service/shop/web, field: 'spec.ports[0]', reason: VPN";
        let all = [
            open("v1/Service", "web", "spec.ports[0]"),
            open("v1/Service", "web", "spec.ports[1]"),
            open("v1/Service", "api", "spec.ports[0]"),
        ];
        let mut findings = all.to_vec();
        accepted(&entry(text)).apply(&mut findings);
        assert_eq!(findings[0].accepted.as_ref().unwrap().reason, "VPN");
        assert_eq!(findings[0].accepted.as_ref().unwrap().severity, Severity::Error);
        assert_eq!(findings[1..], all[1..]);
    }

    #[test]
    fn an_entry_that_fits_two_errors_accepts_neither() {
        let text = "code: open, resource: Service/shop/web, field: spec, reason: VPN";
        let twins = [
            // Of two API groups.
            [
                open("v1/Service", "web", "spec"),
                open("serving.knative.dev/v1/Service", "web", "spec"),
            ],
            // Of one object.
            [
                open("v1/Service", "web", "spec"),
                Finding { message: "open again".to_owned(), ..open("v1/Service", "web", "spec") },
            ],
        ];
        for twins in twins {
            let mut findings = twins.to_vec();
            accepted(&entry(text)).apply(&mut findings);
            let left = [("open", Severity::Error), ("open", Severity::Error)];
            assert_eq!(codes(&findings)[..2], left);
            assert_eq!(codes(&findings)[2..], [("accept-unused", Severity::Warning)]);
        }
        let exact = "code: open, resource: v1/Service/shop/web, field: spec, message: web is open, reason: VPN";
        let mut findings = vec![
            open("v1/Service", "web", "spec"),
            Finding { message: "open again".to_owned(), ..open("v1/Service", "web", "spec") },
        ];
        accepted(&entry(exact)).apply(&mut findings);
        assert_eq!(codes(&findings), [("open", Severity::Info), ("open", Severity::Error)]);
    }

    #[test]
    fn a_star_is_for_warnings_alone() {
        let text = "code: open, resource: '*', field: '*', reason: known";
        let error = open("v1/Service", "web", "spec");
        let warning = Finding { severity: Severity::Warning, ..error.clone() };
        let mut findings = vec![error.clone(), warning.clone(), warning];
        accepted(&entry(text)).apply(&mut findings);
        let severities: Vec<Severity> = findings.iter().map(|finding| finding.severity).collect();
        assert_eq!(severities, [Severity::Error, Severity::Info, Severity::Info]);
        let mut findings = vec![error];
        accepted(&entry(text)).apply(&mut findings);
        assert_eq!(
            codes(&findings),
            [("open", Severity::Error), ("accept-unused", Severity::Warning)]
        );
    }

    #[test]
    fn what_the_function_could_not_do_is_not_accepted() {
        let text = "code: edit-refused, resource: Service/shop/web, field: spec, reason: known";
        let error = Finding { code: "edit-refused", ..open("v1/Service", "web", "spec") };
        let mut findings = vec![error];
        accepted(&entry(text)).apply(&mut findings);
        assert_eq!(
            codes(&findings),
            [("edit-refused", Severity::Error), ("accept-unused", Severity::Warning)]
        );
    }

    #[test]
    fn what_an_entry_must_have() {
        for (text, message) in [
            ("code: a, resource: b, field: c", "missing field"),
            ("code: a, resource: b, field: c, reason: ' '", "reason is empty"),
            ("code: a, resource: '', field: c, reason: d", "resource is empty"),
            ("code: a, resource: b, why: d, reason: e", "unknown field"),
        ] {
            let found = Acceptances::of_file::<&str>(&entry(text), "accept.yaml").unwrap_err();
            assert!(found[0].message.contains(message), "{}", found[0].message);
            assert!(found[0].message.starts_with("accept.yaml"), "{}", found[0].message);
        }
    }
}
