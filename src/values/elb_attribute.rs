//! The attributes of an application load balancer, and what each takes.
//!
//! Source: `LoadBalancerAttribute` of the Elastic Load Balancing API.

use super::words::one_of;

/// What an attribute takes.
enum Takes {
    Boolean,
    Seconds {
        least: u32,
        most: u32,
    },
    OneOf(&'static [&'static str]),
    /// A name that another service gives.
    Text,
}

const ALL: [(&str, Takes); 22] = [
    ("deletion_protection.enabled", Takes::Boolean),
    ("load_balancing.cross_zone.enabled", Takes::Boolean),
    ("access_logs.s3.enabled", Takes::Boolean),
    ("access_logs.s3.bucket", Takes::Text),
    ("access_logs.s3.prefix", Takes::Text),
    ("ipv6.deny_all_igw_traffic", Takes::OneOf(&["true", "false"])),
    ("idle_timeout.timeout_seconds", Takes::Seconds { least: 1, most: 4_000 }),
    ("client_keep_alive.seconds", Takes::Seconds { least: 60, most: 604_800 }),
    ("connection_logs.s3.enabled", Takes::Boolean),
    ("connection_logs.s3.bucket", Takes::Text),
    ("connection_logs.s3.prefix", Takes::Text),
    ("health_check_logs.s3.enabled", Takes::Boolean),
    ("health_check_logs.s3.bucket", Takes::Text),
    ("health_check_logs.s3.prefix", Takes::Text),
    ("routing.http.desync_mitigation_mode", Takes::OneOf(&["monitor", "defensive", "strictest"])),
    ("routing.http.drop_invalid_header_fields.enabled", Takes::Boolean),
    ("routing.http.preserve_host_header.enabled", Takes::Boolean),
    ("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", Takes::Boolean),
    ("routing.http.xff_client_port.enabled", Takes::Boolean),
    ("routing.http.xff_header_processing.mode", Takes::OneOf(&["append", "preserve", "remove"])),
    ("routing.http2.enabled", Takes::Boolean),
    ("waf.fail_open.enabled", Takes::Boolean),
];

/// The most characters of a value.
const MAX_LENGTH: usize = 1024;

/// The names of all of them.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(name, _)| *name)
}

/// What a value must be where it is not: `true or false`. `None` also of a name that is unknown.
pub(crate) fn wrong_value(name: &str, value: &str) -> Option<String> {
    let (_, takes) = ALL.iter().find(|(known, _)| *known == name)?;
    let unlisted = |words: &[&str]| (!words.contains(&value)).then(|| one_of(words));
    match takes {
        Takes::Boolean => unlisted(&["true", "false"]),
        Takes::OneOf(words) => unlisted(words),
        Takes::Seconds { least, most } => {
            let is_number = value.bytes().all(|letter| letter.is_ascii_digit());
            let seconds = value.parse::<u32>().ok().filter(|_| is_number);
            let fits = seconds.is_some_and(|seconds| (*least..=*most).contains(&seconds));
            (!fits).then(|| format!("{least} to {most} seconds"))
        }
        Takes::Text => {
            let is_apart = |letter: char| letter.is_control() || matches!(letter, ',' | ';' | '\\');
            let fits = !value.is_empty()
                && value.chars().count() <= MAX_LENGTH
                && value.trim() == value
                && !value.contains(is_apart);
            (!fits).then(|| {
                format!("1 to {MAX_LENGTH} characters without a comma, a semicolon or a backslash")
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attribute_takes_values_of_its_own() {
        for (name, value) in [
            ("routing.http2.enabled", "false"),
            ("idle_timeout.timeout_seconds", "4000"),
            ("routing.http.desync_mitigation_mode", "strictest"),
            ("access_logs.s3.bucket", "logs-of-models"),
        ] {
            assert_eq!(wrong_value(name, value), None, "{name}");
        }
        for (name, value, must) in [
            ("routing.http2.enabled", "yes", "true or false"),
            ("idle_timeout.timeout_seconds", "4001", "1 to 4000 seconds"),
            ("idle_timeout.timeout_seconds", "+60", "1 to 4000 seconds"),
            ("routing.http.xff_header_processing.mode", "keep", "append, preserve or remove"),
        ] {
            assert_eq!(wrong_value(name, value).as_deref(), Some(must), "{name}");
        }
        for value in ["", " a", "a,b", "a\nb"] {
            assert!(wrong_value("access_logs.s3.bucket", value).is_some(), "{value:?}");
        }
    }
}
