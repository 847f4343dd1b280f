//! What istiod requires of the values of a policy (`pkg/config/security/security.go`).

use super::address;
use super::path_template::{ANY, ONE, is_literal, is_template};
use crate::controllers::istio::rejection::write_list;

/// An error where a value is empty.
pub(super) fn empty(field: &str, values: &[String]) -> Option<String> {
    values
        .iter()
        .any(String::is_empty)
        .then(|| format!("empty value not allowed, found in {field}"))
}

/// An error where a star is in the middle, or more than one.
pub(super) fn wildcards(field: &str, values: &[String]) -> Option<String> {
    empty(field, values).or_else(|| {
        values.iter().find_map(|value| match value.matches('*').count() {
            0 => None,
            1 if value.starts_with('*') || value.ends_with('*') => None,
            1 => Some(format!(
                "wildcard is only allowed at the start or end, found in {field}: {value:?}"
            )),
            _ => Some(format!("at most one wildcard is allowed, found in {field}: {value:?}")),
        })
    })
}

/// [`wildcards`], and an error where a trust domain has a slash.
pub(super) fn trust_domains(field: &str, values: &[String]) -> Option<String> {
    wildcards(field, values).or_else(|| {
        let slashed = values.iter().find(|value| value.contains('/'))?;
        Some(format!("trust domain must not contain '/', found in {field}: {slashed:?}"))
    })
}

/// An error where a value is neither `NAME` nor `NAMESPACE/NAME`.
pub(super) fn service_accounts(field: &str, values: &[String]) -> Option<String> {
    const MOST: usize = 16;
    const LONGEST: usize = 320;
    const FORMAT: &str = "expected format 'serviceAccount' or 'namespace/serviceAccount', found";
    if values.len() > MOST {
        return Some(format!("may not have more than {MOST} values"));
    }
    values.iter().find_map(|value| {
        if value.is_empty() {
            return Some(format!("empty value not allowed, found in {field}"));
        }
        if value.contains('*') {
            return Some(format!("wildcard not allowed, found in {field}"));
        }
        if value.matches('/').count() > 1 {
            return Some(format!("{FORMAT} {value:?} in {field}"));
        }
        if value.len() > LONGEST {
            return Some(format!(
                "value cannot exceed {LONGEST} characters, found {value:?} in {field}"
            ));
        }
        match value.split_once('/') {
            Some(("", _)) => Some(format!("{FORMAT} empty namespace {value:?} in {field}")),
            Some((_, "")) => Some(format!("{FORMAT} empty serviceAccount {value:?} in {field}")),
            _ => None,
        }
    })
}

/// An error where a path has braces that are no template, or a template that is none.
pub(super) fn path_templates(field: &str, paths: &[String]) -> Option<String> {
    paths.iter().find_map(|path| {
        let template = is_template(path);
        let path = path.trim_matches('/');
        let mut seen_any = false;
        path.split('/').find_map(|segment| {
            let why = match segment {
                ONE | ANY if seen_any => "{**} is not the last operator".to_owned(),
                ONE => return None,
                ANY => {
                    seen_any = true;
                    return None;
                }
                _ if segment.contains(['{', '}']) => {
                    "Contains '{' or '}' beyond a supported path template".to_owned()
                }
                _ if template && (segment.is_empty() || !segment.bytes().all(is_literal)) => {
                    format!("Contains segment {segment} with invalid string literal")
                }
                _ => return None,
            };
            Some(format!("invalid or unsupported path {path}, found in {field}. {why}"))
        })
    })
}

/// One error for each value that is neither an address nor a block.
pub(super) fn addresses(values: &[String]) -> Vec<String> {
    values.iter().filter_map(|value| address::error(value)).collect()
}

/// One error for each value that is not a port.
pub(super) fn ports(values: &[String]) -> Vec<String> {
    values
        .iter()
        .filter_map(|value| {
            let why = match port_number(value) {
                Ok(number) if number <= u32::from(u16::MAX) => return None,
                Ok(_) => "<nil>".to_owned(),
                Err(why) => format!("strconv.ParseUint: parsing {value:?}: {why}"),
            };
            Some(format!("bad port ({value}): {why}"))
        })
        .collect()
}

fn port_number(text: &str) -> Result<u32, &'static str> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("invalid syntax");
    }
    text.parse().map_err(|_| "value out of range")
}

/// The text in the brackets of `[TEXT]`.
pub(super) fn in_brackets(text: &str) -> Option<&str> {
    text.strip_prefix('[')?.strip_suffix(']')
}

/// istiod's error for the values of a condition (`ValidateAttribute`).
pub(super) fn attribute(key: &str, values: &[String]) -> Option<String> {
    if let Some(error) = empty(key, values) {
        return Some(error);
    }
    let map_key = || match key.find('[') {
        Some(open) if open > 0 && key.ends_with(']') && open + 2 < key.len() => None,
        _ => Some(format!("bad key ({key}): should have format a[b]")),
    };
    let list = |errors: Vec<String>| {
        let mut text = String::new();
        (!errors.is_empty() && write_list(&mut text, errors.into_iter()).is_ok()).then_some(text)
    };
    match key {
        _ if key.starts_with("request.headers") => map_key(),
        "source.ip" | "remote.ip" | "destination.ip" => list(addresses(values)),
        "source.serviceAccount" => service_accounts(key, values),
        "source.trustDomain" => wildcards(key, values),
        "source.namespace"
        | "source.principal"
        | "request.auth.principal"
        | "request.auth.audiences"
        | "request.auth.presenter"
        | "connection.sni" => None,
        _ if key.starts_with("request.auth.claims") => map_key(),
        "destination.port" => list(ports(values)),
        _ if key.starts_with("experimental.envoy.filters.") => map_key(),
        "destination.namespace" => {
            Some(format!("attribute {key} is replaced by the metadata.namespace"))
        }
        _ if key.starts_with("destination.labels") => {
            Some(format!("attribute {key} is replaced by the workload selector"))
        }
        "destination.name" | "destination.user" => {
            Some(format!("deprecated attribute {key}: only supported in v1alpha1"))
        }
        _ => Some(format!("unknown attribute: {key}")),
    }
}
