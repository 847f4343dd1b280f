//! Did you mean: the known name nearest to one that is not known.

/// Names longer than this are not compared: no name that we know is half as long, and the
/// comparison takes the product of both lengths.
const LONGEST: usize = 64;

/// The known name that `found` most likely means, if one is near enough.
///
/// Case, `-`, `_` and `.` weigh nothing (`cert_arn` is `certArn`); otherwise at most a third of
/// the letters may be wrong, missing, added or swapped with their neighbour. Of two equally near
/// names the first in `known` wins. Names over 64 characters have no neighbour.
///
/// ```
/// use krm_package::text::suggest::nearest;
///
/// let known = ["certArn", "httpHeaderName", "httpHeaderValues"];
/// assert_eq!(nearest("certARN", &known), Some("certArn"));
/// assert_eq!(nearest("httpHeaderNames", &known), Some("httpHeaderName"));
/// assert_eq!(nearest("replicas", &known), None);
/// ```
#[must_use]
pub fn nearest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    let found = letters(found)?;
    known
        .iter()
        .filter_map(|name| {
            let name_letters = letters(name)?;
            let allowed = found.len().max(name_letters.len()) / 3;
            let distance = distance(&found, &name_letters);
            (distance <= allowed).then_some((distance, *name))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Whether `found` is `name` with at most `most` letters other, after the same measure as
/// [`nearest`]: for names with a long common part, of which a third would be too many.
///
/// ```
/// use krm_package::text::suggest::is_within;
///
/// assert!(is_within("apps.example.com/deploymentmode", "apps.example.com/deploymentMode", 2));
/// assert!(is_within("apps.example.com/deploymetnMode", "apps.example.com/deploymentMode", 2));
/// assert!(!is_within("apps.example.com/storage", "apps.example.com/stop", 2));
/// ```
#[must_use]
pub fn is_within(found: &str, name: &str, most: usize) -> bool {
    let (Some(found), Some(name)) = (letters(found), letters(name)) else { return false };
    found.len().abs_diff(name.len()) <= most && distance(&found, &name) <= most
}

/// Whether two texts differ by at most `most` characters, by the measure of [`nearest`], but every
/// character counts, and its case.
///
/// ```
/// use krm_package::text::suggest::differs_by_at_most;
///
/// assert!(differs_by_at_most("auth_type", "auth-type", 1));
/// assert!(!differs_by_at_most("Auth_type", "auth-type", 1));
/// ```
#[must_use]
pub fn differs_by_at_most(one: &str, other: &str, most: usize) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    one.len().abs_diff(other.len()) <= most && distance(&one, &other) <= most
}

/// The second half of a message about an unknown name: `did you mean "certArn"?`, or where none
/// is near, `expected one of certArn, httpHeaderName`.
///
/// ```
/// use krm_package::text::suggest::hint;
///
/// assert_eq!(hint("intrnal", &["internal", "internet-facing"]), "did you mean \"internal\"?");
/// assert_eq!(hint("public", &["internal", "internet-facing"]), "expected one of internal, internet-facing");
/// ```
#[must_use]
pub fn hint(found: &str, known: &[&str]) -> String {
    match nearest(found, known) {
        Some(name) => format!("did you mean \"{name}\"?"),
        None => format!("expected one of {}", known.join(", ")),
    }
}

/// The letters that weigh something, or nothing where there are too many or none.
fn letters(name: &str) -> Option<Vec<char>> {
    if name.len() > LONGEST * 4 || name.chars().count() > LONGEST {
        return None;
    }
    let letters: Vec<char> = name
        .chars()
        .filter(|c| !matches!(c, '-' | '_' | '.'))
        .flat_map(char::to_lowercase)
        .collect();
    (!letters.is_empty()).then_some(letters)
}

/// How many letters must be replaced, removed, added, or swapped with their neighbour to make one
/// of the other (the restricted Damerau–Levenshtein distance).
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for row in 1..=left.len() {
        let mut current = vec![row];
        for column in 1..=right.len() {
            let same = left[row - 1] == right[column - 1];
            let mut least = (above[column - 1] + usize::from(!same))
                .min(above[column] + 1)
                .min(current[column - 1] + 1);
            let swapped = row > 1
                && column > 1
                && left[row - 1] == right[column - 2]
                && left[row - 2] == right[column - 1];
            if swapped {
                least = least.min(before[column - 2] + 1);
            }
            current.push(least);
        }
        before = std::mem::replace(&mut above, current);
    }
    above[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_name_that_was_meant() {
        let known =
            ["certArn", "httpHeaderName", "httpHeaderValues", "loadBalancerScheme", "hosts"];
        for (found, meant) in [
            ("certArn", Some("certArn")),
            ("certARN", Some("certArn")),
            ("cert_arn", Some("certArn")),
            ("certificateArn", None),
            ("httpHeadersName", Some("httpHeaderName")),
            ("httpHeaderValue", Some("httpHeaderValues")),
            ("loadBalancerSheme", Some("loadBalancerScheme")),
            ("load-balancer-scheme", Some("loadBalancerScheme")),
            ("hots", Some("hosts")),
            ("hsots", Some("hosts")),
            ("", None),
            ("---", None),
            ("x", None),
            ("überhaupt", None),
        ] {
            assert_eq!(nearest(found, &known), meant, "{found}");
        }
    }

    #[test]
    fn the_first_of_equally_near_names_wins() {
        assert_eq!(nearest("bat", &["cat", "rat"]), Some("cat"));
        assert_eq!(nearest("bat", &["rat", "cat"]), Some("rat"));
    }

    #[test]
    fn counts_edits() {
        for (left, right, edits) in
            [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "", 3), ("kitten", "sitting", 3)]
        {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(distance(&chars(left), &chars(right)), edits);
            assert_eq!(distance(&chars(right), &chars(left)), edits);
        }
    }

    #[test]
    fn long_names_are_not_compared() {
        let long = "a".repeat(10_000_000);
        assert_eq!(nearest(&long, &[long.as_str()]), None);
    }
}
