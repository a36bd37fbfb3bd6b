//! Content digests.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// The SHA-256 of a file's content: the key under which its facts are stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ContentDigest([u8; 32]);

impl ContentDigest {
    /// Hashes `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The raw 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// From raw bytes, as a store keeps them.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// From 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// Lower-case hexadecimal.
    pub fn to_hex(self) -> String {
        hex::encode(self.0)
    }
}

impl fmt::Display for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Debug for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.to_hex())
    }
}

/// A hash function that registries publish.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum DigestAlgorithm {
    /// MD5: recorded, never trusted alone.
    Md5,
    /// SHA-1 (npm `shasum`): recorded, never trusted alone.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512 (npm `integrity`).
    Sha512,
    /// BLAKE2b-256 (PyPI).
    Blake2b256,
}

impl DigestAlgorithm {
    /// The lower-case name used in `name:hex` notation.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
            Self::Blake2b256 => "blake2b_256",
        }
    }

    /// True if a match proves identity against an attacker.
    pub const fn is_strong(self) -> bool {
        !matches!(self, Self::Md5 | Self::Sha1)
    }
}

/// A digest as a registry or lock publishes it: algorithm and lower-case hexadecimal value.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct Digest {
    /// The hash function.
    pub algorithm: DigestAlgorithm,
    /// Lower-case hexadecimal.
    pub value: Box<str>,
}

/// Why a digest could not be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not a digest of the form `sha256:<hex>`")]
pub struct DigestError(String);

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || DigestError(text.to_owned());
        let (algorithm, value) = text.split_once([':', '=']).ok_or_else(error)?;
        let (algorithm, length) = match algorithm.to_ascii_lowercase().as_str() {
            "md5" => (DigestAlgorithm::Md5, 32),
            "sha1" => (DigestAlgorithm::Sha1, 40),
            "sha256" => (DigestAlgorithm::Sha256, 64),
            "sha384" => (DigestAlgorithm::Sha384, 96),
            "sha512" => (DigestAlgorithm::Sha512, 128),
            "blake2b_256" => (DigestAlgorithm::Blake2b256, 64),
            _ => return Err(error()),
        };
        if value.len() != length || !value.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(error());
        }
        Ok(Self {
            algorithm,
            value: value.to_ascii_lowercase().into(),
        })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.id(), self.value)
    }
}
