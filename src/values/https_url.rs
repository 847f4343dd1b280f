//! URLs that a load balancer requests by itself: with https and a domain.

/// Whether a domain, with its port or without, may be one that everybody can resolve: a load balancer knows no names of a
/// cluster or of a private zone ("the DNS entries for the endpoints must be publicly resolvable", Application Load
/// Balancer user guide, "Authenticate users"). `local`, `internal` and `localhost` are reserved, and a name of one
/// label is not a full one.
pub(crate) fn is_public(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
    let name = name.trim_end_matches('.');
    let last = name.rsplit('.').next().unwrap_or_default();
    name.contains('.') && !matches!(last, "local" | "internal" | "localhost" | "svc")
}

/// The domain, with its port, and the path without its slash, where there is one; `None` where the text is
/// not such a URL.
pub(crate) fn parts(text: &str) -> Option<(&str, Option<&str>)> {
    let rest = text.strip_prefix("https://")?;
    let (host, path) = match rest.split_once('/') {
        Some((host, path)) => (host, Some(path)),
        None => (rest, None),
    };
    let is_domain =
        !host.is_empty() && !host.starts_with(':') && !host.contains(['@', '?', '#', '\\']);
    is_domain.then_some((host, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_cluster_are_not_public() {
        for host in
            ["idp.example.com", "idp.example.com:8443", "10.0.0.1:443", "a.internal.example.com."]
        {
            assert!(is_public(host), "{host}");
        }
        for host in [
            "dex.auth.svc.cluster.local:5556",
            "dex.auth.svc",
            "dex",
            "localhost:8080",
            "IDP.Corp.Internal",
        ] {
            assert!(!is_public(host), "{host}");
        }
    }
}
