//! `.nuspec` files.

use foretaste_markup::xml;
use foretaste_model::Ecosystem;
use foretaste_model::facts::Problem;
use foretaste_model::manifest::{
    Dependency, DependencyKind, DependencySource, ManifestFacts, Person,
};

/// Dependencies that are kept.
const MAX_ENTRIES: usize = 5_000;

/// Reads a `.nuspec`. Never fails: what is wrong is a [`Problem`].
pub fn observe(text: &str) -> (ManifestFacts, Vec<Problem>) {
    let document = xml(text);
    let mut facts = ManifestFacts::new(Ecosystem::NuGet);
    let one = |name: &str| {
        document
            .text(&format!("package/metadata/{name}"))
            .map(Box::from)
    };
    facts.name = one("id");
    facts.version = one("version");
    facts.summary = one("summary").or_else(|| one("title"));
    facts.readme = one("description");
    facts.license = one("license").or_else(|| one("licenseUrl"));
    facts.homepage = one("projectUrl");
    facts.repository = one("repository/@url");
    let authors = one("authors").or_else(|| one("owners")).unwrap_or_default();
    facts.people = authors
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .take(64)
        .map(|name| Person {
            name: Some(name.into()),
            email: None,
        })
        .collect();
    let below: Vec<_> = document.below("package/metadata").collect();
    for (path, entry) in &below {
        let Some(element) = path.strip_suffix("/@id") else {
            continue;
        };
        if !element.starts_with("dependencies/") || facts.dependencies.len() >= MAX_ENTRIES {
            continue;
        }
        let wanted = format!("{element}/@version");
        let version = below.iter().find(|(p, _)| *p == wanted);
        facts.dependencies.push(Dependency {
            name: entry.value.clone(),
            requirement: version.map_or_else(Box::default, |(_, e)| e.value.clone()),
            kind: DependencyKind::Run,
            source: DependencySource::Registry,
            condition: "".into(),
            span: Some(entry.span),
        });
    }
    (facts, document.problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_specification_is_read() {
        let text = "<?xml version=\"1.0\"?>\n<package xmlns=\"http://schemas.example/nuspec.xsd\">\n <metadata>\n  <id>Acme.Pad</id><version>1.0.0</version><authors>A, B</authors>\n  <repository type=\"git\" url=\"https://code.example/acme/pad\" />\n  <dependencies><group targetFramework=\"net8.0\"><dependency id=\"Acme.Base\" version=\"[2.0,3.0)\" /><dependency id=\"X\" /></group></dependencies>\n </metadata>\n</package>";
        let (facts, problems) = observe(text);
        assert_eq!(problems, []);
        assert_eq!(facts.name.as_deref(), Some("Acme.Pad"));
        assert_eq!(facts.people.len(), 2);
        assert_eq!(
            facts.repository.as_deref(),
            Some("https://code.example/acme/pad")
        );
        let seen: Vec<_> = facts
            .dependencies
            .iter()
            .map(|d| (&*d.name, &*d.requirement))
            .collect();
        assert_eq!(seen, [("Acme.Base", "[2.0,3.0)"), ("X", "")]);
    }
}
