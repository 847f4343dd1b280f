//! URLs as Go's `net/url` reads and writes them, where a controller decides by it.
//!
//! Source: `net/url` (`url.go`) of Go 1.26.

/// Checks that `https://` and `text` are a URL with a host and nothing behind it, as Knative checks
/// a `domain-template` (`checkDomainTemplate` in `pkg/config/config.go` of knative.dev/networking).
///
/// # Errors
/// What is wrong, to be put after the template's result.
pub(crate) fn only_a_host(text: &str) -> Result<(), &'static str> {
    let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
    if text.bytes().any(|b| b < b' ' || b == 0x7f) {
        return Err("has a control character");
    }
    unescaped(fragment)?;
    let (text, query) =
        text.split_once('?').map_or((text, None), |(text, query)| (text, Some(query)));
    let (authority, path) = text.find('/').map_or((text, ""), |at| text.split_at(at));
    let host = match authority.rsplit_once('@') {
        Some((user, host)) => {
            if !user.chars().all(|c| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c))
            {
                return Err("has a user that is not valid in a URL");
            }
            unescaped(user)?;
            host
        }
        None => authority,
    };
    let name = match host.split_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        Some(_) => return Err("has a port that is not a number"),
        None => host,
    };
    if !name.chars().all(|c| !c.is_ascii() || c.is_ascii_graphic() && !r"%[\]^`{|}/?#".contains(c))
    {
        return Err("has a character that is not valid in a host");
    }
    if name.is_empty() {
        return Err("has no host");
    }
    unescaped(path)?;
    if query.is_some() || !matches!(path, "" | "/") {
        return Err("has a path or a query");
    }
    Ok(())
}

/// The path of a request URI, decoded, as `url.ParseRequestURI` gives it, where the text has
/// neither a scheme nor a host.
///
/// # Errors
/// What is wrong, to be put after the text.
pub(crate) fn request_path(text: &str) -> Result<String, &'static str> {
    if text.bytes().any(|b| b < b' ' || b == 0x7f) {
        return Err("has a control character");
    }
    if text == "*" {
        return Ok(text.to_owned());
    }
    if !text.starts_with('/') {
        return Err("does not start with a slash");
    }
    let path = text.split_once('?').map_or(text, |(path, _)| path);
    unescaped(path)
}

/// A decoded path as `URL.String` writes it after a host.
#[must_use]
pub(crate) fn escaped_path(path: &str) -> String {
    if path == "*" {
        return "/*".to_owned();
    }
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Whether `url.Parse` reads `scheme` in front of `://host` as a scheme.
#[must_use]
pub(crate) fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// A text without its percent signs.
///
/// # Errors
///
/// What is wrong with it.
pub(crate) fn unescaped(text: &str) -> Result<String, &'static str> {
    const BAD: &str = "has a percent sign without two hexadecimal digits";
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let [high, low, tail @ ..] = rest else { return Err(BAD) };
        let digit = |b: u8| char::from(b).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let (Some(high), Some(low)) = (digit(*high), digit(*low)) else { return Err(BAD) };
        bytes.push(high * 16 + low);
        rest = tail;
    }
    String::from_utf8(bytes).map_err(|_| "decodes to bytes that are not UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_template_gives_a_host_and_nothing_else() {
        for good in ["foo.bar.baz.com", "foo.baz.com/", "foo:80", "u@foo", "a_b<c>", "foo#x", "FOO"]
        {
            assert_eq!(only_a_host(good), Ok(()), "{good}");
        }
        for bad in [
            "", "/x", "foo/x", "foo?x", "foo?", "foo bar", "foo:x", ":80", "a{b}", "foo%41",
            "a b@foo", "foo\n", "[::1]", "foo#%zz", "a:1:2",
        ] {
            assert!(only_a_host(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_path_is_decoded_and_written_as_in_go() {
        assert_eq!(request_path("/a%20b/?q=1").as_deref(), Ok("/a b/"));
        assert_eq!(escaped_path("/a b/ü!"), "/a%20b/%C3%BC%21");
        for bad in ["serving/x", "", "http://h/x", "/a%2", "/a\u{1}", "/%ff"] {
            assert!(request_path(bad).is_err(), "{bad}");
        }
    }
}
