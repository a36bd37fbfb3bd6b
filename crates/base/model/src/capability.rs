//! Capabilities: what a piece of code can do to the machine it runs on.
//!
//! Packj calls them permissions. A capability alone is information, never an accusation; chains accuse.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident = $id:literal in $group:ident;)*) => {
        /// One capability. Its id is `<group>.<what>`, as written in capability tables, policies and reports.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum Capability { $($(#[$doc])* #[serde(rename = $id)] $variant,)* }

        impl Capability {
            /// Every capability, in the order of the reference page.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable id, e.g. `network.http`.
            pub const fn id(self) -> &'static str { match self { $(Self::$variant => $id),* } }

            /// The group it belongs to.
            pub const fn group(self) -> CapabilityGroup { match self { $(Self::$variant => CapabilityGroup::$group),* } }
        }
    };
}

capabilities! {
    /// Reads files.
    FileRead = "file.read" in File;
    /// Writes or creates files.
    FileWrite = "file.write" in File;
    /// Deletes files or folders.
    FileDelete = "file.delete" in File;
    /// Lists or walks folders.
    FileList = "file.list" in File;
    /// Changes modes or owners.
    FilePermissions = "file.permissions" in File;
    /// Unpacks archives.
    ArchiveExtract = "file.unpack" in File;
    /// Speaks HTTP as a client.
    NetworkHttp = "network.http" in Network;
    /// Downloads to a file in one call.
    NetworkDownload = "network.download" in Network;
    /// Opens raw sockets as a client.
    NetworkSocket = "network.socket" in Network;
    /// Listens for connections.
    NetworkListen = "network.listen" in Network;
    /// Reads a request that a server was sent.
    NetworkRequest = "network.request" in Network;
    /// Resolves names.
    NetworkDns = "network.dns" in Network;
    /// Sends or reads mail.
    NetworkMail = "network.mail" in Network;
    /// Speaks SSH, FTP, telnet or another remote-control or transfer protocol.
    NetworkRemote = "network.remote" in Network;
    /// Speaks WebSocket.
    NetworkWebsocket = "network.websocket" in Network;
    /// Posts to a messenger or chat platform through its client library.
    NetworkMessenger = "network.messenger" in Network;
    /// Turns transport security off or uses a clear-text protocol.
    NetworkInsecure = "network.insecure" in Network;
    /// Talks to a blockchain node or wallet.
    NetworkBlockchain = "network.blockchain" in Network;
    /// Starts programs without a shell.
    ProcessSpawn = "process.spawn" in Process;
    /// Runs a shell command line.
    ProcessShell = "process.shell" in Process;
    /// Ends or signals processes.
    ProcessControl = "process.control" in Process;
    /// Forks or daemonises.
    ProcessFork = "process.fork" in Process;
    /// Redirects standard streams to other descriptors (`dup2`).
    ProcessRedirect = "process.redirect" in Process;
    /// Reads or writes the memory of processes.
    ProcessMemory = "process.memory" in Process;
    /// Lists processes.
    ProcessList = "process.list" in Process;
    /// Evaluates text or code objects as code.
    CodeEval = "code.eval" in Code;
    /// Compiles text to code objects.
    CodeCompile = "code.compile" in Code;
    /// Imports a module chosen at run time.
    CodeImport = "code.import" in Code;
    /// Loads native code or calls foreign functions.
    CodeNative = "code.native" in Code;
    /// Reaches names through reflection.
    CodeReflect = "code.reflect" in Code;
    /// Instantiates WebAssembly.
    CodeWasm = "code.wasm" in Code;
    /// Sees what passes through a function of another library that it replaced.
    CodeIntercept = "code.intercept" in Code;
    /// Decodes text encodings (base16/32/64/85, percent, escapes).
    DecodeText = "decode.text" in Decode;
    /// Decompresses.
    DecodeCompressed = "decode.compressed" in Decode;
    /// Decrypts.
    DecodeCipher = "decode.cipher" in Decode;
    /// Loads serialised objects or byte code (`pickle`, `marshal`).
    DecodeObject = "decode.object" in Decode;
    /// Encodes to text.
    EncodeText = "encode.text" in Encode;
    /// Compresses.
    EncodeCompressed = "encode.compressed" in Encode;
    /// Encrypts.
    EncodeCipher = "encode.cipher" in Encode;
    /// Serialises objects (JSON, pickle, ...).
    EncodeObject = "encode.object" in Encode;
    /// Hashes.
    Hash = "encode.hash" in Encode;
    /// Reads environment variables: one named variable.
    EnvironmentRead = "environment.read" in Environment;
    /// Reads the whole environment.
    EnvironmentReadAll = "environment.read-all" in Environment;
    /// Changes environment variables.
    EnvironmentWrite = "environment.write" in Environment;
    /// Reads facts about the machine: host name, platform, network interfaces, hardware ids.
    HostInfo = "host.info" in Host;
    /// Reads facts about the user: login, home, groups.
    UserInfo = "host.user" in Host;
    /// Asks for the public address or location.
    HostLocation = "host.location" in Host;
    /// Reads keyboard input of the program's own user interface.
    UserInput = "device.input" in Device;
    /// Reads or sets the clipboard.
    Clipboard = "device.clipboard" in Device;
    /// Captures the screen.
    Screen = "device.screen" in Device;
    /// Hooks keyboard or mouse globally.
    Keyboard = "device.keyboard" in Device;
    /// Records audio or video.
    Camera = "device.camera" in Device;
    /// Reads credential stores: keyrings, browser stores, cookies.
    CredentialStore = "credential.store" in Credential;
    /// Reads cloud or CI tokens through a client library.
    CredentialToken = "credential.token" in Credential;
    /// Uses a cryptocurrency wallet object.
    Wallet = "credential.wallet" in Credential;
    /// Is handed a secret of its caller's: a seed phrase, a private key, the pair of keys of a wallet.
    SecretParameter = "credential.parameter" in Credential;
    /// Changes system settings: Windows registry, services, scheduled tasks.
    SystemSettings = "system.settings" in System;
    /// Reads system settings, e.g. the Windows registry.
    SystemSettingsRead = "system.settings-read" in System;
    /// Installs itself to run again: services, cron, autostart.
    SystemPersist = "system.persist" in System;
    /// Changes user, group or privileges.
    SystemPrivilege = "system.privilege" in System;
    /// Installs or publishes packages.
    PackageInstall = "system.package" in System;
    /// Accesses databases.
    Database = "data.database" in Data;
    /// Reads the clock or sleeps.
    Time = "time.clock" in Time;
    /// Detects debuggers, sandboxes or virtual machines.
    DetectAnalysis = "evasion.detect" in Evasion;
    /// Silences output, errors or logs.
    Silence = "evasion.silence" in Evasion;
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Capability {
    type Err = String;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|c| c.id() == id)
            .ok_or_else(|| format!("unknown capability `{id}`"))
    }
}

impl Capability {
    /// True if data can leave the machine through it.
    pub const fn is_network_sink(self) -> bool {
        matches!(
            self,
            Self::NetworkHttp
                | Self::NetworkSocket
                | Self::NetworkDns
                | Self::NetworkMail
                | Self::NetworkRemote
                | Self::NetworkWebsocket
                | Self::NetworkMessenger
        )
    }

    /// True if what it returns can come from another machine.
    pub const fn is_network_source(self) -> bool {
        matches!(
            self,
            Self::NetworkHttp
                | Self::NetworkDownload
                | Self::NetworkSocket
                | Self::NetworkRemote
                | Self::NetworkWebsocket
                | Self::NetworkMail
                | Self::NetworkMessenger
        )
    }

    /// True if it runs something that was data before.
    pub const fn is_execution(self) -> bool {
        matches!(
            self,
            Self::ProcessSpawn
                | Self::ProcessShell
                | Self::CodeEval
                | Self::CodeImport
                | Self::CodeNative
        )
    }

    /// True if a chain from this source to that sink says anything about intent; `between` is what the data passes through,
    /// `carries_out` says that the sink runs a command that itself talks to the network.
    pub fn tells_with(
        self,
        sink: Self,
        between: impl Iterator<Item = Self>,
        carries_out: bool,
    ) -> bool {
        let (mut hashed, mut ciphered) = (false, false);
        for step in between {
            hashed |= step == Self::Hash;
            ciphered |= step == Self::EncodeCipher;
        }
        let (from_network, decoded) = (self.is_network_source(), self.is_decoder());
        // a digest of a file or secret does not give it away; a digest of a machine's identity still names it
        if hashed && !matches!(self, Self::HostInfo | Self::UserInfo) {
            return false;
        }
        let weak = matches!(
            self,
            Self::EnvironmentRead
                | Self::HostInfo
                | Self::UserInfo
                | Self::FileRead
                | Self::UserInput
                | Self::ProcessSpawn
                | Self::ProcessShell
        );
        match (self, sink) {
            // what a caller or client gives is for the program it calls: only leaving, or being run, tells
            (Self::SecretParameter, _) => return sink.is_network_sink(),
            (Self::NetworkRequest, _) => {
                return matches!(
                    sink,
                    Self::CodeEval | Self::CodeCompile | Self::ProcessShell
                );
            }
            _ => {}
        }
        match sink {
            Self::FileWrite if matches!(self, Self::FileRead) => ciphered,
            Self::FileWrite => !weak || decoded,
            // children inherit the environment anyway
            Self::ProcessSpawn | Self::ProcessShell => {
                (!weak && !matches!(self, Self::EnvironmentReadAll)) || carries_out
            }
            c if c.is_network_sink() => !from_network && !decoded,
            Self::CodeEval
            | Self::CodeCompile
            | Self::CodeImport
            | Self::CodeNative
            | Self::CodeWasm => !matches!(self, Self::HostInfo | Self::UserInfo),
            Self::SystemSettings | Self::SystemPersist => !weak,
            _ => true,
        }
    }

    /// True if it unwraps data into a clearer form.
    pub const fn is_decoder(self) -> bool {
        matches!(self.group(), CapabilityGroup::Decode)
    }
}

/// A family of capabilities, for summaries.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum CapabilityGroup {
    /// Files and folders.
    File,
    /// Other machines.
    Network,
    /// Programs and processes.
    Process,
    /// Code made or loaded at run time.
    Code,
    /// Unwrapping data.
    Decode,
    /// Wrapping data.
    Encode,
    /// Environment variables.
    Environment,
    /// Facts about machine and user.
    Host,
    /// Input and output devices.
    Device,
    /// Secrets.
    Credential,
    /// System configuration.
    System,
    /// Databases.
    Data,
    /// Clock.
    Time,
    /// Hiding.
    Evasion,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_read_back() {
        let ids: HashSet<_> = Capability::ALL.iter().map(|c| c.id()).collect();
        assert_eq!(ids.len(), Capability::ALL.len());
        for capability in Capability::ALL {
            assert_eq!(
                capability.id().parse::<Capability>().as_ref(),
                Ok(capability)
            );
        }
    }
}
