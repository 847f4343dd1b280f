//! Arguments that several commands take.

use std::path::PathBuf;

use clap::{Arg, ArgMatches};

/// The manifests.
pub(super) fn places() -> Arg {
    Arg::new("place")
        .value_name("FILE|DIR|-")
        .num_args(0..)
        .value_parser(clap::value_parser!(PathBuf))
        .help("Manifests, a ResourceList or a List; a folder to render; without any, stdin")
}

/// The paths of an argument.
pub(super) fn paths(matches: &ArgMatches, name: &str) -> Vec<PathBuf> {
    matches.get_many::<PathBuf>(name).map(|all| all.cloned().collect()).unwrap_or_default()
}

/// The word of an argument; empty where it is absent.
pub(super) fn word<'m>(matches: &'m ArgMatches, name: &str) -> &'m str {
    matches.get_one::<String>(name).map(String::as_str).unwrap_or_default()
}
