//! Classes of the file and their objects.

use foretaste_model::facts::Resolution;
use ruff_python_ast as ast;
use rustc_hash::{FxHashMap, FxHashSet};

use foretaste_observe::taint::SetId;

use super::call::Arg;
use super::late::{add_reader, may_be_filled};
use super::{Interpreter, Scope};
use crate::value::{Shape, Value};

/// Decorators that make a class of its annotated attributes.
const DATA_CLASSES: &[&str] = &[
    "dataclasses.dataclass",
    "pydantic.dataclasses.dataclass",
    "attr.s",
    "attr.attrs",
    "attr.dataclass",
    "attr.define",
    "attr.frozen",
    "attrs.define",
    "attrs.frozen",
    "attrs.mutable",
];
/// Bases that do.
const DATA_BASES: &[&str] = &["pydantic.BaseModel", "typing.NamedTuple", "msgspec.Struct"];

/// A class: attributes of the class and of all its objects are kept together.
#[derive(Debug)]
pub(crate) struct Class<'a> {
    pub(super) name: String,
    pub(super) bases: Vec<Value>,
    attributes: FxHashMap<&'a str, Value>,
    /// Attributes that were read before anything was known of them.
    missed: FxHashSet<&'a str>,
    /// Functions that read an attribute while nothing was known of what it holds.
    unfilled: FxHashMap<&'a str, Vec<u32>>,
    /// True if such an attribute became known later.
    stale: bool,
    /// True if its objects are their attributes: what is handed on of one is all of them.
    data: bool,
}

impl<'a> Interpreter<'a> {
    /// The methods that a class defines itself, by name.
    pub(super) fn methods(&self, class: u32) -> Vec<(&'a str, u32)> {
        let attributes = self.classes.get(class as usize).map(|c| &c.attributes);
        let methods = attributes
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| match value.shape {
                Shape::Function(function) => Some((*name, function)),
                _ => None,
            });
        methods.collect()
    }

    pub(super) fn define_class(&mut self, def: &'a ast::StmtClassDef) {
        let mut data = false;
        for decorator in &def.decorator_list {
            let maker = match &decorator.expression {
                ast::Expr::Call(call) => &*call.func,
                maker => maker,
            };
            let maker = self.resolve(maker);
            data |= self.is_of(maker, DATA_CLASSES);
            self.eval(&decorator.expression);
        }
        let mut bases = Vec::new();
        let mut keywords: Vec<Arg<'a>> = Vec::new();
        if let Some(arguments) = &def.arguments {
            for base in &arguments.args {
                let value = self.resolve(base);
                bases.push(value);
            }
            for keyword in &arguments.keywords {
                let value = self.eval(&keyword.value);
                keywords.push(Arg {
                    name: Some(keyword.arg.as_ref().map_or("", ast::Identifier::as_str)),
                    value,
                    spread: keyword.arg.is_none(),
                });
            }
        }
        let name = match self.frame.class.and_then(|c| self.classes.get(c as usize)) {
            Some(outer) => format!("{}.{}", outer.name, def.name),
            None => def.name.to_string(),
        };
        let index = self.classes.len() as u32;
        data |= bases.iter().any(|base| self.is_data(*base));
        self.classes.push(Class {
            name,
            bases,
            attributes: FxHashMap::default(),
            missed: FxHashSet::default(),
            unfilled: FxHashMap::default(),
            stale: false,
            data,
        });
        let value = Value::of(Shape::Class(index));
        // the body may name the class only inside of methods, which run later
        self.bind(def.name.as_str(), value);
        let scope = self.scopes.len() as u32;
        self.scopes.push(Scope {
            parent: Some(self.frame.scope),
            is_class: true,
            ..Scope::default()
        });
        let outer_scope = std::mem::replace(&mut self.frame.scope, scope);
        let outer_class = self.frame.class.replace(index);
        let branches = std::mem::take(&mut self.frame.branches);
        self.body(&def.body);
        self.frame.scope = outer_scope;
        self.frame.class = outer_class;
        self.frame.branches = branches;
        if let Some(scope) = self.scopes.get_mut(scope as usize) {
            let vars = std::mem::take(&mut scope.vars);
            if let Some(class) = self.classes.get_mut(index as usize) {
                class.attributes.extend(vars);
            }
        }
        self.run_class_hooks(index, value, &keywords);
    }

    fn is_data(&self, base: Value) -> bool {
        match base.shape {
            Shape::Class(class) => self.classes.get(class as usize).is_some_and(|c| c.data),
            _ => self.is_of(base, DATA_BASES),
        }
    }

    fn is_of(&self, value: Value, names: &[&str]) -> bool {
        match value.shape {
            Shape::Api(sym) => names.contains(&self.symbols.name(sym)),
            _ => false,
        }
    }

    /// The data in the attributes of an object that is its attributes, and in what it is made of; nothing for any other.
    pub(super) fn data_of_object(&mut self, class: u32, args: &[Arg<'a>]) -> SetId {
        let Some(found) = self.classes.get(class as usize).filter(|c| c.data) else {
            return SetId::EMPTY;
        };
        let mut parts: Vec<(&str, SetId)> = found
            .attributes
            .iter()
            .map(|(name, value)| (*name, value.taint))
            .collect();
        parts.sort_unstable_by_key(|(name, _)| *name);
        let parts: Vec<SetId> = parts.into_iter().map(|(_, taint)| taint).collect();
        let mut all = SetId::EMPTY;
        for part in parts.into_iter().chain(args.iter().map(|a| a.value.taint)) {
            all = self.union(all, part);
        }
        all
    }

    /// What Python calls while it makes a class: its metaclass, `__set_name__` of its attributes, and
    /// `__init_subclass__` of its bases.
    fn run_class_hooks(&mut self, index: u32, class: Value, keywords: &[Arg<'a>]) {
        let plain = |value: Value| Arg {
            name: None,
            value,
            spread: false,
        };
        let is_meta = |a: &&Arg<'a>| a.name == Some("metaclass");
        if let Some(Value {
            shape: Shape::Class(meta),
            ..
        }) = keywords.iter().find(is_meta).map(|a| a.value)
        {
            let receiver = Value::of(Shape::Class(meta));
            let args = [Value::UNKNOWN; 3].map(plain);
            for hook in ["__prepare__", "__new__", "__init__"] {
                if let Some(Shape::Function(function)) =
                    self.attribute_of_class(meta, hook, 0).map(|v| v.shape)
                {
                    self.call_function(function, Some(receiver), &args);
                }
            }
        }
        let Some(made) = self.classes.get(index as usize) else {
            return;
        };
        let bases = made.bases.clone();
        let mut fields: Vec<(&'a str, u32)> = made
            .attributes
            .iter()
            .filter_map(|(name, value)| match value.shape {
                Shape::Instance(of) => Some((*name, of)),
                _ => None,
            })
            .collect();
        fields.sort_unstable();
        for (_, of) in fields {
            if let Some(Shape::Function(function)) = self
                .attribute_of_class(of, "__set_name__", 0)
                .map(|v| v.shape)
            {
                let receiver = Value::of(Shape::Instance(of));
                self.call_function(
                    function,
                    Some(receiver),
                    &[plain(class), plain(Value::UNKNOWN)],
                );
            }
        }
        for base in bases {
            if let Shape::Class(base) = base.shape
                && base != index
                && let Some(Shape::Function(function)) = self
                    .attribute_of_class(base, "__init_subclass__", 0)
                    .map(|v| v.shape)
            {
                let given: Vec<Arg<'a>> = keywords
                    .iter()
                    .filter(|a| a.name != Some("metaclass"))
                    .copied()
                    .collect();
                self.call_function(function, Some(class), &given);
            }
        }
    }

    /// The innermost enclosing scope that functions can see: not that of a class.
    pub(super) fn function_parent_scope(&self) -> u32 {
        let mut at = self.frame.scope;
        while let Some(scope) = self.scopes.get(at as usize)
            && scope.is_class
            && let Some(parent) = scope.parent
        {
            at = parent;
        }
        at
    }

    /// An attribute of a class or its objects; base classes of the file included.
    pub(super) fn attribute_of_class(&self, class: u32, name: &str, depth: u32) -> Option<Value> {
        let found = self.classes.get(class as usize)?;
        if let Some(value) = found.attributes.get(name) {
            return Some(*value);
        }
        if depth > 8 {
            return None;
        }
        found.bases.iter().find_map(|base| match base.shape {
            Shape::Class(base) if base != class => self.attribute_of_class(base, name, depth + 1),
            _ => None,
        })
    }

    /// `value.name` where the value is an object (or class) of the file.
    pub(super) fn attribute_of_instance(
        &mut self,
        class: u32,
        name: &'a str,
        is_object: bool,
        taint: foretaste_observe::taint::SetId,
    ) -> Value {
        if let Some(value) = self.attribute_of_class(class, name, 0) {
            if may_be_filled(value)
                && let Some(function) = self.frame.func
                && let Some(class) = self.classes.get_mut(class as usize)
            {
                add_reader(class.unfilled.entry(name).or_default(), function);
            }
            return match value.shape {
                Shape::Function(function) if is_object => self.bound(function, class, value),
                _ => value,
            };
        }
        if let Some(sym) = self.foreign_base(class, name, 0) {
            return Value::of(Shape::Api(sym))
                .with(taint)
                .via(Resolution::Method);
        }
        if let Some(class) = self.classes.get_mut(class as usize) {
            class.missed.insert(name);
        }
        Value::tainted(taint)
    }

    fn bound(&mut self, function: u32, class: u32, value: Value) -> Value {
        match self.functions.get(function as usize) {
            // a property is read, not called
            Some(f) if f.property => {
                self.call_values(Value::of(Shape::Method(function, class)), &[], f.range)
            }
            Some(f) if f.unbound => value,
            _ => Value {
                shape: Shape::Method(function, class),
                ..value
            },
        }
    }

    /// The attribute in a base class from elsewhere of which the table knows it.
    fn foreign_base(
        &mut self,
        class: u32,
        name: &str,
        depth: u32,
    ) -> Option<crate::symbols::SymId> {
        if depth > 8 {
            return None;
        }
        let bases: Vec<Shape> = self
            .classes
            .get(class as usize)?
            .bases
            .iter()
            .map(|b| b.shape)
            .collect();
        for base in bases {
            match base {
                Shape::Api(sym) => {
                    let sym = self.symbols.child(sym, name);
                    if self.symbols.is_known(sym) {
                        return Some(sym);
                    }
                }
                Shape::Class(base) if base != class => {
                    if let Some(found) = self.foreign_base(base, name, depth + 1) {
                        return Some(found);
                    }
                }
                _ => {}
            }
        }
        None
    }

    pub(super) fn set_attribute(&mut self, class: u32, name: &'a str, value: Value) {
        let old = self
            .classes
            .get(class as usize)
            .and_then(|c| c.attributes.get(name))
            .copied();
        let value = match old {
            // of a parameter nothing is known until somebody makes an object
            Some(old) if old.shape == Shape::Unknown && value.shape.is_own_callable() => {
                let taint = self.union(old.taint, value.taint);
                value.with(taint)
            }
            Some(old) => self.join(old, value),
            None => value,
        };
        // a callback that its object was given, or data
        let was = old.unwrap_or(Value::UNKNOWN);
        let filled = (was.shape == Shape::Unknown && value.shape.is_own_callable())
            || self.brings_more(was.taint, value.taint);
        let mut readers = None;
        if let Some(class) = self.classes.get_mut(class as usize) {
            let news = value.shape.is_telling() || !value.taint.is_empty();
            if news && class.missed.contains(name) {
                class.stale = true;
            } else if filled {
                readers = class.unfilled.remove(name);
            }
            if class.attributes.len() < 4096 {
                class.attributes.insert(name, value);
            }
        }
        if let Some(readers) = readers {
            self.are_late(&readers);
        }
    }

    /// The class `name` of the file as the table of commands in `setup()` may name it.
    pub(super) fn class_name(&self, class: u32) -> &str {
        self.classes.get(class as usize).map_or("", |c| &c.name)
    }

    /// Runs the methods of classes once more in which attributes became known after they had been read.
    pub(super) fn rerun_classes(&mut self) {
        let is_stale = |class: u32| self.classes.get(class as usize).is_some_and(|c| c.stale);
        let functions = self.functions.iter().zip(0..);
        let stale: Vec<u32> = functions
            .filter(|(function, _)| function.class.is_some_and(is_stale))
            .map(|(_, index)| index)
            .collect();
        self.rerun(&stale);
    }
}

impl Interpreter<'_> {
    /// What `super()` gives inside a class: an object of its first base class.
    pub(super) fn base_object(&self, class: u32) -> Value {
        let base = self
            .classes
            .get(class as usize)
            .and_then(|c| c.bases.first())
            .copied();
        match base.map(|b| b.shape) {
            Some(Shape::Class(base)) if base != class => Value::of(Shape::Instance(base)),
            Some(Shape::Api(sym)) => Value::of(Shape::Object(sym)),
            _ => Value::UNKNOWN,
        }
    }

    /// The first base class from elsewhere that the table knows.
    pub(super) fn foreign_base_itself(&self, class: u32) -> Option<crate::symbols::SymId> {
        self.classes
            .get(class as usize)?
            .bases
            .iter()
            .find_map(|b| match b.shape {
                Shape::Api(sym) if self.symbols.is_known(sym) => Some(sym),
                _ => None,
            })
    }
}
