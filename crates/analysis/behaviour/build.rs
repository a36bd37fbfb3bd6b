//! Collects each rule's page, which is its file's own module documentation, for `foretaste explain`.
#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads the crate's own sources"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=src/rules");
    let mut pages: Vec<(String, String)> = Vec::new();
    for file in fs::read_dir("src/rules")
        .expect("the rules are readable")
        .flatten()
    {
        let text = fs::read_to_string(file.path()).unwrap_or_default();
        let declared = text.split("RULE: Rule = rule(").nth(1);
        let Some(id) = declared.and_then(|rest| rest.split('"').nth(1)) else {
            continue;
        };
        let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
        let page: String = lines
            .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
            .collect();
        pages.push((id.to_owned(), page));
    }
    pages.sort();
    let mut out = String::from("static PAGES: &[(&str, &str)] = &[\n");
    for (id, page) in &pages {
        writeln!(out, "    ({id:?}, {page:?}),").expect("writing to a string works");
    }
    out.push_str("];\n");
    let target = Path::new(&env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("pages.rs");
    fs::write(target, out).expect("the build directory is writable");
}
