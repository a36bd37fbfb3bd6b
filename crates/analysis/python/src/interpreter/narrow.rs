//! What a test says about a name, where it holds: `if name.startswith(".env"):` in a loop over the files of a folder picks those
//! files, and what is read behind it is what was picked.

use foretaste_observe::names::secret_file;
use ruff_python_ast::{self as ast, CmpOp, Expr};

use super::Interpreter;
use crate::value::{Shape, Value};

/// Shorter constants tell nothing of a file.
const MIN_NAME: usize = 4;
/// Longer ones are no names.
const MAX_NAME: usize = 120;

/// How a name stands to a constant.
#[derive(Clone, Copy)]
enum Relation {
    Is,
    Begins,
    Ends,
}

impl<'a> Interpreter<'a> {
    /// Gives the name that a test is about what the test says of it, until [`Self::widen`] takes that back.
    pub(super) fn narrow(&mut self, test: &'a Expr) -> Option<(&'a str, Value, Value)> {
        let (name, relation, constant) = told(test)?;
        let old = self.own(name)?;
        if old.shape != Shape::Unknown {
            return None;
        }
        let told = self.name_among(constant)?;
        let is_name = (MIN_NAME..MAX_NAME).contains(&told.len()) && !told.contains("://");
        // what begins or ends so may be anything, unless such names keep secrets
        let is_told = matches!(relation, Relation::Is) || secret_file(&told).is_some();
        if !is_name || !is_told {
            return None;
        }
        let pattern = match relation {
            Relation::Is => told,
            Relation::Begins => format!("{told}*"),
            Relation::Ends => format!("*{told}"),
        };
        let narrowed = self.text(pattern).with(old.taint);
        self.rebind(name, narrowed);
        Some((name, old, narrowed))
    }

    /// Behind the branch the name is what it was, unless the branch made something else of it.
    pub(super) fn widen(&mut self, narrowed: Option<(&'a str, Value, Value)>) {
        if let Some((name, old, narrowed)) = narrowed
            && self
                .own(name)
                .is_some_and(|now| now.shape == narrowed.shape)
        {
            self.rebind(name, old);
        }
    }

    /// A constant, or of several the first one that names a file with secrets, else the first. What is only compared with is not
    /// a place that the program names.
    fn name_among(&mut self, expr: &'a Expr) -> Option<String> {
        let several = match expr {
            Expr::StringLiteral(text) => return Some(text.value.to_str().to_owned()),
            Expr::Tuple(tuple) => &tuple.elts,
            Expr::List(list) => &list.elts,
            Expr::Set(set) => &set.elts,
            Expr::Name(name) => {
                let value = self.lookup(name.id.as_str());
                return self.text_among(value);
            }
            // put together, so that nobody finds it
            Expr::BinOp(_) | Expr::Subscript(_) => {
                let value = self.eval(expr);
                return self.text_among(value);
            }
            _ => return None,
        };
        let texts = several.iter().filter_map(|e| match e {
            Expr::StringLiteral(text) => Some(text.value.to_str()),
            _ => None,
        });
        picked(texts).map(str::to_owned)
    }

    /// The same of a value that was worked out before.
    fn text_among(&mut self, value: Value) -> Option<String> {
        if let Some(text) = self.text_of(value) {
            return Some(text.to_owned());
        }
        let elements = self.sequence(value)?;
        let texts = elements.iter().take(32).filter_map(|e| self.text_of(*e));
        picked(texts).map(str::to_owned)
    }
}

fn picked<'t>(texts: impl Iterator<Item = &'t str>) -> Option<&'t str> {
    let mut first = None;
    for text in texts {
        if secret_file(text).is_some() {
            return Some(text);
        }
        first = first.or(Some(text));
    }
    first
}

/// The name that a test is about, and the expression that it is compared with.
fn told(test: &Expr) -> Option<(&str, Relation, &Expr)> {
    match test {
        Expr::BoolOp(op) => op.values.iter().find_map(told),
        Expr::Compare(compare) => {
            let ([op], [right]) = (&*compare.ops, &*compare.comparators) else {
                return None;
            };
            match op {
                CmpOp::Eq | CmpOp::In => Some((name_of(&compare.left)?, Relation::Is, right)),
                _ => None,
            }
        }
        Expr::Call(call) => {
            let method = call.func.as_attribute_expr()?;
            let relation = match method.attr.as_str() {
                "startswith" => Relation::Begins,
                "endswith" => Relation::Ends,
                _ => return None,
            };
            Some((
                name_of(&method.value)?,
                relation,
                call.arguments.args.first()?,
            ))
        }
        _ => None,
    }
}

/// `NAME`, `NAME.lower()`
fn name_of(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Call(ast::ExprCall {
            func, arguments, ..
        }) if arguments.is_empty() => {
            let method = func.as_attribute_expr()?;
            let same = matches!(method.attr.as_str(), "lower" | "casefold" | "strip");
            same.then(|| name_of(&method.value)).flatten()
        }
        _ => None,
    }
}
