//! Ciphers and digests of constants whose key stands beside them.

use aes::cipher::{Array, BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use sha2::Digest as _;

use crate::decode;

/// How blocks of AES are chained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Each for itself.
    Ecb,
    /// With the block before.
    Cbc,
    /// A stream of encrypted counters.
    Ctr,
    /// The same, with a tag that is not checked.
    Gcm,
}

impl Mode {
    /// From the name of a cipher as OpenSSL spells it: `aes-256-cbc`.
    pub fn of_cipher(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let rest = name
            .strip_prefix("aes")
            .or_else(|| name.strip_prefix("id-aes"))?;
        Some(match rest.rsplit(['-', '_']).next()? {
            "ecb" => Self::Ecb,
            "cbc" => Self::Cbc,
            "ctr" => Self::Ctr,
            "gcm" => Self::Gcm,
            _ => return None,
        })
    }
}

/// Decrypts with AES of the key's length. Padding that is there is taken off. `None` if the lengths do not fit.
pub fn aes(mode: Mode, key: &[u8], iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    match mode {
        Mode::Ecb => {
            let mut out = Vec::with_capacity(data.len());
            for chunk in data.chunks_exact(16) {
                out.extend_from_slice(&decrypt_block(key, chunk.try_into().ok()?)?);
            }
            Some(unpad(out.clone()).unwrap_or(out))
        }
        Mode::Cbc => {
            let plain = cbc(key, iv, data)?;
            Some(unpad(plain.clone()).unwrap_or(plain))
        }
        Mode::Ctr => ctr(key, iv.try_into().ok()?, data),
        Mode::Gcm => {
            let mut counter = [0; 16];
            counter.get_mut(..12)?.copy_from_slice(iv.get(..12)?);
            counter[15] = 2;
            // the tag may stand behind the text: it becomes noise that is cut off when the text does not read
            let plain = ctr(key, counter, data)?;
            if let Some(body) = data.len().checked_sub(16).and_then(|n| plain.get(..n))
                && std::str::from_utf8(&plain).is_err()
                && std::str::from_utf8(body).is_ok()
            {
                return Some(body.to_vec());
            }
            Some(plain)
        }
    }
}

/// AES-256-CBC as `openssl enc` and crypto-js write it: `Salted__`, a salt, and key and vector from a passphrase by MD5.
pub fn openssl(passphrase: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let salt = data.strip_prefix(b"Salted__")?.get(..8)?;
    let mut material = Vec::with_capacity(48);
    let mut last: Vec<u8> = Vec::new();
    while material.len() < 48 {
        let mut hash = md5::Md5::new();
        hash.update(&last);
        hash.update(passphrase);
        hash.update(salt);
        last = hash.finalize().to_vec();
        material.extend_from_slice(&last);
    }
    unpad(cbc(
        material.get(..32)?,
        material.get(32..48)?,
        data.get(16..)?,
    )?)
}

/// A digest by the name that libraries give it.
pub fn digest(name: &str, data: &[u8]) -> Option<Vec<u8>> {
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
pub fn fernet(key: &[u8], token: &[u8]) -> Option<Vec<u8>> {
    let key = decode::base64(key)?;
    let token = decode::base64(token)?;
    let key = key.get(16..32)?;
    let iv = token.get(9..25)?;
    let body = token.get(25..token.len().checked_sub(32)?)?;
    unpad(cbc(key, iv, body)?)
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

/// RC4.
pub fn rc4(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
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

    #[test]
    fn openssl_salted_text_decrypts() {
        // echo -n hello | openssl enc -aes-256-cbc -md md5 -pass pass:secret -S 0102030405060708
        let data = hex("53616c7465645f5f0102030405060708de2f4d01f88c62e9f966a4d55accb78f");
        assert_eq!(openssl(b"secret", &data).unwrap(), b"hello");
    }

    #[test]
    fn ciphers_are_known_by_their_names() {
        assert_eq!(Mode::of_cipher("aes-256-cbc"), Some(Mode::Cbc));
        assert_eq!(Mode::of_cipher("id-aes128-GCM"), Some(Mode::Gcm));
        assert_eq!(Mode::of_cipher("des-ede3-cbc"), None);
    }
}
