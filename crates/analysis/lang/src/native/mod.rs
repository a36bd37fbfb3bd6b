//! Native and byte code: headers, imports, packers. Nothing of it runs.

mod elf;
mod mach;
mod pe;
mod pyc;
mod strings;
mod symbols;
mod wasm;

use foretaste_model::facts::{
    BinaryFacts, BinaryFormat, FileFacts, Language, Layer, ParseOutcome, Problem, ProblemKind,
};
use foretaste_model::{Limits, Span};

use crate::text::entropy;

/// Libraries and symbols that are kept.
const MAX_NAMES: usize = 64;

/// Entropy of code is measured on so many bytes of a section at most.
const ENTROPY_SAMPLE: usize = 4 << 20;

/// Reads native code of any container format.
pub(crate) fn observe(bytes: &[u8]) -> FileFacts {
    let read = match bytes {
        [0x7f, b'E', b'L', b'F', ..] => elf::read(bytes),
        [b'M', b'Z', ..] => pe::read(bytes),
        [b'!', b'<', b'a', b'r', b'c', b'h', b'>', ..] => Ok(archive(bytes)),
        _ => mach::read(bytes),
    };
    facts(Language::Native, bytes, read)
}

/// Reads a WebAssembly module.
pub(crate) fn observe_wasm(bytes: &[u8]) -> FileFacts {
    facts(Language::Bytecode, bytes, wasm::read(bytes))
}

/// Reads Python byte code: its header, and as a layer what the code names and holds.
pub(crate) fn observe_pyc(bytes: &[u8], limits: &Limits) -> FileFacts {
    let mut facts = facts(Language::Bytecode, bytes, pyc::read(bytes));
    let inner = crate::stack::large(|| foretaste_python::byte_code(bytes, limits));
    if let Some(inner) = inner.flatten() {
        facts.layers.push(Layer {
            steps: vec!["names in byte code".into()],
            span: Span::default(),
            executed: true,
            facts: Box::new(inner),
        });
    }
    facts
}

fn facts(language: Language, bytes: &[u8], read: Result<BinaryFacts, String>) -> FileFacts {
    let mut facts = FileFacts {
        language,
        ..FileFacts::default()
    };
    facts.literals = strings::literals(bytes);
    match read {
        Ok(mut binary) => {
            for names in [&mut binary.libraries, &mut binary.symbols] {
                names.sort_unstable();
                names.dedup();
                names.truncate(MAX_NAMES);
            }
            facts.outcome = ParseOutcome::Parsed;
            facts.uses = symbols::uses(&binary.symbols);
            facts.binary = Some(binary);
        }
        Err(message) => {
            // no system loads a broken program, and its strings were read; bytecode that nobody can read stays unread
            facts.outcome = match language {
                Language::Native => ParseOutcome::Scanned,
                _ => ParseOutcome::Unreadable,
            };
            facts.problems.push(Problem {
                kind: ProblemKind::Malformed,
                span: None,
                message: message.into(),
            });
        }
    }
    facts
}

/// An empty record of a format.
fn blank(format: BinaryFormat) -> BinaryFacts {
    BinaryFacts {
        format,
        architecture: "".into(),
        executable: false,
        libraries: Vec::new(),
        symbols: Vec::new(),
        packer: None,
        overlay: 0,
        code_entropy: 0.0,
    }
}

/// A static library: its symbols are those of its object files, which link time decides about.
fn archive(bytes: &[u8]) -> BinaryFacts {
    let mut facts = blank(BinaryFormat::Ar);
    // the first object that says so names the machine
    if let Some(at) = memchr::memmem::find(bytes, b"\x7fELF")
        && let Some(machine) = bytes.get(at + 18..at + 20)
    {
        facts.architecture = elf::machine(u16::from_le_bytes([machine[0], machine[1]])).into();
    }
    facts
}

/// The entropy of a byte range of the file; 0 outside of it.
fn entropy_of(bytes: &[u8], offset: u64, size: u64) -> f32 {
    let start = usize::try_from(offset).unwrap_or(usize::MAX);
    let size = usize::try_from(size)
        .unwrap_or(usize::MAX)
        .min(ENTROPY_SAMPLE);
    let end = start.saturating_add(size).min(bytes.len());
    bytes.get(start..end).map_or(0.0, entropy)
}

/// Bytes behind the last one that the headers account for.
fn overlay(bytes: &[u8], end: u64) -> u64 {
    (bytes.len() as u64).saturating_sub(end)
}

/// The packer that a section or segment name gives away.
fn packer(name: &str) -> Option<&'static str> {
    const PACKERS: &[(&str, &str)] = &[
        ("UPX", "UPX"),
        (".upx", "UPX"),
        (".aspack", "ASPack"),
        (".adata", "ASPack"),
        (".vmp", "VMProtect"),
        (".themida", "Themida"),
        (".winlice", "Themida"),
        (".mpress", "MPRESS"),
        ("MPRESS", "MPRESS"),
        (".petite", "Petite"),
        (".enigma", "Enigma"),
        ("PEC2", "PECompact"),
        (".nsp", "NsPack"),
        ("FSG!", "FSG"),
        ("pydata", "PyInstaller"),
        (".ndata", "NSIS"),
    ];
    PACKERS
        .iter()
        .find(|(prefix, _)| name.starts_with(prefix))
        .map(|(_, packer)| *packer)
}

/// A packer's mark near the beginning, for files whose section names were removed.
fn packer_mark(bytes: &[u8]) -> Option<&'static str> {
    let head = bytes.get(..4 << 10).unwrap_or(bytes);
    memchr::memmem::find(head, b"UPX!").map(|_| "UPX")
}
