//! Indicators in one spelling, and the ones that a string constant contains.

use std::net::IpAddr;

use url::Url;

use crate::IndicatorKind;

/// The longest text that is looked at.
const MAX_TEXT: usize = 2_048;

/// The one spelling of an indicator; none if the text is no such thing.
///
/// Feeds defang what they name (`hxxps://evil[.]example`): that is undone.
pub fn normal(kind: IndicatorKind, text: &str) -> Option<String> {
    let text = refang(text.trim());
    match kind {
        IndicatorKind::Domain => domain(&text),
        IndicatorKind::Url => url(&text),
        IndicatorKind::Ip => address(&text).map(|ip| ip.to_string()),
        IndicatorKind::Sha256 => {
            crate::hex_digest::read(&text).map(foretaste_model::ContentDigest::to_hex)
        }
    }
}

/// The indicators that a string constant contains, each with its kind.
pub(crate) fn within(text: &str) -> Vec<(IndicatorKind, String)> {
    let mut found = Vec::new();
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_TEXT {
        return found;
    }
    if text.contains("://") {
        found.extend(url(text).map(|u| (IndicatorKind::Url, u)));
    }
    let Some(host) = host_of(text) else {
        return found;
    };
    match address(&host) {
        Some(ip) => found.push((IndicatorKind::Ip, ip.to_string())),
        None => found.extend(domain(&host).map(|d| (IndicatorKind::Domain, d))),
    }
    found
}

/// The host of a URL, or of a text that is a host with or without a port.
pub fn host_of(text: &str) -> Option<String> {
    if text.contains("://") {
        let url = Url::parse(text).ok()?;
        return url
            .host_str()
            .map(|h| h.trim_matches(['[', ']']).to_owned());
    }
    let first = text.split(['/', '?', '#']).next()?;
    let host = match first.parse::<IpAddr>() {
        Ok(_) => first,
        Err(_) => first.rsplit_once(':').map_or(first, |(host, _)| host),
    };
    (!host.is_empty() && !host.contains(char::is_whitespace)).then(|| host.to_owned())
}

fn refang(text: &str) -> String {
    let text = text
        .replace("[.]", ".")
        .replace("(.)", ".")
        .replace("[:]", ":")
        .replace("[dot]", ".");
    match text.get(..4) {
        Some(start) if start.eq_ignore_ascii_case("hxxp") => format!("http{}", &text[4..]),
        _ => text,
    }
}

fn domain(text: &str) -> Option<String> {
    let text = text.trim_start_matches("*.").trim_end_matches('.');
    let host = host_of(text)?.to_ascii_lowercase();
    let is_label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && l.chars()
                .all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    (host.contains('.')
        && host.len() <= 253
        && host.split('.').all(is_label)
        && address(&host).is_none())
    .then_some(host)
}

fn url(text: &str) -> Option<String> {
    let mut url = Url::parse(text).ok().filter(Url::has_host)?;
    url.set_fragment(None);
    Some(url.to_string().trim_end_matches('/').to_owned())
}

fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_matches(['[', ']']);
    bare.parse().ok().or_else(|| {
        let (host, port) = text.rsplit_once(':')?;
        port.parse::<u16>().ok()?;
        host.trim_matches(['[', ']']).parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defanged_and_decorated_values_have_one_spelling() {
        let domain = |t| normal(IndicatorKind::Domain, t);
        assert_eq!(domain("Evil[.]Example.").as_deref(), Some("evil.example"));
        assert_eq!(domain("*.evil.example").as_deref(), Some("evil.example"));
        assert_eq!(domain("localhost"), None);
        assert_eq!(domain("192.0.2.1"), None);
        let url = |t| normal(IndicatorKind::Url, t);
        assert_eq!(
            url("hxxps://evil[.]example/A/"),
            url("https://EVIL.example/A#x")
        );
        assert_eq!(
            normal(IndicatorKind::Ip, "192[.]0.2.1:80").as_deref(),
            Some("192.0.2.1")
        );
        assert_eq!(
            normal(IndicatorKind::Ip, "[2001:db8::1]:80").as_deref(),
            Some("2001:db8::1")
        );
        assert_eq!(normal(IndicatorKind::Sha256, "zz"), None);
    }

    #[test]
    fn a_constant_gives_its_url_and_its_exact_host() {
        let found = within("https://api.evil.example:8443/x?y");
        assert_eq!(found[0].0, IndicatorKind::Url);
        assert_eq!(
            found[1],
            (IndicatorKind::Domain, "api.evil.example".to_owned())
        );
        assert_eq!(
            within("192.0.2.7:4444"),
            [(IndicatorKind::Ip, "192.0.2.7".to_owned())]
        );
        assert_eq!(within("not a host"), []);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC{0,80}") {
            within(&text);
            for kind in [IndicatorKind::Domain, IndicatorKind::Url, IndicatorKind::Ip, IndicatorKind::Sha256] {
                if let Some(once) = normal(kind, &text) {
                    proptest::prop_assert_eq!(normal(kind, &once), Some(once.clone()));
                }
            }
        }
    }
}
