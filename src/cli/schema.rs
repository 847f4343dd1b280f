//! `kserve-aws schema KIND|NAME`, and `schema findings`.

use clap::Arg;

use super::diags::WrongArguments;
use super::output::{Output, Refusal};
use super::report;
use crate::functions;

/// The report that `--format json` prints.
pub(super) const FINDINGS: &str = "findings";

pub(super) fn command() -> clap::Command {
    let mut kinds = functions::ALL.kinds();
    kinds.extend(functions::ALL.names());
    kinds.push(FINDINGS);
    clap::Command::new("schema").about("Print the JSON Schema of a configuration").arg(
        Arg::new("kind")
            .value_name("KIND|NAME")
            .required(true)
            .value_parser(kinds)
            .help("Kind of the configuration, name of its function, or findings"),
    )
}

/// The schema of a configuration, by its kind or the name of its function, or of the findings.
pub(super) fn run<'s>(what: &str) -> Result<Output<'s>, Refusal> {
    if what == FINDINGS {
        return Ok(Output::text(report::json::schema()));
    }
    let found = functions::ALL.named(what).or_else(|_| functions::ALL.of_kind(what));
    let function = found.map_err(|hint| WrongArguments::UnknownKind { what, hint })?;
    Ok(Output::text(function.schema()))
}
