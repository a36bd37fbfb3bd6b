//! Measures nesting before a parser sees the text, in one linear pass without a stack of its own frames.
//!
//! Parsers and the destructors of their trees are recursive: nesting that no person writes ends the process. This
//! measure is an upper bound taken from the bytes: brackets, indentation, and runs of tokens at one level (each token
//! can open at most one level: prefix operators, `a.b().c()`, `x if y else`, `lambda: lambda:`).

use foretaste_model::Limits;

/// What the pre-scan must know of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Bytes that begin a comment up to the end of the line.
    pub line_comments: &'static [&'static str],
    /// Begin and end of block comments.
    pub block_comment: Option<(&'static str, &'static str)>,
    /// Bytes that quote strings.
    pub quotes: &'static [u8],
    /// Quotes may be tripled.
    pub triple_quotes: bool,
    /// Blocks are indented; a line break at bracket depth 0 ends a statement.
    pub indented: bool,
    /// Bytes that end a run of tokens besides brackets.
    pub separators: &'static [u8],
}

impl Shape {
    /// Python.
    pub const PYTHON: Self = Self {
        line_comments: &["#"],
        block_comment: None,
        quotes: b"\"'",
        triple_quotes: true,
        indented: true,
        separators: b",;",
    };

    /// JavaScript and TypeScript. Regular expressions and templates are read as code: that can only overstate.
    pub const JAVASCRIPT: Self = Self {
        line_comments: &["//"],
        block_comment: Some(("/*", "*/")),
        quotes: b"\"'",
        triple_quotes: false,
        indented: false,
        separators: b",;",
    };
}

/// How deep a text nests, at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nesting {
    /// Open brackets.
    pub brackets: u32,
    /// Indentation levels.
    pub indents: u32,
    /// Tokens in one run at one bracket level.
    pub run: u32,
    /// The byte at which the deepest bracket or longest run stands.
    pub offset: u32,
}

impl Nesting {
    /// Tokens of a run that weigh as much as one bracket: honest sums of strings have thousands of operands.
    const RUN: u32 = 50;

    /// [`is_hopeless`], of what was measured.
    pub const fn is_hopeless(&self) -> bool {
        is_hopeless(self.brackets, self.run)
    }

    /// True if a parser on a large stack (256 MiB) can be trusted with it.
    pub const fn fits(&self, limits: &Limits) -> bool {
        self.brackets <= limits.nesting
            && self.indents <= limits.nesting
            && self.run <= limits.nesting.saturating_mul(Self::RUN)
    }
}

/// True for brackets within one another, or tokens in a run, of which a tree, however it is built, takes more memory than one
/// file may: about a kilobyte for each. Interpreters refuse a hundredth of that.
pub const fn is_hopeless(brackets: u32, run: u32) -> bool {
    brackets > 100_000 || run > 250_000
}

/// Measures a text.
pub fn measure(text: &str, shape: &Shape) -> Nesting {
    let bytes = text.as_bytes();
    let kinds = kinds(shape);
    let mut worst = Nesting::default();
    let mut runs: Vec<u32> = vec![0];
    let mut indents: Vec<u32> = Vec::new();
    let mut at = 0;
    let mut line_start = true;
    while let Some(&byte) = bytes.get(at) {
        if line_start && shape.indented && runs.len() == 1 {
            line_start = false;
            let blank = bytes
                .get(at..)
                .unwrap_or(&[])
                .iter()
                .take_while(|b| matches!(b, b' ' | b'\t' | b'\x0c'))
                .count();
            at += blank;
            if !matches!(bytes.get(at), None | Some(b'\n' | b'\r' | b'#')) {
                let width = blank as u32;
                while indents.last().is_some_and(|w| *w > width) {
                    indents.pop();
                }
                if width > indents.last().copied().unwrap_or(0) {
                    indents.push(width);
                    worst.indents = worst.indents.max(indents.len() as u32);
                }
            }
            continue;
        }
        match kinds[usize::from(byte)] {
            Kind::Word => {
                token(&mut runs, &mut worst, at);
                // most bytes stand in words: they are passed at once
                at += 1;
                while bytes
                    .get(at)
                    .is_some_and(|b| kinds[usize::from(*b)] == Kind::Word)
                {
                    at += 1;
                }
                continue;
            }
            Kind::Blank => {}
            Kind::Open => {
                runs.push(0);
                if runs.len() as u32 - 1 > worst.brackets {
                    worst.brackets = runs.len() as u32 - 1;
                    worst.offset = at as u32;
                }
            }
            Kind::Close => {
                if runs.len() > 1 {
                    runs.pop();
                }
                // a closed block of a language with braces ends a statement; a closed bracket extends the run
                if byte == b'}' && !shape.indented {
                    if let Some(run) = runs.last_mut() {
                        *run = run.saturating_sub(1);
                    }
                } else {
                    token(&mut runs, &mut worst, at);
                }
            }
            Kind::Newline => {
                line_start = true;
                if shape.indented && runs.len() == 1 && !ends_with_backslash(bytes, at) {
                    runs[0] = 0;
                }
            }
            Kind::Quote => {
                at = skip_string(bytes, at, shape);
                continue;
            }
            Kind::Separator => {
                if let Some(run) = runs.last_mut() {
                    *run = 0;
                }
            }
            Kind::Comment => {
                if let Some(end) = skip_comment(bytes, at, shape) {
                    at = end;
                    continue;
                }
                token(&mut runs, &mut worst, at);
            }
            Kind::Sign => token(&mut runs, &mut worst, at),
        }
        at += 1;
    }
    worst
}

/// What a byte outside of strings and comments is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It stands in a word.
    Word,
    Blank,
    Newline,
    Open,
    Close,
    Quote,
    Separator,
    /// A comment may begin with it.
    Comment,
    Sign,
}

/// What each byte is in a language.
fn kinds(shape: &Shape) -> [Kind; 256] {
    let block = shape.block_comment.map(|(open, _)| open);
    let begins = |byte: u8| {
        let mut comments = shape.line_comments.iter().copied().chain(block);
        comments.any(|c| c.as_bytes().first() == Some(&byte))
    };
    let kind = |byte: u8| match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => Kind::Word,
        b'(' | b'[' | b'{' => Kind::Open,
        b')' | b']' | b'}' => Kind::Close,
        b'\n' => Kind::Newline,
        b' ' | b'\t' | b'\r' => Kind::Blank,
        _ if shape.quotes.contains(&byte) => Kind::Quote,
        _ if shape.separators.contains(&byte) => Kind::Separator,
        _ if begins(byte) => Kind::Comment,
        _ => Kind::Sign,
    };
    std::array::from_fn(|byte| kind(byte as u8))
}

fn token(runs: &mut [u32], worst: &mut Nesting, at: usize) {
    if let Some(run) = runs.last_mut() {
        *run = run.saturating_add(1);
        if *run > worst.run {
            worst.run = *run;
            if *run > 10_000 {
                worst.offset = at as u32;
            }
        }
    }
}

fn ends_with_backslash(bytes: &[u8], newline: usize) -> bool {
    let before = newline.checked_sub(1).and_then(|i| bytes.get(i));
    match before {
        Some(b'\\') => true,
        Some(b'\r') => newline.checked_sub(2).and_then(|i| bytes.get(i)) == Some(&b'\\'),
        _ => false,
    }
}

fn skip_comment(bytes: &[u8], at: usize, shape: &Shape) -> Option<usize> {
    let rest = bytes.get(at..)?;
    if shape
        .line_comments
        .iter()
        .any(|c| rest.starts_with(c.as_bytes()))
    {
        return Some(memchr::memchr(b'\n', rest).map_or(bytes.len(), |i| at + i));
    }
    let (open, close) = shape.block_comment?;
    rest.starts_with(open.as_bytes()).then(|| {
        let inner = rest.get(open.len()..).unwrap_or(&[]);
        memchr::memmem::find(inner, close.as_bytes())
            .map_or(bytes.len(), |i| at + open.len() + i + close.len())
    })
}

/// The byte after a string literal; an unclosed one-line string ends with its line.
fn skip_string(bytes: &[u8], at: usize, shape: &Shape) -> usize {
    let quote = bytes.get(at).copied().unwrap_or(b'"');
    let rest = bytes.get(at + 1..).unwrap_or(&[]);
    if shape.triple_quotes && rest.starts_with(&[quote, quote]) {
        let mut from = at + 3;
        while let Some(i) = memchr::memchr2(quote, b'\\', bytes.get(from..).unwrap_or(&[])) {
            let here = from + i;
            if bytes.get(here) == Some(&b'\\') {
                from = here + 2;
            } else if bytes.get(here..).unwrap_or(&[]).starts_with(&[quote; 3]) {
                return here + 3;
            } else {
                from = here + 1;
            }
        }
        return bytes.len();
    }
    let mut from = at + 1;
    while let Some(i) = memchr::memchr3(quote, b'\\', b'\n', bytes.get(from..).unwrap_or(&[])) {
        let here = from + i;
        match bytes.get(here) {
            Some(b'\\') => from = here + 2,
            Some(b'\n') => return here,
            _ => return here + 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn honest_code_fits_and_bombs_do_not() {
        let limits = Limits::default();
        let honest = "def f(a, b):\n    # (((((\n    return {'x': [a(b)(c), '((((((']}\n";
        let nesting = measure(honest, &Shape::PYTHON);
        assert_eq!((nesting.brackets, nesting.indents), (3, 1));
        assert!(nesting.fits(&limits));
        let n = 100_000;
        let bombs = [
            "(".repeat(n),
            "[".repeat(n),
            "-".repeat(n) + "1",
            "not ".repeat(n) + "x",
            "a".to_owned() + &".b()".repeat(n),
            "1".to_owned() + &"+1".repeat(n),
            "lambda: ".repeat(n) + "1",
            "a if b else ".repeat(n) + "c",
            "f'{".repeat(n),
            (0..n.min(2000))
                .map(|i| " ".repeat(i) + "if x:\n")
                .collect::<String>(),
        ];
        for bomb in bombs {
            let nesting = measure(&bomb, &Shape::PYTHON);
            assert!(!nesting.fits(&limits), "{:?} {nesting:?}", &bomb[..20]);
        }
    }

    #[test]
    fn long_flat_code_fits() {
        let limits = Limits::default();
        let list = format!("x = [{}]\n", "1, -2, ".repeat(200_000));
        assert!(measure(&list, &Shape::PYTHON).fits(&limits));
        let lines = "a = b + c.d(e)\n".repeat(50_000);
        assert!(measure(&lines, &Shape::PYTHON).fits(&limits));
        let minified = "function a(b){return b.c(1)}".repeat(50_000);
        assert!(measure(&minified, &Shape::JAVASCRIPT).brackets < 3);
    }
}
