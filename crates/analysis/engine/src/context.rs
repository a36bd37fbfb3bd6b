//! When code runs: install > interpreter start > import > entry point > called > test > asset.
//!
//! Roots come from install surfaces and paths; contexts then travel along calls and imports inside the package,
//! and the most dangerous one wins. Nothing is exempt by its path: a test helper that `setup.py` imports runs at
//! install time.

mod backend;
mod base;
mod compose;
mod crates;
mod encoded;
mod index;
mod layers;
mod names;
mod npm;
mod packed;
mod php;
mod setup;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use foretaste_model::ExecutionContext;
use foretaste_model::facts::{
    ArtifactFacts, ArtifactKind, Callee, EDITOR_STARTS, Import, InstallSurface, Language,
    SOURCE_INSTALL_ONLY, SurfaceKind,
};
use rustc_hash::FxHashMap;

use self::index::Index;
pub(crate) use self::index::starts_a_file;
use self::names::{dotted, join, module_names, runs_anywhere, surface_targets};
use crate::Crossing;
use crate::paths::is_test_path;

/// The context of every function of every file of one artifact.
#[derive(Debug)]
pub struct ContextMap {
    contexts: Vec<Vec<ExecutionContext>>,
    calls: BTreeMap<(usize, u32), BTreeSet<(usize, u32)>>,
    crossings: Vec<Crossing>,
}

impl ContextMap {
    /// Works out the contexts of an artifact.
    pub fn of(artifact: &ArtifactFacts) -> Self {
        let mut work = Work::new(artifact);
        work.seed_paths();
        work.seed_surfaces();
        work.seed_default_main();
        work.seed_default_build_script();
        work.spread();
        let mut crossings = work.compose();
        crossings.extend(work.encoded_elsewhere());
        Self {
            crossings,
            contexts: work.contexts,
            calls: work.calls,
        }
    }

    /// The functions of other files that a function calls, as (index of the file, function).
    pub fn calls_into_other_files(
        &self,
        index: usize,
        function: u32,
    ) -> impl Iterator<Item = (usize, u32)> + use<'_> {
        self.calls
            .get(&(index, function))
            .into_iter()
            .flatten()
            .copied()
    }

    /// The chains whose steps lie in several files.
    pub fn crossings(&self) -> &[Crossing] {
        &self.crossings
    }

    /// The context of a function of the file at `index`.
    pub fn of_function(&self, index: usize, function: u32) -> ExecutionContext {
        context_of(&self.contexts, index, function)
    }
}

fn context_of(contexts: &[Vec<ExecutionContext>], index: usize, function: u32) -> ExecutionContext {
    let file = contexts.get(index).map_or(&[][..], Vec::as_slice);
    file.get(function as usize)
        .or_else(|| file.first())
        .copied()
        .unwrap_or(ExecutionContext::Called)
}

struct Work<'a> {
    artifact: &'a ArtifactFacts,
    contexts: Vec<Vec<ExecutionContext>>,
    /// The most dangerous context in which each file was loaded so far.
    loaded: Vec<Option<ExecutionContext>>,
    by_module: FxHashMap<String, usize>,
    index: Index<'a>,
    /// Functions whose calls were not followed yet, by their context, the most dangerous one first.
    queues: [VecDeque<(usize, u32)>; CONTEXTS],
    calls: BTreeMap<(usize, u32), BTreeSet<(usize, u32)>>,
}

fn empty_queues() -> [VecDeque<(usize, u32)>; CONTEXTS] {
    std::array::from_fn(|_| VecDeque::new())
}

/// How many contexts there are.
const CONTEXTS: usize = ExecutionContext::Asset as usize + 1;

/// So many calls into other files are kept for one function.
const MAX_CALLS: usize = 64;

impl<'a> Work<'a> {
    fn new(artifact: &'a ArtifactFacts) -> Self {
        let mut by_module = FxHashMap::default();
        for (index, file) in artifact.files.iter().enumerate() {
            for module in module_names(&file.path) {
                by_module.entry(module).or_insert(index);
            }
        }
        Self {
            artifact,
            contexts: Vec::with_capacity(artifact.files.len()),
            loaded: vec![None; artifact.files.len()],
            by_module,
            index: Index::new(&artifact.files),
            queues: empty_queues(),
            calls: BTreeMap::new(),
        }
    }

    fn seed_surfaces(&mut self) {
        for index in 0..self.artifact.files.len() {
            let file = &self.artifact.files[index];
            if file.path.contains('!') {
                continue;
            }
            for surface in &file.facts.surfaces {
                self.seed_surface(index, surface);
            }
        }
    }

    fn seed_surface(&mut self, index: usize, surface: &InstallSurface) {
        let path = &*self.artifact.files[index].path;
        let at_root = !path.contains('/');
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let kind = surface.kind;
        if names::is_of_other_ecosystem(kind, self.artifact.kind) {
            return;
        }
        if kind.runs_at_start() {
            // only what lands directly in site-packages is read at start
            let wheel_data =
                self.artifact.kind == ArtifactKind::Wheel && folder.ends_with(".data/purelib");
            let may_be_copied_there = self.artifact.kind != ArtifactKind::Wheel
                && kind == SurfaceKind::Pth
                && !is_test_path(path);
            if at_root
                || wheel_data
                || may_be_copied_there
                || kind == SurfaceKind::GemPlugin && folder == "lib"
            {
                self.raise(index, 0, ExecutionContext::Start);
            }
        } else if kind.runs_at_install()
            && (at_root || runs_anywhere(kind))
            && self.artifact.kind != ArtifactKind::Wheel
            && !(self.artifact.kind == ArtifactKind::NpmTarball
                && surface.name.ends_with(SOURCE_INSTALL_ONLY))
        {
            match kind {
                SurfaceKind::SetupPy | SurfaceKind::BuildRs | SurfaceKind::NugetScript => {
                    self.raise(index, 0, ExecutionContext::Install);
                }
                SurfaceKind::CmdClass
                    if setup::runs_in_installation(
                        &self.artifact.files[index].facts.surfaces,
                        &surface.name,
                    ) =>
                {
                    self.raise_class(index, &surface.command);
                    for base in surface.target.split(' ').filter(|base| !base.is_empty()) {
                        self.raise_class(index, base);
                    }
                }
                SurfaceKind::ProcMacro => self.raise_macros(folder),
                // the command lines that a manifest runs are layers of the manifest
                SurfaceKind::NpmLifecycle
                | SurfaceKind::BindingGyp
                | SurfaceKind::ComposerScript
                | SurfaceKind::MsbuildImport
                    if !self.artifact.files[index].facts.layers.is_empty() =>
                {
                    self.raise(index, 0, ExecutionContext::Install);
                }
                _ => {}
            }
            let mut targets = surface_targets(surface, folder);
            if kind == SurfaceKind::NpmLifecycle {
                targets.extend(npm::targets(self.artifact, folder, &surface.command));
            }
            for target in targets {
                if let Some(index) = self.find(&target) {
                    self.raise(index, 0, ExecutionContext::Install);
                    if kind == SurfaceKind::InTreeBackend {
                        self.raise_backend(index);
                    } else if matches!(kind, SurfaceKind::BuildRs | SurfaceKind::ProcMacro) {
                        self.raise_modules(index, 0);
                    } else if kind == SurfaceKind::ComposerPlugin {
                        self.raise_classes(index);
                    }
                }
            }
        } else if kind == SurfaceKind::Main {
            // a vendored package's own manifest makes nothing of it load by itself
            if at_root && let Some(index) = self.find(&join(folder, &surface.command)) {
                self.raise_loaded(index, ExecutionContext::Import);
            }
        } else if kind == SurfaceKind::EntryPoint
            || kind == SurfaceKind::Bin
            || kind == SurfaceKind::Plugin
            || kind == SurfaceKind::ExtensionActivation
            || kind == SurfaceKind::ActionStep
        {
            // to use an action is to run it; a package that carries the actions of its own repository runs none
            let context = if kind == SurfaceKind::ActionStep {
                if !matches!(
                    self.artifact.kind,
                    ArtifactKind::Folder | ArtifactKind::Archive
                ) {
                    return;
                }
                ExecutionContext::Import
            } else if kind == SurfaceKind::ExtensionActivation && &*surface.name == EDITOR_STARTS {
                // nobody asks for it
                ExecutionContext::Import
            } else {
                ExecutionContext::Entry
            };
            if kind == SurfaceKind::ActionStep
                && !self.artifact.files[index].facts.layers.is_empty()
            {
                // the steps of a composite action are layers of its metadata
                self.raise(index, 0, context);
            }
            let (module, function) = surface
                .command
                .split_once(':')
                .unwrap_or((&surface.command, ""));
            // what an editor calls once it has loaded the module (VS Code, "Extension Anatomy")
            let function = match kind {
                SurfaceKind::ExtensionActivation => "activate",
                _ => function,
            };
            let index = self
                .by_module
                .get(module)
                .copied()
                .or_else(|| self.find(&join(folder, &surface.command)));
            if let Some(index) = index {
                if let Some(f) = self.function_named(index, function) {
                    self.raise(index, f, context);
                }
                self.raise_loaded(index, context);
            }
        }
    }

    /// npm loads `index.js` where no `main` says otherwise.
    fn seed_default_main(&mut self) {
        let is_npm = self.artifact.file("package.json").is_some();
        if is_npm && let Some(index) = self.find("index.js") {
            self.raise_loaded(index, ExecutionContext::Import);
        }
    }

    /// cargo runs `build.rs` where `build` says nothing else (The Cargo Book, "Build Scripts").
    fn seed_default_build_script(&mut self) {
        let names_one = self.artifact.file("Cargo.toml").map(|manifest| {
            let mut surfaces = manifest.facts.surfaces.iter();
            surfaces.any(|surface| surface.kind == SurfaceKind::BuildRs)
        });
        if names_one == Some(false)
            && let Some(index) = self.find("build.rs")
        {
            self.raise_modules(index, 0);
        }
    }

    fn exists(&self, path: &str) -> bool {
        let files = &self.artifact.files;
        files.binary_search_by(|f| (*f.path).cmp(path)).is_ok()
    }

    fn find(&self, path: &str) -> Option<usize> {
        const ENDS: [&str; 12] = [
            "",
            ".js",
            ".cjs",
            ".mjs",
            "/index.js",
            ".py",
            "/__init__.py",
            ".pyc",
            "/__init__.pyc",
            ".ts",
            ".rb",
            ".php",
        ];
        // paths with the same beginning stand side by side, and most names are those of other packages
        let files = &self.artifact.files;
        let first = files.partition_point(|f| *f.path < *path);
        if !files.get(first).is_some_and(|f| f.path.starts_with(path)) {
            return None;
        }
        ENDS.iter().find_map(|end| {
            let candidate = format!("{path}{end}");
            files
                .binary_search_by(|f| (*f.path).cmp(candidate.as_str()))
                .ok()
        })
    }

    fn function_named(&self, index: usize, name: &str) -> Option<u32> {
        self.index.file(index).function(name)
    }

    fn raise(&mut self, index: usize, function: u32, context: ExecutionContext) {
        if let Some(current) = self.contexts[index].get_mut(function as usize)
            && context < *current
        {
            *current = context;
            self.queues[context as usize].push_back((index, function));
        }
    }

    /// Raises what runs when a module is loaded: its body, and what the body calls.
    fn raise_loaded(&mut self, index: usize, context: ExecutionContext) {
        // contexts only ever get more dangerous
        let before = &mut self.loaded[index];
        if before.is_some_and(|before| before <= context) {
            return;
        }
        *before = Some(context);
        self.raise(index, 0, context);
        let facts = self.artifact.files[index].facts.clone();
        for (function, _) in facts
            .functions
            .iter()
            .enumerate()
            .filter(|(_, f)| f.at_import)
        {
            self.raise(index, function as u32, context);
        }
    }

    fn raise_whole(&mut self, index: usize, context: ExecutionContext) {
        for function in 0..self.contexts[index].len() as u32 {
            self.raise(index, function, context);
        }
    }

    fn raise_class(&mut self, index: usize, class: &str) {
        let prefix = format!("{}.", class.rsplit('.').next().unwrap_or(class));
        let functions = &self.artifact.files[index].facts.functions;
        let methods: Vec<u32> = (0..functions.len() as u32)
            .filter(|i| functions[*i as usize].name.starts_with(&prefix))
            .collect();
        for method in methods {
            self.raise(index, method, ExecutionContext::Install);
        }
        let imported = self.artifact.files[index]
            .facts
            .imports
            .iter()
            .find(|i| i.names.iter().any(|n| **n == *class))
            .map(|i| i.module.clone());
        if let Some(other) = imported.and_then(|m| self.resolve(index, &m))
            && other != index
        {
            self.raise(other, 0, ExecutionContext::Install);
            self.raise_class(other, class);
        }
    }

    /// Follows calls and imports until nothing gets more dangerous.
    fn spread(&mut self) {
        self.queues = empty_queues();
        for (index, contexts) in self.contexts.iter().enumerate() {
            for (function, context) in contexts.iter().enumerate() {
                self.queues[*context as usize].push_back((index, function as u32));
            }
        }
        // what a function reaches gets its own context at most: in this order each is followed once
        for queue in 0..CONTEXTS {
            while let Some((index, function)) = self.queues[queue].pop_front() {
                self.follow(queue, index, function);
            }
        }
    }

    /// Follows the calls and imports of a function, unless it got into a more dangerous queue meanwhile.
    fn follow(&mut self, queue: usize, index: usize, function: u32) {
        let context = self.contexts[index][function as usize];
        if context as usize != queue {
            return;
        }
        let artifact = self.artifact;
        if let Some(f) = artifact.files[index].facts.functions.get(function as usize) {
            for callee in &f.calls {
                match callee {
                    Callee::Local(target) => self.raise(index, *target, context),
                    Callee::External(name) => self.raise_external((index, function), name, context),
                }
            }
        }
        self.raise_started(index, function, context);
        self.follow_layers(index, function, context);
        // a test that imports the package does not make the package a test, and vice versa
        for import in self.index.file(index).imports_of(function) {
            self.raise_imported(index, import, context);
        }
    }

    /// Raises what an import loads, as seen from the file at `index`: the module, and modules among its names.
    fn raise_imported(&mut self, index: usize, import: &Import, context: ExecutionContext) {
        if let Some(target) = self.resolve(index, &import.module) {
            self.raise_loaded(target, context);
        }
        for name in &import.names {
            if let Some(target) = self.resolve(index, &dotted(&import.module, name)) {
                self.raise_loaded(target, context);
            }
        }
    }

    /// Files of the package that a function starts by name: a helper script, a module given to an interpreter.
    fn raise_started(&mut self, index: usize, function: u32, context: ExecutionContext) {
        let file = &self.artifact.files[index];
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut started = Vec::new();
        for used in self.index.file(index).processes_of(function) {
            let words = || used.constants.iter().flat_map(|c| c.split_whitespace());
            // `python -m package`
            if let Some(module) = words().skip_while(|w| *w != "-m").nth(1) {
                let main = self.by_module.get(&format!("{module}.__main__"));
                started.extend(main.or_else(|| self.by_module.get(module)).copied());
            }
            for word in words().filter(|w| w.contains('.') && w.len() < 200) {
                let word = word.trim_matches(['"', '\'']).trim_start_matches("./");
                // below a folder that is worked out: most often the file's own
                let word = word.strip_prefix("{}/").unwrap_or(word);
                let beside = join(folder, word);
                let found = [beside.as_str(), word].into_iter().find_map(|path| {
                    let files = &self.artifact.files;
                    files.binary_search_by(|f| (*f.path).cmp(path)).ok()
                });
                started.extend(found);
            }
        }
        for target in started.into_iter().filter(|target| *target != index) {
            self.raise_loaded(target, context);
            if let Some(main) = self.function_named(target, "<main>") {
                self.raise(target, main, context);
            }
        }
    }

    fn raise_external(&mut self, caller: (usize, u32), name: &str, context: ExecutionContext) {
        let Some((target, function)) = self.callee(caller.0, name) else {
            return;
        };
        if let Some(function) = function {
            let known = self.calls.entry(caller).or_default();
            if target != caller.0 && known.len() < MAX_CALLS {
                known.insert((target, function));
            }
            self.raise(target, function, context);
        } else {
            // what a script module exports by default has whatever name it likes
            self.raise_whole(target, context);
        }
    }

    /// The function that a resolved name stands for; no function means any of the module's.
    fn callee(&self, index: usize, name: &str) -> Option<(usize, Option<u32>)> {
        if let Some((module, function)) = name.split_once('#') {
            let target = self.resolve(index, module)?;
            return match self.function_named(target, function) {
                Some(f) => Some((target, Some(f))),
                None => {
                    matches!(function, "default" | "module.exports" | "").then_some((target, None))
                }
            };
        }
        // `pkg.ship.Sender.send`: the module may end at any of the last dots
        let dots = name.rmatch_indices('.').map(|(at, _)| at).take(3);
        for at in dots.filter(|at| *at > 0) {
            let (module, function) = (&name[..at], &name[at + 1..]);
            let Some(target) = self.resolve(index, module) else {
                continue;
            };
            let found = self.defined(target, function).or_else(|| {
                // `from .ship import send` in a package's `__init__`
                let first = function.split('.').next().unwrap_or(function);
                let imports = &self.artifact.files[target].facts.imports;
                let import = imports
                    .iter()
                    .find(|i| i.names.iter().any(|n| **n == *first))?;
                self.defined(self.resolve(target, &import.module)?, function)
            });
            if let Some((target, f)) = found {
                return Some((target, Some(f)));
            }
        }
        None
    }

    /// A function or the constructor of a class, by the name it has in its module.
    fn defined(&self, target: usize, name: &str) -> Option<(usize, u32)> {
        self.function_named(target, name)
            .or_else(|| self.function_named(target, &format!("{name}.__init__")))
            .map(|f| (target, f))
    }

    /// The file of a module, as seen from the file at `index`.
    fn resolve(&self, index: usize, module: &str) -> Option<usize> {
        if self.artifact.files[index].facts.language == Language::Rust {
            return self.rust_module(index, module);
        }
        let found = self.index.resolved(index, module, |folder, is_python| {
            self.resolve_in(folder, is_python, module)
        });
        let relative = module.starts_with('.');
        found.filter(|found| relative || *found != index)
    }

    /// The file of a module, as seen from any file in a folder, Python's or others.
    fn resolve_in(&self, folder: &str, is_python: bool, module: &str) -> Option<usize> {
        if module.starts_with("./") || module.starts_with("../") {
            return self.find(&join(folder, module));
        }
        let dots = module.len() - module.trim_start_matches('.').len();
        if dots > 0 {
            let mut base = folder;
            for _ in 1..dots {
                base = base.rsplit_once('/').map_or("", |(parent, _)| parent);
            }
            return self.find(&join(base, &module[dots..].replace('.', "/")));
        }
        // scripts find the modules beside them; inside a package a plain name means the module of that name, not a neighbour
        let in_package =
            is_python && !folder.is_empty() && self.exists(&join(folder, "__init__.py"));
        let beside = || self.find(&join(folder, &module.replace('.', "/")));
        self.by_module
            .get(module)
            .copied()
            .or_else(|| if in_package { None } else { beside() })
    }
}
