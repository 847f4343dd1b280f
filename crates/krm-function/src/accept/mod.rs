//! Findings that are accepted by name, each with its reason.

mod entry;
mod file;
#[cfg(test)]
mod tests;

use krm_package::FieldPath;

pub(super) use self::entry::Acceptance;
use self::entry::Entry;
use self::file::listed;
use super::acceptance_source::AcceptanceSource;
use super::code::Code;
use super::finding::{Accepted, Finding};
use super::resource_ref::ResourceRef;
use super::severity::Severity;

/// The field of every `spec` that lists what is accepted, and of a file that does.
pub(super) const FIELD: &str = "accept";

/// The findings that are accepted: a finding that an entry names becomes information, with the entry's
/// reason.
///
/// An entry names an error by its code, its object and its field, exactly, so that accepting one opening
/// hides no other. Where several errors answer to one entry it accepts none of them, unless it also
/// gives the message. An error that stopped the function ([`Code::can_be_accepted`]) stays one.
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
        for (index, (acceptance, place)) in listed(text, name)?.into_iter().enumerate() {
            let origin = AcceptanceSource::File { number: index + 1, place };
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
        for (acceptance, _) in listed(text, name)? {
            accepted.push(acceptance, AcceptanceSource::Baseline);
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
            accepted.push(
                acceptance,
                AcceptanceSource::Configuration { resource: resource.clone(), field },
            );
        }
        accepted.checked()
    }

    fn push(&mut self, acceptance: Acceptance, origin: AcceptanceSource) {
        self.0.push(Entry::new(acceptance, origin));
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
                finding.accepted = Some(Box::new(Accepted { severity, reason }));
                entry.is_used.set(true);
            }
        }
        self.separate(findings);
        self.report_unused(|entry| !entry.has_more_runs, findings);
    }

    /// The same for the run of a configuration: what a function finds without naming an object is on it.
    #[must_use]
    pub(super) fn on(mut self, configuration: &ResourceRef) -> Self {
        for entry in &mut self.0 {
            entry.configuration.get_or_insert_with(|| configuration.clone());
        }
        self
    }

    /// The same for a function that another one calls: `fields` gives the names that it has for a field of the
    /// configuration, and `message` its own words for one that is reported with more of them.
    #[must_use]
    pub fn renamed(
        &self,
        fields: impl Fn(&str) -> Vec<String>,
        message: impl Fn(&str) -> String,
    ) -> Self {
        Self(self.0.iter().flat_map(|entry| entry.renamed(&fields, &message)).collect())
    }

    /// The same for one of several runs over the same objects: it reports no entry that another run may use.
    /// [`Self::conclude`] does after the last one.
    #[must_use]
    pub fn for_several_runs(mut self) -> Self {
        self.0.iter_mut().for_each(|entry| entry.has_more_runs = true);
        self
    }

    /// Concludes several runs, with what all of them found: adds a warning for each entry that accepted
    /// nothing in any of them, and takes back what an entry accepted where it accepted different errors.
    pub fn conclude<C: Code>(&self, findings: &mut Vec<Finding<C>>) {
        self.separate(findings);
        self.report_unused(|_| true, findings);
    }

    /// Concludes runs of which one failed, so that the next ones did not start: of the entries that accepted
    /// nothing it reports those with the code of an error that is left.
    pub fn conclude_failed<C: Code>(&self, findings: &mut Vec<Finding<C>>) {
        self.separate(findings);
        let left: Vec<C> =
            findings.iter().filter(|one| one.is_error()).map(|one| one.code).collect();
        self.report_unused(|entry| left.iter().any(|code| entry.has_code(*code)), findings);
    }

    /// Makes the errors that one entry accepted errors again, where they are not one and the same.
    pub fn separate<C: Code>(&self, findings: &mut Vec<Finding<C>>) {
        for entry in &self.0 {
            let accepted = entry.accepted(findings);
            let identity = |place: &usize| {
                findings.get(*place).map(|finding| (&finding.resource, &finding.message))
            };
            let mut identities = accepted.iter().filter_map(identity);
            let first = identities.next();
            if identities.all(|other| Some(other) == first) {
                continue;
            }
            for place in accepted {
                if let Some(finding) = findings.get_mut(place) {
                    finding.severity = Severity::Error;
                    finding.accepted = None;
                }
            }
            findings.push(entry.ambiguous());
        }
    }

    fn report_unused<C: Code>(
        &self,
        is_reported: impl Fn(&Entry) -> bool,
        findings: &mut Vec<Finding<C>>,
    ) {
        let unused = self.0.iter().filter(|entry| !entry.is_used.get() && is_reported(entry));
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
