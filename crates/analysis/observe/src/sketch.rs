//! The sketch of a text of code: a light lexer of its own that reads every language alike, never fails, and never
//! looks at a byte twice.
//!
//! Names, strings and numbers are blanked out, because generators and copyists change them. What is kept says what the
//! code does: keywords, operators, attribute names (`.post`, `.environ`), names that are imported, and a few builtins.

use foretaste_model::facts::{Chunk, Language, Sketch};

/// A chunk ends after a token whose neighbourhood hashes to 0 modulo this.
const CUT: u64 = 16;
/// Tokens of the shortest chunk, but for the last one of a text.
const MIN_TOKENS: u16 = 12;

/// Sketches a text. Text that is no code has no sketch.
pub fn sketch(language: Language, text: &str) -> Sketch {
    let Some(comments) = Comments::of(language) else {
        return Sketch::default();
    };
    let mut lexer = Lexer {
        bytes: text.as_bytes(),
        at: 0,
        line: 1,
        comments,
    };
    let mut made = Maker::default();
    let mut before = [0_u64; 2];
    let mut importing = false;
    let mut after_dot = false;
    let mut line = 1;
    while let Some(token) = lexer.next() {
        if lexer.line != line {
            line = lexer.line;
            importing = false;
        }
        let hash = match token {
            Token::Name(name) => {
                importing |= matches!(name, b"import" | b"from" | b"require");
                // mangled names are made up anew for each copy
                let kept = (after_dot || importing || is_kept(name)) && !name.starts_with(b"_0x");
                if kept { of_bytes(name) } else { 1 }
            }
            Token::Text => 2,
            Token::Number => 3,
            Token::Sign(sign) => 256 + u64::from(sign),
        };
        after_dot = matches!(token, Token::Sign(b'.'));
        made.add(
            hash,
            mix(mix(before[0], before[1]), hash),
            lexer.token_line(),
        );
        before = [before[1], hash];
    }
    made.finish()
}

enum Token<'a> {
    Name(&'a [u8]),
    Text,
    Number,
    Sign(u8),
}

/// How comments begin.
#[derive(Clone, Copy)]
struct Comments {
    hash: bool,
    slashes: bool,
    rem: bool,
}

impl Comments {
    /// None for text that is no code.
    const fn of(language: Language) -> Option<Self> {
        let none = Self {
            hash: false,
            slashes: false,
            rem: false,
        };
        Some(match language {
            Language::Python
            | Language::Pth
            | Language::Shell
            | Language::PowerShell
            | Language::Ruby => Self { hash: true, ..none },
            Language::Php => Self {
                hash: true,
                slashes: true,
                ..none
            },
            Language::JavaScript | Language::TypeScript | Language::Rust | Language::Go => Self {
                slashes: true,
                ..none
            },
            Language::Batch => Self { rem: true, ..none },
            _ => return None,
        })
    }
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
    comments: Comments,
}

impl<'a> Lexer<'a> {
    /// The line of the token that was just read (a text may end on a later one; that is near enough).
    const fn token_line(&self) -> u32 {
        self.line
    }

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.at += 1;
                }
                b' ' | b'\t' | b'\r' | 0x0c => self.at += 1,
                b'#' if self.comments.hash => self.skip_line(),
                b'/' if self.comments.slashes && self.peek(1) == Some(b'/') => self.skip_line(),
                b'/' if self.comments.slashes && self.peek(1) == Some(b'*') => {
                    self.skip_to(b"*/", 2);
                }
                b':' if self.comments.rem && self.peek(1) == Some(b':') => self.skip_line(),
                b'"' | b'\'' | b'`' => {
                    self.text(byte);
                    return Some(Token::Text);
                }
                b'0'..=b'9' => {
                    self.run(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.');
                    return Some(Token::Number);
                }
                b if is_name(b) => {
                    let name = self.run(is_name);
                    // prefixes of Python's strings belong to the string
                    if name.len() <= 2
                        && matches!(self.peek(0), Some(b'"' | b'\''))
                        && name.iter().all(|b| b"rRbBuUfF".contains(b))
                    {
                        continue;
                    }
                    return Some(Token::Name(name));
                }
                sign => {
                    self.at += 1;
                    return Some(Token::Sign(sign));
                }
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn run(&mut self, belongs: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|b| !belongs(*b)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    }

    fn skip_to(&mut self, end: &[u8], from: usize) {
        let start = (self.at + from).min(self.bytes.len());
        let rest = &self.bytes[start..];
        let length = memchr::memmem::find(rest, end).map_or(rest.len(), |i| i + end.len());
        self.line += memchr::memchr_iter(b'\n', &rest[..length]).count() as u32;
        self.at = start + length;
    }

    /// A string constant; one that is not closed ends with its line.
    fn text(&mut self, quote: u8) {
        if quote != b'`' && self.peek(1) == Some(quote) && self.peek(2) == Some(quote) {
            self.skip_to(&[quote; 3], 3);
            return;
        }
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\\' => {
                    if self.peek(1) == Some(b'\n') {
                        self.line += 1;
                    }
                    self.at += 2;
                    continue;
                }
                b'\n' if quote != b'`' => return,
                b'\n' => self.line += 1,
                b if b == quote => {
                    self.at += 1;
                    return;
                }
                _ => {}
            }
            self.at += 1;
        }
    }
}

const fn is_name(byte: u8) -> bool {
    NAME[byte as usize]
}

/// Which bytes stand in names.
const NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric() || b == b'_' || b == b'$' || b >= 0x80;
        byte += 1;
    }
    table
};

/// Keywords of any language read here, and builtins that say what code does.
fn is_kept(name: &[u8]) -> bool {
    // a pattern, which looks at the length first: this is asked of every word
    matches!(
        name,
        b"Buffer"
            | b"Function"
            | b"and"
            | b"as"
            | b"async"
            | b"atob"
            | b"await"
            | b"break"
            | b"bytes"
            | b"case"
            | b"catch"
            | b"child_process"
            | b"chr"
            | b"class"
            | b"compile"
            | b"const"
            | b"continue"
            | b"cscript"
            | b"curl"
            | b"def"
            | b"del"
            | b"do"
            | b"done"
            | b"echo"
            | b"elif"
            | b"else"
            | b"esac"
            | b"eval"
            | b"except"
            | b"exec"
            | b"export"
            | b"fetch"
            | b"fi"
            | b"finally"
            | b"fn"
            | b"for"
            | b"from"
            | b"function"
            | b"getattr"
            | b"global"
            | b"globals"
            | b"if"
            | b"impl"
            | b"import"
            | b"in"
            | b"is"
            | b"join"
            | b"lambda"
            | b"let"
            | b"map"
            | b"match"
            | b"new"
            | b"not"
            | b"open"
            | b"or"
            | b"ord"
            | b"pass"
            | b"powershell"
            | b"print"
            | b"process"
            | b"raise"
            | b"range"
            | b"require"
            | b"return"
            | b"self"
            | b"setattr"
            | b"setTimeout"
            | b"setup"
            | b"sh"
            | b"start"
            | b"struct"
            | b"super"
            | b"switch"
            | b"then"
            | b"this"
            | b"throw"
            | b"try"
            | b"type"
            | b"typeof"
            | b"use"
            | b"var"
            | b"wget"
            | b"while"
            | b"with"
            | b"yield"
            | b"__import__"
            | b"__name__"
    )
}

/// Cuts the stream of tokens into chunks.
struct Maker {
    sketch: Sketch,
    chunk: Option<Chunk>,
}

impl Default for Maker {
    fn default() -> Self {
        Self {
            sketch: Sketch {
                shape: SEED,
                ..Sketch::default()
            },
            chunk: None,
        }
    }
}

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

impl Maker {
    fn add(&mut self, hash: u64, neighbourhood: u64, line: u32) {
        self.sketch.tokens = self.sketch.tokens.saturating_add(1);
        self.sketch.shape = mix(self.sketch.shape, hash);
        let chunk = self.chunk.get_or_insert(Chunk {
            hash: SEED,
            line,
            more_lines: 0,
            tokens: 0,
        });
        chunk.hash = mix(chunk.hash, hash);
        chunk.tokens += 1;
        chunk.more_lines = u16::try_from(line.saturating_sub(chunk.line)).unwrap_or(u16::MAX);
        let ends = chunk.tokens >= MIN_TOKENS && (neighbourhood >> 32).is_multiple_of(CUT);
        if ends || chunk.tokens >= Sketch::MAX_CHUNK_TOKENS {
            self.close();
        }
    }

    fn close(&mut self) {
        let Some(chunk) = self.chunk.take() else {
            return;
        };
        self.sketch.chunks.push(chunk);
        if self.sketch.chunks.len() >= Sketch::MAX_CHUNKS * 16 {
            self.thin();
        }
    }

    /// Keeps the chunks with the lowest hashes: two texts that share chunks keep the same ones.
    fn thin(&mut self) {
        let chunks = &mut self.sketch.chunks;
        if chunks.len() > Sketch::MAX_CHUNKS {
            let mut hashes: Vec<u64> = chunks.iter().map(|c| c.hash).collect();
            let limit = *hashes.select_nth_unstable(Sketch::MAX_CHUNKS - 1).1;
            chunks.retain(|c| c.hash <= limit);
            chunks.truncate(Sketch::MAX_CHUNKS);
        }
    }

    fn finish(mut self) -> Sketch {
        self.close();
        self.thin();
        self.sketch.chunks.shrink_to_fit();
        if self.sketch.tokens == 0 {
            self.sketch.shape = 0;
        }
        self.sketch
    }
}

/// Mixes a value into a hash (the finaliser of MurmurHash3).
const fn mix(state: u64, value: u64) -> u64 {
    let mut x = state.rotate_left(23) ^ value.wrapping_mul(0xff51_afd7_ed55_8ccd);
    x ^= x >> 33;
    x = x.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    x ^ (x >> 29)
}

fn of_bytes(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| {
        (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn py(text: &str) -> Sketch {
        sketch(Language::Python, text)
    }

    #[test]
    fn names_strings_numbers_and_comments_do_not_matter() {
        let one = py("import os\nkey = os.environ['A'] # secret\nsend(key, 443)\n");
        let two = py("import os\n\nx1 = os.environ[\"\"\"BBB\n\"\"\"]\npost(x1, 0x50)\n");
        assert_eq!(one.shape, two.shape);
        assert_ne!(
            one.shape,
            py("import os\nkey = os.getenv['A']\nsend(key, 443)\n").shape
        );
        assert_ne!(
            one.shape,
            py("import re\nkey = os.environ['A']\nsend(key, 443)\n").shape
        );
    }

    #[test]
    fn text_that_is_no_code_has_no_sketch() {
        assert_eq!(sketch(Language::Text, "import os"), Sketch::default());
        assert_eq!(py("# only a comment\n"), Sketch::default());
    }

    #[test]
    fn an_edit_changes_only_the_chunks_around_it() {
        let line = |i: usize| format!("v{i} = call{i}(os.f{i}.g{}, [1, 2], k='x')\n", i % 7);
        let text: String = (0..60).map(line).collect();
        let edited = text.replacen("v30 = ", "if x: v30 = y + ", 1);
        let (a, b) = (py(&text), py(&edited));
        let shared = a
            .chunks
            .iter()
            .filter(|c| b.chunks.iter().any(|d| d.hash == c.hash))
            .count();
        assert!(
            shared * 10 >= a.chunks.len() * 7,
            "{shared} of {}",
            a.chunks.len()
        );
    }

    #[test]
    fn long_texts_keep_an_equal_sample_and_their_lines() {
        let line = |i: usize| format!("v = a{0}.b{0}(c.d{1}, [1, 2], k='x')\n", i, i % 9);
        let text: String = (0..50_000).map(line).collect();
        let (a, b) = (py(&text), py(&format!("\n{text}")));
        assert_eq!(a.chunks.len(), Sketch::MAX_CHUNKS);
        let places = |s: &Sketch| {
            s.chunks
                .iter()
                .map(|c| (c.hash, c.line))
                .collect::<Vec<_>>()
        };
        let moved: Vec<_> = places(&a).into_iter().map(|(h, l)| (h, l + 1)).collect();
        assert_eq!(moved, places(&b));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_sketched_within_bounds(text in "\\PC{0,400}") {
            for language in [Language::Python, Language::JavaScript, Language::Batch] {
                let sketch = sketch(language, &text);
                proptest::prop_assert!(sketch.chunks.len() <= Sketch::MAX_CHUNKS);
                proptest::prop_assert!(sketch.tokens as usize <= text.len());
            }
        }

        #[test]
        fn quotes_and_slashes_of_every_shape_end(text in "[\"'`\\\\/*#\n a.]{0,200}") {
            sketch(Language::JavaScript, &text);
            sketch(Language::Python, &text);
        }
    }
}
