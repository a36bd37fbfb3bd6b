//! Words of the options, as Python's `shlex.split` cuts them.

/// A word and the bytes it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Cuts `text` from `start` on. The error is the byte of a quotation that does not end.
pub(super) fn words(text: &str, start: usize) -> Result<Vec<Word>, usize> {
    let mut found = Vec::new();
    let mut open: Option<Word> = None;
    let mut characters = text[start..]
        .char_indices()
        .map(|(at, c)| (start + at, c))
        .peekable();
    while let Some((at, c)) = characters.next() {
        if matches!(c, ' ' | '\t' | '\r' | '\n') {
            found.extend(open.take());
            continue;
        }
        let word = open.get_or_insert_with(|| Word {
            text: String::new(),
            start: at,
            end: at,
        });
        match c {
            '\'' | '"' => loop {
                let Some((_, inner)) = characters.next() else {
                    return Err(at);
                };
                if inner == c {
                    break;
                }
                if inner == '\\' && c == '"' {
                    match characters.next() {
                        Some((_, escaped @ ('"' | '\\'))) => word.text.push(escaped),
                        Some((_, other)) => word.text.extend(['\\', other]),
                        None => return Err(at),
                    }
                } else {
                    word.text.push(inner);
                }
            },
            '\\' => match characters.next() {
                Some((_, escaped)) => word.text.push(escaped),
                None => return Err(at),
            },
            other => word.text.push(other),
        }
        word.end = characters.peek().map_or(text.len(), |(next, _)| *next);
    }
    found.extend(open);
    Ok(found)
}
