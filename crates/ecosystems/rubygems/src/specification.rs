//! The specification of a gem: YAML that `gem build` writes.

use foretaste_markup::{Document, yaml};
use foretaste_model::Ecosystem;
use foretaste_model::facts::{InstallSurface, Problem, SurfaceKind};
use foretaste_model::manifest::{
    Dependency, DependencyKind, DependencySource, ManifestFacts, Person,
};

/// Entries of one list that are kept.
const MAX_ENTRIES: usize = 5_000;

/// Reads the `metadata` of a gem. Never fails: what is wrong is a [`Problem`].
pub fn observe(text: &str) -> (ManifestFacts, Vec<InstallSurface>, Vec<Problem>) {
    let document = yaml(text);
    let mut facts = ManifestFacts::new(Ecosystem::RubyGems);
    let one = |path: &str| document.text(path).map(Box::from);
    facts.name = one("name");
    facts.version = one("version/version");
    facts.summary = one("summary");
    facts.readme = one("description");
    facts.homepage = one("homepage");
    facts.license = one("licenses/0");
    facts.requires = one("required_ruby_version/requirements/0/1/version");
    people(&document, &mut facts);
    for (key, entry) in document.below("metadata").take(MAX_ENTRIES) {
        if key == "source_code_uri" {
            facts.repository = Some(entry.value.clone());
        }
        if key.ends_with("_uri") {
            facts.urls.push((key.into(), entry.value.clone()));
        }
    }
    dependencies(&document, &mut facts);
    let surfaces = document
        .below("extensions")
        .take(64)
        .map(|(_, entry)| InstallSurface {
            kind: SurfaceKind::GemExtension,
            name: "extensions".into(),
            command: "".into(),
            target: entry.value.trim_start_matches("./").into(),
            span: Some(entry.span),
        })
        .collect();
    (facts, surfaces, document.problems)
}

fn people(document: &Document, facts: &mut ManifestFacts) {
    let listed = |path: &str, single: &str| -> Vec<Box<str>> {
        let many: Vec<_> = document
            .below(path)
            .take(64)
            .map(|(_, e)| e.value.clone())
            .collect();
        if many.is_empty() {
            document.text(single).map(Box::from).into_iter().collect()
        } else {
            many
        }
    };
    let names = listed("authors", "author");
    let emails = listed("email", "email");
    for at in 0..names.len().max(emails.len()) {
        facts.people.push(Person {
            name: names.get(at).cloned(),
            email: emails.get(at).cloned(),
        });
    }
}

fn dependencies(document: &Document, facts: &mut ManifestFacts) {
    for (_, values) in document.items("dependencies").into_iter().take(MAX_ENTRIES) {
        let value = |path: &str| values.iter().find(|(p, _)| *p == path).map(|(_, e)| *e);
        let Some(name) = value("name") else {
            continue;
        };
        let kind = match value("type").map(|e| e.value.trim_start_matches(':')) {
            Some("development") => DependencyKind::Dev,
            _ => DependencyKind::Run,
        };
        let operator = value("requirement/requirements/0/0").map_or("", |e| &e.value);
        let version = value("requirement/requirements/0/1/version").map_or("", |e| &e.value);
        facts.dependencies.push(Dependency {
            name: name.value.clone(),
            requirement: format!("{operator} {version}").trim().into(),
            kind,
            source: DependencySource::Registry,
            condition: "".into(),
            span: Some(name.span),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_specification_is_read() {
        let text = "--- !ruby/object:Gem::Specification\nname: pad\nversion: !ruby/object:Gem::Version\n  version: 1.0.0\nauthors:\n- A. Cook\nemail:\n- a@acme.example\ndependencies:\n- !ruby/object:Gem::Dependency\n  name: rake\n  requirement: !ruby/object:Gem::Requirement\n    requirements:\n    - - \"~>\"\n      - !ruby/object:Gem::Version\n        version: '13.0'\n  type: :development\nextensions:\n- ext/pad/extconf.rb\nlicenses:\n- MIT\nmetadata:\n  source_code_uri: https://code.example/acme/pad\nsummary: pads\n";
        let (facts, surfaces, problems) = observe(text);
        assert_eq!(problems, []);
        assert_eq!(facts.name.as_deref(), Some("pad"));
        assert_eq!(facts.version.as_deref(), Some("1.0.0"));
        assert_eq!(facts.people[0].email.as_deref(), Some("a@acme.example"));
        assert_eq!(
            facts.repository.as_deref(),
            Some("https://code.example/acme/pad")
        );
        let rake = &facts.dependencies[0];
        assert_eq!(
            (&*rake.name, &*rake.requirement, rake.kind),
            ("rake", "~> 13.0", DependencyKind::Dev)
        );
        assert_eq!(&*surfaces[0].target, "ext/pad/extconf.rb");
        assert_eq!(surfaces[0].span.map(|s| s.line), Some(19));
    }

    #[test]
    fn broken_specifications_give_what_they_have() {
        let (facts, surfaces, problems) = observe("name: pad\nextensions: [a\nx: }");
        assert_eq!(facts.name.as_deref(), Some("pad"));
        assert!(surfaces.len() <= 1 && !problems.is_empty());
    }
}
