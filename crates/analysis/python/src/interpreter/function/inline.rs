//! Functions that are seen through: run once more with the arguments of a call.

use super::super::Interpreter;
use super::State;
use crate::value::{Shape, Value};

/// Bytes of source up to which a function is small enough to be seen through.
const SMALL: u32 = 4_000;
/// Functions run once more with known arguments: in one file, and of one function.
const MAX_INLINED: u32 = 400;
const MAX_INLINED_EACH: u32 = 24;
/// Classes of objects for which one inherited method is run once more.
const MAX_INHERITED: u32 = 4;

/// True for objects that talk to other machines: a function that is handed one does, too.
fn is_client(kind: &str) -> bool {
    matches!(
        kind,
        "aiohttp.ClientSession"
            | "ftplib.FTP"
            | "http.client.HTTPConnection"
            | "http.client.HTTPSConnection"
            | "httpx.AsyncClient"
            | "httpx.Client"
            | "paramiko.SSHClient"
            | "requests.Session"
            | "smtplib.SMTP"
            | "smtplib.SMTP_SSL"
            | "socket.socket"
            | "urllib3.PoolManager"
    )
}

impl Interpreter<'_> {
    /// Runs a small function once more if its arguments are known and that can tell something new.
    pub(super) fn inline(
        &mut self,
        index: u32,
        values: &[Value],
        active: bool,
        returned: Value,
    ) -> Option<Value> {
        let from_parameters = self.taints.has_own(returned.taint) || returned.shape.is_telling();
        let function = self.functions.get_mut(index as usize)?;
        // a method of a base class calls what the object's own class makes of the others
        let inherited = match (values.first().map(|v| v.shape), function.class) {
            (Some(Shape::Instance(class)), Some(own)) => {
                class != own && function.inlined < MAX_INHERITED
            }
            _ => false,
        };
        let carries = values
            .iter()
            .any(|v| matches!(v.shape, Shape::Object(kind) if is_client(self.symbols.name(kind))));
        // what an object is made with, it calls later
        let keeps_callback = function.name.ends_with("__init__")
            && values.iter().skip(1).any(|v| v.shape.is_own_callable());
        let worth = inherited
            || carries
            || keeps_callback
            || ((active || from_parameters)
                && values.iter().any(|v| v.shape.is_constant_or_callable()));
        let small = function.range.1.saturating_sub(function.range.0) <= SMALL;
        if !worth
            || !small
            || function.inlined >= MAX_INLINED_EACH
            || self.inlined >= MAX_INLINED
            || self.calls >= 5
            || function.state != State::Done
        {
            return None;
        }
        function.inlined += 1;
        function.state = State::Running;
        self.inlined += 1;
        let again = std::mem::replace(&mut self.frame.again, true);
        let value = self.execute(index, values);
        self.frame.again = again;
        if let Some(function) = self.functions.get_mut(index as usize) {
            function.state = State::Done;
        }
        Some(value)
    }
}
