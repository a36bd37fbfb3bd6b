//! What a call of a known interface does: its use is recorded, and what flows through it is followed.

use std::rc::Rc;

use foretaste_model::Capability;
use foretaste_model::facts::{
    Flow, FlowLink, InstallSurface, LiteralKind, StepRole, SurfaceKind, UseKind,
};
use foretaste_observe::UseSite;
use foretaste_observe::literal;
use foretaste_observe::table::ArgRole;
use foretaste_observe::taint::{Effect, Mark, SetId, effect};

use super::call::Call;
use super::files::{file_of, key_of, keys, only_handles_files, within};
use super::fold::{self, Folded};
use super::run::Run;
use super::tree::Range;
use super::value::{Constant, Value};
use crate::script;

/// Files whose content is followed.
const MAX_FILES: usize = 2_000;

/// An argument with its role.
pub(super) type Given<'v> = (Option<ArgRole>, &'v Value);

impl Run<'_, '_> {
    /// Performs a call, or reads a name, of an interface.
    pub(super) fn apply(&mut self, call: &Call<'_>) -> Value {
        let entry = call.entry;
        let given: Vec<Given<'_>> = call
            .arguments
            .iter()
            .enumerate()
            .map(|(i, (key, value))| {
                let role = match key {
                    Some(key) => entry.role_of(None, key),
                    None => entry.role_of(Some(i), ""),
                };
                (role, value)
            })
            .collect();
        let capabilities = capabilities(call, &given);
        let constant = constant(&given, capabilities.first().copied());
        self.record(call, &capabilities, &given);
        let called = self.callbacks(&given);
        let mut trails = call.receiver.map_or(called, |r| r.trails);
        trails = self.taints.union(trails, called);
        for (role, value) in &given {
            if !matches!(role, Some(ArgRole::Ignore)) {
                trails = self.taints.union(trails, value.trails);
            }
        }
        let mut result = Value {
            object: entry.returns,
            trails,
            ..Value::default()
        };
        result.file = file_of(call, &given);
        if capabilities.first() == Some(&Capability::FileList) && !constant.is_empty() {
            result.items = Some(Rc::new(vec![(None, within(&constant))]));
        }
        for capability in capabilities {
            let mark = Mark {
                capability,
                api: self.word(entry.api),
                constant: self.word(&constant),
                range: call.range,
            };
            self.hidden_address(mark, &given);
            let given_trails = self.perform_one(mark, call, &given, trails);
            result.trails = given_trails.unwrap_or(result.trails);
        }
        result
    }

    fn record(&mut self, call: &Call<'_>, capabilities: &[Capability], given: &[Given<'_>]) {
        let site = UseSite {
            api: call.entry.api,
            range: call.range,
            function: self.function,
            resolution: call.resolution,
            kind: call.kind,
        };
        let mut constants: Vec<Box<str>> = Vec::new();
        for (_, value) in given {
            match &value.items {
                // `["sh", "-c", "..."]`
                Some(items) => {
                    constants.extend(items.iter().filter_map(|(_, v)| v.str()).map(Into::into));
                }
                None => constants.extend(value.str().map(Into::into)),
            }
        }
        let starts = capabilities
            .iter()
            .any(|c| matches!(c, Capability::ProcessShell | Capability::ProcessSpawn));
        if starts
            && constants.is_empty()
            && let Some((_, line)) = given.first()
            && let Some(shape) = &line.shape
            && shape.trim_start_matches(['*', ' ']).len() > 3
        {
            constants.push(shape.to_string().into());
        }
        self.facts.uses(site, capabilities, || constants.clone());
    }

    /// Functions that are called by the function they are given to: `array_map('base64_decode', $x)`.
    fn callbacks(&mut self, given: &[Given<'_>]) -> SetId {
        let mut found = SetId::EMPTY;
        let others = |at: usize| {
            given
                .iter()
                .enumerate()
                .filter(move |(i, _)| *i != at)
                .map(|(_, (_, v))| (*v).clone())
        };
        for (at, (role, value)) in given.iter().enumerate() {
            if *role != Some(ArgRole::Callback) {
                continue;
            }
            if let Some(name) = value.str() {
                let name = name.to_ascii_lowercase();
                let arguments: Vec<_> = others(at).map(|v| (None, v)).collect();
                let result = if let Some(own) = self.local(&name) {
                    let given: Vec<Value> = others(at).collect();
                    let function = self.known.get(own).map(|k| k.function.clone());
                    match function {
                        Some(function) if self.may_enter(&function) => self.enter(own, &given),
                        _ => Value::default(),
                    }
                } else if let Some(entry) = self.dialect.table.get(&name) {
                    let range = self.at;
                    self.apply(&Call {
                        entry,
                        resolution: foretaste_model::facts::Resolution::Reflected,
                        kind: UseKind::Call,
                        receiver: None,
                        arguments: &arguments,
                        range,
                    })
                } else {
                    Value::default()
                };
                found = self.taints.union(found, result.trails);
            }
        }
        found
    }

    /// Follows what one capability does with what it is given. Returns where its result comes from.
    fn perform_one(
        &mut self,
        mark: Mark,
        call: &Call<'_>,
        given: &[Given<'_>],
        trails: SetId,
    ) -> Option<SetId> {
        let capability = mark.capability;
        if capability.is_execution() || capability == Capability::FilePermissions {
            self.runs_file(mark, call, given);
        }
        if capability == Capability::CodeEval {
            self.code(call, given);
        }
        match effect(capability) {
            _ if capability == Capability::NetworkListen => Some(self.origin(mark)),
            Effect::Source => {
                let mut found = self.source(mark);
                if capability == Capability::FileRead {
                    for key in keys(call, given) {
                        if let Some(written) = self.files.get(&key) {
                            found = self.taints.union(found, *written);
                        }
                    }
                }
                Some(self.taints.union(trails, found))
            }
            Effect::Transform => {
                if trails.is_empty() && capability.is_decoder() {
                    Some(self.origin(mark))
                } else {
                    Some(self.taints.transform(trails, mark))
                }
            }
            Effect::Sink => {
                self.sink(trails, mark, FlowLink::Data);
                if capability == Capability::FileWrite {
                    self.write(call, given, trails);
                    return Some(trails);
                }
                None
            }
            Effect::SinkAndSource => {
                self.sink(trails, mark, FlowLink::Data);
                let found = match capability {
                    Capability::ProcessSpawn | Capability::ProcessShell => self.output(mark, given),
                    _ => self.origin(mark),
                };
                if capability.is_network_source()
                    && given.iter().any(|(role, _)| *role == Some(ArgRole::Target))
                {
                    self.write(call, given, found);
                }
                Some(found)
            }
            Effect::None => None,
        }
    }

    /// A source, unless it tells nothing about anybody.
    fn source(&mut self, mark: Mark) -> SetId {
        if mark.capability != Capability::EnvironmentRead {
            return self.origin(mark);
        }
        match script::told_by_variable(self.word_of(mark.constant)) {
            Some(capability) => self.origin(Mark { capability, ..mark }),
            None => SetId::EMPTY,
        }
    }

    /// What the output of a program tells.
    fn output(&mut self, mark: Mark, given: &[Given<'_>]) -> SetId {
        let line = given
            .iter()
            .filter_map(|(_, v)| v.said())
            .collect::<Vec<_>>()
            .join(" ");
        match script::told_by_command(&line) {
            Some(capability) => self.origin(Mark { capability, ..mark }),
            None => SetId::EMPTY,
        }
    }

    /// Data arrives somewhere.
    pub(super) fn sink(&mut self, trails: SetId, sink: Mark, link: FlowLink) {
        for trail in self.taints.trails(trails).to_vec() {
            let marks = self.taints.steps(trail);
            let Some((_, source)) = marks.first() else {
                continue;
            };
            let source = *source;
            if !belong(source.capability, sink.capability) || source.range == sink.range {
                continue;
            }
            let mut steps = Vec::with_capacity(marks.len() + 1);
            for (role, mark) in marks.iter().filter(|(_, m)| m.range != sink.range) {
                steps.push(self.step(*role, *mark));
            }
            steps.push(self.step(StepRole::Sink, sink));
            let flow = Flow {
                steps,
                function: self.function,
                link,
            };
            self.facts.flow(flow, (source.range.0, sink.range.0));
        }
    }

    pub(super) fn step(&self, role: StepRole, mark: Mark) -> foretaste_model::facts::Step {
        let constant = self.word_of(mark.constant);
        self.facts.step(
            role,
            mark.capability,
            self.word_of(mark.api),
            mark.range,
            (!constant.is_empty()).then_some(constant),
        )
    }

    /// Something is run: perhaps a file that came from elsewhere.
    fn runs_file(&mut self, mark: Mark, call: &Call<'_>, given: &[Given<'_>]) {
        if mark.capability == Capability::FilePermissions || only_handles_files(given) {
            return;
        }
        for key in keys(call, given) {
            if let Some(written) = self.files.get(&key).copied() {
                self.sink(written, mark, FlowLink::Resource);
            }
        }
    }

    /// A file gets what a call is given.
    fn write(&mut self, call: &Call<'_>, given: &[Given<'_>], trails: SetId) {
        if trails.is_empty() {
            return;
        }
        let named = given
            .iter()
            .find(|(role, _)| *role == Some(ArgRole::Target))
            .or_else(|| given.iter().find(|(role, _)| *role == Some(ArgRole::Path)))
            .map(|(_, value)| *value)
            .or(call.receiver);
        let key = named.and_then(|v| v.file.clone().or_else(|| key_of(v)));
        if let Some(key) = key
            && (self.files.len() < MAX_FILES || self.files.contains_key(&key))
        {
            let before = self.files.get(&key).copied().unwrap_or(SetId::EMPTY);
            let after = self.taints.union(before, trails);
            self.files.insert(key, after);
        }
    }

    /// Code that is evaluated and stands in the file.
    fn code(&mut self, call: &Call<'_>, given: &[Given<'_>]) {
        let code = given
            .iter()
            .find(|(role, _)| *role == Some(ArgRole::Code))
            .or_else(|| given.first())
            .map(|(_, value)| *value);
        if let Some(value) = code
            && let Some(text) = value.str()
        {
            let steps: Vec<Box<str>> = if value.steps.is_empty() {
                vec![call.entry.api.into()]
            } else {
                value.steps.iter().map(|s| (*s).into()).collect()
            };
            let code = if self.dialect.folds_case && !text.contains("<?") {
                format!("<?php {text}")
            } else {
                text.trim_start_matches("?>").to_owned()
            };
            self.piece(&code, steps, call.range, true);
        }
    }

    /// A constant that was worked out.
    pub(super) fn decoded(&mut self, folded: Folded, range: Range, result: &mut Value) {
        let Folded { value, steps } = folded;
        result.constant = value.constant;
        if value.shape.is_some() {
            result.shape = value.shape;
        }
        if value.items.is_some() {
            result.items = value.items;
        }
        result.path = None;
        if let Some(Constant::Text(text)) = &result.constant {
            self.facts.bytes_literal(text, range, self.function);
            if !steps.is_empty()
                && let Ok(text) = std::str::from_utf8(text)
                && foretaste_observe::decode::looks_like_code(text)
            {
                let code = if self.dialect.folds_case && !text.contains("<?") {
                    format!("<?php {text}")
                } else {
                    text.to_owned()
                };
                let steps = steps.iter().map(|s| (*s).into()).collect();
                self.piece(&code, steps, range, false);
            }
        }
        result.steps = steps.into();
    }

    /// Exclusive or: of numbers, of texts, of what is not known.
    pub(super) fn xor(&mut self, a: &Value, b: &Value, range: Range) -> Value {
        if let (Some(a), Some(b)) = (a.integer(), b.integer()) {
            return Value::number(a ^ b);
        }
        let trails = self.taints.union(a.trails, b.trails);
        let mark = Mark {
            capability: Capability::DecodeCipher,
            api: self.word("^"),
            constant: 0,
            range,
        };
        let mut value = Value::default();
        if let (Some(text), Some(key)) = (a.bytes(), b.bytes()) {
            if let Some(folded) = fold::xor(text, key) {
                let steps = a
                    .steps
                    .iter()
                    .chain(&*b.steps)
                    .copied()
                    .chain(["xor"])
                    .collect();
                self.decoded(
                    Folded {
                        value: folded,
                        steps,
                    },
                    range,
                    &mut value,
                );
            }
            value.trails = trails;
        } else if a.integer().is_some() || b.integer().is_some() || self.dialect.folds_case {
            value.trails = if trails.is_empty() {
                self.origin(mark)
            } else {
                self.taints.transform(trails, mark)
            };
        } else {
            value.trails = trails;
        }
        value
    }

    /// An attribute that is set: what a gem's specification builds on install.
    pub(super) fn attribute(&mut self, name: &str, value: &Value, range: Range) {
        if self.dialect.folds_case || name != "extensions" {
            return;
        }
        let texts: Vec<String> = match &value.items {
            Some(items) => items.iter().filter_map(|(_, v)| v.said()).collect(),
            None => value.said().into_iter().collect(),
        };
        for target in texts.into_iter().take(16) {
            let surface = InstallSurface {
                kind: SurfaceKind::GemExtension,
                name: "extensions".into(),
                command: "".into(),
                target: target.into(),
                span: Some(self.facts.places().span(range.0, range.1)),
            };
            self.facts.surface(surface, Some(range.0));
        }
    }
}

/// Whether a source and a sink make a chain that says something.
fn belong(source: Capability, sink: Capability) -> bool {
    use Capability as C;
    let foreign = source.is_network_source() || source.is_decoder() || source == C::NetworkListen;
    if sink.is_execution() || sink == C::CodeCompile {
        return foreign;
    }
    if sink.is_network_sink() {
        return !foreign && !matches!(source, C::UserInput);
    }
    match sink {
        C::FileWrite => source.is_network_source() && source != C::NetworkListen,
        C::SystemPersist | C::SystemSettings | C::PackageInstall => foreign,
        _ => false,
    }
}

/// The constant that matters: what a role points at, or the first one.
fn constant(given: &[Given<'_>], capability: Option<Capability>) -> String {
    let of = |wanted: &[ArgRole]| {
        given
            .iter()
            .find(|(role, value)| {
                role.is_some_and(|r| wanted.contains(&r)) && value.said().is_some()
            })
            .and_then(|(_, value)| value.said())
    };
    let url = || {
        given.iter().filter_map(|(_, v)| v.said()).find(|s| {
            literal::classify(s)
                .iter()
                .any(|(k, _)| matches!(k, LiteralKind::Url))
        })
    };
    let first = || {
        given
            .iter()
            .find_map(|(_, v)| v.said())
            .filter(|s| s != "*")
    };
    let found = of(&[ArgRole::Url, ArgRole::Host, ArgRole::Name, ArgRole::Command]);
    let found = match capability {
        Some(c) if c.is_network_sink() || c.is_network_source() => {
            found.or_else(url).or_else(first)
        }
        _ => found.or_else(|| of(&[ArgRole::Path])).or_else(first),
    };
    let found = found.map(|path| match path.strip_suffix("/*") {
        // whatever lies there
        Some(folder) if capability == Some(Capability::FileRead) => format!("{folder}/{{}}"),
        _ => path,
    });
    found.unwrap_or_default().chars().take(512).collect()
}

/// What a call can do, with what its arguments say: opening a URL is no reading of a file.
fn capabilities(call: &Call<'_>, given: &[Given<'_>]) -> Vec<Capability> {
    let mut capabilities = call.entry.capabilities.to_vec();
    let Some(first) = capabilities.first_mut() else {
        return capabilities;
    };
    // what is opened decides what is written to: `fwrite($socket, ..)`
    let opened = given.first().map_or("", |(_, value)| value.object);
    if opened == "socket" && matches!(*first, Capability::FileWrite | Capability::FileRead) {
        *first = Capability::NetworkSocket;
        return capabilities;
    }
    // without a name it gives every variable: `getenv()`
    if *first == Capability::EnvironmentRead && call.entry.api == "getenv" && given.is_empty() {
        *first = Capability::EnvironmentReadAll;
    }
    let path = given
        .iter()
        .find(|(role, _)| *role == Some(ArgRole::Path))
        .and_then(|(_, value)| value.said());
    let Some(path) = path else {
        return capabilities;
    };
    let remote = ["http://", "https://", "ftp://", "ftps://"]
        .iter()
        .any(|scheme| {
            path.get(..scheme.len())
                .is_some_and(|p| p.eq_ignore_ascii_case(scheme))
        });
    match *first {
        Capability::FileRead | Capability::FileWrite if remote => {
            let saves = given.iter().any(|(role, _)| *role == Some(ArgRole::Target));
            *first = if saves {
                Capability::NetworkDownload
            } else {
                Capability::NetworkHttp
            };
        }
        Capability::CodeImport if remote => capabilities.push(Capability::NetworkHttp),
        Capability::FileRead if path == "php://input" => *first = Capability::NetworkListen,
        // Ruby starts a program for `open("|..")`
        Capability::FileRead if path.starts_with('|') => *first = Capability::ProcessShell,
        _ => {}
    }
    capabilities
}
