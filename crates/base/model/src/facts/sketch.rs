//! The lexical shape of code: what stays the same when names, strings and numbers are replaced.

use serde::{Deserialize, Serialize};

/// What a text of code looks like to a reader who sees neither its names nor its constants. Two texts with the same
/// shape were written by one hand or one generator; texts that share many chunks are relatives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sketch {
    /// Tokens; comments, blanks and line breaks are none.
    pub tokens: u32,
    /// A hash of the whole token sequence; 0 for text that is no code.
    pub shape: u64,
    /// Pieces cut where the content says so, in source order; of a long text, an even sample.
    pub chunks: Vec<Chunk>,
}

/// A piece of code that ends where its content says so, so that an edit changes only the pieces around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// A hash of its tokens.
    pub hash: u64,
    /// The 1-based line of its first token.
    pub line: u32,
    /// Lines from the first token to the last one.
    pub more_lines: u16,
    /// How many tokens it has.
    pub tokens: u16,
}

impl Sketch {
    /// Chunks that are kept of one text.
    pub const MAX_CHUNKS: usize = 48;
    /// Tokens of the longest chunk.
    pub const MAX_CHUNK_TOKENS: u16 = 96;
}
