//! Events: one thing that one process did. Everything in them comes from the watched program and is hostile text.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A program that ran. A process that becomes another program is another entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Process {
    /// The process's number on the host.
    pub pid: u32,
    /// Which entry started it.
    pub parent: Option<usize>,
    /// The program's file.
    pub program: String,
    /// Its arguments, the first one its name.
    pub arguments: Vec<String>,
    /// Where it was started.
    pub directory: String,
    /// The package whose code it is, as far as folders and variables tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Microseconds since the run began.
    pub time: u64,
    /// The entry of the process that did it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<usize>,
    /// What.
    #[serde(flatten)]
    pub action: Action,
}

/// Whether something was let through.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// It was.
    Allowed,
    /// It was not.
    Denied,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Action {
    /// A program was started. Its entry is the event's process.
    Exec,
    /// A name was asked for.
    Name {
        /// The name.
        name: String,
        /// The type of record: `A`, `TXT`, ...
        kind: String,
        /// The address that was asked.
        resolver: String,
        /// The answer.
        access: Access,
        /// Why not.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A connection was made or tried, or a datagram was sent.
    Connection {
        /// The address as the program gave it.
        address: String,
        /// The port.
        port: u16,
        /// `tcp`, `udp`, `unix`.
        protocol: String,
        /// The name that the address was given out for, or that the connection named.
        #[serde(skip_serializing_if = "Option::is_none")]
        host: Option<String>,
        /// Whether it was let through.
        access: Access,
        /// Why not.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Bytes sent.
        sent: u64,
        /// Bytes received.
        received: u64,
    },
    /// A request that the supervisor could read, because it was not encrypted or because the host was not allowed.
    Request {
        /// The host that it was for.
        host: String,
        /// The method.
        method: String,
        /// The path.
        path: String,
        /// Bytes of head and body that were read.
        bytes: u64,
        /// Whether it was let through.
        access: Access,
    },
    /// A file that holds secrets, or would, was opened.
    SensitiveRead {
        /// The file.
        path: String,
        /// What it holds.
        what: String,
    },
    /// A file was written, for the first time in this run.
    Write {
        /// The file.
        path: String,
    },
    /// A file was removed.
    Remove {
        /// The file.
        path: String,
    },
    /// A file was made executable or set-user-id.
    Mode {
        /// The file.
        path: String,
        /// The new mode.
        mode: u32,
    },
    /// A system call was refused.
    Refused {
        /// The call.
        call: String,
        /// What it would be good for.
        reason: String,
    },
    /// A file in memory was made.
    MemoryFile,
    /// The process slept.
    Sleep {
        /// Whole seconds.
        seconds: u64,
    },
    /// A socket became standard input or output.
    SocketAsStandard {
        /// Which.
        descriptor: u8,
    },
    /// A planted secret was seen where it has no business.
    Canary {
        /// Which: `github-token`, ...
        canary: String,
        /// Where it was seen.
        place: CanaryPlace,
        /// How it was written: `plain`, `base64`, ...
        encoding: String,
        /// What it was found in: a host, a file.
        detail: String,
    },
}

/// Where a canary was seen.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum CanaryPlace {
    /// In what would have gone over the network.
    Egress,
    /// In a name that was asked for.
    Name,
    /// In a program's arguments.
    Argument,
    /// In a file that was written.
    File,
}
