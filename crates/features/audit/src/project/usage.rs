//! Whether a project's own code uses what advisories warn of: its imports, and who needs whom.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::sync::Arc;

use foretaste_io::files;
use foretaste_model::report::{KNOWN_VULNERABILITY, ReleaseReport};
use foretaste_model::{Ecosystem, PackageName, Usage, UsageState};
use foretaste_project::{Constraint, Group, Origin};
use foretaste_projects::Project;

use crate::auditor::Auditor;
use crate::modules::suggested;
use crate::taste::Taster;

/// Files of a project that are looked at.
const MAX_FILES: usize = 200_000;
/// Bytes of one source file.
const MAX_FILE: u64 = 4 << 20;
/// Places that are told.
const MAX_PLACES: usize = 5;

/// A package, in whatever version.
type Package = (Ecosystem, PackageName);
/// An imported package, and where it is imported.
type Seed = (PackageName, Vec<Box<str>>);

/// The imports of a project's own code.
#[derive(Debug, Default)]
struct Imports {
    /// The module as written, and where.
    modules: BTreeMap<(Ecosystem, String), Vec<String>>,
    /// Files that were read.
    files: BTreeMap<Ecosystem, u32>,
    /// Files with code that is not read: the ending, and how many.
    unread: BTreeMap<Ecosystem, BTreeMap<String, u32>>,
}

/// The language of a source file, as the ecosystem whose packages it imports.
fn ecosystem_of(path: &str) -> Option<(Ecosystem, bool)> {
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
    fn read(root: &Path, wanted: &BTreeSet<Ecosystem>, taster: &Taster) -> Self {
        let mut found = Self::default();
        let tree = foretaste_io::tree(root, MAX_FILES, |name, path| {
            Project::is_own(name) && name != "target" && !files::exists(&path.join("pyvenv.cfg"))
        });
        let mut sources = Vec::new();
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
                    if ecosystem == Ecosystem::Cargo {
                        found.rust(&path, &String::from_utf8_lossy(&bytes));
                    } else {
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

    fn add(&mut self, ecosystem: Ecosystem, module: String, place: &str) {
        let places = self.modules.entry((ecosystem, module)).or_default();
        if places.len() < MAX_PLACES {
            places.push(place.to_owned());
        }
    }

    /// Where one of these modules, or a part of it, is imported.
    fn of(&self, ecosystem: Ecosystem, names: &[String]) -> Vec<Box<str>> {
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

/// A package of the project.
#[derive(Debug, Default)]
struct Node {
    /// The names under which it is imported.
    names: Vec<String>,
    /// Whether these are known, not only suggested.
    is_known: bool,
    needs: BTreeSet<PackageName>,
}

/// Who needs whom.
#[derive(Debug, Default)]
struct Needs {
    nodes: BTreeMap<Package, Node>,
    /// Ecosystems in which a list names packages without saying who needs them.
    open: BTreeSet<Ecosystem>,
}

impl Needs {
    fn of(project: &Project) -> Self {
        let mut found = Self::default();
        for lock in &project.locks {
            let key = |name: &str| PackageName::new(lock.ecosystem, name);
            for package in &lock.packages {
                // the project's own parts need what their code imports, which is read
                if matches!(package.origin, Origin::Member(_) | Origin::Path { .. }) {
                    continue;
                }
                let needs = package.dependencies.iter().map(|edge| key(&edge.name));
                let node = found.nodes.entry((lock.ecosystem, key(&package.name)));
                node.or_default().needs.extend(needs);
            }
            // go.sum knows no edges
            if lock.packages.len() > 1 && lock.packages.iter().all(|p| p.dependencies.is_empty()) {
                found.open.insert(lock.ecosystem);
            }
        }
        for manifest in &project.manifests {
            let ecosystem = manifest.ecosystem;
            for wish in &manifest.requirements {
                let Some(name) = wish.key(ecosystem) else {
                    continue;
                };
                let vias = wish.via.iter().map(|via| &**via);
                for via in vias.filter(|via| !via.starts_with('-') && !via.contains('(')) {
                    let needer = (ecosystem, PackageName::new(ecosystem, via));
                    let node = found.nodes.entry(needer).or_default();
                    node.needs.insert(name.clone());
                }
                let node = found.nodes.entry((ecosystem, name)).or_default();
                node.names.extend(wish.alias.as_deref().map(str::to_owned));
            }
        }
        // what no lock settles needs packages that are named nowhere; a list of one version each may tell who needs whom
        let units = project.units();
        for manifest in units
            .iter()
            .filter(|u| u.lock.is_none())
            .flat_map(|u| &u.manifests)
        {
            let wishes = || {
                let limits = [Group::Constraint, Group::Override];
                manifest
                    .requirements
                    .iter()
                    .filter(move |r| !limits.contains(&r.group))
            };
            let is_list = wishes().all(|r| matches!(r.constraint, Constraint::Pinned(_)));
            let tells = wishes().any(|r| !r.via.is_empty());
            if wishes().next().is_some() && !(is_list && tells) {
                found.open.insert(manifest.ecosystem);
            }
        }
        found
    }

    /// Goes from packages to what they need, and from there on where `reach` says that it was not reached before.
    fn spread(
        &self,
        mut queue: VecDeque<Package>,
        mut reach: impl FnMut(&Package, &Package) -> bool,
    ) {
        while let Some(at) = queue.pop_front() {
            for needed in self.nodes.get(&at).into_iter().flat_map(|n| &n.needs) {
                let key = (at.0, needed.clone());
                if reach(&at, &key) {
                    queue.push_back(key);
                }
            }
        }
    }

    /// Takes the names that were found in what was tasted.
    fn learn(&mut self, reports: &[ReleaseReport]) {
        for report in reports {
            let Some(ecosystem) = report.ecosystem else {
                continue;
            };
            let key = (ecosystem, PackageName::new(ecosystem, &report.name));
            let node = self.nodes.entry(key).or_default();
            node.is_known |= ecosystem != Ecosystem::Pypi || !report.artifacts.is_empty();
            node.names
                .extend(report.imported_as.iter().map(ToString::to_string));
            // a resolution that stands in no file left its ways
            for wanted in &report.wanted_by {
                let way = wanted.path.get(1..).unwrap_or_default();
                for (from, to) in way.iter().zip(way.iter().skip(1)) {
                    let from = (ecosystem, PackageName::new(ecosystem, from));
                    let to = PackageName::new(ecosystem, to);
                    self.nodes.entry(from).or_default().needs.insert(to);
                }
            }
        }
        for ((ecosystem, name), node) in &mut self.nodes {
            if node.names.is_empty() || *ecosystem == Ecosystem::Cargo {
                let suggested = suggested(*ecosystem, name.as_str());
                node.names.push(suggested);
            }
            node.is_known |= *ecosystem != Ecosystem::Pypi;
        }
    }
}

/// What is known of one project.
struct Known {
    needs: Needs,
    imports: Imports,
    /// For each package that an imported one leads to, the imported one.
    through: BTreeMap<Package, Seed>,
    /// What packages may lead to whose import names are only guessed.
    guessed: BTreeSet<Package>,
}

impl Known {
    fn of(mut needs: Needs, imports: Imports, reports: &[ReleaseReport]) -> Self {
        needs.learn(reports);
        let mut through = BTreeMap::new();
        let mut queue = VecDeque::new();
        for ((ecosystem, name), node) in &needs.nodes {
            let places = imports.of(*ecosystem, &node.names);
            if !places.is_empty() {
                through.insert((*ecosystem, name.clone()), (name.clone(), places));
                queue.push_back((*ecosystem, name.clone()));
            }
        }
        needs.spread(queue, |at, needed| {
            let from: Option<Seed> = through.get(at).cloned();
            let is_new = !through.contains_key(needed);
            is_new && from.is_some_and(|from| through.insert(needed.clone(), from).is_none())
        });
        let unknown = needs.nodes.iter().filter(|(_, node)| !node.is_known);
        let unknown: VecDeque<_> = unknown.map(|(key, _)| key.clone()).collect();
        let mut guessed: BTreeSet<_> = unknown.iter().cloned().collect();
        needs.spread(unknown, |_, needed| guessed.insert(needed.clone()));
        Self {
            needs,
            imports,
            through,
            guessed,
        }
    }

    /// None if the project has no code that could import it.
    fn usage(&self, ecosystem: Ecosystem, name: &PackageName) -> Option<Usage> {
        let files = *self.imports.files.get(&ecosystem)?;
        let told = |state| Usage {
            state,
            places: Vec::new(),
            through: None,
            files,
            because: None,
        };
        if let Some((by, places)) = self.through.get(&(ecosystem, name.clone())) {
            let direct = by == name;
            return Some(Usage {
                places: places.clone(),
                through: (!direct).then(|| by.as_str().into()),
                ..told(if direct {
                    UsageState::Imported
                } else {
                    UsageState::Through
                })
            });
        }
        let because = if self.needs.open.contains(&ecosystem) {
            Some("it is not imported directly, and nothing says which packages need it".to_owned())
        } else if self.guessed.contains(&(ecosystem, name.clone())) {
            let why = "under which names it, or what needs it, is imported is not known";
            Some(why.to_owned())
        } else {
            self.imports.unread.get(&ecosystem).map(|unread| {
                let ends: Vec<String> = unread.iter().map(|(e, n)| format!("{n} .{e}")).collect();
                format!("imports of {} files are not read", ends.join(", "))
            })
        };
        Some(match because {
            Some(why) => Usage {
                because: Some(why.into()),
                ..told(UsageState::Unknown)
            },
            None => told(UsageState::NotImported),
        })
    }
}

impl Auditor {
    /// Says of each release with an advisory whether the code of the project at `root` uses it.
    pub(crate) async fn tell_usage(
        self: &Arc<Self>,
        root: &Path,
        project: &Project,
        reports: &mut [ReleaseReport],
    ) {
        let concerned = |report: &ReleaseReport| {
            let mut findings = report.findings.iter();
            findings.any(|f| &*f.rule == KNOWN_VULNERABILITY)
        };
        let wanted: BTreeSet<Ecosystem> = reports
            .iter()
            .filter(|r| concerned(r))
            .filter_map(|r| r.ecosystem)
            .collect();
        if wanted.is_empty() {
            return;
        }
        let (auditor, folder) = (Arc::clone(self), root.to_owned());
        let read =
            tokio::task::spawn_blocking(move || Imports::read(&folder, &wanted, auditor.taster()));
        let Ok(imports) = read.await else {
            return;
        };
        let known = Known::of(Needs::of(project), imports, reports);
        for report in reports.iter_mut().filter(|r| concerned(r)) {
            let Some(ecosystem) = report.ecosystem else {
                continue;
            };
            let name = PackageName::new(ecosystem, &report.name);
            report.usage = known.usage(ecosystem, &name);
        }
    }
}

#[cfg(test)]
mod tests {
    use foretaste_io::Environment;

    use super::*;
    use crate::assemble::failed;

    const LOCK: &str = r#"version = 1
requires-python = ">=3.12"

[[package]]
name = "app"
source = { virtual = "." }
dependencies = [{ name = "django" }, { name = "pyyaml" }, { name = "rich" }]

[[package]]
name = "django"
version = "5.0"
source = { registry = "https://index.example/simple" }
dependencies = [{ name = "sqlparse" }]

[[package]]
name = "sqlparse"
version = "0.5.0"
source = { registry = "https://index.example/simple" }

[[package]]
name = "pyyaml"
version = "6.0"
source = { registry = "https://index.example/simple" }

[[package]]
name = "rich"
version = "14.0"
source = { registry = "https://index.example/simple" }
"#;

    fn report(name: &str, imported_as: &[&str]) -> ReleaseReport {
        let release = foretaste_model::ReleaseId::new(Ecosystem::Pypi, name, "1");
        let mut report = failed(name, Some(&release), name, "", None);
        report.imported_as = imported_as.iter().map(|n| Box::from(*n)).collect();
        report
    }

    fn known(entries: &[(&str, &str)], names_known: bool) -> Known {
        let dir = tempfile::tempdir().expect("a folder");
        for (path, text) in entries {
            files::write(&dir.path().join(path), text.as_bytes()).expect("written");
        }
        let project = Project::discover(dir.path(), &Environment::below(dir.path()));
        let mut needs = Needs::of(&project.expect("read"));
        for node in needs.nodes.values_mut() {
            node.is_known = names_known;
        }
        let mut imports = Imports::default();
        for (path, text) in entries.iter().filter(|(p, _)| p.ends_with(".py")) {
            imports.files.insert(Ecosystem::Pypi, 1);
            let limits = foretaste_model::Limits::default();
            let facts = foretaste_lang::observe(path, text.as_bytes(), &limits);
            for import in facts.imports {
                let place = format!("{path}:{}", import.span.line);
                imports.add(Ecosystem::Pypi, import.module.to_string(), &place);
            }
        }
        let reports = [report("pyyaml", &["_yaml", "yaml"])];
        Known::of(needs, imports, &reports)
    }

    fn state(known: &Known, name: &str) -> String {
        let usage = known.usage(Ecosystem::Pypi, &PackageName::new(Ecosystem::Pypi, name));
        usage.expect("an answer").words()
    }

    #[test]
    fn imports_lead_to_what_the_imported_packages_need() {
        let known = known(
            &[
                ("uv.lock", LOCK),
                (
                    "app.py",
                    "import os\nfrom django.db import models\nimport yaml\n",
                ),
            ],
            true,
        );
        assert_eq!(
            state(&known, "django"),
            "the project's own code imports it (app.py:2)"
        );
        assert_eq!(
            state(&known, "sqlparse"),
            "the project's own code imports django, which needs it (app.py:2)"
        );
        assert!(state(&known, "PyYAML").contains("imports it (app.py:3)"));
        assert!(state(&known, "rich").starts_with("no import in the 1 file"));
    }

    #[test]
    fn what_is_not_known_is_not_called_unused() {
        let guessed = known(&[("uv.lock", LOCK), ("app.py", "import os\n")], false);
        assert!(state(&guessed, "rich").contains("do not tell"));
        let list = "six==1.0\nrich==14.0\n";
        let open = known(
            &[("requirements.txt", list), ("app.py", "import six\n")],
            true,
        );
        assert!(state(&open, "six").contains("imports it"));
        assert!(state(&open, "rich").contains("nothing says which packages need it"));
        let via = "six==1.0\n    # via rich\nrich==14.0\n    # via -r requirements.in\n";
        let wish = [
            ("requirements.txt", "django>=5\n"),
            ("app.py", "import os\n"),
        ];
        assert!(state(&known(&wish, true), "sqlparse").contains("do not tell"));
        let closed = known(
            &[("requirements.txt", via), ("app.py", "import rich\n")],
            true,
        );
        assert!(state(&closed, "six").contains("imports rich, which needs it"));
    }

    #[test]
    fn a_project_without_code_says_nothing() {
        let known = known(&[("uv.lock", LOCK)], true);
        let rich = PackageName::new(Ecosystem::Pypi, "rich");
        assert_eq!(known.usage(Ecosystem::Pypi, &rich), None);
    }
}
