//! The one layer of every image of a processor: the binary, and the user that it runs as.

use std::io;

use crate::tar::Tar;

/// Hosts run `--user nobody`: without the name in these files the engine exits with 125.
const PASSWD: &str = "nobody:x:65534:65534:nobody:/:/sbin/nologin\n";
const GROUP: &str = "nobody:x:65534:\n";

/// A layer, with the processor that its binary is for.
pub(crate) struct Layer {
    /// The processor, as images name it.
    pub(crate) architecture: &'static str,
    /// The layer's tar.
    pub(crate) tar: Vec<u8>,
}

impl Layer {
    /// The layer of a static binary.
    ///
    /// # Errors
    /// A binary that is not static: there is nothing in the image that it could load. One of another
    /// processor than amd64 and arm64. One of 8 GiB.
    pub(crate) fn of(binary: &[u8]) -> io::Result<Self> {
        let error = "the binary is not a 64-bit little-endian ELF file";
        let elf = Elf::read(binary).ok_or_else(|| io::Error::other(error))?;
        if elf.is_dynamic {
            let message =
                "the binary loads shared libraries; build it with -C target-feature=+crt-static";
            return Err(io::Error::other(message));
        }
        let architecture = match elf.machine {
            62 => "amd64",
            183 => "arm64",
            other => {
                let message = format!("the binary is for ELF machine {other}; expected 62 or 183");
                return Err(io::Error::other(message));
            }
        };
        let mut tar = Tar::default();
        tar.folder("etc/")?;
        tar.file("etc/group", 0o644, GROUP.as_bytes())?;
        tar.file("etc/passwd", 0o644, PASSWD.as_bytes())?;
        tar.file("kserve-aws", 0o755, binary)?;
        Ok(Self { architecture, tar: tar.finished() })
    }
}

/// The fields of an ELF file that are checked.
struct Elf {
    /// The processor: 62 is `EM_X86_64`, 183 is `EM_AARCH64`.
    machine: u16,
    /// Whether it requires a loader: it has a program header of type 3 (`PT_INTERP`).
    is_dynamic: bool,
}

impl Elf {
    fn read(binary: &[u8]) -> Option<Self> {
        const PROGRAM_HEADER: usize = 56;
        const INTERPRETER: u8 = 3;
        if !binary.starts_with(b"\x7fELF\x02\x01") {
            return None;
        }
        let half = |at: usize| Some(u16::from_le_bytes(binary.get(at..at + 2)?.try_into().ok()?));
        let headers = u64::from_le_bytes(binary.get(32..40)?.try_into().ok()?);
        let headers = usize::try_from(headers).ok()?;
        let count = usize::from(half(56)?);
        let table = binary.get(headers..headers.checked_add(count * PROGRAM_HEADER)?)?;
        let is_dynamic =
            table.chunks(PROGRAM_HEADER).any(|header| header.starts_with(&[INTERPRETER]));
        Some(Self { machine: half(18)?, is_dynamic })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A static program of nothing but its ELF header.
    fn program(machine: u8) -> Vec<u8> {
        let mut header = vec![0; 64];
        header[..6].copy_from_slice(b"\x7fELF\x02\x01");
        header[18] = machine;
        header
    }

    #[track_caller]
    fn refusal(binary: &[u8]) -> String {
        Layer::of(binary).err().unwrap().to_string()
    }

    #[test]
    fn a_dynamic_binary_is_refused() {
        let this = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let error = refusal(&this);
        assert!(error.contains("crt-static"), "{error}");
        assert!(refusal(b"#!/bin/sh\n").contains("not a 64-bit"));
    }

    #[test]
    fn the_binary_says_its_processor() {
        assert_eq!(Layer::of(&program(62)).unwrap().architecture, "amd64");
        assert_eq!(Layer::of(&program(183)).unwrap().architecture, "arm64");
        // RISC-V.
        let error = refusal(&program(243));
        assert!(error.contains("machine 243"), "{error}");
    }
}
