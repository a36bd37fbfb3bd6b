//! From the text to logical lines: continuations joined, comments removed, variables put in; each byte knows whence it
//! came.

use std::ops::Range;

/// A logical line.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// The text without comment and without blanks around it.
    pub(super) text: String,
    /// What stood in the comment, without `#`.
    pub(super) comment: Option<String>,
    /// From which byte of `text` on it came from which byte of the file. Ascending.
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    at: usize,
    source: usize,
    /// It stands for a variable: every byte of it came from the same place.
    fixed: bool,
}

impl Line {
    /// Where in the file a byte of the line stands.
    pub(super) fn source(&self, at: usize) -> usize {
        let index = self.pieces.partition_point(|p| p.at <= at);
        let Some(piece) = index.checked_sub(1).and_then(|i| self.pieces.get(i)) else {
            return 0;
        };
        if piece.fixed {
            piece.source
        } else {
            piece.source + (at - piece.at)
        }
    }

    /// Where in the file a range of the line stands.
    pub(super) fn range(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.source(range.start);
        let end = match range.end.checked_sub(1) {
            Some(last) if last >= range.start => self.source(last) + 1,
            _ => start,
        };
        start..end.max(start)
    }

    fn push(&mut self, text: &str, source: usize, fixed: bool) {
        self.pieces.push(Piece {
            at: self.text.len(),
            source,
            fixed,
        });
        self.text.push_str(text);
    }

    /// Cuts the line to a range of itself.
    fn cut(&self, range: Range<usize>) -> Self {
        let mut cut = Self {
            text: self.text[range.clone()].to_owned(),
            ..Self::default()
        };
        for piece in &self.pieces {
            if piece.at >= range.end {
                break;
            }
            if piece.at <= range.start {
                // the last one before the range is the one that holds
                cut.pieces.clear();
                let moved = if piece.fixed {
                    0
                } else {
                    range.start - piece.at
                };
                cut.pieces.push(Piece {
                    at: 0,
                    source: piece.source + moved,
                    fixed: piece.fixed,
                });
            } else {
                cut.pieces.push(Piece {
                    at: piece.at - range.start,
                    ..*piece
                });
            }
        }
        cut
    }
}

/// The logical lines of a file, in order. Lines that hold only a comment come too, with an empty text.
pub(super) fn lines(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Vec<Line> {
    let mut found = Vec::new();
    let mut open: Option<Line> = None;
    for (start, physical) in physical(text) {
        let is_comment = physical.trim_start().starts_with('#');
        if physical.ends_with('\\') && !is_comment {
            let line = open.get_or_insert_with(Line::default);
            let inner = physical.trim_start_matches('\\');
            let skipped = physical.len() - inner.len();
            line.push(inner.trim_end_matches('\\'), start + skipped, false);
            continue;
        }
        let mut line = open.take().unwrap_or_default();
        if is_comment {
            // so that it is a comment wherever it is joined to
            line.push(" ", start, true);
        }
        line.push(physical, start, false);
        found.push(finish(&line, variable));
    }
    found.extend(open.map(|line| finish(&line, variable)));
    found
}

/// Removes comment and blanks, and puts variables in.
fn finish(line: &Line, variable: &dyn Fn(&str) -> Option<String>) -> Line {
    let comment = line
        .text
        .char_indices()
        .filter(|(_, c)| *c == '#')
        .map(|(at, _)| at)
        .find(|at| {
            line.text[..*at]
                .chars()
                .next_back()
                .is_none_or(char::is_whitespace)
        });
    let content = &line.text[..comment.unwrap_or(line.text.len())];
    let start = content.len() - content.trim_start().len();
    let end = content.trim_end().len().max(start);
    let mut done = expand(line.cut(start..end), variable);
    done.comment = comment.map(|at| line.text[at + 1..].to_owned());
    done
}

/// `${NAME}` of capitals, digits and `_`, where it is set and not empty.
fn expand(line: Line, variable: &dyn Fn(&str) -> Option<String>) -> Line {
    if !line.text.contains("${") {
        return line;
    }
    let mut done = Line::default();
    let mut at = 0;
    while let Some(open) = line.text[at..].find("${").map(|o| at + o) {
        let Some(close) = line.text[open..].find('}').map(|c| open + c) else {
            break;
        };
        let name = &line.text[open + 2..close];
        let valid = !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        let value = valid
            .then(|| variable(name))
            .flatten()
            .filter(|v| !v.is_empty());
        let Some(value) = value else {
            append(&mut done, &line, at..open + 2);
            at = open + 2;
            continue;
        };
        append(&mut done, &line, at..open);
        done.push(&value, line.source(open), true);
        at = close + 1;
    }
    append(&mut done, &line, at..line.text.len());
    done
}

fn append(done: &mut Line, from: &Line, range: Range<usize>) {
    let part = from.cut(range);
    for (index, piece) in part.pieces.iter().enumerate() {
        let end = part
            .pieces
            .get(index + 1)
            .map_or(part.text.len(), |next| next.at);
        if piece.at < end {
            done.push(&part.text[piece.at..end], piece.source, piece.fixed);
        }
    }
}

/// Lines as Python's `splitlines` cuts them, with the byte where each begins.
fn physical(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let ends = matches!(
            c,
            '\n' | '\r'
                | '\u{b}'
                | '\u{c}'
                | '\u{1c}'
                | '\u{1d}'
                | '\u{1e}'
                | '\u{85}'
                | '\u{2028}'
                | '\u{2029}'
        );
        if !ends {
            continue;
        }
        found.push((start, &text[start..at]));
        start = at + c.len_utf8();
        if c == '\r' && characters.peek().is_some_and(|(_, next)| *next == '\n') {
            characters.next();
            start += 1;
        }
    }
    if start < text.len() {
        found.push((start, &text[start..]));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_cut_and_filled_and_know_their_places() {
        let text =
            "a==1 \\\n  --hash=x  # c\r\n# only\nb @ ${H}/x#egg=b # d\n${lower} ${UNSET}\nc\\";
        let value = |name: &str| (name == "H").then(|| "https://h.example".to_owned());
        let found = lines(text, &value);
        let texts: Vec<&str> = found.iter().map(|l| &*l.text).collect();
        assert_eq!(
            texts,
            [
                "a==1   --hash=x",
                "",
                "b @ https://h.example/x#egg=b",
                "${lower} ${UNSET}",
                "c"
            ]
        );
        assert_eq!(found[0].comment.as_deref(), Some(" c"));
        for (line, part) in [(0, "--hash"), (2, "/x#egg"), (4, "c")] {
            let at = found[line].text.find(part).expect("there");
            assert!(text[found[line].source(at)..].starts_with(part), "{part}");
        }
    }
}
