//! Answers that are asked for again and again while contexts travel: each is worked out once.

use std::cell::{OnceCell, RefCell};

use foretaste_model::Capability;
use foretaste_model::facts::{FileEntry, FileFacts, Import, Layer, Use};
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::view::function_at;

/// The files of one artifact.
pub(super) struct Index<'a> {
    files: Vec<FileIndex<'a>>,
    /// What a module is, as seen from the files of a folder.
    folders: Vec<Folder<'a>>,
}

struct Folder<'a> {
    path: &'a str,
    /// Python looks for modules otherwise than others: its files count as a folder of their own.
    is_python: bool,
    modules: RefCell<FxHashMap<Box<str>, Option<usize>>>,
}

/// What one file defines and imports.
pub(super) struct FileIndex<'a> {
    facts: &'a FileFacts,
    folder: usize,
    functions: OnceCell<FxHashMap<&'a str, u32>>,
    /// Imports by the function in which they stand, otherwise in their order.
    imports: OnceCell<Vec<&'a Import>>,
    /// Uses that start a process, likewise.
    processes: OnceCell<Vec<&'a Use>>,
    /// Layers that are executed, likewise, each with its function.
    layers: OnceCell<Vec<(u32, &'a Layer)>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(entries: &'a [FileEntry]) -> Self {
        let mut known: FxHashMap<(&str, bool), usize> = FxHashMap::default();
        let mut folders = Vec::new();
        let files = entries
            .iter()
            .map(|entry| {
                let path = entry.path.rsplit_once('/').map_or("", |(folder, _)| folder);
                let is_python = entry.path.ends_with(".py");
                let folder = *known.entry((path, is_python)).or_insert_with(|| {
                    folders.push(Folder {
                        path,
                        is_python,
                        modules: RefCell::default(),
                    });
                    folders.len() - 1
                });
                FileIndex {
                    facts: &entry.facts,
                    folder,
                    functions: OnceCell::new(),
                    imports: OnceCell::new(),
                    processes: OnceCell::new(),
                    layers: OnceCell::new(),
                }
            })
            .collect();
        Self { files, folders }
    }

    /// The file at an index.
    pub(super) fn file(&self, index: usize) -> &FileIndex<'a> {
        &self.files[index]
    }

    /// What `find` says of a module in the folder of a file, Python's or not; it must depend on nothing else.
    pub(super) fn resolved(
        &self,
        index: usize,
        module: &str,
        find: impl FnOnce(&str, bool) -> Option<usize>,
    ) -> Option<usize> {
        let folder = &self.folders[self.files[index].folder];
        if let Some(known) = folder.modules.borrow().get(module) {
            return *known;
        }
        let found = find(folder.path, folder.is_python);
        folder.modules.borrow_mut().insert(module.into(), found);
        found
    }
}

impl<'a> FileIndex<'a> {
    /// The function that is exported under a name, or else the first of that name.
    pub(super) fn function(&self, name: &str) -> Option<u32> {
        let functions = self.functions.get_or_init(|| {
            let mut functions =
                FxHashMap::with_capacity_and_hasher(self.facts.functions.len(), FxBuildHasher);
            for export in &self.facts.exports {
                functions.entry(&*export.name).or_insert(export.function);
            }
            for (index, function) in self.facts.functions.iter().enumerate() {
                functions.entry(&*function.name).or_insert(index as u32);
            }
            functions
        });
        functions.get(name).copied()
    }

    /// The imports that stand in a function.
    pub(super) fn imports_of(&self, function: u32) -> Vec<&'a Import> {
        let imports = self.imports.get_or_init(|| {
            let mut imports: Vec<&Import> = self.facts.imports.iter().collect();
            imports.sort_by_key(|i| i.function);
            imports
        });
        part(imports, function, |i| i.function)
    }

    /// The decoded code that a function executes.
    pub(super) fn layers_of(&self, function: u32) -> impl Iterator<Item = &'a Layer> + use<'a> {
        let layers = self.layers.get_or_init(|| {
            let executed = self.facts.layers.iter().filter(|l| l.executed);
            let mut layers: Vec<_> = executed
                .map(|l| (function_at(self.facts, l.span).unwrap_or(0), l))
                .collect();
            layers.sort_by_key(|(function, _)| *function);
            layers
        });
        part(layers, function, |(function, _)| *function)
            .into_iter()
            .map(|(_, layer)| layer)
    }

    /// The places in a function that start a process.
    pub(super) fn processes_of(&self, function: u32) -> Vec<&'a Use> {
        let processes = self.processes.get_or_init(|| {
            let starts = |u: &&Use| {
                matches!(
                    u.capability,
                    Capability::ProcessShell | Capability::ProcessSpawn
                ) || starts_a_file(&u.api)
            };
            let mut uses: Vec<&Use> = self.facts.uses.iter().filter(starts).collect();
            uses.sort_by_key(|u| u.function);
            uses
        });
        part(processes, function, |u| u.function)
    }
}

/// True for calls that run a file or module by its name, in the same process: what it holds counts where it stands.
pub(crate) fn starts_a_file(api: &str) -> bool {
    api.starts_with("runpy.")
}

/// The part of a sorted list that stands in a function.
fn part<T: Copy>(sorted: &[T], function: u32, of: impl Fn(&T) -> u32) -> Vec<T> {
    let from = sorted.partition_point(|t| of(t) < function);
    let to = sorted.partition_point(|t| of(t) <= function);
    sorted.get(from..to).unwrap_or(&[]).to_vec()
}
