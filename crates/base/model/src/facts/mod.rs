//! Facts: what observing a file or an artifact revealed. Facts are values of the content alone, so they are
//! stored by content digest and never computed twice.

mod artifact;
mod binary;
mod code;
mod file;
mod key;
mod literal;
mod sketch;
mod surface;

pub use artifact::{ArtifactFacts, ArtifactKind, FileEntry};
pub use binary::{BinaryFacts, BinaryFormat};
pub use code::{
    Callee, Export, FIXED_PAYEE, Flow, FlowLink, Function, FunctionKind, HIDDEN_COPY, Import,
    Piece, PieceEnd, PieceStart, Resolution, Step, StepRole, Use, UseKind, carries_out,
};
pub use file::{
    FileFacts, FileNature, IdentifierStats, LOADED, Language, Layer, PICKLE, ParseOutcome, Problem,
    ProblemKind, RENDERED, Snippet, TextShape, UnicodeOddity, UnicodeOddityKind,
};
pub use key::{FACTS_SCHEMA, FactKey};
pub use literal::{Literal, LiteralKind};
pub use sketch::{Chunk, Sketch};
pub use surface::{
    EDITOR_STARTS, InstallSurface, NAMESPACE_LINE, SOURCE_INSTALL_ONLY, SurfaceKind,
};
