//! The `kserve-aws` command: arguments and stdin in, stdout, stderr and an exit code out. Nothing
//! else in the project reads a file or prints.

use std::ffi::OsString;
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kserve_aws::cli::{self, Answer, Outside};

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: talc::TalcLock<
    spinning_top::RawSpinlock,
    talc::source::GlobalAllocSource<std::alloc::System>,
> = talc::TalcLock::new(talc::source::GlobalAllocSource::new(std::alloc::System));

/// The bytes that a pipe holds.
const PIPE: usize = 64 * 1024;

/// What the command reads: stdin and the files that its arguments name.
struct Machine;

impl Outside for Machine {
    fn stdin(&mut self) -> io::Result<Vec<u8>> {
        // As much as a pipe holds: else the first reads are of 32 bytes each.
        let mut bytes = Vec::with_capacity(PIPE);
        io::stdin().lock().read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn stdin_is_terminal(&self) -> bool {
        io::stdin().is_terminal()
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

    fn manifests(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in folder.read_dir()? {
                let entry = entry?;
                // A link may lead back up; only what lies here is read.
                let kind = entry.file_type()?;
                let path = entry.path();
                let is_manifest = path
                    .extension()
                    .is_some_and(|end| end == "yaml" || end == "yml" || end == "json");
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file() && is_manifest {
                    found.push(path);
                }
            }
        }
        found.sort();
        Ok(found)
    }
}

fn main() -> ExitCode {
    // A panic's message may quote the input, and so a token: only its place is told.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tell(&format!(
            "[error] internal error at {place}; the input is left as it was (internal-error)"
        ));
    }));
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // What was read is not taken apart piece by piece: the process ends where its answer is written.
    cli::run(&arguments, &mut Machine, |answer| std::process::exit(write(answer).into()))
}

/// Writes one answer; what was found first, so that it is seen even where stdout is cut short.
fn write(answer: &Answer<'_>) -> u8 {
    if !answer.stderr.is_empty() {
        tell(&answer.stderr.join("\n"));
    }
    // Pieces between edits are small; Rust's own buffer of stdout ends at each line.
    let mut stdout = BufWriter::with_capacity(PIPE, io::stdout().lock());
    let written = answer.stdout.iter().try_for_each(|piece| stdout.write_all(piece.as_bytes()));
    match written.and_then(|()| stdout.flush()) {
        Ok(()) => answer.code,
        Err(error) => {
            tell(&format!("[error] stdout could not be written: {error} (output-lost)"));
            1
        }
    }
}

/// Lines on stderr, in one write. Where stderr is closed there is nobody to tell.
fn tell(lines: &str) {
    let _ = io::stderr().lock().write_all(format!("{lines}\n").as_bytes());
}
