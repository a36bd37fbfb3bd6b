//! `pom.xml` (<https://maven.apache.org/pom.html>).

use foretaste_markup::xml;
use foretaste_model::Ecosystem;
use foretaste_model::facts::Problem;
use foretaste_model::manifest::{
    Dependency, DependencyKind, DependencySource, ManifestFacts, Person,
};

/// Entries of one list that are kept.
const MAX_ENTRIES: usize = 5_000;

/// Reads a `pom.xml`. Group and version may come from the parent; properties stay as they are written. Never fails.
pub fn observe(text: &str) -> (ManifestFacts, Vec<Problem>) {
    let document = xml(text);
    let mut facts = ManifestFacts::new(Ecosystem::Maven);
    let one = |name: &str| document.text(&format!("project/{name}"));
    let group = one("groupId").or_else(|| one("parent/groupId"));
    facts.name = one("artifactId").map(|artifact| match group {
        Some(group) => format!("{group}:{artifact}").into(),
        None => artifact.into(),
    });
    facts.version = one("version")
        .or_else(|| one("parent/version"))
        .map(Box::from);
    facts.summary = one("description").or_else(|| one("name")).map(Box::from);
    facts.homepage = one("url").map(Box::from);
    facts.repository = one("scm/url").map(Box::from);
    facts.license = one("licenses/license/name").map(Box::from);
    for (_, values) in document.items("project/developers").into_iter().take(64) {
        let value = |path: &str| {
            values
                .iter()
                .find(|(p, _)| *p == path)
                .map(|(_, e)| e.value.clone())
        };
        facts.people.push(Person {
            name: value("name"),
            email: value("email"),
        });
    }
    for (_, values) in document
        .items("project/dependencies")
        .into_iter()
        .take(MAX_ENTRIES)
    {
        let value = |path: &str| values.iter().find(|(p, _)| *p == path).map(|(_, e)| *e);
        let (Some(group), Some(artifact)) = (value("groupId"), value("artifactId")) else {
            continue;
        };
        let kind = match value("scope").map(|e| &*e.value) {
            Some("test") => DependencyKind::Dev,
            Some("provided") => DependencyKind::Peer,
            _ if value("optional").is_some_and(|e| &*e.value == "true") => DependencyKind::Optional,
            _ => DependencyKind::Run,
        };
        let source = match value("systemPath") {
            Some(path) => DependencySource::Path(path.value.clone()),
            None => DependencySource::Registry,
        };
        facts.dependencies.push(Dependency {
            name: format!("{}:{}", group.value, artifact.value).into(),
            requirement: value("version").map_or_else(Box::default, |e| e.value.clone()),
            kind,
            source,
            condition: "".into(),
            span: Some(artifact.span),
        });
    }
    (facts, document.problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_read() {
        let text = "<project><parent><groupId>org.acme</groupId><version>1.0</version></parent><artifactId>pad</artifactId>\n<dependencies>\n<dependency><groupId>org.base</groupId><artifactId>base</artifactId><version>2</version></dependency>\n<dependency><groupId>junit</groupId><artifactId>junit</artifactId><scope>test</scope></dependency>\n</dependencies><developers><developer><name>A</name><email>a@acme.example</email></developer></developers></project>";
        let (facts, problems) = observe(text);
        assert_eq!(problems, []);
        assert_eq!(facts.name.as_deref(), Some("org.acme:pad"));
        assert_eq!(facts.version.as_deref(), Some("1.0"));
        assert_eq!(facts.people[0].email.as_deref(), Some("a@acme.example"));
        let seen: Vec<_> = facts
            .dependencies
            .iter()
            .map(|d| (&*d.name, &*d.requirement, d.kind))
            .collect();
        assert_eq!(
            seen,
            [
                ("org.base:base", "2", DependencyKind::Run),
                ("junit:junit", "", DependencyKind::Dev),
            ]
        );
    }
}
