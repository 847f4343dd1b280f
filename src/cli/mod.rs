//! The command line: what the arguments ask for, and the output.

mod access;
mod argument;
mod arguments;
mod check;
mod completions;
mod configurations;
mod environment;
mod explain;
mod function;
mod hosts;
mod init;
mod man;
mod manifests;
mod output;
mod package_text;
mod plan;
mod render;
mod report;
mod request;
mod schema;
mod svg;
mod system;
mod table;
mod test;
mod trace;
mod version;

use std::ffi::OsString;

use arguments::{Command, command, parser};
use output::Refusal;

pub use environment::{Environment, HostRan, HostRun};
pub use output::{Output, Source, Stdout};
pub use system::System;

/// Runs the command. The manifests that it reads are kept in `source`, whose pieces the output has.
pub fn run<'s>(
    arguments: &[OsString],
    environment: &mut dyn Environment,
    source: &'s Source,
) -> Output<'s> {
    let output: Result<Output<'s>, Refusal> = match command(arguments, environment) {
        Ok(Command::Function(call)) => function::run(&call, None, environment, source),
        Ok(Command::Plugin(config)) => function::plugin(&config, environment, source),
        Ok(Command::Check(call)) => check::run(call, environment, source),
        Ok(Command::Trace(call)) => trace::run(&call, environment),
        Ok(Command::Access(call)) => access::run(&call, environment),
        Ok(Command::Hosts(call)) => hosts::run(&call, environment),
        Ok(Command::Render(call)) => render::run(&call, environment),
        Ok(Command::Schema(kind)) => schema::run(&kind),
        Ok(Command::Explain(code)) => Ok(explain::run(&code)),
        Ok(Command::Plan(call)) => plan::run(&call, environment),
        Ok(Command::Test(call)) => test::run(&call, environment),
        Ok(Command::Init(call)) => init::run(&call, environment),
        Ok(Command::Request(call)) => request::run(&call, environment),
        Ok(Command::Completions(shell)) => Ok(completions::run(shell, parser())),
        Ok(Command::Man(folder)) => man::run(parser(), folder.as_deref(), environment),
        Err(text) => {
            let shown = text.render().to_string();
            let is_help = !text.use_stderr();
            Ok(if is_help { Output::text(shown) } else { Output::usage(shown.trim_end()) })
        }
    };
    output.unwrap_or_else(Output::refused)
}
