//! `kserve-aws render`: a folder's objects rendered without any host, and where they are written.

pub(super) mod built_in;
mod call;
mod files;
mod host;

use std::path::{Path, PathBuf};

pub(super) use self::call::{Host, RenderCall, Report, Target, command};
use self::files::Source;
use super::configurations;
use super::diags::{OutputLost, RenderedByHost, WrongArguments, WrongInput};
use super::environment::Environment;
use super::manifests::Manifests;
use super::output::{Exit, Output, Refusal, Stdout};
use crate::finding::{Code, Finding};
use crate::rendering::{self, Findings, Functions, Rendered, Texts, Tree};
use crate::runtime::Acceptances;
use kustomize_types::kustomization::FILE_NAMES;

/// What was rendered, as a stream and as files.
struct Outcome {
    stream: String,
    before: Texts,
    after: Texts,
}

pub(super) fn run<'s>(
    call: &RenderCall,
    environment: &mut dyn Environment,
) -> Result<Output<'s>, Refusal> {
    if let Some(host) = call.host {
        return host::run(host, call, environment);
    }
    let overlay = call.overlay(environment)?;
    let folder = match (&call.what, overlay) {
        (Some(folder), _) => folder.clone(),
        (None, Some(overlay)) => overlay.folder(),
        (None, None) => PathBuf::from("."),
    };
    if overlay.is_none() && !environment.is_folder(&folder) {
        let name = folder.to_str().unwrap_or_default();
        let built_in = built_in::named(name).map(|_| name);
        return Err(WrongInput::NothingToRender { folder: &folder, built_in }.into());
    }
    let accepted = call.findings.accepted(environment)?;
    let mut found = Findings::accepting(&accepted);
    found.report(out_of_order(call, &folder, environment));
    let mut files = Source { environment, built_in: overlay.is_some() };
    let rendered = outcome(call, &folder, &mut files, &mut found);
    files.done();
    let mut findings = found.all;
    match rendered {
        Ok(_) => accepted.conclude(&mut findings),
        Err(_) => accepted.conclude_failed(&mut findings),
    }
    let mut exit = Exit::Found;
    let outcome = match rendered {
        Ok(outcome) => Some(outcome),
        Err(refusal) => {
            exit = refusal.exit;
            findings.extend(refusal.findings);
            None
        }
    };
    call.findings.write_baseline(&findings, environment)?;
    let mut stderr = call.findings.lines(&findings, environment);
    let fails = findings.iter().any(|finding| call.findings.fails(finding));
    let Some(outcome) = outcome.filter(|_| !fails) else {
        return Ok(Output::failed(stderr, exit));
    };
    let mut output = shown(call, outcome, environment)?;
    let place = overlay.map_or(folder, built_in::Overlay::shown);
    if !call.findings.is_document() {
        stderr.push(format!("rendered {}", place.display()));
        stderr.append(&mut output.stderr);
        stderr.extend(overlay.and_then(built_in::Overlay::next));
    }
    Ok(Output { stderr, ..output })
}

/// The steps of a package's pipeline that run too early: what comes of it is not what they describe, and why one
/// of them fails they cannot know.
fn out_of_order(
    call: &RenderCall,
    folder: &Path,
    environment: &mut dyn Environment,
) -> Vec<Finding> {
    let files = Source { environment, built_in: false };
    if call.config.is_some() || !files.is_package(folder, call.is_package) {
        return Vec::new();
    }
    let Ok(mut paths) = files.environment.manifests(folder) else { return Vec::new() };
    paths.push(folder.join(files::KPTFILE));
    let mut manifests = Manifests::default();
    if manifests.add(&paths, files.environment).is_err() {
        return Vec::new();
    }
    configurations::out_of_order(&manifests)
}

/// What a folder gives.
pub(super) enum Rendering {
    /// Of a package, its files.
    Package { before: Texts, after: Texts },
    /// Of a kustomization, a file for each object.
    Objects(Texts),
}

/// Renders a folder; the files of a kustomization's objects are in `target`.
pub(super) fn folder(
    folder: &Path,
    target: &Path,
    is_package: bool,
    environment: &mut dyn Environment,
) -> Result<Rendering, Refusal> {
    let mut files = Source { environment, built_in: false };
    let is_package = files.is_package(folder, is_package);
    let target = if is_package { Target::Stdout } else { Target::Folder(target.to_owned()) };
    let call = RenderCall { is_package, target, ..RenderCall::default() };
    let mut found = Findings::default();
    let outcome = outcome(&call, folder, &mut files, &mut found).map_err(|refusal| {
        found.all.retain(Finding::is_error);
        refusal.after(found.all)
    })?;
    let Outcome { before, after, .. } = outcome;
    Ok(if is_package { Rendering::Package { before, after } } else { Rendering::Objects(after) })
}

/// Whether a folder is one that is rendered.
pub(super) fn renders(folder: &Path, environment: &dyn Environment) -> bool {
    let names = files::KUSTOMIZATIONS.iter().chain([&files::KPTFILE]);
    names.into_iter().any(|name| environment.is_file(&folder.join(name)))
}

/// The objects of a folder as whoever reads the whole path needs them: what is applied, and the Services that
/// the folder describes and the cluster has, such as Istio's gateway. Nothing else that is local is read:
/// a policy that is not applied guards nothing. What a function of the folder finds fails, unless it is
/// accepted.
pub(super) fn manifests(
    folder: &Path,
    accepted: &Acceptances,
    environment: &mut dyn Environment,
) -> Result<Manifests, Refusal> {
    let mut files = Source { environment, built_in: false };
    let mut found = Findings::accepting(accepted);
    let rendered = if files.is_package(folder, false) {
        rendering::package(folder, &mut files, &mut found).map(|tree| tree.rendered)
    } else {
        rendering::kustomization(folder, Functions::Run, &mut files, &mut found)
    };
    files.done();
    let mut findings = found.all;
    accepted.separate(&mut findings);
    if let Err(rendering::Refused { only: Some(only), .. }) = &rendered
        && only.host == "kustomize"
        && let Some((host, text)) = host::on_path(folder, environment)
    {
        let findings = vec![RenderedByHost { folder, host, why: &only.why }.into()];
        return Ok(Manifests { text, findings, ..Manifests::default() });
    }
    let rendered = rendered.map_err(Refusal::from);
    if rendered.is_err() || findings.iter().any(Finding::is_error) {
        accepted.conclude_failed(&mut findings);
        findings.retain(|one| one.is_error() || one.code == Code::AcceptUnused);
        return Err(match rendered {
            Ok(_) => findings.into(),
            Err(refusal) => refusal.after(findings),
        });
    }
    let Rendered { mut documents, local } = rendered?;
    documents.extend(local.into_iter().filter(rendering::Document::is_service));
    let (text, files) = rendering::stream_of(documents.iter());
    findings.retain(|finding| finding.accepted.is_some());
    Ok(Manifests { text, files, findings, ..Manifests::default() })
}

/// What the real host gives of a folder.
pub(super) fn of_host<'s>(
    host: Host,
    folder: &Path,
    environment: &mut dyn Environment,
) -> Result<Output<'s>, Refusal> {
    let call = RenderCall { what: Some(folder.to_owned()), ..RenderCall::default() };
    host::run(host, &call, environment)
}

impl RenderCall {
    /// The overlay that is built in, unless a folder is named: a path always is one.
    fn overlay(
        &self,
        environment: &dyn Environment,
    ) -> Result<Option<&'static built_in::Overlay>, Refusal> {
        if self.what.is_some() {
            return Ok(None);
        }
        // Whoever is in a folder of their own and names nothing means that folder.
        let mut own = FILE_NAMES.into_iter().chain([files::KPTFILE]);
        if self.built_in.is_none()
            && let Some(file) = own.find(|file| environment.is_file(Path::new(file)))
        {
            return Err(WrongArguments::NothingNamed(file).into());
        }
        let name = self.built_in.as_deref().unwrap_or(built_in::DEFAULT);
        let overlay = built_in::named(name).ok_or(WrongArguments::UnknownOverlay(name))?;
        Ok(Some(overlay))
    }
}

fn outcome(
    call: &RenderCall,
    folder: &Path,
    files: &mut Source<'_>,
    findings: &mut Findings,
) -> Result<Outcome, Refusal> {
    let tree = if let Some(config) = &call.config {
        Some(rendering::with_config(folder, config, files, findings)?)
    } else if files.is_package(folder, call.is_package) {
        Some(rendering::package(folder, files, findings)?)
    } else {
        None
    };
    let Some(tree) = tree else { return of_kustomization(call, folder, files, findings) };
    let outcome = of_tree(tree);
    match &call.target {
        Target::Folder(target) => {
            let moved = |texts: &Texts| -> Texts {
                let below = |path: &PathBuf| path.strip_prefix(folder).unwrap_or(path).to_owned();
                texts.iter().map(|(path, text)| (target.join(below(path)), text.clone())).collect()
            };
            let after = moved(&outcome.after);
            let before = files.texts(after.keys())?;
            Ok(Outcome { before, after, ..outcome })
        }
        _ => Ok(outcome),
    }
}

fn of_tree(tree: Tree) -> Outcome {
    let after = tree.after();
    Outcome { stream: rendering::stream(&tree.rendered.documents), before: tree.before, after }
}

fn of_kustomization(
    call: &RenderCall,
    folder: &Path,
    files: &mut Source<'_>,
    findings: &mut Findings,
) -> Result<Outcome, Refusal> {
    if call.target == Target::InPlace {
        return Err(WrongArguments::InPlaceOfKustomization(folder).into());
    }
    let own = |rendered: &Rendered, target: &Path| -> Texts {
        let file = |one: &rendering::Document| (target.join(one.own_file()), one.own_text());
        rendered.documents.iter().map(file).collect()
    };
    let rendered = rendering::kustomization(folder, Functions::Run, files, findings)?;
    let stream = rendering::stream(&rendered.documents);
    let (before, after) = match &call.target {
        Target::Folder(target) => {
            let after = own(&rendered, target);
            (files.texts(after.keys())?, after)
        }
        _ if call.report == Report::None => (Texts::new(), Texts::new()),
        // What the functions change of what the kustomization gives without them.
        _ => {
            let mut ignored = Findings::default();
            let before = rendering::kustomization(folder, Functions::Leave, files, &mut ignored)?;
            (own(&before, Path::new("")), own(&rendered, Path::new("")))
        }
    };
    Ok(Outcome { stream, before, after })
}

/// Prints or writes what was rendered.
fn shown<'s>(
    call: &RenderCall,
    outcome: Outcome,
    environment: &mut dyn Environment,
) -> Result<Output<'s>, Refusal> {
    let Outcome { stream, before, after } = outcome;
    let changed: Vec<PathBuf> =
        rendering::changed(&before, &after).into_iter().map(Path::to_owned).collect();
    match call.report {
        Report::Diff => return Ok(Output::text(rendering::unified(&before, &after)?)),
        Report::Plan => return Ok(Output::text(rendering::plan(&before, &after)?)),
        Report::Check => {
            let stderr = changed.iter().map(|path| format!("would change {}", path.display()));
            let code = u8::from(!changed.is_empty());
            return Ok(Output { stderr: stderr.collect(), code, ..Output::default() });
        }
        Report::None => {}
    }
    if call.target == Target::Stdout {
        return Ok(Output { stdout: Stdout::Text(stream.into()), ..Output::default() });
    }
    let texts: Vec<(PathBuf, Option<String>)> =
        changed.iter().map(|path| (path.clone(), after.get(path).cloned())).collect();
    environment.write(&texts).map_err(|error| Finding::from(OutputLost::Files(error)))?;
    let stderr = changed.iter().map(|path| match after.contains_key(path) {
        true => format!("wrote {}", path.display()),
        false => format!("removed {}", path.display()),
    });
    Ok(Output { stderr: stderr.collect(), ..Output::default() })
}

impl From<rendering::Refused> for Refusal {
    fn from(refused: rendering::Refused) -> Self {
        let exit = if refused.is_unavailable { Exit::Unavailable } else { Exit::Found };
        Self { findings: refused.findings, exit }
    }
}
