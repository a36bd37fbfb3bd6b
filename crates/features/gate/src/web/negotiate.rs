//! Content negotiation with weights (RFC 9110 §12).

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING};

use crate::pages::Encoding;

/// The one of `offered` that the client likes best; the first on a tie. None if it likes none of them. Each offer is a media
/// type with its aliases.
pub(crate) fn prefers<'a, T>(headers: &HeaderMap, offered: &'a [(T, &[&str])]) -> Option<&'a T> {
    let accept: Vec<&str> = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .collect();
    let accept = accept.join(",");
    // no header and an empty one mean anything
    if accept.trim().is_empty() {
        return offered.first().map(|(what, _)| what);
    }
    let mut best: Option<(&T, f32)> = None;
    for (what, types) in offered {
        let weight = types
            .iter()
            .enumerate()
            .map(|(i, t)| weight(&accept, t, i == 0))
            .fold(0.0, f32::max);
        if weight > best.map_or(0.0, |(_, w)| w) {
            best = Some((what, weight));
        }
    }
    best.map(|(what, _)| what)
}

/// How much a client wants a media type: by the most specific range that covers it. An alias counts only where it is named.
fn weight(accept: &str, media_type: &str, by_wildcard: bool) -> f32 {
    let (main, _) = media_type.split_once('/').unwrap_or((media_type, ""));
    let mut found: Option<(u8, f32)> = None;
    for range in accept.split(',') {
        let (name, weight) = parameter(range);
        let rank = if name.eq_ignore_ascii_case(media_type) {
            3
        } else if !by_wildcard {
            continue;
        } else if name
            .strip_suffix("/*")
            .is_some_and(|m| m.eq_ignore_ascii_case(main))
        {
            2
        } else if name == "*/*" {
            1
        } else {
            continue;
        };
        if found.is_none_or(|(best, _)| rank > best) {
            found = Some((rank, weight));
        }
    }
    found.map_or(0.0, |(_, weight)| weight)
}

fn parameter(range: &str) -> (&str, f32) {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let weight = parts
        .find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q=")))
        .map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
    (name, weight)
}

/// The encodings of a page that the client takes besides the plain one, the one that it likes best first; zstd on a tie.
pub(crate) fn encodings(headers: &HeaderMap) -> Vec<Encoding> {
    let values = headers.get_all(ACCEPT_ENCODING);
    let named: Vec<(&str, f32)> = values
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .map(parameter)
        .collect();
    let mut liked: Vec<(Encoding, f32)> = [Encoding::Zstd, Encoding::Gzip]
        .into_iter()
        .filter_map(|encoding| {
            let id = encoding.id()?;
            let found = named
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(id))?;
            (found.1 > 0.0).then_some((encoding, found.1))
        })
        .collect();
    liked.sort_by(|a, b| b.1.total_cmp(&a.1));
    liked.into_iter().map(|(encoding, _)| encoding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFERED: [(char, &[&str]); 2] = [
        (
            'j',
            &[
                "application/vnd.pypi.simple.v1+json",
                "application/vnd.pypi.simple.latest+json",
            ],
        ),
        ('h', &["text/html", "application/vnd.pypi.simple.v1+html"]),
    ];

    fn choose(accept: &str) -> Option<char> {
        let mut headers = HeaderMap::new();
        if !accept.is_empty() {
            headers.insert(ACCEPT, accept.parse().expect("a value"));
        }
        prefers(&headers, &OFFERED).copied()
    }

    #[test]
    fn the_weights_decide() {
        let pip = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01";
        assert_eq!(choose(pip), Some('j'));
        assert_eq!(
            choose("text/html, application/vnd.pypi.simple.v1+json;q=0.5"),
            Some('h')
        );
        assert_eq!(choose("application/vnd.pypi.simple.latest+json"), Some('j'));
        assert_eq!(choose(""), Some('j'));
        assert_eq!(choose("*/*"), Some('j'));
        assert_eq!(choose("text/*"), Some('h'));
        assert_eq!(
            choose("*/*;q=0.1, application/vnd.pypi.simple.v1+json;q=0"),
            Some('h')
        );
        assert_eq!(choose("image/png"), None);
        assert_eq!(choose("text/html;q=nonsense"), None);
    }

    #[test]
    fn pages_are_packed_for_those_who_take_it() {
        let takes = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, value.parse().expect("a value"));
            encodings(&headers)
        };
        let (gzip, zstd) = (Encoding::Gzip, Encoding::Zstd);
        assert_eq!(takes("gzip, deflate"), [gzip]);
        assert_eq!(takes("gzip, deflate, zstd"), [zstd, gzip]);
        assert_eq!(takes("zstd;q=0.5, GZIP"), [gzip, zstd]);
        assert!(takes("identity, gzip;q=0, zstd;q=nonsense").is_empty());
        assert!(encodings(&HeaderMap::new()).is_empty());
    }
}
