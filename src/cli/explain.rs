//! `kserve-aws explain CODE`.

use clap::Arg;

use super::output::Output;
use crate::finding::Code;
use krm_package::text::suggest::nearest;

pub(super) fn command() -> clap::Command {
    clap::Command::new("explain").about("Explain a finding by its code").arg(
        Arg::new("code")
            .value_name("CODE")
            .required(true)
            .help("Code of the finding, such as alb-open-rule; former codes are accepted"),
    )
}

/// The page of a code; of a former id that was split, the pages of its parts.
pub(super) fn run<'s>(id: &str) -> Output<'s> {
    let pages: Vec<&str> = Code::known_as(id).map(Code::page).collect();
    if pages.is_empty() {
        return Output::usage(&unknown(id));
    }
    Output::text(pages.join("\n"))
}

fn unknown(id: &str) -> String {
    let known: Vec<&str> = Code::ALL
        .iter()
        .flat_map(|code| std::iter::once(code.as_str()).chain(code.former_ids().iter().copied()))
        .collect();
    let hint = match nearest(id, &known) {
        Some(code) => format!("did you mean {code:?}?"),
        None => "a finding ends with its code in parentheses".to_owned(),
    };
    format!("error: unknown code {id:?}; {hint}")
}
