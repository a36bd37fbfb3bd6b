//! Python 2, respelt so that a Python 3 grammar reads it, byte for byte in place.
//!
//! `print x` becomes `print,x`: an expression statement whose first element says what it was. Offsets stay, so every
//! place that is reported is the place in the file.

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_text_size::Ranged as _;

/// The text with Python 2 spellings replaced, if there are any.
pub(crate) fn respell(text: &str, tokens: &Tokens) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let mut changed = false;
    let list: Vec<(TokenKind, usize, usize)> = tokens
        .iter()
        .map(|t| (t.kind(), t.start().to_usize(), t.end().to_usize()))
        .filter(|(kind, ..)| !matches!(kind, TokenKind::Comment | TokenKind::NonLogicalNewline))
        .collect();
    let mut fresh = true;
    let mut raising = false;
    let mut depth = 0_u32;
    let mut open_tick = false;
    for (i, (kind, start, end)) in list.iter().copied().enumerate() {
        let word = text.get(start..end).unwrap_or("");
        let next = list.get(i + 1).copied();
        let mut put = |at: usize, with: &[u8]| {
            if let Some(slot) = bytes.get_mut(at..at + with.len()) {
                slot.copy_from_slice(with);
                changed = true;
            }
        };
        match kind {
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => depth += 1,
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        if fresh
            && matches!(word, "print" | "exec")
            && let Some((next_kind, next_start, next_end)) = next
        {
            let next_word = text.get(next_start..next_end).unwrap_or("");
            if next_word == ">>" {
                put(next_start, b" ,");
            } else if begins_operand(next_kind, next_word) && next_start > end {
                put(end, b",");
            }
        }
        if word == "<" && next.is_some_and(|(_, s, e)| s == end && text.get(s..e) == Some(">")) {
            put(start, b"!=");
        }
        if word == "`" {
            put(start, if open_tick { b")" } else { b"(" });
            open_tick = !open_tick;
        }
        // 10L, 0777, ur"…"
        if matches!(word, "L" | "l")
            && start > 0
            && text
                .as_bytes()
                .get(start - 1)
                .is_some_and(u8::is_ascii_digit)
        {
            put(start, b" ");
        }
        if word.len() > 1 && word.starts_with('0') && word.bytes().all(|b| b.is_ascii_digit()) {
            put(start, b" ");
        }
        if matches!(word, "ur" | "UR" | "uR" | "Ur") && next.is_some_and(|(_, s, _)| s == end) {
            put(start, b" ");
        }
        if raising && depth == 0 && word == "," {
            put(start, b";");
            raising = false;
        }
        raising = (raising && !matches!(kind, TokenKind::Newline)) || word == "raise";
        fresh = matches!(
            kind,
            TokenKind::Newline
                | TokenKind::Indent
                | TokenKind::Dedent
                | TokenKind::Semi
                | TokenKind::Colon
        ) && (depth == 0 || kind != TokenKind::Colon);
    }
    if !changed {
        return None;
    }
    String::from_utf8(bytes).ok()
}

fn begins_operand(kind: TokenKind, word: &str) -> bool {
    matches!(
        kind,
        TokenKind::String
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Lbrace
            | TokenKind::FStringStart
            | TokenKind::Not
            | TokenKind::Lambda
            | TokenKind::None
            | TokenKind::True
            | TokenKind::False
    ) || (word.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && !matches!(word, "in" | "is" | "and" | "or" | "if" | "else" | "for"))
        || word == "`"
}
