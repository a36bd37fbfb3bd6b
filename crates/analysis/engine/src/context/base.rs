//! What each file is before anything is known of who loads it: by its path, its language, and whether anything names it.

use std::collections::{BTreeMap, BTreeSet};

use foretaste_model::ExecutionContext;
use foretaste_model::facts::{ArtifactFacts, ArtifactKind, FileEntry, Language};

use super::Work;
use super::names::is_of_python_npm_or_cargo;
use crate::paths::{is_asset, is_test_path, is_workshop};

impl Work<'_> {
    pub(super) fn seed_paths(&mut self) {
        let packed = self.packed_away();
        let layout = Layout::of(self.artifact);
        for file in &self.artifact.files {
            let carried = file
                .path
                .split_once('!')
                .is_some_and(|(archive, _)| packed.contains(archive));
            let asset = carried || is_asset(&file.path, &file.facts, self.artifact.kind);
            let base = if asset {
                Some(ExecutionContext::Asset)
            } else if is_test_path(&file.path) || layout.starts_by_hand(file) {
                Some(ExecutionContext::Test)
            } else {
                None
            };
            let imported = layout.imports(file);
            self.contexts.push(contexts(file, base, imported));
        }
    }
}

/// The contexts of the functions of a file.
fn contexts(
    file: &FileEntry,
    base: Option<ExecutionContext>,
    imported: bool,
) -> Vec<ExecutionContext> {
    let configures_tests = name_of(&file.path) == "conftest.py";
    // nothing imports it but by that name: `python -m package` runs it
    let is_main = name_of(&file.path) == "__main__.py";
    let of = |at_import: bool| {
        base.unwrap_or(if at_import && imported && is_main {
            ExecutionContext::Entry
        } else if at_import && imported {
            ExecutionContext::Import
        } else {
            ExecutionContext::Called
        })
    };
    let mut contexts: Vec<_> = file
        .facts
        .functions
        .iter()
        .map(|f| match base {
            // the test runner loads it before any test
            Some(ExecutionContext::Test) if configures_tests && f.at_import => {
                ExecutionContext::Entry
            }
            // `if __name__ == "__main__"`: what runs when the file is started
            None if &*f.name == "<main>" => ExecutionContext::Entry,
            // constructors of a Rust program: loading it is enough
            None if &*f.name == "<init>" => ExecutionContext::Import,
            _ => of(f.at_import),
        })
        .collect();
    if let Some(module) = contexts.first_mut() {
        *module = if configures_tests && base == Some(ExecutionContext::Test) {
            ExecutionContext::Entry
        } else {
            of(true)
        };
    } else {
        contexts.push(of(true));
    }
    contexts
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// True for a script that Git starts by its name once it is where hooks lie, and that is carried along for that: one in
/// a hidden folder is the package's own repository's.
fn is_git_hook(path: &str) -> bool {
    const HOOKS: [&str; 11] = [
        "commit-msg",
        "post-checkout",
        "post-commit",
        "post-merge",
        "post-rewrite",
        "pre-auto-gc",
        "pre-commit",
        "pre-merge-commit",
        "pre-push",
        "pre-rebase",
        "prepare-commit-msg",
    ];
    let name = name_of(path);
    let is_hidden = path.split('/').any(|part| part.starts_with('.'));
    HOOKS.contains(&name.strip_suffix(".sh").unwrap_or(name)) && !is_hidden
}

/// How an artifact is laid out: what of it can be imported, and what only its maintainers start.
struct Layout<'a> {
    artifact: &'a ArtifactFacts,
    /// A package of npm: its manifest says what importing it loads.
    npm: bool,
    /// The sources of a Python package, packed or not: not all that lies there is installed.
    sources: bool,
    /// The folders with an `__init__.py` that are not tests or examples.
    packages: BTreeSet<&'a str>,
    /// The files of shells that something in the package names.
    named: BTreeSet<&'a str>,
}

impl<'a> Layout<'a> {
    fn of(artifact: &'a ArtifactFacts) -> Self {
        let npm = artifact.file("package.json").is_some()
            && matches!(
                artifact.kind,
                ArtifactKind::NpmTarball | ArtifactKind::Folder
            );
        let at_root = |name: &str| artifact.file(name).is_some();
        let sources = artifact.kind == ArtifactKind::Sdist
            || (artifact.kind == ArtifactKind::Folder
                && ["PKG-INFO", "pyproject.toml", "setup.py"]
                    .into_iter()
                    .any(at_root));
        let packages = artifact
            .files
            .iter()
            .filter_map(|f| f.path.strip_suffix("/__init__.py"))
            .filter(|folder| !is_test_path(&format!("{folder}/")))
            .collect();
        let mut layout = Self {
            artifact,
            npm,
            sources,
            packages,
            named: BTreeSet::new(),
        };
        layout.named = layout.named_scripts();
        layout
    }

    /// True if importing the package, or a module of it, runs the top of a file.
    fn imports(&self, file: &FileEntry) -> bool {
        match file.facts.language {
            // a manifest names what is loaded, and contexts travel from there
            Language::JavaScript | Language::TypeScript => !self.npm,
            // no `import` names `get-thing.py`: who wants it starts it
            Language::Python if name_of(&file.path).contains('-') => false,
            Language::Python => !self.sources || self.is_module(&file.path),
            // nothing of Python, npm or cargo loads a program in one of these
            Language::Ruby | Language::Php | Language::Go => !self.is_foreign(),
            Language::Bytecode => true,
            // nothing imports a shell script: it runs when something starts it
            _ => false,
        }
    }

    /// True for a package of an ecosystem whose programs are written in another language.
    const fn is_foreign(&self) -> bool {
        self.npm || is_of_python_npm_or_cargo(self.artifact.kind)
    }

    /// True for what only a maintainer starts, from a checkout: shell scripts that nothing names, helpers in folders
    /// that are no packages.
    fn starts_by_hand(&self, file: &FileEntry) -> bool {
        let path = &*file.path;
        let kind = self.artifact.kind;
        let installed = kind == ArtifactKind::Wheel && path.contains(".data/");
        // nothing of a crate starts the scripts of its repository
        if kind == ArtifactKind::Crate && is_script(file.facts.language) {
            return true;
        }
        if is_shell(file.facts.language) {
            let kept = matches!(
                kind,
                ArtifactKind::Sdist | ArtifactKind::Wheel | ArtifactKind::Egg
            );
            return (self.npm || kept)
                && !installed
                && !self.named.contains(path)
                && !is_git_hook(path);
        }
        match file.facts.language {
            Language::JavaScript | Language::TypeScript => self.npm && is_workshop(path),
            Language::Python => self.sources && is_workshop(path) && !self.is_module(path),
            _ => false,
        }
    }

    /// True if an installed copy of the file could be imported: at the root or below `src`, in folders that setuptools
    /// takes for packages, or in a package below a namespace.
    fn is_module(&self, path: &str) -> bool {
        let Some((folder, _)) = path.rsplit_once('/') else {
            return true;
        };
        // without any `__init__.py`, all packages are namespaces
        if self.packages.is_empty() || is_source_root(folder) {
            return true;
        }
        if !self.packages.contains(folder) {
            return false;
        }
        let importable = |part: &str| {
            !part.starts_with(|c: char| c.is_ascii_digit())
                && part.chars().all(|c| c.is_alphanumeric() || c == '_')
        };
        let (root, below) = match folder.split_once('/') {
            Some((first, rest)) if is_source_root(first) => (first.len() + 1, rest),
            _ => (0, folder),
        };
        // setuptools packs `a-b/__init__.py`, whose code runs by other means than `import`
        let whole = below
            .match_indices('/')
            .all(|(at, _)| self.packages.contains(&folder[..root + at]));
        whole || below.split('/').all(importable)
    }

    /// The scripts for shells whose names stand in the programs or manifests of the package.
    fn named_scripts(&self) -> BTreeSet<&'a str> {
        let mut named = BTreeSet::new();
        let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let (scripts, others): (Vec<_>, Vec<_>) = self
            .artifact
            .files
            .iter()
            .partition(|f| is_shell(f.facts.language));
        for script in scripts {
            let name = name_of(&script.path);
            // where a word of a text ends is not known of such a name
            if name.contains(|c| !is_of_name(c)) {
                named.insert(&*script.path);
            }
            by_name.entry(name).or_default().push(&script.path);
        }
        if by_name.is_empty() {
            return named;
        }
        for file in others {
            let layers = file.facts.layers.iter().map(|l| &*l.facts);
            let constants = std::iter::once(&*file.facts).chain(layers).flat_map(|f| {
                let uses = f.uses.iter().flat_map(|u| &u.constants);
                uses.chain(f.literals.iter().map(|l| &l.value))
            });
            let surfaces = file.facts.surfaces.iter();
            let surfaces = surfaces.flat_map(|s| [&s.command, &s.target]);
            for text in constants.chain(surfaces) {
                let words = text.split(|c| !is_of_name(c));
                // a name is looked for once, however many scripts and words have it
                for paths in words.filter_map(|w| by_name.remove(w)) {
                    named.extend(paths);
                }
            }
        }
        named
    }
}

/// True for the characters of file names that programs write without quotes.
fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+')
}

fn is_source_root(folder: &str) -> bool {
    matches!(folder, "src" | "lib" | "python")
}

const fn is_script(language: Language) -> bool {
    is_shell(language)
        || matches!(
            language,
            Language::Python | Language::JavaScript | Language::TypeScript
        )
}

const fn is_shell(language: Language) -> bool {
    matches!(
        language,
        Language::Shell | Language::PowerShell | Language::Batch
    )
}
