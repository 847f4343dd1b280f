//! RS256 keys and the tokens that they sign, by openssl.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use test_support::hosts::{missing, target};

/// The keys of issuers, by the name of the issuer.
pub(crate) struct Keys {
    folder: PathBuf,
    signed: std::cell::RefCell<BTreeMap<String, String>>,
}

fn openssl(arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    use std::io::Write;
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(input).ok()?;
    let output = child.wait_with_output().ok()?;
    output.status.success().then_some(output.stdout)
}

/// Base64 of RFC 4648 section 5, without padding.
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte));
        let group = group << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let index = group >> (18 - 6 * place) & 63;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
    text
}

fn bytes_of_hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().collect();
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

impl Keys {
    /// New keys for a test; `None` without openssl.
    pub(crate) fn of(test: &str, issuers: &[&str]) -> Option<Self> {
        let folder = target().join("tmp/keys").join(test);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let keys = Self { folder, signed: std::cell::RefCell::default() };
        for issuer in issuers {
            let file = keys.file(issuer);
            if openssl(&["genrsa", "-out", file.to_str().unwrap(), "2048"], b"").is_none() {
                missing("openssl is not installed: no token is signed");
                return None;
            }
        }
        Some(keys)
    }

    /// The file of an issuer's key, in PEM.
    pub(crate) fn file(&self, issuer: &str) -> PathBuf {
        let name: String =
            issuer.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '-' }).collect();
        self.folder.join(format!("{name}.pem"))
    }

    /// The key set that an issuer publishes.
    pub(crate) fn set_of(&self, issuer: &str) -> Value {
        let file = self.file(issuer);
        let printed =
            openssl(&["rsa", "-modulus", "-noout", "-in", file.to_str().unwrap()], b"").unwrap();
        let printed = String::from_utf8(printed).unwrap();
        let modulus = printed.trim().strip_prefix("Modulus=").unwrap();
        json!({ "keys": [{
            "kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", "e": "AQAB",
            "n": base64url(&bytes_of_hex(modulus)),
        }] })
    }

    /// A token with these claims.
    pub(crate) fn sign(&self, signer: &str, claims: &Value) -> String {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": "1" });
        let parts = [header.to_string(), claims.to_string()].map(|one| base64url(one.as_bytes()));
        let text = parts.join(".");
        let known = format!("{signer} {text}");
        if let Some(token) = self.signed.borrow().get(&known) {
            return token.clone();
        }
        let file = self.file(signer);
        let arguments = ["dgst", "-sha256", "-sign", file.to_str().unwrap()];
        let signature = openssl(&arguments, text.as_bytes()).unwrap();
        let token = format!("{text}.{}", base64url(&signature));
        self.signed.borrow_mut().insert(known, token.clone());
        token
    }
}
