//! What the command lines of npm's life cycle start: scripts that call other scripts, folders that are entered, packages
//! inside the package that are installed on the way.

use foretaste_model::facts::ArtifactFacts;

use super::names::join;

/// Scripts within scripts that are followed.
const MAX_DEPTH: u32 = 5;
/// Files that one command line may name.
const MAX_TARGETS: usize = 64;

/// The files that a command line in `folder` names, directly or through other scripts.
pub(super) fn targets(artifact: &ArtifactFacts, folder: &str, command: &str) -> Vec<String> {
    let mut found = Vec::new();
    follow(artifact, folder, command, 0, &mut found);
    found
}

fn follow(
    artifact: &ArtifactFacts,
    folder: &str,
    command: &str,
    depth: u32,
    found: &mut Vec<String>,
) {
    if depth > MAX_DEPTH || found.len() >= MAX_TARGETS {
        return;
    }
    let mut folder = folder.to_owned();
    for part in command.split(['&', ';', '|', '\n']) {
        if found.len() >= MAX_TARGETS {
            return;
        }
        let words: Vec<&str> = part
            .split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '(' | ')'))
            .filter(|w| !w.is_empty())
            .collect();
        match words.as_slice() {
            [] => {}
            ["cd" | "pushd", to, ..] => folder = join(&folder, to),
            [client, rest @ ..] if is_client(client) => {
                client_runs(artifact, &folder, rest, depth, found);
            }
            _ => {
                let paths = words.iter().filter(|w| !w.starts_with('-'));
                found.extend(
                    paths
                        .map(|w| join(&folder, w))
                        .filter(|w| !w.is_empty())
                        .take(MAX_TARGETS),
                );
            }
        }
    }
}

fn is_client(word: &str) -> bool {
    matches!(
        word,
        "npm" | "pnpm" | "yarn" | "bun" | "npm-run-all" | "run-s" | "run-p" | "cnpm"
    )
}

/// `npm run x`, `yarn x`, `npm --prefix sub install`, `bun run x.js`.
fn client_runs(
    artifact: &ArtifactFacts,
    folder: &str,
    words: &[&str],
    depth: u32,
    found: &mut Vec<String>,
) {
    let mut at = folder.to_owned();
    let mut plain = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (option, value) = word.split_once('=').unwrap_or((word, ""));
        if matches!(option, "--prefix" | "-C" | "--cwd" | "--dir") {
            let to = if value.is_empty() {
                words.next().copied().unwrap_or("")
            } else {
                value
            };
            at = join(folder, to);
        } else if !word.starts_with('-') {
            plain.push(*word);
        }
    }
    let manifest = join(&at, "package.json");
    let scripts = artifact
        .file(&manifest)
        .and_then(|f| f.facts.manifest.as_deref())
        .map(|m| m.scripts.as_slice())
        .unwrap_or_default();
    let installs = plain
        .first()
        .is_none_or(|w| matches!(*w, "install" | "i" | "ci" | "rebuild" | "add"));
    // the package itself is being installed already
    if installs && at != folder {
        for (name, command) in scripts {
            if matches!(
                &**name,
                "preinstall" | "install" | "postinstall" | "prepare"
            ) {
                follow(artifact, &at, command, depth + 1, found);
            }
        }
    }
    for word in plain
        .iter()
        .filter(|w| !matches!(**w, "run" | "run-script"))
    {
        found.push(join(&at, word));
        for (name, command) in scripts {
            let own = name
                .strip_prefix("pre")
                .or_else(|| name.strip_prefix("post"))
                .is_some_and(|n| n == *word);
            if own || **name == **word {
                follow(artifact, &at, command, depth + 1, found);
            }
        }
    }
}
