//! What happens to the changes of a run.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use foretaste_model::words::counted;
use foretaste_sandbox::Finished;
use foretaste_sandbox::overlay::{Change, ChangeKind, FileKind, diff};
use foretaste_sandbox::report::changes;

use super::RunArgs;
use crate::printer::Printer;

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Commit,
    Discard,
    Ask,
}

/// Shows the changes, asks if somebody is there, and applies or forgets them.
///
/// # Errors
/// The changes cannot be applied.
pub(super) fn decide(
    finished: &Finished,
    args: &RunArgs,
    blocked: bool,
    printer: Printer,
) -> Result<()> {
    let review = &finished.review;
    if review.is_empty() {
        return Ok(());
    }
    say(&changes::tree(review, printer.verbose));
    let is_asked = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let decision = match (args.commit, args.discard, args.ask || is_asked) {
        // what is to be blocked is applied only by somebody who saw it
        (true, ..) if !blocked => Decision::Commit,
        (_, false, true) => Decision::Ask,
        _ => Decision::Discard,
    };
    let only = absolute(&args.only)?;
    match decision {
        Decision::Commit => apply(finished, &only, printer),
        Decision::Ask => ask(finished, &only, printer),
        Decision::Discard => {
            let why = match (args.discard, blocked) {
                (true, _) => "",
                (_, true) => ": the run is to be blocked",
                _ => ": nobody can be asked (apply them with --commit)",
            };
            printer.note(&format!("the changes were not applied{why}"));
            Ok(())
        }
    }
}

fn apply(finished: &Finished, only: &[PathBuf], printer: Printer) -> Result<()> {
    let wanted = |change: &Change| {
        let path = finished.review.path(change);
        // a picked file needs the new folders that it lies in
        let is_way = change.file == FileKind::Folder && change.kind == ChangeKind::Added;
        only.is_empty()
            || only
                .iter()
                .any(|picked| path.starts_with(picked) || is_way && picked.starts_with(&path))
    };
    let applied = finished.apply(wanted)?;
    printer.note(&format!("{} applied", counted(applied.changes, "change")));
    for (path, why) in &applied.refused {
        printer.note(&format!("left out: {}: {why}", shown(path)));
    }
    Ok(())
}

fn ask(finished: &Finished, only: &[PathBuf], printer: Printer) -> Result<()> {
    let mut picked = only.to_vec();
    loop {
        say("Apply these changes? [y]es, [n]o, [l]ist all, [d]iff FILE, [o]nly PATH: ");
        let mut answer = String::new();
        if std::io::stdin()
            .lock()
            .read_line(&mut answer)
            .context("cannot read the answer")?
            == 0
        {
            "n".clone_into(&mut answer);
        }
        let (word, rest) = answer.trim().split_once(' ').unwrap_or((answer.trim(), ""));
        match word {
            "y" | "yes" => return apply(finished, &picked, printer),
            "n" | "no" | "q" => {
                printer.note("the changes were not applied");
                return Ok(());
            }
            "l" | "list" => say(&changes::tree(&finished.review, true)),
            "d" | "diff" => say(&difference(finished, rest.trim())),
            "o" | "only" => {
                picked = absolute(&[PathBuf::from(rest.trim())])?;
                return apply(finished, &picked, printer);
            }
            _ => {}
        }
    }
}

/// The differences of the changed files whose path ends with `name`; of all changed files without a name.
fn difference(finished: &Finished, name: &str) -> String {
    let review = &finished.review;
    let mut text = String::new();
    let is_meant = |change: &&Change| {
        change.file == FileKind::File
            && if name.is_empty() {
                change.kind == ChangeKind::Changed
            } else {
                review.path(change).ends_with(name)
            }
    };
    for change in review.changes.iter().filter(is_meant).take(20) {
        let Some(tree) = finished.trees.get(change.tree) else {
            continue;
        };
        let shown = shown(&change.path);
        let (before, after) = (tree.lower.join(&change.path), tree.upper.join(&change.path));
        let difference = diff::unified(&shown, &before, &after);
        text += &difference.map_or_else(
            || format!("{shown}: not text\n"),
            |d| foretaste_report::escape::source(&d),
        );
    }
    if text.is_empty() {
        format!("no changed file is called `{name}`\n")
    } else {
        text
    }
}

fn absolute(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    paths
        .iter()
        .map(|path| {
            std::path::absolute(path).with_context(|| format!("cannot use {}", path.display()))
        })
        .collect()
}

fn shown(path: &Path) -> String {
    foretaste_report::escape::visible(&path.display().to_string())
}

/// The review goes where the question goes: standard output is the command's.
pub(super) fn say(text: &str) {
    let mut error = anstream::stderr().lock();
    // without anybody to read there is nothing to say
    let _ = error
        .write_all(text.as_bytes())
        .and_then(|()| error.flush());
}
