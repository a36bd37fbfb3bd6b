//! `go.mod` and `go.sum` of a project.

use std::sync::Arc;

use foretaste_project::{
    Constraint, DeclaredOption, Document, Format, Group, Input, Lock, LockedArtifact,
    LockedPackage, Manifest, Origin, Place, Problem, Reader, Reading, Requirement, Text,
};

/// How each file is read.
pub const READERS: &[Reader] = &[
    Reader {
        format: Format::GoMod,
        matches: |path| path.rsplit('/').next() == Some("go.mod"),
        read: go_mod,
    },
    Reader {
        format: Format::GoSum,
        matches: |path| path.rsplit('/').next() == Some("go.sum"),
        read: go_sum,
    },
];

/// <https://go.dev/ref/mod#go-mod-file>
fn go_mod(input: &Input<'_>) -> Reading {
    let content = String::from_utf8_lossy(input.bytes);
    let text = Text::new(input.path, &content);
    let mut manifest = Manifest::new(Format::GoMod, input.path);
    let mut problems = Vec::new();
    let mut block = "";
    for (number, line) in (1..).zip(content.lines()) {
        let (code, comment) = line.split_once("//").unwrap_or((line, ""));
        let mut words: Vec<&str> = code
            .split_whitespace()
            .map(|w| w.trim_matches(['"', '`']))
            .collect();
        if words.is_empty() {
            continue;
        }
        if words == [")"] {
            block = "";
            continue;
        }
        if block.is_empty() {
            let verb = words.remove(0);
            if words == ["("] {
                block = verb;
                continue;
            }
            take(
                verb,
                &words,
                comment,
                &text,
                number,
                &mut manifest,
                &mut problems,
            );
        } else {
            take(
                block,
                &words,
                comment,
                &text,
                number,
                &mut manifest,
                &mut problems,
            );
        }
    }
    reading(Document::Manifest(manifest), problems)
}

fn take(
    verb: &str,
    words: &[&str],
    comment: &str,
    text: &Text<'_>,
    number: u32,
    manifest: &mut Manifest,
    problems: &mut Vec<Problem>,
) {
    let place = text.line(number);
    match (verb, words) {
        ("module", [name]) => manifest.name = Some((*name).into()),
        ("go", [version]) => manifest.requires = Some((*version).into()),
        ("require", [name, version]) => {
            let mut made = Requirement::new(name, place);
            made.specifier = (*version).into();
            made.constraint = Constraint::Pinned((*version).into());
            if comment.trim().split([';', ' ']).next() == Some("indirect") {
                made.group_name = "indirect".into();
            }
            manifest.requirements.push(made);
        }
        ("replace", _) => {
            let Some(arrow) = words.iter().position(|w| *w == "=>") else {
                problems.push(Problem::new(place, "`=>` was expected in this replacement"));
                return;
            };
            let (old, new) = (&words[..arrow], &words[arrow + 1..]);
            let (Some(name), Some(target)) = (old.first(), new.first()) else {
                problems.push(Problem::new(
                    place,
                    "a module is missing in this replacement",
                ));
                return;
            };
            let mut made = Requirement::new(target, place);
            made.group = Group::Override;
            made.alias = Some((*name).into());
            if let Some(version) = new.get(1) {
                made.specifier = (*version).into();
                made.constraint = Constraint::Pinned((*version).into());
            } else {
                made.name = Some((*name).into());
                made.constraint = Constraint::Path((*target).into());
            }
            manifest.requirements.push(made);
        }
        ("toolchain" | "exclude" | "retract" | "godebug" | "tool" | "ignore", _) => {
            manifest.options.push(DeclaredOption {
                name: verb.into(),
                value: words.join(" ").into(),
                place,
            });
        }
        _ => problems.push(Problem::new(place, "this line is no directive of go.mod")),
    }
}

/// Lines of `module version hash`; those of `version/go.mod` are about the manifest alone, and often of versions that
/// were not chosen.
fn go_sum(input: &Input<'_>) -> Reading {
    let content = String::from_utf8_lossy(input.bytes);
    let text = Text::new(input.path, &content);
    let path: &Arc<str> = input.path;
    let mut lock = Lock::new(Format::GoSum, path);
    let mut problems = Vec::new();
    for (number, line) in (1..).zip(content.lines()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (name, version, hash) = match words.as_slice() {
            [] => continue,
            [name, version, hash] => (*name, *version, *hash),
            _ => {
                let message = "three words were expected: a module, its version, a hash";
                problems.push(Problem::new(text.line(number), message));
                continue;
            }
        };
        if version.ends_with("/go.mod") {
            continue;
        }
        let place: Place = text.line(number);
        let mut package = LockedPackage::new(name, Some(version), Origin::Registry(None), place);
        package.artifacts.push(LockedArtifact {
            filename: "".into(),
            url: None,
            hashes: Vec::new(),
            other_hashes: vec![hash.into()],
            size: None,
        });
        lock.packages.push(package);
    }
    reading(Document::Lock(lock), problems)
}

fn reading(document: Document, problems: Vec<Problem>) -> Reading {
    Reading {
        document: Some(document),
        problems,
    }
}

#[cfg(test)]
mod tests {
    use foretaste_project::NoFiles;
    use proptest::prelude::*;

    use super::*;

    fn read(name: &str, text: &str) -> (Document, Vec<Problem>) {
        let path: Arc<str> = name.into();
        let reader = READERS
            .iter()
            .find(|r| (r.matches)(name))
            .expect("a reader");
        let reading = (reader.read)(&Input {
            path: &path,
            bytes: text.as_bytes(),
            files: &NoFiles,
        });
        (reading.document.expect("a document"), reading.problems)
    }

    #[test]
    fn directives_are_read_with_their_lines() {
        let (document, problems) = read(
            "go.mod",
            "module example.org/shop\n\ngo 1.21\ntoolchain go1.22.0\n\nrequire (\n\texample.org/a v1.2.3\n\texample.org/b v0.0.0-20240101000000-0123456789ab // indirect\n)\nreplace example.org/a => ../a\nreplace example.org/b v0.1.0 => example.org/fork v1.0.0\nexclude example.org/c v1.0.0\nnonsense here\n",
        );
        let Document::Manifest(manifest) = document else {
            unreachable!("a manifest");
        };
        assert_eq!(manifest.requires.as_deref(), Some("1.21"));
        assert_eq!(manifest.requirements.len(), 4);
        assert_eq!(&*manifest.requirements[1].group_name, "indirect");
        assert_eq!(manifest.requirements[1].place.span.line, 8);
        assert_eq!(
            manifest.requirements[2].constraint,
            Constraint::Path("../a".into())
        );
        assert_eq!(
            manifest.requirements[3].name.as_deref(),
            Some("example.org/fork")
        );
        assert_eq!(manifest.options.len(), 2);
        assert_eq!(problems[0].place.span.line, 13);
    }

    #[test]
    fn sums_keep_the_hash_of_the_archive() {
        let (document, problems) = read(
            "go.sum",
            "example.org/a v1.2.3 h1:abc=\nexample.org/a v1.2.3/go.mod h1:def=\nbroken\n",
        );
        let Document::Lock(lock) = document else {
            unreachable!("a lock");
        };
        assert_eq!(lock.packages.len(), 1);
        assert!(lock.packages[0].is_hashed());
        assert_eq!(problems.len(), 1);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,200}", parts in proptest::collection::vec(
            proptest::sample::select(vec!["require ", "(", ")", "\n", "a/b v1 ", "=>", "replace ", "//", "é", "\"", "module "]), 0..40)) {
            for name in ["go.mod", "go.sum"] {
                let _ = (read(name, &text), read(name, &parts.concat()));
            }
        }
    }
}
