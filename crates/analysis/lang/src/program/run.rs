//! Goes through a program in order, without running it.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use foretaste_model::Capability;
use foretaste_model::facts::{Callee, Resolution, UseKind};
use foretaste_observe::taint::{Mark, Origin, SetId, Taints};
use foretaste_observe::{Budget, FactsBuilder, UseSite, given};

use super::Dialect;
use super::lower::Told;
use super::tree::{Form, Function, Import, Node, Range, parts};
use super::value::{Constant, Item, Value};

/// Functions of a file that are called into, one within another.
const MAX_CALLS: usize = 6;

/// Nodes that all calls of a file's own functions may go through, beyond going through each once.
const MAX_INLINED: u64 = 400_000;

/// Bytes that all folded texts of a file may have together.
const MAX_FOLDED: usize = 32 << 20;

/// Elements of a list that are known one by one.
const MAX_ITEMS: usize = 20_000;

/// Variables of one function.
pub(super) const MAX_VARIABLES: usize = 5_000;

/// Code found inside a program.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) code: String,
    pub(super) steps: Vec<Box<str>>,
    pub(super) range: Range,
    pub(super) executed: bool,
}

/// A function of the file.
pub(super) struct Known {
    pub(super) function: Rc<Function>,
    pub(super) id: u32,
    done: bool,
}

/// The variables of a function that is gone through.
#[derive(Default)]
pub(super) struct Frame {
    pub(super) variables: HashMap<String, Value>,
    returns: Vec<Value>,
    /// It sees what stands around it: a closure.
    pub(super) open: bool,
}

/// The state of a program.
pub(super) struct Run<'b, 'a> {
    pub(super) dialect: &'static Dialect,
    pub(super) facts: &'b mut FactsBuilder<'a>,
    pub(super) budget: &'b mut Budget,
    pub(super) taints: Taints,
    words: Vec<Rc<str>>,
    word_ids: HashMap<Rc<str>, u32>,
    /// The function that is gone through.
    pub(super) function: u32,
    pub(super) frames: Vec<Frame>,
    /// What imports call what they import.
    pub(super) names: BTreeMap<String, String>,
    /// Modules of which everything is known by its own name.
    pub(super) open: Vec<String>,
    pub(super) known: Vec<Known>,
    by_name: HashMap<String, usize>,
    by_function: HashMap<*const Function, usize>,
    /// What was written to files.
    pub(super) files: BTreeMap<Rc<str>, SetId>,
    pieces: Vec<Piece>,
    active: Vec<*const Function>,
    /// Branches and loops around.
    pub(super) maybe: u32,
    inlined: u64,
    /// The call that is gone through.
    pub(super) at: Range,
    pub(super) room: usize,
}

/// Goes through a program. Returns the code inside it.
pub(super) fn run(
    dialect: &'static Dialect,
    program: &Node,
    told: Told,
    facts: &mut FactsBuilder<'_>,
    budget: &mut Budget,
) -> Vec<Piece> {
    let mut run = Run {
        dialect,
        facts,
        budget,
        taints: Taints::default(),
        words: vec!["".into()],
        word_ids: HashMap::new(),
        function: 0,
        frames: vec![Frame::default()],
        names: BTreeMap::new(),
        open: Vec::new(),
        known: Vec::new(),
        by_name: HashMap::new(),
        by_function: HashMap::new(),
        files: BTreeMap::new(),
        pieces: Vec::new(),
        active: Vec::new(),
        maybe: 0,
        inlined: 0,
        at: (0, 0),
        room: MAX_FOLDED,
    };
    run.register(program, "", 0);
    run.eval(program);
    for at in 0..run.known.len() {
        if run
            .known
            .get(at)
            .is_some_and(|k| k.function.runs && !k.done)
        {
            run.enter(at, &[]);
        }
    }
    for at in 0..run.known.len() {
        if run.known.get(at).is_some_and(|k| !k.done) {
            run.enter(at, &[]);
        }
    }
    for (line, range) in told.commands {
        let site = UseSite {
            api: "go:generate",
            range,
            function: 0,
            resolution: Resolution::Direct,
            kind: UseKind::Call,
        };
        run.facts.uses(site, &[Capability::ProcessShell], || {
            vec![line.as_str().into()]
        });
    }
    run.pieces
}

impl Run<'_, '_> {
    /// Finds the functions of the file.
    fn register(&mut self, node: &Node, class: &str, parent: u32) {
        if !self.budget.step() {
            return;
        }
        match &node.form {
            Form::Function(function) => {
                let id = if function.name.is_empty() {
                    parent
                } else {
                    let name = if class.is_empty() {
                        function.name.clone()
                    } else {
                        format!("{class}.{}", function.name)
                    };
                    let id = self
                        .facts
                        .function(&name, function.kind, node.range, Some(parent));
                    let at = self.known.len();
                    self.known.push(Known {
                        function: function.clone(),
                        id,
                        done: false,
                    });
                    self.by_function.insert(Rc::as_ptr(function), at);
                    self.by_name.entry(function.name.clone()).or_insert(at);
                    self.by_name.insert(name, at);
                    if function.runs {
                        self.facts.call(0, Callee::Local(id));
                    }
                    id
                };
                self.register(&function.body, class, id);
            }
            Form::Class(name, body) => {
                let class = if class.is_empty() || class.len() > 200 {
                    name.clone()
                } else {
                    format!("{class}.{name}")
                };
                self.register(body, &class, parent);
            }
            form => {
                for part in parts(form) {
                    self.register(part, class, parent);
                }
            }
        }
    }

    /// The value of an expression.
    pub(super) fn eval(&mut self, node: &Node) -> Value {
        if !self.budget.step() {
            return Value::default();
        }
        if !self.active.is_empty() {
            self.inlined += 1;
        }
        match &node.form {
            Form::Nothing => Value::default(),
            Form::Text(text) => {
                self.facts.bytes_literal(text, node.range, self.function);
                Value::text(text)
            }
            Form::Number(number) => Value::number(*number),
            Form::Name(name) => self.name(name, node),
            Form::Member(of, name) => self.member(of, name, node),
            Form::Index(of, key) => self.index(of, key, node),
            Form::Call(callee, arguments) => self.call(callee, arguments, node.range),
            Form::Keyed(_, value) => self.eval(value),
            Form::Join(parts) | Form::Sum(parts) => {
                let values: Vec<Value> = parts.iter().map(|p| self.eval(p)).collect();
                let numbers = matches!(node.form, Form::Sum(_));
                self.join(&values, numbers, node.range)
            }
            Form::Xor(a, b) => {
                let (a, b) = (self.eval(a), self.eval(b));
                self.xor(&a, &b, node.range)
            }
            Form::List(parts) => self.list(parts),
            Form::Mix(parts) => {
                let values: Vec<Value> = parts.iter().map(|p| self.eval(p)).collect();
                self.mixed(values)
            }
            Form::Sequence(parts) => {
                let mut last = Value::default();
                for part in parts {
                    last = self.eval(part);
                }
                last
            }
            Form::Maybe(parts) => {
                self.maybe += 1;
                let values: Vec<Value> = parts.iter().map(|p| self.eval(p)).collect();
                self.maybe -= 1;
                self.mixed(values)
            }
            Form::Assign {
                target,
                value,
                grows,
            } => {
                let value = self.eval(value);
                self.assign(target, value.clone(), *grows);
                value
            }
            Form::Each(targets, value) => {
                let value = self.eval(value);
                for (at, target) in targets.iter().enumerate() {
                    let mut element = Value::of(value.trails);
                    element.file.clone_from(&value.file);
                    element.object = value.object;
                    // a key goes before its value
                    if at + 1 == targets.len() {
                        element.shape = self.telling(&value);
                    }
                    self.assign(target, element, false);
                }
                value
            }
            Form::Function(function) => self.definition(function),
            Form::Class(_, body) => {
                self.eval(body);
                Value::default()
            }
            Form::Return(value) => {
                let value = self.eval(value);
                if let Some(frame) = self.frames.last_mut()
                    && frame.returns.len() < 64
                {
                    frame.returns.push(value.clone());
                }
                value
            }
            Form::Import(import) => {
                self.import(import, node.range);
                Value::default()
            }
        }
    }

    fn import(&mut self, import: &Import, range: Range) {
        self.facts
            .import(&import.module, import.names.clone(), range, self.function);
        if let Some((name, full)) = &import.local
            && self.names.len() < MAX_VARIABLES
        {
            self.names.insert(name.clone(), full.clone());
        }
        if import.open && self.open.len() < 64 {
            self.open.push(import.module.clone());
        }
    }

    fn list(&mut self, parts: &[Node]) -> Value {
        let mut items: Vec<Item> = Vec::new();
        let mut trails = SetId::EMPTY;
        for part in parts {
            let key: Option<Box<str>> = match &part.form {
                Form::Keyed(key, _) => Some(key.as_str().into()),
                _ => None,
            };
            let value = self.eval(part);
            trails = self.taints.union(trails, value.trails);
            if items.len() < MAX_ITEMS {
                items.push((key, value));
            }
        }
        Value::list(items, trails)
    }

    /// The value that any of several expressions may give.
    pub(super) fn mixed(&mut self, values: Vec<Value>) -> Value {
        let mut known: Option<Value> = None;
        let mut trails = SetId::EMPTY;
        let mut several = false;
        for value in values {
            trails = self.taints.union(trails, value.trails);
            let says = value.constant.is_some()
                || !value.object.is_empty()
                || value.path.is_some()
                || value.closure.is_some()
                || value.file.is_some()
                || value.items.is_some();
            if says {
                several |= known.is_some();
                // `defined || "default"`: an object counts more than a constant
                if known.as_ref().is_none_or(|k| k.object.is_empty()) {
                    known = Some(value);
                }
            }
        }
        let mut value = known.unwrap_or_default();
        if several {
            value.constant = None;
            value.steps = Rc::default();
        }
        value.trails = trails;
        value
    }

    fn definition(&mut self, function: &Rc<Function>) -> Value {
        let value = Value {
            closure: Some(function.clone()),
            ..Value::default()
        };
        if function.name.is_empty() && self.may_enter(function) {
            self.invoke(function, self.function, &[], true);
        }
        value
    }

    pub(super) fn may_enter(&self, function: &Rc<Function>) -> bool {
        self.active.len() < MAX_CALLS
            && self.inlined < MAX_INLINED
            && !self.active.contains(&Rc::as_ptr(function))
    }

    /// Goes through a function of the file with the values of a call.
    pub(super) fn enter(&mut self, at: usize, arguments: &[Value]) -> Value {
        let Some(known) = self.known.get_mut(at) else {
            return Value::default();
        };
        known.done = true;
        let (function, id) = (known.function.clone(), known.id);
        self.invoke(&function, id, arguments, false)
    }

    /// Goes through a closure or function.
    pub(super) fn invoke(
        &mut self,
        function: &Rc<Function>,
        id: u32,
        arguments: &[Value],
        open: bool,
    ) -> Value {
        let mut frame = Frame {
            open,
            ..Frame::default()
        };
        for (at, name) in function.parameters.iter().enumerate() {
            let mut value = arguments.get(at).cloned().unwrap_or_default();
            if value.trails.is_empty() && value.said().is_none() {
                value.trails = self.secret_parameter(function, name);
            }
            frame.variables.insert(name.clone(), value);
        }
        self.frames.push(frame);
        self.active.push(Rc::as_ptr(function));
        let outside = std::mem::replace(&mut self.function, id);
        let branches = std::mem::take(&mut self.maybe);
        let last = self.eval(&function.body);
        self.maybe = branches;
        self.function = outside;
        self.active.pop();
        let mut returns = self.frames.pop().map_or_else(Vec::new, |f| f.returns);
        if self.dialect.bare_calls && returns.is_empty() {
            returns.push(last);
        }
        match returns.pop() {
            Some(only) if returns.is_empty() => only,
            Some(last) => {
                let trails: Vec<SetId> = returns.iter().map(|r| r.trails).collect();
                let mut value = last;
                for set in trails {
                    value.trails = self.taints.union(value.trails, set);
                }
                value
            }
            None => Value::default(),
        }
    }

    /// What a parameter is known to hold by its name: the keys of a caller's wallet.
    fn secret_parameter(&mut self, function: &Function, name: &str) -> SetId {
        let name = name.trim_start_matches('$').trim_end_matches(':');
        if !given::is_wallet_secret_of(&function.name, name) {
            return SetId::EMPTY;
        }
        let at = function.body.range.0;
        let mark = Mark {
            capability: Capability::SecretParameter,
            api: self.word(name),
            constant: 0,
            range: (at, at),
        };
        self.origin(mark)
    }

    /// The function of the file that a name stands for.
    pub(super) fn local(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied().or_else(|| {
            let (_, method) = name.rsplit_once('.')?;
            self.by_name.get(method).copied().filter(|_| {
                name.starts_with("self.")
                    || name.starts_with("$this.")
                    || name.starts_with("static.")
            })
        })
    }

    /// A word of chains, as a number.
    pub(super) fn word(&mut self, word: &str) -> u32 {
        if word.is_empty() {
            return 0;
        }
        if let Some(known) = self.word_ids.get(word) {
            return *known;
        }
        let id = self.words.len() as u32;
        let word: Rc<str> = word.chars().take(512).collect::<String>().into();
        self.words.push(word.clone());
        self.word_ids.insert(word, id);
        id
    }

    pub(super) fn word_of(&self, id: u32) -> &str {
        self.words.get(id as usize).map_or("", |w| w)
    }

    pub(super) fn origin(&mut self, mark: Mark) -> SetId {
        self.taints.origin(Origin::Source(mark))
    }

    /// Texts put together.
    pub(super) fn join(&mut self, values: &[Value], numbers: bool, range: Range) -> Value {
        let mut trails = SetId::EMPTY;
        for value in values {
            trails = self.taints.union(trails, value.trails);
        }
        let mut joined = Value::of(trails);
        joined.file = values.iter().find_map(|v| v.file.clone());
        let integers: Option<Vec<i64>> = values.iter().map(Value::integer).collect();
        if numbers && let Some(integers) = integers {
            joined.constant = Some(Constant::Number(
                integers.iter().fold(0, |a: i64, b| a.wrapping_add(*b)),
            ));
            return joined;
        }
        let length: usize = values
            .iter()
            .map(|v| v.bytes().map_or(8, <[u8]>::len))
            .sum();
        if length > self.room {
            return joined;
        }
        self.room -= length;
        let mut whole = Vec::with_capacity(length);
        let mut known = true;
        let mut steps: Vec<&'static str> = Vec::new();
        for value in values {
            match (&value.constant, &value.shape) {
                (Some(Constant::Text(text)), _) => whole.extend_from_slice(text),
                (Some(Constant::Number(number)), _) => {
                    whole.extend_from_slice(number.to_string().as_bytes());
                }
                (None, shape) => {
                    known = false;
                    let shape = shape.as_deref().unwrap_or("*");
                    whole.extend_from_slice(shape.as_bytes());
                }
            }
            for step in &*value.steps {
                if !steps.contains(step) && steps.len() < 8 {
                    steps.push(step);
                }
            }
        }
        joined.steps = steps.into();
        if known {
            if range.1 > 0 && values.len() > 1 {
                self.facts.bytes_literal(&whole, range, self.function);
            }
            joined.constant = Some(Constant::Text(whole.into()));
        } else if whole.len() < 4096 {
            joined.shape = String::from_utf8(whole).ok().map(Into::into);
        }
        joined
    }

    /// Keeps code that stands in the program as a constant.
    pub(super) fn piece(&mut self, code: &str, steps: Vec<Box<str>>, range: Range, executed: bool) {
        const MAX_PIECES: usize = 32;
        if code.len() < 4 {
            return;
        }
        if let Some(known) = self.pieces.iter_mut().find(|p| p.code == code) {
            known.executed |= executed;
            return;
        }
        if self.pieces.len() < MAX_PIECES {
            self.pieces.push(Piece {
                code: code.to_owned(),
                steps,
                range,
                executed,
            });
        }
    }
}
