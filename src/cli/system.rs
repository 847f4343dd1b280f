//! The system that the program runs on, as the command reads it.

use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use super::environment::{Environment, HostRan, HostRun, OWN_PATH, is_manifest};
use super::progress::Progress;

/// The bytes that a pipe holds.
const PIPE: usize = 64 * 1024;

/// The process's stdin, and the files that its arguments name.
#[derive(Debug, Clone, Copy)]
pub struct System {
    started: Instant,
    /// Puts a text on stderr as it is.
    say: fn(&str),
    progress: Progress,
}

/// Every file in a folder and the folders below, by name, and the links that are wanted.
fn entries(folder: &Path, is_wanted: fn(&Path) -> bool) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir()? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() && entry.file_name() != ".git" {
                folders.push(entry.path());
            } else if kind.is_file() || (kind.is_symlink() && is_wanted(&entry.path())) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

impl System {
    /// The system; `say` puts a text on stderr as it is.
    #[must_use]
    pub fn new(say: fn(&str)) -> Self {
        Self { started: Instant::now(), say, progress: Progress::default() }
    }
}

impl Environment for System {
    fn stdin(&mut self) -> io::Result<Vec<u8>> {
        // As much as a pipe holds: else the first reads are of 32 bytes each.
        let mut bytes = Vec::with_capacity(PIPE);
        io::stdin().lock().read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn stdin_is_terminal(&self) -> bool {
        io::stdin().is_terminal()
    }

    fn stderr_is_terminal(&self) -> bool {
        io::stderr().is_terminal()
    }

    fn refuses_color(&self) -> bool {
        std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
    }

    /// Rust opens `/dev/null` in place of a closed stdout, for reading and writing; a shell that
    /// throws output away opens it for writing alone.
    fn stdout_is_closed(&self) -> bool {
        const ACCESS: u32 = 0o3;
        const READ_AND_WRITE: u32 = 0o2;
        let target = std::fs::read_link("/proc/self/fd/1");
        if !target.is_ok_and(|target| target == Path::new("/dev/null")) {
            return false;
        }
        let about = std::fs::read_to_string("/proc/self/fdinfo/1").unwrap_or_default();
        let flags = about.lines().find_map(|line| line.strip_prefix("flags:"));
        let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok());
        flags.is_some_and(|flags| flags & ACCESS == READ_AND_WRITE)
    }

    fn file(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    /// As `kubectl apply -R -f` does, a link to a file is followed, and one that leads nowhere cannot be read; one
    /// to a folder may lead back up.
    fn manifests(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut found = entries(folder, |path| !path.is_dir())?;
        found.retain(|path| is_manifest(path));
        Ok(found)
    }

    fn files(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        entries(folder, |_| false)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        path.canonicalize()
    }

    fn write(&mut self, texts: &[(PathBuf, Option<String>)]) -> io::Result<()> {
        let mut staged = Vec::new();
        let done = stage(texts, &mut staged);
        if done.is_err() {
            for (new, _) in &staged {
                let _ = std::fs::remove_file(new);
            }
            return done;
        }
        staged.iter().try_for_each(|(new, path)| std::fs::rename(new, path))?;
        let mut removed = texts.iter().filter(|(_, text)| text.is_none());
        removed.try_for_each(|(path, _)| std::fs::remove_file(path))
    }

    fn write_private(&mut self, path: &Path, text: &str) -> io::Result<()> {
        let named = |error| with_path(path, error);
        path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(named)?;
        let mut new = std::fs::OpenOptions::new();
        new.write(true).create_new(true).mode(0o600);
        new.open(path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(named)
    }

    fn host(&mut self, run: &HostRun) -> io::Result<HostRan> {
        let copy = Copy::new()?;
        let own = std::env::current_exe()?;
        for (name, bytes) in &run.files {
            let path = copy.0.join(name);
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            let text = String::from_utf8_lossy(bytes);
            if text.contains(OWN_PATH) {
                std::fs::write(path, text.replace(OWN_PATH, &own.display().to_string()))?;
            } else {
                std::fs::write(path, bytes)?;
            }
        }
        let plugins = copy.0.join(".plugins");
        for plugin in &run.plugins {
            let path = plugins.join(plugin);
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            std::os::unix::fs::symlink(&own, path)?;
        }
        let ran = Command::new(run.program)
            .args(&run.arguments)
            .current_dir(&copy.0)
            .env("KUSTOMIZE_PLUGIN_HOME", &plugins)
            .stdin(Stdio::null())
            .output()?;
        Ok(self::ran(ran))
    }

    fn shell(&mut self, script: &str) -> io::Result<HostRan> {
        let mut shell = Command::new("sh");
        Ok(ran(shell.args(["-c", script]).stdin(Stdio::null()).output()?))
    }

    fn answer(&mut self, question: &str) -> io::Result<String> {
        (self.say)(question);
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        Ok(line)
    }

    fn random(&mut self) -> io::Result<[u8; 16]> {
        let mut bytes = [0; 16];
        std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn progress(&mut self, what: &str) {
        let line = self.progress.line(self.started.elapsed(), what);
        if let Some(line) = line.filter(|_| io::stderr().is_terminal()) {
            (self.say)(&line);
        }
    }
}

fn ran(output: Output) -> HostRan {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    HostRan {
        stdout: text(output.stdout),
        stderr: text(output.stderr),
        success: output.status.success(),
    }
}

/// Writes every text beside the file that it is for.
fn stage(
    texts: &[(PathBuf, Option<String>)],
    staged: &mut Vec<(PathBuf, PathBuf)>,
) -> io::Result<()> {
    for (path, text) in texts {
        let Some(text) = text else { continue };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let new = path.with_file_name(format!(".{name}.{}", std::process::id()));
        let named =
            |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(named)?;
        staged.push((new.clone(), path.clone()));
        std::fs::write(&new, text).map_err(named)?;
        if let Ok(before) = std::fs::metadata(path) {
            std::fs::set_permissions(&new, before.permissions()).map_err(named)?;
        }
    }
    Ok(())
}

fn with_path(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// A folder for one run of a host, gone behind it.
struct Copy(PathBuf);

impl Copy {
    fn new() -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("kserve-aws-{}", std::process::id()));
        std::fs::create_dir(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
