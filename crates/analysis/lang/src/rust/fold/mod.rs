//! Constants that a program works out: texts put together, tables of numbers, keyed bytes, small functions with constant
//! arguments. What hides a text from its reader is gone through as far as the text.

mod blocks;
mod eval;
mod methods;
mod syntax;
mod value;

pub(super) use eval::Folder;
pub(super) use value::{Scope, Value};

use super::lex::{Kind, Token};
use syntax::{Expr, Form, Parser, Statement};

/// Steps of one file.
const FUEL: u32 = 400_000;

/// Expressions of one statement.
const MAX_EXPRESSIONS: u32 = 4_000;

/// Tokens of a function that may be a constant.
const MAX_BODY: usize = 2_000;

/// A text that was worked out.
#[derive(Clone, Debug)]
pub(super) struct Folded {
    pub(super) text: String,
    pub(super) range: (u32, u32),
    /// It does not stand in the code in any readable form.
    pub(super) hidden: bool,
}

impl<'t> Folder<'t> {
    /// Takes note of where the constants and functions of a file stand.
    pub(super) fn new(tokens: &'t [Token]) -> Self {
        let mut folder = Self::empty(FUEL);
        for (at, token) in tokens.iter().enumerate() {
            let Kind::Path(word) = &token.kind else {
                continue;
            };
            let rest = tokens.get(at + 1..).unwrap_or(&[]);
            match word.as_str() {
                "const" | "static" => {
                    if let Some((name, value)) = constant(rest) {
                        folder.constants.entry(name.to_owned()).or_insert(value);
                    }
                }
                "as" => {
                    if let (Some(Kind::Path(meant)), Some(Kind::Path(name))) = (
                        at.checked_sub(1)
                            .and_then(|b| tokens.get(b))
                            .map(|t| &t.kind),
                        rest.first().map(|t| &t.kind),
                    ) && meant.contains(|c: char| c.is_ascii_alphabetic())
                        && !name.starts_with(|c: char| c.is_ascii_lowercase())
                        && folder.aliases.len() < 1_000
                    {
                        folder
                            .aliases
                            .entry(name.clone())
                            .or_insert_with(|| meant.clone());
                    }
                }
                "fn" => {
                    if let Some((name, parameters, body)) = function(rest) {
                        folder
                            .functions
                            .entry(name.to_owned())
                            .or_insert((parameters, body));
                    }
                }
                _ => {}
            }
        }
        folder
    }

    /// The texts that the expressions of a piece of code amount to, in order; what is let becomes known in the scope.
    pub(super) fn texts(&mut self, tokens: &[Token], scope: &mut Scope) -> Vec<Folded> {
        if self.fuel == 0 {
            return Vec::new();
        }
        let mut parser = Parser::new(tokens, MAX_EXPRESSIONS.min(self.fuel));
        let expressions = parser.all();
        self.fuel = self
            .fuel
            .saturating_sub(MAX_EXPRESSIONS.min(self.fuel) - parser.fuel());
        let mut found = Vec::new();
        for expression in &expressions {
            self.search(expression, scope, &mut found);
        }
        found
    }

    /// The value of a piece of code that is one expression.
    pub(super) fn value(&mut self, tokens: &[Token], scope: &mut Scope) -> Option<Value> {
        let expression = Parser::new(tokens, MAX_EXPRESSIONS.min(self.fuel)).expression();
        self.eval(&expression, scope)
            .filter(|v| !matches!(v, Value::Function(_) | Value::Closure(..)))
    }

    /// The texts that a name's list holds.
    pub(super) fn listed(&mut self, path: &str, scope: &mut Scope) -> Option<Vec<String>> {
        if !self.is_known(path, scope) {
            return None;
        }
        let expr = Expr {
            form: Form::Path(path.to_owned()),
            range: (0, 0),
        };
        let Value::List(values) = self.eval(&expr, scope)? else {
            return None;
        };
        let texts: Vec<String> = values
            .iter()
            .take(32)
            .filter_map(|v| v.str().map(str::to_owned))
            .collect();
        (!texts.is_empty()).then_some(texts)
    }

    fn search(&mut self, expr: &Expr, scope: &mut Scope, found: &mut Vec<Folded>) {
        let makes = matches!(
            expr.form,
            Form::Call(..)
                | Form::Method(..)
                | Form::Macro(..)
                | Form::Binary(..)
                | Form::Index(..)
                | Form::Part(..)
                | Form::List(_)
        ) || matches!(&expr.form, Form::Path(path) if self.is_known(path, scope));
        if makes && found.len() < 64 {
            self.hid = false;
            let value = self.eval(expr, scope);
            let text = value.and_then(|value| match &value {
                Value::Text(text) => Some(text.to_string()),
                // bytes that nobody wrote as a text
                Value::List(_) => {
                    self.hid = true;
                    value.bytes().and_then(|b| String::from_utf8(b).ok())
                }
                _ => None,
            });
            if let Some(text) = text
                .filter(|t| t.len() >= 2 && t.chars().all(|c| !c.is_control() || c.is_whitespace()))
            {
                found.push(Folded {
                    text,
                    range: expr.range,
                    hidden: self.hid,
                });
                return;
            }
        }
        match &expr.form {
            Form::Call(of, parts) | Form::Method(of, _, parts) => {
                self.search(of, scope, found);
                for part in parts {
                    self.search(part, scope, found);
                }
            }
            Form::List(parts) | Form::Tuple(parts) | Form::Macro(_, parts) => {
                for part in parts {
                    self.search(part, scope, found);
                }
            }
            Form::Binary(_, a, b) | Form::Index(a, b) | Form::Repeat(a, b) => {
                self.search(a, scope, found);
                self.search(b, scope, found);
            }
            Form::Part(of, _) | Form::Unary(_, of) | Form::Cast(of, _) => {
                self.search(of, scope, found);
            }
            Form::Closure(closure) => self.search(&closure.1, scope, found),
            Form::Block(statements) => {
                for statement in statements {
                    match statement {
                        Statement::Let(_, e)
                        | Statement::Return(e)
                        | Statement::Plain(e, _)
                        | Statement::Assign(_, _, e) => {
                            self.search(e, scope, found);
                        }
                        Statement::For(_, a, b) => {
                            self.search(a, scope, found);
                            self.search(b, scope, found);
                        }
                    }
                }
            }
            Form::If(a, b, c) => {
                self.search(a, scope, found);
                self.search(b, scope, found);
                if let Some(c) = c {
                    self.search(c, scope, found);
                }
            }
            Form::Unknown
            | Form::Number(..)
            | Form::Text(_)
            | Form::Char(_)
            | Form::Path(_)
            | Form::Span(..) => {}
        }
    }

    fn is_known(&self, path: &str, scope: &Scope) -> bool {
        scope.contains_key(path)
            || self
                .constants
                .contains_key(path.rsplit('.').next().unwrap_or(path))
    }
}

/// The name and value of a constant, from behind its keyword.
fn constant(tokens: &[Token]) -> Option<(&str, &[Token])> {
    let from = usize::from(tokens.first()?.kind == Kind::Path("mut".to_owned()));
    let Kind::Path(name) = &tokens.get(from)?.kind else {
        return None;
    };
    (tokens.get(from + 1)?.kind == Kind::Mark(':')).then_some(())?;
    let mut depth = 0_u32;
    let mut value = None;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match token.kind {
            Kind::Mark('(' | '[' | '{') => depth += 1,
            Kind::Mark(')' | ']' | '}') => depth = depth.checked_sub(1)?,
            Kind::Mark('=') if depth == 0 && value.is_none() => value = Some(at + 1),
            Kind::Mark(';') if depth == 0 => return Some((name, tokens.get(value?..at)?)),
            _ => {}
        }
    }
    None
}

/// The name, parameters and body of a function, from behind its keyword; none of methods.
fn function(tokens: &[Token]) -> Option<(&str, &[Token], &[Token])> {
    let Kind::Path(name) = &tokens.first()?.kind else {
        return None;
    };
    let open = tokens
        .iter()
        .take(60)
        .position(|t| t.kind == Kind::Mark('('))?;
    let close = closing(tokens, open)?;
    let parameters = tokens.get(open + 1..close)?;
    let is_method = parameters
        .iter()
        .take(4)
        .any(|t| t.kind == Kind::Path("self".to_owned()));
    let rest = tokens.get(close..)?;
    let body = rest
        .iter()
        .take(80)
        .position(|t| matches!(t.kind, Kind::Mark('{' | ';')))?;
    let begins = rest.get(body)?.kind == Kind::Mark('{');
    if is_method || !begins {
        return None;
    }
    let end = closing(rest, body)?;
    Some((name, parameters, rest.get(body..=end)?))
}

/// Where a bracket is closed.
fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0_u32;
    for (at, token) in tokens.iter().enumerate().skip(open).take(MAX_BODY) {
        match token.kind {
            Kind::Mark('(' | '[' | '{') => depth += 1,
            Kind::Mark(')' | ']' | '}') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}
