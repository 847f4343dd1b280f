//! The folders that are tests, what each renders to, and what is expected of it.

use std::path::{Path, PathBuf};

use super::super::diags::WrongInput;
use super::super::environment::Environment;
use super::super::output::{Refusal, Stdout};
use super::super::render::{self, Host, Rendering};
use super::patch::{self, unified};
use crate::finding::Finding;
use crate::rendering::{self, Texts};
use crate::runtime::{self, Files, Items, KserveAws, Project, Secrets};
use krm_package::Package;

/// Where what is expected is kept; kpt's first.
const KEPT: [&str; 2] = [".expected", "expected"];
/// Of kpt's own tests, how a rendering ends.
const CONFIG: &str = ".expected/config.yaml";
/// The difference that rendering makes to a package, as kpt's own tests keep it.
const PATCH: &str = ".expected/diff.patch";

/// The folders that are tests: those that are named, and those below a folder that is none itself.
pub(super) fn folders(
    places: &[PathBuf],
    environment: &dyn Environment,
) -> Result<Vec<PathBuf>, Refusal> {
    let renders = |folder: &Path| render::renders(folder, environment);
    let mut found = Vec::new();
    for place in places {
        if !environment.is_folder(place) {
            return Err(WrongInput::NotAFolder(place).into());
        }
        if renders(place) {
            found.push(place.clone());
            continue;
        }
        let files = environment.files(place).map_err(|error| unreadable(place, error))?;
        let mut below: Vec<&Path> = files.iter().filter_map(|file| file.parent()).collect();
        below.sort_unstable();
        below.dedup();
        below.retain(|folder| {
            renders(folder) && KEPT.iter().any(|kept| environment.is_folder(&folder.join(kept)))
        });
        if below.is_empty() {
            return Err(WrongInput::NoTest(place).into());
        }
        found.extend(below.into_iter().map(Path::to_owned));
    }
    Ok(found)
}

/// Whether a folder's rendering is expected to fail, as kpt's own tests keep it.
pub(super) fn is_refusal(folder: &Path, environment: &mut dyn Environment) -> bool {
    let path = folder.join(CONFIG);
    let text = environment.is_file(&path).then(|| read(&path, environment).unwrap_or_default());
    let text = text.unwrap_or_default();
    let Ok(package) = Package::stream(&text) else { return false };
    let code = package.items().find_map(|(_, node)| node.get("exitCode")?.value().ok());
    code.is_some_and(|code| code != 0)
}

/// One test: what is expected and what is rendered, both without tokens.
pub(super) struct Case {
    expected: Texts,
    rendered: Texts,
    /// Whether objects of equal value are equal.
    by_value: bool,
    /// Of a package, the file with the difference, what it holds, and what it must hold.
    patch: Option<(PathBuf, Option<String>, String)>,
    /// Why nothing can be compared.
    obstacle: Option<String>,
}

impl Case {
    /// Renders a folder and reads what is expected of it.
    pub(super) fn of(
        folder: &Path,
        host: Option<Host>,
        environment: &mut dyn Environment,
    ) -> Result<Self, Refusal> {
        let kept = KEPT.iter().map(|name| folder.join(name));
        let kept = kept.into_iter().find(|kept| environment.is_folder(kept));
        let target = kept.unwrap_or_else(|| folder.join("expected"));
        let rendering = match host {
            Some(host) if host != Host::Kpt => {
                let stream = of_host(host, folder, environment)?;
                let files = rendering::own_files(&stream).map_err(Refusal::from)?;
                Rendering::Objects(
                    files.into_iter().map(|(name, text)| (target.join(name), text)).collect(),
                )
            }
            _ => render::folder(folder, &target, host == Some(Host::Kpt), environment)?,
        };
        match rendering {
            Rendering::Objects(files) => of_objects(files, &target, host.is_some(), environment),
            Rendering::Package { before, after } => {
                let mut case = of_package(folder, &before, &after, environment)?;
                if host == Some(Host::Kpt) {
                    let stream = of_host(Host::Kpt, folder, environment)?;
                    case.add_host(&after, &stream)?;
                }
                Ok(case)
            }
        }
    }

    /// What differs, a unified difference for each file; empty where nothing does.
    pub(super) fn difference(&self) -> String {
        if let Some(obstacle) = &self.obstacle {
            return format!("{obstacle}\n");
        }
        if self.by_value && same_values(&self.expected, &self.rendered) {
            return String::new();
        }
        unified(&self.expected, &self.rendered)
    }

    /// The files of what is expected, as they are and as they must be.
    pub(super) fn kept(&self) -> (&Texts, Texts) {
        match &self.patch {
            Some((file, before, after)) if before.as_ref() != Some(after) => {
                // Only what changes is looked at.
                static NOTHING: Texts = Texts::new();
                (&NOTHING, Texts::from([(file.clone(), after.clone())]))
            }
            Some(_) => {
                static NOTHING: Texts = Texts::new();
                (&NOTHING, Texts::new())
            }
            None => (&self.expected, self.rendered.clone()),
        }
    }

    /// Holds the objects of kpt against those that are rendered here.
    fn add_host(&mut self, after: &Texts, stream: &str) -> Result<(), Refusal> {
        let own: Vec<&str> = after.values().map(String::as_str).collect();
        let mut ours = Texts::new();
        for text in own {
            ours.extend(rendering::own_files(text).map_err(Refusal::from)?);
        }
        let mut theirs = rendering::own_files(stream).map_err(Refusal::from)?;
        let secrets = secrets(&[&ours, &theirs])?;
        // In the copy that kpt renders, they name this program in place of its image.
        let is_rendered = |name: &Path| {
            let name = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
            !(name.starts_with("kpt.dev_v1_kptfile") || name.starts_with("fn.kserve-aws.dev_"))
        };
        ours.retain(|name, _| is_rendered(name));
        theirs.retain(|name, _| is_rendered(name));
        let is_same = same_values(&ours, &theirs);
        if !is_same && self.obstacle.is_none() {
            let mut text = unified(&ours, &theirs);
            secrets.hide_in_text(&mut text);
            self.obstacle = Some(format!("kpt renders other objects:\n{}", text.trim_end()));
        }
        Ok(())
    }
}

fn of_host(
    host: Host,
    folder: &Path,
    environment: &mut dyn Environment,
) -> Result<String, Refusal> {
    let output = render::of_host(host, folder, environment)?;
    match output.stdout {
        Stdout::Text(text) if output.code == 0 => Ok(text.into_owned()),
        _ => Err(WrongInput::NotRenderable { folder, why: output.stderr.join("; ") }.into()),
    }
}

/// A kustomization's objects beside the files that are kept of them.
fn of_objects(
    mut rendered: Texts,
    target: &Path,
    by_value: bool,
    environment: &mut dyn Environment,
) -> Result<Case, Refusal> {
    let secrets = secrets(&[&rendered])?;
    rendered.values_mut().for_each(|text| secrets.hide_in_text(text));
    let mut expected = Texts::new();
    if environment.is_folder(target) {
        let files = environment.files(target).map_err(|error| unreadable(target, error))?;
        for path in files {
            let text = secrets.hidden_in(&read(&path, environment)?);
            expected.insert(path, text);
        }
    }
    let obstacle = expected.is_empty().then(|| missing(target));
    Ok(Case { expected, rendered, by_value, patch: None, obstacle })
}

/// A package's files beside what the kept difference makes of them.
fn of_package(
    folder: &Path,
    before: &Texts,
    after: &Texts,
    environment: &mut dyn Environment,
) -> Result<Case, Refusal> {
    let secrets = secrets(&[before, after])?;
    let without = |texts: &Texts| -> Texts {
        let relative = |path: &PathBuf| path.strip_prefix(folder).unwrap_or(path).to_owned();
        texts.iter().map(|(path, text)| (relative(path), secrets.hidden_in(text))).collect()
    };
    let (before, rendered) = (without(before), without(after));
    let file = folder.join(PATCH);
    let is_there = environment.is_file(&file);
    let kept = if is_there { Some(read(&file, environment)?) } else { None };
    let (expected, obstacle) =
        match kept.as_deref().map(|text| patch::applied(&before, &secrets.hidden_in(text))) {
            None => (Texts::new(), Some(missing(&file))),
            Some(Ok(expected)) => (expected, None),
            Some(Err(problem)) => (Texts::new(), Some(format!("{}: {problem}", file.display()))),
        };
    let must = unified(&before, &rendered);
    Ok(Case { expected, rendered, by_value: false, patch: Some((file, kept, must)), obstacle })
}

fn missing(path: &Path) -> String {
    format!("{} not found; run it with --accept to write it", path.display())
}

/// Whether both hold the same objects, however they are written.
fn same_values(left: &Texts, right: &Texts) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).all(|((one, text), (other, with))| {
            let value = |text: &str| {
                let package = Package::stream(text).ok()?;
                package.items().map(|(_, node)| node.value().ok()).collect::<Option<Vec<_>>>()
            };
            one == other && value(text).is_some_and(|found| value(with) == Some(found))
        })
}

/// The tokens in all of the objects.
fn secrets(all: &[&Texts]) -> Result<Secrets, Refusal> {
    let stream: Vec<&str> =
        all.iter().flat_map(|texts| texts.values()).map(String::as_str).collect();
    let stream = stream.join("\n---\n");
    let package = Package::stream(&stream)
        .map_err(|error| runtime::unreadable(&stream, &error, &Files::default()))?;
    let items = Items::of(&package).map_err(|others| {
        Refusal::from(others.into_iter().map(Finding::from).collect::<Vec<_>>())
    })?;
    Ok(KserveAws::secrets(&[], &items))
}

fn read(path: &Path, environment: &mut dyn Environment) -> Result<String, Refusal> {
    let bytes = environment.file(path).map_err(|error| unreadable(path, error))?;
    String::from_utf8(bytes).map_err(|_| WrongInput::NotUtf8(path).into())
}

fn unreadable(path: &Path, error: std::io::Error) -> Finding {
    WrongInput::CannotRead { name: path.display().to_string(), error }.into()
}
