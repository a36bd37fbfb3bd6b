//! Tokens of PowerShell, as far as names, strings and statements need them.

/// A token with its byte range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: (u32, u32),
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A bare word, in lower case, without backticks: cmdlets, parameters, paths.
    Word(String),
    /// `.name` behind an expression.
    Member(String),
    /// `[type]`, in lower case, without `system.`.
    Type(String),
    /// `::name` behind a type.
    Static(String),
    /// `$name` or `$env:name`, in lower case, without the dollar.
    Variable(String),
    /// A string's text.
    Text(String),
    /// One character that matters for structure.
    Mark(char),
    /// The end of a statement.
    End,
}

/// Tokens of one script that are read.
const MAX_TOKENS: usize = 400_000;

/// Splits a script into tokens. Total: what it does not know, it skips.
pub(super) fn lex(text: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        bytes: text.as_bytes(),
        text,
        at: 0,
        tokens: Vec::new(),
    };
    while lexer.at < lexer.bytes.len() && lexer.tokens.len() < MAX_TOKENS {
        lexer.token();
    }
    lexer.tokens
}

struct Lexer<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn push(&mut self, start: usize, kind: Kind) {
        self.tokens.push(Token {
            kind,
            range: (start as u32, self.at as u32),
        });
    }

    fn token(&mut self) {
        let start = self.at;
        match self.peek(0) {
            b'\n' | b';' => {
                self.at += 1;
                self.push(start, Kind::End);
            }
            b'`' if matches!(self.peek(1), b'\n' | b'\r') => {
                self.at += 2 + usize::from(self.peek(1) == b'\r' && self.peek(2) == b'\n');
            }
            b' ' | b'\t' | b'\r' => self.at += 1,
            b'#' => self.at += self.until(b"\n"),
            b'<' if self.peek(1) == b'#' => self.at += self.until(b"#>") + 2,
            b'@' if matches!(self.peek(1), b'"' | b'\'') => {
                let close: &[u8] = if self.peek(1) == b'"' {
                    b"\n\"@"
                } else {
                    b"\n'@"
                };
                let length = self.until(close);
                let inner = self
                    .text
                    .get(start + 2..start + length)
                    .unwrap_or("")
                    .trim_start_matches(['\r', '\n']);
                let inner = inner.to_owned();
                self.at = (start + length + 3).min(self.bytes.len());
                self.push(start, Kind::Text(inner));
            }
            b'"' => self.quoted(b'"'),
            b'\'' => self.quoted(b'\''),
            b'$' => self.variable(),
            b'[' => self.type_name(),
            b':' if self.peek(1) == b':' => {
                self.at += 2;
                let name = self.name();
                self.push(start, Kind::Static(name));
            }
            b'.' if self.after_value(start)
                && (self.peek(1).is_ascii_alphabetic()
                    || matches!(self.peek(1), b'`' | b'"' | b'\'')) =>
            {
                self.at += 1;
                let name = if matches!(self.peek(0), b'"' | b'\'') {
                    let quote = self.peek(0);
                    self.quoted(quote);
                    match self.tokens.pop().map(|t| t.kind) {
                        Some(Kind::Text(text)) => text.to_ascii_lowercase(),
                        _ => String::new(),
                    }
                } else {
                    self.name()
                };
                self.push(start, Kind::Member(name));
            }
            b'(' | b')' | b'{' | b'}' | b',' | b'|' | b'=' | b'+' | b'&' | b']' | b'@' | b'!'
            | b'%' | b'?' | b'<' | b'>' => {
                let mark = char::from(self.peek(0));
                self.at += 1;
                self.push(start, Kind::Mark(mark));
            }
            _ => self.word(),
        }
    }

    /// True if an expression ends directly before a byte: `.name` is a member there.
    fn after_value(&self, at: usize) -> bool {
        self.tokens.last().is_some_and(|t| {
            t.range.1 as usize == at
                && matches!(
                    t.kind,
                    Kind::Variable(_)
                        | Kind::Text(_)
                        | Kind::Mark(')' | ']')
                        | Kind::Member(_)
                        | Kind::Static(_)
                        | Kind::Type(_)
                )
        })
    }

    /// Bytes up to a pattern, or to the end.
    fn until(&self, pattern: &[u8]) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        memchr::memmem::find(rest, pattern).unwrap_or(rest.len())
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while matches!(self.peek(0), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'`') {
            if self.peek(0) != b'`' {
                name.push(char::from(self.peek(0).to_ascii_lowercase()));
            }
            self.at += 1;
        }
        name
    }

    fn variable(&mut self) {
        let start = self.at;
        self.at += 1;
        let name = if self.peek(0) == b'{' {
            let length = self.until(b"}");
            let name = self
                .text
                .get(self.at + 1..self.at + length)
                .unwrap_or("")
                .to_ascii_lowercase();
            self.at = (self.at + length + 1).min(self.bytes.len());
            name
        } else {
            let mut name = self.name();
            while self.peek(0) == b':'
                && (self.peek(1).is_ascii_alphanumeric() || self.peek(1) == b'_')
            {
                self.at += 1;
                name.push(':');
                name.push_str(&self.name());
            }
            name
        };
        if name.is_empty() && self.peek(0) == b'(' {
            return;
        }
        if name.is_empty() {
            self.at += usize::from(self.at < self.bytes.len() && self.peek(0).is_ascii());
        }
        self.push(start, Kind::Variable(name));
    }

    fn type_name(&mut self) {
        let start = self.at;
        let length = self
            .bytes
            .get(self.at + 1..)
            .unwrap_or(&[])
            .iter()
            .take(200)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'`' | b'['))
            .count();
        if length > 0 && self.peek(1 + length) == b']' {
            let name: String = self
                .text
                .get(self.at + 1..self.at + 1 + length)
                .unwrap_or("")
                .chars()
                .filter(|c| *c != '`')
                .map(|c| c.to_ascii_lowercase())
                .collect();
            self.at += length + 2;
            let name = name.strip_prefix("system.").unwrap_or(&name).to_owned();
            self.push(start, Kind::Type(name));
        } else {
            self.at += 1;
            self.push(start, Kind::Mark('['));
        }
    }

    /// A string: doubled quotes and, between double quotes, backticks.
    fn quoted(&mut self, quote: u8) {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        let mut piece = self.at;
        while self.at < self.bytes.len() {
            let byte = self.peek(0);
            if byte == quote {
                text.push_str(self.text.get(piece..self.at).unwrap_or(""));
                self.at += 1;
                piece = self.at;
                if self.peek(0) != quote {
                    self.push(start, Kind::Text(text));
                    return;
                }
                self.at += 1;
            } else if byte == b'`' && quote == b'"' {
                text.push_str(self.text.get(piece..self.at).unwrap_or(""));
                self.at += 1;
                match self.peek(0) {
                    b'n' => text.push('\n'),
                    b't' => text.push('\t'),
                    b'r' => text.push('\r'),
                    b'0' => text.push('\0'),
                    other if other.is_ascii() => text.push(char::from(other)),
                    _ => {
                        piece = self.at;
                        continue;
                    }
                }
                self.at += 1;
                piece = self.at;
            } else {
                self.at += 1;
            }
        }
        text.push_str(self.text.get(piece..).unwrap_or(""));
        self.push(start, Kind::Text(text));
    }

    fn word(&mut self) {
        let start = self.at;
        let mut word = String::new();
        while let Some(c) = self.text.get(self.at..).and_then(|t| t.chars().next()) {
            match c {
                ' ' | '\t' | '\r' | '\n' | '(' | ')' | '{' | '}' | '[' | ']' | ',' | '|' | ';'
                | '=' | '+' | '&' | '"' | '\'' | '$' | '<' | '>' => break,
                ':' if self.peek(1) == b':' => break,
                '`' => {}
                c => word.push(c),
            }
            self.at += c.len_utf8();
        }
        if self.at == start {
            // a character that begins nothing
            self.at += self
                .text
                .get(self.at..)
                .and_then(|t| t.chars().next())
                .map_or(1, char::len_utf8);
            return;
        }
        self.push(start, Kind::Word(word));
    }
}
