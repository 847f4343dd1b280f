//! Texts of a configuration that some templating was to fill in, whatever function reads them.

use crate::finding::{Code, FieldPath};
use crate::values::placeholder;
use krm_package::Segment;

/// Fields whose texts are weighed by their function, are templates themselves, or are a person's words.
const LEFT_OUT: [&str; 9] = [
    "accept",
    "domain-template",
    "domainTemplate",
    "pathTemplate",
    "httpHeaderValues",
    "tokens",
    "ingress.tokens",
    "pem",
    "reason",
];

/// What is wrong with the text of a field.
pub(super) fn refused(path: &FieldPath, text: &str) -> Option<(Code, &'static str)> {
    let is_left_out = path
        .segments()
        .iter()
        .any(|segment| matches!(segment, Segment::Key(key) if LEFT_OUT.contains(&key.as_str())));
    (!is_left_out && placeholder::is_unfilled(text)).then_some((
        Code::PlaceholderUnreplaced,
        "the value is a placeholder that was not replaced; set the value itself",
    ))
}
