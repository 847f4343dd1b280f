//! URLs that a load balancer requests by itself: with https and a domain.

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
