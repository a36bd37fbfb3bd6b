//! Ciphers and digests whose key stands beside what they protect.
//!
//! Objects that hold a key are partial calls of their constructors; their methods come here.

use foretaste_observe::cipher::{Mode, aes, digest, fernet, rc4};

use super::value::{HIDDEN, Val};
use super::{Eval, Evaluator};

/// True for what makes a cipher, mode or digest.
pub(super) fn is_constructor(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let module = name.split('.').next().unwrap_or(name);
    match module {
        "cryptography" | "fernet" => matches!(
            last,
            "Fernet" | "Cipher" | "AES" | "ARC4" | "CBC" | "ECB" | "CTR" | "GCM" | "AESGCM"
        ),
        "Crypto" | "Cryptodome" => {
            last == "new" && (name.contains(".Cipher.") || name.contains(".Hash."))
        }
        "pyaes" => last.starts_with("AESModeOfOperation") || last == "AES",
        "hashlib" => matches!(
            last,
            "md5" | "sha1" | "sha256" | "sha512" | "sha384" | "sha224"
        ),
        _ => false,
    }
}

impl Evaluator {
    /// A method of an object that holds a key.
    pub(super) fn cipher_method(
        &mut self,
        object: &(Val, Vec<Val>),
        method: &str,
        args: &[Val],
    ) -> Eval<Option<Val>> {
        let (Val::Api(name, _), bound) = object else {
            return Ok(None);
        };
        match method {
            // digests
            "digest" | "hexdigest" => {
                let data = bound.first().and_then(Val::as_data).unwrap_or(&[]);
                self.budget.spend(data.len() as u64 / 16);
                let Some(digest) = digest(name, data) else {
                    return Ok(None);
                };
                return Ok(Some(if method == "digest" {
                    Val::bytes(digest)
                } else {
                    Val::str(
                        digest
                            .iter()
                            .map(|b| format!("{b:02x}"))
                            .collect::<String>(),
                    )
                }));
            }
            "decryptor" => {
                return Ok(Some(Val::Partial(std::rc::Rc::new(object.clone()))));
            }
            "finalize" => return Ok(Some(Val::bytes(Vec::new()))),
            "decrypt" | "update" | "decrypt_and_verify" => {}
            _ => return Ok(None),
        }
        // `AESGCM(key).decrypt(nonce, data, extra)` has its data in the second place
        let at = usize::from(name.ends_with("AESGCM"));
        let Some(data) = args.get(at).and_then(Val::as_data) else {
            return Ok(None);
        };
        self.trail("cipher");
        self.afford(data.len())?;
        let made = if name.ends_with("Fernet") {
            bound
                .first()
                .and_then(Val::as_data)
                .and_then(|key| fernet(key, data))
        } else {
            let mut all = Vec::new();
            flatten(bound, &mut all, 0);
            if at == 1 {
                all.extend(args.first().cloned());
            }
            block(name, &all, data)
        };
        Ok(Some(made.map_or(Val::Unknown(HIDDEN), Val::bytes)))
    }
}

/// The constants that went into an object, and the names of the modes.
fn flatten(values: &[Val], out: &mut Vec<Val>, depth: u32) {
    for value in values {
        match value {
            Val::Partial(partial) if depth < 4 => {
                out.push(partial.0.clone());
                flatten(&partial.1, out, depth + 1);
            }
            other => out.push(other.clone()),
        }
    }
}

/// AES in the mode that the arguments name, or RC4.
fn block(name: &str, args: &[Val], data: &[u8]) -> Option<Vec<u8>> {
    let spoken: Vec<String> = std::iter::once(name.to_owned())
        .chain(args.iter().filter_map(|v| match v {
            Val::Api(name, _) => Some(name.to_string()),
            _ => None,
        }))
        .collect();
    let named = |part: &str| spoken.iter().any(|n| n.ends_with(part));
    let constants: Vec<&[u8]> = args.iter().filter_map(Val::as_data).collect();
    let key = *constants.first()?;
    if spoken
        .iter()
        .any(|n| n.contains("ARC4") || n.contains("RC4"))
    {
        return rc4(key, data);
    }
    let iv = constants.get(1).copied().unwrap_or_default();
    let numbered = |number: i128| {
        args.iter()
            .any(|v| matches!(v, Val::Int(n) if *n == number))
    };
    let mode = if named("ECB") || numbered(1) {
        Mode::Ecb
    } else if named("CBC") || numbered(2) {
        Mode::Cbc
    } else if named("GCM") || numbered(11) {
        Mode::Gcm
    } else if named("CTR") {
        Mode::Ctr
    } else {
        return None;
    };
    aes(mode, key, iv, data)
}
