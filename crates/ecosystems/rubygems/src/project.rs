//! `Gemfile`, of which only literal calls are read, and `Gemfile.lock`. The Gemfile is a program; it is never run.
//!
//! <https://bundler.io/man/gemfile.5.html>

use foretaste_model::Digest;
use foretaste_project::{
    Constraint, DeclaredSource, Document, Edge, Format, Group, Input, Location, Lock,
    LockedArtifact, LockedPackage, Manifest, Origin, Place, Problem, Reader, Reading, Requirement,
    Root, SourceKind, Text,
};

/// How each file is read.
pub const READERS: &[Reader] = &[
    Reader {
        format: Format::Gemfile,
        matches: |path| matches!(name(path), "Gemfile" | "gems.rb"),
        read: gemfile,
    },
    Reader {
        format: Format::GemfileLock,
        matches: |path| matches!(name(path), "Gemfile.lock" | "gems.locked"),
        read: gemfile_lock,
    },
];

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn gemfile(input: &Input<'_>) -> Reading {
    let content = String::from_utf8_lossy(input.bytes);
    let text = Text::new(input.path, &content);
    let mut manifest = Manifest::new(Format::Gemfile, input.path);
    let mut problems = Vec::new();
    // one entry for each open block: the group that it sets, if it is one
    let mut blocks: Vec<Option<(Group, Box<str>)>> = Vec::new();
    for (number, line) in (1..).zip(content.lines()) {
        let code = uncommented(line).trim();
        let (verb, rest) = code
            .split_once(|c: char| c.is_whitespace() || c == '(')
            .unwrap_or((code, ""));
        let arguments = rest.trim().trim_end_matches(" do").trim_end_matches(')');
        match verb {
            "gem" => {
                let group = blocks.iter().rev().find_map(Clone::clone);
                match requirement(arguments, group, text.line(number)) {
                    Some(requirement) => manifest.requirements.push(requirement),
                    None => problems.push(Problem::new(
                        text.line(number),
                        "this `gem` names no package literally, and was not read",
                    )),
                }
            }
            "source" => {
                if let Some(url) = literals(arguments).into_iter().next() {
                    let first = manifest.sources.is_empty() && !code.ends_with(" do");
                    manifest.sources.push(DeclaredSource {
                        kind: match (first, code.ends_with(" do")) {
                            (true, _) => SourceKind::Index,
                            (_, true) => SourceKind::Registry,
                            _ => SourceKind::ExtraIndex,
                        },
                        name: None,
                        location: Location::new(&url),
                        explicit: code.ends_with(" do"),
                        place: text.line(number),
                    });
                }
            }
            "ruby" => manifest.requires = literals(arguments).into_iter().next().map(Into::into),
            "end" => {
                blocks.pop();
            }
            _ => {}
        }
        if code.ends_with(" do") || code.contains(" do |") {
            blocks.push((verb == "group").then(|| group(arguments)));
        } else if matches!(verb, "if" | "unless" | "case" | "def" | "begin" | "while") {
            blocks.push(None);
        }
    }
    Reading {
        document: Some(Document::Manifest(manifest)),
        problems,
    }
}

/// A line without its comment.
fn uncommented(line: &str) -> &str {
    let mut quote = None;
    for (at, c) in line.char_indices() {
        match (c, quote) {
            ('#', None) => return line.get(..at).unwrap_or(line),
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            _ => {}
        }
    }
    line
}

/// The texts in quotes, up to the first option (`git:`, `:git =>`).
fn literals(arguments: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = arguments.trim_start();
    while let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let Some((text, after)) = rest[1..].split_once(quote) else {
            break;
        };
        // text with something computed in it is not literal
        if quote == '"' && text.contains("#{") {
            break;
        }
        found.push(text.to_owned());
        rest = after
            .trim_start()
            .strip_prefix(',')
            .unwrap_or("")
            .trim_start();
    }
    found
}

/// The literal value of an option in both of Ruby's spellings.
fn option(arguments: &str, key: &str) -> Option<String> {
    [format!("{key}:"), format!(":{key} =>"), format!(":{key}=>")]
        .iter()
        .find_map(|spelling| {
            let (_, after) = arguments.split_once(spelling.as_str())?;
            literals(after).into_iter().next()
        })
}

/// The groups that a `gem` line names itself, in both of Ruby's spellings: one, or a list.
fn own_group(arguments: &str) -> Option<(Group, Box<str>)> {
    let keys = [
        "group:",
        "groups:",
        ":group =>",
        ":group=>",
        ":groups =>",
        ":groups=>",
    ];
    let after = keys.iter().find_map(|key| {
        let at = arguments.find(key)?;
        let starts = !arguments[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        starts.then(|| arguments[at + key.len()..].trim_start())
    })?;
    let value = match after.strip_prefix('[') {
        Some(list) => list.split(']').next(),
        None => after.split(',').next(),
    };
    value.map(group)
}

fn group(arguments: &str) -> (Group, Box<str>) {
    let names: Vec<&str> = arguments
        .split(',')
        .map(|n| n.trim().trim_start_matches(':').trim_matches(['\'', '"']))
        .filter(|n| !n.is_empty() && !n.contains(' '))
        .collect();
    let dev = !names.is_empty() && names.iter().all(|n| matches!(*n, "development" | "test"));
    let group = if dev { Group::Dev } else { Group::Main };
    (group, names.join(",").into())
}

fn requirement(
    arguments: &str,
    group: Option<(Group, Box<str>)>,
    place: Place,
) -> Option<Requirement> {
    let texts = literals(arguments);
    let (name, specifiers) = texts.split_first()?;
    let mut made = Requirement::new(name, place);
    made.specifier = specifiers.join(", ").into();
    if let Some((group, name)) = own_group(arguments).or(group) {
        made.group = group;
        made.group_name = name;
    }
    made.index = option(arguments, "source").map(|url| Location::new(&url));
    made.constraint = if let Some(path) = option(arguments, "path") {
        Constraint::Path(path.into())
    } else if let Some(url) = option(arguments, "git").or_else(|| option(arguments, "github")) {
        Constraint::Vcs {
            url: Location::new(&url),
            rev: ["ref", "tag", "branch"]
                .iter()
                .find_map(|k| option(arguments, k))
                .map(Into::into),
            subdirectory: None,
        }
    } else {
        constraint(specifiers)
    };
    Some(made)
}

fn constraint(specifiers: &[String]) -> Constraint {
    match specifiers {
        [] => Constraint::Any,
        [one] => match one.trim() {
            "" | ">= 0" => Constraint::Any,
            text if text.starts_with('>') => Constraint::AtLeast,
            text if text.starts_with(['~', '<', '!']) => Constraint::Range,
            text => Constraint::Pinned(text.trim_start_matches('=').trim().into()),
        },
        _ => Constraint::Range,
    }
}

fn gemfile_lock(input: &Input<'_>) -> Reading {
    let content = String::from_utf8_lossy(input.bytes);
    let text = Text::new(input.path, &content);
    let mut lock = Lock::new(Format::GemfileLock, input.path);
    let mut root = Root {
        name: "".into(),
        package: None,
        dependencies: Vec::new(),
    };
    let mut problems = Vec::new();
    let (mut section, mut remote, mut revision) = ("", None::<Location>, None::<Box<str>>);
    let mut needs: Vec<(usize, String)> = Vec::new();
    for (number, line) in (1..).zip(content.lines()) {
        let indent = line.len() - line.trim_start().len();
        let body = line.trim();
        match (indent, section) {
            _ if body.is_empty() => {}
            (0, _) => {
                if body.starts_with("<<<<<<<") || body.starts_with(">>>>>>>") {
                    let message = "an unresolved merge conflict";
                    problems.push(Problem::new(text.line(number), message));
                }
                section = body;
                (remote, revision) = (None, None);
            }
            (2, "GEM" | "GIT" | "PATH" | "PLUGIN SOURCE") => {
                if let Some(url) = body.strip_prefix("remote:") {
                    remote = Some(Location::new(url.trim()));
                } else if let Some(commit) = body.strip_prefix("revision:") {
                    revision = Some(commit.trim().into());
                }
            }
            (4, "GEM" | "GIT" | "PATH" | "PLUGIN SOURCE") => {
                let (name, version) = entry(body);
                let origin = match (section, &remote) {
                    ("GEM", remote) => Origin::Registry(remote.clone()),
                    ("PATH", Some(at)) => Origin::Path {
                        path: at.expose().into(),
                        editable: true,
                    },
                    (_, at) => Origin::Vcs {
                        url: at.clone().unwrap_or_else(|| Location::new("")),
                        rev: revision.clone(),
                        subdirectory: None,
                    },
                };
                let version = version.map(plain_version);
                let place = text.line(number);
                lock.packages
                    .push(LockedPackage::new(name, version, origin, place));
            }
            (6, "GEM" | "GIT" | "PATH" | "PLUGIN SOURCE") => {
                if let Some(at) = lock.packages.len().checked_sub(1) {
                    needs.push((at, entry(body).0.to_owned()));
                }
            }
            (2, "DEPENDENCIES") => {
                let (name, specifier) = entry(body.trim_end_matches('!'));
                let mut edge = Edge::new(name, None);
                edge.specifier = specifier.unwrap_or("").into();
                root.dependencies.push(edge);
            }
            (2, "CHECKSUMS") => checksum(&mut lock, body),
            (_, "BUNDLED WITH") => lock.format_version = body.into(),
            (_, "RUBY VERSION") => lock.requires = Some(body.into()),
            (_, "GEM" | "GIT" | "PATH" | "PLUGIN SOURCE" | "DEPENDENCIES") => {
                let message = "this line stands where no gem does, and was not read";
                problems.push(Problem::new(text.line(number), message));
            }
            _ => {}
        }
    }
    let find = |lock: &Lock, name: &str| lock.packages.iter().position(|p| *p.name == *name);
    for (at, name) in needs {
        let edge = Edge::new(&name, find(&lock, &name));
        if let Some(package) = lock.packages.get_mut(at) {
            package.dependencies.push(edge);
        }
    }
    for edge in &mut root.dependencies {
        edge.to = find(&lock, &edge.name);
    }
    if !root.dependencies.is_empty() {
        lock.roots.push(root);
    }
    Reading {
        document: Some(Document::Lock(lock)),
        problems,
    }
}

/// `name (version)`.
fn entry(body: &str) -> (&str, Option<&str>) {
    match body.split_once(" (") {
        Some((name, rest)) => (name, rest.split(')').next()),
        None => (body.trim(), None),
    }
}

/// A version without its platform: `1.15.4-x86_64-linux`.
fn plain_version(text: &str) -> &str {
    text.split('-').next().unwrap_or(text)
}

/// `name (version) sha256=…`: bundler 2.6 and later.
fn checksum(lock: &mut Lock, body: &str) {
    let (name, version) = entry(body);
    let version = version.map(plain_version);
    let hashes: Vec<Digest> = body
        .split([' ', ','])
        .filter_map(|word| word.strip_prefix("sha256="))
        .filter_map(|hex| format!("sha256:{hex}").parse().ok())
        .collect();
    let found = lock
        .packages
        .iter_mut()
        .find(|p| *p.name == *name && p.version.as_deref() == version);
    if let Some(package) = found.filter(|_| !hashes.is_empty()) {
        package.artifacts.push(LockedArtifact {
            filename: "".into(),
            url: None,
            hashes,
            other_hashes: Vec::new(),
            size: None,
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use foretaste_project::NoFiles;
    use proptest::prelude::*;

    use super::*;

    fn document(read: fn(&Input<'_>) -> Reading, text: &str) -> (Document, Vec<Problem>) {
        let path: Arc<str> = "Gemfile".into();
        let reading = read(&Input {
            path: &path,
            bytes: text.as_bytes(),
            files: &NoFiles,
        });
        (reading.document.expect("it is one"), reading.problems)
    }

    #[test]
    fn literal_calls_of_a_gemfile_are_read() {
        let text = "source 'https://gems.example'\nruby \"3.3.0\"\ngem 'rails', '~> 7.1', '>= 7.1.2' # web\ngem \"pg\"\ngem('exact', '1.2.3')\ngroup :development, :test do\n  gem 'rspec', '>= 3'\nend\ngem 'own', git: 'https://git.example/own', ref: 'abc'\ngem 'near', path: '../near'\ngem name\nsource 'https://other.example' do\n  gem 'inner'\nend\n";
        let (found, problems) = document(gemfile, text);
        let Document::Manifest(manifest) = found else {
            unreachable!("a manifest")
        };
        let told: Vec<String> = manifest
            .requirements
            .iter()
            .map(|r| {
                let name = r.name.as_deref().unwrap_or("-");
                format!("{name} [{}] {:?} {:?}", r.specifier, r.group, r.constraint)
            })
            .collect();
        assert_eq!(
            told,
            [
                "rails [~> 7.1, >= 7.1.2] Main Range",
                "pg [] Main Any",
                "exact [1.2.3] Main Pinned(\"1.2.3\")",
                "rspec [>= 3] Dev AtLeast",
                "own [] Main Vcs { url: \"https://git.example/own\", rev: Some(\"abc\"), subdirectory: None }",
                "near [] Main Path(\"../near\")",
                "inner [] Main Any",
            ]
        );
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(manifest.sources.len(), 2);
    }

    #[test]
    fn a_lock_is_read_with_its_edges_and_checksums() {
        let sha = "ab".repeat(32);
        let text = format!(
            "GIT\n  remote: https://git.example/own\n  revision: 0123\n  specs:\n    own (0.1)\n\nGEM\n  remote: https://gems.example/\n  specs:\n    nokogiri (1.16.0-x86_64-linux)\n      racc (~> 1.4)\n    racc (1.7.3)\n\nDEPENDENCIES\n  nokogiri (~> 1.16)\n  own!\n\nCHECKSUMS\n  racc (1.7.3) sha256={sha}\n\nBUNDLED WITH\n   2.6.2\n"
        );
        let (found, problems) = document(gemfile_lock, &text);
        let Document::Lock(lock) = found else {
            unreachable!("a lock")
        };
        assert_eq!(problems, []);
        let told: Vec<String> = lock
            .packages
            .iter()
            .map(|p| {
                let version = p.version.as_deref().unwrap_or("-");
                let to: Vec<_> = p.dependencies.iter().map(|e| e.to).collect();
                format!("{} {version} {to:?} {}", p.name, p.is_hashed())
            })
            .collect();
        assert_eq!(
            told,
            [
                "own 0.1 [] false",
                "nokogiri 1.16.0 [Some(2)] false",
                "racc 1.7.3 [] true"
            ]
        );
        let roots: Vec<_> = lock.roots[0].dependencies.iter().map(|e| e.to).collect();
        assert_eq!(roots, [Some(1), Some(0)]);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "(?s).{0,300}") {
            document(gemfile, &text);
            document(gemfile_lock, &text);
        }
    }
}
