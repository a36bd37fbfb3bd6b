//! What of a file runs without being called: what is put among a program's constructors, and which modules belong to it.

use std::collections::BTreeSet;

use super::lex::{Kind, Token};

/// Sections whose functions run when a program or library is loaded.
const SECTIONS: &[&str] = &[
    ".init_array",
    ".preinit_array",
    ".ctors",
    ".init",
    "__mod_init_func",
    "__init_offsets",
    ".CRT$XC",
    ".CRT$XI",
    ".CRT$XL",
];

/// True if a function's attributes make it run when the program is loaded: `#[ctor]`.
pub(super) fn is_constructor(head: &[Token]) -> bool {
    head.iter()
        .enumerate()
        .any(|(at, token)| match &token.kind {
            Kind::Path(path) => {
                let opens = at
                    .checked_sub(1)
                    .and_then(|b| head.get(b))
                    .is_some_and(|t| t.kind == Kind::Mark('['));
                opens
                    && matches!(
                        path.as_str(),
                        "ctor" | "ctor.ctor" | "startup" | "rust_ctor.ctor"
                    )
            }
            _ => false,
        })
}

/// The function that a constant puts among the constructors: `#[link_section = ".init_array"] static F: fn() = f;`
pub(super) fn linked(statement: &[Token]) -> Option<&str> {
    let among = statement.iter().any(|t| match &t.kind {
        Kind::Text(section) => SECTIONS.iter().any(|s| section.contains(s)),
        _ => false,
    });
    let named = statement
        .iter()
        .any(|t| matches!(&t.kind, Kind::Path(word) if word == "link_section"));
    if !among || !named {
        return None;
    }
    let is_static = statement
        .iter()
        .position(|t| matches!(&t.kind, Kind::Path(word) if word == "static"))?;
    let value = statement.iter().rposition(|t| t.kind == Kind::Mark('='))?;
    if value < is_static {
        return None;
    }
    statement.get(value..)?.iter().find_map(|t| match &t.kind {
        Kind::Path(name) if name != "Some" && name != "unsafe" => Some(name.as_str()),
        _ => None,
    })
}

/// The modules that a file declares and that stand in files of their own.
pub(super) fn modules(tokens: &[Token]) -> BTreeSet<String> {
    let declared = tokens.windows(3).filter_map(|w| match w {
        [
            Token {
                kind: Kind::Path(word),
                ..
            },
            Token {
                kind: Kind::Path(name),
                ..
            },
            Token {
                kind: Kind::Mark(';'),
                ..
            },
        ] if word == "mod" => Some(name.clone()),
        _ => None,
    });
    declared.take(500).collect()
}
