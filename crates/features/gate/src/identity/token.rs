//! The text of a token: `ftg_<id>_<secret>`. The secret is 32 random bytes, so a plain hash of it is enough to keep.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use foretaste_model::ContentDigest;
use subtle::ConstantTimeEq as _;

/// A token taken apart.
pub(crate) struct TokenText {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl TokenText {
    /// A new one.
    pub(crate) fn random() -> Self {
        Self {
            id: hex::encode(random::<6>()),
            secret: URL_SAFE_NO_PAD.encode(random::<32>()),
        }
    }

    /// Reads a token; none if the text is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.trim().strip_prefix("ftg_")?.split_once('_')?;
        let fits =
            id.len() == 12 && id.bytes().all(|b| b.is_ascii_hexdigit()) && secret.len() < 100;
        fits.then(|| Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
        })
    }

    /// The text that the user gets.
    pub(crate) fn text(&self) -> String {
        format!("ftg_{}_{}", self.id, self.secret)
    }
}

/// Random bytes.
///
/// # Panics
/// The system has no source of random numbers: nothing that needs a secret can go on then.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives random numbers");
    bytes
}

/// What is kept of a secret.
pub(crate) fn hash(secret: &str) -> String {
    ContentDigest::of(secret.as_bytes()).to_hex()
}

/// Compares two hashes in a time that tells nothing about them.
pub(crate) fn same_hash(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written() {
        let token = TokenText::random();
        let read = TokenText::parse(&token.text()).expect("a token");
        assert_eq!((read.id, read.secret), (token.id.clone(), token.secret));
        assert_ne!(TokenText::random().id, token.id);
        for text in ["", "ftg_", "ftg_zz_x", "pypi-abc", "ftg_0123456789ab"] {
            assert!(TokenText::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn hashes_compare() {
        assert!(same_hash(&hash("a"), &hash("a")));
        assert!(!same_hash(&hash("a"), &hash("b")));
        assert!(!same_hash(&hash("a"), ""));
    }
}
