//! The command line: what the arguments select, and the output.

mod access;
mod argument;
mod arguments;
mod check;
mod completions;
mod configurations;
mod diags;
mod environment;
mod explain;
mod fix;
mod function;
mod hosts;
mod init;
mod man;
mod manifests;
mod output;
mod package_text;
mod plan;
mod progress;
mod render;
mod report;
mod request;
mod schema;
mod shell;
mod svg;
mod system;
mod table;
mod test;
mod trace;
mod version;

use std::ffi::OsString;

use arguments::{Command, command, parser};

pub use environment::{Environment, HostRan, HostRun};
pub use output::{Output, Source, Stdout};
pub use system::System;

/// Runs the command. The manifests that it reads are kept in `source`, whose pieces the output has.
pub fn run<'s>(
    arguments: &[OsString],
    environment: &mut dyn Environment,
    source: &'s Source,
) -> Output<'s> {
    let command = match command(arguments, environment) {
        Ok(command) => command,
        Err(text) => {
            let shown = text.render().to_string();
            let is_help = !text.use_stderr();
            return if is_help { Output::text(shown) } else { Output::usage(shown.trim_end()) };
        }
    };
    let report = command.report();
    let is_under_host = match &command {
        Command::Function(call) => call.files.is_empty(),
        Command::Plugin(_) => true,
        _ => false,
    };
    let output = match command {
        Command::Function(call) => function::run(&call, None, environment, source),
        Command::Plugin(config) => function::plugin(&config, environment, source),
        Command::Check(call) if call.fix => fix::run(call, environment, source),
        Command::Check(call) => check::report(call, environment, source),
        Command::Trace(call) => trace::run(&call, environment),
        Command::Access(call) => access::run(&call, environment),
        Command::Hosts(call) => hosts::run(&call, environment),
        Command::Render(call) => render::run(&call, environment),
        Command::Schema(kind) => schema::run(&kind),
        Command::Explain(code) => Ok(explain::run(&code)),
        Command::Plan(call) => plan::run(&call, environment),
        Command::Test(call) => test::run(&call, environment),
        Command::Init(call) => init::run(&call, environment),
        Command::Request(call) => request::run(&call, environment),
        Command::Completions(shell) => Ok(completions::run(shell, parser())),
        Command::Man(folder) => man::run(parser(), folder.as_deref(), environment),
    };
    let output = match (output, report) {
        (Ok(output), _) => output,
        (Err(refusal), Some(report)) => match report.write_baseline_of(&refusal, environment) {
            Ok(()) => Output::failed(report.lines(&refusal.findings, environment), refusal.exit),
            Err(unwritable) => Output::refused(&unwritable),
        },
        (Err(refusal), None) => Output::refused(&refusal),
    };
    if is_under_host { output.under_host() } else { output }
}
