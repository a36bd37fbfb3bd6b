//! How much one file may yield.

/// How many facts of each kind one file may yield.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Functions.
    pub functions: usize,
    /// Callees of one function.
    pub calls: usize,
    /// Uses.
    pub uses: usize,
    /// Flows.
    pub flows: usize,
    /// Pieces of chains that reach into other files.
    pub pieces: usize,
    /// Imports.
    pub imports: usize,
    /// Literals.
    pub literals: usize,
    /// Layers.
    pub layers: usize,
    /// Install surfaces.
    pub surfaces: usize,
    /// Problems.
    pub problems: usize,
    /// Source windows.
    pub snippets: usize,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            functions: 20_000,
            calls: 400,
            uses: 3_000,
            flows: 64,
            pieces: 192,
            imports: 2_000,
            literals: 1_000,
            layers: 32,
            surfaces: 256,
            problems: 16,
            snippets: 400,
        }
    }
}
