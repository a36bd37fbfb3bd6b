//! Works constants out: operators, blocks, loops, closures and functions of the file.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::lex::Kind::Mark;
use super::super::lex::Token;
use super::syntax::{Expr, Form, Parser, Pattern, Statement};
use super::value::{Scope, Value, cut};

/// Calls within calls.
const MAX_CALLS: u32 = 12;

/// Expressions within expressions.
const MAX_DEPTH: u32 = 200;

/// Elements or bytes of one value.
pub(super) const MAX_LENGTH: usize = 64 << 10;

/// A function of the file: what it is given, and its body.
pub(super) struct Function {
    pub(super) parameters: Vec<Pattern>,
    pub(super) body: Expr,
}

/// Constants and functions of a file, and how much work may still be done.
pub(in super::super) struct Folder<'t> {
    /// Where the values of constants and the parts of functions stand.
    pub(super) constants: BTreeMap<String, &'t [Token]>,
    pub(super) functions: BTreeMap<String, (&'t [Token], &'t [Token])>,
    /// What names of `use` declarations stand for: the path before `as`.
    pub(super) aliases: BTreeMap<String, String>,
    /// Constants that were worked out, and whether they were hidden.
    pub(super) known: BTreeMap<String, (Option<Value>, bool)>,
    pub(super) read: BTreeMap<String, Option<Rc<Function>>>,
    /// Steps that may still be made.
    pub(super) fuel: u32,
    /// Something that a reader does not see was undone since this was last asked.
    pub(super) hid: bool,
    pub(super) calls: u32,
    pub(super) depth: u32,
    /// What a function gave back before its end.
    returned: Option<Value>,
}

impl Folder<'_> {
    pub(super) const fn empty(fuel: u32) -> Self {
        Self {
            constants: BTreeMap::new(),
            functions: BTreeMap::new(),
            aliases: BTreeMap::new(),
            known: BTreeMap::new(),
            read: BTreeMap::new(),
            fuel,
            hid: false,
            calls: 0,
            depth: 0,
            returned: None,
        }
    }

    pub(super) fn eval(&mut self, expr: &Expr, scope: &mut Scope) -> Option<Value> {
        self.fuel = self.fuel.checked_sub(1)?;
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let value = self.form(expr, scope);
        self.depth -= 1;
        value
    }

    fn form(&mut self, expr: &Expr, scope: &mut Scope) -> Option<Value> {
        match &expr.form {
            Form::Unknown => None,
            Form::Number(number, bits) => Some(Value::Number(*number, *bits)),
            Form::Text(text) => Some(Value::text(text.as_str())),
            Form::Char(c) => Some(Value::Char(*c)),
            Form::Path(path) => self.path(path, scope),
            Form::List(parts) => {
                let values = parts
                    .iter()
                    .map(|p| self.eval(p, scope))
                    .collect::<Option<_>>()?;
                Some(Value::list(values))
            }
            Form::Tuple(parts) => {
                let values = parts
                    .iter()
                    .map(|p| self.eval(p, scope))
                    .collect::<Option<_>>()?;
                Some(Value::Tuple(Rc::new(values)))
            }
            Form::Repeat(of, times) => {
                let of = self.eval(of, scope)?;
                let times = usize::try_from(self.eval(times, scope)?.number()?).ok()?;
                self.spend(times)?;
                Some(Value::list(vec![of; times]))
            }
            Form::Part(of, at) => match self.eval(of, scope)? {
                Value::Tuple(parts) => parts.get(*at).cloned(),
                _ => None,
            },
            Form::Index(of, key) => self.index(of, key, scope),
            Form::Span(from, to, inclusive) => {
                let from = match from {
                    Some(from) => self.eval(from, scope)?.number()?,
                    None => 0,
                };
                let to = self
                    .eval(to.as_ref()?, scope)?
                    .number()?
                    .checked_add(i64::from(*inclusive))?;
                self.spend(usize::try_from(to.checked_sub(from)?.max(0)).ok()?)?;
                Some(Value::list(
                    (from..to).map(|n| Value::Number(n, 0)).collect(),
                ))
            }
            Form::Unary(operator, of) => match (operator, self.eval(of, scope)?) {
                ('-', Value::Number(n, bits)) => Some(Value::Number(n.checked_neg()?, bits)),
                ('!', Value::Number(n, bits)) if bits > 0 => {
                    Some(Value::Number(cut(!n, bits), bits))
                }
                _ => None,
            },
            Form::Binary(operator, a, b) => {
                let a = self.eval(a, scope);
                // a text that grows by something unknown is known in part
                let b = self.eval(b, scope);
                if let ("+", Some(Value::Text(a))) = (*operator, &a) {
                    let b = b.and_then(|b| b.shown()).unwrap_or_else(|| "{}".to_owned());
                    return self.joined([a, b.as_str()].into_iter());
                }
                Self::binary(operator, &a?, &b?)
            }
            Form::Cast(of, kind) => {
                let value = self.eval(of, scope)?;
                self.cast(value, kind)
            }
            Form::Closure(closure) => {
                self.spend(scope.len())?;
                Some(Value::Closure(closure.clone(), Rc::new(scope.clone())))
            }
            Form::If(condition, then, otherwise) => {
                let holds = self.eval(condition, scope)?.number()? != 0;
                match (holds, otherwise) {
                    (true, _) => self.eval(then, scope),
                    (false, Some(otherwise)) => self.eval(otherwise, scope),
                    (false, None) => Some(Value::Tuple(Rc::default())),
                }
            }
            Form::Block(statements) => self.block(statements, scope),
            Form::Macro(name, parts) => self.macro_call(name, parts, scope),
            Form::Method(of, name, arguments) => self.method(of, name, arguments, scope),
            Form::Call(callee, arguments) => self.call(callee, arguments, scope),
        }
    }

    /// Work of a size, if it may be done.
    pub(super) fn spend(&mut self, size: usize) -> Option<()> {
        self.fuel = self.fuel.checked_sub(u32::try_from(size / 4).ok()?)?;
        (size <= MAX_LENGTH).then_some(())
    }

    pub(super) fn path(&mut self, path: &str, scope: &Scope) -> Option<Value> {
        if let Some(value) = scope.get(path) {
            return Some(value.clone());
        }
        match path {
            "true" => return Some(Value::Number(1, 0)),
            "false" => return Some(Value::Number(0, 0)),
            _ => {}
        }
        let last = path.rsplit('.').next().unwrap_or(path);
        if let Some(known) = self.known.get(last) {
            self.hid |= known.1;
            return known.0.clone();
        }
        let Some(tokens) = self.constants.get(last).copied() else {
            let meant = self.aliases.get(path).map_or(path, String::as_str);
            return Some(Value::Function(meant.into()));
        };
        // a constant that is made of itself is none
        self.known.insert(last.to_owned(), (None, false));
        let before = std::mem::take(&mut self.hid);
        let value = Parser::new(tokens, self.fuel).expression();
        let value = self.eval(&value, &mut Scope::new());
        self.known
            .insert(last.to_owned(), (value.clone(), self.hid));
        self.hid |= before;
        value
    }

    fn index(&mut self, of: &Expr, key: &Expr, scope: &mut Scope) -> Option<Value> {
        let value = self.eval(of, scope)?;
        if let Form::Span(from, to, inclusive) = &key.form {
            let elements = value.elements()?;
            let mut bound = |bound: &Option<Box<Expr>>, default: usize| match bound {
                Some(bound) => usize::try_from(self.eval(bound, scope)?.number()?).ok(),
                None => Some(default),
            };
            let from = bound(from, 0)?;
            let to = bound(to, elements.len())? + usize::from(*inclusive);
            let part = elements.get(from..to)?.to_vec();
            return match value {
                Value::Text(text) => text.get(from..to).map(Value::text),
                _ => Some(Value::list(part)),
            };
        }
        let at = usize::try_from(self.eval(key, scope)?.number()?).ok()?;
        match &value {
            Value::List(values) => values.get(at).cloned(),
            Value::Text(_) => value
                .bytes()?
                .get(at)
                .map(|b| Value::Number(i64::from(*b), 8)),
            _ => None,
        }
    }

    fn binary(operator: &str, a: &Value, b: &Value) -> Option<Value> {
        let (x, y) = match (a, b) {
            (Value::Char(a), Value::Char(b)) => {
                (i64::from(u32::from(*a)), i64::from(u32::from(*b)))
            }
            (Value::Text(a), Value::Text(b)) if matches!(operator, "==" | "!=") => {
                return Some(Value::Number(i64::from((a == b) == (operator == "==")), 0));
            }
            _ => (a.number()?, b.number()?),
        };
        let bits = match (a, b) {
            (Value::Number(_, a), Value::Number(_, b)) => (*a).max(*b),
            _ => 0,
        };
        let shift = || u32::try_from(y).ok().filter(|y| *y < 64);
        let number = match operator {
            "+" => x.checked_add(y)?,
            "-" => x.checked_sub(y)?,
            "*" => x.checked_mul(y)?,
            "/" => x.checked_div(y)?,
            "%" => x.checked_rem(y)?,
            "^" => x ^ y,
            "&" => x & y,
            "|" => x | y,
            "<<" => cut(x.checked_shl(shift()?)?, bits),
            ">>" => x.checked_shr(shift()?)?,
            "==" => i64::from(x == y),
            "!=" => i64::from(x != y),
            "<" => i64::from(x < y),
            ">" => i64::from(x > y),
            "<=" => i64::from(x <= y),
            ">=" => i64::from(x >= y),
            "&&" => i64::from(x != 0 && y != 0),
            "||" => i64::from(x != 0 || y != 0),
            _ => return None,
        };
        Some(Value::Number(number, bits))
    }

    pub(super) fn cast(&mut self, value: Value, kind: &str) -> Option<Value> {
        let number = match value {
            Value::Number(number, _) => number,
            Value::Char(c) => i64::from(u32::from(c)),
            other => return Some(other),
        };
        Some(match kind.rsplit('.').next().unwrap_or(kind) {
            "u8" | "i8" => Value::Number(cut(number, 8), 8),
            "u16" | "i16" => Value::Number(cut(number, 16), 16),
            "u32" | "i32" => Value::Number(cut(number, 32), 32),
            "char" => {
                self.hid = true;
                Value::Char(char::from_u32(u32::try_from(number).ok()?)?)
            }
            _ => Value::Number(number, 64),
        })
    }

    /// Texts one behind another.
    pub(super) fn joined<'s>(&mut self, parts: impl Iterator<Item = &'s str>) -> Option<Value> {
        let mut text = String::new();
        for part in parts {
            self.spend(part.len() + 1)?;
            text.push_str(part);
            if text.len() > MAX_LENGTH {
                return None;
            }
        }
        Some(Value::text(text))
    }

    fn block(&mut self, statements: &[Statement], scope: &mut Scope) -> Option<Value> {
        let mut last = Value::Tuple(Rc::default());
        for statement in statements {
            if self.returned.is_some() {
                break;
            }
            last = Value::Tuple(Rc::default());
            match statement {
                Statement::Let(pattern, value) => match self.eval(value, scope) {
                    Some(value) => bind(pattern, &value, scope),
                    None => unbind(pattern, scope),
                },
                Statement::Assign(target, operator, value) => {
                    self.assign(target, *operator, value, scope)?;
                }
                Statement::For(pattern, over, body) => {
                    let over = self.eval(over, scope)?.elements()?;
                    for element in over {
                        bind(pattern, &element, scope);
                        self.eval(body, scope)?;
                        if self.returned.is_some() {
                            break;
                        }
                    }
                }
                Statement::Return(value) => self.returned = Some(self.eval(value, scope)?),
                Statement::Plain(value, true) => {
                    // what it does to a constant must be known
                    let done = self.eval(value, scope);
                    if done.is_none()
                        && let Form::Method(of, ..) = &value.form
                        && let Form::Path(name) = &of.form
                    {
                        scope.remove(name);
                    }
                }
                Statement::Plain(value, false) => last = self.eval(value, scope)?,
            }
        }
        Some(self.returned.clone().unwrap_or(last))
    }

    fn assign(
        &mut self,
        target: &Expr,
        operator: Option<&'static str>,
        value: &Expr,
        scope: &mut Scope,
    ) -> Option<()> {
        let value = self.eval(value, scope)?;
        let value = match operator {
            Some(operator) => {
                let before = self.eval(target, scope)?;
                match (&before, operator) {
                    (Value::Text(a), "+") => self.joined([&**a, &value.shown()?].into_iter())?,
                    _ => Self::binary(operator, &before, &value)?,
                }
            }
            None => value,
        };
        match &target.form {
            Form::Path(name) => {
                scope.insert(name.clone(), value);
            }
            Form::Index(of, key) => {
                let Form::Path(name) = &of.form else {
                    return None;
                };
                let at = usize::try_from(self.eval(key, scope)?.number()?).ok()?;
                let mut list = scope.get(name)?.elements()?;
                self.spend(list.len())?;
                *list.get_mut(at)? = value;
                scope.insert(name.clone(), Value::list(list));
            }
            _ => return None,
        }
        Some(())
    }

    fn call(&mut self, callee: &Expr, arguments: &[Expr], scope: &mut Scope) -> Option<Value> {
        let callee = self.eval(callee, scope)?;
        let values: Vec<Option<Value>> = arguments.iter().map(|a| self.eval(a, scope)).collect();
        if let Value::Function(path) = &callee
            && let Some(function) = self.function(path)
        {
            return self.enter(&function, &values);
        }
        let values = values.into_iter().collect::<Option<Vec<_>>>()?;
        self.apply(&callee, values)
    }

    /// Calls something with known values.
    pub(super) fn apply(&mut self, callee: &Value, values: Vec<Value>) -> Option<Value> {
        match callee {
            Value::Closure(closure, seen) => {
                self.spend(seen.len())?;
                let mut scope = (**seen).clone();
                for (pattern, value) in closure.0.iter().zip(&values) {
                    bind(pattern, value, &mut scope);
                }
                self.eval(&closure.1, &mut scope)
            }
            Value::Function(path) => match self.function(path) {
                Some(function) => {
                    let values: Vec<Option<Value>> = values.into_iter().map(Some).collect();
                    self.enter(&function, &values)
                }
                None => self.known_function(path, &values),
            },
            _ => None,
        }
    }

    fn enter(&mut self, function: &Function, values: &[Option<Value>]) -> Option<Value> {
        if self.calls >= MAX_CALLS || function.parameters.len() != values.len() {
            return None;
        }
        let mut scope = Scope::new();
        for (pattern, value) in function.parameters.iter().zip(values) {
            if let Some(value) = value {
                bind(pattern, value, &mut scope);
            } else {
                unbind(pattern, &mut scope);
            }
        }
        self.calls += 1;
        let outer = self.returned.take();
        let value = self.eval(&function.body, &mut scope);
        self.returned = outer;
        self.calls -= 1;
        value
    }

    /// A function of the file.
    fn function(&mut self, path: &str) -> Option<Rc<Function>> {
        let last = path.rsplit('.').next().unwrap_or(path);
        if let Some(known) = self.read.get(last) {
            return known.clone();
        }
        let (parameters, body) = self.functions.get(last).copied()?;
        let mut patterns = Vec::new();
        let (mut depth, mut from) = (0_u32, 0);
        for at in 0..=parameters.len() {
            let kind = parameters.get(at).map(|t| &t.kind);
            match kind {
                Some(Mark('(' | '[' | '<')) => depth += 1,
                Some(Mark(')' | ']' | '>')) => depth = depth.saturating_sub(1),
                Some(Mark(',')) | None if depth == 0 || kind.is_none() => {
                    let part = parameters.get(from..at).unwrap_or(&[]);
                    if !part.is_empty() {
                        patterns.push(Parser::new(part, 100).pattern());
                    }
                    from = at + 1;
                }
                _ => {}
            }
        }
        let mut parser = Parser::new(body, self.fuel.min(20_000));
        let form = parser.block();
        let function = (!matches!(form, Form::Unknown)).then(|| {
            Rc::new(Function {
                parameters: patterns,
                body: Expr {
                    form,
                    range: (0, 0),
                },
            })
        });
        self.fuel = self.fuel.saturating_sub(body.len() as u32);
        self.read.insert(last.to_owned(), function.clone());
        function
    }
}

pub(super) fn bind(pattern: &Pattern, value: &Value, scope: &mut Scope) {
    match (pattern, value) {
        (Pattern::Name(name), value) => {
            scope.insert(name.clone(), value.clone());
        }
        (Pattern::Tuple(patterns), Value::Tuple(values)) => {
            for (pattern, value) in patterns.iter().zip(values.iter()) {
                bind(pattern, value, scope);
            }
        }
        _ => unbind(pattern, scope),
    }
}

fn unbind(pattern: &Pattern, scope: &mut Scope) {
    match pattern {
        Pattern::Name(name) => {
            scope.remove(name);
        }
        Pattern::Tuple(patterns) => patterns.iter().for_each(|p| unbind(p, scope)),
        Pattern::Any => {}
    }
}
