//! Statements.

use foretaste_model::Capability;
use foretaste_model::facts::{FunctionKind, Resolution, UseKind};
use foretaste_observe::taint::Mark;
use ruff_python_ast::{self as ast, ExceptHandler, Expr, Pattern, Stmt};

use super::expression::range;
use super::{Interpreter, environment};
use crate::value::{Shape, Value};

/// Elements of a constant sequence over which a loop body runs one by one.
const UNROLL: usize = 8;

impl<'a> Interpreter<'a> {
    pub(super) fn body(&mut self, body: &'a [Stmt]) {
        for stmt in body {
            if !self.budget.step() {
                return;
            }
            self.statement(stmt);
        }
    }

    fn statement(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => self.define_function(def),
            Stmt::ClassDef(def) => self.define_class(def),
            Stmt::Return(ret) => {
                if let Some(value) = &ret.value {
                    let value = self.eval(value);
                    self.give_back(value);
                }
            }
            Stmt::Delete(del) => {
                for target in &del.targets {
                    self.resolve(target);
                }
            }
            Stmt::TypeAlias(_)
            | Stmt::Pass(_)
            | Stmt::Break(_)
            | Stmt::Continue(_)
            | Stmt::IpyEscapeCommand(_) => {}
            Stmt::Assign(assign) => {
                let kept = keeps_name(assign);
                self.kept_name = kept.then(|| range(&*assign.value));
                let value = self.eval(&assign.value);
                self.kept_name = None;
                let value = if kept { value } else { rebound(value) };
                for target in &assign.targets {
                    self.assign(target, value);
                }
            }
            Stmt::AugAssign(assign) => {
                let old = self.eval(&assign.target);
                let new = self.eval(&assign.value);
                let mut value = self.binary(assign.op, old, new);
                if self.frame.loops > 0 && value.shape.is_telling() {
                    // a sum in a loop is not what it is after one turn
                    value.shape = Shape::Unknown;
                }
                self.assign(&assign.target, value);
            }
            Stmt::AnnAssign(assign) => {
                if self.frame.func.is_none() {
                    self.annotation(&assign.annotation);
                }
                if let Some(value) = &assign.value {
                    let value = self.eval(value);
                    self.assign(&assign.target, rebound(value));
                }
            }
            Stmt::For(stmt) => self.for_loop(stmt),
            Stmt::While(stmt) => {
                self.eval(&stmt.test);
                self.looped(&stmt.body);
                self.branch(&stmt.orelse);
            }
            Stmt::If(stmt) => self.if_statement(stmt),
            Stmt::With(stmt) => self.with(stmt),
            Stmt::Match(stmt) => {
                let subject = self.eval(&stmt.subject);
                for case in &stmt.cases {
                    self.pattern(&case.pattern, Value::tainted(subject.taint), 0);
                    if let Some(guard) = &case.guard {
                        self.eval(guard);
                    }
                    self.branch(&case.body);
                }
            }
            Stmt::Raise(stmt) => {
                for expr in stmt.exc.iter().chain(&stmt.cause) {
                    self.eval(expr);
                }
            }
            Stmt::Try(stmt) => self.try_statement(stmt),
            Stmt::Assert(stmt) => {
                self.eval(&stmt.test);
                if let Some(msg) = &stmt.msg {
                    self.eval(msg);
                }
            }
            Stmt::Import(stmt) => self.import(stmt),
            Stmt::ImportFrom(stmt) => self.import_from(stmt),
            Stmt::Global(stmt) => self.declare_outer(&stmt.names),
            Stmt::Nonlocal(stmt) => self.declare_outer(&stmt.names),
            Stmt::Expr(stmt) => match &*stmt.value {
                // documentation, or a comment in disguise
                Expr::StringLiteral(_) | Expr::EllipsisLiteral(_) => {}
                Expr::Tuple(tuple) if self.python2 => self.python2_statement(tuple),
                value => {
                    self.eval(value);
                }
            },
        }
    }

    /// `print, x` and `exec, code`: Python 2 statements as the respelling leaves them.
    fn python2_statement(&mut self, tuple: &'a ast::ExprTuple) {
        let callee = match tuple.elts.first() {
            Some(Expr::Name(name)) if name.id == "exec" => self.resolve(&tuple.elts[0]),
            _ => Value::UNKNOWN,
        };
        let values: Vec<Value> = tuple.elts.iter().skip(1).map(|e| self.eval(e)).collect();
        if let Shape::Api(_) = callee.shape {
            self.call_values(callee, &values, range(tuple));
        }
    }

    pub(super) fn give_back(&mut self, value: Value) {
        let old = self.frame.returned;
        self.frame.returned = self.join(old, value);
    }

    pub(super) fn branch(&mut self, body: &'a [Stmt]) {
        self.frame.branches += 1;
        self.body(body);
        self.frame.branches -= 1;
    }

    /// Whatever a branch or loop around it leaves open, inside the block a name is what the block gave it. Behind the block
    /// it may be what it was before as well.
    fn with(&mut self, stmt: &'a ast::StmtWith) {
        let mut before = Vec::new();
        for item in &stmt.items {
            let value = self.eval(&item.context_expr);
            match item.optional_vars.as_deref() {
                Some(Expr::Name(name)) if self.frame.branches > 0 => {
                    let name = name.id.as_str();
                    match self.own(name) {
                        Some(old) => {
                            before.push((name, old));
                            self.rebind(name, value);
                        }
                        None => self.bind(name, value),
                    }
                }
                Some(target) => self.assign(target, value),
                None => {}
            }
        }
        self.body(&stmt.body);
        for (name, old) in before {
            let now = self.own(name).unwrap_or(old);
            let either = self.join(old, now);
            self.rebind(name, either);
        }
    }

    /// Runs a loop body twice, so that what the first turn leaves behind meets the second one.
    fn looped(&mut self, body: &'a [Stmt]) {
        self.frame.branches += 1;
        self.frame.loops += 1;
        self.body(body);
        // within nested loops the outer one sees to the second turn of the inner ones
        if self.frame.loops <= 2 {
            let again = std::mem::replace(&mut self.frame.again, true);
            self.body(body);
            self.frame.again = again;
        }
        self.frame.loops -= 1;
        self.frame.branches -= 1;
    }

    fn for_loop(&mut self, stmt: &'a ast::StmtFor) {
        let iterable = self.eval(&stmt.iter);
        let test = environment::first_test(&stmt.body);
        let iterable = self.chosen(iterable, &stmt.target, test.into_iter());
        let elements = match self.sequence(iterable) {
            Some(elements) if self.frame.loops == 0 && elements.len() <= UNROLL => elements,
            _ => Vec::new(),
        };
        self.frame.branches += 1;
        if elements.is_empty() {
            self.assign(&stmt.target, Value::tainted(iterable.taint));
            self.looped(&stmt.body);
        } else {
            self.frame.loops += 1;
            let again = self.frame.again;
            for element in elements {
                self.frame.branches -= 1;
                self.assign(&stmt.target, element);
                self.frame.branches += 1;
                self.body(&stmt.body);
                self.frame.again = true;
            }
            self.frame.again = again;
            self.frame.loops -= 1;
        }
        self.frame.branches -= 1;
        self.branch(&stmt.orelse);
    }

    fn if_statement(&mut self, stmt: &'a ast::StmtIf) {
        let kind = guard(&stmt.test);
        if kind == Guard::Main && self.frame.func.is_none() && self.frame.class.is_none() {
            self.main_block(stmt);
        } else if kind == Guard::Typing {
            // type checkers only
        } else {
            self.tested(&stmt.test, &stmt.body);
        }
        for clause in &stmt.elif_else_clauses {
            match &clause.test {
                Some(test) => self.tested(test, &clause.body),
                None => self.branch(&clause.body),
            }
        }
    }

    /// A branch in which a test holds.
    fn tested(&mut self, test: &'a Expr, body: &'a [Stmt]) {
        self.eval(test);
        let narrowed = self.narrow(test);
        self.branch(body);
        self.widen(narrowed);
    }

    /// The body of `if __name__ == "__main__":` runs when the file is started, not when it is imported.
    fn main_block(&mut self, stmt: &'a ast::StmtIf) {
        let fact = self.facts.function(
            "<main>",
            FunctionKind::Function,
            range(stmt),
            Some(self.frame.fact),
        );
        let outer = std::mem::replace(&mut self.frame.fact, fact);
        let events = std::mem::take(&mut self.frame.events);
        self.branch(&stmt.body);
        self.scope_flows();
        self.frame.fact = outer;
        self.frame.events = events;
    }

    fn try_statement(&mut self, stmt: &'a ast::StmtTry) {
        self.body(&stmt.body);
        for handler in &stmt.handlers {
            let ExceptHandler::ExceptHandler(handler) = handler;
            if let Some(name) = &handler.name {
                self.bind(name.as_str(), Value::UNKNOWN);
            }
            self.branch(&handler.body);
        }
        self.branch(&stmt.orelse);
        self.body(&stmt.finalbody);
    }

    fn pattern(&mut self, pattern: &'a Pattern, value: Value, depth: u32) {
        if depth > 50 {
            return;
        }
        let mut inner: Vec<&'a Pattern> = Vec::new();
        match pattern {
            Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
            Pattern::MatchSequence(p) => inner.extend(&p.patterns),
            Pattern::MatchMapping(p) => {
                inner.extend(&p.patterns);
                if let Some(rest) = &p.rest {
                    self.bind(rest.as_str(), value);
                }
            }
            Pattern::MatchClass(p) => {
                inner.extend(&p.arguments.patterns);
                inner.extend(p.arguments.keywords.iter().map(|k| &k.pattern));
            }
            Pattern::MatchStar(p) => {
                if let Some(name) = &p.name {
                    self.bind(name.as_str(), value);
                }
            }
            Pattern::MatchAs(p) => {
                inner.extend(p.pattern.as_deref());
                if let Some(name) = &p.name {
                    self.bind(name.as_str(), value);
                }
            }
            Pattern::MatchOr(p) => inner.extend(&p.patterns),
        }
        for pattern in inner {
            self.pattern(pattern, value, depth + 1);
        }
    }

    // ── imports ──

    fn import(&mut self, stmt: &'a ast::StmtImport) {
        for alias in &stmt.names {
            let module = alias.name.as_str();
            if !self.frame.again {
                self.facts
                    .import(module, Vec::new(), range(alias), self.frame.fact);
            }
            let (name, path) = if let Some(asname) = &alias.asname {
                (asname.as_str(), module)
            } else {
                let first = module.split('.').next().unwrap_or(module);
                (first, first)
            };
            if alias.asname.is_some() {
                self.identifiers.add(name);
            }
            self.import_written(module, range(alias));
            let value = Value::of(Shape::Api(self.symbols.path(path)));
            // an import decides, also in a branch
            let scope = self.frame.scope;
            if let Some(scope) = self.scopes.get_mut(scope as usize) {
                scope.vars.insert(name, value);
            }
        }
    }

    /// A module that this file wrote before it imports it.
    fn import_written(&mut self, module: &'a str, range: (u32, u32)) {
        if !self.has_writes() {
            return;
        }
        let name = self.text(format!("{}.py", module.replace('.', "/")));
        let constant = match name.shape {
            Shape::Str(id) => id.0 + 1,
            _ => 0,
        };
        let mark = Mark {
            capability: Capability::CodeImport,
            api: self.symbols.path(module).0,
            constant,
            range,
        };
        self.used(name, mark);
    }

    fn import_from(&mut self, stmt: &'a ast::StmtImportFrom) {
        let mut module = ".".repeat(stmt.level.min(64) as usize);
        if let Some(name) = &stmt.module {
            module.push_str(name.as_str());
        }
        if !self.frame.again {
            let names = stmt
                .names
                .iter()
                .take(64)
                .map(|a| a.name.as_str().into())
                .collect();
            self.facts
                .import(&module, names, range(stmt), self.frame.fact);
        }
        let parent = self.symbols.path(&module);
        for alias in &stmt.names {
            let imported = alias.name.as_str();
            if imported == "*" {
                if self.stars.len() < 32 && !self.stars.contains(&parent) {
                    self.stars.push(parent);
                }
                continue;
            }
            let name = alias.asname.as_ref().map_or(imported, |n| n.as_str());
            if alias.asname.is_some() {
                self.identifiers.add(name);
            }
            let sym = self.symbols.child(parent, imported);
            let value = Value::of(Shape::Api(sym)).with(self.outside(sym));
            let scope = self.frame.scope;
            if let Some(scope) = self.scopes.get_mut(scope as usize) {
                scope.vars.insert(name, value);
            }
        }
    }

    fn declare_outer(&mut self, names: &'a [ast::Identifier]) {
        if let Some(scope) = self.scopes.get_mut(self.frame.scope as usize) {
            for name in names {
                if scope.outer.len() < 256 && !scope.outer.contains(&name.as_str()) {
                    scope.outer.push(name.as_str());
                }
            }
        }
    }

    // ── assignment ──

    pub(super) fn assign(&mut self, target: &'a Expr, value: Value) {
        if !self.budget.step() {
            return;
        }
        match target {
            Expr::Name(name) => self.bind(name.id.as_str(), value),
            Expr::Starred(starred) => self.assign(&starred.value, Value::tainted(value.taint)),
            Expr::Tuple(tuple) => self.assign_many(&tuple.elts, value),
            Expr::List(list) => self.assign_many(&list.elts, value),
            Expr::Attribute(attribute) => self.assign_attribute(attribute, value),
            Expr::Subscript(subscript) => self.assign_item(subscript, value),
            _ => {}
        }
    }

    fn assign_many(&mut self, targets: &'a [Expr], value: Value) {
        let known = match value.shape {
            Shape::List(list) => self.elements(list).to_vec(),
            _ => Vec::new(),
        };
        let plain = known.len() == targets.len() && !targets.iter().any(Expr::is_starred_expr);
        for (i, target) in targets.iter().enumerate() {
            let element = match known.get(i) {
                Some(element) if plain => rebound(*element),
                _ => Value::tainted(value.taint),
            };
            self.assign(target, element);
        }
    }

    fn assign_attribute(&mut self, attribute: &'a ast::ExprAttribute, value: Value) {
        let base = self.resolve(&attribute.value);
        let name = attribute.attr.as_str();
        match base.shape {
            Shape::Instance(class) | Shape::Class(class) => {
                self.set_attribute(class, name, value);
            }
            Shape::Api(sym) | Shape::Object(sym) => {
                let sym = self.symbols.child(sym, name);
                if self.symbols.entry(sym).is_some() {
                    self.report_use(sym, range(attribute), UseKind::Write, base.via, &[]);
                }
                if value.shape.is_telling() || !value.taint.is_empty() {
                    self.add_taint(&attribute.value, value);
                }
                if matches!(base.shape, Shape::Api(_)) && base.via != Resolution::Method {
                    self.intercept(sym, value, range(attribute));
                }
            }
            _ => self.add_taint(&attribute.value, value),
        }
    }

    fn assign_item(&mut self, subscript: &'a ast::ExprSubscript, value: Value) {
        let base = self.resolve(&subscript.value);
        let key = self.eval(&subscript.slice);
        self.note_hidden_copy(key, value, range(subscript));
        match base.shape {
            Shape::Api(sym) if self.symbols.special(sym) == crate::symbols::Special::Environ => {
                let sym = self.symbols.child(sym, "__setitem__");
                self.report_use(sym, range(subscript), UseKind::Write, base.via, &[key]);
                return;
            }
            Shape::Dict(dict) => {
                if let Some(dict) = self.dicts.get_mut(dict as usize)
                    && dict.len() < 4096
                {
                    dict.push((key, value));
                }
            }
            _ => {}
        }
        self.add_taint(&subscript.value, value);
    }

    /// A container or object takes in a value: whoever reads it later may read that.
    pub(super) fn add_taint(&mut self, container: &'a Expr, value: Value) {
        if value.taint.is_empty() {
            return;
        }
        let mut at = container;
        loop {
            match at {
                Expr::Name(name) => {
                    let name = name.id.as_str();
                    let mut scope = Some(self.frame.scope);
                    while let Some(index) = scope {
                        let Some(inner) = self.scopes.get(index as usize) else {
                            return;
                        };
                        if let Some(old) = inner.vars.get(name).copied() {
                            // modules and functions of others hold no data of ours
                            if matches!(old.shape, Shape::Api(_) | Shape::Function(_)) {
                                return;
                            }
                            let taint = self.union(old.taint, value.taint);
                            if let Some(inner) = self.scopes.get_mut(index as usize) {
                                inner.vars.insert(name, old.with(taint));
                            }
                            if index == 0 {
                                self.note_filled(name, old.taint, taint);
                            }
                            return;
                        }
                        scope = inner.parent;
                    }
                    return;
                }
                Expr::Attribute(attribute) => {
                    let base = self.resolve(&attribute.value);
                    if let Shape::Instance(class) | Shape::Class(class) = base.shape {
                        let old = self
                            .attribute_of_class(class, attribute.attr.as_str(), 0)
                            .unwrap_or(Value::UNKNOWN);
                        let taint = self.union(old.taint, value.taint);
                        self.set_attribute(class, attribute.attr.as_str(), old.with(taint));
                        return;
                    }
                    at = &attribute.value;
                }
                Expr::Subscript(subscript) => at = &subscript.value,
                _ => return,
            }
        }
    }
}

/// `exec_ = getattr(builtins, "exec")`: who binds an API to the name that it has hides nothing.
fn keeps_name(assign: &ast::StmtAssign) -> bool {
    let Expr::Call(call) = &*assign.value else {
        return false;
    };
    let is_getattr = matches!(&*call.func, Expr::Name(n) if n.id == "getattr");
    let Some(Expr::StringLiteral(name)) = call.arguments.args.get(1) else {
        return false;
    };
    is_getattr
        && assign
            .targets
            .iter()
            .all(|t| matches!(t, Expr::Name(n) if n.id.trim_matches('_') == name.value.to_str()))
}

/// What an assignment makes of a value: an API that is bound to a variable is reached through it from now on.
pub(super) fn rebound(value: Value) -> Value {
    match value.shape {
        Shape::Api(_) if value.via == Resolution::Direct => value.via(Resolution::Rebound),
        _ => value,
    }
}

#[derive(PartialEq, Eq)]
enum Guard {
    Main,
    Typing,
    Other,
}

/// `__name__ == "__main__"` and `TYPE_CHECKING`.
fn guard(test: &Expr) -> Guard {
    match test {
        Expr::Compare(compare) => {
            let name = |e: &Expr| matches!(e, Expr::Name(n) if n.id == "__name__");
            let main =
                |e: &Expr| matches!(e, Expr::StringLiteral(s) if s.value.to_str() == "__main__");
            match compare.comparators.first() {
                Some(right)
                    if matches!(compare.ops.first(), Some(ast::CmpOp::Eq | ast::CmpOp::Is))
                        && ((name(&compare.left) && main(right))
                            || (main(&compare.left) && name(right))) =>
                {
                    Guard::Main
                }
                _ => Guard::Other,
            }
        }
        Expr::Name(name) if name.id == "TYPE_CHECKING" => Guard::Typing,
        Expr::Attribute(attribute) if attribute.attr.as_str() == "TYPE_CHECKING" => Guard::Typing,
        _ => Guard::Other,
    }
}
