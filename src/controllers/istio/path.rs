//! The path of a request, as Envoy normalizes it before any policy sees it.

use super::mesh::{Mesh, PathNormalization};

/// A path and query after normalization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NormalPath(String);

/// Why the proxy does not take a request target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidPath {
    /// It does not begin with a slash.
    #[error("the request target does not begin with /")]
    NotAbsolute,
    /// It is a whole URL, of which the proxy takes host and path.
    #[error("the request target is a whole URL")]
    WholeUrl,
    /// It has a fragment, a space, a control character or a byte beyond ASCII, or `%00` in its path.
    #[error("the request target has a character that the proxy answers with 400")]
    Character,
}

impl NormalPath {
    /// Normalizes a request target as Envoy's connection manager does.
    ///
    /// `BASE` resolves dot segments (also as `%2e`, and with path parameters: `..;x`), decodes
    /// escaped letters, digits and `-._~`, escapes what a URL must not hold, and turns backslashes
    /// into slashes; repeated slashes and `%2F` stay. The query stays as sent
    /// (`source/common/http/path_utility.cc`; its URL library's `url_canon_path.cc`).
    ///
    /// # Errors
    /// What the proxy answers with 400, or, for a whole URL, reads in another way.
    pub(crate) fn normalize(
        target: &str,
        normalization: PathNormalization,
    ) -> Result<Self, InvalidPath> {
        let whole_url = |scheme: &str| {
            target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        };
        if whole_url("http://") || whole_url("https://") {
            return Err(InvalidPath::WholeUrl);
        }
        if !target.starts_with('/') {
            return Err(InvalidPath::NotAbsolute);
        }
        if !target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
            return Err(InvalidPath::Character);
        }
        let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
        let mut normal = match normalization {
            PathNormalization::None => path.to_owned(),
            PathNormalization::Base => canonical(path)?,
            PathNormalization::MergeSlashes => merge_slashes(&canonical(path)?),
            PathNormalization::DecodeAndMergeSlashes => {
                merge_slashes(&canonical(&decode_slashes(path))?)
            }
        };
        normal.push_str(query);
        Ok(Self(normal))
    }

    /// The path and the query.
    #[must_use]
    pub(crate) fn with_query(&self) -> &str {
        &self.0
    }

    /// The path alone.
    #[must_use]
    pub(crate) fn path(&self) -> &str {
        self.0.split('?').next().unwrap_or(&self.0)
    }
}

/// The path and query that a proxy of the mesh sends on; `None` where it does not take them.
pub(crate) fn normal_target(target: &str, mesh: &Mesh) -> Option<String> {
    let path = NormalPath::normalize(target, mesh.path_normalization).ok()?;
    Some(path.with_query().to_owned())
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// The byte that an escape at the start of `bytes` represents.
fn escaped(bytes: &[u8]) -> Option<u8> {
    match bytes {
        [b'%', high, low, ..] => Some(hex(*high)? << 4 | hex(*low)?),
        _ => None,
    }
}

/// How many bytes a dot at the start of `bytes` takes, plain or escaped.
fn dot(bytes: &[u8]) -> Option<usize> {
    match bytes.first() {
        Some(b'.') => Some(1),
        _ => (escaped(bytes) == Some(b'.')).then_some(3),
    }
}

fn is_slash(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b'/' | b'\\'))
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn push_escaped(out: &mut Vec<u8>, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.extend([b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
}

/// Cuts the parameters off dot segments, so that `/a/..;x/b` is `/a/../b`.
fn without_dot_parameters(path: &str) -> String {
    let segments = path.split('/').map(|segment| match segment.split_once(';') {
        Some((dots @ ("." | ".."), _)) => dots,
        _ => segment,
    });
    let mut out = String::with_capacity(path.len());
    for (index, segment) in segments.enumerate() {
        if index > 0 {
            out.push('/');
        }
        out.push_str(segment);
    }
    out
}

enum DotSegment {
    Current(usize),
    Parent(usize),
    Name,
}

/// What a dot after a slash begins, and how much of `after` (what follows the dot) belongs to it.
fn dot_segment(after: &[u8]) -> DotSegment {
    if after.is_empty() {
        return DotSegment::Current(0);
    }
    if is_slash(after.first()) {
        return DotSegment::Current(1);
    }
    match dot(after) {
        Some(length) if after.len() == length => DotSegment::Parent(length),
        Some(length) if is_slash(after.get(length)) => DotSegment::Parent(length + 1),
        _ => DotSegment::Name,
    }
}

fn canonical(path: &str) -> Result<String, InvalidPath> {
    let path = without_dot_parameters(path);
    let bytes = path.as_bytes();
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut last_lone_percent = None;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if let Some(length) = dot(&bytes[at..]) {
            at += length;
            let segment = if out.last() == Some(&b'/') {
                dot_segment(&bytes[at..])
            } else {
                DotSegment::Name
            };
            match segment {
                DotSegment::Name => out.push(b'.'),
                DotSegment::Current(length) => at += length,
                DotSegment::Parent(length) => {
                    at += length;
                    out.pop();
                    let parent = out.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
                    out.truncate(parent);
                    out.push(b'/');
                }
            }
            continue;
        }
        at += 1;
        match byte {
            b'\\' => out.push(b'/'),
            b'%' => match escaped(&bytes[at - 1..]) {
                Some(0) => return Err(InvalidPath::Character),
                Some(plain) if is_unreserved(plain) => {
                    at += 2;
                    out.push(plain);
                    if last_lone_percent.is_some_and(|lone| lone + 3 >= out.len()) {
                        protect_nested_escape(&mut out, last_lone_percent, bytes.get(at).copied());
                    }
                }
                Some(_) => {
                    out.extend(&bytes[at - 1..at + 2]);
                    at += 2;
                }
                None => {
                    last_lone_percent = Some(out.len());
                    out.push(b'%');
                }
            },
            b'"' | b'<' | b'>' | b'^' | b'`' | b'{' | b'|' | b'}' => push_escaped(&mut out, byte),
            _ => out.push(byte),
        }
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// Keeps a decoded character from making an escape of a `%` that was none: `%2%65` is `%252e`.
fn protect_nested_escape(out: &mut Vec<u8>, lone: Option<usize>, next: Option<u8>) {
    let (Some(lone), Some(&decoded)) = (lone, out.last()) else { return };
    let length = out.len();
    let takes_next = lone + 2 == length;
    if takes_next {
        let Some(next) = next else { return };
        out.push(next);
    }
    if escaped(&out[lone..]).is_some() {
        if !takes_next {
            out.push(out[lone + 1]);
        }
        out[lone + 1] = b'2';
        out[lone + 2] = b'5';
        out.push(decoded);
    } else {
        out.truncate(length);
    }
}

fn decode_slashes(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match escaped(&bytes[at..]) {
            Some(slash @ (b'/' | b'\\')) => {
                out.push(slash);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn merge_slashes(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for character in path.chars() {
        if character != '/' || !out.ends_with('/') {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(target: &str) -> String {
        NormalPath::normalize(target, PathNormalization::Base).unwrap().0
    }

    #[test]
    fn the_path_is_what_envoy_makes_of_it() {
        for (sent, normal) in [
            ("/a/../b", "/b"),
            ("/..", "/"),
            ("/a/.", "/a/"),
            ("/a//../b", "/a/b"),
            ("//../x", "/x"),
            ("/a/b/../../..//c", "//c"),
            ("/a/.%2e/b", "/b"),
            ("/a/%2E%2e", "/"),
            ("/a/.../b", "/a/.../b"),
            ("/a/..b/c", "/a/..b/c"),
            ("/a%2e/b", "/a./b"),
            ("/a\\..\\b", "/b"),
            ("/\\a", "//a"),
            ("/a/%5c../b", "/a/%5c../b"),
            ("/a%2f..%2fb", "/a%2f..%2fb"),
            ("/%61%7E%3a%3A", "/a~%3a%3A"),
            ("/a\"<>^`{|}[]", "/a%22%3C%3E%5E%60%7B%7C%7D[]"),
            ("/a/.;/b", "/a/b"),
            ("/a/..;x=%2f/c", "/c"),
            ("/a/..;x\\c", "/"),
            ("/a\\..;/b", "/a/..;/b"),
            ("/a/.%2e;x/b", "/a/..;x/b"),
            ("/a/..\\;/c", "/;/c"),
            ("/a;x/../b", "/b"),
            ("/%2", "/%2"),
            ("/%%61", "/%a"),
            ("/%%614", "/%25a4"),
            ("/%2%65%2e", "/%252e."),
            ("/a?b/../c\\%61", "/a?b/../c\\%61"),
            ("/a/..?x", "/?x"),
        ] {
            assert_eq!(base(sent), normal, "{sent}");
        }
    }

    #[test]
    fn a_target_that_the_proxy_does_not_take_is_an_error() {
        for (sent, error) in [
            ("", InvalidPath::NotAbsolute),
            ("*", InvalidPath::NotAbsolute),
            ("HTTP://x/", InvalidPath::WholeUrl),
            ("/a#b", InvalidPath::Character),
            ("/a b", InvalidPath::Character),
            ("/é", InvalidPath::Character),
            ("/%00", InvalidPath::Character),
        ] {
            assert_eq!(NormalPath::normalize(sent, PathNormalization::Base), Err(error), "{sent}");
        }
    }

    #[test]
    fn the_mesh_says_how_far_normalization_goes() {
        let normal = |target, how| NormalPath::normalize(target, how).unwrap().0;
        let sent = "/a//%2F/../b%5c.%2e/c?x=//";
        assert_eq!(normal(sent, PathNormalization::None), sent);
        assert_eq!(normal(sent, PathNormalization::Base), "/a//b%5c../c?x=//");
        assert_eq!(normal(sent, PathNormalization::MergeSlashes), "/a/b%5c../c?x=//");
        assert_eq!(normal(sent, PathNormalization::DecodeAndMergeSlashes), "/a/c?x=//");
    }

    proptest::proptest! {
        #[test]
        fn any_target_is_normalized_or_refused(target in "/([ -~]|%00|%2e|\\.|/){0,40}") {
            let normal = NormalPath::normalize(&target, PathNormalization::Base);
            match normal {
                Ok(_) => proptest::prop_assert!(!target.contains([' ', '#'])),
                Err(_) => proptest::prop_assert!(
                    target.contains([' ', '#']) || target.contains("%00")
                ),
            }
        }

        #[test]
        fn no_dot_segment_is_left(target in "(/|\\.|%2e|\\\\|;|a){0,12}") {
            let target = format!("/{target}");
            let normal = base(&target);
            proptest::prop_assert!(
                normal.split('/').all(|segment| segment != "." && segment != ".."),
                "{}", normal
            );
        }
    }
}
