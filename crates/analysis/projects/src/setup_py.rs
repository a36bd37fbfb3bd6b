//! `setup.py` as what a project asks for: the literal arguments of its `setup()` call, as the Python observer reads them.
//! The program is never run.

use foretaste_model::Limits;
use foretaste_model::manifest::{Dependency, DependencyKind};
use foretaste_project::{
    Document, Format, Group, Input, Manifest, NoFiles, Place, Problem, Reader, Reading, Requirement,
};

/// Problems that are told.
const MAX_PROBLEMS: usize = 5;

/// How the file is read.
pub(crate) const READERS: &[Reader] = &[Reader {
    format: Format::SetupPy,
    matches: |path| path.rsplit('/').next() == Some("setup.py"),
    read,
}];

fn read(input: &Input<'_>) -> Reading {
    let facts = foretaste_lang::observe("setup.py", input.bytes, &Limits::default());
    let mut manifest = Manifest::new(Format::SetupPy, input.path);
    if let Some(said) = facts.manifest {
        manifest.name.clone_from(&said.name);
        manifest.version.clone_from(&said.version);
        manifest.requires.clone_from(&said.requires);
        manifest.dynamic.clone_from(&said.dynamic);
        manifest.requirements = said
            .dependencies
            .iter()
            .filter_map(|d| requirement(d, input))
            .collect();
    }
    let problems = facts.problems.iter().take(MAX_PROBLEMS).map(|problem| {
        let place = problem.span.map_or_else(
            || Place::file(input.path),
            |span| Place::new(input.path, span),
        );
        Problem::new(place, format!("not Python: {}", problem.message))
    });
    Reading {
        document: Some(Document::Manifest(manifest)),
        problems: problems.collect(),
    }
}

/// The same words in a list of requirements mean the same.
fn requirement(dependency: &Dependency, input: &Input<'_>) -> Option<Requirement> {
    let mut line = format!("{}{}", dependency.name, dependency.requirement);
    // an extra's name is no marker
    let is_extra = dependency.kind == DependencyKind::Optional;
    if !dependency.condition.is_empty() && !is_extra {
        line = format!("{line} ; {}", dependency.condition);
    }
    let reader = foretaste_pypi::project::READERS
        .iter()
        .find(|r| r.format == Format::Requirements)?;
    let read = (reader.read)(&Input {
        path: input.path,
        bytes: line.as_bytes(),
        files: &NoFiles,
    });
    let Some(Document::Manifest(list)) = read.document else {
        return None;
    };
    let mut made = list.requirements.into_iter().next()?;
    made.place = dependency.span.map_or_else(
        || Place::file(input.path),
        |span| Place::new(input.path, span),
    );
    made.group = match dependency.kind {
        DependencyKind::Run => Group::Main,
        DependencyKind::Build => Group::Build,
        DependencyKind::Dev => Group::Dev,
        DependencyKind::Optional | DependencyKind::Peer => Group::Optional,
    };
    if is_extra {
        made.group_name.clone_from(&dependency.condition);
    }
    Some(made)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_broken_program_is_told_with_its_place_and_the_rest_is_read() {
        let path: Arc<str> = "setup.py".into();
        let reading = read(&Input {
            path: &path,
            bytes: b"from setuptools import setup\nsetup(install_requires=['six'\n",
            files: &NoFiles,
        });
        let told = reading.problems.iter().map(ToString::to_string);
        let told: Vec<String> = told.collect();
        assert!(told[0].starts_with("setup.py:"), "{told:?}");
        let Some(Document::Manifest(manifest)) = reading.document else {
            unreachable!("a manifest")
        };
        assert_eq!(manifest.requirements.len(), 1);
    }

    #[test]
    fn literal_arguments_are_read_and_nothing_runs() {
        let path: Arc<str> = "setup.py".into();
        let text = "from setuptools import setup\nDEPS = ['six>=1', 'rich==13.0']\nopen('ran', 'w')\nsetup(name='shop', version='1', install_requires=DEPS, extras_require={'dev': ['pytest']})\n";
        let reading = read(&Input {
            path: &path,
            bytes: text.as_bytes(),
            files: &NoFiles,
        });
        let Some(Document::Manifest(manifest)) = reading.document else {
            unreachable!("a manifest")
        };
        let told: Vec<String> = manifest
            .requirements
            .iter()
            .map(|r| {
                let name = r.name.as_deref().unwrap_or("-");
                format!("{name}{} {:?}", r.specifier, r.group)
            })
            .collect();
        assert_eq!(manifest.name.as_deref(), Some("shop"));
        assert_eq!(told, ["six>=1 Main", "rich==13.0 Main", "pytest Optional"]);
    }
}
