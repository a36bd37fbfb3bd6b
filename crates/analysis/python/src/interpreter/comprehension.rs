//! Comprehensions: over constants, their elements are worked out one by one.

use foretaste_observe::taint::SetId;
use ruff_python_ast::{self as ast, Expr};

use super::Interpreter;
use crate::value::{Shape, Value};

impl<'a> Interpreter<'a> {
    pub(super) fn comprehension(
        &mut self,
        element: &'a Expr,
        key: Option<&'a Expr>,
        generators: &'a [ast::Comprehension],
    ) -> Value {
        let mut saved = Vec::new();
        let mut taint = SetId::EMPTY;
        let mut first = Value::UNKNOWN;
        for (i, generator) in generators.iter().enumerate() {
            let iterable = self.eval(&generator.iter);
            let iterable = self.chosen(iterable, &generator.target, generator.ifs.iter());
            if i == 0 {
                first = iterable;
            }
            taint = self.union(taint, iterable.taint);
            self.save_names(&generator.target, &mut saved);
            self.assign_fresh(&generator.target, Value::tainted(iterable.taint));
            for test in &generator.ifs {
                self.eval(test);
            }
        }
        let mut result = None;
        if let [generator] = generators
            && key.is_none()
            && let Some(elements) = self.sequence(first)
            && !elements.is_empty()
            && let Some(values) = self.unrolled(element, &generator.target, elements)
        {
            result = Some(if generator.ifs.is_empty() {
                self.list(values)
            } else {
                // which of them are left is not known; what any of them brings is
                let all = values.iter().fold(taint, |all, v| self.union(all, v.taint));
                Value::tainted(all)
            });
        }
        let result = result.unwrap_or_else(|| {
            let tests = generators.iter().flat_map(|g| &g.ifs);
            let narrowed: Vec<_> = tests.map(|test| self.narrow(test)).collect();
            let key_taint = key.map_or(SetId::EMPTY, |k| self.eval(k).taint);
            let value = self.eval(element);
            for told in narrowed.into_iter().rev() {
                self.widen(told);
            }
            let taint = self.union(value.taint, key_taint);
            Value::tainted(taint)
        });
        for (name, old) in saved {
            if let Some(scope) = self.scopes.get_mut(self.frame.scope as usize) {
                match old {
                    Some(old) => scope.vars.insert(name, old),
                    None => scope.vars.remove(name),
                };
            }
        }
        result
    }

    /// The elements of a comprehension over constants, if they are constants too.
    fn unrolled(
        &mut self,
        element: &'a Expr,
        target: &'a Expr,
        elements: Vec<Value>,
    ) -> Option<Vec<Value>> {
        let again = self.frame.again;
        let mut values = Vec::with_capacity(elements.len());
        let mut complete = true;
        for (i, item) in elements.into_iter().enumerate() {
            self.assign_fresh(target, item);
            let value = self.eval(element);
            self.frame.again = true;
            if matches!(value.shape, Shape::Unknown | Shape::Template(_)) && i > 8
                || !self.budget.step()
            {
                complete = false;
                break;
            }
            values.push(value);
        }
        self.frame.again = again;
        complete.then_some(values)
    }

    fn save_names(&mut self, target: &'a Expr, saved: &mut Vec<(&'a str, Option<Value>)>) {
        match target {
            Expr::Name(name) => {
                let name = name.id.as_str();
                let old = self
                    .scopes
                    .get(self.frame.scope as usize)
                    .and_then(|s| s.vars.get(name))
                    .copied();
                saved.push((name, old));
            }
            Expr::Tuple(tuple) if saved.len() < 64 => {
                for element in &tuple.elts {
                    self.save_names(element, saved);
                }
            }
            _ => {}
        }
    }

    /// Binds the targets of a comprehension, whatever was there.
    fn assign_fresh(&mut self, target: &'a Expr, value: Value) {
        if let Expr::Name(name) = target {
            self.rebind(name.id.as_str(), value);
        } else {
            let branches = std::mem::take(&mut self.frame.branches);
            self.assign(target, value);
            self.frame.branches = branches;
        }
    }
}
