//! Lines to words: carets off, quotes off, variables in.

use std::collections::BTreeMap;

use crate::script::Word;

/// Variables that a script set, by lower-case name.
#[derive(Debug, Default)]
pub(super) struct Variables {
    known: BTreeMap<String, String>,
}

impl Variables {
    pub(super) fn set(&mut self, name: &str, value: &str) {
        if self.known.len() < 2_000 || self.known.contains_key(name) {
            let value: String = value.chars().take(8_192).collect();
            self.known.insert(name.trim().to_ascii_lowercase(), value);
        }
    }

    /// `%name%` and `%name:~start,length%`; none if the script did not set it.
    fn expand(&self, inner: &str) -> Option<String> {
        let (name, slice) = inner
            .split_once(":~")
            .map_or((inner, None), |(n, s)| (n, Some(s)));
        let value = self.known.get(&name.to_ascii_lowercase())?;
        let Some(slice) = slice else {
            return Some(value.clone());
        };
        let count = value.chars().count();
        let mut numbers = slice.split(',').map(|n| n.trim().parse::<i64>().ok());
        let place = |n: i64| {
            let from_end = count.saturating_sub(usize::try_from(n.unsigned_abs()).unwrap_or(count));
            if n < 0 {
                from_end
            } else {
                usize::try_from(n).unwrap_or(count).min(count)
            }
        };
        let from = place(numbers.next().flatten()?);
        let to = match numbers.next().flatten() {
            None => count,
            Some(n) if n < 0 => place(n),
            Some(n) => from
                .saturating_add(usize::try_from(n).unwrap_or(count))
                .min(count),
        };
        Some(
            value
                .chars()
                .skip(from)
                .take(to.saturating_sub(from))
                .collect(),
        )
    }
}

/// A piece of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    Word(String),
    Redirect(String),
    Pipe,
    Next,
}

/// The end of a logical line: a caret before the line break joins the next one.
pub(super) fn logical_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut from = start;
    while let Some(i) = memchr::memchr(b'\n', bytes.get(from..).unwrap_or(&[])) {
        let end = from + i;
        let line = bytes.get(start..end).unwrap_or(&[]);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let carets = line.iter().rev().take_while(|b| **b == b'^').count();
        if carets % 2 == 0 {
            return end;
        }
        from = end + 1;
    }
    bytes.len()
}

/// Splits a logical line whose variables are filled in.
pub(super) fn parts(line: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut word = String::new();
    let mut open = false;
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    let flush = |word: &mut String, open: &mut bool, parts: &mut Vec<Part>| {
        if !word.is_empty() || *open {
            parts.push(Part::Word(std::mem::take(word)));
        }
        *open = false;
    };
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                quoted = !quoted;
                open = true;
            }
            '^' if !quoted => match chars.next() {
                Some('\r') => {
                    chars.next_if_eq(&'\n');
                }
                Some('\n') | None => {}
                Some(next) => word.push(next),
            },
            '|' | '&' if !quoted => {
                flush(&mut word, &mut open, &mut parts);
                let double = chars.next_if_eq(&c).is_some();
                parts.push(if c == '|' && !double {
                    Part::Pipe
                } else {
                    Part::Next
                });
            }
            '>' | '<' if !quoted => {
                // a descriptor directly before it belongs to it
                if word.len() == 1 && word.bytes().all(|b| b.is_ascii_digit()) {
                    word.clear();
                }
                flush(&mut word, &mut open, &mut parts);
                let mut operator = c.to_string();
                operator.extend(chars.next_if_eq(&'>'));
                if chars.next_if_eq(&'&').is_some() {
                    chars.next();
                } else {
                    parts.push(Part::Redirect(operator));
                }
            }
            '(' | ')' if !quoted && word.is_empty() => {
                flush(&mut word, &mut open, &mut parts);
                parts.push(Part::Next);
            }
            c if c.is_whitespace() && !quoted => flush(&mut word, &mut open, &mut parts),
            ',' | ';' if !quoted && word.is_empty() => {}
            c => word.push(c),
        }
    }
    flush(&mut word, &mut open, &mut parts);
    parts
}

/// Fills in `%name%` and `!name!` where the script set them.
pub(super) fn substitute(line: &str, variables: &Variables) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['%', '!']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let mark = from.chars().next().unwrap_or('%');
        let inner = from.get(1..).unwrap_or("");
        let end = inner.find(mark);
        if let Some(end) = end
            && let Some(name) = inner.get(..end)
            && name.len() < 80
            && let Some(value) = variables.expand(name)
            && out.len() < 64 << 10
        {
            out.push_str(&value);
            rest = inner.get(end + 1..).unwrap_or("");
        } else {
            out.push(mark);
            rest = inner;
        }
    }
    out.push_str(rest);
    out
}

/// Takes off `if ...`, `for ... do`, `else`, `call`.
pub(super) fn strip_control(words: &mut Vec<Word>) {
    for _ in 0..4 {
        let Some(first) = words.first().map(|w| w.text.to_ascii_lowercase()) else {
            return;
        };
        let count = match first.trim_start_matches('@') {
            "else" | "do" => 1,
            "for" => words
                .iter()
                .position(|w| w.text.eq_ignore_ascii_case("do"))
                .map_or(words.len(), |i| i + 1),
            "if" => {
                let lower = |i: usize| {
                    words
                        .get(i)
                        .map(|w| w.text.to_ascii_lowercase())
                        .unwrap_or_default()
                };
                let mut at = 1;
                while matches!(&*lower(at), "not" | "/i") {
                    at += 1;
                }
                match &*lower(at) {
                    "exist" | "defined" | "errorlevel" => at + 2,
                    condition if condition.contains("==") => at + 1,
                    _ => at + 3,
                }
            }
            stripped if stripped.len() < first.len() && !stripped.is_empty() => {
                let stripped = stripped.to_owned();
                if let Some(word) = words.first_mut() {
                    word.text = stripped;
                }
                continue;
            }
            _ => return,
        };
        words.drain(..count.min(words.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_quotes_and_variables_hide_nothing() {
        let mut variables = Variables::default();
        variables.set("a", "curl -s");
        variables.set("x", "abcdef");
        let words = |line: &str| -> Vec<String> {
            parts(&substitute(line, &variables))
                .into_iter()
                .map(|p| match p {
                    Part::Word(w) => w,
                    other => format!("{other:?}"),
                })
                .collect()
        };
        assert_eq!(
            words("p^ow^er\"sh\"ell -c \"a | b\""),
            ["powershell", "-c", "a | b"]
        );
        assert_eq!(
            words("%a% x 2>nul | cmd"),
            ["curl", "-s", "x", "Redirect(\">\")", "nul", "Pipe", "cmd"]
        );
        assert_eq!(
            words("%x:~1,2% %x:~-2% %unknown%"),
            ["bc", "ef", "%unknown%"]
        );
    }
}
