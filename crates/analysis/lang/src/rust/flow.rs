//! Uses, functions, and what flows through variables and files.

use std::collections::{BTreeMap, BTreeSet};

use foretaste_model::Capability;
use foretaste_model::facts::{
    Callee, Flow, FlowLink, FunctionKind, LiteralKind, Resolution, Step, StepRole, UseKind,
};
use foretaste_observe::{FactsBuilder, UseSite, literal};

use super::builders::Command;
use super::calls::Summary;
use super::fold::{Folded, Folder, Scope};
use super::lex::{Kind, Token};
use super::paths::Names;
use super::places::{Place, method_reads};
use super::secrets;
use super::sinks::{goes_through, method_sinks, names_within, tells, told, words_of, written_out};
use super::value::{Point, Value, assignment, grows, is_source, is_transform, keyed};
use crate::script::{CSHARP, Inner, InnerLanguage, RUST, quoted_line};

/// Variables and files that are followed.
pub(super) const MAX_NAMES: usize = 5_000;

/// Values of one statement that are followed.
pub(super) const MAX_VALUES: usize = 12;

/// Calls of one file that are kept.
const MAX_CALLS: usize = 50_000;

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
    "httppost",
    "perform",
    "post_fields_copy",
    "send_to",
    // C#
    "DownloadData",
    "DownloadFile",
    "DownloadString",
    "GetAsync",
    "GetStringAsync",
    "PostAsync",
    "PutAsync",
    "Send",
    "SendAsync",
    "UploadData",
    "UploadFile",
    "UploadString",
    "UploadValues",
];

pub(super) struct File<'b, 'a, 't> {
    pub(super) facts: &'b mut FactsBuilder<'a>,
    pub(super) names: Names,
    pub(super) function: u32,
    pub(super) variables: BTreeMap<String, Vec<Value>>,
    pub(super) files: BTreeMap<String, Vec<Value>>,
    /// The files behind variables that are open for writing, as keys of `files`.
    pub(super) opened: BTreeMap<String, Vec<String>>,
    /// The last thing that the function fetched from the network.
    pub(super) fetched: Option<Point>,
    pub(super) calls: Vec<(u32, String)>,
    pub(super) functions: BTreeMap<String, u32>,
    pub(super) inner: Vec<Inner>,
    pub(super) folder: &'b mut Folder<'t>,
    /// The commands that variables hold.
    pub(super) commands: BTreeMap<String, Command>,
    /// The constants that variables hold.
    pub(super) scope: Scope,
    /// The texts of which a variable holds one: `for name in ["A", "B"]`.
    pub(super) choices: BTreeMap<String, Vec<String>>,
    /// False for C#.
    pub(super) is_rust: bool,
    /// The paths that variables are known to hold.
    pub(super) places: BTreeMap<String, Place>,
    /// What an earlier pass found out about functions.
    pub(super) known: &'b Summary,
    pub(super) summary: Summary,
    /// Modules that the file declares.
    pub(super) modules: BTreeSet<String>,
    /// Stands for what runs before `main` does.
    pub(super) before_main: Option<u32>,
}

impl File<'_, '_, '_> {
    pub(super) fn enter(&mut self, function: u32, name: &str) {
        if function != self.function {
            self.function = function;
            self.summary.enter(name);
            self.variables.clear();
            self.opened.clear();
            self.commands.clear();
            self.scope.clear();
            self.choices.clear();
            self.places.clear();
            self.fetched = None;
        }
    }

    /// A function runs as soon as the program is loaded.
    pub(super) fn runs_before_main(&mut self, name: &str) {
        let runs = *self.before_main.get_or_insert_with(|| {
            self.facts
                .function("<init>", FunctionKind::Function, (0, 0), Some(0))
        });
        if self.calls.len() < MAX_CALLS {
            self.calls.push((runs, name.to_owned()));
        }
    }

    pub(super) fn finish(&mut self) {
        for (caller, name) in std::mem::take(&mut self.calls) {
            let last = name.rsplit('.').next().unwrap_or(&name);
            if let Some(outside) = self.of_other_file(&name) {
                self.facts.call(caller, Callee::External(outside.into()));
            } else if let Some(function) = self.functions.get(last) {
                self.facts.call(caller, Callee::Local(*function));
            }
        }
        // the program begins there
        if let Some(main) = self.functions.get("main") {
            self.facts.call(0, Callee::Local(*main));
        }
    }

    /// A statement, or the head of a block; `tail` if it is the last expression of one.
    pub(super) fn statement(&mut self, tokens: &[Token], tail: bool) {
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
        let loops =
            matches!(tokens.first(), Some(Token { kind: Kind::Path(word), .. }) if word == "for");
        let statement = tokens;
        let (targets, tokens) = assignment(tokens);
        let folded = self.folded(tokens);
        let texts = self.texts(tokens, &folded);
        let texts: Vec<(&str, (u32, u32))> = texts.iter().map(|(t, r)| (t.as_str(), *r)).collect();
        self.addressed(tokens, &texts);
        let mut points = self.points(tokens, &texts);
        points.extend(method_reads(tokens));
        let values = self.values(tokens, &points, &texts, &folded);
        self.keep_fields(statement, &points, &values);
        self.sinks(tokens, &points, &values, &texts);
        self.handed_over(tokens);
        self.writes(targets.first().copied(), &points, &texts, tokens, &values);
        self.filled(tokens, &values);
        let words = self.command(tokens, &points, &texts);
        self.command_begins(&targets, &points, &words);
        self.command_grows(tokens, &values, &texts);
        if let Some(point) = points.iter().find(|p| p.capability.is_network_source()) {
            self.fetched = Some(point.clone());
        }
        let returns = matches!(tokens.first(), Some(Token { kind: Kind::Path(word), .. }) if word == "return");
        if (tail || returns) && targets.is_empty() {
            self.given_back(&values);
        }
        self.let_names(&targets, loops, tokens, &texts);
        self.let_places(&targets, tokens, &texts);
        self.place_grows(tokens, &texts);
        let grows = grows(statement, tokens);
        for name in targets {
            if grows {
                self.add_to(name, &values);
            } else if values.is_empty() {
                self.variables.remove(name);
            } else if self.variables.len() < MAX_NAMES {
                self.variables.insert(name.to_owned(), values.clone());
            }
        }
    }

    /// The texts that a statement's expressions amount to.
    fn folded(&mut self, tokens: &[Token]) -> Vec<Folded> {
        let folded = self.folder.texts(tokens, &mut self.scope);
        for text in folded.iter().filter(|f| {
            f.hidden
                || !tokens
                    .iter()
                    .any(|t| matches!(&t.kind, Kind::Text(t) if *t == f.text))
        }) {
            self.facts.literal(&text.text, text.range, self.function);
        }
        folded
    }

    /// The texts of a statement: those that stand there, and those that its names and expressions amount to.
    fn texts(&mut self, tokens: &[Token], folded: &[Folded]) -> Vec<(String, (u32, u32))> {
        let mut texts: Vec<(String, (u32, u32))> = Vec::new();
        for folded in folded {
            texts.push((folded.text.clone(), folded.range));
        }
        for (at, token) in tokens.iter().enumerate() {
            let inside = folded
                .iter()
                .any(|f| f.range.0 <= token.range.0 && token.range.1 <= f.range.1);
            match &token.kind {
                Kind::Text(text) => {
                    self.facts.literal(text, token.range, self.function);
                    if !inside {
                        texts.push((text.clone(), token.range));
                    }
                }
                // `NAMES.iter().map(|name| ..)`
                Kind::Path(name) if !inside && goes_through(tokens, at) => {
                    let listed = self.folder.listed(name, &mut self.scope);
                    for text in listed.into_iter().flatten().take(MAX_VALUES) {
                        texts.push((text, token.range));
                    }
                }
                Kind::Path(name) if !inside => {
                    for choice in self.choices.get(name).into_iter().flatten() {
                        texts.push((choice.clone(), token.range));
                    }
                }
                _ => {}
            }
        }
        texts.sort_by_key(|(_, range)| *range);
        texts
    }

    /// What variables are known to hold from here on.
    fn let_names(
        &mut self,
        targets: &[&str],
        loops: bool,
        tokens: &[Token],
        texts: &[(&str, (u32, u32))],
    ) {
        if targets.is_empty() {
            return;
        }
        let value = match targets {
            [_] if !loops => self.folder.value(tokens, &mut self.scope),
            _ => None,
        };
        for name in targets {
            self.scope.remove(*name);
            self.choices.remove(*name);
        }
        let [name, ..] = targets else { return };
        match value {
            Some(value) if self.scope.len() < MAX_NAMES => {
                self.scope.insert((*name).to_owned(), value);
            }
            // one of the texts of a list
            _ if loops && self.choices.len() < MAX_NAMES => {
                let mut all: Vec<String> = texts.iter().map(|(t, _)| (*t).to_owned()).collect();
                let listed = tokens.iter().filter_map(|t| match &t.kind {
                    Kind::Path(path) => self.folder.listed(path, &mut self.scope),
                    _ => None,
                });
                all.extend(listed.flatten());
                all.truncate(MAX_VALUES);
                if !all.is_empty() && all.iter().all(|t| t.len() < 300) {
                    for name in targets {
                        self.choices.insert((*name).to_owned(), all.clone());
                    }
                }
            }
            _ => {}
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
                let table = if self.is_rust { &RUST } else { &CSHARP };
                self.names
                    .resolve(path)
                    .iter()
                    .find_map(|full| table.get(full))
            });
            let Some(entry) = entry else {
                if called && self.calls.len() < MAX_CALLS {
                    self.calls.push((self.function, path.clone()));
                }
                continue;
            };
            let mut constants: Vec<&str> = texts
                .iter()
                .filter(|(_, range)| range.0 >= token.range.1)
                .map(|(text, _)| *text)
                .collect();
            // `["A", "B"].iter().filter_map(|name| env::var(name))`
            if constants.is_empty() && entry.capability() == Some(Capability::EnvironmentRead) {
                constants = texts.iter().map(|(text, _)| *text).collect();
            }
            let api = if self.is_rust {
                entry.api.replace('.', "::")
            } else {
                entry.api.to_owned()
            };
            let site = UseSite {
                api: &api,
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
                    api,
                    range: token.range,
                    constant: told(capability, &constants),
                });
            }
        }
        points
    }

    /// Values that a statement holds.
    pub(super) fn values(
        &self,
        tokens: &[Token],
        points: &[Point],
        texts: &[(&str, (u32, u32))],
        folded: &[Folded],
    ) -> Vec<Value> {
        let mut values: Vec<Value> = Vec::new();
        let mut add = |value: Value| {
            if values.len() < MAX_VALUES && !values.contains(&value) {
                values.push(value);
            }
        };
        let held = |name: &str| self.variables.get(name).into_iter().flatten().cloned();
        for (at, token) in tokens.iter().enumerate() {
            match &token.kind {
                Kind::Path(name) => {
                    held(name).for_each(&mut add);
                    let fields = self.field(tokens, at).iter().cloned();
                    fields.for_each(&mut add);
                    let called = tokens
                        .get(at + 1)
                        .is_some_and(|t| t.kind == Kind::Mark('('));
                    if called {
                        self.results(name, token.range)
                            .into_iter()
                            .for_each(&mut add);
                    }
                }
                // `format!("{name}")`
                Kind::Text(text) => {
                    names_within(text).flat_map(held).for_each(&mut add);
                }
                _ => {}
            }
        }
        for point in points.iter().filter(|p| is_source(p)) {
            add(Value::of(point.clone()));
        }
        let decodes = points.iter().any(|p| p.capability.is_decoder());
        for hidden in folded.iter().filter(|f| f.hidden && !decodes).take(2) {
            add(Value::of(Point {
                capability: Capability::DecodeCipher,
                api: "a hidden text".to_owned(),
                range: hidden.range,
                constant: Some(hidden.text.clone()),
            }));
        }
        let reads = points
            .iter()
            .any(|p| matches!(p.capability, Capability::FileRead | Capability::FileList));
        self.secret_read(tokens, points, texts)
            .into_iter()
            .for_each(&mut add);
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
                add(Value::of(point));
            }
        }
        Self::read_for_caller(&mut values, points);
        if let Some(secret) = secrets::decrypted(tokens, &values) {
            values.push(secret);
        }
        // what is decoded: the file that was read
        let keyed = keyed(tokens).map(|point| Point {
            constant: self.place(tokens, &[]).map(|(path, _)| path),
            ..point
        });
        if let Some(point) = &keyed
            && !values.iter().any(Value::is_here)
        {
            values.push(Value::of(point.clone()));
        }
        let written = written_out(tokens);
        let transforms = points.iter().filter(|p| is_transform(p.capability));
        for point in transforms.chain(&keyed).chain(&written) {
            for value in &mut values {
                if value.points.len() < 8 && !value.points.contains(point) {
                    value.points.push(point.clone());
                }
            }
        }
        values
    }

    fn sinks(
        &mut self,
        tokens: &[Token],
        points: &[Point],
        values: &[Value],
        texts: &[(&str, (u32, u32))],
    ) {
        for sink in points {
            self.sink(sink, values);
        }
        for sink in method_sinks(tokens, texts) {
            self.sink(&sink, values);
        }
        // `client.post(..).body(data)`, `stream.write_all(&data)`: the client is a value of an earlier statement
        let sends = tokens.iter().find_map(|t| match &t.kind {
            Kind::Member(name) if SENDERS.contains(&name.as_str()) => Some((name.clone(), t.range)),
            Kind::Path(name) if matches!(name.as_str(), "write!" | "writeln!") => {
                Some((name.clone(), t.range))
            }
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
                constant: client.constant.clone().or_else(|| {
                    let url = texts.iter().find(|(text, _)| text.contains("://"));
                    url.map(|(text, _)| (*text).to_owned())
                }),
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
            if !value.is_here() {
                self.joint(sink, value);
                continue;
            }
            let Some(first) = value.points.first() else {
                continue;
            };
            if !tells(value, first, sink) {
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

    pub(super) fn step(&self, role: StepRole, point: &Point) -> Step {
        self.facts.step(
            role,
            point.capability,
            &point.api,
            point.range,
            point.constant.as_deref(),
        )
    }

    /// `Command::new("sh").arg("-c").arg("...")` as a command line.
    fn command(
        &mut self,
        tokens: &[Token],
        points: &[Point],
        texts: &[(&str, (u32, u32))],
    ) -> Vec<String> {
        let Some(spawn) = points.iter().find(|p| p.spawns() && p.constant.is_some()) else {
            return Vec::new();
        };
        let words = words_of(tokens, spawn, texts);
        self.downloads(tokens, spawn, &words);
        if self.inner.len() < 32 {
            let line: Vec<&str> = words.iter().map(String::as_str).collect();
            self.inner.push(Inner {
                language: InnerLanguage::Shell,
                code: if self.is_rust {
                    quoted_line(&line)
                } else {
                    // the second text is the rest of the line
                    line.join(" ")
                },
                steps: vec![spawn.api.as_str().into()],
                range: spawn.range,
            });
        }
        words
    }
}
