//! Collects each rule's page, which is its file's own module documentation, for `foretaste explain`.
#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads the crate's own sources"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=src");
    let mut pages: Vec<(String, String, String)> = Vec::new();
    for group in sorted(Path::new("src")).iter().filter(|p| p.is_dir()) {
        for file in sorted(group)
            .iter()
            .filter(|p| p.extension().is_some_and(|e| e == "rs") && !p.ends_with("mod.rs"))
        {
            let text = fs::read_to_string(file).expect("a source file of this crate is readable");
            let Some(id) = text
                .split("id: \"")
                .nth(1)
                .and_then(|rest| rest.split('"').next())
            else {
                continue;
            };
            let page: String = text.lines().map_while(|l| l.strip_prefix("//!")).fold(
                String::new(),
                |mut page, line| {
                    page.push_str(line.strip_prefix(' ').unwrap_or(line));
                    page.push('\n');
                    page
                },
            );
            pages.push((id.to_owned(), file.display().to_string(), page));
        }
    }
    pages.sort();
    let mut out = String::from(
        "/// (rule id, source file, page in Markdown), sorted by id.\npub static PAGES: &[(&str, &str, &str)] = &[\n",
    );
    for (id, file, page) in &pages {
        writeln!(out, "    ({id:?}, {file:?}, {page:?}),").expect("writing to a string works");
    }
    out.push_str("];\n");
    let target = Path::new(&env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("pages.rs");
    fs::write(target, out).expect("the build directory is writable");
}

fn sorted(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("a folder of this crate is readable")
        .flatten()
        .map(|e| e.path())
        .collect();
    paths.sort();
    paths
}
