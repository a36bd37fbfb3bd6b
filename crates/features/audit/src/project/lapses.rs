//! What a project's files leave to chance, for the rules that tell it.

use foretaste_engine::{Lapse, LapseKind};
use foretaste_model::Ecosystem;
use foretaste_project::{
    Constraint, Format, Group, Lock, Manifest, Origin, Place, Requirement, SourceKind,
};
use foretaste_projects::{Project, Unit};

/// Every lapse, in the order of the files.
pub(crate) fn lapses(project: &Project) -> Vec<Lapse> {
    let mut found = Vec::new();
    for unit in project.units() {
        match unit.lock {
            Some(lock) => {
                unhashed(lock, &mut found);
            }
            None => {
                for manifest in &unit.manifests {
                    loose(manifest, &mut found);
                    compiled_without_hashes(manifest, &mut found);
                }
            }
        }
        unlocked(&unit, &mut found);
    }
    for manifest in &project.manifests {
        extra_indexes(manifest, &mut found);
    }
    found
}

fn lapse(kind: LapseKind, subject: &str, place: &Place) -> Lapse {
    Lapse {
        kind,
        subject: subject.into(),
        file: (&*place.path).into(),
        span: place.span,
    }
}

/// What is installed because this manifest asks for it.
fn asked(manifest: &Manifest) -> impl Iterator<Item = (&str, &Requirement)> {
    manifest
        .requirements
        .iter()
        .filter(|r| is_asked(r))
        .filter_map(|r| Some((r.name.as_deref()?, r)))
}

pub(super) const fn is_asked(requirement: &Requirement) -> bool {
    matches!(requirement.group, Group::Main | Group::Dev)
}

/// A library declares ranges and must not pin: of its manifest, only npm's wish for any version is told.
fn loose(manifest: &Manifest, found: &mut Vec<Lapse>) {
    let is_list = matches!(
        manifest.format,
        Format::Requirements | Format::Pipfile | Format::CondaEnvironment
    );
    for (name, requirement) in asked(manifest) {
        let is_loose = match requirement.constraint {
            Constraint::Any => is_list || manifest.format == Format::PackageJson,
            Constraint::AtLeast => is_list,
            _ => false,
        };
        if is_loose {
            found.push(lapse(LapseKind::Loose, name, &requirement.place));
        }
    }
}

fn unlocked(unit: &Unit<'_>, found: &mut Vec<Lapse>) {
    for requirement in unit.lacks(is_asked) {
        let subject = requirement.name.as_deref().unwrap_or_default();
        found.push(lapse(LapseKind::Unlocked, subject, &requirement.place));
    }
}

fn unhashed(lock: &Lock, found: &mut Vec<Lapse>) {
    if !matches!(
        lock.ecosystem,
        Ecosystem::Pypi | Ecosystem::Npm | Ecosystem::Cargo
    ) {
        return;
    }
    for package in &lock.packages {
        // berry writes a checksum when it fetches, and fetches no optional package of another platform
        if lock.format == Format::YarnBerryLock
            && (package.group == Group::Optional || !package.marker.is_empty())
        {
            continue;
        }
        let from_registry = matches!(package.origin, Origin::Registry(_));
        if from_registry && package.version.is_some() && !package.is_hashed() {
            found.push(lapse(LapseKind::Unhashed, &package.name, &package.place));
        }
    }
}

/// A list that a tool wrote (`# via`), with no hash at all.
fn compiled_without_hashes(manifest: &Manifest, found: &mut Vec<Lapse>) {
    let of = &manifest.requirements;
    if manifest.format != Format::Requirements
        || of.iter().all(|r| r.via.is_empty())
        || of.iter().any(|r| !r.hashes.is_empty())
    {
        return;
    }
    for (name, requirement) in asked(manifest) {
        if matches!(requirement.constraint, Constraint::Pinned(_)) {
            found.push(lapse(LapseKind::Unhashed, name, &requirement.place));
        }
    }
}

/// Only pip and pipenv ask all indexes for every name and take the highest version.
fn extra_indexes(manifest: &Manifest, found: &mut Vec<Lapse>) {
    if manifest.format != Format::Requirements {
        return;
    }
    for source in &manifest.sources {
        if source.kind == SourceKind::ExtraIndex && !source.explicit {
            let subject = source.location.to_string();
            found.push(lapse(LapseKind::ExtraIndex, &subject, &source.place));
        }
    }
}

#[cfg(test)]
mod tests {
    use foretaste_io::Environment;

    use super::*;

    fn of(entries: &[(&str, &str)]) -> Vec<(LapseKind, String)> {
        let dir = foretaste_io::files::TemporaryDir::new(None).expect("a folder");
        for (path, text) in entries {
            foretaste_io::files::write(&dir.path().join(path), text.as_bytes()).expect("written");
        }
        let environment = Environment::below(dir.path());
        let project = Project::discover(dir.path(), &environment).expect("read");
        let told = |l: Lapse| (l.kind, format!("{} {}:{}", l.subject, l.file, l.span.line));
        lapses(&project).into_iter().map(told).collect()
    }

    #[test]
    fn loose_wishes_and_extra_indexes_are_told_with_their_lines() {
        let text = "--extra-index-url https://pkgs.example/simple\nsix\nrich>=1\nattrs==1.0\ntomli>=1,<2\n";
        let found = of(&[("requirements.txt", text)]);
        let wanted = [
            (LapseKind::Loose, "six requirements.txt:2".to_owned()),
            (LapseKind::Loose, "rich requirements.txt:3".to_owned()),
            (
                LapseKind::ExtraIndex,
                "https://pkgs.example/simple requirements.txt:1".to_owned(),
            ),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn what_the_lock_lacks_or_does_not_hash_is_told() {
        let lock = r#"{"name": "a", "lockfileVersion": 3, "packages": {"": {"name": "a", "dependencies": {"x": "^1"}}, "node_modules/x": {"version": "1.0.0", "resolved": "https://registry.example/x/-/x-1.0.0.tgz"}}}"#;
        let manifest = r#"{"name": "a", "dependencies": {"x": "^1", "y": "^2"}}"#;
        let found = of(&[("package.json", manifest), ("package-lock.json", lock)]);
        let wanted = [
            (LapseKind::Unhashed, "x package-lock.json:1".to_owned()),
            (LapseKind::Unlocked, "y package.json:1".to_owned()),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn what_a_compiled_list_does_not_hold_is_told() {
        let list = "six==1.0 --hash=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n    # via -r requirements.in\n";
        let found = of(&[
            ("requirements.in", "six\nrich\nsetuptools\n"),
            ("requirements.txt", list),
        ]);
        assert_eq!(
            found,
            [(LapseKind::Unlocked, "rich requirements.in:2".to_owned())]
        );
    }

    #[test]
    fn a_library_may_declare_ranges() {
        let text = "[project]\nname = 'a'\ndependencies = ['six', 'rich>=1']\n";
        assert_eq!(of(&[("pyproject.toml", text)]), []);
    }

    #[test]
    fn a_list_compiled_without_hashes_is_told() {
        let found = of(&[("requirements.txt", "six==1.0\n    # via rich\n")]);
        let wanted = [(LapseKind::Unhashed, "six requirements.txt:1".to_owned())];
        assert_eq!(found, wanted);
    }
}
