//! Whether a project's own code uses what advisories warn of: its imports, and who needs whom.

mod functions;
mod imports;
mod needs;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::sync::Arc;

use foretaste_model::metadata::ReleaseMetadata;
use foretaste_model::report::{KNOWN_VULNERABILITY, ReleaseReport};
use foretaste_model::{Ecosystem, Knowledge, PackageName, ReleaseId, Usage, UsageState};
use foretaste_projects::Project;
use tokio::task::JoinSet;

use crate::auditor::Auditor;
use functions::{Named, Wanted};
use imports::Imports;
use needs::{Needs, Package};

/// An imported package, and where it is imported.
type Seed = (PackageName, Vec<Box<str>>);

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
        for ((ecosystem, name), called) in &needs.called {
            let places = imports.of(*ecosystem, &called.names);
            if places.is_empty() {
                continue;
            }
            for package in needs.imported(*ecosystem, name, called) {
                through.insert(package.clone(), (name.clone(), places.clone()));
                queue.push_back(package);
            }
        }
        needs.spread(queue, |at, needed| {
            let from: Option<Seed> = through.get(at).cloned();
            let is_new = !through.contains_key(needed);
            is_new && from.is_some_and(|from| through.insert(needed.clone(), from).is_none())
        });
        let unknown = needs.called.iter().filter(|(_, called)| !called.is_known);
        let unknown: VecDeque<_> = unknown
            .flat_map(|((ecosystem, name), _)| needs.versions(*ecosystem, name))
            .collect();
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
    fn usage(&self, ecosystem: Ecosystem, name: &PackageName, version: &str) -> Option<Usage> {
        let files = *self.imports.files.get(&ecosystem)?;
        let told = |state| Usage {
            state,
            places: Vec::new(),
            through: None,
            functions: Vec::new(),
            files,
            because: None,
        };
        let package = (ecosystem, name.clone(), Box::from(version));
        // of a version that no lock knows, what is known of the name holds
        let meant = if self.needs.edges.contains_key(&package) {
            vec![package.clone()]
        } else {
            self.needs.versions(ecosystem, name)
        };
        if let Some((by, places)) = meant.iter().find_map(|p| self.through.get(p)) {
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
        } else if meant.iter().any(|p| self.guessed.contains(p)) {
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
            None => Usage {
                because: self.other_version(&package),
                ..told(UsageState::NotImported)
            },
        })
    }

    /// Which version of the package the project's code uses, if it is another one.
    fn other_version(&self, (ecosystem, name, version): &Package) -> Option<Box<str>> {
        let others = self.needs.versions(*ecosystem, name).into_iter();
        let used: Vec<Box<str>> = others
            .filter(|p| p.2 != *version && !p.2.is_empty() && self.through.contains_key(p))
            .map(|p| p.2)
            .collect();
        (!used.is_empty()).then(|| format!("in use: {}", used.join(", ")).into())
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
        let wanted_go = wanted.contains(&Ecosystem::Go);
        let mut functions = BTreeMap::new();
        for (index, report) in reports.iter().enumerate().filter(|(_, r)| concerned(r)) {
            functions.insert(index, self.wanted_functions(report).await);
        }
        let named = functions.iter().filter_map(|(index, wanted)| {
            let ecosystem = reports.get(*index)?.ecosystem?;
            Some((ecosystem, wanted))
        });
        let mut named = Named::new(named);
        let (auditor, folder) = (Arc::clone(self), root.to_owned());
        let read = tokio::task::spawn_blocking(move || {
            let imports = Imports::read(&folder, &wanted, &mut named, auditor.taster());
            (imports, named)
        });
        let Ok((imports, named)) = read.await else {
            return;
        };
        let mut needs = Needs::of(project);
        if wanted_go {
            self.ask_modules(&mut needs, reports).await;
        }
        let known = Known::of(needs, imports, reports);
        for (index, wanted) in functions {
            let Some(report) = reports.get_mut(index) else {
                continue;
            };
            let Some(ecosystem) = report.ecosystem else {
                continue;
            };
            let name = PackageName::new(ecosystem, &report.name);
            let version = report.version.as_deref().unwrap_or_default();
            let usage = known.usage(ecosystem, &name, version);
            let called = known.needs.called.get(&(ecosystem, name));
            let aliases = called.map_or(&[][..], |c| &c.names);
            let complete = !known.imports.unread.contains_key(&ecosystem);
            report.usage = usage.map(|u| named.refine(u, (ecosystem, aliases), &wanted, complete));
        }
    }

    /// The functions that the advisories of a release name. Whoever was asked in this run answers from what is kept.
    async fn wanted_functions(&self, report: &ReleaseReport) -> Wanted {
        let (Some(ecosystem), Some(version)) = (report.ecosystem, &report.version) else {
            return Wanted::default();
        };
        let release = ReleaseId::new(ecosystem, &report.name, version);
        let record = ReleaseMetadata::new(release);
        match self.intel().advisories(&record).await {
            Knowledge::Known(advisories) => Wanted::of(report, &advisories),
            Knowledge::Skipped(_) => Wanted::default(),
        }
    }

    /// Which modules need which: go.sum does not say, and each module's own go.mod does. It was asked for when the module was
    /// vetted, and is at hand.
    async fn ask_modules(self: &Arc<Self>, needs: &mut Needs, reports: &[ReleaseReport]) {
        let Ok(registry) = self.registry(Ecosystem::Go).await else {
            return;
        };
        let modules = reports
            .iter()
            .filter(|r| r.ecosystem == Some(Ecosystem::Go));
        let mut asked = JoinSet::new();
        for report in modules {
            let name = PackageName::new(Ecosystem::Go, &report.name);
            let (registry, version) = (Arc::clone(&registry), report.version.clone());
            asked.spawn(async move {
                let record = registry.lookup(&name, version.as_deref()).await;
                (name, record.ok().map(|record| record.dependencies))
            });
        }
        let mut all = true;
        while let Some(answer) = asked.join_next().await {
            let Ok((name, Some(Knowledge::Known(dependencies)))) = answer else {
                all = false;
                continue;
            };
            for dependency in dependencies {
                let needed = PackageName::new(Ecosystem::Go, &dependency.name);
                needs.need_by_name(Ecosystem::Go, name.as_str(), &needed);
            }
        }
        if all {
            needs.open.remove(&Ecosystem::Go);
        }
    }
}

#[cfg(test)]
mod tests {
    use foretaste_io::{Environment, files};

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
        for called in needs.called.values_mut() {
            called.is_known = names_known;
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
        let package = PackageName::new(Ecosystem::Pypi, name);
        let usage = known.usage(Ecosystem::Pypi, &package, "");
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
    fn versions_of_one_package_are_told_apart() {
        let lock = r#"{"name": "a", "lockfileVersion": 3, "packages": {
            "": {"name": "a", "dependencies": {"pad": "^2", "old": "^1", "dead": "^1"}},
            "node_modules/pad": {"version": "2.0.0"},
            "node_modules/old": {"version": "1.0.0", "dependencies": {"pad": "^1"}},
            "node_modules/old/node_modules/pad": {"version": "1.0.0"},
            "node_modules/dead": {"version": "1.0.0", "dependencies": {"pad": "^0.1"}},
            "node_modules/dead/node_modules/pad": {"version": "0.1.0"}}}"#;
        let dir = tempfile::tempdir().expect("a folder");
        files::write(&dir.path().join("package-lock.json"), lock.as_bytes()).expect("written");
        let project = Project::discover(dir.path(), &Environment::below(dir.path()));
        let needs = Needs::of(&project.expect("read"));
        let mut imports = Imports::default();
        imports.files.insert(Ecosystem::Npm, 1);
        imports.add(Ecosystem::Npm, "pad".to_owned(), "a.js:1");
        imports.add(Ecosystem::Npm, "old".to_owned(), "a.js:2");
        let known = Known::of(needs, imports, &[]);
        let pad = PackageName::new(Ecosystem::Npm, "pad");
        let told = |version: &str| {
            let usage = known.usage(Ecosystem::Npm, &pad, version);
            usage.expect("an answer").words()
        };
        assert_eq!(told("2.0.0"), "the project's own code imports it (a.js:1)");
        assert_eq!(
            told("1.0.0"),
            "the project's own code imports old, which needs it (a.js:2)"
        );
        assert_eq!(
            told("0.1.0"),
            "no import in the 1 file of the project leads to it (in use: 1.0.0, 2.0.0); what is loaded by name \
             is not seen"
        );
    }

    #[test]
    fn modules_tell_which_modules_they_need() {
        let dir = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            files::write(&dir.path().join(path), text.as_bytes()).expect("written");
        };
        write(
            "go.mod",
            "module a.example/app\n\nrequire (\n\ta.example/web v1.0.0\n\ta.example/pad v1.0.0 // indirect\n\ta.example/rest v1.0.0 // indirect\n)\n",
        );
        let sum = |name: &str| {
            format!("a.example/{name} v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
        };
        write("go.sum", &["web", "pad", "rest"].map(sum).concat());
        let project = Project::discover(dir.path(), &Environment::below(dir.path()));
        let project = project.expect("read");
        let told = |asked: bool, name: &str| {
            let mut needs = Needs::of(&project);
            if asked {
                let pad = PackageName::new(Ecosystem::Go, "a.example/pad");
                needs.need_by_name(Ecosystem::Go, "a.example/web", &pad);
                needs.open.remove(&Ecosystem::Go);
            }
            let mut imports = Imports::default();
            imports.files.insert(Ecosystem::Go, 1);
            imports.add(Ecosystem::Go, "a.example/web/http".to_owned(), "main.go:3");
            let known = Known::of(needs, imports, &[]);
            let name = PackageName::new(Ecosystem::Go, name);
            known
                .usage(Ecosystem::Go, &name, "v1.0.0")
                .expect("an answer")
                .state
        };
        assert_eq!(told(false, "a.example/pad"), UsageState::Unknown);
        assert_eq!(told(true, "a.example/web"), UsageState::Imported);
        assert_eq!(told(true, "a.example/pad"), UsageState::Through);
        assert_eq!(told(true, "a.example/rest"), UsageState::NotImported);
    }

    #[test]
    fn a_project_without_code_says_nothing() {
        let known = known(&[("uv.lock", LOCK)], true);
        let rich = PackageName::new(Ecosystem::Pypi, "rich");
        assert_eq!(known.usage(Ecosystem::Pypi, &rich, "14.0"), None);
    }
}
