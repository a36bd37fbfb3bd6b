//! Packs the name lists of `data/` for embedding.

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};

#[expect(
    clippy::disallowed_methods,
    reason = "a build script runs before `foretaste-io` is built, on files of this repository only"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    for name in ["pypi", "npm", "cargo", "brands"] {
        let path = Path::new("data").join(name).with_extension("txt");
        println!("cargo::rerun-if-changed={}", path.display());
        let text = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let packed = zstd::encode_all(text.as_slice(), 19)?;
        std::fs::write(out.join(name).with_extension("zst"), packed)?;
    }
    Ok(())
}
