//! Published digests: subresource integrity and `shasum`.

use base64::Engine as _;
use foretaste_model::{Digest, DigestAlgorithm};

use super::packument::Dist;

/// Every readable digest of a version's tarball.
pub(super) fn of(dist: &Dist) -> Vec<Digest> {
    published(
        dist.integrity.as_deref().unwrap_or(""),
        dist.shasum.as_deref().unwrap_or(""),
    )
}

/// Every readable digest, strongest first, of a `dist.integrity` and a `dist.shasum`, which may be empty. (An `integrity` may
/// hold several, of one or more algorithms:
/// <https://w3c.github.io/webappsec-subresource-integrity/#the-integrity-attribute>.)
pub fn published(integrity: &str, shasum: &str) -> Vec<Digest> {
    let mut digests: Vec<Digest> = Vec::new();
    digests.extend(integrity.split_whitespace().take(32).filter_map(entry));
    digests.extend(format!("sha1:{}", shasum.trim()).parse::<Digest>().ok());
    digests.sort_by_key(|d| std::cmp::Reverse(strength(d.algorithm)));
    digests.dedup();
    digests
}

/// `sha512-<base64>?options`.
fn entry(text: &str) -> Option<Digest> {
    let (algorithm, value) = text.split_once('-')?;
    let value = value.split('?').next()?;
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(value)
        .ok()?;
    format!("{algorithm}:{}", hex::encode(bytes)).parse().ok()
}

const fn strength(algorithm: DigestAlgorithm) -> u8 {
    match algorithm {
        DigestAlgorithm::Sha512 => 5,
        DigestAlgorithm::Sha384 => 4,
        DigestAlgorithm::Sha256 | DigestAlgorithm::Blake2b256 => 3,
        DigestAlgorithm::Sha1 => 1,
        DigestAlgorithm::Md5 => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_digest_is_read_strongest_first() {
        let sri = |algorithm: &str, length: usize| {
            let value = base64::engine::general_purpose::STANDARD.encode(vec![7; length]);
            format!("{algorithm}-{value}")
        };
        let dist = Dist {
            tarball: None,
            integrity: Some(format!(
                "{} {}?opt broken sha512-!! {} {}",
                sri("sha1", 20),
                sri("sha512", 64),
                sri("sha512", 3),
                sri("sha384", 48),
            )),
            shasum: Some("07".repeat(20)),
            signatures: None,
            attestations: None,
        };
        let found: Vec<_> = of(&dist).iter().map(|d| d.algorithm.id()).collect();
        assert_eq!(found, ["sha512", "sha384", "sha1"]);
    }
}
