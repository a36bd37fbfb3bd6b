//! Where values arrive, and what of a statement tells something about it.

use foretaste_model::Capability;

use super::lex::{Kind, Token};
use super::value::{Point, Value};

/// The constant that matters to an API: the first, and of variables one that holds a secret.
pub(super) fn told(capability: Capability, constants: &[&str]) -> Option<String> {
    let secret = |name: &&&str| {
        ["TOKEN", "SECRET", "PASSWORD", "_KEY"]
            .iter()
            .any(|word| name.contains(word))
    };
    let named = constants
        .iter()
        .find(secret)
        .filter(|_| capability == Capability::EnvironmentRead);
    named.or_else(|| constants.first()).map(|c| (*c).to_owned())
}

/// True if a value that reaches a sink makes a chain.
pub(super) fn tells(value: &Value, first: &Point, sink: &Point) -> bool {
    if first.range == sink.range {
        return false;
    }
    let from_outside = first.capability.is_network_source() || first.capability.is_decoder();
    let executes = sink.capability.is_execution() || sink.capability == Capability::ProcessMemory;
    // the ends of a socket become those of a program
    let redirects = sink.capability == Capability::ProcessRedirect
        && first.capability == Capability::NetworkSocket;
    // the address itself was hidden
    let hides = !value.through_file
        && first.capability.is_decoder()
        && first.constant.as_deref().is_some_and(is_address)
        && first.constant == sink.constant;
    executes && from_outside
        || redirects
        || sink.capability.is_network_sink() && (!from_outside || hides)
}

/// True for a text that names a host: data that is sent is a list of bytes too.
pub(super) fn is_address(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/?&=%{}@[]+~#,".contains(c);
    text.len() <= 400
        && text.chars().all(plain)
        && text.contains(['.', ':'])
        && text.chars().any(|c| c.is_ascii_alphanumeric())
}

/// The variables that a format names: `{name}`, `{name:?}`.
pub(super) fn names_within(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).take(32).filter_map(|part| {
        let name = part.split(['}', ':']).next()?;
        let is_name =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        (is_name && part.contains('}')).then_some(name)
    })
}

/// Methods that connect, look a name up or redirect, whatever they are called on.
pub(super) fn method_sinks(tokens: &[Token], texts: &[(&str, (u32, u32))]) -> Vec<Point> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let (capability, api) = match &token.kind {
            Kind::Member(name) if name == "to_socket_addrs" => (
                Capability::NetworkDns,
                "std::net::ToSocketAddrs::to_socket_addrs",
            ),
            Kind::Member(name)
                if matches!(name.as_str(), "lookup_ip" | "lookup_host" | "txt_lookup") =>
            {
                (Capability::NetworkDns, "lookup_ip")
            }
            Kind::Path(path) if path.ends_with("Stdio.from") => {
                (Capability::ProcessRedirect, "std::process::Stdio::from")
            }
            _ => continue,
        };
        let next = texts.iter().find(|(_, range)| range.0 >= token.range.1);
        let before = texts
            .iter()
            .rev()
            .find(|(_, range)| range.1 <= token.range.0);
        let text = if tokens
            .get(at + 2)
            .is_some_and(|t| t.kind == Kind::Mark(')'))
        {
            before
        } else {
            next
        };
        found.push(Point {
            capability,
            api: api.to_owned(),
            range: token.range,
            constant: text.or(before).map(|(t, _)| (*t).to_owned()),
        });
    }
    found
}

/// Bytes that a program writes in hex by itself: an alphabet and shifts, or a format.
pub(super) fn written_out(tokens: &[Token]) -> Option<Point> {
    let text = tokens.iter().find(|t| match &t.kind {
        Kind::Text(text) => {
            let lower = text.to_ascii_lowercase();
            lower.starts_with("0123456789abcdef")
                || lower == "abcdefghijklmnopqrstuvwxyz234567"
                || lower.contains(":02x}")
        }
        _ => false,
    })?;
    Some(Point {
        capability: Capability::EncodeText,
        api: "hex".to_owned(),
        range: text.range,
        constant: None,
    })
}

/// True for a constant whose elements are gone through.
pub(super) fn goes_through(tokens: &[Token], at: usize) -> bool {
    let is_constant = matches!(tokens.get(at).map(|t| &t.kind), Some(Kind::Path(name))
        if name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_'));
    is_constant
        && matches!(tokens.get(at + 1).map(|t| &t.kind), Some(Kind::Member(name))
            if matches!(name.as_str(), "iter" | "into_iter"))
}

/// The words of a command line from where it is begun; what is not known stands as `{name}`.
pub(super) fn words_of(
    tokens: &[Token],
    spawn: &Point,
    texts: &[(&str, (u32, u32))],
) -> Vec<String> {
    let mut words: Vec<(u32, String)> = texts
        .iter()
        .filter(|(_, range)| range.0 >= spawn.range.1)
        .map(|(text, range)| (range.0, (*text).to_owned()))
        .collect();
    for (at, token) in tokens.iter().enumerate() {
        let Kind::Path(name) = &token.kind else {
            continue;
        };
        let begins = at
            .checked_sub(1)
            .and_then(|b| tokens.get(b))
            .is_some_and(|t| matches!(t.kind, Kind::Mark('(' | '[' | ',' | '&')));
        let known = texts
            .iter()
            .any(|(_, r)| r.0 <= token.range.0 && token.range.0 < r.1);
        let called = tokens
            .get(at + 1)
            .is_some_and(|t| t.kind == Kind::Mark('('));
        let is_variable =
            name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains(['.', '!']);
        if token.range.0 >= spawn.range.1
            && begins
            && is_variable
            && !known
            && !called
            && name != "mut"
        {
            words.push((token.range.0, format!("{{{name}}}")));
        }
    }
    words.sort_by_key(|(at, _)| *at);
    words.dedup();
    words.truncate(32);
    words.into_iter().map(|(_, word)| word).collect()
}
