//! Expressions of Rust, as far as constants are made of them.

use std::rc::Rc;

use super::super::lex::{Kind, Token};

/// Nesting that is read.
pub(super) const MAX_DEPTH: u32 = 60;

/// An expression and its byte range.
#[derive(Debug)]
pub(in super::super) struct Expr {
    pub(super) form: Form,
    pub(super) range: (u32, u32),
}

/// What an expression is.
#[derive(Debug)]
pub(in super::super) enum Form {
    /// What is not understood.
    Unknown,
    Number(i64, u8),
    Text(String),
    Char(char),
    Path(String),
    List(Vec<Expr>),
    /// `[x; n]`
    Repeat(Box<Expr>, Box<Expr>),
    Tuple(Vec<Expr>),
    Call(Box<Expr>, Vec<Expr>),
    Method(Box<Expr>, String, Vec<Expr>),
    /// `x.0`
    Part(Box<Expr>, usize),
    Index(Box<Expr>, Box<Expr>),
    Span(Option<Box<Expr>>, Option<Box<Expr>>, bool),
    Unary(char, Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Cast(Box<Expr>, String),
    Closure(Rc<(Vec<Pattern>, Expr)>),
    Macro(String, Vec<Expr>),
    If(Box<Expr>, Box<Expr>, Option<Box<Expr>>),
    Block(Vec<Statement>),
}

/// What a value is bound to.
#[derive(Clone, Debug)]
pub(in super::super) enum Pattern {
    Any,
    Name(String),
    Tuple(Vec<Self>),
}

/// A statement of a block.
#[derive(Debug)]
pub(in super::super) enum Statement {
    Let(Pattern, Expr),
    /// `target = value`, `target ^= value`
    Assign(Expr, Option<&'static str>, Expr),
    For(Pattern, Expr, Expr),
    Return(Expr),
    /// An expression; true if a semicolon follows.
    Plain(Expr, bool),
}

/// Reads expressions from tokens.
pub(super) struct Parser<'t> {
    pub(super) tokens: &'t [Token],
    pub(super) at: usize,
    pub(super) depth: u32,
    /// Expressions that may still be made.
    pub(super) fuel: u32,
}

/// Operators of two operands, the longest first, and how strongly they bind.
const OPERATORS: &[(&str, u8)] = &[
    ("<<", 7),
    (">>", 7),
    ("==", 3),
    ("!=", 3),
    ("<=", 3),
    (">=", 3),
    ("&&", 2),
    ("||", 1),
    ("*", 9),
    ("/", 9),
    ("%", 9),
    ("+", 8),
    ("-", 8),
    ("&", 6),
    ("^", 5),
    ("|", 4),
    ("<", 3),
    (">", 3),
];

impl<'t> Parser<'t> {
    pub(super) const fn new(tokens: &'t [Token], fuel: u32) -> Self {
        Self {
            tokens,
            at: 0,
            depth: 0,
            fuel,
        }
    }

    pub(super) const fn fuel(&self) -> u32 {
        self.fuel
    }

    /// The expressions of a piece of code, wherever they begin.
    pub(super) fn all(&mut self) -> Vec<Expr> {
        let mut found = Vec::new();
        while self.at < self.tokens.len() && self.fuel > 0 {
            let before = self.at;
            // a fragment may hold the end of something else
            let begins = match self.kind(0) {
                Some(Kind::Path(word)) => !is_keyword(word),
                Some(Kind::Text(_) | Kind::Mark('[' | '(')) => true,
                _ => false,
            };
            if begins {
                let expr = self.expression();
                if !matches!(expr.form, Form::Unknown | Form::Path(_) | Form::Text(_)) {
                    found.push(expr);
                }
            }
            if self.at == before {
                self.at += 1;
            }
        }
        found
    }

    pub(super) fn kind(&self, ahead: usize) -> Option<&'t Kind> {
        self.tokens.get(self.at + ahead).map(|t| &t.kind)
    }

    pub(super) fn is(&self, mark: char) -> bool {
        self.kind(0) == Some(&Kind::Mark(mark))
    }

    pub(super) fn eat(&mut self, mark: char) -> bool {
        let found = self.is(mark);
        self.at += usize::from(found);
        found
    }

    pub(super) fn word(&self, wanted: &str) -> bool {
        matches!(self.kind(0), Some(Kind::Path(word)) if word == wanted)
    }

    pub(super) fn eat_word(&mut self, wanted: &str) -> bool {
        let found = self.word(wanted);
        self.at += usize::from(found);
        found
    }

    pub(super) fn start(&self) -> u32 {
        self.tokens.get(self.at).map_or(0, |t| t.range.0)
    }

    pub(super) fn made(&self, form: Form, start: u32) -> Expr {
        let end = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        Expr {
            form,
            range: (start, end.map_or(start, |t| t.range.1.max(start))),
        }
    }

    /// Marks that stand close together.
    pub(super) fn operator(&self) -> Option<(&'static str, u8)> {
        OPERATORS.iter().copied().find(|(operator, _)| {
            let mut end = None;
            operator.chars().enumerate().all(|(i, c)| {
                let Some(token) = self.tokens.get(self.at + i) else {
                    return false;
                };
                let close = end.is_none_or(|end| end == token.range.0);
                end = Some(token.range.1);
                close && token.kind == Kind::Mark(c)
            })
        })
    }

    pub(super) fn expression(&mut self) -> Expr {
        let start = self.start();
        if self.is_span() {
            return self.span(None, start);
        }
        let first = self.binary(1);
        if self.is_span() {
            self.span(Some(first), start)
        } else {
            first
        }
    }

    /// `..`, or `..name`, which is read as a dot and a member.
    fn is_span(&self) -> bool {
        self.is('.') && matches!(self.kind(1), Some(Kind::Mark('.') | Kind::Member(_)))
    }

    fn span(&mut self, from: Option<Expr>, start: u32) -> Expr {
        self.at += 1;
        let (mut to, mut inclusive) = (None, false);
        if let Some(Kind::Member(name)) = self.kind(0) {
            let name_start = self.start();
            self.at += 1;
            let path = self.made(Form::Path(name.clone()), name_start);
            to = Some(Box::new(self.postfix(path, name_start)));
        } else {
            self.at += 1;
            inclusive = self.eat('=');
            if matches!(self.kind(0), Some(Kind::Number(..) | Kind::Path(_))) && !self.word("{") {
                to = Some(Box::new(self.binary(1)));
            }
        }
        self.made(Form::Span(from.map(Box::new), to, inclusive), start)
    }

    fn binary(&mut self, least: u8) -> Expr {
        let start = self.start();
        let mut left = self.unary();
        while let Some((operator, strength)) = self.operator().filter(|(_, s)| *s >= least) {
            // `a ^= b` is no operator of an expression
            let after = self.at + operator.len();
            let assigns = self.tokens.get(after).is_some_and(|t| {
                t.kind == Kind::Mark('=')
                    && self
                        .tokens
                        .get(after - 1)
                        .is_some_and(|b| b.range.1 == t.range.0)
            });
            if assigns && !matches!(operator, "<=" | ">=" | "==" | "!=") || self.fuel == 0 {
                break;
            }
            self.at = after;
            let right = self.binary(strength + 1);
            left = self.made(
                Form::Binary(operator, Box::new(left), Box::new(right)),
                start,
            );
        }
        left
    }

    fn unary(&mut self) -> Expr {
        let start = self.start();
        self.fuel = self.fuel.saturating_sub(1);
        if self.depth >= MAX_DEPTH || self.fuel == 0 {
            return self.made(Form::Unknown, start);
        }
        self.depth += 1;
        let expr = match self.kind(0) {
            Some(Kind::Mark('&' | '*')) => {
                self.at += 1;
                self.eat_word("mut");
                self.unary()
            }
            Some(Kind::Mark(mark @ ('-' | '!'))) => {
                self.at += 1;
                let of = self.unary();
                self.made(Form::Unary(*mark, Box::new(of)), start)
            }
            _ => {
                let first = self.primary();
                self.postfix(first, start)
            }
        };
        self.depth -= 1;
        expr
    }

    fn primary(&mut self) -> Expr {
        let start = self.start();
        let form = match self.kind(0) {
            Some(Kind::Number(number, bits)) => {
                self.at += 1;
                Form::Number(*number, *bits)
            }
            Some(Kind::Text(text)) => {
                self.at += 1;
                Form::Text(text.clone())
            }
            Some(Kind::Char(c)) => {
                self.at += 1;
                Form::Char(*c)
            }
            Some(Kind::Mark('(')) => {
                self.at += 1;
                let (mut parts, comma) = self.listed(')');
                match (parts.pop(), comma) {
                    (Some(only), false) if parts.is_empty() => {
                        return Expr {
                            range: (start, only.range.1),
                            ..only
                        };
                    }
                    (last, _) => {
                        parts.extend(last);
                        Form::Tuple(parts)
                    }
                }
            }
            Some(Kind::Mark('[')) => {
                self.at += 1;
                self.list(']')
            }
            Some(Kind::Mark('{')) => self.block(),
            Some(Kind::Mark('|')) => self.closure(),
            Some(Kind::Path(word)) => match word.as_str() {
                "move" => {
                    self.at += 1;
                    if self.is('|') {
                        self.closure()
                    } else {
                        Form::Unknown
                    }
                }
                "unsafe" | "const" if self.kind(1) == Some(&Kind::Mark('{')) => {
                    self.at += 1;
                    self.block()
                }
                "if" => {
                    self.at += 1;
                    let condition = self.expression();
                    if !self.is('{') {
                        return self.made(Form::Unknown, start);
                    }
                    let then = self.block();
                    let then = self.made(then, start);
                    let otherwise = self.eat_word("else").then(|| Box::new(self.primary()));
                    Form::If(Box::new(condition), Box::new(then), otherwise)
                }
                word if is_keyword(word) => Form::Unknown,
                _ if word.ends_with('!') => return self.macro_call(word, start),
                _ => {
                    self.at += 1;
                    Form::Path(word.clone())
                }
            },
            _ => Form::Unknown,
        };
        self.made(form, start)
    }

    fn macro_call(&mut self, word: &str, start: u32) -> Expr {
        self.at += 1;
        let close = match self.kind(0) {
            Some(Kind::Mark('(')) => ')',
            Some(Kind::Mark('[')) => ']',
            _ => return self.made(Form::Unknown, start),
        };
        self.at += 1;
        let name = word.trim_end_matches('!');
        let form = match self.list(close) {
            Form::List(parts) if name != "vec" => Form::Macro(name.to_owned(), parts),
            form => form,
        };
        self.made(form, start)
    }

    /// Expressions up to a closing mark, and whether a comma stood among them.
    fn listed(&mut self, close: char) -> (Vec<Expr>, bool) {
        let (mut found, mut comma) = (Vec::new(), false);
        while self.at < self.tokens.len() && !self.is(close) && self.fuel > 0 {
            let before = self.at;
            // `name = value` in a format
            if matches!(self.kind(0), Some(Kind::Path(_)))
                && self.kind(1) == Some(&Kind::Mark('='))
                && self.kind(2) != Some(&Kind::Mark('='))
            {
                self.at += 2;
            }
            found.push(self.expression());
            if !self.is(close) && !self.is(',') && !self.is(';') {
                self.skip_to(close);
            }
            if self.is(';') {
                break;
            }
            comma |= self.eat(',');
            if self.at == before {
                self.at += 1;
            }
        }
        if !self.is(';') {
            self.eat(close);
        }
        (found, comma)
    }

    fn list(&mut self, close: char) -> Form {
        let (mut parts, _) = self.listed(close);
        if !self.eat(';') {
            return Form::List(parts);
        }
        let times = self.expression();
        self.skip_to(close);
        self.eat(close);
        match parts.pop() {
            Some(of) if parts.is_empty() => Form::Repeat(Box::new(of), Box::new(times)),
            _ => Form::Unknown,
        }
    }

    /// Goes to a comma or the closing mark of what is open here.
    fn skip_to(&mut self, close: char) {
        let mut depth = 0_u32;
        while let Some(kind) = self.kind(0) {
            match kind {
                Kind::Mark(c) if depth == 0 && (*c == close || matches!(c, ',' | ';')) => return,
                Kind::Mark('(' | '[' | '{') => depth += 1,
                Kind::Mark(')' | ']' | '}') if depth == 0 => return,
                Kind::Mark(')' | ']' | '}') => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
    }

    fn postfix(&mut self, mut of: Expr, start: u32) -> Expr {
        loop {
            if self.fuel == 0 || matches!(of.form, Form::Unknown) {
                return of;
            }
            let form = match self.kind(0) {
                Some(Kind::Member(name)) => {
                    self.at += 1;
                    self.turbofish();
                    if self.eat('(') {
                        Form::Method(Box::new(of), name.clone(), self.listed(')').0)
                    } else {
                        Form::Method(Box::new(of), format!(".{name}"), Vec::new())
                    }
                }
                Some(Kind::Mark('.')) => match self.kind(1) {
                    Some(Kind::Number(at, _)) => {
                        self.at += 2;
                        Form::Part(Box::new(of), usize::try_from(*at).unwrap_or(usize::MAX))
                    }
                    _ => return of,
                },
                Some(Kind::Mark('(')) => {
                    self.at += 1;
                    Form::Call(Box::new(of), self.listed(')').0)
                }
                Some(Kind::Mark('[')) => {
                    self.at += 1;
                    let key = self.expression();
                    self.skip_to(']');
                    self.eat(']');
                    Form::Index(Box::new(of), Box::new(key))
                }
                Some(Kind::Mark('?')) => {
                    self.at += 1;
                    continue;
                }
                Some(Kind::Path(word)) if word == "as" => {
                    self.at += 1;
                    let Some(Kind::Path(kind)) = self.kind(0) else {
                        return of;
                    };
                    self.at += 1;
                    Form::Cast(Box::new(of), kind.clone())
                }
                _ => return of,
            };
            self.fuel = self.fuel.saturating_sub(1);
            of = self.made(form, start);
        }
    }

    /// `::<T>` behind a method's name.
    fn turbofish(&mut self) {
        if !(self.is(':')
            && self.kind(1) == Some(&Kind::Mark(':'))
            && self.kind(2) == Some(&Kind::Mark('<')))
        {
            return;
        }
        self.at += 2;
        let mut depth = 0_u32;
        while let Some(kind) = self.kind(0) {
            match kind {
                Kind::Mark('<') => depth += 1,
                Kind::Mark('>') => depth = depth.saturating_sub(1),
                Kind::Mark(';' | '{') => return,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }
}

fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "let"
            | "match"
            | "while"
            | "loop"
            | "for"
            | "in"
            | "else"
            | "fn"
            | "pub"
            | "use"
            | "mod"
            | "struct"
            | "enum"
            | "impl"
            | "trait"
            | "type"
            | "where"
            | "return"
            | "break"
            | "continue"
            | "static"
            | "extern"
            | "as"
            | "dyn"
            | "async"
            | "await"
            | "ref"
            | "mut"
            | "if"
            | "move"
            | "const"
            | "unsafe"
    )
}
