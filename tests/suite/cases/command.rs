//! The command, run in this process over files that exist in memory only.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;

use kserve_aws::cli::{self, Environment, HostRan, Source};

/// What the command printed, and how it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: u8,
}

/// Stdin and files.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) stdin: Option<Vec<u8>>,
    pub(crate) files: HashMap<PathBuf, Vec<u8>>,
    /// What the person at the terminal answers.
    pub(crate) answers: RefCell<VecDeque<String>>,
    /// What the person read.
    pub(crate) questions: Rc<RefCell<Vec<String>>>,
    /// The variables of a script that the command runs; without any, it runs none.
    pub(crate) variables: Vec<(&'static str, String)>,
    /// How many bytes were drawn.
    pub(crate) drawn: u8,
    /// What the command writes.
    pub(crate) written: Rc<RefCell<HashMap<PathBuf, Vec<u8>>>>,
    /// Whether a person reads stderr.
    pub(crate) terminal: bool,
    /// Whether NO_COLOR is set.
    pub(crate) no_color: bool,
}

impl Environment for Memory {
    fn stdin(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.stdin.take().unwrap_or_default())
    }

    fn stdin_is_terminal(&self) -> bool {
        self.stdin.is_none()
    }

    fn stderr_is_terminal(&self) -> bool {
        self.terminal
    }

    fn refuses_color(&self) -> bool {
        self.no_color
    }

    fn file(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        let found = self.files.get(path).cloned();
        found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such file"))
    }

    fn write(&mut self, texts: &[(PathBuf, Option<String>)]) -> io::Result<()> {
        let mut written = self.written.borrow_mut();
        for (path, text) in texts {
            written.insert(path.clone(), text.clone().unwrap_or_default().into_bytes());
        }
        Ok(())
    }

    fn answer(&mut self, question: &str) -> io::Result<String> {
        self.questions.borrow_mut().push(question.to_owned());
        let next = self.answers.borrow_mut().pop_front();
        next.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))
    }

    fn shell(&mut self, script: &str) -> io::Result<HostRan> {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).stdin(Stdio::null()).env_clear();
        shell.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        let ran = shell.envs(self.variables.iter().cloned()).output()?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(HostRan {
            stdout: text(ran.stdout),
            stderr: text(ran.stderr),
            success: ran.status.success(),
        })
    }

    fn random(&mut self) -> io::Result<[u8; 16]> {
        Ok(std::array::from_fn(|_| {
            self.drawn = self.drawn.wrapping_mul(61).wrapping_add(97);
            self.drawn
        }))
    }

    fn is_file(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    fn is_folder(&self, path: &Path) -> bool {
        !self.is_file(path) && self.files.keys().any(|file| file.starts_with(path))
    }

    fn files(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut found: Vec<PathBuf> =
            self.files.keys().filter(|file| file.starts_with(folder)).cloned().collect();
        found.sort();
        Ok(found)
    }
}

impl Memory {
    pub(crate) fn stdin(bytes: impl Into<Vec<u8>>) -> Self {
        Self { stdin: Some(bytes.into()), ..Self::default() }
    }

    pub(crate) fn with_file(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(name.into(), bytes.into());
        self
    }

    /// Runs `kserve-aws` with these arguments.
    pub(crate) fn run(self, arguments: &[&str]) -> Answer {
        self.run_as("kserve-aws", arguments)
    }

    /// Runs the command under another name.
    pub(crate) fn run_as(mut self, name: &str, arguments: &[&str]) -> Answer {
        let all: Vec<OsString> =
            std::iter::once(&name).chain(arguments).map(|text| OsString::from(*text)).collect();
        let source = Source::default();
        let output = cli::run(&all, &mut self, &source);
        let stderr = output.stderr.iter().map(|line| format!("{line}\n")).collect();
        let stdout = output.stdout.pieces().collect();
        Answer { stdout, stderr, code: output.code }
    }
}

/// `kserve-aws fn NAME --config config.yaml input.yaml`
pub(crate) fn fn_on(function: &str, config: &str, input: &str, arguments: &[&str]) -> Answer {
    let files = Memory::default().with_file("config.yaml", config).with_file("input.yaml", input);
    let call = ["fn", function, "--config", "config.yaml", "input.yaml"];
    let plain: &[&str] = if arguments.contains(&"--format") { &[] } else { &["--format", "plain"] };
    files.run(&[&call, plain, arguments].concat())
}

/// `kserve-aws fn NAME [--config config.yaml] < input`
pub(crate) fn fn_on_stdin(
    function: &str,
    config: Option<&str>,
    input: &str,
    arguments: &[&str],
) -> Answer {
    let mut files = Memory::stdin(input);
    let mut call = vec!["fn", function];
    if let Some(config) = config {
        files = files.with_file("config.yaml", config);
        call.extend(["--config", "config.yaml"]);
    }
    call.extend(arguments);
    files.run(&call)
}
