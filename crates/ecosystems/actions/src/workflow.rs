//! Workflows and composite actions as what a project asks for: every `uses:`.

use foretaste_markup::{Node, yaml_tree};
use foretaste_project::{
    Constraint, Document, Format, Group, Input, Location, Manifest, Place, Problem, Reader,
    Reading, Requirement,
};

/// How each file is read.
pub const READERS: &[Reader] = &[Reader {
    format: Format::Workflow,
    matches: is_workflow,
    read,
}];

/// A file of `.github/workflows`, or an action's own `action.yml`.
fn is_workflow(path: &str) -> bool {
    let yaml = path.ends_with(".yml") || path.ends_with(".yaml");
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let workflows = folder == ".github/workflows" || folder.ends_with("/.github/workflows");
    (workflows && yaml) || matches!(name, "action.yml" | "action.yaml")
}

fn read(input: &Input<'_>) -> Reading {
    let text = String::from_utf8_lossy(input.bytes);
    let tree = yaml_tree(&text);
    let mut manifest = Manifest::new(Format::Workflow, input.path);
    let field = |name: &str| tree.root.get(name).and_then(Node::text);
    manifest.name = field("name").map(Into::into);
    let mut take = |node: Option<&Node>, job: &str| {
        if let Some(node) = node
            && let Some(text) = node.text()
        {
            let place = Place::new(input.path, node.span);
            manifest.requirements.push(used(text.trim(), job, place));
        }
    };
    for job in tree.root.get("jobs").map_or(&[][..], Node::members) {
        // a reusable workflow
        take(job.node.get("uses"), &job.key);
        for step in job.node.get("steps").map_or(&[][..], Node::items) {
            take(step.get("uses"), &job.key);
        }
    }
    let runs = tree.root.get("runs");
    for step in runs
        .and_then(|r| r.get("steps"))
        .map_or(&[][..], Node::items)
    {
        take(step.get("uses"), "");
    }
    let problems = tree.problems.into_iter().map(|p| {
        let place = p
            .span
            .map_or_else(|| Place::file(input.path), |s| Place::new(input.path, s));
        Problem::new(place, p.message)
    });
    Reading {
        problems: problems.collect(),
        document: Some(Document::Manifest(manifest)),
    }
}

/// `owner/repo/path@ref`, `./path`, `docker://image:tag`.
fn used(text: &str, job: &str, place: Place) -> Requirement {
    let (name, reference) = text.rsplit_once('@').unwrap_or((text, ""));
    let mut made = Requirement::new(name, place);
    made.group = Group::Build;
    made.group_name = job.into();
    made.specifier = reference.into();
    if text.starts_with("./") || text.starts_with("../") {
        made.name = None;
        made.specifier = "".into();
        made.constraint = Constraint::Path(text.into());
        return made;
    }
    if let Some(image) = text.strip_prefix("docker://") {
        made.name = None;
        let digest = image.split_once("@sha256:").map(|(_, d)| d);
        made.specifier = image.into();
        made.constraint = digest.map_or_else(
            || Constraint::Url(Location::new(text)),
            |digest| Constraint::Pinned(format!("sha256:{digest}").into()),
        );
        made.hashes
            .extend(digest.and_then(|d| format!("sha256:{d}").parse().ok()));
        return made;
    }
    // a repository may hold several actions: the package is the repository
    let parts: Vec<&str> = name.splitn(3, '/').collect();
    if let [owner, repo, rest @ ..] = parts.as_slice() {
        made.name = Some(format!("{owner}/{repo}").into());
        made.constraint = Constraint::Vcs {
            url: Location::new(&format!("{owner}/{repo}")),
            rev: (!reference.is_empty()).then(|| reference.into()),
            subdirectory: rest.first().map(|r| (*r).into()),
        };
    }
    made
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use foretaste_project::NoFiles;
    use proptest::prelude::*;

    use super::*;

    fn manifest(text: &str) -> (Manifest, Vec<Problem>) {
        let path: Arc<str> = ".github/workflows/ci.yml".into();
        let reading = read(&Input {
            path: &path,
            bytes: text.as_bytes(),
            files: &NoFiles,
        });
        match reading.document {
            Some(Document::Manifest(manifest)) => (manifest, reading.problems),
            _ => unreachable!("a workflow asks for packages"),
        }
    }

    #[test]
    fn every_kind_of_use_is_read_with_its_place() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let digest = "ab".repeat(32);
        let (manifest, problems) = manifest(&format!(
            "name: ci\non: push\njobs:\n  call:\n    uses: acme/flows/.github/workflows/x.yml@main\n  test:\n    steps:\n      - uses: acme/checkout@{commit} # v4\n      - run: echo\n      - uses: ./local\n      - uses: docker://img.example/a:1\n      - uses: 'docker://img.example/a@sha256:{digest}'\n"
        ));
        assert_eq!(problems, []);
        let shown: Vec<String> = manifest
            .requirements
            .iter()
            .map(|r| {
                let name = r.name.as_deref().unwrap_or("-");
                format!(
                    "{} {name} {} {}",
                    r.place,
                    r.group_name,
                    r.constraint.is_exact()
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ".github/workflows/ci.yml:5:11 acme/flows call false",
                ".github/workflows/ci.yml:8:15 acme/checkout test true",
                ".github/workflows/ci.yml:10:15 - test true",
                ".github/workflows/ci.yml:11:15 - test false",
                ".github/workflows/ci.yml:12:15 - test true",
            ]
        );
    }

    #[test]
    fn workflows_and_actions_are_known_by_their_path() {
        for (path, expected) in [
            (".github/workflows/ci.yml", true),
            ("sub/.github/workflows/ci.yaml", true),
            ("tools/action.yml", true),
            (".github/dependabot.yml", false),
            ("workflows/ci.yml", false),
        ] {
            assert_eq!(is_workflow(path), expected, "{path}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,200}", parts in proptest::collection::vec(
            proptest::sample::select(vec!["jobs:\n", "  a:\n", "    steps:\n", "      - uses: ", "a/b/c@d\n", "docker://", "@sha256:", "./", "é", "runs:\n", "\n"]), 0..30)) {
            let _ = (manifest(&text), manifest(&parts.concat()));
        }
    }
}
