//! The `main` of a program that is a function.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::ExitCode;

use super::code::Code;
use super::diags::{LostStream, WrongArguments};
use super::finding::Finding;
use super::project::Project;
use super::registry::Registry;
use super::report::stderr_line;
use super::run::{Call, resource_list};

/// Runs as a host runs a function: a ResourceList on stdin, the complete list with its results on
/// stdout, the findings on stderr. The exit code is 1 where there is an error, 2 for arguments that
/// make no sense.
///
/// The first argument, if there is one, names the function; without it the kind of the configuration
/// picks one. `--help` prints what there is.
#[must_use]
pub fn serve<P: Project>(functions: Registry<P>) -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let name = match arguments.as_slice() {
        [] => None,
        [only] if only == "--help" || only == "-h" => return print(&help(functions), 0),
        [name] => match functions.named(&name.to_string_lossy()) {
            Ok(function) => Some(function.name),
            Err(hint) => {
                return refuse(&WrongArguments::UnknownFunction { name: name.clone(), hint });
            }
        },
        _ => return refuse(&WrongArguments::TooMany),
    };
    let mut source = String::new();
    if let Err(error) = io::stdin().lock().read_to_string(&mut source) {
        report(&[Finding::<P::Code>::from(LostStream::Stdin(error))]);
        return ExitCode::FAILURE;
    }
    let run = resource_list(&source, functions, &Call { name, ..Call::default() });
    report(&run.findings);
    let output = run.output.map(|output| output.to_string()).unwrap_or_default();
    print(&output, u8::from(!run.success))
}

fn help<P: Project>(functions: Registry<P>) -> String {
    let mut help =
        "A KRM function: reads a ResourceList from stdin and writes one to stdout.\n".to_owned();
    for function in functions.iter() {
        help.push_str(&format!(
            "\n{}: {}\n  kind {} of {}, or a ConfigMap with its fields\n",
            function.name, function.summary, function.kind, function.api_version
        ));
    }
    help
}

fn refuse(wrong: &WrongArguments) -> ExitCode {
    write_lines(&[format!("error: {wrong}")]);
    ExitCode::from(2)
}

/// A host that gets no output from a function that succeeded deletes the user's files.
fn print(text: &str, code: u8) -> ExitCode {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => ExitCode::from(code),
        Err(error) => {
            report(&[Finding::<&str>::from(LostStream::Stdout(error))]);
            ExitCode::FAILURE
        }
    }
}

fn report<C: Code>(findings: &[Finding<C>]) {
    write_lines(&findings.iter().map(stderr_line).collect::<Vec<_>>());
}

/// Where stderr is closed, nobody reads it.
fn write_lines(lines: &[String]) {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
