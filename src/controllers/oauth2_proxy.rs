//! oauth2-proxy as an external authorizer: which requests it lets through without asking for a login.
//!
//! Source: oauth2-proxy v7.15.3, `IsAllowedRequest` and `buildRoutesAllowlist` in `oauthproxy.go`, and the names of
//! the settings in `pkg/apis/options/options.go`.

use regex_lite::Regex;
use toml::{Table, Value};

/// The key of a ConfigMap that Kubeflow has its settings in.
pub(crate) const FILE: &str = "oauth2_proxy.cfg";
/// What names a setting of open paths elsewhere: a flag of the command, or a variable, each of which goes before the
/// file.
pub(crate) const ELSEWHERE: [&str; 2] = ["skip-auth", "SKIP_AUTH"];

/// What needs no login.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenPaths {
    routes: Vec<OpenRoute>,
    /// `skip_auth_preflight`: requests with the method OPTIONS.
    has_preflight: bool,
}

/// One of `skip_auth_routes`: `REGEX`, `METHOD=REGEX` or `METHOD!=REGEX`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct OpenRoute {
    method: Option<String>,
    is_negated: bool,
    pattern: String,
}

impl OpenPaths {
    /// Reads the settings; `None` where they are not understood, or where a request that needs no login gets another
    /// answer than 200: the proxy then asks an upstream of its own.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let settings: Table = text.parse().ok()?;
        let upstreams = texts(&settings, "upstreams")?;
        if !matches!(&upstreams[..], [only] if only == "static://200") {
            return None;
        }
        let of_any_method = texts(&settings, "skip_auth_regex")?
            .into_iter()
            .map(|pattern| OpenRoute { method: None, is_negated: false, pattern });
        let by_method =
            texts(&settings, "skip_auth_routes")?.into_iter().map(|route| OpenRoute::of(&route));
        let routes: Vec<OpenRoute> = of_any_method.chain(by_method).collect();
        let has_preflight = match settings.get("skip_auth_preflight") {
            Some(Value::Boolean(skips)) => *skips,
            Some(_) => return None,
            None => false,
        };
        routes
            .iter()
            .all(|route| Regex::new(&route.pattern).is_ok())
            .then_some(Self { routes, has_preflight })
    }

    /// Whether a request needs no login. A path with an escape is never known to: Go decodes it first.
    #[must_use]
    pub fn has(&self, method: &str, path: &str) -> bool {
        self.has_preflight && method == "OPTIONS"
            || !path.contains(['%', '#', ';'])
                && self.routes.iter().any(|route| route.matches(method, path))
    }
}

impl OpenRoute {
    fn of(text: &str) -> Self {
        // A negation counts wherever it stands, and what splits is the first of the two signs.
        let is_negated = text.contains("!=");
        let (method, pattern) = match text.split_once('=') {
            Some((method, pattern)) => (Some(method.trim_end_matches('!').to_uppercase()), pattern),
            None => (None, text),
        };
        let method = method.filter(|method| !method.is_empty());
        Self { method, is_negated, pattern: pattern.to_owned() }
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        let is_match = Regex::new(&self.pattern).is_ok_and(|pattern| pattern.is_match(path));
        self.method.as_ref().is_none_or(|own| own == method) && is_match != self.is_negated
    }
}

/// The texts of a list, or of a single text; none where the setting is absent, and `None` where it is something else.
fn texts(settings: &Table, key: &str) -> Option<Vec<String>> {
    let of = |value: &Value| value.as_str().map(str::to_owned);
    match settings.get(key) {
        None => Some(Vec::new()),
        Some(Value::Array(values)) => values.iter().map(of).collect(),
        Some(value) => of(value).map(|one| vec![one]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KUBEFLOW: &str = r#"
provider = "oidc"
upstreams = [ "static://200" ]
# skip authentication for these paths
skip_auth_routes = [
  "^/dex/", # the login itself
  'POST=^/v1/models/[^/]+:predict$',
  "GET!=^/admin",
]
api_routes = [
  "/api/",
]
"#;

    #[test]
    fn open_paths_need_no_login() {
        let open = OpenPaths::read(KUBEFLOW).unwrap();
        for (method, path, is_open) in [
            ("GET", "/dex/auth", true),
            ("POST", "/v1/models/iris:predict", true),
            ("PUT", "/v1/models/iris:predict", false),
            ("GET", "/", true),
            ("GET", "/admin", false),
            ("POST", "/", false),
            ("OPTIONS", "/", false),
            ("POST", "/v1/models/ir%69s:predict", false),
        ] {
            assert_eq!(open.has(method, path), is_open, "{method} {path}");
        }
        let preflight = format!("{KUBEFLOW}skip_auth_preflight = true\n");
        assert!(OpenPaths::read(&preflight).unwrap().has("OPTIONS", "/"));
        let inside = format!("banner = '''\nskip_auth_preflight = true\n'''\n{KUBEFLOW}");
        assert!(!OpenPaths::read(&inside).unwrap().has("OPTIONS", "/"));
        let single = "upstreams = \"static://200\"\nskip_auth_regex = \"^/a\\\\d$\"";
        assert!(OpenPaths::read(single).unwrap().has("POST", "/a1"));
    }

    #[test]
    fn what_is_not_understood_opens_nothing() {
        for text in [
            "",
            "upstreams = [\"http://dashboard\"]",
            "upstreams = [\"static://200\"]\nskip_auth_routes = [\"(\"]",
            "upstreams = [\"static://200\"]\nskip_auth_routes = [\"^/a",
            "upstreams = [\"static://200\"]\nskip_auth_routes = [1]",
            "upstreams = [\"static://200\"]\nskip_auth_preflight = \"true\"",
            "upstreams = [\"static://200\"]\nupstreams = [\"static://200\"]",
        ] {
            assert_eq!(OpenPaths::read(text), None, "{text}");
        }
    }
}
