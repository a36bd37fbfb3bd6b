//! Facts about native code.

use serde::{Deserialize, Serialize};

/// Headers of a native binary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BinaryFacts {
    /// The container format.
    pub format: BinaryFormat,
    /// Machine architecture, e.g. `x86_64`.
    pub architecture: Box<str>,
    /// True for an executable, false for a library or object.
    pub executable: bool,
    /// Imported libraries, at most 64.
    pub libraries: Vec<Box<str>>,
    /// Imported symbols that stand for a capability (`execve`, `connect`, `CreateRemoteThread`), at most 64.
    pub symbols: Vec<Box<str>>,
    /// The packer, if one was recognised by name or section (`UPX`, ...).
    pub packer: Option<Box<str>>,
    /// Bytes behind the last section.
    pub overlay: u64,
    /// The highest entropy of an executable section, bits per byte.
    pub code_entropy: f32,
}

/// Container formats of native code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum BinaryFormat {
    /// Linux and BSD.
    Elf,
    /// Windows.
    Pe,
    /// macOS.
    MachO,
    /// WebAssembly.
    Wasm,
    /// Python byte code.
    Pyc,
    /// A static library.
    Ar,
}

impl BinaryFormat {
    /// The name people use.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Elf => "ELF",
            Self::Pe => "PE",
            Self::MachO => "Mach-O",
            Self::Wasm => "WebAssembly",
            Self::Pyc => "Python byte code",
            Self::Ar => "static library",
        }
    }
}
