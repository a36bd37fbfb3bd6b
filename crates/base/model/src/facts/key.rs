//! The key under which facts are stored, and the fingerprint of their shape.

use crate::ContentDigest;

/// What a file's facts depend on, and nothing else: its content, how the path made us read it, and the observers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FactKey {
    /// SHA-256 of the content.
    pub digest: ContentDigest,
    /// Which reading the file name and content asked for (language, special file name), as a small stable number.
    pub reading: u16,
    /// The version of the observers that looked.
    pub observer: u32,
}

/// A fingerprint of the source of every type that facts are made of.
///
/// Stored facts carry it: a binary whose types differ, if only in the order of an enum's variants, ignores them
/// instead of misreading them, and nobody has to remember to bump a number.
pub const FACTS_SCHEMA: u64 = fingerprint(&[
    include_str!("artifact.rs"),
    include_str!("binary.rs"),
    include_str!("code.rs"),
    include_str!("file.rs"),
    include_str!("literal.rs"),
    include_str!("sketch.rs"),
    include_str!("surface.rs"),
    include_str!("../anomaly.rs"),
    include_str!("../capability.rs"),
    include_str!("../ecosystem.rs"),
    include_str!("../manifest.rs"),
    include_str!("../span.rs"),
]);

/// 64-bit FNV-1a over all texts.
const fn fingerprint(texts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut text = 0;
    while text < texts.len() {
        let bytes = texts[text].as_bytes();
        let mut byte = 0;
        while byte < bytes.len() {
            // line endings differ between checkouts of the same commit
            if bytes[byte] != b'\r' {
                hash = (hash ^ bytes[byte] as u64).wrapping_mul(0x0100_0000_01b3);
            }
            byte += 1;
        }
        text += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_follows_the_text_and_not_its_line_endings() {
        assert_ne!(fingerprint(&["a\n"]), fingerprint(&["b\n"]));
        assert_eq!(fingerprint(&["a\r\n"]), fingerprint(&["a\n"]));
        assert_ne!(FACTS_SCHEMA, 0);
    }
}
