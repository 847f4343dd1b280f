//! The tar format, as far as images need it: POSIX ustar, every field fixed by the content.

use std::io;

const BLOCK: usize = 512;

/// A tar archive that grows entry by entry. No entry has an owner but root, or a time.
#[derive(Default)]
pub(crate) struct Tar(Vec<u8>);

impl Tar {
    /// Adds a file, with its permissions.
    ///
    /// # Errors
    /// A path that is too long for ustar, or a file of 8 GiB or more.
    pub(crate) fn file(&mut self, path: &str, mode: u32, content: &[u8]) -> io::Result<()> {
        self.header(path, mode, content.len(), b'0')?;
        self.0.extend_from_slice(content);
        self.0.resize(self.0.len().next_multiple_of(BLOCK), 0);
        Ok(())
    }

    /// Adds a folder; its path ends in a slash.
    ///
    /// # Errors
    /// A path that is too long for ustar.
    pub(crate) fn folder(&mut self, path: &str) -> io::Result<()> {
        self.header(path, 0o755, 0, b'5')
    }

    /// The archive, with the two empty blocks that end it.
    pub(crate) fn finished(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 2 * BLOCK, 0);
        self.0
    }

    fn header(&mut self, path: &str, mode: u32, size: usize, kind: u8) -> io::Result<()> {
        let mut header = [0_u8; BLOCK];
        let mut put = |at: usize, width: usize, text: &str| {
            let fits = text.len() <= width;
            let bytes = header.get_mut(at..at + text.len()).filter(|_| fits);
            let bytes = bytes.ok_or_else(|| {
                io::Error::other(format!("{path}: {text} does not fit into {width} bytes of tar"))
            })?;
            bytes.copy_from_slice(text.as_bytes());
            Ok::<(), io::Error>(())
        };
        put(0, 100, path)?;
        put(100, 7, &format!("{mode:07o}"))?;
        put(108, 7, "0000000")?;
        put(116, 7, "0000000")?;
        put(124, 11, &format!("{size:011o}"))?;
        put(136, 11, "00000000000")?;
        // The checksum is taken with its own field blank.
        put(148, 8, "        ")?;
        put(257, 6, "ustar\0")?;
        put(263, 2, "00")?;
        header[156] = kind;
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.0.extend_from_slice(&header);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_a_header_its_content_and_padding() {
        let mut tar = Tar::default();
        tar.file("etc/passwd", 0o644, b"hello").unwrap();
        let tar = tar.finished();
        assert_eq!(tar.len(), 4 * BLOCK);
        assert_eq!(&tar[..10], b"etc/passwd");
        assert_eq!(&tar[100..108], b"0000644\0");
        assert_eq!(&tar[124..136], b"00000000005\0");
        let sum: u32 = tar[..148].iter().chain(&tar[156..512]).map(|byte| u32::from(*byte)).sum();
        assert_eq!(&tar[148..156], format!("{:06o}\0 ", sum + 8 * 32).as_bytes());
        assert_eq!(&tar[512..517], b"hello");
        assert!(tar[517..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let error = Tar::default().file(&"x".repeat(101), 0o644, b"").unwrap_err();
        assert!(error.to_string().ends_with("does not fit into 100 bytes of tar"), "{error}");
    }
}
