//! Functions and classes as they are defined.

use std::rc::Rc;

use ruff_python_ast::{self as ast, Expr, Stmt};
use rustc_hash::FxHashMap;

use super::statement::module_of;
use super::value::{Binding, Body, Class, Code, Env, Func, Val};
use super::{Eval, Evaluator, Halt};

impl Evaluator {
    pub(super) fn define(&mut self, def: &ast::StmtFunctionDef, env: &Rc<Env>) -> Eval<()> {
        let key = std::ptr::from_ref(def) as usize;
        let code = match self.codes.get(&key) {
            Some(code) => Rc::clone(code),
            None => {
                let code = Rc::new(Code {
                    parameters: Some((*def.parameters).clone()),
                    generator: yields(&def.body),
                    body: Body::Statements(def.body.iter().cloned().collect()),
                });
                self.budget.spend(u64::from(def.range.len().to_u32()) / 16);
                self.codes.insert(key, Rc::clone(&code));
                code
            }
        };
        let mut binding = Binding::Plain;
        let mut decorators = Vec::new();
        for decorator in &def.decorator_list {
            match &decorator.expression {
                Expr::Name(name) if name.id == "staticmethod" => binding = Binding::Static,
                Expr::Name(name) if name.id == "classmethod" => binding = Binding::Class,
                Expr::Name(name) if name.id == "property" => binding = Binding::Property,
                other => decorators.push(self.eval(other, env)?),
            }
        }
        let mut value = self.function(def.name.as_str(), code, binding, env)?;
        for decorator in decorators.into_iter().rev() {
            let decorated = self.call(&decorator, vec![value.clone()], Vec::new())?;
            if !decorated.is_unknown() && !matches!(decorated, Val::Api(..)) {
                value = decorated;
            }
        }
        self.bind(def.name.as_str(), value, env);
        Ok(())
    }

    /// Makes a function of its code.
    pub(super) fn function(
        &mut self,
        name: &str,
        code: Rc<Code>,
        binding: Binding,
        env: &Rc<Env>,
    ) -> Eval {
        let mut defaults = Vec::new();
        if let Some(parameters) = &code.parameters {
            for parameter in parameters.iter_non_variadic_params() {
                if let Some(default) = &parameter.default {
                    let value = self.eval(default, env)?;
                    defaults.push((parameter.parameter.name.as_str().into(), value));
                }
            }
        }
        self.capture(env);
        let function = Rc::new(Func {
            name: name.into(),
            code,
            env: Rc::clone(env),
            defaults,
            binding,
            owner: std::cell::RefCell::new(None),
        });
        if self.functions.len() < 20_000 {
            self.functions.push(Rc::clone(&function));
        }
        Ok(Val::Function(function))
    }

    /// Something keeps a namespace: it may refer back.
    pub(super) fn capture(&mut self, env: &Rc<Env>) {
        if !self.envs.last().is_some_and(|last| Rc::ptr_eq(last, env)) {
            self.envs.push(Rc::clone(env));
        }
    }

    pub(super) fn define_class(&mut self, def: &ast::StmtClassDef, env: &Rc<Env>) -> Eval<()> {
        let mut bases = Vec::new();
        if let Some(arguments) = &def.arguments {
            for base in &arguments.args {
                bases.push(self.eval(base, env)?);
            }
        }
        let inner = Rc::new(Env {
            parent: Some(Rc::clone(env)),
            module: Some(module_of(env)),
            is_class: true,
            ..Env::default()
        });
        self.capture(&inner);
        match self.body(&def.body, &inner) {
            Err(Halt::Stop) => return Err(Halt::Stop),
            Ok(_) | Err(Halt::Raise(_)) => {}
        }
        let attributes: FxHashMap<Rc<str>, Val> = inner.names.borrow().clone();
        let class = Rc::new(Class {
            name: def.name.as_str().into(),
            bases,
            attributes: std::cell::RefCell::new(attributes),
        });
        for value in class.attributes.borrow().values() {
            if let Val::Function(function) = value {
                *function.owner.borrow_mut() = Some(Rc::clone(&class));
            }
        }
        self.classes.push(Rc::clone(&class));
        self.bind(def.name.as_str(), Val::Class(class), env);
        Ok(())
    }
}

/// True if a body is that of a generator.
fn yields(body: &[Stmt]) -> bool {
    use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
    struct Finder(bool);
    impl<'a> Visitor<'a> for Finder {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            if !matches!(stmt, Stmt::FunctionDef(_) | Stmt::ClassDef(_)) && !self.0 {
                walk_stmt(self, stmt);
            }
        }
        fn visit_expr(&mut self, expr: &'a Expr) {
            match expr {
                Expr::Yield(_) | Expr::YieldFrom(_) => self.0 = true,
                Expr::Lambda(_) => {}
                _ if !self.0 => walk_expr(self, expr),
                _ => {}
            }
        }
    }
    let mut finder = Finder(false);
    for stmt in body {
        finder.visit_stmt(stmt);
    }
    finder.0
}
