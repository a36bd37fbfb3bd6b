//! What the identifiers of a file look like.

use foretaste_model::facts::IdentifierStats;
use rustc_hash::FxHashSet;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfkc_quick};

/// Counts distinct identifiers that a file defines.
#[derive(Debug, Default)]
pub struct Identifiers<'a> {
    seen: FxHashSet<&'a str>,
    stats: IdentifierStats,
}

impl<'a> Identifiers<'a> {
    /// Counts a name, unless it was counted before.
    pub fn add(&mut self, name: &'a str) {
        if name.is_empty() || !self.seen.insert(name) {
            return;
        }
        let stats = &mut self.stats;
        stats.total += 1;
        if !name.is_ascii() {
            stats.non_ascii += 1;
            let changed = match is_nfkc_quick(name.chars()) {
                IsNormalized::Yes => false,
                IsNormalized::No => true,
                IsNormalized::Maybe => name.nfkc().ne(name.chars()),
            };
            stats.not_nfkc += u32::from(changed);
        }
        stats.confusable += u32::from(is_confusable(name));
        stats.hex_mangled += u32::from(is_hex_mangled(name));
        stats.random += u32::from(is_random(name) || is_endless(name));
    }

    /// The counts.
    pub const fn stats(&self) -> IdentifierStats {
        self.stats
    }
}

/// Made of look-alikes only: `lI1lI1`, `O0OO0`, `_____`.
fn is_confusable(name: &str) -> bool {
    let all = |set: &str| name.chars().all(|c| set.contains(c));
    (name.len() >= 4 && all("_"))
        || (name.len() >= 6 && (all("lI1_") || all("Oo0_") || all("lI1iOo0_") || all("Ss5_")))
}

/// `_0x3fa2b1`, as JavaScript obfuscators write, and `_hex_` relatives.
fn is_hex_mangled(name: &str) -> bool {
    name.strip_prefix("_0x").is_some_and(|rest| {
        rest.len() >= 3 && rest.bytes().all(|b| b.is_ascii_hexdigit() || b == b'_')
    })
}

/// A dozen signs of a script that writes a word in one or two: nobody who reads it calls anything so.
fn is_endless(name: &str) -> bool {
    let ideograph = |c: char| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}');
    !name.is_ascii() && name.chars().count() >= 12 && name.chars().all(ideograph)
}

/// Longer than 24 characters and without the rhythm of words.
fn is_random(name: &str) -> bool {
    let bytes = name.as_bytes();
    if !(25..=200).contains(&bytes.len()) || !name.is_ascii() || name.contains('_') {
        return false;
    }
    let vowels = bytes.iter().filter(|b| b"aeiouyAEIOUY".contains(b)).count();
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    let mut longest = 0;
    let mut run = 0;
    let mut switches = 0;
    for pair in bytes.windows(2) {
        if let [a, b] = pair {
            run = if b"aeiouyAEIOUY0123456789".contains(b) {
                0
            } else {
                run + 1
            };
            longest = longest.max(run);
            switches += usize::from(a.is_ascii_lowercase() && b.is_ascii_uppercase());
        }
    }
    let consonants = longest >= 6 && vowels * 4 < bytes.len();
    let jumbled = switches * 4 > bytes.len()
        || (digits * 5 > bytes.len() && digits * 5 < bytes.len() * 4 && switches > 1);
    consonants || jumbled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_is_told_from_honest_names() {
        let stats = |names: &[&'static str]| {
            let mut identifiers = Identifiers::default();
            for name in names {
                identifiers.add(name);
            }
            identifiers.stats()
        };
        let honest = stats(&[
            "requests",
            "HTTPConnection",
            "_",
            "__all__",
            "i",
            "getElementsByTagName",
            "SHA256WithRSAEncryption",
            "test_client_x509",
            "ill",
            "TransformerDecoderLayerWithAttention",
            "café",
            "获取用户信息列表",
        ]);
        assert_eq!((honest.total, honest.non_ascii), (12, 2));
        assert_eq!(
            (
                honest.not_nfkc,
                honest.confusable,
                honest.hex_mangled,
                honest.random
            ),
            (0, 0, 0, 0)
        );
        let odd = stats(&[
            "lIIl1lI1l",
            "OO0O0OO0",
            "_____",
            "_0x3fa2b1",
            "𝓮𝔁𝓮𝓬",
            "qXwZpKtRvBnMsDgHjLqXwZpKtRv",
            "xkcdqwrtzplsmnbvcxzlkjhgfd",
            "女子子山水鳥鸟馬马木鳥刀水人鸟人",
        ]);
        assert_eq!(
            (odd.not_nfkc, odd.confusable, odd.hex_mangled, odd.random),
            (1, 3, 1, 3)
        );
    }
}
