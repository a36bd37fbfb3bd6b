//! A JSON reader that keeps places, survives broken input and bounds its own depth.
//!
//! `serde_json` answers a broken file with an error and knows no places; a hostile manifest must still yield what
//! stands before the break, with the line and column of each script and dependency. Semantics are those of
//! JavaScript's `JSON.parse`, which npm uses: the last of several equal keys counts, a byte-order mark is ignored.

use std::collections::HashMap;

use foretaste_model::Span;
use foretaste_model::facts::{Problem, ProblemKind};
use foretaste_model::span::LineIndex;

/// Levels of arrays and objects that are read.
pub const MAX_DEPTH: u32 = 128;
/// Bytes that are read; no honest manifest comes near.
pub const MAX_BYTES: usize = 16 << 20;
/// Keys that stand twice of which each is a problem of its own.
const MAX_PROBLEMS: usize = 100;

/// A value and the byte range in which it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// First byte.
    pub start: u32,
    /// Byte after the last one.
    pub end: u32,
    /// The value.
    pub value: Value,
}

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, and what stands in the place of a value that is missing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as written.
    Number(Box<str>),
    /// A string without its escapes.
    String(Box<str>),
    /// An array.
    Array(Vec<Node>),
    /// An object: keys are unique, in the order of their first mention, with the last value.
    Object(Vec<Member>),
}

/// A key of an object with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The key without its escapes.
    pub key: Box<str>,
    /// Where the key starts.
    pub start: u32,
    /// The value.
    pub node: Node,
}

impl Node {
    /// The member of an object.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.members()
            .iter()
            .find(|m| &*m.key == key)
            .map(|m| &m.node)
    }

    /// The members of an object; none for anything else.
    pub fn members(&self) -> &[Member] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The items of an array; none for anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::Array(items) => items,
            _ => &[],
        }
    }

    /// The text of a string.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The word for the type, for messages.
    pub const fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        }
    }
}

/// What reading gave: as much of the document as could be read, and what was wrong with it.
#[derive(Debug)]
pub struct Document<'a> {
    /// The root; `null` if nothing could be read.
    pub root: Node,
    /// What was wrong, in the order of the text.
    pub problems: Vec<Problem>,
    index: LineIndex<'a>,
}

impl Document<'_> {
    /// The place of a byte range.
    pub fn span(&self, start: u32, end: u32) -> Span {
        self.index.span(start, end)
    }
}

/// Reads a document.
pub fn read(text: &str) -> Document<'_> {
    read_as(text, false)
}

/// Reads a document with comments and commas before closing brackets, as bun writes its lock and editors their
/// settings.
pub fn read_with_comments(text: &str) -> Document<'_> {
    read_as(text, true)
}

fn read_as(text: &str, comments: bool) -> Document<'_> {
    let mut problems = Vec::new();
    let text = if text.len() > MAX_BYTES {
        problems.push(Problem {
            kind: ProblemKind::Truncated,
            span: None,
            message: format!("only the first {MAX_BYTES} bytes were read").into(),
        });
        let end = (0..=MAX_BYTES)
            .rev()
            .find(|i| text.is_char_boundary(*i))
            .unwrap_or(0);
        text.get(..end).unwrap_or("")
    } else {
        text
    };
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        broken: false,
        comments,
        index: LineIndex::new(text),
        problems,
    };
    if text.starts_with('\u{feff}') {
        reader.at = 3;
    }
    let root = reader.value(0);
    reader.blanks();
    if !reader.broken && reader.at < reader.bytes.len() {
        reader.fail("text follows the end of the document");
    }
    Document {
        root,
        problems: reader.problems,
        index: reader.index,
    }
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    broken: bool,
    /// Comments, and commas before closing brackets, are allowed.
    comments: bool,
    index: LineIndex<'a>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn fail(&mut self, message: &str) {
        self.problem(ProblemKind::Malformed, self.at, message);
        self.broken = true;
    }

    fn problem(&mut self, kind: ProblemKind, at: usize, message: impl Into<Box<str>>) {
        let at = at.min(self.bytes.len()) as u32;
        self.problems.push(Problem {
            kind,
            span: Some(self.index.span(at, at + 1)),
            message: message.into(),
        });
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
        }
        found
    }

    fn blanks(&mut self) {
        loop {
            while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
                self.at += 1;
            }
            if !self.comments || self.peek() != Some(b'/') {
                return;
            }
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let length = match rest.get(1) {
                Some(b'/') => memchr::memchr(b'\n', rest),
                Some(b'*') => memchr::memmem::find(rest, b"*/").map(|end| end + 2),
                _ => return,
            };
            self.at += length.unwrap_or(rest.len());
        }
    }

    /// After a comma: true if the bracket closes here all the same.
    fn closes(&mut self, bracket: u8) -> bool {
        self.blanks();
        self.comments && self.eat(bracket)
    }

    fn node(&self, start: usize, value: Value) -> Node {
        Node {
            start: start as u32,
            end: self.at as u32,
            value,
        }
    }

    fn value(&mut self, depth: u32) -> Node {
        self.blanks();
        let start = self.at;
        let value = match self.peek() {
            Some(b'{' | b'[') if depth >= MAX_DEPTH => {
                let message = format!("nesting is deeper than {MAX_DEPTH} levels");
                self.problem(ProblemKind::TooDeep, start, message);
                self.broken = true;
                Value::Null
            }
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Value::String(self.string()),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(_) => {
                self.fail("a value was expected here");
                Value::Null
            }
            None => {
                self.fail("the document ends where a value was expected");
                Value::Null
            }
        };
        self.node(start, value)
    }

    fn word(&mut self, word: &str, value: Value) -> Value {
        let here = self.bytes.get(self.at..self.at + word.len());
        if here == Some(word.as_bytes()) {
            self.at += word.len();
            return value;
        }
        self.fail("a value was expected here");
        Value::Null
    }

    fn number(&mut self) -> Value {
        let start = self.at;
        while matches!(
            self.peek(),
            Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')
        ) {
            self.at += 1;
        }
        Value::Number(self.text.get(start..self.at).unwrap_or("0").into())
    }

    fn array(&mut self, depth: u32) -> Value {
        let mut items = Vec::new();
        self.at += 1;
        self.blanks();
        if self.eat(b']') {
            return Value::Array(items);
        }
        while !self.broken {
            let before = self.at;
            let item = self.value(depth + 1);
            if !self.broken || self.at > before {
                items.push(item);
            }
            self.blanks();
            if self.broken || self.eat(b']') {
                break;
            }
            if !self.eat(b',') {
                self.fail("`,` or `]` was expected here");
            } else if self.closes(b']') {
                break;
            }
        }
        Value::Array(items)
    }

    fn object(&mut self, depth: u32) -> Value {
        let mut members: Vec<Member> = Vec::new();
        let mut seen: HashMap<Box<str>, usize> = HashMap::new();
        self.at += 1;
        self.blanks();
        if self.eat(b'}') {
            return Value::Object(members);
        }
        while !self.broken {
            self.blanks();
            let start = self.at;
            if self.peek() != Some(b'"') {
                self.fail("a key in double quotes was expected here");
                break;
            }
            let key = self.string();
            self.blanks();
            if self.broken || !self.eat(b':') {
                if !self.broken {
                    self.fail("`:` was expected here");
                }
                break;
            }
            let node = self.value(depth + 1);
            if let Some(position) = seen.get(&key) {
                if self.problems.len() < MAX_PROBLEMS {
                    let key = clip(&key);
                    let message = format!("the key `{key}` stands twice; the last one counts");
                    self.problem(ProblemKind::Malformed, start, message);
                }
                if let Some(member) = members.get_mut(*position) {
                    member.start = start as u32;
                    member.node = node;
                }
            } else {
                seen.insert(key.clone(), members.len());
                members.push(Member {
                    key,
                    start: start as u32,
                    node,
                });
            }
            self.blanks();
            if self.broken || self.eat(b'}') {
                break;
            }
            if !self.eat(b',') {
                self.fail("`,` or `}` was expected here");
            } else if self.closes(b'}') {
                break;
            }
        }
        Value::Object(members)
    }

    fn string(&mut self) -> Box<str> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            // every stop is an ASCII byte, so both ends are character boundaries
            out.push_str(self.text.get(start..self.at).unwrap_or(""));
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return out.into();
                }
                Some(b'\\') => self.escape(&mut out),
                Some(_) => {
                    self.fail("a control character stands in a string");
                    return out.into();
                }
                None => {
                    self.fail("the document ends inside a string");
                    return out.into();
                }
            }
            if self.broken {
                return out.into();
            }
        }
    }

    fn escape(&mut self, out: &mut String) {
        self.at += 1;
        let Some(byte) = self.peek() else {
            self.fail("the document ends inside a string");
            return;
        };
        self.at += 1;
        match byte {
            b'"' | b'\\' | b'/' => out.push(char::from(byte)),
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'n' => out.push('\n'),
            b'r' => out.push('\r'),
            b't' => out.push('\t'),
            b'u' => self.unicode(out),
            _ => {
                self.at -= 1;
                self.fail("an unknown escape stands in a string");
            }
        }
    }

    fn unicode(&mut self, out: &mut String) {
        let Some(first) = self.hex4() else {
            self.fail("`\\u` needs four hexadecimal digits");
            return;
        };
        if (0xd800..0xdc00).contains(&first) && self.bytes.get(self.at..self.at + 2) == Some(b"\\u")
        {
            let back = self.at;
            self.at += 2;
            if let Some(second) = self.hex4()
                && (0xdc00..0xe000).contains(&second)
            {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                return;
            }
            self.at = back;
        }
        out.push(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
    }

    fn hex4(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

/// At most 60 characters of a text, for messages.
pub(crate) fn clip(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_megabytes_with_one_key_is_read_in_time() {
        let text = format!("{{{}\"a\":1}}", "\"a\":0,".repeat(500_000));
        let begin = std::time::Instant::now();
        let document = read(&text);
        assert_eq!(document.root.members().len(), 1);
        assert_eq!(document.problems.len(), MAX_PROBLEMS);
        assert!(begin.elapsed().as_secs() < 20);
    }

    fn first_problem(text: &str) -> String {
        let document = read(text);
        let problem = document.problems.first().expect("a problem");
        let span = problem.span.expect("a place");
        format!("{}:{} {}", span.line, span.column, problem.message)
    }

    #[test]
    fn values_keep_their_places() {
        let document = read("\u{feff}{\n  \"a\": {\"é\": \"x\\u00e9\\ud83d\\ude00\\ud800\"}\n}");
        assert!(document.problems.is_empty());
        let inner = document.root.get("a").and_then(|a| a.get("é")).unwrap();
        assert_eq!(inner.text(), Some("xé😀\u{fffd}"));
        let span = document.span(inner.start, inner.end);
        assert_eq!((span.line, span.column), (2, 14));
    }

    #[test]
    fn the_last_of_equal_keys_counts_and_is_reported() {
        let document = read(r#"{"a": 1, "b": 2, "a": "last"}"#);
        assert_eq!(document.root.get("a").and_then(Node::text), Some("last"));
        assert_eq!(document.problems.len(), 1);
    }

    #[test]
    fn what_stands_before_a_break_is_kept() {
        let document = read("{\"scripts\": {\"postinstall\": \"node x\", \"b\": oops");
        let script = document
            .root
            .get("scripts")
            .and_then(|s| s.get("postinstall"));
        assert_eq!(script.and_then(Node::text), Some("node x"));
        assert_eq!(document.problems.len(), 1);
    }

    #[test]
    fn each_kind_of_break_has_its_message_and_place() {
        for (text, expected) in [
            ("", "1:1 the document ends where a value was expected"),
            ("[1,]", "1:4 a value was expected here"),
            ("{\"a\" 1}", "1:6 `:` was expected here"),
            ("{\"a\":1,}", "1:8 a key in double quotes was expected here"),
            ("\"a\nb\"", "1:3 a control character stands in a string"),
            ("\"\\x\"", "1:3 an unknown escape stands in a string"),
            ("\"\\u12\"", "1:4 `\\u` needs four hexadecimal digits"),
            ("{} {}", "1:4 text follows the end of the document"),
        ] {
            assert_eq!(first_problem(text), expected, "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_a_problem_and_no_crash() {
        let text = "[".repeat(1_000_000);
        let document = read(&text);
        assert!(
            document
                .problems
                .iter()
                .any(|p| p.kind == ProblemKind::TooDeep)
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC*") {
            let _ = read(&text);
        }

        #[test]
        fn any_cut_of_a_document_is_read_without_a_panic(cut in 0usize..64) {
            let text = r#"{"é": ["\u00e9\ud83d\ude00", -1.5e3, true, null, {"k": {}}], "é": "x"}"#;
            if let Some(part) = text.get(..cut) {
                let _ = read(part);
            }
        }
    }
}
