//! What hides text from its reader: decode steps, and places out of view.

use foretaste_model::facts::{Layer, TextShape, Use};

/// Steps that undo an encoding, by the beginning of their names. A layer that is only a string given to a shell or an
/// interpreter (`subprocess.run`, `python -c`) stands in the file in clear.
const UNDOES: &[&str] = &[
    "ascii85",
    "atob",
    "base",
    "bz2",
    "bzip2",
    "characters",
    "charcode",
    "chr",
    "cipher",
    "codec",
    "computed",
    "decimal",
    "deflate",
    "escape",
    "fernet",
    "fromcharcode",
    "gzip",
    "hex",
    "inflate",
    "integer",
    "invisible",
    "join",
    "lzma",
    "marshal",
    "opaque",
    "percent",
    "quoted",
    "reverse",
    "rot",
    "translate",
    "unescape",
    "uu",
    "xor",
    "xz",
    "zlib",
    "zstd",
    "-enc",
    "encoded",
];

/// True if something was undone to read the layer: text that stands there in clear is not hidden.
pub fn is_hidden(layer: &Layer) -> bool {
    layer.steps.iter().any(|step| {
        let step = step.to_ascii_lowercase();
        UNDOES.iter().any(|known| step.starts_with(known))
    })
}

/// True for a use behind the longest run of blanks of its file.
pub fn is_out_of_view(used: &Use, shape: &TextShape) -> bool {
    used.span.line == shape.longest_indent_line && used.span.column > shape.longest_indent
}
