//! The path of a request, as Envoy normalizes it before any policy sees it.

use crate::controllers::istio::mesh::{Mesh, PathNormalization};

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

/// The proxies that take a dot segment with parameters for a name.
pub(crate) const OLDER_ENVOY: &str = "Envoy before 1.36.10, 1.37.6, 1.38.4 and 1.39.1";

/// What a proxy makes of a dot segment with parameters, as in `/a/..;x/b`.
///
/// Source: CVE-2026-73551, <https://github.com/envoyproxy/envoy/security/advisories/GHSA-2w8w-rfw7-8gg4>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DotParameters {
    /// They are cut off, and the segment is resolved.
    Cut,
    /// The segment is a name: [`OLDER_ENVOY`].
    Kept,
}

impl NormalPath {
    /// What a proxy of any release makes of a request target: the newest, and an older one where it reads another
    /// path.
    ///
    /// # Errors
    /// As [`NormalPath::normalize`].
    pub(crate) fn readings(
        target: &str,
        normalization: PathNormalization,
    ) -> Result<(Self, Option<Self>), InvalidPath> {
        let newest = Self::normalize(target, normalization, DotParameters::Cut)?;
        if !target.contains(';') {
            return Ok((newest, None));
        }
        let older = Self::normalize(target, normalization, DotParameters::Kept)?;
        let older = Some(older).filter(|older| *older != newest);
        Ok((newest, older))
    }

    /// Normalizes a request target as Envoy's connection manager does.
    ///
    /// `BASE` resolves dot segments (also as `%2e`), decodes
    /// escaped letters, digits and `-._~`, escapes what a URL must not hold, and turns backslashes
    /// into slashes; repeated slashes and `%2F` stay. The query stays as sent
    /// (`source/common/http/path_utility.cc`; its URL library's `url_canon_path.cc`). `NONE` leaves
    /// all of it, but Istio's own test has it resolve dot segments with parameters since they are cut off
    /// (<https://github.com/istio/istio/pull/61483>).
    ///
    /// # Errors
    /// What the proxy answers with 400, or, for a whole URL, reads in another way.
    fn normalize(
        target: &str,
        normalization: PathNormalization,
        parameters: DotParameters,
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
        let decoded = match normalization {
            PathNormalization::DecodeAndMergeSlashes => decode_slashes(path),
            _ => path.to_owned(),
        };
        let cut = match parameters {
            DotParameters::Cut => without_dot_parameters(&decoded),
            DotParameters::Kept => decoded,
        };
        let mut normal = match normalization {
            PathNormalization::None if cut == path => cut,
            PathNormalization::None | PathNormalization::Base => canonical(&cut)?,
            PathNormalization::MergeSlashes | PathNormalization::DecodeAndMergeSlashes => {
                merge_slashes(&canonical(&cut)?)
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

/// The path and query that a proxy of the mesh sends on, and those that an older one sends on where they differ;
/// `None` where it does not take them.
pub(crate) fn normal_targets(target: &str, mesh: &Mesh) -> Option<(String, Option<String>)> {
    let (newest, older) = NormalPath::readings(target, mesh.path_normalization).ok()?;
    Some((newest.0, older.map(|older| older.0)))
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
mod tests;
