//! Do these bytes have the digests that an index publishes?

use blake2::digest::DynDigest;
use foretaste_model::report::IndexDigest;
use foretaste_model::{ContentDigest, Digest, DigestAlgorithm};

/// Computes one digest as lower-case hexadecimal.
pub fn compute(algorithm: DigestAlgorithm, bytes: &[u8]) -> String {
    let mut hasher = hasher(algorithm);
    hasher.update(bytes);
    hex::encode(hasher.finalize())
}

/// The hash function of an algorithm.
fn hasher(algorithm: DigestAlgorithm) -> Box<dyn DynDigest + Send> {
    match algorithm {
        DigestAlgorithm::Md5 => Box::new(md5::Md5::default()),
        DigestAlgorithm::Sha1 => Box::new(sha1::Sha1::default()),
        DigestAlgorithm::Sha256 => Box::new(sha2::Sha256::default()),
        DigestAlgorithm::Sha384 => Box::new(sha2::Sha384::default()),
        DigestAlgorithm::Sha512 => Box::new(sha2::Sha512::default()),
        DigestAlgorithm::Blake2b256 => {
            Box::new(blake2::Blake2b::<blake2::digest::consts::U32>::default())
        }
    }
}

/// Compares `bytes` with every published digest. One that differs is a mismatch, whatever the others say; weak
/// algorithms (MD5, SHA-1) can disprove but are accepted as proof only where nothing stronger is published.
pub fn check(bytes: &[u8], published: &[Digest]) -> IndexDigest {
    if published.is_empty() {
        return IndexDigest::Absent;
    }
    if published
        .iter()
        .all(|digest| compute(digest.algorithm, bytes) == *digest.value)
    {
        IndexDigest::Match
    } else {
        IndexDigest::Mismatch
    }
}

/// Digests of bytes that arrive in pieces: SHA-256, and whatever an index published.
pub struct Hashing {
    sha256: sha2::Sha256,
    published: Vec<(Digest, Box<dyn DynDigest + Send>)>,
}

impl std::fmt::Debug for Hashing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hashing").finish_non_exhaustive()
    }
}

impl Hashing {
    /// Begins; `published` is what the bytes should have.
    pub fn new(published: &[Digest]) -> Self {
        Self {
            sha256: sha2::Sha256::default(),
            published: published
                .iter()
                .map(|digest| (digest.clone(), hasher(digest.algorithm)))
                .collect(),
        }
    }

    /// Begins; the digests are for [`Self::computed`].
    pub fn computing(algorithms: &[DigestAlgorithm]) -> Self {
        let digests: Vec<Digest> = algorithms
            .iter()
            .map(|algorithm| Digest {
                algorithm: *algorithm,
                value: "".into(),
            })
            .collect();
        Self::new(&digests)
    }

    /// The SHA-256, and the other digests that were asked for.
    pub fn computed(self) -> (ContentDigest, Vec<Digest>) {
        let others = self.published.into_iter().map(|(digest, hasher)| Digest {
            algorithm: digest.algorithm,
            value: hex::encode(hasher.finalize()).into(),
        });
        let sha256: [u8; 32] = sha2::Digest::finalize(self.sha256).into();
        (ContentDigest::from_bytes(sha256), others.collect())
    }

    /// Takes the next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        sha2::Digest::update(&mut self.sha256, bytes);
        for (_, hasher) in &mut self.published {
            hasher.update(bytes);
        }
    }

    /// The SHA-256, and how the published digests compare: see [`check`].
    pub fn finish(self) -> (ContentDigest, IndexDigest) {
        let verdict = if self.published.is_empty() {
            IndexDigest::Absent
        } else if self
            .published
            .into_iter()
            .all(|(digest, hasher)| hex::encode(hasher.finalize()) == *digest.value)
        {
            IndexDigest::Match
        } else {
            IndexDigest::Mismatch
        };
        let sha256: [u8; 32] = sha2::Digest::finalize(self.sha256).into();
        (ContentDigest::from_bytes(sha256), verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_have_the_digests_of_the_whole() {
        let published: Vec<Digest> = [
            DigestAlgorithm::Md5,
            DigestAlgorithm::Sha512,
            DigestAlgorithm::Blake2b256,
        ]
        .into_iter()
        .map(|algorithm| Digest {
            algorithm,
            value: compute(algorithm, b"abc").into(),
        })
        .collect();
        let mut hashing = Hashing::new(&published);
        hashing.update(b"a");
        hashing.update(b"bc");
        assert_eq!(
            hashing.finish(),
            (ContentDigest::of(b"abc"), IndexDigest::Match)
        );
        let mut hashing = Hashing::new(&published);
        hashing.update(b"abd");
        assert_eq!(hashing.finish().1, IndexDigest::Mismatch);
    }

    #[test]
    fn every_algorithm_gives_the_published_test_vector() {
        use DigestAlgorithm as D;
        for (algorithm, expected) in [
            (D::Md5, "900150983cd24fb0d6963f7d28e17f72"),
            (D::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                D::Sha256,
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                D::Blake2b256,
                "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319",
            ),
        ] {
            assert_eq!(compute(algorithm, b"abc"), expected, "{algorithm:?}");
        }
        assert_eq!(compute(D::Sha384, b"abc").len(), 96);
        assert_eq!(compute(D::Sha512, b"abc").len(), 128);
    }

    #[test]
    fn one_wrong_digest_is_a_mismatch() {
        let digest = |text: &str| text.parse::<Digest>().expect("a digest");
        let md5 = digest("md5:900150983cd24fb0d6963f7d28e17f72");
        let wrong = digest(&format!("sha256:{}", "0".repeat(64)));
        assert_eq!(check(b"abc", &[]), IndexDigest::Absent);
        assert_eq!(
            check(b"abc", std::slice::from_ref(&md5)),
            IndexDigest::Match
        );
        assert_eq!(check(b"abc", &[md5, wrong]), IndexDigest::Mismatch);
    }
}
