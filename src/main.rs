//! The `kserve-aws` command: arguments and stdin in, stdout, stderr and an exit code out. Nothing
//! else in the project prints, and only `cli::System` reads a file.

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use kserve_aws::cli::{self, Output, Source, System};

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: talc::TalcLock<
    spinning_top::RawSpinlock,
    talc::source::GlobalAllocSource<std::alloc::System>,
> = talc::TalcLock::new(talc::source::GlobalAllocSource::new(std::alloc::System));

/// The bytes that a pipe holds.
const PIPE: usize = 64 * 1024;

fn main() -> ExitCode {
    // A panic's message may quote the input, and so a token: only its place is printed.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tell(&[format!(
            "[error] internal error at {place}; the input is unchanged (internal-error)"
        )]);
    }));
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let source = Source::default();
    ExitCode::from(write(&cli::run(&arguments, &mut System::new(say), &source)))
}

/// Writes the output; what was found first, so that it is seen even where stdout is cut short.
fn write(output: &Output<'_>) -> u8 {
    tell(&output.stderr);
    // Pieces between edits are small; Rust's own buffer of stdout ends at each line.
    let mut stdout = BufWriter::with_capacity(PIPE, io::stdout().lock());
    let written = output.stdout.pieces().try_for_each(|piece| stdout.write_all(piece.as_bytes()));
    match written.and_then(|()| stdout.flush()) {
        Ok(()) => output.code,
        Err(error) => {
            tell(&[format!("[error] cannot write to stdout: {error} (output-lost)")]);
            output.code_of_lost_stdout()
        }
    }
}

/// A text on stderr as it is.
fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Lines on stderr, few of them in one write. Where stderr is closed there is nobody to tell.
fn tell(lines: &[String]) {
    let mut stderr = BufWriter::with_capacity(PIPE, io::stderr().lock());
    let written = lines.iter().try_for_each(|line| writeln!(stderr, "{line}"));
    let _ = written.and_then(|()| stderr.flush());
}
