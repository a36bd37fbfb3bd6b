//! Attributes, items, and names in namespaces.

use foretaste_model::facts::Resolution;
use ruff_python_ast::{self as ast, Expr};

use super::Interpreter;
use super::expression::range;
use crate::symbols::{Special, SymId};
use crate::value::{Shape, Value};

impl<'a> Interpreter<'a> {
    /// `base.name`
    pub(super) fn attribute(&mut self, base: Value, name: &'a str) -> Value {
        match base.shape {
            Shape::Api(sym) => {
                if name == "__dict__" {
                    return self.namespace(base);
                }
                let sym = self.symbols.child(sym, name);
                let taint = match base.via {
                    Resolution::Method => base.taint,
                    _ => self.outside(sym),
                };
                Value {
                    shape: Shape::Api(sym),
                    taint,
                    via: base.via,
                }
            }
            Shape::Object(kind) => {
                let sym = self.symbols.child(kind, name);
                Value::of(Shape::Api(sym))
                    .with(base.taint)
                    .via(Resolution::Method)
            }
            Shape::Path(_) => match name {
                "parent" | "name" | "stem" | "suffix" | "parts" => Value::tainted(base.taint),
                _ => {
                    let kind = self.symbols.path("pathlib.Path");
                    let sym = self.symbols.child(kind, name);
                    Value::of(Shape::Api(sym))
                        .with(base.taint)
                        .via(Resolution::Method)
                }
            },
            Shape::Instance(class) => {
                if name == "__dict__" {
                    return self.namespace(base);
                }
                self.attribute_of_instance(class, name, true, base.taint)
            }
            Shape::Class(class) => self.attribute_of_instance(class, name, false, base.taint),
            Shape::Partial(partial) if name == "func" => self
                .partials
                .get(partial as usize)
                .map_or(Value::UNKNOWN, |p| p.0),
            _ => Value::tainted(base.taint),
        }
    }

    /// A method of a constant that is kept for later: `join = "".join`.
    pub(super) fn bound_method(&mut self, base: Value, name: &str) -> Value {
        let Some(name) = self.constants.make_text(name.to_owned()) else {
            return Value::tainted(base.taint);
        };
        self.partials
            .push((Value::of(Shape::Caller(name)), vec![base]));
        Value::of(Shape::Partial(self.partials.len() as u32 - 1)).with(base.taint)
    }

    /// An attribute by a name that was worked out.
    pub(super) fn attribute_named(&mut self, base: Value, name: &str) -> Value {
        let found = match base.shape {
            Shape::Api(sym) | Shape::Object(sym) => {
                let sym = self.symbols.child(sym, name);
                Value::of(Shape::Api(sym)).with(base.taint)
            }
            Shape::Instance(class) | Shape::Class(class) => {
                match self.attribute_of_class(class, name, 0) {
                    Some(Value {
                        shape: Shape::Function(f),
                        taint,
                        via,
                    }) if matches!(base.shape, Shape::Instance(_)) => Value {
                        shape: Shape::Method(f, class),
                        taint,
                        via,
                    },
                    Some(value) => value,
                    None => Value::tainted(base.taint),
                }
            }
            Shape::Path(_) => {
                let kind = self.symbols.path("pathlib.Path");
                let sym = self.symbols.child(kind, name);
                Value::of(Shape::Api(sym)).with(base.taint)
            }
            _ => Value::tainted(base.taint),
        };
        found.via(Resolution::Reflected)
    }

    pub(super) fn namespace(&mut self, of: Value) -> Value {
        self.namespaces.push(of);
        Value::of(Shape::Namespace(self.namespaces.len() as u32 - 1))
    }

    /// A name in a namespace that was worked out: `globals()["x"]`, `vars(os)["system"]`.
    pub(super) fn named_in(&mut self, namespace: u32, name: &str) -> Value {
        let of = self
            .namespaces
            .get(namespace as usize)
            .copied()
            .unwrap_or(Value::UNKNOWN);
        let value = match of.shape {
            Shape::Unknown => match name {
                "__builtins__" => Value::of(Shape::Api(self.symbols.root("builtins"))),
                _ => self.find(name).unwrap_or_else(|| self.ambient(name)),
            },
            _ => self.attribute_named(of, name),
        };
        value.via(Resolution::Reflected)
    }

    pub(super) fn subscript(&mut self, subscript: &'a ast::ExprSubscript) -> Value {
        let base = self.resolve(&subscript.value);
        if let Expr::Slice(slice) = &*subscript.slice {
            let bounds = [&slice.lower, &slice.upper, &slice.step].map(|part| {
                part.as_ref().map(|e| match self.eval(e).shape {
                    Shape::Int(i) => Ok(i),
                    Shape::None => Err(true),
                    _ => Err(false),
                })
            });
            return self.slice(base, bounds, range(subscript));
        }
        let key = self.eval(&subscript.slice);
        self.item(base, key, range(subscript))
    }

    /// `base[key]`
    pub(super) fn item(&mut self, base: Value, key: Value, range: (u32, u32)) -> Value {
        match (base.shape, key.shape) {
            (Shape::Api(sym), _) => match self.symbols.special(sym) {
                Special::Environ => {
                    let sym = self.symbols.child(sym, "__getitem__");
                    self.call_api_plain(sym, base, &[key], range)
                }
                Special::SysModules => match self.text_of(key).map(str::to_owned) {
                    Some(name) => {
                        Value::of(Shape::Api(self.symbols.path(&name))).via(Resolution::Reflected)
                    }
                    None => Value::UNKNOWN,
                },
                // `__builtins__["exec"]`
                _ if self.symbols.name(sym) == "builtins" => {
                    match self.text_of(key).map(str::to_owned) {
                        Some(name) => self.attribute_named(base, &name),
                        None => Value::UNKNOWN,
                    }
                }
                _ => {
                    let value = self.read_api(sym, range, base);
                    Value::tainted(value.taint)
                }
            },
            (Shape::Namespace(namespace), Shape::Str(name)) => {
                let name = self.constants.text(name).to_owned();
                self.named_in(namespace, &name)
            }
            (Shape::List(list), Shape::Int(index)) => {
                let elements = self.elements(list);
                let at = if index < 0 {
                    usize::try_from(super::builtins::integer(elements.len()).saturating_add(index))
                        .ok()
                } else {
                    usize::try_from(index).ok()
                };
                at.and_then(|i| elements.get(i))
                    .copied()
                    .unwrap_or(Value::tainted(base.taint))
            }
            (Shape::Dict(dict), _) => self
                .dict_item(dict, key)
                .unwrap_or(Value::tainted(base.taint)),
            (Shape::Str(text), Shape::Int(index)) => {
                let text = self.constants.text(text);
                let at = if index < 0 {
                    text.chars()
                        .rev()
                        .nth(usize::try_from(-index - 1).unwrap_or(usize::MAX))
                } else if text.is_ascii() {
                    usize::try_from(index)
                        .ok()
                        .and_then(|i| text.as_bytes().get(i))
                        .map(|b| char::from(*b))
                } else {
                    text.chars()
                        .nth(usize::try_from(index).unwrap_or(usize::MAX))
                };
                match at {
                    Some(c) => self.text(c.to_string()).with(base.taint),
                    None => Value::tainted(base.taint),
                }
            }
            (Shape::Bytes(bytes), Shape::Int(index)) => usize::try_from(index)
                .ok()
                .and_then(|i| self.constants.bytes(bytes).get(i))
                .map_or(Value::tainted(base.taint), |b| {
                    Value::of(Shape::Int(i64::from(*b))).with(base.taint)
                }),
            _ => Value::tainted(base.taint),
        }
    }

    /// The value of a key of a dict, the last one that was set.
    pub(super) fn dict_item(&self, dict: u32, key: Value) -> Option<Value> {
        let items = self.dicts.get(dict as usize)?;
        items
            .iter()
            .rev()
            .find(|(k, _)| match (k.shape, key.shape) {
                (Shape::Str(a), Shape::Str(b)) => self.constants.text(a) == self.constants.text(b),
                (a @ (Shape::Int(_) | Shape::Bool(_)), b) => a == b,
                _ => false,
            })
            .map(|(_, v)| *v)
    }

    /// True for `requests.Session.request(session, "GET", url)`: the first argument is what the method is called on.
    pub(super) fn is_unbound(&self, method: SymId, callee: Value, object: Value) -> bool {
        let (Shape::Object(class), true) = (object.shape, callee.via != Resolution::Method) else {
            return false;
        };
        let class = self.symbols.name(class);
        self.symbols
            .name(method)
            .strip_prefix(class)
            .is_some_and(|name| name.starts_with('.'))
    }
}
