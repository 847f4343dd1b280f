//! Base64 of a token: where it begins in a longer text decides its letters.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use krm_function::Secrets;

/// Shorter ones are in any text.
const SHORTEST: usize = 4;

/// A token, and its Base64. A variable that was not replaced is none.
pub(super) fn add(tokens: &mut Secrets, token: &str) {
    let is_variable = token.starts_with("$(") && token.ends_with(')');
    if is_variable {
        return;
    }
    tokens.add(token);
    add_encoded(tokens, token);
}

/// Adds what Base64 has of a token, wherever it begins.
fn add_encoded(tokens: &mut Secrets, token: &str) {
    if token.len() < SHORTEST {
        return;
    }
    // Most tokens are the same in both alphabets.
    let mut parts = BTreeSet::new();
    for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
        parts.insert(engine.encode(token));
        for before in 0..3 {
            let mut bytes = vec![b' '; before];
            bytes.extend_from_slice(token.as_bytes());
            let text = engine.encode(&bytes);
            // Letters that hold bits of the neighbours differ with them.
            let start = [0, 2, 3][before];
            let end = bytes.len() * 8 / 6;
            if let Some(own) = text.get(start..end).filter(|own| own.len() >= 8) {
                parts.insert(own.to_owned());
            }
        }
    }
    parts.iter().for_each(|part| tokens.add(part));
}

/// The text that a Base64 holds.
pub(super) fn decoded(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()
}
