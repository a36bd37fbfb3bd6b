//! What a source of events tells: raw, in the order in which it saw it, with hostile text in it.

use std::net::IpAddr;

/// One thing that a source saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    /// A process became a program.
    Exec(Started),
    /// A process was made as a copy of another.
    Fork {
        /// Who made it.
        parent: u32,
        /// Its number.
        child: u32,
    },
    /// A process ended: nothing is told of it, but who waits for the end looks at once.
    Exit {
        /// Its number.
        pid: u32,
    },
    /// A connection was begun, or a datagram sent.
    Connect(Connect),
    /// A socket was asked for that sends past every hook.
    RawSocket {
        /// By whom.
        pid: u32,
        /// `packet` or `raw`.
        kind: &'static str,
    },
    /// A name was asked for.
    Query {
        /// Who asked, if that is known.
        pid: Option<u32>,
        /// The name, in lower case.
        name: String,
        /// The type of record.
        kind: String,
        /// Whom it was asked.
        resolver: IpAddr,
        /// `udp` or `tcp`.
        protocol: &'static str,
        /// True if it was not answered because the policy does not allow the name.
        denied: bool,
    },
    /// A name server told the addresses of a name.
    Answer {
        /// The name that was asked for.
        name: String,
        /// What it stands for.
        addresses: Vec<IpAddr>,
    },
    /// A file was written and closed.
    Write {
        /// By whom.
        pid: u32,
        /// The file.
        path: String,
        /// The SHA-256 of its content, of files that are artifacts of packages.
        sha256: Option<String>,
    },
    /// A file that holds secrets was opened.
    Read {
        /// By whom.
        pid: u32,
        /// The file.
        path: String,
    },
    /// The monitor itself or what it needs was touched: a program was ended, a hook removed.
    Tampered {
        /// What happened.
        what: String,
    },
    /// So many events were not seen because there were too many.
    Lost(u64),
    /// Something cannot be seen from now on.
    Gap(String),
}

/// A program that was started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Started {
    /// The process.
    pub pid: u32,
    /// Who made the process; 0 if that is not known.
    pub parent: u32,
    /// The file.
    pub program: String,
    /// The arguments, the name first.
    pub arguments: Vec<String>,
    /// Where it runs; empty if that is not known.
    pub directory: String,
    /// The step of the job, as the environment names it.
    pub step: Option<String>,
}

/// A connection or datagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connect {
    /// By whom, if that is known.
    pub pid: Option<u32>,
    /// To which address.
    pub address: IpAddr,
    /// To which port; 0 for protocols without ports.
    pub port: u16,
    /// `tcp`, `udp`, `icmp`, ...
    pub protocol: &'static str,
    /// True if it was not let through.
    pub denied: bool,
    /// True if it was led to the monitor's own name server.
    pub redirected: bool,
    /// True if it was seen on the wire, not where the program asked the kernel for it.
    pub on_wire: bool,
}
