//! A path with `{*}` and `{**}`.

/// A path template that the proxy takes.
///
/// `{*}` is one segment, not empty; `{**}` is any text, slashes included, also none. Both take only
/// the characters of a URL's path (`uri_template_internal.cc` of Envoy 1.40). At most one `{**}`
/// comes, and no other operator after it, so matching is one walk over the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PathTemplate {
    /// The segments before `{**}`, or all.
    head: Vec<Segment>,
    /// The text after `{**}`, with its slash; `None` without `{**}`.
    tail: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    One,
}

pub(super) const ONE: &str = "{*}";
pub(super) const ANY: &str = "{**}";

/// Whether istiod takes the path for a template.
pub(super) fn is_template(path: &str) -> bool {
    path.contains(ONE) || path.contains(ANY)
}

/// A character of a literal segment (`validLiteral`, `pkg/config/security/security.go`).
pub(super) fn is_literal(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~%!$&'()+,;:@=".contains(&byte)
}

fn is_operand(byte: u8) -> bool {
    is_literal(byte) || byte == b'*'
}

impl PathTemplate {
    /// Reads a template that istiod has taken; `None` where Envoy refuses it: one without a leading
    /// slash, or with an empty segment.
    pub(super) fn parse(template: &str) -> Option<Self> {
        let rest = template.strip_prefix('/')?;
        let mut head = Vec::new();
        let mut segments = rest.split('/').peekable();
        while let Some(segment) = segments.next() {
            match segment {
                ONE => head.push(Segment::One),
                ANY => {
                    let after: Vec<&str> = segments.collect();
                    let tail: String = after.iter().flat_map(|segment| ["/", segment]).collect();
                    let empty_at_end = usize::from(tail.ends_with('/'));
                    let inner = after.len().saturating_sub(empty_at_end);
                    let named = after[..inner].iter().all(|segment| !segment.is_empty());
                    return named.then_some(Self { head, tail: Some(tail) });
                }
                "" if segments.peek().is_some() => return None,
                literal => head.push(Segment::Literal(literal.to_owned())),
            }
        }
        Some(Self { head, tail: None })
    }

    /// Whether the path, without its query, is one of the template's.
    pub(super) fn matches(&self, path: &str) -> bool {
        let Some(mut rest) = path.strip_prefix('/') else { return false };
        for (index, segment) in self.head.iter().enumerate() {
            let last = self.tail.is_none() && index + 1 == self.head.len();
            let (part, after) = match rest.split_once('/') {
                Some(_) if last => return false,
                Some((part, after)) => (part, after),
                None if last => (rest, ""),
                None => return false,
            };
            let same = match segment {
                Segment::Literal(literal) => part == literal,
                Segment::One => !part.is_empty() && part.bytes().all(is_operand),
            };
            if !same {
                return false;
            }
            rest = after;
        }
        self.tail.as_ref().is_none_or(|tail| {
            rest.strip_suffix(tail.as_str())
                .is_some_and(|any| any.bytes().all(|byte| is_operand(byte) || byte == b'/'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_match_as_envoy_does() {
        for (template, path, expected) in [
            ("/a/{*}/b", "/a/x/b", true),
            ("/a/{*}/b", "/a//b", false),
            ("/a/{*}/b", "/a/x/b/", false),
            ("/a/{*}/b", "/a/x;y=*/b", true),
            ("/a/{*}/b", "/a/x[y/b", false),
            ("/a/{**}", "/a", false),
            ("/a/{**}", "/a/", true),
            ("/a/{**}", "/a//x/y", true),
            ("/a/{*}/", "/a/x/", true),
            ("/a/{*}/", "/a/x", false),
            ("/a/{*}/", "/a/x//", false),
            ("/{**}", "/", true),
            ("/a/{**}/b", "/a/b", false),
            ("/a/{**}/b", "/a//b", true),
            ("/a/{**}/b", "/a/x/y/b", true),
            ("/a/{**}/b", "/a/x|y/b", false),
            ("/{*}/models/{**}", "/v1/models/iris:predict", true),
            ("/{*}/models/{**}", "/v1/models", false),
        ] {
            let parsed = PathTemplate::parse(template).unwrap();
            assert_eq!(parsed.matches(path), expected, "{template} {path}");
        }
    }

    #[test]
    fn a_template_that_envoy_refuses_is_none() {
        for template in ["{*}/a", "/a//{*}", "/{*}//", "//{*}", "/{**}//", "/{**}//a"] {
            assert_eq!(PathTemplate::parse(template), None, "{template}");
        }
        assert!(PathTemplate::parse("/{**}/").is_some());
    }

    proptest::proptest! {
        #[test]
        fn a_path_of_the_template_matches(
            before in "[a-z]{1,3}", one in "[a-z:.=]{1,5}", any in "[a-z/]{0,9}", after in "[a-z]{1,3}",
        ) {
            let template = PathTemplate::parse(&format!("/{before}/{{*}}/{{**}}/{after}")).unwrap();
            let path = format!("/{before}/{one}/{any}/{after}");
            proptest::prop_assert!(template.matches(&path), "{} does not match", path);
        }
    }
}
