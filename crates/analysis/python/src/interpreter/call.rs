//! Calls: what is called, with what.

use foretaste_model::facts::{Callee, Resolution};
use foretaste_observe::taint::SetId;
use ruff_python_ast::{self as ast, Expr};

use super::Interpreter;
use super::expression::range;
use crate::value::{Shape, Value};

/// An argument of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arg<'a> {
    /// The keyword; for `**x`, empty.
    pub(super) name: Option<&'a str>,
    pub(super) value: Value,
    /// `*x` or `**x`.
    pub(super) spread: bool,
}

/// Methods by which an object takes in what it is given.
const TAKES_IN: &[&str] = &[
    "add",
    "add_alternative",
    "add_attachment",
    "add_embed",
    "add_embed_field",
    "add_field",
    "add_file",
    "add_header",
    "add_related",
    "append",
    "appendleft",
    "attach",
    "attach_alternative",
    "extend",
    "insert",
    "push",
    "put",
    "put_nowait",
    "set_content",
    "set_payload",
    "setdefault",
    "update",
    "write",
    "writelines",
    "writerow",
    "writerows",
    "writestr",
];

/// True for methods that read a file into their object.
fn is_filled(api: &str) -> bool {
    matches!(
        api,
        "configparser.ConfigParser.read"
            | "configparser.RawConfigParser.read"
            | "ConfigParser.ConfigParser.read"
    )
}

impl<'a> Interpreter<'a> {
    pub(super) fn call(&mut self, call: &'a ast::ExprCall) -> Value {
        let range = range(call);
        if let Expr::If(choice) = &*call.func {
            return self.call_either(choice, &call.arguments, range);
        }
        let (receiver, callee) = match &*call.func {
            Expr::Attribute(attribute) => {
                let receiver = self.resolve(&attribute.value);
                let mut callee = self.attribute(receiver, attribute.attr.as_str());
                if let Shape::Api(sym) = receiver.shape
                    && self.is_part_of_request(receiver)
                {
                    let read = super::expression::range(&*attribute.value);
                    callee = callee.with(self.read_api(sym, read, receiver).taint);
                }
                (Some((receiver, attribute)), callee)
            }
            func => (None, self.resolve(func)),
        };
        let args = self.arguments(&call.arguments);
        if let Some((receiver, attribute)) = receiver {
            let name = attribute.attr.as_str();
            self.logged(name, &args);
            if !matches!(
                callee.shape,
                Shape::Api(_) | Shape::Function(_) | Shape::Method(..)
            ) && let Some(value) = self.fold_method(receiver, name, &args, range)
            {
                return value;
            }
            let unknown = match receiver.shape {
                // what hangs on an object, such as the headers of a session
                Shape::Api(_) => receiver.via == Resolution::Method,
                Shape::Instance(_) | Shape::Class(_) => false,
                _ => true,
            };
            if unknown && TAKES_IN.binary_search(&name).is_ok() {
                self.take_in(receiver, attribute, name, &args);
            }
            if name == "start"
                && let Shape::Instance(class) = receiver.shape
                && let Some(run) = self.attribute_of_class(class, "run", 0)
                && let Shape::Function(function) = run.shape
                && self.attribute_of_class(class, "start", 0).is_none()
            {
                // a thread or process of the file's own class
                return self.call_function(function, Some(receiver), &[]);
            }
        } else if let Expr::Name(name) = &*call.func
            && name.id == "super"
        {
            return self.super_object();
        }
        if callee.shape == Shape::Unknown
            && let Some((_, attribute)) = receiver
            && let Some(value) = self.run_elsewhere(attribute.attr.as_str(), &args, range)
        {
            return value;
        }
        let mut value = self.call_value(callee, &args, range, Some(call));
        if let Some((_, attribute)) = receiver
            && callee.shape == Shape::Unknown
            && !callee.taint.is_empty()
            && Self::keeps_content(attribute.attr.as_str())
        {
            let kept = self.data_only(callee.taint);
            value = value.with(self.union(value.taint, kept));
        }
        self.note_hooks(call, &args);
        self.note_packing(call, callee, receiver.map(|(_, a)| &*a.value), value);
        if let (Some((_, attribute)), Shape::Api(sym)) = (receiver, callee.shape)
            && !value.taint.is_empty()
            && is_filled(self.symbols.name(sym))
        {
            // what was read is asked of the object afterwards
            self.add_taint(&attribute.value, Value::tainted(value.taint));
        }
        value
    }

    /// `loop.run_in_executor(pool, f, …)` of a loop that was made elsewhere: no other object has such a method.
    fn run_elsewhere(&mut self, name: &str, args: &[Arg<'a>], range: (u32, u32)) -> Option<Value> {
        if name != "run_in_executor" || self.calls > 30 {
            return None;
        }
        let (_, [function, rest @ ..]) = args.split_first()? else {
            return None;
        };
        if !function.value.shape.is_callable() {
            return None;
        }
        self.calls += 1;
        let value = self.call_value(function.value, rest, range, None);
        self.calls -= 1;
        Some(value)
    }

    fn arguments(&mut self, arguments: &'a ast::Arguments) -> Vec<Arg<'a>> {
        let mut args = Vec::with_capacity(arguments.args.len() + arguments.keywords.len());
        for arg in &arguments.args {
            args.push(match arg {
                Expr::Starred(starred) => Arg {
                    name: None,
                    value: self.eval(&starred.value),
                    spread: true,
                },
                arg => Arg {
                    name: None,
                    value: self.eval(arg),
                    spread: false,
                },
            });
        }
        for keyword in &arguments.keywords {
            let value = self.eval(&keyword.value);
            if let Some(name) = &keyword.arg {
                self.note_hidden_copy_named(name.as_str(), value, range(&keyword.value));
            }
            args.push(match &keyword.arg {
                Some(name) => Arg {
                    name: Some(name.as_str()),
                    value,
                    spread: false,
                },
                None => Arg {
                    name: Some(""),
                    value,
                    spread: true,
                },
            });
        }
        if arguments.keywords.len() > 1 {
            self.note_payee_named(&args, range(arguments));
        }
        args
    }

    /// `(first if test else second)(arguments)`: which of them runs is not known.
    fn call_either(
        &mut self,
        choice: &'a ast::ExprIf,
        arguments: &'a ast::Arguments,
        range: (u32, u32),
    ) -> Value {
        self.eval(&choice.test);
        let one = self.resolve(&choice.body);
        let other = self.resolve(&choice.orelse);
        let args = self.arguments(arguments);
        let first = self.call_value(one, &args, range, None);
        if one.shape == other.shape {
            return first;
        }
        let second = self.call_value(other, &args, range, None);
        self.join(first, second)
    }

    /// `x.append(v)` and the like: the object holds what it was given.
    fn take_in(
        &mut self,
        receiver: Value,
        attribute: &'a ast::ExprAttribute,
        name: &str,
        args: &[Arg<'a>],
    ) {
        let mut taint = SetId::EMPTY;
        for arg in args {
            taint = self.union(taint, arg.value.taint);
        }
        if let (Shape::List(list), "append", [arg]) = (receiver.shape, name, args) {
            let exact = self.frame.branches == 0 && !self.frame.again;
            if let Some(list) = self.lists.get_mut(list as usize) {
                if exact && list.len() < 4096 {
                    list.push(arg.value);
                } else {
                    // how often is not known: no longer a constant
                    list.push(Value::tainted(taint));
                    list.truncate(4096);
                }
            }
        }
        self.add_taint(&attribute.value, Value::tainted(taint));
    }

    /// `super()`: the object, seen as one of its class.
    fn super_object(&self) -> Value {
        let class = self
            .frame
            .func
            .and_then(|f| self.functions.get(f as usize))
            .and_then(|f| f.class);
        match class {
            Some(class) => self.base_object(class),
            None => Value::UNKNOWN,
        }
    }

    /// Calls a value with plain positional arguments.
    pub(super) fn call_values(
        &mut self,
        callee: Value,
        values: &[Value],
        range: (u32, u32),
    ) -> Value {
        let args: Vec<Arg<'a>> = values
            .iter()
            .map(|value| Arg {
                name: None,
                value: *value,
                spread: false,
            })
            .collect();
        self.call_value(callee, &args, range, None)
    }

    pub(super) fn call_value(
        &mut self,
        callee: Value,
        args: &[Arg<'a>],
        range: (u32, u32),
        node: Option<&'a ast::ExprCall>,
    ) -> Value {
        match callee.shape {
            Shape::Api(sym) => self.call_api(sym, callee, args, range, node),
            Shape::Function(function) => self.call_function(function, None, args),
            Shape::Method(function, class) => {
                let receiver = Value::of(Shape::Instance(class)).with(callee.taint);
                self.call_function(function, Some(receiver), args)
            }
            Shape::Class(class) => self.instantiate(class, args, range),
            Shape::Instance(class) => match self.attribute_of_class(class, "__call__", 0) {
                Some(Value {
                    shape: Shape::Function(function),
                    ..
                }) => self.call_function(function, Some(callee), args),
                _ => self.call_unknown(callee, args),
            },
            Shape::Partial(partial) => {
                let Some((inner, bound)) = self.partials.get(partial as usize).cloned() else {
                    return Value::UNKNOWN;
                };
                if self.calls > 40 {
                    return Value::UNKNOWN;
                }
                let mut all: Vec<Arg<'a>> = bound
                    .into_iter()
                    .map(|value| Arg {
                        name: None,
                        value,
                        spread: false,
                    })
                    .collect();
                all.extend_from_slice(args);
                self.calls += 1;
                let value = self.call_value(inner, &all, range, None);
                self.calls -= 1;
                value
            }
            Shape::Caller(name) => {
                let name = self.constants.text(name).to_owned();
                let object = args.first().map_or(Value::UNKNOWN, |a| a.value);
                let args = args.get(1..).unwrap_or(&[]);
                if matches!(object.shape, Shape::Str(_) | Shape::Bytes(_))
                    && let Some(value) = self.fold_method(object, &name, args, range)
                {
                    return value;
                }
                let method = self.attribute_named(object, &name);
                self.call_value(method, args, range, None)
            }
            Shape::Getter(name) => {
                let name = self.constants.text(name).to_owned();
                let mut object = args.first().map_or(Value::UNKNOWN, |a| a.value);
                for part in name.split('.') {
                    object = self.attribute_named(object, part);
                }
                object
            }
            _ => self.call_unknown(callee, args),
        }
    }

    /// A call of something unknown: what goes in may come out.
    fn call_unknown(&mut self, callee: Value, args: &[Arg<'a>]) -> Value {
        let mut taint = callee.taint;
        for arg in args {
            taint = self.union(taint, arg.value.taint);
            // a function that is handed over may be called
            if let Shape::Function(function) = arg.value.shape {
                self.note_callback(function);
            }
        }
        let taint = self.digested(taint);
        Value::tainted(taint)
    }

    /// Trails of data, without the identities of resources.
    pub(super) fn data_only(&mut self, taint: SetId) -> SetId {
        if taint.is_empty() {
            return taint;
        }
        self.taints.filter(taint, |o| {
            !matches!(o, foretaste_observe::taint::Origin::Resource(_))
        })
    }

    /// A lambda that is handed over is taken to be called; a named function may just be registered.
    fn note_callback(&mut self, function: u32) {
        let fact = self.functions.get(function as usize).map(|f| f.fact);
        if let Some(fact) = fact
            && self
                .facts
                .facts()
                .functions
                .get(fact as usize)
                .is_some_and(|f| f.name.ends_with("<lambda>"))
        {
            self.facts.call(self.frame.fact, Callee::Local(fact));
        }
    }

    fn instantiate(&mut self, class: u32, args: &[Arg<'a>], range: (u32, u32)) -> Value {
        let object = Value::of(Shape::Instance(class));
        if let Some(Value {
            shape: Shape::Function(function),
            ..
        }) = self.attribute_of_class(class, "__new__", 0)
        {
            self.call_function(function, Some(Value::of(Shape::Class(class))), args);
        }
        match self.attribute_of_class(class, "__init__", 0) {
            Some(Value {
                shape: Shape::Function(function),
                ..
            }) => {
                self.call_function(function, Some(object), args);
            }
            _ => {
                // the constructor of a base class from elsewhere
                if let Some(sym) = self.foreign_base_itself(class) {
                    let value = Value::of(Shape::Api(sym)).via(Resolution::Method);
                    let made = self.call_api(sym, value, args, range, None);
                    return object.with(made.taint);
                }
            }
        }
        let data = self.data_of_object(class, args);
        object.with(data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(TAKES_IN.is_sorted());
    }
}
