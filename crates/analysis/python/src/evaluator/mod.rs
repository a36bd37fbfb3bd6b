//! A concrete evaluator: works out what a module's constants become, step by step as Python would, without doing
//! anything.
//!
//! The abstract interpreter reads every path of a file once; this one walks the one path that runs, with real loops,
//! branches, exceptions and values, so that home-made decoders and layered self-unpackers give away what they carry.
//! It knows Python's own types and a list of pure library functions. Everything else is an unknown value that only
//! remembers which [`Event`]s it came from. Text that is executed is a layer; it is parsed and evaluated in turn.
//!
//! Nothing here touches the machine. Steps, bytes and nesting are bounded.

#![allow(
    clippy::assigning_clones,
    clippy::float_cmp,
    clippy::format_push_string,
    clippy::items_after_statements,
    clippy::match_same_arms,
    clippy::mutable_key_type,
    clippy::self_only_used_in_recursion,
    clippy::single_match_else,
    clippy::struct_field_names,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "tables of what Python does read best in one shape, all methods of one evaluator"
)]

mod builtin;
mod call;
mod cipher;
mod codec;
mod definition;
mod execution;
mod expression;
mod format;
mod guesses;
mod library;
mod method;
mod number;
mod operator;
mod order;
mod statement;
mod text_method;
mod value;

use std::rc::Rc;

use foretaste_model::Limits;
use foretaste_observe::Budget;
use foretaste_observe::nesting::{self, Shape};
use ruff_python_ast::{ModModule, PySourceType, Stmt};
use ruff_python_parser::parse_unchecked_source;
use rustc_hash::{FxHashMap, FxHashSet};

pub(crate) use self::builtin::is_type;
use self::guesses::{Guesses, Kind};
use self::value::{Class, Code, Env, Func, Instance, Trace, Val};

/// Evaluations within one another.
const MAX_DEPTH: u32 = 900;
/// Texts executed within one another.
const MAX_NESTING: u32 = 160;
/// Layers and events that are kept.
const MAX_LAYERS: usize = 400;
const MAX_EVENTS: usize = 400;
/// The longest value, in bytes or elements.
const MAX_LENGTH: usize = 8 << 20;
/// All that values may take up, in bytes.
const MAX_MADE: usize = 256 << 20;

/// A text that is executed.
#[derive(Debug)]
pub(crate) struct Executed {
    /// What it says; empty if it could not be read.
    pub(crate) text: String,
    /// How it was made.
    pub(crate) steps: Vec<String>,
    /// The expression of the file that leads to it.
    pub(crate) range: (u32, u32),
    /// True if it does little but execute the next one.
    pub(crate) wraps: bool,
    /// True if it could not be decoded.
    pub(crate) opaque: bool,
}

/// A call of something outside of the program.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) api: Rc<str>,
    pub(crate) range: (u32, u32),
    /// Its constant arguments.
    pub(crate) constants: Vec<String>,
    /// The events from which its arguments come, by bit.
    pub(crate) sources: Trace,
    /// The bit by which later events name this one; 0 beyond the first 60.
    pub(crate) bit: Trace,
}

/// What came out.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) executed: Vec<Executed>,
    pub(crate) events: Vec<Event>,
    /// Texts that calls gave, which do not stand in the file.
    pub(crate) texts: Vec<(String, (u32, u32))>,
}

/// Why evaluation does not go on.
#[derive(Debug)]
enum Halt {
    /// An exception, with the name of its class.
    Raise(Val),
    /// Nothing left of the budget, or of what may be guessed.
    Stop,
}

type Eval<T = Val> = Result<T, Halt>;

/// What a statement does to those behind it.
enum Flow {
    Next,
    Break,
    Continue,
    Return(Val),
}

struct Evaluator {
    budget: Budget,
    guesses: Guesses,
    limits: Limits,
    made: usize,
    depth: u32,
    /// Executed texts around the current one.
    nesting: u32,
    /// The call of the file that is running.
    place: (u32, u32),
    module: Rc<Env>,
    codes: FxHashMap<usize, Rc<Code>>,
    parsed: Vec<Rc<Vec<Stmt>>>,
    /// Short texts that were evaluated, and whether they look like code.
    evaluated: FxHashMap<String, (Rc<Vec<Stmt>>, bool)>,
    /// What names mean that nothing binds.
    outside: FxHashMap<Box<str>, Val>,
    /// Attributes of what lies outside of the program, by a hash of both names.
    members: FxHashMap<u64, call::Member>,
    known: FxHashSet<u64>,
    /// Decode steps since the last executed text.
    trail: Vec<&'static str>,
    /// Namespaces, classes and objects that may refer to one another in circles.
    envs: Vec<Rc<Env>>,
    classes: Vec<Rc<Class>>,
    instances: Vec<Rc<Instance>>,
    /// Functions of the program, and those that ran.
    functions: Vec<Rc<Func>>,
    ran: FxHashSet<usize>,
    yields: Vec<Vec<Val>>,
    next_bit: u32,
    seen_texts: FxHashSet<u64>,
    /// Bodies around the current statement that may or may not run.
    doubt: u32,
    /// The functions that are running, and in how much doubt each was called.
    running: Vec<(usize, u32)>,
    /// How often a body that may not run would have left a loop or function.
    ways_out: u64,
    /// Calls of something outside of the program.
    outside_calls: u64,
    /// Turns of loops that nobody knows the end of.
    turns: statement::Turns,
    outcome: Outcome,
}

/// Evaluates a module.
pub(crate) fn evaluate(body: &[Stmt], length: usize, limits: &Limits) -> Outcome {
    let module = Rc::new(Env::default());
    let mut evaluator = Evaluator {
        budget: Budget::for_file(length.min(4 << 20), limits),
        guesses: Guesses::for_file(length),
        limits: *limits,
        made: 0,
        depth: 0,
        nesting: 0,
        place: (0, 0),
        module: Rc::clone(&module),
        codes: FxHashMap::default(),
        parsed: Vec::new(),
        evaluated: FxHashMap::default(),
        outside: FxHashMap::default(),
        members: FxHashMap::default(),
        known: FxHashSet::default(),
        trail: Vec::new(),
        envs: vec![Rc::clone(&module)],
        classes: Vec::new(),
        instances: Vec::new(),
        functions: Vec::new(),
        ran: FxHashSet::default(),
        yields: Vec::new(),
        next_bit: 0,
        seen_texts: FxHashSet::default(),
        doubt: 0,
        running: Vec::new(),
        ways_out: 0,
        outside_calls: 0,
        turns: statement::Turns::default(),
        outcome: Outcome::default(),
    };
    evaluator.module(body, &module);
    evaluator.run_the_rest();
    evaluator.finish()
}

impl Evaluator {
    /// Statements of a module: one that fails does not keep the next ones from running.
    fn module(&mut self, body: &[Stmt], env: &Rc<Env>) {
        let is_file = self.nesting == 0;
        for stmt in body {
            if is_file {
                self.guesses.begin(Kind::Statement);
            }
            match self.statement(stmt, env) {
                Err(Halt::Stop) if !is_file || self.is_spent() => return,
                Err(_) | Ok(_) => {}
            }
        }
    }

    /// Functions that nothing called: setup commands, entry points, callbacks.
    fn run_the_rest(&mut self) {
        let mut next = 0;
        while let Some(function) = self.functions.get(next).cloned() {
            next += 1;
            if self.ran.contains(&(Rc::as_ptr(&function.code) as usize)) || next > 400 {
                continue;
            }
            let receiver = function
                .owner
                .borrow()
                .clone()
                .filter(|_| function.binding != value::Binding::Static);
            let args: Vec<Val> = receiver
                .map(|class| self.new_instance(&class))
                .into_iter()
                .collect();
            self.guesses.begin(Kind::Function);
            let result = self.call_function(&function, args, Vec::new());
            if matches!(result, Err(Halt::Stop)) && self.is_spent() {
                return;
            }
        }
    }

    fn finish(self) -> Outcome {
        // circles would never be freed
        for env in &self.envs {
            env.names.borrow_mut().clear();
        }
        for class in &self.classes {
            class.attributes.borrow_mut().clear();
        }
        for instance in &self.instances {
            instance.attributes.borrow_mut().clear();
        }
        for function in &self.functions {
            function.owner.borrow_mut().take();
        }
        self.outcome
    }

    /// True if nothing of the file can be evaluated any more.
    const fn is_spent(&self) -> bool {
        self.budget.is_exhausted() || self.made > MAX_MADE
    }

    fn step(&mut self) -> Eval<()> {
        if self.budget.step() {
            Ok(())
        } else {
            Err(Halt::Stop)
        }
    }

    /// Takes room for a value.
    fn afford(&mut self, bytes: usize) -> Eval<()> {
        self.made = self.made.saturating_add(bytes);
        if bytes > MAX_LENGTH || self.made > MAX_MADE || !self.budget.spend(bytes as u64 / 64) {
            return Err(Halt::Stop);
        }
        Ok(())
    }

    fn raise<T>(&self, name: &str) -> Eval<T> {
        Err(Halt::Raise(Val::api(name)))
    }

    /// Parses a text that the program executes. `None`: it is no Python, or nests too deep.
    fn parse(&mut self, text: &str) -> Option<Rc<Vec<Stmt>>> {
        if !nesting::measure(text, &Shape::PYTHON).fits(&self.limits)
            || !self.budget.spend(text.len() as u64 / 16)
        {
            return None;
        }
        let parsed = parse_unchecked_source(text.trim_start(), PySourceType::Python);
        if parsed.errors().len() > 2 {
            return None;
        }
        let ModModule { body, .. } = parsed.into_syntax();
        let body = Rc::new(body.into_iter().collect::<Vec<_>>());
        self.parsed.push(Rc::clone(&body));
        Some(body)
    }

    /// Remembers a text that is executed and evaluates it.
    fn execute(&mut self, text: &str, env: &Rc<Env>) -> Eval {
        let steps: Vec<String> = std::mem::take(&mut self.trail)
            .into_iter()
            .map(str::to_owned)
            .collect();
        let known = !self.known.insert(hash(text));
        let at = self.outcome.executed.len();
        if !known && at < MAX_LAYERS && text.len() >= 24 {
            self.outcome.executed.push(Executed {
                text: text.to_owned(),
                steps,
                range: self.place,
                wraps: false,
                opaque: false,
            });
        }
        if known || self.nesting >= MAX_NESTING {
            return Ok(Val::None);
        }
        let Some(body) = self.parse(text) else {
            return Ok(Val::None);
        };
        self.guesses.add(text.len());
        self.nesting += 1;
        self.module(&body, env);
        self.nesting -= 1;
        let inner: usize = self
            .outcome
            .executed
            .get(at + 1..)
            .unwrap_or(&[])
            .iter()
            .map(|e| e.text.len())
            .sum();
        if inner > 0
            && inner * 6 >= text.len()
            && body.len() <= 60
            && let Some(executed) = self.outcome.executed.get_mut(at)
        {
            executed.wraps = true;
        }
        if self.is_spent() || self.guesses.are_used_up() {
            return Err(Halt::Stop);
        }
        Ok(Val::None)
    }

    /// Something that cannot be read is executed.
    fn execute_opaque(&mut self) {
        if self.outcome.executed.len() < MAX_LAYERS {
            let steps = std::mem::take(&mut self.trail)
                .into_iter()
                .map(str::to_owned)
                .collect();
            self.outcome.executed.push(Executed {
                text: String::new(),
                steps,
                range: self.place,
                wraps: false,
                opaque: true,
            });
        }
    }

    /// Remembers a text that a call gave.
    fn note_text(&mut self, text: &str) {
        if self.nesting == 0
            && text.len() >= 6
            && text.len() <= 4096
            && self.outcome.texts.len() < 200
            && self.seen_texts.insert(hash(text))
        {
            self.outcome.texts.push((text.to_owned(), self.place));
        }
    }

    fn trail(&mut self, step: &'static str) {
        if self.trail.last() != Some(&step) && self.trail.len() < 8 {
            self.trail.push(step);
        }
    }

    /// A call of something outside of the program.
    fn event(&mut self, api: &Rc<str>, args: &[Val], trace: Trace) -> Trace {
        let mut bit = 0;
        // what an executed text does is said by its own layer
        if self.nesting == 0 && self.outcome.events.len() < MAX_EVENTS {
            if self.next_bit < 60 {
                bit = 1 << self.next_bit;
                self.next_bit += 1;
            }
            let mut constants = Vec::new();
            for arg in args.iter().take(6) {
                texts_of(arg, &mut constants, 0);
            }
            constants.truncate(4);
            self.outcome.events.push(Event {
                api: Rc::clone(api),
                range: self.place,
                constants,
                sources: trace,
                bit,
            });
        }
        bit
    }
}

/// The constant texts in a value.
fn texts_of(value: &Val, out: &mut Vec<String>, depth: u32) {
    match value {
        Val::Str(text) => out.push(text.text.chars().take(512).collect()),
        Val::Bytes(bytes) => {
            if let Ok(text) = std::str::from_utf8(bytes) {
                out.push(text.chars().take(512).collect());
            }
        }
        Val::List(list) if depth < 2 => {
            for item in list.borrow().iter().take(12) {
                texts_of(item, out, depth + 1);
            }
        }
        Val::Tuple(items) if depth < 2 => {
            for item in items.iter().take(12) {
                texts_of(item, out, depth + 1);
            }
        }
        _ => {}
    }
}

fn hash(text: &str) -> u64 {
    use std::hash::BuildHasher as _;
    rustc_hash::FxBuildHasher.hash_one(text)
}
