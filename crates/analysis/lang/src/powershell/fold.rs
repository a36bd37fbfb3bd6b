//! Folds what hides names: `'I' + 'EX'`, `"{1}{0}" -f 'X','IE'`, `[char]73`, brackets around a single string.

use super::lex::{Kind, Token};

/// The longest text that folding makes.
const MAX_TEXT: usize = 1 << 20;

/// Bytes that all formats of a script write together: each may double what stands in it.
const MAX_FORMATTED: usize = 16 << 20;

/// Folds constants, in one pass with a look back.
pub(super) fn fold(tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut room = MAX_FORMATTED;
    for token in tokens {
        out.push(token);
        while step(&mut out, &mut room) {}
    }
    out
}

/// Folds the end of the list once. Texts are taken, not copied: each of a million steps may end with the same one.
fn step(out: &mut Vec<Token>, room: &mut usize) -> bool {
    let length = out.len();
    let tail = |n: usize| {
        length
            .checked_sub(n)
            .and_then(|i| out.get(i))
            .map(|t| &t.kind)
    };
    // [char]73
    if let (Some(Kind::Type(name)), Some(Kind::Word(number))) = (tail(2), tail(1))
        && name == "char"
        && let Some(c) = number_of(number).and_then(char::from_u32)
    {
        return replace(out, 2, c.to_string());
    }
    // 'a' + 'b'
    if let (Some(Kind::Text(a)), Some(Kind::Mark('+')), Some(Kind::Text(b))) =
        (tail(3), tail(2), tail(1))
        && a.len() + b.len() < MAX_TEXT
    {
        let (first, second) = (length - 3, length - 1);
        let mut joined = take(out, first);
        joined.push_str(&take(out, second));
        return replace(out, 3, joined);
    }
    // ('a'): a call's arguments keep their brackets
    if let (Some(Kind::Mark('(')), Some(Kind::Text(_)), Some(Kind::Mark(')'))) =
        (tail(3), tail(2), tail(1))
        && !matches!(tail(4), Some(Kind::Member(_) | Kind::Static(_)))
    {
        let text = take(out, length - 2);
        return replace(out, 3, text);
    }
    format(out, room)
}

/// The text of a token, which is about to be replaced.
fn take(out: &mut [Token], at: usize) -> String {
    match out.get_mut(at).map(|t| &mut t.kind) {
        Some(Kind::Text(text)) => std::mem::take(text),
        _ => String::new(),
    }
}

/// `"{1}{0}" -f 'a','b'`: folded again with each further argument.
fn format(out: &mut Vec<Token>, room: &mut usize) -> bool {
    if !matches!(out.last().map(|t| &t.kind), Some(Kind::Mark(')'))) {
        return false;
    }
    // backwards: ) 'b' , 'a' -f "..." (
    let mut at = out.len() - 1;
    let mut arguments: Vec<&str> = Vec::new();
    loop {
        let Some(text) = at.checked_sub(1).and_then(|i| out.get(i)) else {
            return false;
        };
        let Kind::Text(text) = &text.kind else {
            return false;
        };
        arguments.push(text);
        match at.checked_sub(2).and_then(|i| out.get(i)).map(|t| &t.kind) {
            Some(Kind::Mark(',')) if arguments.len() < 200 => at -= 2,
            Some(Kind::Word(word)) if word.eq_ignore_ascii_case("-f") => break,
            _ => return false,
        }
    }
    let (Some(Kind::Mark('(')), Some(Kind::Text(pattern))) = (
        at.checked_sub(4).and_then(|i| out.get(i)).map(|t| &t.kind),
        at.checked_sub(3).and_then(|i| out.get(i)).map(|t| &t.kind),
    ) else {
        return false;
    };
    arguments.reverse();
    let mut text = String::new();
    let mut rest = pattern.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((number, after)) = after.split_once('}') else {
            break;
        };
        if let Some(argument) = number
            .trim()
            .parse::<usize>()
            .ok()
            .and_then(|n| arguments.get(n))
        {
            text.push_str(argument);
        }
        if text.len() > MAX_TEXT.min(*room) {
            *room = room.saturating_sub(text.len());
            return false;
        }
        rest = after;
    }
    text.push_str(rest);
    *room = room.saturating_sub(text.len());
    let count = out.len() - (at - 4);
    replace(out, count, text)
}

fn replace(out: &mut Vec<Token>, count: usize, text: String) -> bool {
    let from = out.len().saturating_sub(count);
    let start = out.get(from).map_or(0, |t| t.range.0);
    let end = out.last().map_or(start, |t| t.range.1);
    out.truncate(from);
    out.push(Token {
        kind: Kind::Text(text),
        range: (start, end),
    });
    true
}

fn number_of(text: &str) -> Option<u32> {
    text.strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))
        .map_or_else(
            || text.parse().ok(),
            |hex| u32::from_str_radix(hex, 16).ok(),
        )
}

#[cfg(test)]
mod tests {
    use super::super::lex::lex;
    use super::*;

    #[test]
    fn folding_takes_time_and_memory_in_proportion() {
        let levels = 200_000;
        let text = "x".repeat(1 << 20);
        let doubled = |times: usize| {
            format!(
                "{}'aaaaaaaa'{};",
                "(\"{0}{0}\" -f ".repeat(times),
                ")".repeat(times)
            )
        };
        for script in [
            "'x'+".repeat(levels),
            format!("{}'{text}'{}", "(".repeat(levels), ")".repeat(levels)),
            format!(
                "{}'{text}'{}",
                "(\"{0}\" -f ".repeat(20_000),
                ")".repeat(20_000)
            ),
            doubled(17).repeat(5_000),
        ] {
            let begin = foretaste_model::Stopwatch::start();
            let bytes: usize = fold(lex(&script))
                .iter()
                .map(|t| match &t.kind {
                    Kind::Text(text) => text.len(),
                    _ => 0,
                })
                .sum();
            assert!(bytes <= MAX_FORMATTED + script.len());
            assert!(begin.elapsed().as_secs() < 20);
        }
    }

    #[test]
    fn hidden_names_are_folded() {
        for (text, expected) in [
            ("&('I'+'E'+'X')", "IEX"),
            ("(\"{1}{0}\" -f 'X','IE')", "IEX"),
            ("([char]73 + [char]0x45+[char]88)", "IEX"),
        ] {
            let folded = fold(lex(text));
            let last = folded.last().map(|t| t.kind.clone());
            assert_eq!(last, Some(Kind::Text(expected.to_owned())), "{text}");
        }
    }
}
