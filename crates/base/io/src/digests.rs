//! Do these bytes have the digests that an index publishes?

use foretaste_model::report::IndexDigest;
use foretaste_model::{Digest, DigestAlgorithm};

/// Computes one digest as lower-case hexadecimal.
pub fn compute(algorithm: DigestAlgorithm, bytes: &[u8]) -> String {
    use blake2::Digest as _;
    match algorithm {
        DigestAlgorithm::Md5 => hex::encode(md5::Md5::digest(bytes)),
        DigestAlgorithm::Sha1 => hex::encode(sha1::Sha1::digest(bytes)),
        DigestAlgorithm::Sha256 => hex::encode(sha2::Sha256::digest(bytes)),
        DigestAlgorithm::Sha384 => hex::encode(sha2::Sha384::digest(bytes)),
        DigestAlgorithm::Sha512 => hex::encode(sha2::Sha512::digest(bytes)),
        DigestAlgorithm::Blake2b256 => hex::encode(
            blake2::Blake2b::<blake2::digest::consts::U32>::digest(bytes),
        ),
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

#[cfg(test)]
mod tests {
    use super::*;

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
