//! Functions of the file: how they are defined, run, summarised and called.

mod inline;

use foretaste_model::facts::{Callee, FunctionKind};
use foretaste_observe::taint::{Mark, Origin, SetId, TrailId};
use ruff_python_ast::{self as ast, Expr, Parameters, Stmt};

use super::call::Arg;
use super::expression::range;
use super::pieces::Handed;
use super::{Frame, Interpreter, MAX_CALLS, Scope};
use crate::value::{Shape, Value};

/// Call sites and sinks of one function that are joined.
const MAX_SITES: usize = 24;
/// Call sites that are joined although they pass nothing but what other modules give.
const MAX_OUTSIDE_SITES: usize = 8;
const MAX_RECORDS: usize = 24;

#[derive(Clone, Copy, Debug)]
enum Body<'a> {
    Statements(&'a [Stmt]),
    Expression(&'a Expr),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    New,
    Running,
    Done,
}

/// A function of the file, and what is known about it.
#[derive(Debug)]
pub(crate) struct Func<'a> {
    pub(super) name: String,
    /// Parameters in order: positional ones, `*args`, keyword-only ones, `**kwargs`.
    pub(super) params: Vec<&'a str>,
    positional: usize,
    vararg: Option<usize>,
    kwarg: Option<usize>,
    defaults: Vec<(usize, Value)>,
    /// Parameters of which it is known what they are given: a secret of the caller's, a message.
    pub(super) given: Vec<(usize, Value)>,
    body: Body<'a>,
    parent: u32,
    /// The class whose method it is.
    pub(super) class: Option<u32>,
    pub(super) property: bool,
    /// It is defined inside another function.
    pub(super) inner: bool,
    /// No receiver is passed: a static method.
    pub(super) unbound: bool,
    pub(super) fact: u32,
    pub(super) range: (u32, u32),
    pub(super) state: State,
    pub(super) returned: Value,
    /// True if running it used anything of interest.
    pub(super) active: bool,
    inlined: u32,
    /// Trails from a parameter to a sink.
    pub(super) records: Vec<Record>,
    /// What call sites passed, by parameter.
    sites: Vec<Vec<SetId>>,
}

/// A parameter reaches a sink, or leaves the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) trail: TrailId,
    pub(super) end: End,
    pub(super) fact: u32,
}

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Sink(Mark),
    Outside(Handed),
}

/// True if evaluating an annotation calls something.
fn holds_call(annotation: &Expr, depth: u32) -> bool {
    let inner = |expression: &Expr| depth < 8 && holds_call(expression, depth + 1);
    match annotation {
        Expr::Call(_) => true,
        Expr::Subscript(subscript) => inner(&subscript.value) || inner(&subscript.slice),
        Expr::BinOp(operation) => inner(&operation.left) || inner(&operation.right),
        Expr::Attribute(attribute) => inner(&attribute.value),
        Expr::Tuple(tuple) => tuple.elts.iter().any(inner),
        _ => false,
    }
}

impl<'a> Interpreter<'a> {
    pub(super) fn define_function(&mut self, def: &'a ast::StmtFunctionDef) {
        let mut decorators = Vec::new();
        let (mut property, mut unbound) = (false, false);
        for decorator in &def.decorator_list {
            match &decorator.expression {
                Expr::Name(name) if name.id == "staticmethod" => unbound = true,
                Expr::Name(name) if name.id == "classmethod" => {}
                Expr::Name(name) if name.id == "property" || name.id == "cached_property" => {
                    property = true;
                }
                expression => decorators.push((self.eval(expression), range(decorator))),
            }
        }
        let name = self.qualified(def.name.as_str());
        let kind = if self.frame.class.is_some() {
            FunctionKind::Method
        } else {
            FunctionKind::Function
        };
        for parameter in &*def.parameters {
            if let Some(annotation) = parameter.annotation() {
                self.annotation(annotation);
            }
        }
        if let Some(returns) = &def.returns {
            self.annotation(returns);
        }
        let fact = self.definition(&name, kind, range(def));
        let index = self.add_function(
            name,
            Some(&def.parameters),
            Body::Statements(&def.body),
            range(def),
            fact,
        );
        if let Some(function) = self.functions.get_mut(index as usize) {
            function.property = property;
            function.unbound = unbound;
        }
        self.messages_to(index, def);
        self.requests_to(index, def);
        let value = Value::of(Shape::Function(index));
        self.bind(def.name.as_str(), value);
        for (decorator, range) in decorators {
            self.call_values(decorator, &[value], range);
        }
    }

    pub(super) fn lambda(&mut self, lambda: &'a ast::ExprLambda) -> Value {
        let name = self.qualified("<lambda>");
        let fact = self.definition(&name, FunctionKind::Function, range(lambda));
        let index = self.add_function(
            name,
            lambda.parameters.as_deref(),
            Body::Expression(&lambda.body),
            range(lambda),
            fact,
        );
        // `class X: f = lambda self: …` is a method all the same; elsewhere a lambda has no receiver
        Value::of(Shape::Function(index))
    }

    /// An annotation is evaluated where it stands (until Python 3.14): a call in it runs.
    pub(super) fn annotation(&mut self, annotation: &'a Expr) {
        if holds_call(annotation, 0) {
            self.eval(annotation);
        }
    }

    /// The fact of a function that is defined here, for the first time or again.
    fn definition(&mut self, name: &str, kind: FunctionKind, range: (u32, u32)) -> u32 {
        if let Some(fact) = self.definitions.get(&range) {
            return *fact;
        }
        let fact = self
            .facts
            .function(name, kind, range, Some(self.frame.fact));
        self.definitions.insert(range, fact);
        fact
    }

    fn qualified(&self, name: &str) -> String {
        if let Some(class) = self.frame.class {
            return format!("{}.{name}", self.class_name(class));
        }
        match self.frame.func.and_then(|f| self.functions.get(f as usize)) {
            Some(outer) if outer.name.len() < 200 => format!("{}.{name}", outer.name),
            _ => name.to_owned(),
        }
    }

    fn add_function(
        &mut self,
        name: String,
        parameters: Option<&'a Parameters>,
        body: Body<'a>,
        range: (u32, u32),
        fact: u32,
    ) -> u32 {
        let mut params = Vec::new();
        let mut defaults = Vec::new();
        let mut given = Vec::new();
        let (mut positional, mut vararg, mut kwarg) = (0, None, None);
        if let Some(parameters) = parameters {
            let mut add = |interpreter: &mut Self,
                           p: &'a ast::ParameterWithDefault,
                           params: &mut Vec<&'a str>,
                           defaults: &mut Vec<(usize, Value)>| {
                if let Some(default) = &p.default {
                    let value = interpreter.eval(default);
                    defaults.push((params.len(), super::statement::rebound(value)));
                }
                if let Some(secret) = interpreter.secret_parameter(&name, &p.parameter) {
                    given.push((params.len(), secret));
                }
                params.push(p.parameter.name.as_str());
            };
            for p in parameters.posonlyargs.iter().chain(&parameters.args) {
                add(self, p, &mut params, &mut defaults);
            }
            positional = params.len();
            if let Some(p) = &parameters.vararg {
                vararg = Some(params.len());
                params.push(p.name.as_str());
            }
            for p in &parameters.kwonlyargs {
                add(self, p, &mut params, &mut defaults);
            }
            if let Some(p) = &parameters.kwarg {
                kwarg = Some(params.len());
                params.push(p.name.as_str());
            }
        }
        self.functions.push(Func {
            name,
            params,
            positional,
            vararg,
            kwarg,
            defaults,
            given,
            body,
            parent: self.function_parent_scope(),
            class: self.frame.class,
            property: false,
            inner: self.frame.func.is_some(),
            unbound: false,
            fact,
            range,
            state: State::New,
            returned: Value::UNKNOWN,
            active: false,
            inlined: 0,
            records: Vec::new(),
            sites: Vec::new(),
        });
        self.functions.len() as u32 - 1
    }

    /// Runs a function with unknown parameters, unless that was done.
    pub(super) fn run_function(&mut self, index: u32) {
        let Some(function) = self.functions.get_mut(index as usize) else {
            return;
        };
        if function.state != State::New || self.budget.is_exhausted() || self.calls >= MAX_CALLS {
            return;
        }
        function.state = State::Running;
        let count = function.params.len();
        let defaults = function.defaults.clone();
        let given = function.given.clone();
        let receiver = function
            .class
            .filter(|_| !function.unbound)
            .map(|class| Value::of(Shape::Instance(class)));
        let mut arguments = Vec::with_capacity(count);
        for position in 0..count {
            let mut taint = self
                .taints
                .origin(Origin::Parameter(index, position as u32));
            if let Some((_, known)) = given.iter().find(|(p, _)| *p == position) {
                taint = self.union(taint, known.taint);
            }
            let mut value = Value::tainted(taint);
            if let Some((_, default)) = defaults.iter().find(|(p, _)| *p == position) {
                value = default.with(taint);
                if !matches!(default.shape, Shape::Api(_) | Shape::Function(_)) {
                    value.shape = Shape::Unknown;
                }
            }
            if position == 0
                && let Some(receiver) = receiver
            {
                value = receiver;
            }
            arguments.push(value);
        }
        let returned = self.execute(index, &arguments);
        if let Some(function) = self.functions.get_mut(index as usize) {
            function.returned = returned;
            function.state = State::Done;
        }
    }

    /// Runs the body of a function with given parameters and says what it returns.
    fn execute(&mut self, index: u32, arguments: &[Value]) -> Value {
        let Some(function) = self.functions.get(index as usize) else {
            return Value::UNKNOWN;
        };
        let (body, fact) = (function.body, function.fact);
        let mut scope = Scope {
            parent: Some(function.parent),
            ..Scope::default()
        };
        for (name, value) in function.params.iter().zip(arguments) {
            self.identifiers.add(name);
            scope.vars.insert(name, *value);
        }
        let id = self.scopes.len() as u32;
        self.scopes.push(scope);
        let again = self.frame.again;
        let frame = Frame {
            fact,
            func: Some(index),
            scope: id,
            class: None,
            returned: Value::UNKNOWN,
            branches: 0,
            loops: 0,
            again,
            events: Vec::new(),
        };
        let outer = std::mem::replace(&mut self.frame, frame);
        self.calls += 1;
        match body {
            Body::Statements(body) => self.body(body),
            Body::Expression(body) => {
                let value = self.eval(body);
                self.give_back(value);
            }
        }
        self.scope_flows();
        self.calls -= 1;
        let inner = std::mem::replace(&mut self.frame, outer);
        inner.returned
    }

    /// Calls a function of the file.
    pub(super) fn call_function(
        &mut self,
        index: u32,
        receiver: Option<Value>,
        args: &[Arg<'a>],
    ) -> Value {
        self.run_function(index);
        let Some(function) = self.functions.get(index as usize) else {
            return Value::UNKNOWN;
        };
        let (fact, state, returned) = (function.fact, function.state, function.returned);
        if fact != self.frame.fact {
            self.facts.call(self.frame.fact, Callee::Local(fact));
        }
        let values = self.match_arguments(index, receiver, args);
        if state != State::Done {
            let mut taint = SetId::EMPTY;
            for value in &values {
                taint = self.union(taint, value.taint);
            }
            return Value::tainted(taint);
        }
        let active = self.functions.get(index as usize).is_some_and(|f| f.active);
        if active && let Some(outer) = self.frame.func {
            self.activate(outer);
        }
        let result = self.apply_summary(returned, index, &values);
        let inlined = self.inline(index, &values, active, returned);
        self.add_site(index, &values);
        match inlined {
            Some(value) => {
                let taint = self.union(value.taint, result.taint);
                value.with(taint)
            }
            None => result,
        }
    }

    /// Marks a running function as one that does something of interest.
    pub(super) fn activate(&mut self, index: u32) {
        if let Some(function) = self.functions.get_mut(index as usize) {
            function.active = true;
        }
    }

    /// What each parameter gets.
    fn match_arguments(
        &mut self,
        index: u32,
        receiver: Option<Value>,
        args: &[Arg<'a>],
    ) -> Vec<Value> {
        let Some(function) = self.functions.get(index as usize) else {
            return Vec::new();
        };
        let (positional, vararg, kwarg) = (function.positional, function.vararg, function.kwarg);
        let params = function.params.clone();
        let mut values = vec![None; params.len()];
        let mut rest: Vec<(usize, Value)> = Vec::new();
        let mut next = 0;
        let place = |values: &mut Vec<Option<Value>>,
                     rest: &mut Vec<(usize, Value)>,
                     next: &mut usize,
                     value: Value| {
            if *next < positional {
                if let Some(slot) = values.get_mut(*next) {
                    *slot = Some(value);
                }
            } else if let Some(vararg) = vararg {
                rest.push((vararg, value));
            }
            *next += 1;
        };
        if let Some(receiver) = receiver {
            place(&mut values, &mut rest, &mut next, receiver);
        }
        for arg in args {
            if arg.spread {
                let known = match arg.value.shape {
                    Shape::List(list) if arg.name.is_none() => self.elements(list).to_vec(),
                    _ => Vec::new(),
                };
                if known.is_empty() {
                    // may be any of the remaining ones
                    for slot in values.iter_mut().filter(|v| v.is_none()) {
                        *slot = Some(Value::tainted(arg.value.taint));
                    }
                } else {
                    for value in known {
                        place(&mut values, &mut rest, &mut next, value);
                    }
                }
            } else if let Some(name) = arg.name {
                match params.iter().position(|p| *p == name) {
                    Some(at) => {
                        if let Some(slot) = values.get_mut(at) {
                            *slot = Some(arg.value);
                        }
                    }
                    None => rest.extend(kwarg.map(|k| (k, arg.value))),
                }
            } else {
                place(&mut values, &mut rest, &mut next, arg.value);
            }
        }
        for (at, value) in rest {
            let old = values.get(at).copied().flatten();
            let joined = match old {
                Some(old) => {
                    let taint = self.union(old.taint, value.taint);
                    Value::tainted(taint)
                }
                None => Value::tainted(value.taint),
            };
            if let Some(slot) = values.get_mut(at) {
                *slot = Some(joined);
            }
        }
        let defaults = self
            .functions
            .get(index as usize)
            .map(|f| f.defaults.clone())
            .unwrap_or_default();
        values
            .into_iter()
            .enumerate()
            .map(|(i, v)| {
                v.or_else(|| defaults.iter().find(|(p, _)| *p == i).map(|(_, d)| *d))
                    .unwrap_or(Value::UNKNOWN)
            })
            .collect()
    }

    /// What a call gives, by what the function returns: parameters are replaced by the arguments.
    fn apply_summary(&mut self, returned: Value, index: u32, values: &[Value]) -> Value {
        if returned.taint.is_empty() {
            return returned;
        }
        let mut taint = SetId::EMPTY;
        for trail in self.taints.trails(returned.taint).to_vec() {
            let grafted = match self.taints.origin_of(trail) {
                Some(Origin::Parameter(function, position)) if function == index => {
                    let argument = values
                        .get(position as usize)
                        .map_or(SetId::EMPTY, |v| v.taint);
                    self.taints.graft(argument, trail)
                }
                _ => self.taints.set(vec![trail]),
            };
            taint = self.union(taint, grafted);
        }
        returned.with(taint)
    }

    /// Remembers what a call passes, and follows it to the sinks that are known already.
    fn add_site(&mut self, index: u32, values: &[Value]) {
        if values.iter().all(|v| v.taint.is_empty()) {
            return;
        }
        let site: Vec<SetId> = values.iter().map(|v| v.taint).collect();
        let Some(function) = self.functions.get_mut(index as usize) else {
            return;
        };
        let own = site.iter().any(|set| self.taints.has_own(*set));
        let most = if own { MAX_SITES } else { MAX_OUTSIDE_SITES };
        if function.sites.len() >= most || function.sites.contains(&site) {
            return;
        }
        function.sites.push(site.clone());
        let records = function.records.clone();
        for record in records {
            self.join_site(index, &site, record);
        }
    }

    /// A parameter of a function reaches a sink: follows it back to the calls that are known already.
    pub(super) fn add_record(&mut self, index: u32, record: Record) {
        let Some(function) = self.functions.get_mut(index as usize) else {
            return;
        };
        if function.records.len() >= MAX_RECORDS || function.records.contains(&record) {
            return;
        }
        function.records.push(record);
        let sites = function.sites.clone();
        for site in sites {
            self.join_site(index, &site, record);
        }
    }

    fn join_site(&mut self, index: u32, site: &[SetId], record: Record) {
        let Some(Origin::Parameter(owner, position)) = self.taints.origin_of(record.trail) else {
            return;
        };
        if owner != index || self.calls > 200 {
            return;
        }
        let argument = site.get(position as usize).copied().unwrap_or(SetId::EMPTY);
        let data = self.taints.graft(argument, record.trail);
        self.calls += 1;
        match record.end {
            End::Sink(sink) => self.arrive(data, sink, record.fact),
            End::Outside(handed) => self.hand_over(data, handed, record.fact),
        }
        self.calls -= 1;
    }
}
