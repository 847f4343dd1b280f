//! What `--version` prints.

use std::sync::LazyLock;

/// The release, and the commit that it was built from where `scripts/build` knew one.
pub(super) static VERSION: LazyLock<String> =
    LazyLock::new(|| version(env!("CARGO_PKG_VERSION"), option_env!("KSERVE_AWS_REVISION")));

fn version(release: &str, revision: Option<&str>) -> String {
    match revision.filter(|revision| !revision.is_empty()) {
        Some(revision) => format!("{release} ({revision})"),
        None => release.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn a_build_without_git_has_no_revision() {
        assert_eq!(version("0.1.0", Some("0123456789ab")), "0.1.0 (0123456789ab)");
        assert_eq!(version("0.1.0", Some("")), "0.1.0");
        assert_eq!(version("0.1.0", None), "0.1.0");
    }
}
