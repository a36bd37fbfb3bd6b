//! The imports of a project's own code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use foretaste_io::files;
use foretaste_model::Ecosystem;
use foretaste_projects::Project;

use super::functions::Named;
use crate::taste::Taster;

/// Files of a project that are looked at.
const MAX_FILES: usize = 200_000;
/// Bytes of one source file.
const MAX_FILE: u64 = 4 << 20;
/// Places that are told.
const MAX_PLACES: usize = 5;

/// The imports of a project's own code.
#[derive(Debug, Default)]
pub(super) struct Imports {
    /// The module as written, and where.
    pub(super) modules: BTreeMap<(Ecosystem, String), Vec<String>>,
    /// Files that were read.
    pub(super) files: BTreeMap<Ecosystem, u32>,
    /// Files with code that is not read: the ending, and how many.
    pub(super) unread: BTreeMap<Ecosystem, BTreeMap<String, u32>>,
}

/// The language of a source file, as the ecosystem whose packages it imports.
pub(super) fn ecosystem_of(path: &str) -> Option<(Ecosystem, bool)> {
    let (_, end) = path.rsplit_once('.')?;
    Some(match end {
        "py" | "pyi" | "pyw" | "ipynb" => (Ecosystem::Pypi, true),
        "pyx" | "pxd" => (Ecosystem::Pypi, false),
        "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" => (Ecosystem::Npm, true),
        "vue" | "svelte" | "astro" | "mdx" | "coffee" => (Ecosystem::Npm, false),
        "rs" => (Ecosystem::Cargo, true),
        "go" => (Ecosystem::Go, true),
        _ => return None,
    })
}

impl Imports {
    /// Reads the source files below a folder, ignored ones and installed packages left out.
    pub(super) fn read(
        root: &Path,
        wanted: &BTreeSet<Ecosystem>,
        named: &mut Named,
        taster: &Taster,
    ) -> Self {
        let mut found = Self::default();
        let tree = foretaste_io::tree(root, MAX_FILES, |name, path| {
            Project::is_own(name) && name != "target" && !files::exists(&path.join("pyvenv.cfg"))
        });
        let (mut sources, mut texts) = (Vec::new(), BTreeMap::new());
        for (path, _) in tree.map(|tree| tree.files).unwrap_or_default() {
            let Some((ecosystem, is_read)) = ecosystem_of(&path) else {
                continue;
            };
            if !wanted.contains(&ecosystem) {
                continue;
            }
            match files::read(&root.join(&path), MAX_FILE) {
                Ok(bytes) if is_read => {
                    *found.files.entry(ecosystem).or_default() += 1;
                    let text = String::from_utf8_lossy(&bytes);
                    named.read(ecosystem, &text);
                    if ecosystem == Ecosystem::Cargo {
                        found.rust(&path, &text);
                        named.rust(&path, &text);
                    } else {
                        texts.extend(named.keep(ecosystem, &path, &text));
                        sources.push((path, bytes));
                    }
                }
                _ => {
                    let end = path.rsplit('.').next().unwrap_or_default().to_owned();
                    let unread = found.unread.entry(ecosystem).or_default();
                    *unread.entry(end).or_default() += 1;
                }
            }
        }
        for entry in taster.sources(sources) {
            let Some((ecosystem, _)) = ecosystem_of(&entry.path) else {
                continue;
            };
            if let Some(text) = texts.get(&*entry.path) {
                named.observed(ecosystem, (&entry.path, text), &entry.facts);
            }
            for import in &entry.facts.imports {
                let place = format!("{}:{}", entry.path, import.span.line);
                for name in import.names.iter().filter(|_| ecosystem == Ecosystem::Pypi) {
                    found.add(ecosystem, format!("{}.{name}", import.module), &place);
                }
                found.add(ecosystem, import.module.to_string(), &place);
            }
        }
        found
    }

    fn rust(&mut self, path: &str, text: &str) {
        for (name, line) in foretaste_lang::crates_named(text) {
            self.add(Ecosystem::Cargo, name, &format!("{path}:{line}"));
        }
    }

    pub(super) fn add(&mut self, ecosystem: Ecosystem, module: String, place: &str) {
        let places = self.modules.entry((ecosystem, module)).or_default();
        if places.len() < MAX_PLACES {
            places.push(place.to_owned());
        }
    }

    /// Where one of these modules, or a part of it, is imported.
    pub(super) fn of(&self, ecosystem: Ecosystem, names: &[String]) -> Vec<Box<str>> {
        let separator = match ecosystem {
            Ecosystem::Pypi => '.',
            _ => '/',
        };
        let mut places = BTreeSet::new();
        for name in names {
            let from = (ecosystem, name.clone());
            let parts = format!("{name}{separator}");
            let own = self.modules.get(&from).into_iter();
            let below = self
                .modules
                .range((ecosystem, parts.clone())..)
                .take_while(|((e, module), _)| *e == ecosystem && module.starts_with(&*parts))
                .map(|(_, places)| places);
            places.extend(own.chain(below).flatten().map(|p| Box::from(&**p)));
        }
        places.into_iter().take(MAX_PLACES).collect()
    }
}
