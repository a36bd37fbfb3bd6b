//! Uses of capabilities, as facts.

use foretaste_model::Capability;
use foretaste_model::facts::{Callee, Resolution, UseKind};
use foretaste_observe::taint::{Mark, Origin};
use foretaste_observe::{MAX_CONSTANTS, UseSite};

use super::Interpreter;
use crate::symbols::{Special, SymId};
use crate::value::{Shape, Value};

impl Interpreter<'_> {
    /// Reports a use of an API that the table knows.
    pub(super) fn report_use(
        &mut self,
        sym: SymId,
        range: (u32, u32),
        kind: UseKind,
        resolution: Resolution,
        args: &[Value],
    ) {
        let Some(entry) = self.symbols.entry(sym) else {
            return;
        };
        self.report(sym, entry.capabilities, range, kind, resolution, args);
    }

    pub(super) fn report(
        &mut self,
        sym: SymId,
        capabilities: &[Capability],
        range: (u32, u32),
        kind: UseKind,
        resolution: Resolution,
        args: &[Value],
    ) {
        if capabilities.is_empty() {
            return;
        }
        if let Some(function) = self.frame.func {
            self.activate(function);
        }
        if matches!(kind, UseKind::Call | UseKind::Read)
            && capabilities
                .iter()
                .any(|c| matches!(c, Capability::CodeEval | Capability::CodeCompile))
        {
            self.hidden = true;
        }
        // of a command every word counts
        let most = match capabilities {
            [Capability::ProcessSpawn | Capability::ProcessShell, ..] => MAX_CONSTANTS,
            _ => 4,
        };
        let constants = self.constant_arguments(args, most);
        let site = UseSite {
            api: self.symbols.name(sym),
            range,
            function: self.frame.fact,
            resolution,
            kind,
        };
        self.facts.uses(site, capabilities, || {
            constants.iter().map(|c| c.as_str().into()).collect()
        });
    }

    /// The first constant texts among the arguments.
    fn constant_arguments(&self, args: &[Value], most: usize) -> Vec<String> {
        let mut found = Vec::new();
        for arg in args {
            match arg.shape {
                Shape::List(list) => {
                    for element in self.elements(list).iter().take(16) {
                        found.extend(self.constant_text(*element));
                    }
                }
                _ => found.extend(self.constant_text(*arg)),
            }
            if found.len() >= most {
                break;
            }
        }
        found.truncate(most);
        found
    }

    fn constant_text(&self, value: Value) -> Option<String> {
        match value.shape {
            Shape::Bytes(id) => std::str::from_utf8(self.constants.bytes(id)).ok().map(cut),
            _ => self.text_of(value).map(cut),
        }
    }

    /// An API is named without being called.
    pub(super) fn read_api(&mut self, sym: SymId, range: (u32, u32), value: Value) -> Value {
        let Some(entry) = self.symbols.entry(sym) else {
            return value;
        };
        self.report(
            sym,
            entry.capabilities,
            range,
            UseKind::Read,
            value.via,
            &[],
        );
        if self.symbols.special(sym) == Special::Environ {
            let mark = Mark {
                capability: Capability::EnvironmentReadAll,
                api: sym.0,
                constant: 0,
                range,
            };
            self.event(mark);
            let taint = self.taints.origin(Origin::Source(mark));
            return value.with(taint);
        }
        // a part of a request is what somebody sent
        if self.is_part_of_request(value) {
            let taint = self.begins(Capability::NetworkRequest, sym, range);
            return value.with(taint);
        }
        value
    }

    /// True for `flask.request.args` and its like: a member that holds what a request brings.
    pub(super) fn is_part_of_request(&self, value: Value) -> bool {
        matches!(value.shape, Shape::Api(sym) if self
            .symbols
            .entry(sym)
            .is_some_and(|e| e.capability() == Some(Capability::NetworkRequest)))
    }

    /// Records a call of something outside of the file.
    pub(super) fn external_call(&mut self, sym: SymId) {
        let name = self.symbols.name(sym);
        if name.contains('.') {
            let name = name.into();
            self.facts.call(self.frame.fact, Callee::External(name));
        }
    }
}

fn cut(text: &str) -> String {
    text.chars().take(512).collect()
}
