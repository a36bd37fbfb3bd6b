//! Facts about one file.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::facts::{
    BinaryFacts, Export, Flow, Function, Import, InstallSurface, Literal, Piece, Sketch, Use,
};
use crate::manifest::ManifestFacts;
use crate::{Capability, Span};

/// Everything an observer saw in one file. Compact, versioned by the store, free of paths.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileFacts {
    /// What the file is written in.
    pub language: Language,
    /// How well it could be read.
    pub outcome: ParseOutcome,
    /// Hand-written, minified or generated, judged by its content.
    pub nature: FileNature,
    /// Size, lines, entropy, encoding.
    pub shape: TextShape,
    /// Functions; the first one, if any, is the module body.
    pub functions: Vec<Function>,
    /// Uses of capabilities, in source order.
    pub uses: Vec<Use>,
    /// Chains found inside this file, longest first.
    pub flows: Vec<Flow>,
    /// Pieces of chains that begin or end in other files.
    pub pieces: Vec<Piece>,
    /// Imported modules.
    pub imports: Vec<Import>,
    /// Functions that other files know by another name than their own.
    pub exports: Vec<Export>,
    /// String constants worth keeping.
    pub literals: Vec<Literal>,
    /// What the identifiers look like.
    pub identifiers: IdentifierStats,
    /// Invisible, bidirectional and look-alike characters.
    pub unicode: Vec<UnicodeOddity>,
    /// What static decoding revealed.
    pub layers: Vec<Layer>,
    /// Ways in which this file runs without being imported.
    pub surfaces: Vec<InstallSurface>,
    /// Headers of native code.
    pub binary: Option<BinaryFacts>,
    /// What a package manifest in this file says.
    pub manifest: Option<Box<ManifestFacts>>,
    /// Source windows for the evidence of uses, flows and literals, sorted by line and first column.
    pub snippets: Vec<Snippet>,
    /// What went wrong while reading.
    pub problems: Vec<Problem>,
    /// What the code looks like without its names and constants.
    pub sketch: Sketch,
    /// The text that was read, while somebody asked to keep it (rules over bytes); never stored.
    #[serde(skip)]
    pub text: Option<Arc<str>>,
}

impl FileFacts {
    /// The source window that covers a place, or the nearest one before it on its line.
    pub fn snippet_at(&self, span: Span) -> Option<&Snippet> {
        let after = self
            .snippets
            .partition_point(|s| (s.line, s.first_column) <= (span.line, span.column));
        self.snippets[..after]
            .last()
            .filter(|s| s.line == span.line)
    }

    /// True if any use has this capability.
    pub fn has(&self, capability: Capability) -> bool {
        self.uses.iter().any(|u| u.capability == capability)
    }
}

/// What a file is written in.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub enum Language {
    /// Python source, stubs included.
    Python,
    /// JavaScript and JSX.
    JavaScript,
    /// TypeScript and TSX.
    TypeScript,
    /// POSIX shell and bash.
    Shell,
    /// PowerShell.
    PowerShell,
    /// Windows batch.
    Batch,
    /// Rust.
    Rust,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
    /// Go.
    Go,
    /// A Jupyter notebook.
    Notebook,
    /// A `.pth` file of Python's `site`.
    Pth,
    /// A package manifest or other structured configuration.
    Manifest,
    /// HTML.
    Html,
    /// Prose.
    Text,
    /// Structured data: JSON, YAML, TOML, XML, CSV.
    Data,
    /// Native executable code.
    Native,
    /// Byte code: `.pyc`, `.wasm`, `.class`.
    Bytecode,
    /// An image, font, sound or other known media.
    Media,
    /// An archive that was not opened (depth limit) or could not be.
    Archive,
    /// Anything else.
    #[default]
    Unknown,
}

impl Language {
    /// True for text that a person or tool wrote to be run.
    pub const fn is_program_text(self) -> bool {
        matches!(
            self,
            Self::Python
                | Self::JavaScript
                | Self::TypeScript
                | Self::Shell
                | Self::PowerShell
                | Self::Batch
                | Self::Rust
                | Self::Ruby
                | Self::Php
                | Self::Go
                | Self::Notebook
                | Self::Pth
        )
    }

    /// The word for reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::TypeScript => "typescript",
            Self::Shell => "shell",
            Self::PowerShell => "powershell",
            Self::Batch => "batch",
            Self::Rust => "rust",
            Self::Ruby => "ruby",
            Self::Php => "php",
            Self::Go => "go",
            Self::Notebook => "notebook",
            Self::Pth => "pth",
            Self::Manifest => "manifest",
            Self::Html => "html",
            Self::Text => "text",
            Self::Data => "data",
            Self::Native => "native",
            Self::Bytecode => "bytecode",
            Self::Media => "media",
            Self::Archive => "archive",
            Self::Unknown => "unknown",
        }
    }
}

/// How well a file could be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ParseOutcome {
    /// A grammar accepted all of it.
    Parsed,
    /// A tolerant fallback parser read it; parts may be missing.
    Fallback,
    /// There is no grammar for it; it was scanned as bytes or text.
    #[default]
    Scanned,
    /// It could not be read, or only in part: see the problems.
    Unreadable,
}

/// Hand-written, minified or generated, by content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FileNature {
    /// Looks as if people wrote it.
    #[default]
    Source,
    /// Compressed for delivery: very long lines, short names.
    Minified,
    /// Written by a code generator that says so.
    Generated,
}

/// Measures of a file as bytes and text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TextShape {
    /// Bytes.
    pub bytes: u64,
    /// Lines; 0 for binary content.
    pub lines: u32,
    /// Characters of the longest line.
    pub longest_line: u32,
    /// Shannon entropy, bits per byte (0–8).
    pub entropy: f32,
    /// The encoding that was used to read text, e.g. `utf-8`, `utf-16le`, `latin-1`; empty for binary content.
    pub encoding: Box<str>,
    /// Bytes that were invalid in that encoding and were replaced.
    pub invalid_bytes: u32,
    /// The longest run of blanks before code on one line (payloads are pushed out of view).
    pub longest_indent: u32,
    /// The line of that run, from 1; 0 for binary content.
    pub longest_indent_line: u32,
}

/// What the identifiers of a file look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentifierStats {
    /// Distinct identifiers that the file defines.
    pub total: u32,
    /// Of these: with characters outside ASCII.
    pub non_ascii: u32,
    /// Of these: changed by Unicode NFKC (mathematical alphabets and the like).
    pub not_nfkc: u32,
    /// Of these: made of look-alikes only, e.g. `lI1lI11`, `O0OO0`, `___`.
    pub confusable: u32,
    /// Of these: `_0x3fa2`-like, as JavaScript obfuscators write.
    pub hex_mangled: u32,
    /// Of these: longer than 24 characters without a readable word.
    pub random: u32,
}

/// A suspicious use of Unicode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnicodeOddity {
    /// What kind.
    pub kind: UnicodeOddityKind,
    /// The first place.
    pub span: Span,
    /// How often in this file.
    pub count: u32,
}

/// Kinds of suspicious Unicode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum UnicodeOddityKind {
    /// Bidirectional controls (Trojan Source, CVE-2021-42574).
    Bidi,
    /// Zero-width characters inside code or strings.
    ZeroWidth,
    /// Variation selectors or tag characters in runs: a hidden payload (GlassWorm).
    HiddenData,
    /// An identifier that mixes scripts, or looks like an ASCII one.
    Homoglyph,
    /// Terminal control sequences in text.
    ControlSequence,
}

/// A piece of source around a place of interest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snippet {
    /// The 1-based line.
    pub line: u32,
    /// The 1-based column at which `text` begins.
    pub first_column: u32,
    /// At most [`Snippet::MAX_CHARS`] characters of the line.
    pub text: Box<str>,
}

impl Snippet {
    /// The longest window that is kept.
    pub const MAX_CHARS: usize = 240;
}

/// Content that a static decode step revealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// The decode steps from the file's text to this content, e.g. `base64`, `zlib`.
    pub steps: Vec<Box<str>>,
    /// Where the encoded content stands in the parent.
    pub span: Span,
    /// True if the parent executes what it decoded.
    pub executed: bool,
    /// The facts of the revealed content.
    pub facts: Box<FileFacts>,
}

/// The step of a layer that tells what loading a pickle calls.
pub const PICKLE: &str = "pickle";

/// The step of a layer that tells what loading data of another kind calls: tags of YAML.
pub const LOADED: &str = "loaded";

/// The step of a layer that tells what rendering a template takes of the program.
pub const RENDERED: &str = "rendered";

/// Something that went wrong while a file was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What kind.
    pub kind: ProblemKind,
    /// Where, if known.
    pub span: Option<Span>,
    /// One sentence.
    pub message: Box<str>,
}

/// Kinds of problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ProblemKind {
    /// The grammar rejects it.
    Syntax,
    /// Bytes are invalid in the declared or detected encoding.
    Encoding,
    /// Nesting beyond the limit: no honest source is so deep.
    TooDeep,
    /// The step, memory or time budget of the file ran out.
    Budget,
    /// The parser died on it.
    ParserDied,
    /// A structured file (manifest, notebook, archive) is malformed.
    Malformed,
    /// A tail beyond the size budget was not read.
    Truncated,
    /// The content is something else than the file name says.
    Mislabelled,
}
