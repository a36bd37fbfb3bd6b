//! Functions that advisories name, in the project's own code.
//!
//! That one is called is said where a call resolves to it. That none is called is said where no own file so much as holds the
//! word, in whatever role: an alias, a re-export, a method of something unknown and a name in a text all leave it open.

use std::collections::{BTreeMap, BTreeSet};

use foretaste_model::facts::{Callee, FileFacts};
use foretaste_model::intel::AdvisoryMatch;
use foretaste_model::report::{KNOWN_VULNERABILITY, ReleaseReport};
use foretaste_model::{Ecosystem, Usage, UsageState};

/// Places that are told.
const MAX_PLACES: usize = 5;

/// The functions that the advisories of one release name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// As the records write them.
    functions: BTreeSet<Box<str>>,
    /// True if each of its advisories names some.
    all: bool,
}

impl Wanted {
    /// What the advisories say of those that a report tells.
    pub(super) fn of(report: &ReleaseReport, advisories: &[AdvisoryMatch]) -> Self {
        let told = report.findings.iter();
        let told = told.filter(|f| &*f.rule == KNOWN_VULNERABILITY);
        let mut found = Self {
            functions: BTreeSet::new(),
            all: true,
        };
        for finding in told {
            let id = finding.message.split(": ").next().unwrap_or_default();
            let advisory = advisories
                .iter()
                .find(|a| *a.id == *id || a.aliases.iter().any(|alias| **alias == *id));
            let functions = advisory.map_or(&[][..], |a| &a.functions);
            found.all &= !functions.is_empty();
            found.functions.extend(functions.iter().cloned());
        }
        found.all &= !found.functions.is_empty();
        found
    }
}

/// The words and calls of a project's own code, as far as functions of advisories are concerned.
#[derive(Debug, Default)]
pub(super) struct Named {
    words: BTreeMap<Ecosystem, BTreeSet<String>>,
    held: BTreeSet<(Ecosystem, String)>,
    called: BTreeMap<(Ecosystem, String), Vec<Box<str>>>,
}

impl Named {
    /// Looks for the functions of these releases.
    pub(super) fn new<'a>(wanted: impl IntoIterator<Item = (Ecosystem, &'a Wanted)>) -> Self {
        let mut found = Self::default();
        for (ecosystem, wanted) in wanted {
            let words = found.words.entry(ecosystem).or_default();
            words.extend(wanted.functions.iter().map(|f| last(&dotted(f)).to_owned()));
        }
        found
    }

    /// The words that a file holds.
    pub(super) fn read(&mut self, ecosystem: Ecosystem, text: &str) {
        let held = self.words_in(ecosystem, text);
        let held: Vec<_> = held.map(|word| (ecosystem, word.to_owned())).collect();
        self.held.extend(held);
    }

    /// The path and text of a file whose calls are to be looked at.
    pub(super) fn keep(
        &self,
        ecosystem: Ecosystem,
        path: &str,
        text: &str,
    ) -> Option<(String, String)> {
        self.words_in(ecosystem, text).next()?;
        Some((path.to_owned(), text.to_owned()))
    }

    fn words_in<'a>(
        &'a self,
        ecosystem: Ecosystem,
        text: &'a str,
    ) -> impl Iterator<Item = &'a str> + 'a {
        let words = self.words.get(&ecosystem).into_iter().flatten();
        words
            .map(String::as_str)
            .filter(|word| line_of(text, word).is_some())
    }

    /// The calls of a file that was observed.
    pub(super) fn observed(
        &mut self,
        ecosystem: Ecosystem,
        (path, text): (&str, &str),
        facts: &FileFacts,
    ) {
        let calls = facts.functions.iter().flat_map(|f| &f.calls);
        for call in calls {
            if let Callee::External(name) = call {
                let name = dotted(name);
                let line = line_of(text, last(&name)).unwrap_or(1);
                self.calls(ecosystem, name, &format!("{path}:{line}"));
            }
        }
    }

    /// The calls of a Rust file: paths before a parenthesis, with what `use` brought in put before them.
    pub(super) fn rust(&mut self, path: &str, text: &str) {
        if !self.words.contains_key(&Ecosystem::Cargo) {
            return;
        }
        let paths = foretaste_lang::paths_named(text);
        for call in paths.iter().filter(|p| p.called) {
            let first = call.path.split('.').next().unwrap_or_default();
            let at = format!("{path}:{}", call.line);
            let brought = paths
                .iter()
                .filter(|p| p.path.contains('.') && last(&p.path) == first);
            for by in brought {
                let front = by
                    .path
                    .get(..by.path.len() - first.len())
                    .unwrap_or_default();
                self.calls(Ecosystem::Cargo, format!("{front}{}", call.path), &at);
            }
            self.calls(Ecosystem::Cargo, call.path.clone(), &at);
        }
    }

    fn calls(&mut self, ecosystem: Ecosystem, name: String, place: &str) {
        let words = self.words.get(&ecosystem);
        if !words.is_some_and(|words| words.contains(last(&name))) {
            return;
        }
        let places = self.called.entry((ecosystem, name)).or_default();
        if places.len() < MAX_PLACES {
            places.push(place.into());
        }
    }

    /// Says more of a package that is imported: that a vulnerable function is called, or that none is named. `names` are
    /// those under which it is imported, `complete` whether all of the code was read.
    pub(super) fn refine(
        &self,
        usage: Usage,
        (ecosystem, names): (Ecosystem, &[String]),
        wanted: &Wanted,
        complete: bool,
    ) -> Usage {
        if usage.state != UsageState::Imported {
            return usage;
        }
        let (mut called, mut places) = (Vec::new(), BTreeSet::new());
        for function in &wanted.functions {
            let full = dotted(function);
            let own = names.iter().map(|name| format!("{}.{full}", dotted(name)));
            for name in own.chain([full.clone()]) {
                if let Some(found) = self.called.get(&(ecosystem, name)) {
                    called.push(function.clone());
                    places.extend(found.iter().cloned());
                    break;
                }
            }
        }
        if !called.is_empty() {
            return Usage {
                state: UsageState::Called,
                places: places.into_iter().take(MAX_PLACES).collect(),
                functions: called,
                ..usage
            };
        }
        let is_held = |function: &str| {
            let word = last(&dotted(function)).to_owned();
            self.held.contains(&(ecosystem, word))
        };
        if wanted.all && complete && !wanted.functions.iter().any(|f| is_held(f)) {
            return Usage {
                state: UsageState::NotCalled,
                functions: wanted.functions.iter().cloned().collect(),
                ..usage
            };
        }
        usage
    }
}

/// A path with dots between its parts, however the record or the language writes it.
fn dotted(path: &str) -> String {
    let path = path.trim().split(['(', '<']).next().unwrap_or_default();
    let parts = path.split([':', '/', '#', '.']).filter(|p| !p.is_empty());
    parts.collect::<Vec<_>>().join(".")
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// The line on which a word stands first, as a word of its own.
fn line_of(text: &str, word: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    if word.is_empty() {
        return Some(1);
    }
    let (at, _) = text.match_indices(word).find(|(at, _)| {
        let before = text.get(..*at).and_then(|t| t.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })?;
    Some(1 + text.get(..at)?.matches('\n').count())
}

#[cfg(test)]
mod tests {
    use foretaste_model::{Limits, ReleaseId};
    use foretaste_osv::read_record;
    use serde_json::{Value, json};

    use super::*;
    use crate::assemble::failed;

    fn told(ecosystem: Ecosystem, name: &str, record: &Value, files: &[(&str, &str)]) -> String {
        let release = ReleaseId::new(ecosystem, name, "1.0.0");
        let advisory = read_record(record, &release).expect("a record");
        let wanted = Wanted {
            all: !advisory.functions.is_empty(),
            functions: advisory.functions.into_iter().collect(),
        };
        let mut named = Named::new([(ecosystem, &wanted)]);
        for (path, text) in files {
            named.read(ecosystem, text);
            if ecosystem == Ecosystem::Cargo {
                named.rust(path, text);
            } else {
                let facts = foretaste_lang::observe(path, text.as_bytes(), &Limits::default());
                named.observed(ecosystem, (path, text), &facts);
            }
        }
        let usage = Usage {
            state: UsageState::Imported,
            places: vec!["app:1".into()],
            through: None,
            functions: Vec::new(),
            files: files.len() as u32,
            because: None,
        };
        let aliases = [name.to_owned()];
        let refined = named.refine(usage, (ecosystem, &aliases), &wanted, true);
        format!("{:?} {}", refined.state, refined.places.join(" "))
    }

    fn record(ecosystem: &str, name: &str, own: &Value) -> Value {
        json!({"id": "X-1", "affected": [{"package": {"ecosystem": ecosystem, "name": name},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}],
            "ecosystem_specific": own}]})
    }

    #[test]
    fn functions_of_rustsec() {
        let functions = json!({"affects": {"arch": [], "os": [], "functions": ["time::OffsetDateTime::now_local"]}});
        let record = record("crates.io", "time", &functions);
        let told = |text: &str| told(Ecosystem::Cargo, "time", &record, &[("src/main.rs", text)]);
        for (text, expected) in [
            (
                "fn main() {\n    time::OffsetDateTime::now_local();\n}\n",
                "Called src/main.rs:2",
            ),
            (
                "use time::OffsetDateTime;\n\nfn main() {\n    OffsetDateTime::now_local();\n}\n",
                "Called src/main.rs:4",
            ),
            ("use time::Date;\nfn main() {}\n", "NotCalled app:1"),
            // another function of that name, a method, a text and a macro leave it open
            ("fn main() { chrono::now_local(); }\n", "Imported app:1"),
            ("fn main() { clock.now_local(); }\n", "Imported app:1"),
            ("fn main() { dispatch(\"now_local\"); }\n", "Imported app:1"),
            ("// time::OffsetDateTime::now_local()\n", "Imported app:1"),
            ("fn main() { time::now_local_or(); }\n", "NotCalled app:1"),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }

    #[test]
    fn functions_of_pypa_and_github() {
        let pypa = json!({"imports": [{"attribute": "load", "modules": ["yaml"]}]});
        let github = json!({"affected_functions": ["yaml.load"]});
        for own in [pypa, github] {
            let record = record("PyPI", "yaml", &own);
            let told = |text: &str| told(Ecosystem::Pypi, "yaml", &record, &[("app.py", text)]);
            for (text, expected) in [
                ("import yaml\nx = yaml.load(f)\n", "Called app.py:2"),
                (
                    "import yaml as y\ndef a(f):\n    return y.load(f)\n",
                    "Called app.py:3",
                ),
                ("from yaml import load as get\nget(f)\n", "Called app.py:1"),
                ("import yaml\nyaml.safe_load(f)\n", "NotCalled app:1"),
                ("import yaml, json\njson.load(f)\n", "Imported app:1"),
                ("import yaml\nname = 'load'\n", "Imported app:1"),
            ] {
                assert_eq!(told(text), expected, "{text}");
            }
            assert_ne!(
                told("import yaml\ngetattr(yaml, 'load')\n"),
                "NotCalled app:1"
            );
        }
    }

    #[test]
    fn whole_modules_and_records_without_functions_leave_it_open() {
        let code = [("app.py", "import yaml\nyaml.safe_load(f)\n")];
        for own in [
            json!({}),
            json!({"imports": ["yaml"]}),
            json!({"modules": ["yaml"]}),
        ] {
            let record = record("PyPI", "yaml", &own);
            let found = told(Ecosystem::Pypi, "yaml", &record, &code);
            assert_eq!(found, "Imported app:1", "{own}");
        }
    }

    #[test]
    fn each_advisory_must_name_functions() {
        let release = ReleaseId::new(Ecosystem::Pypi, "yaml", "1.0.0");
        let mut report = failed("yaml", Some(&release), "yaml", "", None);
        let own = json!({"affected_functions": ["yaml.load"]});
        let advisory = read_record(&record("PyPI", "yaml", &own), &release).expect("a record");
        let finding = |id: &str| {
            let message = format!("{id}: a flaw");
            let json = json!({"rule": KNOWN_VULNERABILITY, "message": message, "severity": "high",
                "confidence": "high", "weight": 0.5, "evidence": []});
            serde_json::from_value::<foretaste_model::Finding>(json).expect("a finding")
        };
        report.findings = vec![finding("X-1")];
        assert!(Wanted::of(&report, std::slice::from_ref(&advisory)).all);
        report.findings.push(finding("X-2"));
        assert!(!Wanted::of(&report, &[advisory]).all);
        assert!(!Wanted::of(&report, &[]).all);
    }
}
