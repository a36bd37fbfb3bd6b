//! Calls and attributes.

use std::cell::RefCell;
use std::hash::BuildHasher as _;
use std::rc::Rc;

use foretaste_observe::taint::{Effect, effect};
use ruff_python_ast::{self as ast, Expr};
use rustc_hash::FxHashMap;

use super::statement::module_of;
use super::value::{Binding, Body, Class, Env, Func, HIDDEN, Instance, Trace, Val};
use super::{Eval, Evaluator, Flow, Halt};
use crate::table::TABLE;

pub(super) type Keywords = Vec<(Rc<str>, Val)>;

/// Length from which a constant is a payload rather than a name.
const PAYLOAD: usize = 200;

/// Attributes whose names are remembered.
const MAX_MEMBERS: usize = 10_000;

/// An attribute of something outside of the program, and its full name.
pub(super) struct Member {
    path: Rc<str>,
    name: Box<str>,
    full: Rc<str>,
}

/// True for words and sentences, such as the help of a command line: what is encoded has no blanks between its words.
fn is_prose(data: &[u8]) -> bool {
    let head = data.get(..data.len().min(2000)).unwrap_or(data);
    let count =
        |of: fn(&u8) -> bool| head.iter().filter(|b| of(b)).count() * 100 / head.len().max(1);
    let blanks = count(u8::is_ascii_whitespace);
    (8..=40).contains(&blanks) && blanks + count(u8::is_ascii_alphabetic) >= 85
}

impl Evaluator {
    pub(super) fn call_expression(&mut self, call: &ast::ExprCall, env: &Rc<Env>) -> Eval {
        let callee = self.eval(&call.func, env)?;
        if let (Val::Api(name, _), []) = (&callee, &*call.arguments.args)
            && &**name == "super"
        {
            return Ok(self.super_of(env));
        }
        let mut args = Vec::with_capacity(call.arguments.args.len());
        for arg in &call.arguments.args {
            if let Expr::Starred(starred) = arg {
                let value = self.eval(&starred.value, env)?;
                match self.iterate(&value)? {
                    Some(items) => args.extend(items),
                    None => args.push(Val::Unknown(value.trace())),
                }
            } else {
                args.push(self.eval(arg, env)?);
            }
        }
        let mut keywords = Keywords::new();
        for keyword in &call.arguments.keywords {
            let value = self.eval(&keyword.value, env)?;
            match (&keyword.arg, &value) {
                (Some(name), _) => keywords.push((name.as_str().into(), value)),
                (None, Val::Dict(dict)) => {
                    for (key, value) in &dict.borrow().items {
                        if let Val::Str(name) = key {
                            keywords.push((name.text.as_str().into(), value.clone()));
                        }
                    }
                }
                _ => {}
            }
        }
        self.at(call, |evaluator| {
            let value = match &callee {
                Val::Api(name, trace) => {
                    let name = Rc::clone(name);
                    evaluator.call_api(&name, *trace, args, keywords, env)?
                }
                callee => evaluator.call(callee, args, keywords)?,
            };
            if let Val::Str(text) = &value {
                let text = Rc::clone(text);
                evaluator.note_text(&text.text);
            }
            Ok(value)
        })
    }

    pub(super) fn call(&mut self, callee: &Val, args: Vec<Val>, keywords: Keywords) -> Eval {
        self.step()?;
        match callee {
            Val::Function(function) => self.call_function(function, args, keywords),
            Val::Bound(bound) => {
                let mut all = vec![bound.0.clone()];
                all.extend(args);
                self.call_function(&bound.1, all, keywords)
            }
            Val::Method(method) => self.call_method(&method.0, &method.1, &args, &keywords),
            Val::Partial(partial) => {
                if let Val::Api(name, _) = &partial.0
                    && super::cipher::is_constructor(name)
                {
                    return Ok(Val::Unknown(0));
                }
                let mut all = partial.1.clone();
                all.extend(args);
                self.call(&partial.0, all, keywords)
            }
            Val::Class(class) => {
                let instance = self.new_instance(class);
                if let Some(Val::Function(init)) = class.find("__init__", 0) {
                    let mut all = vec![instance.clone()];
                    all.extend(args);
                    self.call_function(&init, all, keywords)?;
                }
                Ok(instance)
            }
            Val::Instance(instance) => match instance.class.find("__call__", 0) {
                Some(Val::Function(function)) => {
                    let mut all = vec![callee.clone()];
                    all.extend(args);
                    self.call_function(&function, all, keywords)
                }
                _ => Ok(Val::Unknown(0)),
            },
            Val::Api(name, trace) => {
                let module = Rc::clone(&self.module);
                self.call_api(name, *trace, args, keywords, &module)
            }
            Val::Code(code) => {
                // `types.FunctionType(code, globals())()`
                let module = Rc::clone(&self.module);
                let code = Rc::clone(code);
                self.execute(&code.text, &module)
            }
            other => {
                self.outside_calls += 1;
                let mut trace = other.trace();
                for arg in &args {
                    trace |= arg.trace();
                    self.hand_over(arg)?;
                }
                Ok(Val::Unknown(trace))
            }
        }
    }

    /// A function that is handed to something unknown is taken to be called.
    fn hand_over(&mut self, value: &Val) -> Eval<()> {
        if let Val::Function(function) = value
            && !self.ran.contains(&(Rc::as_ptr(&function.code) as usize))
        {
            match self.call_function(function, Vec::new(), Vec::new()) {
                Err(Halt::Stop) => return Err(Halt::Stop),
                Ok(_) | Err(Halt::Raise(_)) => {}
            }
        }
        Ok(())
    }

    pub(super) fn new_instance(&mut self, class: &Rc<Class>) -> Val {
        let instance = Rc::new(Instance {
            class: Rc::clone(class),
            attributes: RefCell::new(FxHashMap::default()),
        });
        if self.instances.len() < 100_000 {
            self.instances.push(Rc::clone(&instance));
        }
        Val::Instance(instance)
    }

    fn super_of(&self, env: &Rc<Env>) -> Val {
        env.get_own("self")
            .map_or(Val::Unknown(0), |value| match value {
                Val::Instance(instance) => {
                    let base = instance.class.bases.iter().find_map(|b| match b {
                        Val::Class(class) => Some(Rc::clone(class)),
                        _ => None,
                    });
                    base.map_or(Val::Unknown(0), |class| {
                        Val::Instance(Rc::new(Instance {
                            class,
                            attributes: RefCell::new(instance.attributes.borrow().clone()),
                        }))
                    })
                }
                _ => Val::Unknown(0),
            })
    }

    pub(super) fn call_function(
        &mut self,
        function: &Rc<Func>,
        args: Vec<Val>,
        keywords: Keywords,
    ) -> Eval {
        self.step()?;
        if self.depth + 8 >= super::MAX_DEPTH {
            return self.raise("RecursionError");
        }
        let code = Rc::clone(&function.code);
        let identity = Rc::as_ptr(&code) as usize;
        self.ran.insert(identity);
        // a recursion that nobody knows the end of (a walk through unknown data) doubles with every level
        let caller = self.running.iter().rev().find(|(id, _)| *id == identity);
        if caller.is_some_and(|(_, doubt)| self.doubt > *doubt) {
            let trace = args.iter().fold(0, |trace, arg| trace | arg.trace());
            return Ok(Val::Unknown(trace));
        }
        let env = Rc::new(Env {
            parent: Some(Rc::clone(&function.env)),
            module: Some(module_of(&function.env)),
            ..Env::default()
        });
        if let Some(parameters) = &code.parameters {
            let mut given = args.into_iter();
            for parameter in parameters.posonlyargs.iter().chain(&parameters.args) {
                if let Some(value) = given.next() {
                    env.set_own(parameter.parameter.name.as_str(), value);
                }
            }
            let rest: Vec<Val> = given.collect();
            if let Some(vararg) = &parameters.vararg {
                env.set_own(vararg.name.as_str(), Val::Tuple(rest.into()));
            }
            let mut more = super::value::Dict::default();
            for (name, value) in keywords {
                let listed = parameters
                    .iter_non_variadic_params()
                    .any(|p| p.parameter.name.as_str() == &*name);
                if listed {
                    env.set_own(&name, value);
                } else {
                    more.set(Val::str(&*name), value);
                }
            }
            if let Some(kwarg) = &parameters.kwarg {
                env.set_own(kwarg.name.as_str(), Val::Dict(Rc::new(more.into())));
            }
            for parameter in parameters.iter_non_variadic_params() {
                let name = parameter.parameter.name.as_str();
                if env.get_own(name).is_none() {
                    let default = function.defaults.iter().find(|(n, _)| &**n == name);
                    env.set_own(name, default.map_or(Val::Unknown(0), |(_, v)| v.clone()));
                }
            }
        }
        self.depth += 6;
        self.running.push((identity, self.doubt));
        if code.generator {
            self.yields.push(Vec::new());
        }
        let result = match &code.body {
            Body::Expression(expr) => self.eval(expr, &env),
            Body::Statements(body) => self.body(body, &env).map(|flow| match flow {
                Flow::Return(value) => value,
                _ => Val::None,
            }),
        };
        self.running.pop();
        self.depth -= 6;
        if code.generator {
            let items = self.yields.pop().unwrap_or_default();
            return match result {
                Err(Halt::Stop) => Err(Halt::Stop),
                _ => Ok(Val::list(items)),
            };
        }
        result
    }

    /// A call of something outside of the program.
    fn call_api(
        &mut self,
        name: &Rc<str>,
        trace: Trace,
        args: Vec<Val>,
        keywords: Keywords,
        env: &Rc<Env>,
    ) -> Eval {
        if let Some(value) = self.call_builtin(name, &args, &keywords, env)? {
            return Ok(value);
        }
        if let Some(value) = self.call_library(name, &args, &keywords)? {
            return Ok(value);
        }
        self.outside_calls += 1;
        let mut all = args;
        all.extend(keywords.into_iter().map(|(_, v)| v));
        let mut from = trace;
        for arg in &all {
            from |= arg.trace();
            if arg
                .as_data()
                .is_some_and(|d| d.len() >= PAYLOAD && !is_prose(d))
            {
                from |= HIDDEN;
            }
            self.hand_over(arg)?;
        }
        let entry = TABLE.get(name);
        let Some(entry) = entry else {
            return Ok(if TABLE.is_prefix(name) {
                Val::Api(Rc::clone(name), from)
            } else {
                Val::Unknown(from)
            });
        };
        let mut result = from;
        if let Some(capability) = entry.capability() {
            let bit = self.event(name, &all, from);
            match effect(capability) {
                Effect::Source => result = bit,
                Effect::SinkAndSource => result = bit,
                Effect::Sink => result = 0,
                Effect::Transform | Effect::None => {}
            }
        }
        if !entry.returns.is_empty() {
            return Ok(Val::Api(entry.returns.into(), result));
        }
        if TABLE.is_prefix(name) {
            return Ok(Val::Api(Rc::clone(name), result));
        }
        Ok(Val::Unknown(result))
    }

    // ── attributes ──

    pub(super) fn attribute(&mut self, base: &Val, name: &str) -> Eval {
        Ok(match base {
            Val::Api(path, trace) => {
                if name == "__name__" || name == "__qualname__" {
                    let last = path.rsplit('.').next().unwrap_or(path);
                    return Ok(Val::str(last));
                }
                if let Some(value) = super::library::constant(path, name) {
                    return Ok(value);
                }
                if &**path == "builtins" {
                    return Ok(self.builtin_named(name));
                }
                if path.len() > 300 {
                    return Ok(Val::Unknown(*trace));
                }
                Val::Api(self.member(path, name), *trace)
            }
            Val::Instance(instance) => {
                if name == "__dict__" {
                    return Ok(Val::Unknown(base.trace()));
                }
                if name == "__class__" {
                    return Ok(Val::Class(Rc::clone(&instance.class)));
                }
                if let Some(value) = instance.attributes.borrow().get(name) {
                    return Ok(value.clone());
                }
                match instance.class.find(name, 0) {
                    Some(Val::Function(function)) => match function.binding {
                        Binding::Static => Val::Function(function),
                        Binding::Class => {
                            Val::Bound(Rc::new((Val::Class(Rc::clone(&instance.class)), function)))
                        }
                        Binding::Property => {
                            return self.call_function(&function, vec![base.clone()], Vec::new());
                        }
                        Binding::Plain => Val::Bound(Rc::new((base.clone(), function))),
                    },
                    Some(value) => value,
                    None => Val::Unknown(0),
                }
            }
            Val::Class(class) => match class.find(name, 0) {
                Some(Val::Function(function)) if function.binding == Binding::Class => {
                    Val::Bound(Rc::new((base.clone(), function)))
                }
                Some(value) => value,
                None if name == "__name__" => Val::str(&*class.name),
                None => Val::Unknown(0),
            },
            Val::Function(function) if matches!(name, "__name__" | "__qualname__") => {
                Val::str(&*function.name)
            }
            Val::Function(_) if name == "__globals__" => Val::Namespace(Rc::clone(&self.module)),
            Val::Unknown(trace) => Val::Unknown(*trace),
            Val::Partial(partial) if name == "func" => partial.0.clone(),
            Val::Partial(_)
            | Val::Str(_)
            | Val::Bytes(_)
            | Val::List(_)
            | Val::Tuple(_)
            | Val::Dict(_)
            | Val::Int(_)
            | Val::Big(_)
            | Val::Bool(_)
            | Val::Namespace(_)
            | Val::Float(_) => {
                if name == "__class__" {
                    return Ok(Val::api(super::builtin::type_name(base)));
                }
                Val::Method(Rc::new((base.clone(), name.into())))
            }
            _ => Val::Unknown(0),
        })
    }

    /// The name of an attribute of something outside of the program.
    fn member(&mut self, path: &Rc<str>, name: &str) -> Rc<str> {
        let place = rustc_hash::FxBuildHasher.hash_one((&**path, name));
        if let Some(known) = self.members.get(&place)
            && known.path == *path
            && *known.name == *name
        {
            return Rc::clone(&known.full);
        }
        let full = if path.ends_with('.') {
            format!("{path}{name}")
        } else {
            format!("{path}.{name}")
        };
        let full: Rc<str> = TABLE.alias(&full).map_or(&*full, |a| a).into();
        if full.len() < 400 && self.members.len() < MAX_MEMBERS {
            let member = Member {
                path: Rc::clone(path),
                name: name.into(),
                full: Rc::clone(&full),
            };
            self.members.insert(place, member);
        }
        full
    }

    pub(super) fn set_attribute(&mut self, base: &Val, name: &str, value: Val) {
        match base {
            Val::Instance(instance) => {
                instance.attributes.borrow_mut().insert(name.into(), value);
            }
            Val::Class(class) => {
                class.attributes.borrow_mut().insert(name.into(), value);
            }
            Val::Api(path, _) if &**path == "builtins" => {
                let module = Rc::clone(&self.module);
                module.set_own(name, value);
            }
            _ => {}
        }
    }

    /// A module by its name, as an import gives it.
    pub(super) fn module_named(&mut self, path: &str) -> Val {
        let path = TABLE.alias(path).unwrap_or(path);
        Val::api(path)
    }
}
