//! Runs through commands in order, without running them: uses, and flows through pipes, variables, files.

use std::cell::Cell;
use std::collections::BTreeMap;

use foretaste_model::Capability;
use foretaste_model::facts::{Callee, Flow, FlowLink, Resolution, Step, StepRole, UseKind};
use foretaste_observe::table::Entry;
use foretaste_observe::{FactsBuilder, UseSite};

use super::files::{clean, is_program_path};
use super::lookup::{interpreter, lookup};
use super::network::is_network;
use super::ordinary::{echo, joined, traces_of};
use super::trace::{Point, merge};
use super::{Command, Output, Trace, Word};

/// Variables and files that are followed.
pub(super) const MAX_NAMES: usize = 2_000;

/// Bytes that all expansions of variables in a script write together: each may double what stands in it.
const MAX_EXPANDED: usize = 16 << 20;

/// Pieces of inner code that are kept.
const MAX_INNER: usize = 32;

/// Inner code of other languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InnerLanguage {
    Shell,
    PowerShell,
    Python,
    JavaScript,
}

/// Code that a command line carries within it.
#[derive(Clone, Debug)]
pub(crate) struct Inner {
    pub(crate) language: InnerLanguage,
    pub(crate) code: String,
    pub(crate) steps: Vec<Box<str>>,
    pub(crate) range: (u32, u32),
}

/// A variable.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variable {
    pub(crate) text: Option<String>,
    pub(crate) traces: Vec<Trace>,
}

/// The state of a script while it is gone through.
pub(crate) struct Engine<'b, 'a> {
    pub(crate) facts: &'b mut FactsBuilder<'a>,
    /// The function that is gone through.
    pub(crate) function: u32,
    /// Functions of the script by name.
    pub(crate) functions: BTreeMap<String, u32>,
    pub(super) variables: BTreeMap<String, Variable>,
    /// Bytes that may still be written in place of variables.
    room: Cell<usize>,
    pub(super) files: BTreeMap<String, Vec<Trace>>,
    /// The text of files that the script writes, with how it came about.
    pub(super) texts: BTreeMap<String, (String, Vec<Box<str>>)>,
    /// What came from elsewhere into files whose names are not known: archives, repositories.
    pub(super) loose: Vec<Trace>,
    /// Code found inside commands, to be observed on its own.
    pub(crate) inner: Vec<Inner>,
}

impl<'b, 'a> Engine<'b, 'a> {
    /// A new script.
    pub(crate) fn new(facts: &'b mut FactsBuilder<'a>) -> Self {
        Self {
            facts,
            function: 0,
            functions: BTreeMap::new(),
            variables: BTreeMap::new(),
            room: Cell::new(MAX_EXPANDED),
            files: BTreeMap::new(),
            texts: BTreeMap::new(),
            loose: Vec::new(),
            inner: Vec::new(),
        }
    }

    /// A variable's value, if the script set it.
    pub(crate) fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.get(name)
    }

    /// The text of a variable, to be written in place of its name. None if it is not known, or if the script has had
    /// more than its share of that.
    pub(crate) fn expand(&self, name: &str) -> Option<&str> {
        let text = self.variable(name)?.text.as_deref()?;
        let left = self.room.get().checked_sub(text.len())?;
        self.room.set(left);
        Some(text)
    }

    /// Sets a variable.
    pub(crate) fn assign(&mut self, name: &str, word: &Word) {
        if self.variables.len() >= MAX_NAMES && !self.variables.contains_key(name) {
            return;
        }
        let known = word.unknown.is_empty() && word.traces.is_empty();
        let variable = Variable {
            text: known.then(|| word.text.clone()),
            traces: word.traces.clone(),
        };
        self.facts.literal(&word.text, word.range, self.function);
        self.variables.insert(name.to_owned(), variable);
    }

    /// Goes through one command: `input` is what stands on its standard input.
    pub(crate) fn run(&mut self, command: &Command, input: &Output) -> Output {
        let (command, wrappers) = self.unwrap(command);
        for word in command.words.iter().skip(1) {
            self.facts.literal(&word.text, word.range, self.function);
        }
        let mut input = input.clone();
        for redirect in &command.redirects {
            self.redirect_in(redirect, &mut input);
        }
        if let Some((text, range)) = &command.heredoc {
            self.facts.literal(text, *range, self.function);
            input.text = Some(text.clone());
        }
        let mut output = self.dispatch(&command, &input);
        if wrappers.iter().any(|w| w == "xargs") {
            merge(&mut output.traces, &input.traces);
        }
        for redirect in &command.redirects {
            self.redirect_out(&command, redirect, &output);
        }
        output
    }

    /// Takes off `sudo`, `nohup`, `env A=b`, `exec` and the like.
    pub(super) fn unwrap(&mut self, command: &Command) -> (Command, Vec<String>) {
        let mut command = command.clone();
        let mut wrappers = Vec::new();
        for _ in 0..4 {
            let name = command.name();
            let wraps = matches!(
                &*name,
                "sudo"
                    | "doas"
                    | "nohup"
                    | "exec"
                    | "command"
                    | "env"
                    | "time"
                    | "nice"
                    | "ionice"
                    | "xargs"
                    | "timeout"
                    | "busybox"
                    | "stdbuf"
                    | "setsid"
                    | "builtin"
                    | "start"
                    | "call"
                    | "cross-env"
                    | "then"
                    | "else"
                    | "do"
                    | "!"
                    | "chronic"
                    | "unbuffer"
                    | "caffeinate"
                    | "runuser"
            );
            if !wraps {
                break;
            }
            let mut rest = 1;
            while let Some(word) = command.words.get(rest) {
                let option = word.text.starts_with('-')
                    || (name == "start" && (word.text.starts_with('/') || word.text.is_empty()))
                    || (matches!(&*name, "env" | "cross-env" | "sudo") && word.text.contains('='))
                    || (name == "timeout" && word.text.starts_with(|c: char| c.is_ascii_digit()));
                if !option {
                    break;
                }
                rest += 1;
            }
            if rest >= command.words.len() {
                break;
            }
            if matches!(&*name, "sudo" | "doas" | "nohup" | "setsid") {
                self.used(&command, &name);
            }
            wrappers.push(name);
            command.words.drain(..rest);
        }
        (command, wrappers)
    }

    pub(super) fn dispatch(&mut self, command: &Command, input: &Output) -> Output {
        let Some(first) = command.words.first() else {
            return Output::default();
        };
        if let Some(function) = self.functions.get(&first.text) {
            self.facts.call(self.function, Callee::Local(*function));
            return Output::default();
        }
        let name = command.name();
        let entry = self.used(command, &name);
        let capability = entry.and_then(Entry::capability);
        if let Some(language) = interpreter(&name) {
            return self.interpret(command, input, &name, language);
        }
        match &*name {
            "echo" | "printf" | "print" | "write-output" | "write-host" => {
                return echo(command);
            }
            "eval" | "iex" | "invoke-expression" => {
                let code = joined(command.words.get(1..).unwrap_or(&[]));
                let mut fed = traces_of(command.words.get(1..).unwrap_or(&[]));
                merge(&mut fed, &input.traces);
                let sink = point(Capability::CodeEval, &name, command, Some(code.clone()));
                self.sink(&fed, &sink);
                if fed.is_empty() {
                    self.inner(InnerLanguage::Shell, code, vec![name.into()], command.range);
                }
                return Output::default();
            }
            "source" | "." => {
                if let Some(path) = command.words.get(1) {
                    let language = Some(InnerLanguage::Shell);
                    self.execute_file(path, command, Capability::CodeEval, &name, language);
                }
                return Output::default();
            }
            "cp" | "mv" | "copy" | "move" | "install" | "ln" => {
                self.copy(command);
            }
            "tee" => {
                for path in command
                    .words
                    .iter()
                    .skip(1)
                    .filter(|w| !w.text.starts_with('-'))
                {
                    self.write(&path.text, &input.traces);
                    self.write_text(&path.text, input, false);
                }
                return input.clone();
            }
            _ => {}
        }
        match (entry, capability) {
            (Some(entry), Some(capability)) if is_network(capability) => {
                self.network(command, input, entry, capability)
            }
            (Some(entry), Some(capability)) => self.ordinary(command, input, entry, capability),
            _ => {
                if is_program_path(&first.text)
                    || !first.traces.is_empty()
                    || self.files.contains_key(clean(&first.text))
                    || self.texts.contains_key(clean(&first.text))
                {
                    self.execute_file(
                        first,
                        command,
                        Capability::ProcessSpawn,
                        &first.text.clone(),
                        Some(InnerLanguage::Shell),
                    );
                }
                Output {
                    traces: self.inputs(command, input),
                    ..Output::default()
                }
            }
        }
    }

    /// Records what a command can do.
    pub(super) fn used(&mut self, command: &Command, name: &str) -> Option<&'static Entry> {
        let entry = lookup(name, command)?;
        let api = entry.api;
        let site = UseSite {
            api,
            range: command.range,
            function: self.function,
            resolution: Resolution::Direct,
            kind: UseKind::Call,
        };
        self.facts.uses(site, entry.capabilities, || {
            command
                .words
                .iter()
                .skip(1)
                .filter(|w| !w.text.is_empty())
                .take(4)
                .map(|w| w.text.chars().take(512).collect::<String>().into())
                .collect()
        });
        Some(entry)
    }

    /// Adds a chain for everything that reaches a sink.
    pub(super) fn sink(&mut self, traces: &[Trace], sink: &Point) {
        for trace in traces {
            let Some(first) = trace.points.first() else {
                continue;
            };
            // a download into a download is one step seen twice
            if first == sink {
                continue;
            }
            let mut steps: Vec<Step> = trace
                .points
                .iter()
                .enumerate()
                .map(|(i, p)| {
                    let role = if i == 0 {
                        StepRole::Source
                    } else {
                        StepRole::Transform
                    };
                    self.step(role, p)
                })
                .collect();
            steps.push(self.step(StepRole::Sink, sink));
            let link = if trace.loose {
                FlowLink::Scope
            } else if trace.through_file {
                FlowLink::Resource
            } else {
                FlowLink::Data
            };
            let ends = (first.range.0, sink.range.0);
            self.facts.flow(
                Flow {
                    steps,
                    function: self.function,
                    link,
                },
                ends,
            );
        }
    }

    pub(super) fn step(&self, role: StepRole, point: &Point) -> Step {
        self.facts.step(
            role,
            point.capability,
            &point.api,
            point.range,
            point.constant.as_deref(),
        )
    }

    pub(super) fn inner(
        &mut self,
        language: InnerLanguage,
        code: String,
        steps: Vec<Box<str>>,
        range: (u32, u32),
    ) {
        if self.inner.len() < MAX_INNER && code.len() >= 4 {
            self.inner.push(Inner {
                language,
                code,
                steps,
                range,
            });
        }
    }
}

pub(super) fn point(
    capability: Capability,
    api: &str,
    command: &Command,
    constant: Option<String>,
) -> Point {
    Point {
        capability,
        api: api.to_owned(),
        range: command.range,
        constant,
    }
}
