//! Uses, functions, and what flows through variables and files.

use std::collections::BTreeMap;

use foretaste_model::Capability;
use foretaste_model::facts::{
    Callee, Flow, FlowLink, FunctionKind, LiteralKind, Resolution, Step, StepRole, UseKind,
};
use foretaste_observe::{Budget, FactsBuilder, UseSite, literal};

use super::lex::{Kind, Token};
use super::paths::Names;
use super::value::{Point, Value, assignment, is_source, is_transform, keyed};
use crate::script::{Inner, InnerLanguage, RUST, quoted_line};

/// Variables and files that are followed.
pub(super) const MAX_NAMES: usize = 5_000;

/// Values of one statement that are followed.
pub(super) const MAX_VALUES: usize = 12;

/// Methods that hand data to a client or stream.
const SENDERS: &[&str] = &[
    "post",
    "put",
    "patch",
    "send",
    "send_json",
    "send_string",
    "send_bytes",
    "send_form",
    "write_all",
    "body",
    "form",
    "json",
    "multipart",
    "query",
    "write",
    "with_body",
    "with_json",
];

/// Goes through a file. False if the budget ran out; the code that stands inside commands.
pub(super) fn follow(
    tokens: &[Token],
    length: usize,
    facts: &mut FactsBuilder<'_>,
    budget: &mut Budget,
) -> (bool, Vec<Inner>) {
    facts.function("<module>", FunctionKind::Module, (0, length as u32), None);
    let mut file = File {
        facts,
        names: Names::default(),
        function: 0,
        variables: BTreeMap::new(),
        files: BTreeMap::new(),
        opened: BTreeMap::new(),
        fetched: None,
        calls: Vec::new(),
        functions: BTreeMap::new(),
        inner: Vec::new(),
    };
    let mut start = 0;
    // functions that are open, with the brace depth at which each one ends
    let mut open: Vec<(u32, usize)> = Vec::new();
    let mut pending: Option<u32> = None;
    let (mut depth, mut brackets) = (0_usize, 0_usize);
    let mut complete = true;
    let mut declares = false;
    for (at, token) in tokens.iter().enumerate() {
        if !budget.spend(4) {
            complete = false;
            break;
        }
        if declares {
            // the braces of a `use` are no blocks
            if token.kind == Kind::Mark(';') {
                file.statement(tokens.get(start..at).unwrap_or(&[]));
                start = at + 1;
                declares = false;
            }
            continue;
        }
        match &token.kind {
            Kind::Path(word) if word == "use" => declares = true,
            Kind::Mark('(' | '[') => brackets += 1,
            Kind::Mark(')' | ']') => brackets = brackets.saturating_sub(1),
            Kind::Path(word) if word == "fn" => {
                if let Some(Token {
                    kind: Kind::Path(name),
                    range,
                }) = tokens.get(at + 1)
                {
                    if let Some(path) = foreign(name)
                        && !has_body(tokens, at)
                    {
                        file.names.declare(name, path);
                        continue;
                    }
                    let end = body_end(tokens, at).unwrap_or(range.1);
                    let parent = open.last().map_or(0, |(f, _)| *f);
                    let function = file.facts.function(
                        name,
                        FunctionKind::Function,
                        (token.range.0, end),
                        Some(parent),
                    );
                    file.functions.entry(name.clone()).or_insert(function);
                    pending = Some(function);
                }
            }
            Kind::Mark('{') => {
                file.statement(tokens.get(start..at).unwrap_or(&[]));
                start = at + 1;
                depth += 1;
                if let Some(function) = pending.take() {
                    open.push((function, depth));
                    file.enter(function);
                }
                brackets = 0;
            }
            Kind::Mark('}') => {
                file.statement(tokens.get(start..at).unwrap_or(&[]));
                start = at + 1;
                if open.last().is_some_and(|(_, d)| *d == depth) {
                    open.pop();
                    file.enter(open.last().map_or(0, |(f, _)| *f));
                }
                depth = depth.saturating_sub(1);
            }
            Kind::Mark(';') if brackets == 0 => {
                file.statement(tokens.get(start..at).unwrap_or(&[]));
                start = at + 1;
                pending = None;
            }
            _ => {}
        }
    }
    file.statement(tokens.get(start..).unwrap_or(&[]));
    file.finish();
    (complete, file.inner)
}

/// False for a function that is declared only.
fn has_body(tokens: &[Token], from: usize) -> bool {
    tokens
        .get(from..)
        .unwrap_or(&[])
        .iter()
        .take(200)
        .find_map(|token| match token.kind {
            Kind::Mark('{') => Some(true),
            Kind::Mark(';') => Some(false),
            _ => None,
        })
        .unwrap_or(false)
}

/// What a function of the system's libraries is that a file declares itself (`extern "C" { fn system(…); }`).
fn foreign(name: &str) -> Option<&'static str> {
    Some(match name {
        "system" | "_wsystem" | "WinExec" => "libc.system",
        "popen" | "_popen" => "libc.popen",
        "execve" => "libc.execve",
        "execvp" => "libc.execvp",
        "mmap" => "libc.mmap",
        "ptrace" => "libc.ptrace",
        "dup2" => "libc.dup2",
        _ => return None,
    })
}

/// The byte after the brace that closes a function's body.
fn body_end(tokens: &[Token], from: usize) -> Option<u32> {
    let mut depth = 0_usize;
    for token in tokens.get(from..)?.iter().take(20_000) {
        match token.kind {
            Kind::Mark('{') => depth += 1,
            Kind::Mark('}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(token.range.1);
                }
            }
            Kind::Mark(';') if depth == 0 => return Some(token.range.1),
            _ => {}
        }
    }
    None
}

pub(super) struct File<'b, 'a> {
    facts: &'b mut FactsBuilder<'a>,
    names: Names,
    function: u32,
    pub(super) variables: BTreeMap<String, Vec<Value>>,
    pub(super) files: BTreeMap<String, Vec<Value>>,
    /// The files behind variables that are open for writing, as keys of `files`.
    pub(super) opened: BTreeMap<String, Vec<String>>,
    /// The last thing that the function fetched from the network.
    fetched: Option<Point>,
    calls: Vec<(u32, String)>,
    functions: BTreeMap<String, u32>,
    inner: Vec<Inner>,
}

impl File<'_, '_> {
    fn enter(&mut self, function: u32) {
        if function != self.function {
            self.function = function;
            self.variables.clear();
            self.opened.clear();
            self.fetched = None;
        }
    }

    fn finish(&mut self) {
        for (caller, name) in std::mem::take(&mut self.calls) {
            // other files' functions are not followed: Rust's modules need the whole crate
            if let Some(function) = self.functions.get(&name) {
                self.facts.call(caller, Callee::Local(*function));
            }
        }
        // the program begins there
        if let Some(main) = self.functions.get("main") {
            self.facts.call(0, Callee::Local(*main));
        }
    }

    fn statement(&mut self, tokens: &[Token]) {
        let at = tokens
            .iter()
            .position(|t| t.kind == Kind::Path("use".to_owned()));
        if let Some(at) = at.filter(|at| *at <= 4) {
            for (module, name, range) in self.names.read(tokens.get(at + 1..).unwrap_or(&[])) {
                let names = if name.is_empty() {
                    Vec::new()
                } else {
                    vec![name.into()]
                };
                self.facts.import(&module, names, range, self.function);
            }
            return;
        }
        if tokens.is_empty() {
            return;
        }
        let (targets, tokens) = assignment(tokens);
        let texts: Vec<(&str, (u32, u32))> = tokens
            .iter()
            .filter_map(|t| match &t.kind {
                Kind::Text(text) => Some((text.as_str(), t.range)),
                _ => None,
            })
            .collect();
        for (text, range) in &texts {
            self.facts.literal(text, *range, self.function);
        }
        let points = self.points(tokens, &texts);
        let values = self.values(tokens, &points, &texts);
        self.sinks(tokens, &points, &values);
        self.writes(targets.first().copied(), &points, &texts, tokens, &values);
        self.filled(tokens, &values);
        self.command(&points, &texts);
        if let Some(point) = points.iter().find(|p| p.capability.is_network_source()) {
            self.fetched = Some(point.clone());
        }
        for name in targets {
            if values.is_empty() {
                self.variables.remove(name);
            } else if self.variables.len() < MAX_NAMES {
                self.variables.insert(name.to_owned(), values.clone());
            }
        }
    }

    /// The APIs of a statement.
    fn points(&mut self, tokens: &[Token], texts: &[(&str, (u32, u32))]) -> Vec<Point> {
        let mut points = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            let Kind::Path(path) = &token.kind else {
                continue;
            };
            let called = matches!(tokens.get(at + 1).map(|t| &t.kind), Some(Kind::Mark('(')));
            let after = tokens.get(at + 1).map(|t| &t.kind);
            // `STANDARD.decode(..)`: a constant with a method
            let with_member = match after {
                Some(Kind::Member(name)) => Some(format!("{path}.{name}")),
                _ => None,
            };
            let entry = with_member.iter().chain([path]).find_map(|path| {
                self.names.resolve(path).iter().find_map(|full| {
                    RUST.get(full.strip_prefix("core.").map_or(full.as_str(), |_| full))
                })
            });
            let Some(entry) = entry else {
                if called && self.calls.len() < 50_000 {
                    let name = path.rsplit('.').next().unwrap_or(path);
                    self.calls.push((self.function, name.to_owned()));
                }
                continue;
            };
            let constants: Vec<&str> = texts
                .iter()
                .filter(|(_, range)| range.0 >= token.range.1)
                .map(|(text, _)| *text)
                .collect();
            let site = UseSite {
                api: &entry.api.replace('.', "::"),
                range: token.range,
                function: self.function,
                resolution: Resolution::Direct,
                kind: if called || path.ends_with('!') || with_member.is_some() {
                    UseKind::Call
                } else {
                    UseKind::Read
                },
            };
            self.facts.uses(site, entry.capabilities, || {
                constants
                    .iter()
                    .take(4)
                    .map(|c| c.chars().take(512).collect::<String>().into())
                    .collect()
            });
            if let Some(capability) = entry.capability()
                && points.len() < 64
            {
                points.push(Point {
                    capability,
                    api: entry.api.replace('.', "::"),
                    range: token.range,
                    constant: constants.first().map(|c| (*c).to_owned()),
                });
            }
        }
        points
    }

    /// Values that a statement holds.
    fn values(
        &self,
        tokens: &[Token],
        points: &[Point],
        texts: &[(&str, (u32, u32))],
    ) -> Vec<Value> {
        let mut values: Vec<Value> = Vec::new();
        let mut add = |value: Value| {
            if values.len() < MAX_VALUES && !values.contains(&value) {
                values.push(value);
            }
        };
        for token in tokens {
            if let Kind::Path(name) = &token.kind
                && let Some(known) = self.variables.get(name)
            {
                known.iter().cloned().for_each(&mut add);
            }
        }
        for point in points.iter().filter(|p| is_source(p)) {
            add(Value {
                points: vec![point.clone()],
                through_file: false,
            });
        }
        let reads = points
            .iter()
            .any(|p| matches!(p.capability, Capability::FileRead | Capability::FileList));
        for (text, range) in texts.iter().filter(|(text, _)| reads && text.len() < 400) {
            if literal::classify(text)
                .into_iter()
                .any(|(k, _)| k == LiteralKind::SecretPath)
            {
                let point = Point {
                    capability: Capability::FileRead,
                    api: "std::fs::read".to_owned(),
                    range: *range,
                    constant: Some((*text).to_owned()),
                };
                add(Value {
                    points: vec![point],
                    through_file: false,
                });
            }
        }
        let keyed = keyed(tokens);
        if let Some(point) = &keyed
            && values.is_empty()
        {
            values.push(Value {
                points: vec![point.clone()],
                through_file: false,
            });
        }
        let transforms = points.iter().filter(|p| is_transform(p.capability));
        for point in transforms.chain(&keyed) {
            for value in &mut values {
                if value.points.len() < 8 && !value.points.contains(point) {
                    value.points.push(point.clone());
                }
            }
        }
        values
    }

    fn sinks(&mut self, tokens: &[Token], points: &[Point], values: &[Value]) {
        for sink in points {
            self.sink(sink, values);
        }
        // `client.post(..).body(data)`, `stream.write_all(&data)`: the client is a value of an earlier statement
        let sends = tokens.iter().find_map(|t| match &t.kind {
            Kind::Member(name) if SENDERS.contains(&name.as_str()) => Some((name.clone(), t.range)),
            _ => None,
        });
        if let Some((name, range)) = sends
            && let Some(client) = values
                .iter()
                .filter_map(|v| v.points.first())
                .find(|p| p.capability.is_network_sink())
        {
            let sink = Point {
                capability: client.capability,
                api: format!("{}.{name}", client.api),
                range,
                constant: client.constant.clone(),
            };
            self.sink(&sink, values);
        }
        // a program whose name was made at run time, after something was fetched in the same function
        let dynamic = points
            .iter()
            .find(|p| p.api.ends_with("Command::new") && p.constant.is_none());
        if let (Some(sink), Some(source)) = (dynamic, self.fetched.clone()) {
            let steps = vec![
                self.step(StepRole::Source, &source),
                self.step(StepRole::Sink, sink),
            ];
            let flow = Flow {
                steps,
                function: self.function,
                link: FlowLink::Scope,
            };
            self.facts.flow(flow, (source.range.0, sink.range.0));
        }
    }

    pub(super) fn sink(&mut self, sink: &Point, values: &[Value]) {
        for value in values {
            let Some(first) = value.points.first() else {
                continue;
            };
            let from_outside =
                first.capability.is_network_source() || first.capability.is_decoder();
            let executes = (sink.capability.is_execution()
                || sink.capability == Capability::ProcessMemory)
                && from_outside;
            let leaves = sink.capability.is_network_sink() && !from_outside;
            if !(executes || leaves) || first.range == sink.range {
                continue;
            }
            let mut steps: Vec<Step> = Vec::new();
            for (at, point) in value.points.iter().enumerate().filter(|(_, p)| *p != sink) {
                let role = if at == 0 {
                    StepRole::Source
                } else {
                    StepRole::Transform
                };
                steps.push(self.step(role, point));
            }
            steps.push(self.step(StepRole::Sink, sink));
            let link = if value.through_file {
                FlowLink::Resource
            } else {
                FlowLink::Data
            };
            let flow = Flow {
                steps,
                function: self.function,
                link,
            };
            self.facts.flow(flow, (first.range.0, sink.range.0));
        }
    }

    fn step(&self, role: StepRole, point: &Point) -> Step {
        self.facts.step(
            role,
            point.capability,
            &point.api,
            point.range,
            point.constant.as_deref(),
        )
    }

    /// `Command::new("sh").arg("-c").arg("...")` as a command line.
    fn command(&mut self, points: &[Point], texts: &[(&str, (u32, u32))]) {
        let Some(spawn) = points.iter().find(|p| {
            matches!(
                p.capability,
                Capability::ProcessSpawn | Capability::ProcessShell
            ) && p.constant.is_some()
        }) else {
            return;
        };
        let words: Vec<&str> = texts
            .iter()
            .filter(|(_, range)| range.0 >= spawn.range.1)
            .map(|(text, _)| *text)
            .take(32)
            .collect();
        if self.inner.len() < 32 {
            self.inner.push(Inner {
                language: InnerLanguage::Shell,
                code: quoted_line(&words),
                steps: vec![spawn.api.as_str().into()],
                range: spawn.range,
            });
        }
    }
}
