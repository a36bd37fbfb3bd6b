//! Measures nesting before the recursive parser sees a text. One pass, no recursion.
//!
//! The parser, like every recursive one, dies of deep nesting in a way that cannot be caught, so this must never
//! understate. Regular expressions and templates are told from code as the language does it; where that is ambiguous,
//! brackets inside count as open. Where reading it otherwise than the parser could hide them, a second, doubting count
//! takes strings, comments, templates and regular expressions for code that opens brackets and never closes one.

use foretaste_model::Limits;
use foretaste_observe::nesting::is_hopeless;

/// How deep a text nests, at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Nesting {
    /// Open brackets.
    pub(crate) brackets: u32,
    /// Tokens in one run at one bracket level: prefix operators, arrows, `else if`, member chains.
    pub(crate) run: u32,
    /// Brackets and tokens within one another if everything that may be code is.
    pub(crate) doubtful: u32,
    /// Where the worst of it stands.
    pub(crate) offset: u32,
}

impl Nesting {
    /// Tokens of one run that the stack of the parser's thread holds with room to spare.
    const MAX_RUN: u32 = 40_000;
    /// Elements, type arguments, `else` branches within one another.
    const MAX_LEVELS: u32 = 4_000;
    /// Doubtful brackets that the stack holds; honest files have some thousand.
    const MAX_DOUBTFUL: u32 = 100_000;

    pub(crate) const fn fits(&self, limits: &Limits) -> bool {
        self.brackets <= limits.nesting
            && self.run <= Self::MAX_RUN
            && self.doubtful <= Self::MAX_DOUBTFUL
    }

    /// True if the tree of a tolerant parser would take more memory than one file may.
    pub(crate) const fn is_hopeless(&self) -> bool {
        is_hopeless(self.brackets, self.run)
    }

    /// True if a quarter of that stack holds it, with twice the room to spare.
    pub(crate) const fn is_shallow(&self) -> bool {
        self.brackets <= 400
            && self.run <= Self::MAX_RUN / 8
            && self.doubtful <= Self::MAX_DOUBTFUL / 8
    }
}

/// What came before, as far as it decides what a slash means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// Something with a value: a slash divides.
    Operand,
    /// An operator, a bracket or a keyword: a slash begins a regular expression.
    Operator,
    /// A closed block or object: a slash is either.
    Either,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Level {
    /// The bracket that opened it.
    bracket: u8,
    /// A `(` behind `if`, `while`, `for`, `with`: what follows its end is a statement.
    head: bool,
    /// What was counted before it opened.
    counts: Counts,
}

/// What is counted between one pair of brackets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    /// Tokens since the last separator.
    run: u32,
    /// Open JSX elements: their text may hold any separator or keyword.
    elements: u32,
    /// Open `<` since the last semicolon: type arguments nest across commas.
    generics: u32,
    /// `else`: chains of it nest across semicolons.
    elses: u32,
}

struct Scan<'t> {
    bytes: &'t [u8],
    at: usize,
    levels: Vec<Level>,
    counts: Counts,
    before: Before,
    keyword_head: bool,
    /// The last token was a dot: a word behind it is a name, whatever it reads.
    dot: bool,
    /// Brackets in text that may or may not be code.
    doubtful: u32,
    /// Brackets that stay open if everything that was passed over is code.
    doubted: u32,
    /// Brackets that are open in code if what may be text closes none.
    doubted_code: u32,
    /// The last token was a word that is a name in some places and an operator in others.
    unsure: bool,
    /// Code and text may have changed places.
    lost: bool,
    /// Tokens since the last separator that is surely one.
    doubted_run: u32,
    worst: Nesting,
}

/// True for words as short as a keyword that begin and end like one.
fn may_be_keyword(word: &[u8]) -> bool {
    match word {
        [first, .., last] if word.len() <= 10 => {
            matches!(first, b'a'..=b'f' | b'i' | b'n'..=b'o' | b'r'..=b'y')
                && matches!(last, b'd'..=b'h' | b'k'..=b'o' | b'r'..=b't' | b'w'..=b'y')
        }
        _ => false,
    }
}

/// Measures a text.
pub(crate) fn measure(text: &str) -> Nesting {
    let mut scan = Scan {
        bytes: text.as_bytes(),
        at: 0,
        levels: Vec::new(),
        counts: Counts::default(),
        before: Before::Operator,
        keyword_head: false,
        dot: false,
        doubtful: 0,
        doubted: 0,
        doubted_code: 0,
        unsure: false,
        lost: false,
        doubted_run: 0,
        worst: Nesting::default(),
    };
    if text.starts_with("#!") {
        scan.skip_line();
    }
    scan.all();
    scan.worst.brackets = scan.worst.brackets.saturating_add(scan.doubtful);
    scan.worst
}

impl Scan<'_> {
    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn all(&mut self) {
        while self.at < self.bytes.len() {
            let byte = self.byte(0);
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'"' | b'\'' => {
                    self.string(byte);
                    self.token();
                    self.before = Before::Operand;
                }
                b'`' => {
                    self.at += 1;
                    self.template();
                }
                b'/' if self.byte(1) == b'/' => self.skip_line(),
                b'/' if self.byte(1) == b'*' => {
                    let start = self.at;
                    let rest = self.bytes.get(self.at + 2..).unwrap_or(&[]);
                    self.at = find(rest, b"*/").map_or(self.bytes.len(), |i| self.at + i + 4);
                    self.opaque(start);
                }
                // comments of scripts that stood in HTML
                b'<' if self
                    .bytes
                    .get(self.at..)
                    .is_some_and(|b| b.starts_with(b"<!--")) =>
                {
                    self.skip_line();
                }
                b'-' if self
                    .bytes
                    .get(self.at..)
                    .is_some_and(|b| b.starts_with(b"-->"))
                    && self.first_on_line() =>
                {
                    self.skip_line();
                }
                b'/' => self.slash(),
                b'(' | b'[' | b'{' => {
                    let head = byte == b'(' && self.keyword_head;
                    self.open(byte, head);
                    self.at += 1;
                }
                b')' | b']' | b'}' => self.close(byte),
                b',' | b';' => {
                    self.end_run();
                    if byte == b';' {
                        self.counts.generics = 0;
                    }
                    self.before = Before::Operator;
                    self.keyword_head = false;
                    self.at += 1;
                }
                b'0'..=b'9'
                | b'a'..=b'z'
                | b'A'..=b'Z'
                | b'_'
                | b'$'
                | b'\\'
                | b'#'
                | b'@'
                | 0x80.. => {
                    self.word();
                }
                b'<' | b'>' => self.angle(byte),
                // `x++ /` divides
                b'+' | b'-' if self.byte(1) == byte && self.before == Before::Operand => {
                    self.token();
                    self.before = Before::Operand;
                    self.keyword_head = false;
                    self.at += 2;
                }
                _ => {
                    self.token();
                    self.dot = byte == b'.';
                    self.before = Before::Operator;
                    self.keyword_head = false;
                    self.at += 1;
                }
            }
        }
    }

    fn token(&mut self) {
        self.dot = false;
        self.unsure = false;
        self.counts.run = self.counts.run.saturating_add(1);
        self.weigh(self.counts.run);
        self.doubted_run = self.doubted_run.saturating_add(1);
        // a token takes less of the stack than a bracket
        self.doubt(self.doubted_run / 4);
    }

    /// A separator, which inside of an element may be text.
    fn end_run(&mut self) {
        self.counts.run = 0;
        if self.counts.elements == 0 {
            self.doubted_run = 0;
        }
    }

    fn doubt(&mut self, more: u32) {
        let depth = self
            .doubted
            .saturating_add(self.doubted_code)
            .saturating_add(more);
        if depth > self.worst.doubtful {
            self.worst.doubtful = depth;
            if depth > Nesting::MAX_DOUBTFUL / 4 {
                self.worst.offset = self.at as u32;
            }
        }
    }

    /// What was passed over since `start` as no code. If it is code after all, its brackets stay open behind it.
    fn opaque(&mut self, start: usize) {
        let mut open = 0_u32;
        let mut deepest = 0;
        for byte in self.bytes.get(start..self.at).unwrap_or(&[]) {
            match byte {
                b'(' | b'[' | b'{' => {
                    open = open.saturating_add(1);
                    deepest = deepest.max(open);
                }
                b')' | b']' | b'}' => open = open.saturating_sub(1),
                _ => {}
            }
        }
        self.doubt(deepest);
        self.doubted = self.doubted.saturating_add(open);
    }

    /// Nothing but blanks stands before this place on its line.
    fn first_on_line(&self) -> bool {
        let before = self.bytes.get(..self.at).unwrap_or(&[]);
        let before = before.iter().rev().find(|b| !matches!(b, b' ' | b'\t'));
        matches!(before, None | Some(b'\n' | b'\r' | b'/' | 0x80..))
    }

    /// Elements, type arguments and `else` cost more stack than a token each.
    fn weigh_levels(&mut self, levels: u32) {
        self.weigh(levels.saturating_mul(Nesting::MAX_RUN / Nesting::MAX_LEVELS));
    }

    fn weigh(&mut self, run: u32) {
        if run > self.worst.run {
            self.worst.run = run;
            if run > Nesting::MAX_RUN / 4 {
                self.worst.offset = self.at as u32;
            }
        }
    }

    fn open(&mut self, bracket: u8, head: bool) {
        self.token();
        self.levels.push(Level {
            bracket,
            head,
            counts: self.counts,
        });
        self.counts = Counts::default();
        self.before = Before::Operator;
        self.keyword_head = false;
        self.doubted_code = self.doubted_code.saturating_add(1);
        self.doubt(0);
        let depth = self.levels.len() as u32;
        if depth > self.worst.brackets {
            self.worst.brackets = depth;
            self.worst.offset = self.at as u32;
        }
    }

    fn close(&mut self, byte: u8) {
        self.at += 1;
        // inside of an element it may be text
        if self.counts.elements == 0 && !self.lost {
            self.doubted_code = self.doubted_code.saturating_sub(1);
            self.doubted_run = self.doubted_run.saturating_sub(1);
        }
        let Some(level) = self.levels.pop() else {
            self.before = Before::Either;
            return;
        };
        self.counts = level.counts;
        if level.bracket == b'`' && byte == b'}' {
            self.template();
            return;
        }
        match byte {
            b'}' => {
                // a closed block ends a statement
                self.counts.run = self.counts.run.saturating_sub(1);
                self.before = Before::Either;
            }
            _ if level.head => self.before = Before::Operator,
            _ => self.before = Before::Operand,
        }
        self.keyword_head = false;
    }

    fn word(&mut self) {
        let start = self.at;
        while matches!(self.byte(0), b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' | b'\\' | b'#' | b'@' | 0x80..)
        {
            self.at += 1;
        }
        let member = self.dot || (start > 0 && self.bytes.get(start - 1) == Some(&b'.'));
        let word = self.bytes.get(start..self.at).unwrap_or(&[]);
        if member {
            self.token();
            self.before = Before::Operand;
            self.keyword_head = false;
            return;
        }
        if self.before == Before::Either && begins_statement(word) {
            self.end_run();
        }
        // most words are names: they are told from keywords before they are compared with each
        let key = if may_be_keyword(word) { word } else { b"" };
        if key == b"else" {
            self.counts.elses = self.counts.elses.saturating_add(1);
            self.weigh_levels(self.counts.elses);
        }
        if matches!(key, b"for" | b"with") {
            // each makes a scope, and names are looked up through all of them
            self.counts.run = self
                .counts
                .run
                .saturating_add(Nesting::MAX_RUN / Nesting::MAX_LEVELS);
        }
        // `for await (…)`
        let goes_on = self.keyword_head && key == b"await";
        self.keyword_head = goes_on || matches!(key, b"if" | b"while" | b"for" | b"with");
        match key {
            // these begin statements and stand in no expression: the run before them has ended
            b"var" | b"const" | b"return" | b"throw" | b"switch" | b"case" | b"break"
            | b"continue" | b"export" | b"try" => {
                self.end_run();
                self.token();
            }
            _ => self.token(),
        }
        self.unsure = matches!(key, b"of" | b"await" | b"yield");
        self.before = match key {
            b"return" | b"typeof" | b"case" | b"in" | b"of" | b"do" | b"else" | b"void"
            | b"delete" | b"throw" | b"new" | b"instanceof" | b"await" | b"yield" | b"default"
            | b"extends" => Before::Operator,
            _ => Before::Operand,
        };
    }

    fn angle(&mut self, byte: u8) {
        let after = self.byte(1);
        let value_before = self.before == Before::Operand;
        self.token();
        if byte == b'<' {
            if after == b'/' {
                self.counts.elements = self.counts.elements.saturating_sub(1);
            } else if after != b'=' && after != b'<' {
                self.counts.generics = self.counts.generics.saturating_add(1);
                self.weigh_levels(self.counts.generics);
                let name = after.is_ascii_alphabetic()
                    || matches!(after, b'>' | b'_' | b'$' | b'/')
                    || after >= 0x80;
                if name && (!value_before || self.counts.elements > 0) {
                    self.counts.elements = self.counts.elements.saturating_add(1);
                    self.weigh_levels(self.counts.elements);
                }
            }
        } else {
            let previous = self
                .at
                .checked_sub(1)
                .and_then(|i| self.bytes.get(i))
                .copied();
            match previous {
                Some(b'/') => self.counts.elements = self.counts.elements.saturating_sub(1),
                Some(b'=') => {}
                _ => self.counts.generics = self.counts.generics.saturating_sub(1),
            }
        }
        self.before = Before::Operator;
        self.keyword_head = false;
        self.at += 1;
    }

    /// Skips to the end of the line: LF, CR, U+2028 or U+2029.
    fn skip_line(&mut self) {
        let start = self.at;
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        self.at += (0..rest.len())
            .find(|i| ends_line(rest.get(*i..).unwrap_or(&[])))
            .unwrap_or(rest.len());
        self.opaque(start);
    }

    /// Skips a string; an unclosed one ends with its line.
    fn string(&mut self, quote: u8) {
        let start = self.at;
        self.at += 1;
        while self.at < self.bytes.len() {
            match self.byte(0) {
                b'\\' => self.at += 2,
                b'\n' | b'\r' => break,
                b if b == quote => {
                    self.at += 1;
                    break;
                }
                _ => self.at += 1,
            }
        }
        self.opaque(start);
    }

    /// Skips the text of a template up to its end or its next `${`.
    fn template(&mut self) {
        let start = self.at;
        while self.at < self.bytes.len() {
            match self.byte(0) {
                b'\\' => self.at += 2,
                b'`' => {
                    self.opaque(start);
                    self.at += 1;
                    self.token();
                    self.before = Before::Operand;
                    return;
                }
                b'$' if self.byte(1) == b'{' => {
                    self.opaque(start);
                    self.open(b'`', false);
                    self.at += 2;
                    return;
                }
                _ => self.at += 1,
            }
        }
        self.opaque(start);
    }

    fn slash(&mut self) {
        self.keyword_head = false;
        if self.before == Before::Operand {
            self.token();
            self.before = Before::Operator;
            self.at += 1;
            return;
        }
        let unsure = self.unsure || self.before == Before::Either;
        self.token();
        let Some(end) = self.regex_end() else {
            self.before = Before::Operator;
            self.at += 1;
            return;
        };
        if self.before == Before::Either {
            let inside = self.bytes.get(self.at..end).unwrap_or(&[]);
            let open = inside
                .iter()
                .filter(|b| matches!(b, b'(' | b'[' | b'{'))
                .count();
            self.doubtful = self.doubtful.saturating_add(open as u32);
        }
        if unsure {
            // a quote that only one of two readings sees turns text into code from here on
            let inside = self.bytes.get(self.at..end).unwrap_or(&[]);
            self.lost |= inside
                .iter()
                .any(|b| matches!(b, b'`' | b'"' | b'\'' | b'*'));
        }
        let start = std::mem::replace(&mut self.at, end);
        self.opaque(start);
        self.before = Before::Operand;
    }

    /// The end of a regular expression that begins here; none if its line ends first.
    fn regex_end(&self) -> Option<usize> {
        let mut at = self.at + 1;
        let mut class = false;
        loop {
            match self.bytes.get(at)? {
                b'\\' => at += 2,
                b'\n' | b'\r' => return None,
                b'[' => {
                    class = true;
                    at += 1;
                }
                b']' => {
                    class = false;
                    at += 1;
                }
                b'/' if !class => return Some(at + 1),
                _ => at += 1,
            }
        }
    }
}

/// Words that, behind a closed block, can only begin a new statement.
fn begins_statement(word: &[u8]) -> bool {
    matches!(
        word,
        b"function" | b"class" | b"if" | b"for" | b"while" | b"let" | b"async" | b"import" | b"do"
    )
}

/// LF, CR, U+2028, U+2029.
fn ends_line(text: &[u8]) -> bool {
    matches!(text, [b'\n' | b'\r', ..] | [0xE2, 0x80, 0xA8 | 0xA9, ..])
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(haystack, needle)
}

#[cfg(test)]
mod tests;
