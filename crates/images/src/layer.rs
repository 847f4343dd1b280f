//! The one layer of every image: the binary, and the user that it runs as.

use std::io;

use crate::archive::Tar;

/// Hosts run `--user nobody`: without the name in these files the engine exits with 125.
const PASSWD: &str = "nobody:x:65534:65534:nobody:/:/sbin/nologin\n";
const GROUP: &str = "nobody:x:65534:\n";

/// The layer's tar.
///
/// # Errors
/// A binary that is not static: there is nothing in the image that it could load. One of 8 GiB.
pub(crate) fn of(binary: &[u8]) -> io::Result<Vec<u8>> {
    match is_dynamic(binary) {
        None => return Err(io::Error::other("the binary is no 64-bit little-endian ELF file")),
        Some(true) => {
            let message =
                "the binary loads shared libraries; build it with -C target-feature=+crt-static";
            return Err(io::Error::other(message));
        }
        Some(false) => {}
    }
    let mut tar = Tar::default();
    tar.folder("etc/")?;
    tar.file("etc/group", 0o644, GROUP.as_bytes())?;
    tar.file("etc/passwd", 0o644, PASSWD.as_bytes())?;
    tar.file("kserve-aws", 0o755, binary)?;
    Ok(tar.finished())
}

/// Whether an ELF file asks for a loader, in a program header of type 3 (`PT_INTERP`).
fn is_dynamic(binary: &[u8]) -> Option<bool> {
    const PROGRAM_HEADER: usize = 56;
    const INTERPRETER: u8 = 3;
    if !binary.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let headers = u64::from_le_bytes(binary.get(32..40)?.try_into().ok()?);
    let headers = usize::try_from(headers).ok()?;
    let count = usize::from(u16::from_le_bytes(binary.get(56..58)?.try_into().ok()?));
    let table = binary.get(headers..headers.checked_add(count * PROGRAM_HEADER)?)?;
    Some(table.chunks(PROGRAM_HEADER).any(|header| header.starts_with(&[INTERPRETER])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dynamic_binary_is_refused() {
        let this = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let error = of(&this).unwrap_err().to_string();
        assert!(error.contains("crt-static"), "{error}");
        assert!(of(b"#!/bin/sh\n").unwrap_err().to_string().contains("no 64-bit"));
    }
}
