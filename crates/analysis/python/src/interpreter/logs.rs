//! Logs that leave the machine: handlers of `logging`, and what is logged.

use foretaste_model::Capability;
use foretaste_observe::taint::{Mark, SetId};

use super::Interpreter;
use super::call::Arg;
use crate::symbols::SymId;
use crate::value::Shape;

/// Methods that write a record.
const WRITES: &[&str] = &[
    "critical",
    "debug",
    "error",
    "exception",
    "info",
    "log",
    "warn",
    "warning",
];

impl<'a> Interpreter<'a> {
    /// A handler is made that sends records to a constant host.
    pub(super) fn note_handler(&mut self, sym: SymId, args: &[Arg<'a>], range: (u32, u32)) {
        let capability = match self.symbols.name(sym) {
            "logging.handlers.HTTPHandler" => Capability::NetworkHttp,
            "logging.handlers.SocketHandler"
            | "logging.handlers.DatagramHandler"
            | "logging.handlers.SysLogHandler" => Capability::NetworkSocket,
            "logging.handlers.SMTPHandler" => Capability::NetworkMail,
            _ => return,
        };
        let host = args.first().map(|a| match a.value.shape {
            Shape::List(list) => self.elements(list).first().map(|v| v.shape),
            shape => Some(shape),
        });
        if let Some(Some(Shape::Str(host))) = host {
            self.remote_log = Some(Mark {
                capability,
                api: sym.0,
                constant: host.0 + 1,
                range,
            });
        }
    }

    /// Something is logged.
    pub(super) fn logged(&mut self, method: &str, args: &[Arg<'a>]) {
        let Some(mark) = self.remote_log else {
            return;
        };
        if WRITES.binary_search(&method).is_err() {
            return;
        }
        let mut data = SetId::EMPTY;
        for arg in args {
            data = self.union(data, arg.value.taint);
        }
        let data = self.data_only(data);
        self.arrive(data, mark, self.frame.fact);
    }
}
