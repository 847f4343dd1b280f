//! Time and peak memory of whole processes.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// One way to make the edit.
pub(crate) struct Contender {
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// The folder that it runs in.
    pub(crate) folder: PathBuf,
    pub(crate) stdin: Option<PathBuf>,
    /// Whether its memory is that of its process tree; a container's is the daemon's child.
    pub(crate) has_memory: bool,
    /// Whether the exit code 1 is a result, that of a command that finds something.
    pub(crate) may_find: bool,
}

/// What came of it.
pub(crate) struct Measured {
    pub(crate) times: Vec<Duration>,
    pub(crate) peak_kilobytes: Option<u64>,
}

impl Measured {
    pub(crate) fn median(&self) -> Duration {
        let mut times = self.times.clone();
        times.sort();
        times[times.len() / 2]
    }

    pub(crate) fn fastest(&self) -> Duration {
        self.times.iter().min().copied().unwrap_or_default()
    }
}

impl Contender {
    fn ends_well(&self, status: std::process::ExitStatus) -> bool {
        status.success() || self.may_find && status.code() == Some(1)
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).stdin(Stdio::null()).stderr(Stdio::null());
        if let Some(path) = &self.stdin {
            command.stdin(File::open(path).expect("the list was written"));
        }
        command
    }

    /// Runs once; stdout goes to a file, as a redirection in a shell does.
    ///
    /// # Errors
    /// How the program failed.
    pub(crate) fn run(&self, stdout: &Path) -> Result<Duration, String> {
        let mut command = self.command(&self.program);
        command.args(&self.arguments);
        command.stdout(File::create(stdout).map_err(|error| error.to_string())?);
        let start = Instant::now();
        let status = command.status().map_err(|error| error.to_string())?;
        let time = start.elapsed();
        if self.ends_well(status) { Ok(time) } else { Err(status.to_string()) }
    }

    /// The largest of the resident sets of the process and of those that it waited for, as GNU time
    /// reads it from the kernel; the median of three runs.
    fn peak_kilobytes(&self, stdout: &Path) -> Option<u64> {
        let report = stdout.with_extension("time");
        let mut peaks: Vec<u64> = (0..3)
            .map_while(|_| {
                let mut command = self.command(Path::new("time"));
                command.args(["-f", "%M", "-o"]).arg(&report).arg(&self.program);
                command.args(&self.arguments).stdout(File::create(stdout).ok()?);
                command.status().ok().filter(|status| self.ends_well(*status))?;
                // Where the program exits with another code than 0, `time` says so in a line before.
                std::fs::read_to_string(&report).ok()?.lines().last()?.trim().parse().ok()
            })
            .collect();
        peaks.sort_unstable();
        peaks.get(peaks.len() / 2).copied()
    }
}

/// Measures all in turn, round after round, so that whatever else the machine does falls on all.
pub(crate) fn measure(contenders: &[Contender], rounds: usize, stdout: &Path) -> Vec<Measured> {
    let mut measured: Vec<Measured> = contenders
        .iter()
        .map(|contender| Measured {
            times: Vec::with_capacity(rounds),
            peak_kilobytes: contender
                .has_memory
                .then(|| contender.peak_kilobytes(stdout))
                .flatten(),
        })
        .collect();
    for _ in 0..rounds {
        for (contender, measured) in contenders.iter().zip(&mut measured) {
            // On a machine with others on it, one run may be ended by one of them.
            let run = (0..3).map(|_| contender.run(stdout)).find_map(Result::ok);
            measured.times.push(run.expect("it ran before"));
        }
    }
    measured
}
