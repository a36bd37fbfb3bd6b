//! Ciphers and digests whose key stands beside what they protect.
//!
//! Objects that hold a key are partial calls of their constructors; their methods come here.

use aes::cipher::{Array, BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use foretaste_observe::decode;
use sha2::Digest as _;

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

fn digest(name: &str, data: &[u8]) -> Option<Vec<u8>> {
    let name = name.to_ascii_lowercase();
    Some(if name.contains("md5") {
        md5::Md5::digest(data).to_vec()
    } else if name.contains("sha256") {
        sha2::Sha256::digest(data).to_vec()
    } else if name.contains("sha512") {
        sha2::Sha512::digest(data).to_vec()
    } else if name.contains("sha1") || name.ends_with("sha.new") {
        sha1::Sha1::digest(data).to_vec()
    } else {
        return None;
    })
}

/// Fernet: version, time, IV, AES-128-CBC, HMAC; all in URL-safe base64.
fn fernet(key: &[u8], token: &[u8]) -> Option<Vec<u8>> {
    let key = decode::base64(key)?;
    let token = decode::base64(token)?;
    let key = key.get(16..32)?;
    let iv = token.get(9..25)?;
    let body = token.get(25..token.len().checked_sub(32)?)?;
    unpad(cbc(key, iv, body)?)
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
    let iv = constants.get(1).copied();
    if named("ECB") || args.iter().any(|v| matches!(v, Val::Int(1))) {
        let mut out = Vec::with_capacity(data.len());
        for chunk in data.chunks_exact(16) {
            out.extend_from_slice(&decrypt_block(key, chunk.try_into().ok()?)?);
        }
        return Some(unpad(out.clone()).unwrap_or(out));
    }
    if named("CBC") || args.iter().any(|v| matches!(v, Val::Int(2))) {
        let made = cbc(key, iv?, data)?;
        return Some(unpad(made.clone()).unwrap_or(made));
    }
    if named("GCM") || args.iter().any(|v| matches!(v, Val::Int(11))) {
        let mut counter = [0; 16];
        counter.get_mut(..12)?.copy_from_slice(iv?.get(..12)?);
        counter[15] = 2;
        // the tag may stand behind the text: it becomes noise that is cut off when the text does not read
        let made = ctr(key, counter, data)?;
        if let Some(body) = data.len().checked_sub(16).and_then(|n| made.get(..n))
            && std::str::from_utf8(&made).is_err()
            && std::str::from_utf8(body).is_ok()
        {
            return Some(body.to_vec());
        }
        return Some(made);
    }
    if named("CTR") {
        let counter: [u8; 16] = iv?.try_into().ok()?;
        return ctr(key, counter, data);
    }
    None
}

fn decrypt_block(key: &[u8], block: [u8; 16]) -> Option<[u8; 16]> {
    let mut block = Array::from(block);
    match key.len() {
        16 => aes::Aes128::new_from_slice(key)
            .ok()?
            .decrypt_block(&mut block),
        24 => aes::Aes192::new_from_slice(key)
            .ok()?
            .decrypt_block(&mut block),
        32 => aes::Aes256::new_from_slice(key)
            .ok()?
            .decrypt_block(&mut block),
        _ => return None,
    }
    Some(block.into())
}

fn encrypt_block(key: &[u8], block: [u8; 16]) -> Option<[u8; 16]> {
    let mut block = Array::from(block);
    match key.len() {
        16 => aes::Aes128::new_from_slice(key)
            .ok()?
            .encrypt_block(&mut block),
        24 => aes::Aes192::new_from_slice(key)
            .ok()?
            .encrypt_block(&mut block),
        32 => aes::Aes256::new_from_slice(key)
            .ok()?
            .encrypt_block(&mut block),
        _ => return None,
    }
    Some(block.into())
}

fn cbc(key: &[u8], iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let mut before: [u8; 16] = iv.try_into().ok()?;
    let mut out = Vec::with_capacity(data.len());
    for chunk in data.chunks_exact(16) {
        let chunk: [u8; 16] = chunk.try_into().ok()?;
        let plain = decrypt_block(key, chunk)?;
        out.extend(plain.iter().zip(before).map(|(a, b)| a ^ b));
        before = chunk;
    }
    Some(out)
}

fn ctr(key: &[u8], mut counter: [u8; 16], data: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(data.len());
    for chunk in data.chunks(16) {
        let stream = encrypt_block(key, counter)?;
        out.extend(chunk.iter().zip(stream).map(|(a, b)| a ^ b));
        let next = u128::from_be_bytes(counter).wrapping_add(1);
        counter = next.to_be_bytes();
    }
    Some(out)
}

fn rc4(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    if key.is_empty() {
        return None;
    }
    let mut state: Vec<u8> = (0..=255).collect();
    let mut j = 0_u8;
    for i in 0..256 {
        j = j
            .wrapping_add(*state.get(i)?)
            .wrapping_add(*key.get(i % key.len())?);
        state.swap(i, usize::from(j));
    }
    let (mut i, mut j) = (0_u8, 0_u8);
    data.iter()
        .map(|byte| {
            i = i.wrapping_add(1);
            j = j.wrapping_add(*state.get(usize::from(i))?);
            state.swap(usize::from(i), usize::from(j));
            let at = state
                .get(usize::from(i))?
                .wrapping_add(*state.get(usize::from(j))?);
            Some(byte ^ state.get(usize::from(at))?)
        })
        .collect()
}

/// Without PKCS#7 padding.
fn unpad(mut data: Vec<u8>) -> Option<Vec<u8>> {
    let pad = usize::from(*data.last()?);
    let keep = data.len().checked_sub(pad)?;
    if pad == 0 || pad > 16 || data.get(keep..)?.iter().any(|b| usize::from(*b) != pad) {
        return None;
    }
    data.truncate(keep);
    Some(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        decode::hex(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_published_vectors_decrypt() {
        // Fernet specification, verify.json
        let token = b"gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";
        let key = b"cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
        assert_eq!(fernet(key, token).unwrap(), b"hello");
        // NIST SP 800-38A, F.2.1
        let key = hex("2b7e151628aed2a6abf7158809cf4f3c");
        let iv = hex("000102030405060708090a0b0c0d0e0f");
        let plain = hex("6bc1bee22e409f96e93d7e117393172a");
        assert_eq!(
            cbc(&key, &iv, &hex("7649abac8119b246cee98e9b12e9197d")).unwrap(),
            plain
        );
        // RFC 6229
        assert_eq!(rc4(&hex("0102030405"), &[0; 4]).unwrap(), hex("b2396305"));
    }
}
