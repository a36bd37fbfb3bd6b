//! Statements.

use std::rc::Rc;

use super::value::{Env, Val};
use super::{Eval, Evaluator, Flow, Halt};
use ruff_python_ast::{self as ast, ExceptHandler, Expr, Stmt};

impl Evaluator {
    pub(super) fn body(&mut self, body: &[Stmt], env: &Rc<Env>) -> Eval<Flow> {
        for stmt in body {
            match self.statement(stmt, env)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    /// A body that may or may not run: leaving it early means nothing.
    fn maybe(&mut self, body: &[Stmt], env: &Rc<Env>) -> Eval<()> {
        self.doubt += 1;
        let done = self.body(body, env);
        self.doubt -= 1;
        match done {
            Err(Halt::Stop) => Err(Halt::Stop),
            Ok(Flow::Next | Flow::Continue) => Ok(()),
            Ok(Flow::Break | Flow::Return(_)) | Err(Halt::Raise(_)) => {
                self.ways_out += 1;
                Ok(())
            }
        }
    }

    pub(super) fn statement(&mut self, stmt: &Stmt, env: &Rc<Env>) -> Eval<Flow> {
        self.step()?;
        match stmt {
            Stmt::Expr(stmt) => {
                if !matches!(&*stmt.value, Expr::StringLiteral(_)) {
                    self.eval(&stmt.value, env)?;
                }
            }
            Stmt::Assign(stmt) => {
                let value = self.eval(&stmt.value, env)?;
                for target in &stmt.targets {
                    self.assign(target, value.clone(), env)?;
                }
            }
            Stmt::AnnAssign(stmt) => {
                if let Some(value) = &stmt.value {
                    let value = self.eval(value, env)?;
                    self.assign(&stmt.target, value, env)?;
                }
            }
            Stmt::AugAssign(stmt) => self.augment(stmt, env)?,
            Stmt::Return(stmt) => {
                let value = match &stmt.value {
                    Some(value) => self.eval(value, env)?,
                    None => Val::None,
                };
                return Ok(Flow::Return(value));
            }
            Stmt::Break(_) => return Ok(Flow::Break),
            Stmt::Continue(_) => return Ok(Flow::Continue),
            Stmt::If(stmt) => return self.choose(stmt, env),
            Stmt::While(stmt) => return self.while_loop(stmt, env),
            Stmt::For(stmt) => return self.for_loop(stmt, env),
            Stmt::FunctionDef(def) => self.define(def, env)?,
            Stmt::ClassDef(def) => self.define_class(def, env)?,
            Stmt::Try(stmt) => return self.attempt(stmt, env),
            Stmt::With(stmt) => {
                for item in &stmt.items {
                    let value = self.eval(&item.context_expr, env)?;
                    if let Some(target) = &item.optional_vars {
                        self.assign(target, value, env)?;
                    }
                }
                return self.body(&stmt.body, env);
            }
            Stmt::Match(stmt) => return self.match_statement(stmt, env),
            Stmt::Raise(stmt) => {
                let value = match &stmt.exc {
                    Some(value) => self.eval(value, env)?,
                    None => Val::Unknown(0),
                };
                return Err(Halt::Raise(value));
            }
            Stmt::Assert(stmt) => {
                if self.eval(&stmt.test, env)?.truth() == Some(false) {
                    return self.raise("AssertionError");
                }
            }
            Stmt::Import(stmt) => {
                for alias in &stmt.names {
                    let module = alias.name.as_str();
                    let (name, path) = if let Some(name) = &alias.asname {
                        (name.as_str(), module)
                    } else {
                        let first = module.split('.').next().unwrap_or(module);
                        (first, first)
                    };
                    let value = self.module_named(path);
                    self.bind(name, value, env);
                }
            }
            Stmt::ImportFrom(stmt) => {
                let mut module = ".".repeat(stmt.level.min(16) as usize);
                if let Some(name) = &stmt.module {
                    module.push_str(name.as_str());
                }
                for alias in &stmt.names {
                    let imported = alias.name.as_str();
                    if imported != "*" {
                        let name = alias.asname.as_ref().map_or(imported, |n| n.as_str());
                        let module = self.module_named(&module);
                        let value = self.attribute(&module, imported)?;
                        self.bind(name, value, env);
                    }
                }
            }
            Stmt::Global(stmt) => declare(&stmt.names, env),
            Stmt::Nonlocal(stmt) => declare(&stmt.names, env),
            Stmt::Delete(stmt) => {
                for target in &stmt.targets {
                    self.delete(target, env)?;
                }
            }
            Stmt::Pass(_) | Stmt::TypeAlias(_) | Stmt::IpyEscapeCommand(_) => {}
        }
        Ok(Flow::Next)
    }

    fn choose(&mut self, stmt: &ast::StmtIf, env: &Rc<Env>) -> Eval<Flow> {
        let mut doubtful = false;
        match self.eval(&stmt.test, env)?.truth() {
            Some(true) => return self.body(&stmt.body, env),
            Some(false) => {}
            None => {
                doubtful = true;
                self.maybe(&stmt.body, env)?;
            }
        }
        for clause in &stmt.elif_else_clauses {
            let truth = match &clause.test {
                Some(test) => self.eval(test, env)?.truth(),
                None => Some(true),
            };
            match truth {
                Some(false) => {}
                Some(true) if !doubtful => return self.body(&clause.body, env),
                _ => {
                    self.maybe(&clause.body, env)?;
                    if truth == Some(true) {
                        break;
                    }
                    doubtful = true;
                }
            }
        }
        Ok(Flow::Next)
    }

    fn while_loop(&mut self, stmt: &ast::StmtWhile, env: &Rc<Env>) -> Eval<Flow> {
        let mut turns = 0_u32;
        let mut patience = Patience::new(self);
        loop {
            self.step()?;
            let truth = self.eval(&stmt.test, env)?.truth();
            if truth == Some(false) {
                return self.body(&stmt.orelse, env);
            }
            turns += 1;
            if truth.is_none() {
                self.maybe(&stmt.body, env)?;
                return Ok(Flow::Next);
            }
            match self.body(&stmt.body, env)? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => return Ok(Flow::Next),
                flow @ Flow::Return(_) => return Ok(flow),
            }
            if turns > 400_000 || patience.is_over(self) {
                return Ok(Flow::Next);
            }
        }
    }

    fn for_loop(&mut self, stmt: &ast::StmtFor, env: &Rc<Env>) -> Eval<Flow> {
        let iterable = self.eval(&stmt.iter, env)?;
        let Some(items) = self.iterate(&iterable)? else {
            self.assign(&stmt.target, Val::Unknown(iterable.trace()), env)?;
            self.maybe(&stmt.body, env)?;
            return Ok(Flow::Next);
        };
        let mut patience = Patience::new(self);
        for item in items {
            self.step()?;
            self.assign(&stmt.target, item, env)?;
            match self.body(&stmt.body, env)? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => return Ok(Flow::Next),
                flow @ Flow::Return(_) => return Ok(flow),
            }
            if patience.is_over(self) {
                return Ok(Flow::Next);
            }
        }
        self.body(&stmt.orelse, env)
    }

    fn attempt(&mut self, stmt: &ast::StmtTry, env: &Rc<Env>) -> Eval<Flow> {
        let mut result = self.body(&stmt.body, env);
        match result {
            Err(Halt::Raise(ref raised)) => {
                let raised = raised.clone();
                for handler in &stmt.handlers {
                    let ExceptHandler::ExceptHandler(handler) = handler;
                    let takes = match &handler.type_ {
                        None => true,
                        Some(class) => {
                            let class = self.eval(class, env)?;
                            catches(&class, &raised)
                        }
                    };
                    if takes {
                        if let Some(name) = &handler.name {
                            self.bind(name.as_str(), raised.clone(), env);
                        }
                        result = self.body(&handler.body, env);
                        break;
                    }
                }
            }
            Ok(Flow::Next) => result = self.body(&stmt.orelse, env),
            _ => {}
        }
        if let Err(Halt::Stop) = result {
            return result;
        }
        match self.body(&stmt.finalbody, env)? {
            Flow::Next => result,
            flow => Ok(flow),
        }
    }

    fn match_statement(&mut self, stmt: &ast::StmtMatch, env: &Rc<Env>) -> Eval<Flow> {
        let subject = self.eval(&stmt.subject, env)?;
        for case in &stmt.cases {
            let hit = self.matches(&case.pattern, &subject, env)?;
            let guarded = match &case.guard {
                Some(guard) if hit == Some(true) => self.eval(guard, env)?.truth(),
                _ => hit,
            };
            match guarded {
                Some(true) => return self.body(&case.body, env),
                Some(false) => {}
                None => self.maybe(&case.body, env)?,
            }
        }
        Ok(Flow::Next)
    }

    fn matches(
        &mut self,
        pattern: &ast::Pattern,
        subject: &Val,
        env: &Rc<Env>,
    ) -> Eval<Option<bool>> {
        use ast::Pattern as P;
        self.step()?;
        Ok(match pattern {
            P::MatchValue(p) => {
                let value = self.eval(&p.value, env)?;
                self.equal(&value, subject)
            }
            P::MatchAs(p) => {
                let hit = match &p.pattern {
                    Some(inner) => self.matches(inner, subject, env)?,
                    None => Some(true),
                };
                if let Some(name) = &p.name {
                    self.bind(name.as_str(), subject.clone(), env);
                }
                hit
            }
            P::MatchOr(p) => {
                let mut all = Some(false);
                for pattern in &p.patterns {
                    match self.matches(pattern, subject, env)? {
                        Some(true) => return Ok(Some(true)),
                        Some(false) => {}
                        None => all = None,
                    }
                }
                all
            }
            _ => None,
        })
    }

    // ── names ──

    pub(super) fn bind(&mut self, name: &str, value: Val, env: &Rc<Env>) {
        if let Some(owner) = owner(env, name) {
            owner.set_own(name, value);
        } else {
            env.set_own(name, value);
        }
    }

    pub(super) fn assign(&mut self, target: &Expr, value: Val, env: &Rc<Env>) -> Eval<()> {
        self.step()?;
        match target {
            Expr::Name(name) => self.bind(name.id.as_str(), value, env),
            Expr::Tuple(tuple) => return self.unpack(&tuple.elts, &value, env),
            Expr::List(list) => return self.unpack(&list.elts, &value, env),
            Expr::Starred(starred) => return self.assign(&starred.value, value, env),
            Expr::Attribute(attribute) => {
                let base = self.eval(&attribute.value, env)?;
                self.set_attribute(&base, attribute.attr.as_str(), value);
            }
            Expr::Subscript(subscript) => {
                let base = self.eval(&subscript.value, env)?;
                if let Expr::Slice(_) = &*subscript.slice {
                    if let (Val::List(list), Some(items)) = (&base, self.iterate(&value)?) {
                        *list.borrow_mut() = items;
                    }
                    return Ok(());
                }
                let key = self.eval(&subscript.slice, env)?;
                self.set_item(&base, key, value)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn delete(&mut self, target: &Expr, env: &Rc<Env>) -> Eval<()> {
        match target {
            Expr::Name(name) => {
                env.names.borrow_mut().remove(name.id.as_str());
            }
            Expr::Subscript(subscript) if !subscript.slice.is_slice_expr() => {
                let base = self.eval(&subscript.value, env)?;
                let key = self.eval(&subscript.slice, env)?;
                if matches!(key, Val::Unknown(_)) {
                    // what is left is unknown, and with it whether a loop over it ends
                    self.ways_out += 1;
                } else if matches!(base, Val::List(_) | Val::Dict(_)) {
                    self.call_method(&base, "pop", &[key], &Vec::new())?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn unpack(&mut self, targets: &[Expr], value: &Val, env: &Rc<Env>) -> Eval<()> {
        let Some(items) = self.iterate(value)? else {
            for target in targets {
                self.assign(target, Val::Unknown(value.trace()), env)?;
            }
            return Ok(());
        };
        let starred = targets.iter().position(Expr::is_starred_expr);
        match starred {
            None if items.len() == targets.len() => {
                for (target, item) in targets.iter().zip(items) {
                    self.assign(target, item, env)?;
                }
                Ok(())
            }
            Some(at) if items.len() + 1 >= targets.len() => {
                let after = targets.len() - at - 1;
                let end = items.len() - after;
                for (i, target) in targets.iter().enumerate() {
                    let value = match i.cmp(&at) {
                        std::cmp::Ordering::Less => items.get(i).cloned(),
                        std::cmp::Ordering::Equal => {
                            Some(Val::list(items.get(at..end).unwrap_or(&[]).to_vec()))
                        }
                        std::cmp::Ordering::Greater => items.get(end + i - at - 1).cloned(),
                    };
                    self.assign(target, value.unwrap_or(Val::Unknown(0)), env)?;
                }
                Ok(())
            }
            _ => self.raise("ValueError"),
        }
    }

    fn augment(&mut self, stmt: &ast::StmtAugAssign, env: &Rc<Env>) -> Eval<()> {
        if let (Expr::Name(name), ast::Operator::Add) = (&*stmt.target, stmt.op) {
            let name = name.id.as_str();
            let more = self.eval(&stmt.value, env)?;
            let home = owner(env, name).unwrap_or_else(|| Rc::clone(env));
            // growing a text in place keeps loops linear, as in CPython
            let old = home.names.borrow_mut().get_mut(name).map(std::mem::take);
            let old = match old {
                Some(old) => old,
                None => self.lookup(name, env),
            };
            let value = match (old, more) {
                (Val::Str(mut old), Val::Str(more)) => {
                    self.afford(more.text.len())?;
                    if old.text.len() + more.text.len() > super::MAX_LENGTH {
                        return Err(Halt::Stop);
                    }
                    if let Some(text) = Rc::get_mut(&mut old) {
                        text.push(&more.text);
                        Val::Str(old)
                    } else {
                        self.afford(old.text.len())?;
                        Val::str(format!("{}{}", old.text, more.text))
                    }
                }
                (Val::Bytes(mut old), Val::Bytes(more)) => {
                    self.afford(more.len())?;
                    if old.len() + more.len() > super::MAX_LENGTH {
                        return Err(Halt::Stop);
                    }
                    if let Some(bytes) = Rc::get_mut(&mut old) {
                        bytes.extend_from_slice(&more);
                        Val::Bytes(old)
                    } else {
                        self.afford(old.len())?;
                        Val::bytes([&old[..], &more[..]].concat())
                    }
                }
                (old, more) => self.binary(stmt.op, &old, &more)?,
            };
            home.set_own(name, value);
            return Ok(());
        }
        let old = self.eval(&stmt.target, env)?;
        let more = self.eval(&stmt.value, env)?;
        let value = self.binary(stmt.op, &old, &more)?;
        self.assign(&stmt.target, value, env)
    }
}

/// How long a loop is followed whose end depends on what nobody knows.
///
/// A decoder's loop ends by values that it works out. A service that waits for requests, a reader of a stream or a
/// poll for a state would take all steps, and leave none for the functions behind them. Such loops stand within one
/// another, so what all of them may take is bounded, too.
struct Patience {
    ways_out: u64,
    outside_calls: u64,
    turns: Turns,
}

/// Turns of loops that nobody knows the end of.
#[derive(Clone, Copy, Default)]
pub(super) struct Turns {
    /// Turns after which the loop may have been left.
    with_a_way_out: u32,
    /// Turns that call something outside of the program.
    outside: u32,
}

impl Turns {
    /// Of one loop.
    const OF_ONE: Self = Self {
        with_a_way_out: 64,
        outside: 4_096,
    };
    /// Of all loops of a file.
    const OF_ALL: Self = Self {
        with_a_way_out: 2_048,
        outside: 16_384,
    };

    const fn exceed(self, most: Self) -> bool {
        self.with_a_way_out > most.with_a_way_out || self.outside > most.outside
    }
}

impl Patience {
    fn new(evaluator: &Evaluator) -> Self {
        Self {
            ways_out: evaluator.ways_out,
            outside_calls: evaluator.outside_calls,
            turns: Turns::default(),
        }
    }

    /// Counts a turn. True if it was the last one to follow.
    fn is_over(&mut self, evaluator: &mut Evaluator) -> bool {
        let way_out = u32::from(self.ways_out != evaluator.ways_out);
        let outside = u32::from(self.outside_calls != evaluator.outside_calls);
        self.ways_out = evaluator.ways_out;
        self.outside_calls = evaluator.outside_calls;
        for turns in [&mut self.turns, &mut evaluator.turns] {
            turns.with_a_way_out += way_out;
            turns.outside += outside;
        }
        self.turns.exceed(Turns::OF_ONE)
            || ((way_out | outside) != 0 && evaluator.turns.exceed(Turns::OF_ALL))
    }
}

impl Default for Val {
    fn default() -> Self {
        Self::Unknown(0)
    }
}

/// The module's namespace.
pub(super) fn module_of(env: &Rc<Env>) -> Rc<Env> {
    env.module
        .as_ref()
        .map_or_else(|| Rc::clone(env), Rc::clone)
}

/// Where a name lives that was declared `global` or `nonlocal`.
fn owner(env: &Rc<Env>, name: &str) -> Option<Rc<Env>> {
    if !env.outer.borrow().iter().any(|n| &**n == name) {
        return None;
    }
    let mut at = env.parent.clone();
    while let Some(outer) = at {
        if outer.module.is_some() && !outer.is_class && outer.names.borrow().contains_key(name) {
            return Some(outer);
        }
        at = outer.parent.clone();
    }
    Some(module_of(env))
}

fn declare(names: &[ast::Identifier], env: &Rc<Env>) {
    let mut outer = env.outer.borrow_mut();
    for name in names {
        if !outer.iter().any(|n| **n == *name.as_str()) && outer.len() < 1000 {
            outer.push(name.as_str().into());
        }
    }
}

/// True if a handler for `class` takes what was raised.
fn catches(class: &Val, raised: &Val) -> bool {
    let name = |v: &Val| match v {
        Val::Api(name, _) => Some(name.to_string()),
        Val::Class(class) => Some(class.name.to_string()),
        Val::Instance(instance) => Some(instance.class.name.to_string()),
        _ => None,
    };
    match class {
        Val::Tuple(classes) => classes.iter().any(|c| catches(c, raised)),
        _ => match (name(class), name(raised)) {
            (Some(class), Some(raised)) => {
                class == raised
                    || matches!(&*class, "Exception" | "BaseException")
                    || (class == "LookupError" && matches!(&*raised, "IndexError" | "KeyError"))
                    || (class == "ArithmeticError" && raised == "ZeroDivisionError")
            }
            _ => true,
        },
    }
}
