//! Destinations that code rarely has an honest reason to name: webhooks, callback collectors, tunnels, pastes.
//!
//! A table, not code: kinds with the host suffixes (and, where the host alone is honest, path parts) that mean them.

use std::net::IpAddr;

/// What a destination is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Destination {
    /// A chat webhook or bot API with its secret in the URL.
    Webhook,
    /// The bot API of a messenger, without anybody's secret.
    MessengerApi,
    /// A collector of callbacks, as penetration testers use (OAST).
    Callback,
    /// A tunnel to somebody's own machine.
    Tunnel,
    /// A paste site's raw text.
    Paste,
    /// An anonymous file share.
    FileShare,
    /// A dynamic DNS name.
    DynamicDns,
    /// A bare public IP address.
    BareIp,
    /// A link shortener.
    Shortener,
    /// A service that tells the caller's public address or location.
    IpLookup,
}

impl Destination {
    /// A phrase for messages.
    pub(crate) const fn phrase(self) -> &'static str {
        match self {
            Self::Webhook => "a chat webhook",
            Self::MessengerApi => "a messenger's bot API",
            Self::Callback => "a callback collector",
            Self::Tunnel => "a tunnel to a private machine",
            Self::Paste => "a paste site",
            Self::FileShare => "an anonymous file share",
            Self::DynamicDns => "a dynamic DNS name",
            Self::BareIp => "a bare IP address",
            Self::Shortener => "a link shortener",
            Self::IpLookup => "an IP look-up service",
        }
    }

    /// True if data sent there is meant for a person, not a service.
    pub(crate) const fn collects(self) -> bool {
        matches!(
            self,
            Self::Webhook | Self::Callback | Self::Tunnel | Self::DynamicDns | Self::BareIp
        )
    }

    /// True if code or programs are dropped there.
    pub(crate) const fn drops(self) -> bool {
        matches!(
            self,
            Self::Paste
                | Self::FileShare
                | Self::Tunnel
                | Self::DynamicDns
                | Self::BareIp
                | Self::Shortener
        )
    }
}

/// (host suffix, part of the path or nothing, kind)
const TABLE: &[(&str, &str, Destination)] = &[
    ("discord.com", "/api/webhooks/", Destination::Webhook),
    ("discordapp.com", "/api/webhooks/", Destination::Webhook),
    ("api.telegram.org", "/bot", Destination::Webhook),
    ("hooks.slack.com", "/services/", Destination::Webhook),
    ("webhook.office.com", "", Destination::Webhook),
    ("webhook.site", "", Destination::Callback),
    ("interact.sh", "", Destination::Callback),
    ("interactsh.com", "", Destination::Callback),
    ("oastify.com", "", Destination::Callback),
    ("oast.fun", "", Destination::Callback),
    ("oast.live", "", Destination::Callback),
    ("oast.me", "", Destination::Callback),
    ("oast.online", "", Destination::Callback),
    ("oast.pro", "", Destination::Callback),
    ("oast.site", "", Destination::Callback),
    ("burpcollaborator.net", "", Destination::Callback),
    ("pipedream.net", "", Destination::Callback),
    ("requestbin.com", "", Destination::Callback),
    ("requestbin.net", "", Destination::Callback),
    ("requestcatcher.com", "", Destination::Callback),
    ("requestrepo.com", "", Destination::Callback),
    ("beeceptor.com", "", Destination::Callback),
    ("canarytokens.com", "", Destination::Callback),
    ("dnslog.cn", "", Destination::Callback),
    ("ceye.io", "", Destination::Callback),
    ("bxss.me", "", Destination::Callback),
    ("eyes.sh", "", Destination::Callback),
    ("typedwebhook.tools", "", Destination::Callback),
    ("hookbin.com", "", Destination::Callback),
    ("webhook.cool", "", Destination::Callback),
    ("smee.io", "", Destination::Callback),
    ("docs.google.com", "/formResponse", Destination::Callback),
    ("script.google.com", "/macros/s/", Destination::Callback),
    ("grabify.link", "", Destination::Callback),
    ("iplogger.org", "", Destination::Callback),
    ("ngrok.io", "", Destination::Tunnel),
    ("ngrok.app", "", Destination::Tunnel),
    ("ngrok-free.app", "", Destination::Tunnel),
    ("serveo.net", "", Destination::Tunnel),
    ("localhost.run", "", Destination::Tunnel),
    ("trycloudflare.com", "", Destination::Tunnel),
    ("loca.lt", "", Destination::Tunnel),
    ("pagekite.me", "", Destination::Tunnel),
    ("portmap.io", "", Destination::Tunnel),
    ("localtonet.com", "", Destination::Tunnel),
    ("bore.pub", "", Destination::Tunnel),
    ("devtunnels.ms", "", Destination::Tunnel),
    ("playit.gg", "", Destination::Tunnel),
    ("pastebin.com", "/raw/", Destination::Paste),
    ("rentry.co", "/raw", Destination::Paste),
    ("rentry.org", "/raw", Destination::Paste),
    ("hastebin.com", "/raw/", Destination::Paste),
    ("ghostbin.com", "", Destination::Paste),
    ("paste.ee", "", Destination::Paste),
    ("dpaste.org", "/raw", Destination::Paste),
    ("controlc.com", "", Destination::Paste),
    ("textbin.net", "", Destination::Paste),
    ("paste.rs", "", Destination::Paste),
    ("pastie.io", "", Destination::Paste),
    ("jsonkeeper.com", "/b/", Destination::Paste),
    ("jsonsilo.com", "", Destination::Paste),
    ("npoint.io", "", Destination::Paste),
    ("telegra.ph", "", Destination::Paste),
    ("pastefy.app", "/raw", Destination::Paste),
    ("gist.githubusercontent.com", "/raw", Destination::Paste),
    ("transfer.sh", "", Destination::FileShare),
    ("file.io", "", Destination::FileShare),
    ("anonfiles.com", "", Destination::FileShare),
    ("gofile.io", "", Destination::FileShare),
    ("catbox.moe", "", Destination::FileShare),
    ("0x0.st", "", Destination::FileShare),
    ("temp.sh", "", Destination::FileShare),
    ("bashupload.com", "", Destination::FileShare),
    ("mediafire.com", "", Destination::FileShare),
    ("sendspace.com", "", Destination::FileShare),
    ("pixeldrain.com", "", Destination::FileShare),
    ("workupload.com", "", Destination::FileShare),
    (
        "cdn.discordapp.com",
        "/attachments/",
        Destination::FileShare,
    ),
    (
        "media.discordapp.net",
        "/attachments/",
        Destination::FileShare,
    ),
    ("dl.dropboxusercontent.com", "", Destination::FileShare),
    ("duckdns.org", "", Destination::DynamicDns),
    ("ddns.net", "", Destination::DynamicDns),
    ("hopto.org", "", Destination::DynamicDns),
    ("zapto.org", "", Destination::DynamicDns),
    ("no-ip.org", "", Destination::DynamicDns),
    ("no-ip.biz", "", Destination::DynamicDns),
    ("dynu.net", "", Destination::DynamicDns),
    ("bit.ly", "", Destination::Shortener),
    ("tinyurl.com", "", Destination::Shortener),
    ("is.gd", "", Destination::Shortener),
    ("cutt.ly", "", Destination::Shortener),
    ("rb.gy", "", Destination::Shortener),
    ("rebrand.ly", "", Destination::Shortener),
    ("t.ly", "", Destination::Shortener),
    ("ipify.org", "", Destination::IpLookup),
    ("ipinfo.io", "", Destination::IpLookup),
    ("ip-api.com", "", Destination::IpLookup),
    ("ifconfig.me", "", Destination::IpLookup),
    ("icanhazip.com", "", Destination::IpLookup),
    ("checkip.amazonaws.com", "", Destination::IpLookup),
    ("ipapi.co", "", Destination::IpLookup),
    ("wtfismyip.com", "", Destination::IpLookup),
    ("freegeoip.app", "", Destination::IpLookup),
    ("geolocation-db.com", "", Destination::IpLookup),
];

/// True for a host, address or URL that names the machine itself.
pub(crate) fn is_loopback(text: &str) -> bool {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    // an address of a socket is a host, a blank and a port
    let host = rest.split(['/', ':', ' ']).next().unwrap_or(rest);
    host == "localhost"
        || host
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|v4| v4.is_loopback())
}

/// Classifies a URL, host, `host:port` or `host port`.
pub(crate) fn classify(text: &str) -> Option<Destination> {
    let text = match text.split_once(' ') {
        Some((host, _)) if !host.contains('/') => host,
        _ => text,
    };
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = host_in(authority);
    if let Ok(address) = host.parse::<IpAddr>() {
        return is_public(address).then_some(Destination::BareIp);
    }
    TABLE
        .iter()
        .find(|(suffix, part, _)| {
            is_below(&host, suffix) && (part.is_empty() || path.contains(part))
        })
        .map(|(_, part, kind)| match kind {
            Destination::Webhook if !holds_secret(path, part) => Destination::MessengerApi,
            kind => *kind,
        })
}

/// The host of an authority, lower case: without user, port and brackets.
fn host_in(authority: &str) -> String {
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = host
        .strip_prefix('[')
        .and_then(|h| h.split(']').next())
        .unwrap_or_else(|| host.split(':').next().unwrap_or(host));
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// The host that a constant URL names, lower case; none if a setting or argument names it, and for what is no URL.
pub(crate) fn host_of(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let host = host_in(rest.split(['/', '?', '#']).next().unwrap_or(rest));
    (!host.is_empty() && !host.contains('{')).then_some(host)
}

/// True for the constant address of another machine: a URL, or a host (and port) of a socket.
pub(crate) fn is_far(address: &str) -> bool {
    if is_loopback(address) {
        return false;
    }
    let host = if address.contains("://") {
        host_of(address)
    } else {
        address
            .split([' ', '/'])
            .next()
            .map(host_in)
            .filter(|h| !h.contains('{'))
    };
    host.is_some_and(|h| h.contains('.') || h.contains(':'))
}

/// True if what follows the webhook's path is a value, not the end or a placeholder: the address of one mailbox.
fn holds_secret(path: &str, part: &str) -> bool {
    let rest = path
        .find(part)
        .map_or(path, |at| &path[at + part.len()..])
        .trim_start_matches('/');
    let id: String = rest
        .chars()
        .take_while(|c| !matches!(c, '/' | ':' | '?' | '#'))
        .collect();
    let secret = rest.get(id.len() + 1..).unwrap_or("");
    !id.is_empty()
        && !id.contains(['{', '<', '$', '%'])
        && !secret.is_empty()
        && !secret.starts_with(['{', '<', '$', '%'])
}

/// True for the token of a Telegram bot: its number, a colon and 35 characters.
pub(crate) fn is_bot_token(text: &str) -> bool {
    text.split_once(':').is_some_and(|(id, secret)| {
        (8..=10).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_digit())
            && (34..=36).contains(&secret.len())
            && secret
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    })
}

/// True for a host that is another one, or stands below it.
pub(crate) fn is_below(host: &str, suffix: &str) -> bool {
    host.strip_suffix(suffix)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// True for an address on the internet: not private, local, documentation (RFC 5737, RFC 3849) or a well-known resolver.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let benchmark = a == 198 && (b == 18 || b == 19);
            let well_known = matches!(
                v4.octets(),
                [1, 1, 1, 1]
                    | [1, 0, 0, 1]
                    | [8, 8, 8, 8]
                    | [8, 8, 4, 4]
                    | [9, 9, 9, 9]
                    | [1, 2, 3, 4]
                    | [4, 3, 2, 1]
                    | [5, 6, 7, 8]
            );
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.is_documentation()
                || v4.is_unspecified()
                || v4.is_multicast())
                && !shared
                && !benchmark
                && !well_known
                && a != 0
                && a < 240
        }
        IpAddr::V6(v6) => {
            let segments = v6.segments();
            let documentation = segments[0] == 0x2001 && segments[1] == 0xdb8;
            !(v6.is_loopback() || v6.is_unspecified() || v6.is_multicast() || documentation)
                && (segments[0] & 0xe000) == 0x2000
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_told_by_host_and_path() {
        for (text, expected) in [
            (
                "https://discord.com/api/webhooks/1/x",
                Some(Destination::Webhook),
            ),
            ("https://discord.com/invite/x", None),
            (
                "https://api.telegram.org/bot",
                Some(Destination::MessengerApi),
            ),
            (
                "https://api.telegram.org/bot{}/sendMessage",
                Some(Destination::MessengerApi),
            ),
            (
                "https://api.telegram.org/bot12:ab/sendMessage",
                Some(Destination::Webhook),
            ),
            ("http://abc.oastify.com", Some(Destination::Callback)),
            ("https://notoastify.com/", None),
            (
                "http://user:pw@45.77.12.9:8080/x",
                Some(Destination::BareIp),
            ),
            ("http://127.0.0.1:8000/", None),
            ("45.77.12.9 4444", Some(Destination::BareIp)),
            ("127.0.0.1 {}", None),
            ("192.0.2.7", None),
            ("http://203.0.113.9/", None),
            ("http://[2606:4700::1]:80/", Some(Destination::BareIp)),
            ("https://pastebin.com/raw/abc", Some(Destination::Paste)),
            (
                "https://docs.google.com/forms/d/e/1/formResponse",
                Some(Destination::Callback),
            ),
            ("https://docs.google.com/document/d/1/edit", None),
            ("https://api.npoint.io/0a1b2c", Some(Destination::Paste)),
            ("8.8.8.8", None),
        ] {
            assert_eq!(classify(text), expected, "{text}");
        }
    }
}
