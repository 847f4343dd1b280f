//! Names, hosts and label keys as the API server checks them, in its words (`validation.go` of Kubernetes' apimachinery).

pub(super) fn host_name(host: &str) -> Vec<String> {
    if host.contains('*') { wildcard(host) } else { subdomain(host) }
}

pub(super) fn is_ip(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let v4 = parts.len() == 4
        && parts.iter().all(|part| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_digit())
                && part.parse::<u32>().is_ok_and(|number| number < 256)
        });
    v4 || text.parse::<std::net::Ipv6Addr>().is_ok()
}

const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN: &str = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const SUBDOMAIN_WORDS: &str = "a lowercase RFC 1123 subdomain must consist of lower case \
                               alphanumeric characters, '-' or '.', and must start and end with \
                               an alphanumeric character";

fn is_label(text: &str) -> bool {
    let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.first().is_some_and(alphanumeric)
        && bytes.last().is_some_and(alphanumeric)
        && bytes.iter().all(|byte| alphanumeric(byte) || *byte == b'-')
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

fn too_long(text: &str, most: usize) -> Option<String> {
    (text.len() > most).then(|| format!("must be no more than {most} characters"))
}

/// What is wrong with a DNS subdomain, in the API server's words.
pub(crate) fn subdomain(text: &str) -> Vec<String> {
    let mut words: Vec<String> = too_long(text, 253).into_iter().collect();
    if !is_subdomain(text) {
        words.push(format!(
            "{SUBDOMAIN_WORDS} (e.g. 'example.com', regex used for validation is '{SUBDOMAIN}')"
        ));
    }
    words
}

fn wildcard(text: &str) -> Vec<String> {
    let mut words: Vec<String> = too_long(text, 253).into_iter().collect();
    if !text.strip_prefix("*.").is_some_and(is_subdomain) {
        words.push(format!(
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS \
             subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and \
             end with an alphanumeric character (e.g. '*.example.com', regex used for validation \
             is '\\*\\.{SUBDOMAIN}')"
        ));
    }
    words
}

pub(super) fn label(text: &str) -> Vec<String> {
    let mut words: Vec<String> = too_long(text, 63).into_iter().collect();
    if !is_label(text) {
        words.push(if is_subdomain(text) {
            "must not contain dots".to_owned()
        } else {
            format!(
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or \
                 '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or \
                 '123-abc', regex used for validation is '{LABEL}')"
            )
        });
    }
    words
}

pub(super) fn port_name(text: &str) -> Vec<String> {
    let mut words: Vec<String> = too_long(text, 15).into_iter().collect();
    if !text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    {
        words.push(
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".to_owned(),
        );
    }
    if !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        words.push("must contain at least one letter (a-z)".to_owned());
    }
    if text.contains("--") {
        words.push("must not contain consecutive hyphens".to_owned());
    }
    if text.starts_with('-') || text.ends_with('-') {
        words.push("must not begin or end with a hyphen".to_owned());
    }
    words
}

/// What is wrong with an annotation's key, in the API server's words.
pub(crate) fn qualified_name(key: &str) -> Vec<String> {
    const WORDS: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start \
                         and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  \
                         or '123-abc', regex used for validation is \
                         '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    let parts: Vec<&str> = key.split('/').collect();
    let mut words = Vec::new();
    let name = match parts.as_slice() {
        [name] => *name,
        [prefix, name] => {
            if prefix.is_empty() {
                words.push("prefix part must be non-empty".to_owned());
            } else {
                words.extend(
                    subdomain(prefix).into_iter().map(|words| format!("prefix part {words}")),
                );
            }
            *name
        }
        _ => {
            return vec![format!(
                "a valid label key {WORDS} with an optional DNS subdomain prefix and '/' (e.g. \
                 'example.com/MyName')"
            )];
        }
    };
    if name.is_empty() {
        words.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        words.push("name part must be no more than 63 bytes".to_owned());
    }
    let bytes = name.as_bytes();
    let fits = bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if !fits {
        words.push(format!("name part {WORDS}"));
    }
    words
}
