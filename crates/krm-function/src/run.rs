//! One run of a function, from the text that a host passes to the text that it gets.

use serde_json::Value;

use super::accept::Acceptances;
use super::code::Code;
use super::config::FunctionConfig;
use super::config_source::ConfigSource;
use super::diags::{WrongConfig, refused_edit, unreadable};
use super::files::Files;
use super::finding::Finding;
use super::function::{Plan, Registered};
use super::items::Items;
use super::places::Places;
use super::project::Project;
use super::registry::Registry;
use super::report;
use super::secrets::Secrets;
use super::severity::Severity;
use krm_package::{Edit, EditError, Package, Spliced};

/// What came of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run<'s, C> {
    /// What goes to stdout: the complete package, or nothing where the input could not be read or a
    /// stream failed.
    pub output: Option<Spliced<'s>>,
    /// What was found, in the order in which it is reported.
    pub findings: Vec<Finding<C>>,
    /// The changes that were planned, for a dry run.
    pub edits: Vec<Edit>,
    /// Whether the run succeeded.
    pub success: bool,
    /// What nothing may show that is printed of the plan. The findings show none.
    pub secrets: Secrets,
}

/// Which function runs, and with what beside its input.
#[derive(Debug, Clone)]
pub struct Call<'c> {
    /// The function's name. Without it, the configuration's kind picks one.
    pub name: Option<&'c str>,
    /// What replaces the list's own `functionConfig`.
    pub config: Option<&'c FunctionConfig<'c>>,
    /// What is accepted beside what the configuration accepts.
    pub accepted: Acceptances,
    /// The least severe finding that fails the run: [`Severity::Error`], or [`Severity::Warning`].
    pub fail_on: Severity,
}

impl Default for Call<'_> {
    fn default() -> Self {
        Self {
            name: None,
            config: None,
            accepted: Acceptances::default(),
            fail_on: Severity::Error,
        }
    }
}

impl<C: Code> Run<'_, C> {
    fn unread(finding: Finding<C>) -> Self {
        Self {
            output: None,
            findings: vec![finding],
            edits: Vec::new(),
            success: false,
            secrets: Secrets::default(),
        }
    }
}

/// Runs a function on a ResourceList, as kustomize and kpt pass it on stdin.
///
/// A list without `functionConfig` is for a function that is named and needs none. The output is the complete list with `results`,
/// on failure with every item as it came in; only a text that is not a ResourceList gives none.
#[must_use]
pub fn resource_list<'s, P: Project>(
    source: &'s str,
    functions: Registry<P>,
    call: &Call<'_>,
) -> Run<'s, P::Code> {
    let files = Files::default();
    let package = match Package::resource_list(source) {
        Ok(package) => package,
        Err(error) => return Run::unread(unreadable(source, &error, &files)),
    };
    let (plan, items, secrets) = planned(&package, &files, functions, call);
    let with_results = |plan: &Plan<P::Code>| {
        let edits: &[_] = if plan.succeeds(call.fail_on) { &plan.edits } else { &[] };
        package.apply(edits, &results(&plan.findings))
    };
    finished(plan, secrets, &items, &files, call.fail_on, with_results)
}

/// Runs a function on a stream of documents, as kustomize's legacy plugins pass it.
///
/// Like [`resource_list`], but the output has no place for results in the output, and a failure gives
/// none.
#[must_use]
pub fn stream<'s, P: Project>(
    source: &'s str,
    functions: Registry<P>,
    call: &Call<'_>,
) -> Run<'s, P::Code> {
    files(source, &Files::default(), functions, call)
}

/// Like [`stream`], for documents that were put together from files.
#[must_use]
pub fn files<'s, P: Project>(
    source: &'s str,
    files: &Files,
    functions: Registry<P>,
    call: &Call<'_>,
) -> Run<'s, P::Code> {
    let package = match Package::stream(source) {
        Ok(package) => package,
        Err(error) => return Run::unread(unreadable(source, &error, files)),
    };
    let (plan, items, secrets) = planned(&package, files, functions, call);
    let mut run = finished(plan, secrets, &items, files, call.fail_on, |plan| {
        let edits: &[_] = if plan.succeeds(call.fail_on) { &plan.edits } else { &[] };
        package.apply(edits, &[])
    });
    run.output = run.output.filter(|_| run.success);
    run
}

/// Each finding as a result.
fn results<C: Code>(findings: &[Finding<C>]) -> Vec<Value> {
    findings.iter().map(report::result).collect()
}

fn planned<'p, P: Project>(
    package: &'p Package<'_>,
    files: &Files,
    functions: Registry<P>,
    call: &Call<'_>,
) -> (Plan<P::Code>, Items<'p>, Secrets) {
    let mut items = match Items::of_files(package, files) {
        Ok(items) => items,
        Err(others) => {
            let findings = others.into_iter().map(Finding::from).collect();
            return (Plan { edits: Vec::new(), findings }, Items::default(), Secrets::default());
        }
    };
    let failed = |findings| Plan { edits: Vec::new(), findings };
    let found = config_and_function(package, functions, call.name, call.config);
    let config = found.as_ref().ok().and_then(|(config, _)| config.clone());
    let mut plan = match found {
        Ok((config, function)) => {
            items.for_configuration(config.as_ref().and_then(FunctionConfig::name));
            match config.as_ref().map_or(Ok(Acceptances::default()), FunctionConfig::accepted) {
                Ok(accepted) => {
                    let mut accepted = call.accepted.clone().and(accepted);
                    if let Some(config) = &config {
                        accepted = accepted.on(config.resource());
                    }
                    items = items.accepting(accepted);
                    function.plan(config.as_ref(), &items)
                }
                Err(findings) => failed(findings),
            }
        }
        Err(finding) => failed(vec![finding]),
    };
    // A list may have the configuration of another function beside the one that is given.
    let configs = call.config.map(FunctionConfig::node).into_iter();
    let configs: Vec<_> = configs.chain(package.list_field("functionConfig")).collect();
    let secrets = P::secrets(&configs, &items);
    let config = call.config.or(config.as_ref());
    let places = Places::of(&items, files, config, &secrets, P::SECRET_FIELDS);
    complete(&mut plan.findings, items.accepted(), &secrets, &places);
    (plan, items, secrets)
}

/// Completes what was found in files without a function, for a report: secrets are hidden, what is
/// accepted is information, every finding has its place, and errors are first.
///
/// Gives the secrets, to be hidden in what else is printed of these files.
#[must_use]
pub fn complete_findings<P: Project>(
    text: &str,
    files: &Files,
    accepted: &Acceptances,
    findings: &mut Vec<Finding<P::Code>>,
) -> Secrets {
    let package = Package::manifests(text);
    let package = package.as_ref().ok();
    let items = package.map(|package| Items::readable(package, files)).unwrap_or_default();
    let config = package.and_then(|package| package.list_field("functionConfig"));
    let secrets = P::secrets(config.as_slice(), &items);
    let places = Places::of(&items, files, None, &secrets, P::SECRET_FIELDS);
    complete(findings, accepted, &secrets, &places);
    secrets
}

fn complete<C: Code>(
    findings: &mut Vec<Finding<C>>,
    accepted: &Acceptances,
    secrets: &Secrets,
    places: &Places<'_, '_>,
) {
    secrets.hide(findings);
    accepted.apply(findings);
    // A reason may quote one, too.
    secrets.hide(findings);
    places.set(findings);
    // kpt shows the first four lines: what fails the run has to be among them.
    findings.sort_by_key(|finding| finding.severity);
}

/// A function, and its configuration where it has one.
type Picked<'c, P> = (Option<FunctionConfig<'c>>, &'static Registered<P>);

fn config_and_function<'c, P: Project>(
    package: &'c Package<'_>,
    functions: Registry<P>,
    name: Option<&str>,
    config: Option<&FunctionConfig<'c>>,
) -> Result<Picked<'c, P>, Finding<P::Code>> {
    let config = match (config, package.list_field("functionConfig")) {
        (Some(config), _) => config.clone(),
        (None, Some(node)) => FunctionConfig::new(node, ConfigSource::ResourceList)?,
        (None, None) => {
            let named = name.and_then(|name| functions.named(name).ok());
            if let Some(function) = named.filter(|function| function.config_is_optional) {
                return Ok((None, function));
            }
            return Err(WrongConfig::Missing.into());
        }
    };
    let function = match name {
        Some(name) => {
            functions.named(name).map_err(|hint| WrongConfig::UnknownFunction { name, hint })?
        }
        None if config.is_config_map() => {
            return Err(config.wrong(WrongConfig::UnnamedFunction(functions.names())));
        }
        None => functions
            .of_kind(config.kind())
            .map_err(|hint| config.wrong(WrongConfig::UnknownKind { kind: config.kind(), hint }))?,
    };
    Ok((Some(config), function))
}

fn finished<'s, C: Code>(
    mut plan: Plan<C>,
    secrets: Secrets,
    items: &Items<'_>,
    files: &Files,
    fail_on: Severity,
    apply: impl Fn(&Plan<C>) -> Result<Spliced<'s>, EditError>,
) -> Run<'s, C> {
    let output = match apply(&plan) {
        Ok(output) => Some(output),
        Err(error) => {
            let item = error.item.and_then(|id| items.iter().find(|item| item.id == id));
            let finding = refused_edit(&error.error, files);
            let finding = match item {
                Some(item) => finding.on(&item.resource),
                None => finding,
            };
            plan.findings.insert(0, finding);
            secrets.hide(&mut plan.findings);
            apply(&plan).ok()
        }
    };
    let success = plan.succeeds(fail_on) && output.is_some();
    let Plan { edits, findings } = plan;
    Run { output, findings, edits, success, secrets }
}
