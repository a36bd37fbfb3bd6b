//! Tokens in published formats, and cryptocurrency addresses.

use std::borrow::Cow;

use foretaste_model::facts::LiteralKind;

use super::Traits;

/// Prefix of a token, and the fewest characters of its alphabet that must follow.
const PREFIXES: &[(&str, usize)] = &[
    ("ghp_", 30),
    ("gho_", 30),
    ("ghu_", 30),
    ("ghs_", 30),
    ("ghr_", 30),
    ("github_pat_", 30),
    ("glpat-", 20),
    ("AKIA", 16),
    ("ASIA", 16),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("xoxa-", 20),
    ("xoxs-", 20),
    ("xapp-", 20),
    ("npm_", 30),
    ("pypi-AgE", 20),
    ("sk_live_", 20),
    ("rk_live_", 20),
    ("sk-ant-", 20),
    ("sk-proj-", 20),
    ("AIza", 35),
    ("SG.", 30),
    ("ya29.", 30),
    ("dop_v1_", 30),
    ("shpat_", 20),
    ("hf_", 30),
    ("EAACEdEose0cBA", 10),
    ("mfa.", 60),
    ("dckr_pat_", 20),
    ("cio", 32),
    ("eyJhbGciOi", 40),
];

/// Texts inside URLs that make the URL a key.
pub(super) const WEBHOOKS: &[&str] = &[
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    "hooks.slack.com/services/",
    "api.telegram.org/bot",
    ".webhook.office.com/",
    "outlook.office.com/webhook/",
    "hooks.zapier.com/hooks/",
    "maker.ifttt.com/trigger/",
];

/// What stands in private keys as tools write them.
pub(super) const PRIVATE_KEY: &str = "PRIVATE KEY-----";

/// How lines of `authorized_keys` begin, by the kind of the key (sshd(8)), and how the key itself begins: the length of its
/// kind's name, whose first bytes are zero.
pub(super) const PUBLIC_KEYS: &[&str] = &[
    "ssh-rsa AAAA",
    "ssh-ed25519 AAAA",
    "ssh-dss AAAA",
    "ecdsa-sha2-nistp256 AAAA",
    "ecdsa-sha2-nistp384 AAAA",
    "ecdsa-sha2-nistp521 AAAA",
    "sk-ssh-ed25519@openssh.com AAAA",
];

/// The shortest key in base64: shorter texts only show what one looks like.
const SHORTEST_KEY: usize = 40;

/// The first public key of SSH in a text, without the comment behind it. What stands behind a host's name is that host's.
pub(super) fn public_key(text: &str) -> Option<&str> {
    PUBLIC_KEYS.iter().find_map(|head| {
        let (before, _) = text.split_once(head)?;
        let starts = before.is_empty()
            || before.ends_with(['\n', '"', '\'', '`', '}', '…'])
            || before.ends_with("echo ")
            || before.ends_with("\\n");
        let key = text.get(before.len()..).filter(|_| starts)?;
        let kind = head.len() - "AAAA".len();
        let length = key
            .bytes()
            .skip(kind)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
            .count();
        key.get(..kind + length).filter(|_| length >= SHORTEST_KEY)
    })
}

/// True for a pattern of private keys in hexadecimal digits, or of base58 texts of the length of keys and addresses.
pub(super) fn finds_wallets(pattern: &str) -> bool {
    if pattern.len() > 400 || !pattern.contains(']') || !pattern.contains('{') {
        return false;
    }
    let base58 = ["1-9A-HJ-NP-Za-km-z]{", "a-km-zA-HJ-NP-Z1-9]{"];
    let key = [
        "0-9a-fA-F]{64}",
        "a-fA-F0-9]{64}",
        "A-Fa-f0-9]{64}",
        "0-9A-Fa-f]{64}",
    ];
    base58.iter().any(|class| pattern.contains(class))
        || (pattern.contains("0x") && key.iter().any(|class| pattern.contains(class)))
}

/// `gate` is false if the value holds none of [`WEBHOOKS`], nor [`PRIVATE_KEY`].
pub(super) fn classify<'v>(
    value: &'v str,
    traits: Traits,
    gate: bool,
    found: &mut Vec<(LiteralKind, Cow<'v, str>)>,
) {
    let token = (gate && traits.slash && WEBHOOKS.iter().any(|w| value.contains(w)))
        || (gate && traits.upper && traits.blank && value.contains(PRIVATE_KEY))
        || (value.len() >= 20
            && value.len() <= 2000
            && (prefixed(value) || is_telegram(value) || is_discord(value)));
    if token {
        found.push((LiteralKind::Token, Cow::Borrowed(value)));
    } else if traits.digit && !traits.slash && !traits.dot && (26..=120).contains(&value.len()) {
        let word = value.rsplit([' ', ':', '=', '"']).next().unwrap_or(value);
        if is_wallet(word) {
            found.push((LiteralKind::WalletAddress, Cow::Borrowed(word)));
        }
    }
}

fn prefixed(value: &str) -> bool {
    let value = value.rsplit(' ').next().unwrap_or(value);
    // most values begin like none: a byte says so without a call
    let first = value.as_bytes().first();
    let mut prefixes = PREFIXES
        .iter()
        .filter(|(prefix, _)| prefix.as_bytes().first() == first);
    prefixes.any(|(prefix, rest)| {
        value.strip_prefix(prefix).is_some_and(|tail| {
            tail.len() >= *rest
                && tail
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
                && (*prefix != "cio" || tail.len() == 32)
                && (!matches!(*prefix, "AKIA" | "ASIA")
                    || tail.len() == 16
                        && tail
                            .bytes()
                            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
        })
    })
}

/// `123456789:AA…`: a Telegram bot token.
fn is_telegram(value: &str) -> bool {
    value.split_once(':').is_some_and(|(id, key)| {
        (8..=10).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_digit())
            && key.len() == 35
            && key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    })
}

/// `<id in base64>.<6>.<27+>`: a Discord bot or user token.
fn is_discord(value: &str) -> bool {
    let mut parts = value.split('.');
    let (Some(id), Some(time), Some(mac), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let word = |s: &str| {
        s.bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    };
    (23..=28).contains(&id.len())
        && id.starts_with(['M', 'N', 'O'])
        && time.len() == 6
        && (27..=40).contains(&mac.len())
        && word(id)
        && word(time)
        && word(mac)
}

/// True for an address of a cryptocurrency whose form says so.
pub fn is_wallet(word: &str) -> bool {
    let base58 = |s: &str| {
        s.bytes()
            .all(|b| b.is_ascii_alphanumeric() && !matches!(b, b'0' | b'O' | b'I' | b'l'))
    };
    let mixed = |s: &str| {
        s.bytes().any(|b| b.is_ascii_lowercase())
            && s.bytes().any(|b| b.is_ascii_uppercase())
            && s.bytes().filter(u8::is_ascii_digit).count() >= 3
    };
    if let Some(hex) = word.strip_prefix("0x") {
        return hex.len() == 40
            && hex.bytes().all(|b| b.is_ascii_hexdigit())
            && hex
                .bytes()
                .collect::<std::collections::BTreeSet<u8>>()
                .len()
                > 4;
    }
    if let Some(rest) = word.strip_prefix("bc1") {
        return matches!(rest.len(), 39 | 59)
            && rest
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    }
    let bitcoin = word.starts_with(['1', '3']) && (26..=35).contains(&word.len());
    let litecoin = word.starts_with(['L', 'M']) && word.len() == 34;
    let tron = word.starts_with('T') && word.len() == 34;
    let monero = word.starts_with(['4', '8']) && word.len() == 95;
    (bitcoin || litecoin || tron || monero) && base58(word) && mixed(word)
}
