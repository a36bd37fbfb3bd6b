//! Where the paths of Rust lead: `crate::a::b`, `self::a`, `super::a`, as the files of a crate lie.

use foretaste_model::ExecutionContext;
use foretaste_model::facts::Language;

use super::Work;
use super::names::join;
use crate::paths::is_test_path;

/// Modules within modules that are followed.
const MAX_DEPTH: u32 = 8;

impl Work<'_> {
    /// The file of a Rust module as the file at `index` names it; dots stand for `::`.
    pub(super) fn rust_module(&self, index: usize, module: &str) -> Option<usize> {
        let path = &*self.artifact.files[index].path;
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        // what `mod x;` means in this file lies there
        let own = match name {
            "lib.rs" | "main.rs" | "mod.rs" | "build.rs" => folder.to_owned(),
            name => join(folder, name.strip_suffix(".rs")?),
        };
        let (first, rest) = module.split_once('.').unwrap_or((module, ""));
        let mut base = match first {
            "crate" => root_of(folder).to_owned(),
            "self" => own,
            "super" => parent(&own).to_owned(),
            _ => return None,
        };
        let mut rest = rest;
        while let Some(further) = rest.strip_prefix("super") {
            base = parent(&base).to_owned();
            rest = further.trim_start_matches('.');
        }
        if rest.is_empty() {
            let inside = ["lib.rs", "main.rs", "mod.rs"].map(|name| join(&base, name));
            let beside = format!("{base}.rs");
            let mut candidates = inside.into_iter().chain([beside]);
            return candidates.find_map(|path| self.at(&path));
        }
        let stem = join(&base, &rest.replace('.', "/"));
        let found = [format!("{stem}.rs"), format!("{stem}/mod.rs")];
        found.iter().find_map(|path| self.at(path))
    }

    fn at(&self, path: &str) -> Option<usize> {
        let files = &self.artifact.files;
        files.binary_search_by(|f| (*f.path).cmp(path)).ok()
    }

    /// A build script and the modules that it declares run as a whole while what depends on the crate is built.
    pub(super) fn raise_modules(&mut self, index: usize, depth: u32) {
        self.raise_whole(index, ExecutionContext::Install);
        if depth >= MAX_DEPTH || self.artifact.files[index].facts.language != Language::Rust {
            return;
        }
        let facts = self.artifact.files[index].facts.clone();
        for import in facts
            .imports
            .iter()
            .filter(|i| i.module.starts_with("self."))
        {
            if let Some(module) = self.rust_module(index, &import.module)
                && module != index
            {
                self.raise_modules(module, depth + 1);
            }
        }
    }

    /// A crate of procedural macros has nothing but what runs while others are built.
    pub(super) fn raise_macros(&mut self, folder: &str) {
        let sources = join(folder, "src");
        for index in 0..self.artifact.files.len() {
            let file = &self.artifact.files[index];
            let below = file
                .path
                .strip_prefix(&*sources)
                .is_some_and(|rest| rest.starts_with('/'));
            if below && file.facts.language == Language::Rust && !is_test_path(&file.path) {
                self.raise_whole(index, ExecutionContext::Install);
            }
        }
    }
}

/// The folder of a crate's root module.
fn root_of(folder: &str) -> &str {
    match folder.rfind("src") {
        Some(at) if folder[at..].len() == 3 || folder[at + 3..].starts_with('/') => {
            &folder[..at + 3]
        }
        _ => folder,
    }
}

fn parent(folder: &str) -> &str {
    folder.rsplit_once('/').map_or("", |(parent, _)| parent)
}
