//! Files: what is read from them, what is written to them, and under which names that is remembered.

use foretaste_model::Capability;
use foretaste_model::facts::UseKind;
use foretaste_observe::table::{ArgRole, Entry};
use foretaste_observe::taint::{Mark, Origin, SetId};

use super::Interpreter;
use super::api::argument;
use super::call::Arg;
use super::sink::WriteKey;
use crate::symbols::{Special, SymId};
use crate::value::{Shape, Value};

impl<'a> Interpreter<'a> {
    /// `open(…)`: reading or writing, by its mode.
    pub(super) fn open_capability(&self, entry: &'static Entry, args: &[Arg<'a>]) -> Capability {
        let archive = entry.capability() == Some(Capability::ArchiveExtract);
        // `Path.open(mode)` has no path argument
        let mode = argument(entry, ArgRole::Mode, args)
            .or_else(|| {
                (entry.api == "pathlib.Path.open")
                    .then(|| args.first().map(|a| a.value))
                    .flatten()
            })
            .and_then(|v| self.text_of(v));
        let writes = mode.is_some_and(|m| m.len() < 8 && m.contains(['w', 'a', 'x', '+']));
        match (writes, archive) {
            (true, false) => Capability::FileWrite,
            (true, true) => Capability::EncodeCompressed,
            (false, true) => Capability::ArchiveExtract,
            (false, false) => Capability::FileRead,
        }
    }

    pub(super) fn file_read(
        &mut self,
        entry: &'static Entry,
        callee: Value,
        args: &[Arg<'a>],
        mark: Mark,
    ) -> SetId {
        let path = argument(entry, ArgRole::Path, args)
            .filter(|_| entry.api != "pathlib.Path.open")
            .unwrap_or(Value::tainted(callee.taint));
        let source = self.taints.origin(Origin::Source(mark));
        // what was written there a moment ago is what comes out
        let resource = self.resource_of(callee, path);
        let content = match self.read_back(resource) {
            Some(write) => self.union(write.data.taint, source),
            None => source,
        };
        if entry.api != "os.open" {
            return content;
        }
        // what is written to the descriptor belongs to the path
        let label = mark.range.0;
        for key in self.write_keys(path) {
            self.alias_write(label, key);
        }
        let handle = self.taints.origin(Origin::Resource(label));
        self.union(content, handle)
    }

    /// A file without a name: what is written to it, and what is started from it, is known by its descriptor.
    pub(super) fn memory_file(&mut self, sym: SymId, callee: Value, range: (u32, u32)) -> Value {
        self.external_call(sym);
        self.report_use(sym, range, UseKind::Call, callee.via, &[]);
        Value::tainted(self.taints.origin(Origin::Resource(range.0)))
    }

    /// The path that a file API works on: its argument, or the path object whose method it is.
    fn resource_of(&self, callee: Value, path: Value) -> Value {
        if self.text_of(path).is_some() || !path.taint.is_empty() {
            path
        } else {
            callee
        }
    }

    pub(super) fn file_write(
        &mut self,
        entry: &'static Entry,
        special: Special,
        callee: Value,
        args: &[Arg<'a>],
        mark: Mark,
    ) -> SetId {
        if special == Special::Open || special == Special::TempFile {
            // an open file: remembered by a label, so that what is written to it belongs to its path
            let label = mark.range.0;
            let handle = self.taints.origin(Origin::Resource(label));
            let path = argument(entry, ArgRole::Path, args);
            if special == Special::Open
                && let Some(path) = path
            {
                for key in self.write_keys(path) {
                    self.alias_write(label, key);
                }
            }
            if entry.api == "pathlib.Path.open" {
                for key in self.write_keys(callee) {
                    self.alias_write(label, key);
                }
            }
            return handle;
        }
        if let (Some(from), Some(to)) = (
            argument(entry, ArgRole::Path, args),
            argument(entry, ArgRole::Target, args),
        ) {
            // copied or moved: the new place holds what the old one held
            if let Some(write) = self.read_back(from) {
                let keys = self.write_keys(to);
                self.written(keys, write.data, write.mark);
            }
            return SetId::EMPTY;
        }
        let mut data = Value::UNKNOWN;
        for (i, arg) in args.iter().enumerate() {
            let role = entry.role_of(Some(i), arg.name.unwrap_or(""));
            if role == Some(ArgRole::Data) {
                data = self.join(data, arg.value);
            }
        }
        if data.shape == Shape::Unknown && data.taint.is_empty() {
            return SetId::EMPTY;
        }
        let taint = self.data_only(data.taint);
        self.arrive(taint, mark, self.frame.fact);
        let mut keys = self.write_keys(callee);
        // the descriptor, where there is no object
        if let Some(descriptor) = argument(entry, ArgRole::Path, args) {
            keys.extend(self.write_keys(descriptor));
        }
        let mut all = keys.clone();
        for key in keys {
            if let WriteKey::Label(label) = key {
                all.extend(self.aliases_of(label));
            }
        }
        self.written(all, data.with(taint), mark);
        SetId::EMPTY
    }

    fn alias_write(&mut self, label: u32, key: WriteKey) {
        let keys = self.opened.entry(label).or_default();
        if keys.len() < 8 && !keys.contains(&key) {
            keys.push(key);
        }
    }

    fn aliases_of(&self, label: u32) -> Vec<WriteKey> {
        self.opened.get(&label).cloned().unwrap_or_default()
    }
}
