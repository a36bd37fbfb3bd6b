//! Event emitters: what is emitted under a name reaches whoever listens to that name.
//!
//! Which emitter it is does not matter: two objects of one file that use the same name of the file's own mean the same
//! event. The names of node itself (`data`, `error`) tell nothing, and in a whole program that is one file no name does.

use super::Evaluator;
use super::call::Site;
use crate::ir::FnId;
use crate::strings::StrId;

/// Names under which the platform's own emitters tell something.
const OF_PLATFORM: &[&str] = &[
    "abort",
    "change",
    "close",
    "connect",
    "connection",
    "data",
    "disconnect",
    "done",
    "drain",
    "end",
    "error",
    "exit",
    "finish",
    "listening",
    "load",
    "message",
    "open",
    "pause",
    "pipe",
    "readable",
    "request",
    "response",
    "resume",
    "socket",
    "timeout",
    "update",
    "upgrade",
];

/// Functions from which a file is a whole program.
const PROGRAM: usize = 500;
/// Listeners and emitters of one name that are followed.
const MAX_OF_NAME: usize = 8;
/// Names that are followed.
const MAX_NAMES: usize = 256;

/// One event's name: who listens, and where it is emitted.
#[derive(Debug, Default)]
pub(super) struct Channel {
    listeners: Vec<FnId>,
    emitters: Vec<FnId>,
}

impl Evaluator<'_> {
    /// `emitter.on(name, listener)`
    pub(super) fn listen(&mut self, site: &Site) {
        self.heap.reads.restless();
        let Some(name) = self.event_name(site) else {
            return;
        };
        let listeners: Vec<FnId> = site
            .args
            .iter()
            .skip(1)
            .flat_map(|a| self.value(a.value).functions().collect::<Vec<_>>())
            .filter(|f| *f < super::RESOLVERS)
            .collect();
        let channel = self.channels.entry(name).or_default();
        let before = channel.listeners.len();
        for listener in listeners {
            if channel.listeners.len() < MAX_OF_NAME && !channel.listeners.contains(&listener) {
                channel.listeners.push(listener);
            }
        }
        if channel.listeners.len() > before {
            self.changed = true;
            for emitter in &channel.emitters {
                self.stale.function(*emitter);
            }
        }
    }

    /// `emitter.emit(name, value…)`
    pub(super) fn emit(&mut self, site: &Site) {
        self.heap.reads.restless();
        let Some(name) = self.event_name(site) else {
            return;
        };
        let emitter = self.ir.node(site.node).function;
        let channel = self.channels.entry(name).or_default();
        if channel.emitters.len() < MAX_OF_NAME && !channel.emitters.contains(&emitter) {
            channel.emitters.push(emitter);
        }
        let values: Vec<_> = site.args.iter().skip(1).map(|a| a.value).collect();
        for listener in channel.listeners.clone() {
            self.call_back(site.node, listener, &values);
        }
    }

    /// The name of an event that only this file's own code uses.
    fn event_name(&self, site: &Site) -> Option<StrId> {
        let name = self.value(site.args.first()?.value).text;
        let text = self.ir.strings.constant(name)?;
        let known = self.channels.contains_key(&name) || self.channels.len() < MAX_NAMES;
        (known && self.ir.functions.len() < PROGRAM && !OF_PLATFORM.contains(&text)).then_some(name)
    }
}
