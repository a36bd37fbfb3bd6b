//! Indexes the name lists of `data/`, so that a program pays nothing for them at start-up.

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};

use foretaste_model::Ecosystem;

use crate::popular::PopularNames;

// the index is built by the code that reads it
macro_rules! modules {
    ($($name:ident $path:literal),* $(,)?) => {
        $(
            #[path = $path]
            #[allow(dead_code, unreachable_pub, reason = "the library uses the rest")]
            mod $name;
        )*
        const SOURCES: &[&str] = &[$($path),*];
    };
}

modules! {
    affixes "src/affixes.rs",
    cost "src/cost.rs",
    fold "src/fold.rs",
    index "src/index.rs",
    popular "src/popular.rs",
    subject "src/subject.rs",
}

/// How many lines of a list its top is.
const TOP: usize = 1_000;

/// Brands are names of no ecosystem; PyPI's way to compare names is the loosest.
const LISTS: [(&str, Ecosystem); 4] = [
    ("pypi", Ecosystem::Pypi),
    ("npm", Ecosystem::Npm),
    ("cargo", Ecosystem::Cargo),
    ("brands", Ecosystem::Pypi),
];

#[expect(
    clippy::disallowed_methods,
    reason = "a build script runs before `foretaste-io` is built, on files of this repository only"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
    }
    for (name, ecosystem) in LISTS {
        let path = Path::new("data").join(name).with_extension("txt");
        println!("cargo::rerun-if-changed={}", path.display());
        let text =
            std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let top: String = text.lines().take(TOP).flat_map(|l| [l, "\n"]).collect();
        for (file, text) in [(name.to_owned(), &text), (format!("{name}.top"), &top)] {
            let packed = PopularNames::from_list(ecosystem, text).pack();
            std::fs::write(out.join(file), packed)?;
        }
    }
    Ok(())
}
