//! The `_example` of a stock ConfigMap and its checksum.

/// The key of a stock ConfigMap that documents the others and sets nothing.
pub const EXAMPLE_KEY: &str = "_example";

/// The annotation that holds the checksum of `_example`.
pub const CHECKSUM_ANNOTATION: &str = "knative.dev/example-checksum";

/// The checksum that Knative's webhook compares the annotation with, where both are there: the
/// CRC-32 of the trimmed text, in which each run of line breaks is the two characters `\` and `n`.
///
/// Source: `Checksum` in `configmap/example.go` of knative.dev/pkg.
#[must_use]
pub fn example_checksum(example: &str) -> String {
    let mut crc = u32::MAX;
    let mut feed = |byte: u8| {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            let carry = 0_u32.wrapping_sub(crc & 1);
            crc = (crc >> 1) ^ (0xedb8_8320 & carry);
        }
    };
    let mut rest = example.trim().as_bytes();
    while let [first, tail @ ..] = rest {
        if let Some(length) = line_break(rest) {
            rest = &rest[length..];
            while let Some(length) = line_break(rest) {
                rest = &rest[length..];
            }
            b"\\n".iter().copied().for_each(&mut feed);
        } else {
            feed(*first);
            rest = tail;
        }
    }
    format!("{:08x}", !crc)
}

fn line_break(text: &[u8]) -> Option<usize> {
    match text {
        [b'\n', ..] => Some(1),
        [b'\r', b'\n', ..] => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_count_as_two_characters_and_runs_as_one() {
        assert_eq!(example_checksum("123456789"), "cbf43926");
        assert_eq!(example_checksum("\n a\r\n\n\nb \n"), example_checksum(r"a\nb"));
        assert_ne!(example_checksum("a\rb"), example_checksum(r"a\nb"));
    }
}
