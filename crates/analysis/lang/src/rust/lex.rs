//! Tokens of Rust: paths as one token, strings without their quotes, comments gone.

/// A token with its byte range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: (u32, u32),
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A path with dots for `::`, e.g. `std.env.vars`; one segment for a plain name.
    Path(String),
    /// `.name`
    Member(String),
    /// A string's or byte string's text.
    Text(String),
    /// A whole number, and the bits that its suffix says (0: none).
    Number(i64, u8),
    /// A character.
    Char(char),
    /// Any other character.
    Mark(char),
}

/// Tokens of one file that are read.
const MAX_TOKENS: usize = 1_500_000;

/// The longest path that is kept.
const MAX_PATH: usize = 300;

/// Splits a file into tokens. Total: what it does not know, it skips.
pub(super) fn lex(text: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        at: 0,
        tokens: Vec::new(),
    };
    while lexer.at < lexer.bytes.len() && lexer.tokens.len() < MAX_TOKENS {
        lexer.token();
    }
    lexer.tokens
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
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

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or(&[])
    }

    fn token(&mut self) {
        let start = self.at;
        match self.peek(0) {
            b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
            b'/' if self.peek(1) == b'/' => {
                self.at += memchr::memchr(b'\n', self.rest()).unwrap_or(self.rest().len());
            }
            b'/' if self.peek(1) == b'*' => self.block_comment(),
            b'"' => self.string(start),
            b'b' | b'c' if self.peek(1) == b'"' => {
                self.at += 1;
                self.string(start);
            }
            b'r' if self.raw_hashes(1).is_some() => self.raw(start, 1),
            b'b' | b'c' if self.peek(1) == b'r' && self.raw_hashes(2).is_some() => {
                self.raw(start, 2);
            }
            b'\'' => self.quote(start),
            b'.' if is_start(self.peek(1)) && self.peek(1) != b'.' => {
                self.at += 1;
                let name = self.name();
                self.push(start, Kind::Member(name));
            }
            byte if is_start(byte) => self.path(start),
            byte if byte.is_ascii_digit() => self.number(start),
            _ => {
                let c = self
                    .text
                    .get(self.at..)
                    .and_then(|t| t.chars().next())
                    .unwrap_or(' ');
                self.at += c.len_utf8().max(1);
                self.push(start, Kind::Mark(c));
            }
        }
    }

    fn number(&mut self, start: usize) {
        while self.peek(0).is_ascii_alphanumeric() || self.peek(0) == b'_' {
            self.at += 1;
        }
        if let Some((number, bits)) = number(self.text.get(start..self.at).unwrap_or("")) {
            self.push(start, Kind::Number(number, bits));
        }
    }

    fn name(&mut self) -> String {
        let start = self.at;
        while is_start(self.peek(0)) || self.peek(0).is_ascii_digit() {
            self.at += 1;
        }
        self.text.get(start..self.at).unwrap_or("").to_owned()
    }

    /// `a::b::<T>::c`, and `name!`.
    fn path(&mut self, start: usize) {
        let mut path = self.name();
        if path == "r" && self.peek(0) == b'#' {
            self.at += 1;
            path = self.name();
        }
        while self.peek(0) == b':' && self.peek(1) == b':' {
            if is_start(self.peek(2)) {
                self.at += 2;
                let name = self.name();
                if path.len() < MAX_PATH {
                    path.push('.');
                    path.push_str(&name);
                }
            } else if self.peek(2) == b'<' {
                let Some(end) = self.generics(2) else { break };
                self.at += end;
            } else {
                break;
            }
        }
        if self.peek(0) == b'!' && self.peek(1) != b'=' {
            self.at += 1;
            path.push('!');
        }
        self.push(start, Kind::Path(path));
    }

    /// The length of `::<...>` from here.
    fn generics(&self, open: usize) -> Option<usize> {
        let mut depth = 0_u32;
        for (i, byte) in self.rest().iter().enumerate().skip(open).take(300) {
            match byte {
                b'<' => depth += 1,
                b'>' => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(i + 1);
                    }
                }
                b';' | b'{' => return None,
                _ => {}
            }
        }
        None
    }

    fn block_comment(&mut self) {
        let mut depth = 0_u32;
        while self.at < self.bytes.len() {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') => {
                    depth = depth.saturating_add(1);
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth = depth.saturating_sub(1);
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => {
                    let rest = self.bytes.get(self.at + 1..).unwrap_or(&[]);
                    self.at += 1 + memchr::memchr2(b'/', b'*', rest).unwrap_or(rest.len());
                }
            }
        }
    }

    fn string(&mut self, start: usize) {
        self.at += 1;
        let from = self.at;
        let mut escaped = false;
        while let Some(i) = memchr::memchr2(b'"', b'\\', self.rest()) {
            self.at += i;
            if self.peek(0) == b'"' {
                break;
            }
            escaped = true;
            self.at = (self.at + 2).min(self.bytes.len());
        }
        let closed = self.peek(0) == b'"';
        let to = if closed { self.at } else { self.bytes.len() };
        let raw = self.text.get(from..to).unwrap_or("");
        let text = if escaped {
            foretaste_observe::decode::unescape(raw)
        } else {
            raw.to_owned()
        };
        self.at = (to + 1).min(self.bytes.len());
        self.push(start, Kind::Text(text));
    }

    /// How many `#` stand before the quote of a raw string.
    fn raw_hashes(&self, from: usize) -> Option<usize> {
        let rest = self.rest().get(from..)?;
        let hashes = rest.iter().take(256).take_while(|b| **b == b'#').count();
        (rest.get(hashes) == Some(&b'"')).then_some(hashes)
    }

    fn raw(&mut self, start: usize, prefix: usize) {
        let hashes = self.raw_hashes(prefix).unwrap_or(0);
        let from = self.at + prefix + hashes + 1;
        let mut close = vec![b'#'; hashes + 1];
        if let Some(first) = close.first_mut() {
            *first = b'"';
        }
        let rest = self.bytes.get(from..).unwrap_or(&[]);
        let length = memchr::memmem::find(rest, &close).unwrap_or(rest.len());
        let text = self.text.get(from..from + length).unwrap_or("").to_owned();
        self.at = (from + length + close.len()).min(self.bytes.len());
        self.push(start, Kind::Text(text));
    }

    /// A character, or a lifetime.
    fn quote(&mut self, start: usize) {
        if self.peek(1) == b'\\' {
            let rest = self.bytes.get(self.at + 3..).unwrap_or(&[]);
            self.at +=
                3 + memchr::memchr(b'\'', rest.get(..12).unwrap_or(rest)).map_or(0, |i| i + 1);
            self.at = self.at.min(self.bytes.len());
            while !self.text.is_char_boundary(self.at) {
                self.at += 1;
            }
            let escaped = self.text.get(start + 1..self.at.saturating_sub(1));
            let mut found = escaped
                .map(foretaste_observe::decode::unescape)
                .unwrap_or_default();
            if found.chars().count() == 1
                && let Some(c) = found.pop()
            {
                self.push(start, Kind::Char(c));
            }
            return;
        }
        let c = self.text.get(self.at + 1..).and_then(|t| t.chars().next());
        let width = c.map_or(0, char::len_utf8);
        if let Some(c) = c
            && self.peek(1 + width) == b'\''
        {
            self.at += width + 2;
            self.push(start, Kind::Char(c));
        } else {
            self.at += 1;
        }
    }
}

/// A whole number as it is written: `0x5a_u8`.
fn number(written: &str) -> Option<(i64, u8)> {
    const WIDTHS: &[(&str, u8)] = &[
        ("u8", 8),
        ("i8", 8),
        ("u16", 16),
        ("i16", 16),
        ("u32", 32),
        ("i32", 32),
        ("u64", 64),
        ("i64", 64),
        ("usize", 64),
        ("isize", 64),
        ("u128", 64),
        ("i128", 64),
    ];
    let (digits, bits) = WIDTHS
        .iter()
        .find_map(|(suffix, bits)| Some((written.strip_suffix(suffix)?, *bits)))
        .unwrap_or((written, 0));
    let digits = digits.replace('_', "");
    let of = |prefix: &str, radix| {
        digits
            .strip_prefix(prefix)
            .and_then(|d| u64::from_str_radix(d, radix).ok())
    };
    let number = of("0x", 16).or_else(|| of("0b", 2)).or_else(|| of("0o", 8));
    let number = number.or_else(|| digits.parse().ok())?;
    Some((number.cast_signed(), bits))
}

const fn is_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}
