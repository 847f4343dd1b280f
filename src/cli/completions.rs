//! `kserve-aws completions SHELL`.

use clap::{Arg, ArgMatches};
use clap_complete::Shell;

use super::output::Output;

const HELP: &str = "\
Where each shell reads it from:
  bash   kserve-aws completions bash > ~/.local/share/bash-completion/completions/kserve-aws
  zsh    kserve-aws completions zsh > a folder of $fpath/_kserve-aws
  fish   kserve-aws completions fish > ~/.config/fish/completions/kserve-aws.fish";

pub(super) fn command() -> clap::Command {
    clap::Command::new("completions")
        .about("Print what a shell needs to complete the arguments")
        .after_help(HELP)
        .arg(
            Arg::new("shell")
                .value_name("SHELL")
                .required(true)
                .value_parser(clap::value_parser!(Shell))
                .help("The shell that reads it"),
        )
}

/// The shell that the arguments name.
pub(super) fn shell(matches: &ArgMatches) -> Shell {
    matches.get_one::<Shell>("shell").copied().unwrap_or(Shell::Bash)
}

/// The shell's script for a program.
pub(super) fn run<'s>(shell: Shell, mut program: clap::Command) -> Output<'s> {
    let name = program.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut program, name, &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    // clap_complete 4.6.11 looks for a command of a program with a hyphen under another name than the one it
    // sets: `a__subcmd__b__subcmd__fn` for `a__b__subcmd__fn`.
    let (wrong, right) =
        (program.get_name().replace('-', "__subcmd__"), program.get_name().replace('-', "__"));
    Output::text(if shell == Shell::Bash { script.replace(&wrong, &right) } else { script })
}
