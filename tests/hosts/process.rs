//! Programs that tests run, each with an end.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

pub(crate) use test_support::hosts::which;

/// A host that takes longer than this hangs.
const LIMIT: Duration = Duration::from_secs(300);

/// How a program ended.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// `None` where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    pub(crate) fn success(&self) -> bool {
        self.code == Some(0)
    }

    /// All that a user sees.
    pub(crate) fn terminal(&self) -> String {
        format!("{}{}", self.stderr, self.stdout)
    }

    #[track_caller]
    pub(crate) fn expect_success(self, what: &str) -> Self {
        assert!(self.success(), "{what}: {:?}\n{}", self.code, self.terminal());
        self
    }
}

/// Runs a command with the built binary on its `PATH`.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> Outcome {
    run_with(command, b"")
}

/// Like [`run`], with something on stdin.
#[track_caller]
pub(crate) fn run_with(command: &mut Command, stdin: &[u8]) -> Outcome {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut pipe = child.stdin.take().unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut err = child.stderr.take().unwrap();
    std::thread::scope(|scope| {
        // The program may end without having read all.
        scope.spawn(move || drop(pipe.write_all(stdin)));
        let stdout = scope.spawn(move || text(&mut out));
        let stderr = scope.spawn(move || text(&mut err));
        let started = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if started.elapsed() > LIMIT {
                child.kill().unwrap();
                panic!("{command:?} did not end in {LIMIT:?}");
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        Outcome {
            code: status.code(),
            stdout: stdout.join().unwrap(),
            stderr: stderr.join().unwrap(),
        }
    })
}

fn text(pipe: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    pipe.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A command in a folder, with the built binary first on its `PATH`.
pub(crate) fn command(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env("PATH", path_with(&[binary().parent().unwrap()]));
    command
}

/// The `PATH` with folders before it.
pub(crate) fn path_with(folders: &[&Path]) -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap();
    let known = std::env::split_paths(&path);
    std::env::join_paths(folders.iter().map(|path| path.to_path_buf()).chain(known)).unwrap()
}

/// The binary: the one in the images, so that all hosts run the same.
pub(crate) fn binary() -> PathBuf {
    let built = || PathBuf::from(env!("CARGO_BIN_EXE_kserve-aws"));
    images().map_or_else(built, |folder| folder.join("kserve-aws"))
}

/// The folder that `make images` filled.
pub(crate) fn images() -> Option<PathBuf> {
    std::env::var_os("KSERVE_AWS_IMAGES").map(PathBuf::from)
}

/// Whether containers of this build can run.
#[track_caller]
pub(crate) fn containers_are_here(what: &str) -> bool {
    if images().is_none() {
        skip(what, "the images of this build are not there; make e2e builds them");
        return false;
    }
    if !docker_answers() {
        skip(what, "no Docker engine answers");
        return false;
    }
    true
}

fn docker_answers() -> bool {
    static ANSWERS: OnceLock<bool> = OnceLock::new();
    *ANSWERS.get_or_init(|| {
        let mut docker = Command::new("docker");
        docker.arg("info").stdout(Stdio::null()).stderr(Stdio::null());
        docker.status().is_ok_and(|status| status.success())
    })
}

/// Whether to go on without something. Says so past the test runner, which hides what a test prints.
#[track_caller]
pub(crate) fn skip(what: &str, missing: &str) {
    test_support::hosts::missing(&format!("{what}: {missing}"));
}
