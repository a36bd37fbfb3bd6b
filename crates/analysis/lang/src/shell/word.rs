//! Words: quotes off, known variables in.

use crate::script::{Engine, Word};

/// Characters of a word that are kept.
const MAX_CHARS: usize = 256 << 10;

/// Reads a word from its source text. What stands in substitutions is left out: it flows in as traces.
pub(super) fn fold(source: &str, range: (u32, u32), engine: &Engine<'_, '_>) -> Word {
    let mut word = Word {
        range,
        ..Word::default()
    };
    let chars: Vec<char> = source.chars().take(MAX_CHARS).collect();
    let mut at = 0;
    let mut double = false;
    while let Some(c) = chars.get(at).copied() {
        match c {
            '\'' if !double => {
                at += 1;
                while let Some(c) = chars.get(at).copied().filter(|c| *c != '\'') {
                    word.text.push(c);
                    at += 1;
                }
                at += 1;
            }
            '"' => {
                double = !double;
                at += 1;
            }
            '\\' => {
                match chars.get(at + 1).copied() {
                    Some('\n') | None => {}
                    Some(next) if !double || matches!(next, '$' | '`' | '"' | '\\') => {
                        word.text.push(next);
                    }
                    Some(next) => {
                        word.text.push('\\');
                        word.text.push(next);
                    }
                }
                at += 2;
            }
            '$' if !double && chars.get(at + 1) == Some(&'\'') => {
                at = ansi(&chars, at + 2, &mut word.text);
            }
            '$' if !double && chars.get(at + 1) == Some(&'"') => at += 1,
            '$' if chars.get(at + 1) == Some(&'(') => at = balanced(&chars, at + 1, '(', ')'),
            '$' if chars.get(at + 1) == Some(&'{') => {
                let end = balanced(&chars, at + 1, '{', '}');
                let inner: String = chars
                    .get(at + 2..end.saturating_sub(1))
                    .unwrap_or(&[])
                    .iter()
                    .collect();
                parameter(&inner, &mut word, engine);
                at = end;
            }
            '$' => {
                let name: String = chars
                    .get(at + 1..)
                    .unwrap_or(&[])
                    .iter()
                    .take_while(|c| c.is_ascii_alphanumeric() || **c == '_')
                    .collect();
                if name.is_empty() {
                    word.text.push('$');
                    at += 1;
                } else {
                    at += 1 + name.chars().count();
                    variable(&name, &mut word, engine);
                }
            }
            '`' => {
                at += 1;
                while chars.get(at).is_some_and(|c| *c != '`') {
                    at += 1;
                }
                at += 1;
            }
            '<' | '>' if !double && chars.get(at + 1) == Some(&'(') => {
                at = balanced(&chars, at + 1, '(', ')');
            }
            c => {
                word.text.push(c);
                at += 1;
            }
        }
        if word.text.len() > MAX_CHARS {
            break;
        }
    }
    word
}

/// `${name}`, `${name:-default}`, `${name#...}`, `${!name}`.
fn parameter(inner: &str, word: &mut Word, engine: &Engine<'_, '_>) {
    let inner = inner.trim_start_matches(['!', '#']);
    let length = inner
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(inner.len());
    let (name, rest) = inner.split_at(length);
    if engine.variable(name).is_none()
        && let Some(default) = rest.strip_prefix(":-").or_else(|| rest.strip_prefix('-'))
    {
        word.text.push_str(default.trim_matches('"'));
        return;
    }
    // `${x:0:4}` takes a piece out of a value: spelt-out commands are hidden so
    if let Some(piece) = rest.strip_prefix(':')
        && let Some(text) = engine.expand(name)
    {
        let mut numbers = piece.split(':').map(|n| n.trim().parse::<usize>());
        if let Some(Ok(from)) = numbers.next() {
            let length = numbers.next().and_then(Result::ok).unwrap_or(usize::MAX);
            word.text.extend(text.chars().skip(from).take(length));
            return;
        }
    }
    variable(name, word, engine);
}

fn variable(name: &str, word: &mut Word, engine: &Engine<'_, '_>) {
    let Some(known) = engine.variable(name) else {
        if word.unknown.len() < 8 {
            word.unknown.push(name.to_owned());
        }
        word.text.push('$');
        word.text.push_str(name);
        return;
    };
    if word.text.len() < MAX_CHARS
        && let Some(text) = engine.expand(name)
    {
        word.text.push_str(text);
    }
    word.traces.extend(known.traces.iter().take(8).cloned());
    word.traces.truncate(8);
}

/// `$'...'`: escapes as in C.
fn ansi(chars: &[char], from: usize, text: &mut String) -> usize {
    let mut at = from;
    let mut raw = String::new();
    while let Some(c) = chars.get(at).copied() {
        if c == '\'' {
            at += 1;
            break;
        }
        raw.push(c);
        if c == '\\'
            && let Some(next) = chars.get(at + 1)
        {
            raw.push(*next);
            at += 1;
        }
        at += 1;
    }
    text.push_str(&foretaste_observe::decode::unescape(&raw));
    at
}

/// The index after the bracket that closes the one at `open`.
fn balanced(chars: &[char], open: usize, left: char, right: char) -> usize {
    let mut depth = 0_usize;
    let mut at = open;
    while let Some(c) = chars.get(at).copied() {
        if c == left {
            depth += 1;
        } else if c == right {
            depth -= 1;
            if depth == 0 {
                return at + 1;
            }
        }
        at += 1;
    }
    at
}
