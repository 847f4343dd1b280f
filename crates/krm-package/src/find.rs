//! The next of a few bytes, in texts that are mostly short.

use memchr::arch::all::memchr as words;

/// Up to here a text is searched eight bytes at a time, and only then with the processor's vectors.
/// Their use begins with questions to the processor, each of which a virtual machine traps: 35 µs on
/// one, which is as long as a small list takes to parse.
const NEAR: usize = 4096;

/// The first place of a byte.
pub(crate) fn one(a: u8, bytes: &[u8]) -> Option<usize> {
    search(bytes, |near| words::One::new(a).find(near), |far| memchr::memchr(a, far))
}

/// The first place of either byte.
pub(crate) fn either(a: u8, b: u8, bytes: &[u8]) -> Option<usize> {
    search(bytes, |near| words::Two::new(a, b).find(near), |far| memchr::memchr2(a, b, far))
}

/// The first place of any of three bytes.
pub(crate) fn any(a: u8, b: u8, c: u8, bytes: &[u8]) -> Option<usize> {
    search(bytes, |near| words::Three::new(a, b, c).find(near), |far| memchr::memchr3(a, b, c, far))
}

#[inline]
fn search(
    bytes: &[u8],
    in_near: impl FnOnce(&[u8]) -> Option<usize>,
    in_far: impl FnOnce(&[u8]) -> Option<usize>,
) -> Option<usize> {
    let (near, far) = bytes.split_at(bytes.len().min(NEAR));
    in_near(near).or_else(
        || {
            if far.is_empty() { None } else { in_far(far).map(|at| at + near.len()) }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_found_wherever_it_stands() {
        for place in [0, 1, 7, 8, 63, NEAR - 1, NEAR, NEAR + 1, 3 * NEAR] {
            let mut bytes = vec![b'x'; 4 * NEAR];
            for (step, byte) in [b'a', b'b', b'c'].into_iter().enumerate() {
                bytes[place + step] = byte;
            }
            assert_eq!(one(b'a', &bytes), Some(place));
            assert_eq!(one(b'b', &bytes), Some(place + 1));
            assert_eq!(either(b'b', b'a', &bytes), Some(place));
            assert_eq!(any(b'c', b'b', b'a', &bytes), Some(place));
            assert_eq!(any(b'c', b'b', b'z', &bytes[..place + 1]), None);
        }
        assert_eq!(one(b'a', b""), None);
    }
}
