//! C#, as it stands inside MSBuild files. Its statements, strings and calls are near enough to Rust's that the same reader
//! follows them; what differs is put right among the tokens.

use super::lex::{Kind, Token, lex};
use crate::script::{Inner, InnerLanguage};

/// Command lines of one text that are kept.
const MAX_LINES: usize = 16;

/// How far the arguments stand behind the program in an initialiser: `{ FileName = "a", Arguments = "b" }`.
const MAX_DISTANCE: usize = 60;

/// The tokens of C#: `System.IO.File.ReadAllText` is one path.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut joined: Vec<Token> = Vec::new();
    for token in lex(text) {
        if let Kind::Member(name) = &token.kind
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && let Some(Token {
                kind: Kind::Path(path),
                range,
            }) = joined.last_mut()
            && path.starts_with(|c: char| c.is_ascii_uppercase())
            && path.len() < 200
        {
            path.push('.');
            path.push_str(name);
            range.1 = token.range.1;
            continue;
        }
        joined.push(token);
    }
    joined
}

/// Command lines of which program and arguments are set one by one.
pub(super) fn lines(tokens: &[Token]) -> Vec<Inner> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Some(program) = set(tokens, at, "FileName") else {
            continue;
        };
        let until = (at + MAX_DISTANCE).min(tokens.len());
        let arguments = (at + 1..until).find_map(|at| set(tokens, at, "Arguments"));
        if found.len() < MAX_LINES {
            found.push(Inner {
                language: InnerLanguage::Shell,
                code: format!("{program} {}", arguments.unwrap_or("")),
                steps: vec!["ProcessStartInfo".into()],
                range: token.range,
            });
        }
    }
    found
}

/// The text that a property is set to at a place: `FileName = "a"`, `info.FileName = "a"`.
fn set<'t>(tokens: &'t [Token], at: usize, property: &str) -> Option<&'t str> {
    let is_property = match &tokens.get(at)?.kind {
        Kind::Path(path) => path == property || path.ends_with(&format!(".{property}")),
        Kind::Member(name) => name == property,
        _ => false,
    };
    if !is_property || tokens.get(at + 1)?.kind != Kind::Mark('=') {
        return None;
    }
    // `@"…"` and `$"…"`
    tokens
        .get(at + 2..at + 5)?
        .iter()
        .find_map(|t| match &t.kind {
            Kind::Text(text) => Some(text.as_str()),
            _ => None,
        })
}
