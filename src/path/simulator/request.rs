//! The request that is followed.

use std::fmt;

use crate::controllers::istio::Token;

/// A request as its client sends it. Its headers may hold a token: `Debug` and `Display` hide them.
#[derive(Clone, PartialEq, Eq)]
pub struct SentRequest {
    /// `http` or `https`.
    pub scheme: String,
    /// The host, without a port.
    pub host: String,
    /// The port, where the URL names one.
    pub port: Option<u16>,
    /// Path and query, as they are sent.
    pub target: String,
    /// The method.
    pub method: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// Who sends it.
    pub client: Client,
    /// Whether the client has a session of the login that its path requires.
    pub logged_in: bool,
    /// Whether its JSON Web Token is a valid one of the issuer that its path requires.
    pub valid_jwt: bool,
    /// Its JSON Web Token, where all of it is known.
    pub token: Option<Token>,
}

/// Who sends a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Client {
    /// Somebody outside the cluster.
    Internet,
    /// A pod.
    Pod {
        /// Its namespace.
        namespace: String,
        /// Its service account.
        service_account: String,
        /// Whether it has a sidecar, so that it proves who it is.
        in_mesh: bool,
    },
}

impl fmt::Display for Client {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internet => out.write_str("the internet"),
            Self::Pod { namespace, service_account, in_mesh: true } => {
                write!(out, "a pod of {namespace}/{service_account}")
            }
            Self::Pod { namespace, in_mesh: false, .. } => {
                write!(out, "a pod of {namespace} without a sidecar")
            }
        }
    }
}

impl SentRequest {
    /// A request for a URL, `SCHEME://HOST[:PORT][/PATH]`.
    ///
    /// # Errors
    /// Why the text is not such a URL.
    pub(crate) fn for_url(url: &str) -> Result<Self, String> {
        let problem = |what: &str| format!("the URL {what}; use https://HOST/PATH");
        let (scheme, rest) = url.split_once("://").ok_or_else(|| problem("has no scheme"))?;
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(scheme.as_str(), "http" | "https") {
            return Err(problem("is neither http nor https"));
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => {
                let port = port.parse().map_err(|_| problem("has a port that is not a number"))?;
                (host, Some(port))
            }
            None => (authority, None),
        };
        let is_of_host =
            |c: char| !c.is_whitespace() && !c.is_control() && !r#"@[]<>"\^`{|}"#.contains(c);
        if host.is_empty() || !host.chars().all(is_of_host) {
            return Err(problem("has no plain host"));
        }
        let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
        Ok(Self {
            scheme,
            host: host.to_owned(),
            port,
            target,
            method: "GET".to_owned(),
            headers: Vec::new(),
            client: Client::Internet,
            logged_in: false,
            valid_jwt: false,
            token: None,
        })
    }

    /// A request to a port, which its URL names where it is not that of the scheme.
    pub(super) fn to_port(
        is_https: bool,
        host: &str,
        port: i32,
        method: &str,
        path: &str,
    ) -> Option<Self> {
        let (scheme, stock) = if is_https { ("https", 443) } else { ("http", 80) };
        let port = if port == stock { String::new() } else { format!(":{port}") };
        let mut request = Self::for_url(&format!("{scheme}://{host}{port}{path}")).ok()?;
        method.clone_into(&mut request.method);
        Some(request)
    }

    /// The same without a header, a session and a token.
    #[must_use]
    pub(crate) fn without_credentials(&self) -> Self {
        Self {
            headers: Vec::new(),
            logged_in: false,
            valid_jwt: false,
            token: None,
            ..self.clone()
        }
    }

    /// Whether it has a header, a session or a token.
    pub(crate) fn has_credentials(&self) -> bool {
        !self.headers.is_empty() || self.logged_in || self.valid_jwt || self.token.is_some()
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> String {
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{}{port}{}", self.scheme, self.host, self.target)
    }

    /// The port that it is sent to.
    pub(super) fn listener_port(&self) -> u16 {
        self.port.unwrap_or(if self.scheme == "https" { 443 } else { 80 })
    }

    /// Whether it has a bearer token.
    pub(super) fn has_bearer(&self) -> bool {
        let has_header = self.headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("authorization")
                && value.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("bearer "))
        });
        // The load balancer forwards what it has validated.
        has_header || self.valid_jwt || self.token.is_some()
    }
}

/// Without the values of headers.
impl fmt::Display for SentRequest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {} from {}", self.method, self.url(), self.client)?;
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        if !names.is_empty() {
            write!(out, " with {}", names.join(", "))?;
        }
        if self.logged_in {
            out.write_str(", logged in")?;
        }
        if self.valid_jwt || self.token.is_some() {
            out.write_str(", with a valid token of the issuer")?;
        }
        Ok(())
    }
}

impl fmt::Debug for SentRequest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}
