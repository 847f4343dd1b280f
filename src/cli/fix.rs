//! `kserve-aws check --fix`: the safe fixes of what is found, applied to the files that were checked.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::check::{self, CheckCall};
use super::diags::{OutputLost, WrongArguments};
use super::environment::Environment;
use super::output::{Output, Refusal, Source, Stdout};
use crate::finding::Finding;
use crate::rendering::{self, Texts};
use crate::runtime::{Fixed, fixed};

/// A fix may bring another finding to light; more than this in a row come from no real package.
const MOST_ROUNDS: usize = 20;

/// Applies fixes until none is left, writes the files, and reports what remains.
pub(super) fn run<'s>(
    call: CheckCall,
    environment: &mut dyn Environment,
    source: &'s Source,
) -> Result<Output<'s>, Refusal> {
    let stdin = Path::new("-");
    if call.places.is_empty() || call.places.iter().any(|place| place == stdin) {
        return Err(WrongArguments::FixOfStdin.into());
    }
    let is_shown_only = call.diff;
    let is_document = call.report.is_document();
    let mut files = FixedFiles { environment, texts: BTreeMap::new() };
    let (mut fixes, mut left) = (0, Left::default());
    for _ in 0..MOST_ROUNDS {
        let findings = check::findings(&call, &mut files)?;
        left = Left::of(&findings);
        match files.fix(&findings)? {
            0 => break,
            more => fixes += more,
        }
    }
    let output = check::report(call, &mut files, source)?;
    let FixedFiles { environment, texts } = files;
    let (before, after) = sides(&texts);
    let mut done = Vec::new();
    let stdout = if is_shown_only {
        Stdout::Text(rendering::unified(&before, &after)?.into())
    } else {
        write(&after, environment)?;
        done.extend(after.keys().map(|path| format!("fixed {}", path.display())));
        output.stdout
    };
    if fixes > 0 {
        let verb = if is_shown_only { "would apply" } else { "applied" };
        done.push(format!("{verb} {}", counted(fixes)));
    }
    done.extend(left.lines());
    let mut stderr = output.stderr;
    // What is read by a program has no lines beside its document.
    if !is_document {
        stderr.append(&mut done);
    }
    Ok(Output { stdout, stderr, ..output })
}

fn counted(fixes: usize) -> String {
    format!("{fixes} {}", if fixes == 1 { "fix" } else { "fixes" })
}

/// Safe fixes that are not applied.
#[derive(Default)]
struct Left {
    /// Of objects that were rendered.
    rendered: usize,
    /// Of text that cannot be edited so.
    refused: usize,
}

impl Left {
    fn of(findings: &[Finding]) -> Self {
        let mut left = Self::default();
        for finding in findings.iter().filter(|finding| finding.accepted.is_none()) {
            match (&finding.fix, &finding.place) {
                (Some(fix), Some(place)) if fix.is_safe && !place.is_origin => left.refused += 1,
                (Some(fix), _) if fix.is_safe => left.rendered += 1,
                _ => {}
            }
        }
        left
    }

    fn lines(&self) -> Vec<String> {
        let line = |fixes: usize, why: &str| {
            (fixes > 0).then(|| format!("did not apply {}: {why}", counted(fixes)))
        };
        let rendered = line(self.rendered, "the object is rendered; make the change in its file");
        let refused =
            line(self.refused, "the text cannot be edited there; make the change by hand");
        rendered.into_iter().chain(refused).collect()
    }
}

/// The files as they were, and as they are now.
fn sides(texts: &BTreeMap<PathBuf, Versions>) -> (Texts, Texts) {
    let side = |of: fn(&Versions) -> &String| {
        texts.iter().map(|(path, versions)| (path.clone(), of(versions).clone())).collect()
    };
    (side(|versions| &versions.before), side(|versions| &versions.now))
}

/// Writes all of them, or none where one cannot be written. A link stays a link to its file.
fn write(texts: &Texts, environment: &mut dyn Environment) -> Result<(), Finding> {
    let place = |path: &PathBuf| environment.absolute(path).unwrap_or_else(|_| path.clone());
    let texts: Vec<(PathBuf, Option<String>)> =
        texts.iter().map(|(path, text)| (place(path), Some(text.clone()))).collect();
    if texts.is_empty() {
        return Ok(());
    }
    environment.write(&texts).map_err(|error| OutputLost::Files(error).into())
}

/// A file's text when it was read, and with its fixes.
struct Versions {
    before: String,
    now: String,
}

/// The environment, with fixes in its files.
struct FixedFiles<'e> {
    environment: &'e mut dyn Environment,
    texts: BTreeMap<PathBuf, Versions>,
}

impl FixedFiles<'_> {
    /// Applies what can be applied at once; gives how many fixes that are.
    fn fix(&mut self, findings: &[Finding]) -> Result<usize, Refusal> {
        let mut of_files: BTreeMap<&str, Vec<Finding>> = BTreeMap::new();
        for finding in findings {
            let is_safe = finding.fix.as_ref().is_some_and(|fix| fix.is_safe);
            // A file is not what was rendered of it: it is mended by hand.
            let place = finding.place.as_ref().filter(|place| is_safe && !place.is_origin);
            if let Some(place) = place {
                of_files.entry(&place.file).or_default().push(finding.clone());
            }
        }
        let mut count = 0;
        for (name, findings) in of_files {
            let path = Path::new(name);
            let text = super::manifests::read(path, self)?.text;
            let Some(Fixed { text: now, fixes }) = fixed(&text, name, &findings) else { continue };
            if now == text {
                continue;
            }
            count += fixes;
            let before = self.texts.remove(path).map_or(text, |versions| versions.before);
            self.texts.insert(path.to_owned(), Versions { before, now });
        }
        Ok(count)
    }
}

impl Environment for FixedFiles<'_> {
    fn stdin(&mut self) -> io::Result<Vec<u8>> {
        self.environment.stdin()
    }

    fn stdin_is_terminal(&self) -> bool {
        self.environment.stdin_is_terminal()
    }

    fn stderr_is_terminal(&self) -> bool {
        self.environment.stderr_is_terminal()
    }

    fn refuses_color(&self) -> bool {
        self.environment.refuses_color()
    }

    fn file(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        match self.texts.get(path) {
            Some(versions) => Ok(versions.now.clone().into_bytes()),
            None => self.environment.file(path),
        }
    }

    fn is_file(&self, path: &Path) -> bool {
        self.environment.is_file(path)
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.environment.is_folder(path)
    }

    fn files(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.environment.files(folder)
    }

    fn write(&mut self, texts: &[(PathBuf, Option<String>)]) -> io::Result<()> {
        self.environment.write(texts)
    }
}
