//! What the flags set, and the parts of a call of curl.

use super::super::shell::quoted;

/// What the flags set.
pub(super) struct Settings {
    /// The variable that holds the token of a header.
    pub(super) token_variable: String,
    pub(super) account: String,
    /// Where requests are sent, in place of their host.
    pub(super) address: Option<String>,
    /// The file with the body.
    pub(super) data: Option<String>,
}

/// The flag of curl that sends requests elsewhere.
pub(super) fn address(settings: &Settings) -> String {
    let to = |address: &String| {
        let port = if address.contains(':') { "" } else { ":" };
        format!(" --connect-to {}", quoted(&format!("::{address}{port}")))
    };
    settings.address.as_ref().map(to).unwrap_or_default()
}

/// A line that adds a header with what sh makes of a text in double quotes.
pub(super) fn header(name: &str, value: &str) -> String {
    format!("printf '%s: %s\\n' {} \"{value}\" >>\"$work/headers\" || exit\n", quoted(name))
}
