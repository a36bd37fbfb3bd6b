//! Facts about code: functions, uses, chains, imports.

use serde::{Deserialize, Serialize};

use crate::{Capability, Span};

/// A function, or the body of a module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// Qualified name inside the file (`AfterInstall.run`); `<module>` for the body.
    pub name: Box<str>,
    /// What it is.
    pub kind: FunctionKind,
    /// Its definition.
    pub span: Span,
    /// The function that contains it.
    pub parent: Option<u32>,
    /// What it calls, in source order, without repeats.
    pub calls: Vec<Callee>,
    /// True if the module body reaches it by calls inside this file.
    pub at_import: bool,
}

/// What a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FunctionKind {
    /// The top level of a file.
    Module,
    /// A function or closure.
    Function,
    /// A method of a class or object.
    Method,
}

/// The target of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Callee {
    /// A function of this file, by index.
    Local(u32),
    /// A resolved dotted name outside of it: `os.system`, `.helper.send`, `child_process.exec`.
    External(Box<str>),
}

/// An imported module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// The module as written: `os.path`, `.helper`, `node:fs`, `./util.js`.
    pub module: Box<str>,
    /// Names taken from it; empty for the module itself, `*` for all.
    pub names: Vec<Box<str>>,
    /// Where.
    pub span: Span,
    /// The function in which it stands.
    pub function: u32,
}

/// One use of a capability.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// What it can do.
    pub capability: Capability,
    /// The resolved API: `os.environ`, `requests.post`, `child_process.exec`.
    pub api: Box<str>,
    /// Where.
    pub span: Span,
    /// The function in which it stands.
    pub function: u32,
    /// How the API was reached.
    pub resolution: Resolution,
    /// How it is used.
    pub kind: UseKind,
    /// Constant string arguments or keys after folding, in order, each cut at 512 characters: at most four, of a command
    /// at most twelve.
    pub constants: Vec<Box<str>>,
}

/// How an API was reached. Detours are themselves a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Resolution {
    /// By its own name or an ordinary import alias.
    Direct,
    /// Through a variable that was bound to it (`e = exec`).
    Rebound,
    /// Through `getattr`, `globals()`, `__import__`, `importlib`, `require` with a computed constant.
    Reflected,
    /// On an object of a known kind (`session.post`, `sock.send`).
    Method,
}

/// The name under which observers write down whom a mail is copied to without its other readers' knowledge.
pub const HIDDEN_COPY: &str = "message.bcc";

/// The name under which observers write down to which constant address a payment goes.
pub const FIXED_PAYEE: &str = "payment.to";

/// How an API is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum UseKind {
    /// Called.
    Call,
    /// Read or passed on as a value.
    Read,
    /// Assigned to.
    Write,
}

/// A chain inside one file: an ordered source → transform → sink.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Its steps, source first, sink last.
    pub steps: Vec<Step>,
    /// The function of the sink.
    pub function: u32,
    /// What connects the steps.
    pub link: FlowLink,
}

/// One step of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its part in the chain.
    pub role: StepRole,
    /// The capability used.
    pub capability: Capability,
    /// The resolved API.
    pub api: Box<str>,
    /// Where.
    pub span: Span,
    /// The constant that matters at this step (URL, path, variable, command), if any.
    pub constant: Option<Box<str>>,
}

impl Step {
    /// True for a command that itself carries data to another machine.
    pub fn carries_out(&self) -> bool {
        self.constant.as_deref().is_some_and(carries_out)
    }
}

/// True for a command line that carries data to another machine.
pub fn carries_out(command: &str) -> bool {
    [
        "http", "curl", "wget", "nslookup", "ping ", "dig ", "nc ", "/dev/tcp", "ftp", "scp ",
    ]
    .iter()
    .any(|sign| command.contains(sign))
}

/// The part of a step in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum StepRole {
    /// Where the data comes from.
    Source,
    /// What it passes through.
    Transform,
    /// Where it ends.
    Sink,
}

/// What connects the steps of a chain, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FlowLink {
    /// A value was followed from step to step.
    Data,
    /// A file or resource written by one step is used by the next (same constant path or handle).
    Resource,
    /// The steps follow one another in one function, without a proven link.
    Scope,
}

/// A piece of a chain that begins or ends in another file: pieces of several files are put together when a package is
/// judged, so that each file is read alone and once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Where its data comes from.
    pub from: PieceStart,
    /// Where its data goes.
    pub to: PieceEnd,
    /// The steps that lie in this file, in order.
    pub steps: Vec<Step>,
    /// The function of the last step, or in which the data leaves the file.
    pub function: u32,
}

/// A function under the name by which other files import it: `default` for what a module is as a whole, `Name.method` for a
/// method of an exported class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// The name.
    pub name: Box<str>,
    /// The function, as an index.
    pub function: u32,
}

/// Where the data of a [`Piece`] comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PieceStart {
    /// Its first step.
    Source,
    /// What a function of this file is given.
    Parameter {
        /// The function.
        function: u32,
        /// The position, from 0; a receiver counts.
        position: u16,
        /// The name by which a caller can give it.
        name: Box<str>,
    },
    /// What a resolved name of another module holds, or gives when it is called.
    Outside(Box<str>),
}

/// Where the data of a [`Piece`] goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PieceEnd {
    /// Its last step.
    Sink,
    /// A function of this file gives it back.
    Result(u32),
    /// A variable of the module holds it.
    Variable(Box<str>),
    /// It is handed to a resolved name of another module.
    Argument {
        /// Whom.
        callee: Box<str>,
        /// The position, from 0, without a receiver.
        position: u16,
        /// The keyword, if it has one.
        keyword: Option<Box<str>>,
    },
}
