//! Names of objects that a controller creates for another.
//!
//! Source: `ChildName` in `kmeta/names.go` of knative/pkg, which `KServe` calls, too.

use md5::{Digest, Md5};

const LONGEST: usize = 63;
/// What is left of a name beside its digest in hexadecimal digits.
const HEAD: usize = LONGEST - 32;

/// The name of what `parent` owns: both in a row, or, where that is more than 63 bytes, the beginning of
/// `parent`, its MD5 and `suffix`.
#[must_use]
pub(crate) fn child_name(parent: &str, suffix: &str) -> String {
    if parent.len() + suffix.len() <= LONGEST {
        return format!("{parent}{suffix}");
    }
    let Some(head) = HEAD.checked_sub(suffix.len()).filter(|head| *head > 0) else {
        let mut name = format!("{}{}", cut(parent, HEAD), digest(&format!("{parent}{suffix}")));
        name.push_str(cut(suffix, LONGEST - name.len()));
        return name.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric()).to_owned();
    };
    format!("{}{}{suffix}", cut(parent, head), digest(parent))
}

/// The first `length` bytes, or fewer where a character would be cut.
fn cut(text: &str, length: usize) -> &str {
    let mut end = length.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn digest(text: &str) -> String {
    let bytes = Md5::digest(text.as_bytes());
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_and_told_apart_by_a_digest() {
        assert_eq!(child_name("llama", "-kserve"), "llama-kserve");
        let long = "a".repeat(63);
        assert_eq!(
            child_name(&long, "-kserve-workload-svc"),
            "aaaaaaaaaaab06521f39153d618550606be297466d5-kserve-workload-svc"
        );
        assert_eq!(
            child_name(&long, "-kserve"),
            "aaaaaaaaaaaaaaaaaaaaaaaab06521f39153d618550606be297466d5-kserve"
        );
        assert_eq!(child_name(&"a".repeat(43), "-kserve-workload-svc").len(), 63);
        let name = child_name("llama", &format!("-{}", "b".repeat(70)));
        assert!(name.starts_with("llama") && name.len() <= 63, "{name}");
    }
}
