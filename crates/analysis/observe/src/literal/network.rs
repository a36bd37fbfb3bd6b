//! URLs, bare hosts and IP addresses.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use foretaste_model::facts::LiteralKind;

use super::Traits;

/// Top-level domains under which a bare two-label name is taken for a host.
const STRONG_TLDS: &[&str] = &[
    "biz", "br", "cc", "cf", "click", "cloud", "club", "cn", "com", "de", "edu", "eu", "example",
    "fr", "fun", "ga", "gov", "gq", "icu", "invalid", "ir", "jp", "kp", "kr", "link", "live",
    "lol", "ml", "net", "nl", "onion", "online", "org", "pro", "pw", "ru", "shop", "site", "space",
    "su", "tk", "top", "ua", "uk", "vip", "website", "win", "xyz",
];

/// Top-level domains that are file extensions or attribute names too: a third label or a port is wanted.
const WEAK_TLDS: &[&str] = &[
    "ai", "app", "at", "be", "ch", "co", "dev", "fi", "gg", "gl", "in", "info", "io", "is", "it",
    "la", "life", "ly", "me", "no", "pe", "ph", "sh", "so", "st", "store", "tech", "to", "tv",
    "us", "wtf",
];

/// Short hosts under weak domains that matter to rules.
const KNOWN_HOSTS: &[&str] = &[
    "bit.ly",
    "discord.gg",
    "file.io",
    "gofile.io",
    "ident.me",
    "ifconfig.me",
    "ipinfo.io",
    "is.gd",
    "ngrok.io",
    "oast.me",
    "oast.pro",
    "pipedream.net",
    "rb.gy",
    "rentry.co",
    "t.co",
    "t.me",
    "transfer.sh",
    "0x0.st",
    "t.ly",
    "webhook.site",
    "interact.sh",
    "canarytokens.com",
    "termbin.com",
    "catbox.moe",
    "paste.ee",
];

pub(super) fn classify<'v>(
    value: &'v str,
    traits: Traits,
    found: &mut Vec<(LiteralKind, Cow<'v, str>)>,
) {
    if traits.colon && traits.slash {
        urls(value, found);
    }
    if !found.is_empty() || traits.blank || value.len() > 253 {
        return;
    }
    if traits.digit && (traits.dot || traits.colon) && is_address(value) {
        found.push((LiteralKind::IpAddress, Cow::Borrowed(value)));
    } else if traits.dot && !traits.backslash && is_host(value) {
        found.push((LiteralKind::Host, Cow::Borrowed(value)));
    }
}

/// Every URL with a scheme that reaches out, at most eight.
fn urls<'v>(value: &'v str, found: &mut Vec<(LiteralKind, Cow<'v, str>)>) {
    const SCHEMES: &[&str] = &[
        "http",
        "https",
        "ftp",
        "ftps",
        "sftp",
        "ssh",
        "ws",
        "wss",
        "tcp",
        "udp",
        "git",
        "git+https",
        "git+ssh",
        "smb",
        "ldap",
        "ldaps",
        "rmi",
        "stratum+tcp",
        "stratum+ssl",
        "socks4",
        "socks5",
        "socks5h",
        "mongodb",
        "mongodb+srv",
        "redis",
        "amqp",
        "amqps",
        "mysql",
        "postgres",
        "postgresql",
        "s3",
        "gs",
        "hxxp",
        "hxxps",
        "smtp",
        "telnet",
    ];
    for at in memchr::memmem::find_iter(value.as_bytes(), b"://").take(8) {
        let before = value.get(..at).unwrap_or("");
        let start = before
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))
            .map_or(0, |i| {
                i + before
                    .get(i..)
                    .and_then(|s| s.chars().next())
                    .map_or(1, char::len_utf8)
            });
        let scheme = before.get(start..).unwrap_or("").to_ascii_lowercase();
        if !SCHEMES.contains(&&*scheme) {
            continue;
        }
        let rest = value.get(start..).unwrap_or("");
        let end = rest
            .find(|c: char| {
                c.is_whitespace()
                    || c.is_control()
                    || matches!(c, '"' | '\'' | '<' | '>' | '`' | '|' | '\\')
            })
            .unwrap_or(rest.len());
        let url = rest
            .get(..end)
            .unwrap_or(rest)
            .trim_end_matches([')', ',', ';', '.']);
        // the scheme alone, as in `startswith("https://")`, is no address
        if url.len() > scheme.len() + 3 {
            found.push((LiteralKind::Url, Cow::Borrowed(url)));
        }
    }
}

fn is_address(value: &str) -> bool {
    if let Some((host, port)) = value.rsplit_once(':')
        && port.parse::<u16>().is_ok()
        && host.parse::<Ipv4Addr>().is_ok()
    {
        return true;
    }
    if let Ok(address) = value.parse::<Ipv4Addr>() {
        return !is_object_identifier(address);
    }
    let inner = value
        .strip_prefix('[')
        .and_then(|v| v.split_once(']'))
        .map_or(value, |(v, _)| v);
    inner.len() > 3 && inner.matches(':').count() >= 2 && inner.parse::<Ipv6Addr>().is_ok()
}

/// True for what is an identifier of a curve (RFC 8410) or of a part of a certificate (X.520), not an address.
fn is_object_identifier(address: Ipv4Addr) -> bool {
    matches!(address.octets(), [1, 3, 101, 110..=113] | [2, 5, 4 | 29, _])
}

fn is_host(value: &str) -> bool {
    let host = value.split_once('/').map_or(value, |(host, _)| host);
    let (host, port) = host
        .split_once(':')
        .map_or((host, None), |(h, p)| (h, Some(p)));
    if port.is_some_and(|p| p.parse::<u16>().is_err()) || !host.is_ascii() {
        return false;
    }
    let valid = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if !host.split('.').all(valid) {
        return false;
    }
    let lower = host.to_ascii_lowercase();
    let labels: Vec<&str> = lower.split('.').collect();
    let Some(tld) = labels.last().copied().filter(|_| labels.len() >= 2) else {
        return false;
    };
    let is_below = |known: &&str| {
        let before = lower.strip_suffix(known);
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    KNOWN_HOSTS.iter().any(is_below)
        || STRONG_TLDS.binary_search(&tld).is_ok() && labels.first() != Some(&"self")
        || WEAK_TLDS.binary_search(&tld).is_ok()
            && (port.is_some()
                || labels.len() >= 3 && lower.bytes().all(|b| b != b'_') && host == lower)
            && value.len() > 8
            && !matches!(labels.first(), Some(&("os" | "self" | "sys" | "np")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted() {
        assert!(STRONG_TLDS.is_sorted() && WEAK_TLDS.is_sorted());
    }
}
