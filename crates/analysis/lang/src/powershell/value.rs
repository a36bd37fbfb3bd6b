//! Values of a statement, and how its tokens are read.

use std::collections::BTreeMap;

use foretaste_model::Capability;

use super::lex::{Kind, Token};

/// One API in a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) capability: Capability,
    pub(super) api: String,
    pub(super) range: (u32, u32),
    pub(super) constant: Option<String>,
}

/// Where a value comes from and what it went through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) points: Vec<Point>,
    pub(super) through_file: bool,
}

/// `$x = ...` and `$x += ...`.
pub(super) fn assignment(tokens: &[Token]) -> (Option<&str>, &[Token]) {
    let mut rest = tokens;
    while let [
        Token {
            kind: Kind::Type(_),
            ..
        },
        after @ ..,
    ] = rest
    {
        rest = after;
    }
    let [
        Token {
            kind: Kind::Variable(name),
            ..
        },
        after @ ..,
    ] = rest
    else {
        return (None, tokens);
    };
    match after {
        [equals, value @ ..] if equals.kind == Kind::Mark('=') => (Some(name), value),
        [plus, equals, value @ ..]
            if plus.kind == Kind::Mark('+') && equals.kind == Kind::Mark('=') =>
        {
            (Some(name), value)
        }
        _ => (None, tokens),
    }
}

/// The constant strings of a statement: URLs first come from words too.
pub(super) fn texts(tokens: &[Token], known: &BTreeMap<String, String>) -> Vec<String> {
    tokens
        .iter()
        .filter_map(|t| match &t.kind {
            Kind::Text(text) => Some(text.clone()),
            Kind::Word(word) if word.contains("://") => Some(word.clone()),
            Kind::Variable(name) => known.get(name).cloned(),
            _ => None,
        })
        .take(16)
        .collect()
}

pub(super) fn path_key(path: &str) -> String {
    path.trim_start_matches(".\\")
        .trim_start_matches("./")
        .to_ascii_lowercase()
}

pub(super) const fn is_source(capability: Capability) -> bool {
    use Capability as C;
    capability.is_network_source()
        || capability.is_decoder()
        || matches!(
            capability,
            C::EnvironmentReadAll
                | C::HostInfo
                | C::UserInfo
                | C::ProcessList
                | C::CredentialStore
                | C::Clipboard
                | C::Screen
                | C::Keyboard
        )
}

pub(super) const fn is_transform(capability: Capability) -> bool {
    use Capability as C;
    capability.is_decoder()
        || matches!(
            capability,
            C::EncodeText | C::EncodeObject | C::EncodeCompressed | C::EncodeCipher
        )
}

/// A named variable of the environment, unless it is a mere folder.
pub(super) fn named_variable(name: &str, range: (u32, u32)) -> Option<Point> {
    const FOLDERS: &[&str] = &[
        "temp",
        "tmp",
        "appdata",
        "localappdata",
        "userprofile",
        "programdata",
        "programfiles",
        "windir",
        "systemroot",
        "path",
        "public",
        "home",
        "homepath",
        "homedrive",
        "systemdrive",
        "psmodulepath",
        "processor_architecture",
        "os",
    ];
    if FOLDERS.contains(&name) {
        return None;
    }
    let capability = match name {
        "username" | "userdomain" => Capability::UserInfo,
        "computername" => Capability::HostInfo,
        _ => Capability::EnvironmentRead,
    };
    Some(Point {
        capability,
        api: "env:".to_owned(),
        range,
        constant: Some(name.to_ascii_uppercase()),
    })
}
