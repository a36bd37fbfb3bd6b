//! The only door to disk, network and other programs.
//!
//! Everything else in the workspace is a function of what comes through here. Every error says which path, URL or
//! program it concerns and what to do; secrets are a type that cannot be printed.

pub mod command;
mod command_line;
mod confine;
pub mod credentials;
pub mod digests;
pub mod dns;
pub mod environment;
pub mod files;
pub mod git;
pub mod http;
mod listen;
pub mod mail;
mod notebook;
pub mod objects;
pub mod otlp;
pub mod outbound;
pub mod safe_url;
pub mod secret;
mod tree;

pub use command::{CommandError, CommandOutput, Program, RawOutput};
pub use command_line::python_module;
pub use confine::{confine, processor_time};
pub use credentials::{Auth, Credentials};
pub use dns::{Dated, Dns, DnsAnswer, DnsError, RecordKind};
pub use environment::Environment;
pub use files::{FileError, FileResult};
pub use http::{
    Arrived, CachePolicy, HttpClient, HttpCounts, HttpError, HttpOptions, Incoming, Reach, Request,
    Response, Saved,
};
pub use listen::{ListenError, listen};
pub use notebook::{Note, Notebook};
pub use objects::{Bucket, ObjectError, Objects};
pub use safe_url::SafeUrl;
pub use secret::Secret;
pub use tree::{Tree, tree};
