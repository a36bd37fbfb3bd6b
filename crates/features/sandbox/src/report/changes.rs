//! The review as a tree. New folders are one line each unless everything is asked for.

use foretaste_model::words::counted;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

use foretaste_report::escape::visible;

use super::size::bytes;
use crate::overlay::{Change, ChangeKind, FileKind, Review, Worry};

/// Lines of one tree that are shown unless everything is asked for.
const MAX_LINES: usize = 40;
/// Reasons to look that are shown of each worry.
const MAX_WARNINGS: usize = 20;

#[derive(Default)]
struct Node<'a> {
    change: Option<&'a Change>,
    below: BTreeMap<OsString, Self>,
}

/// Writes the changes of all trees, and then what deserves a look.
pub fn tree(review: &Review, everything: bool) -> String {
    let mut text = String::new();
    for (number, root) in review.trees.iter().enumerate() {
        let changes: Vec<&Change> = review.changes.iter().filter(|c| c.tree == number).collect();
        if changes.is_empty() {
            continue;
        }
        let _ = writeln!(
            text,
            "{}  {}",
            visible(&root.display().to_string()),
            summary(&changes)
        );
        let mut top = Node::default();
        for change in &changes {
            let mut node = &mut top;
            for part in &change.path {
                node = node.below.entry(part.to_owned()).or_default();
            }
            node.change = Some(change);
        }
        let mut lines = Vec::new();
        for (name, node) in &top.below {
            show(&name.to_string_lossy(), node, 1, everything, &mut lines);
        }
        let shown = if everything {
            lines.len()
        } else {
            lines.len().min(MAX_LINES)
        };
        for line in lines.iter().take(shown) {
            let _ = writeln!(text, "{line}");
        }
        if shown < lines.len() {
            let _ = writeln!(
                text,
                "  … {} (all of them: -v)",
                counted(lines.len() - shown, "more line")
            );
        }
    }
    text + &warnings(review) + &problems(review)
}

/// `3 added, 1 changed, 1 deleted, 214.2 KiB`
fn summary(changes: &[&Change]) -> String {
    let files = |kind| {
        changes
            .iter()
            .filter(|c| c.kind == kind)
            .map(|c| weight(c))
            .sum::<usize>()
    };
    let kinds = [ChangeKind::Added, ChangeKind::Changed, ChangeKind::Deleted];
    let counts: Vec<String> = kinds
        .into_iter()
        .map(|kind| (files(kind), kind))
        .filter(|(count, _)| *count > 0)
        .map(|(count, kind)| format!("{count} {}", kind.id()))
        .collect();
    let written: u64 = changes
        .iter()
        .filter(|c| c.kind != ChangeKind::Deleted)
        .map(|c| c.size)
        .sum();
    let counts = if counts.is_empty() {
        "only folders".to_owned()
    } else {
        counts.join(", ")
    };
    format!("{counts}, {}", bytes(written))
}

/// Files that a change stands for.
fn weight(change: &Change) -> usize {
    match (change.kind, &change.file) {
        (ChangeKind::Deleted, FileKind::Folder) => change.files_below,
        (ChangeKind::Added, FileKind::Folder) => 0,
        _ => 1,
    }
}

fn show(name: &str, node: &Node<'_>, depth: usize, everything: bool, lines: &mut Vec<String>) {
    // a folder that only leads to one other is one line with it
    if node.change.is_none()
        && let (1, Some((next, only))) = (node.below.len(), node.below.iter().next())
    {
        return show(
            &format!("{name}/{}", next.to_string_lossy()),
            only,
            depth,
            everything,
            lines,
        );
    }
    let indent = "  ".repeat(depth);
    let Some(change) = node.change else {
        lines.push(format!("{indent}  {}/", visible(name)));
        for (name, node) in &node.below {
            show(&name.to_string_lossy(), node, depth + 1, everything, lines);
        }
        return;
    };
    let is_new_folder = change.kind == ChangeKind::Added && change.file == FileKind::Folder;
    let slash = if change.file == FileKind::Folder {
        "/"
    } else {
        ""
    };
    let about = if is_new_folder {
        inside(node)
    } else {
        about(change)
    };
    lines.push(format!(
        "{indent}{} {}{slash}  {about}",
        change.kind.sign(),
        visible(name)
    ));
    if !is_new_folder || everything {
        for (name, node) in &node.below {
            show(&name.to_string_lossy(), node, depth + 1, everything, lines);
        }
    }
}

/// `32 files, 214.2 KiB`
fn inside(node: &Node<'_>) -> String {
    let (mut files, mut size) = (0, 0);
    let mut nodes: Vec<&Node<'_>> = node.below.values().collect();
    while let Some(node) = nodes.pop() {
        if let Some(change) = node.change.filter(|c| c.file != FileKind::Folder) {
            files += 1;
            size += change.size;
        }
        nodes.extend(node.below.values());
    }
    format!("{}, {}", counted(files, "file"), bytes(size))
}

fn about(change: &Change) -> String {
    let mut about = match &change.file {
        FileKind::Folder if change.kind == ChangeKind::Deleted => {
            counted(change.files_below, "file")
        }
        FileKind::Folder => String::new(),
        FileKind::Link(target) => format!("→ {}", visible(&target.display().to_string())),
        FileKind::Special => "special".to_owned(),
        FileKind::File => bytes(change.size),
    };
    if let Some(before) = change.mode_before {
        let _ = write!(about, "  mode {before:o} → {:o}", change.mode);
    } else if change.kind == ChangeKind::Added
        && change.file == FileKind::File
        && change.mode & 0o111 != 0
    {
        let _ = write!(about, "  mode {:o}", change.mode);
    }
    if change.host_changed {
        about += "  changed outside meanwhile";
    }
    about
}

fn warnings(review: &Review) -> String {
    let mut text = String::new();
    for (worry, title) in [
        (Worry::Refuse, "Not applied"),
        (Worry::Look, "Look at"),
        (Worry::Note, "New programs"),
    ] {
        let found: Vec<(&Change, &str)> = review
            .changes
            .iter()
            .flat_map(|change| {
                change
                    .warnings
                    .iter()
                    .filter(|w| w.worry == worry)
                    .map(move |w| (change, w.words))
            })
            .collect();
        if found.is_empty() {
            continue;
        }
        if worry == Worry::Note {
            let names: Vec<String> = found
                .iter()
                .take(MAX_WARNINGS)
                .map(|(c, _)| name(&c.path))
                .collect();
            let more = found.len().saturating_sub(names.len());
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            let _ = writeln!(text, "{title}: {}{more}", names.join(", "));
            continue;
        }
        let _ = writeln!(text, "{title}");
        for (change, words) in found.iter().take(MAX_WARNINGS) {
            let _ = writeln!(
                text,
                "  ! {}  {words}",
                visible(&review.path(change).display().to_string())
            );
        }
        if found.len() > MAX_WARNINGS {
            let _ = writeln!(text, "  … {} more", found.len() - MAX_WARNINGS);
        }
    }
    text
}

fn name(path: &Path) -> String {
    visible(&path.file_name().unwrap_or_default().to_string_lossy())
}

fn problems(review: &Review) -> String {
    let lines = review.unreadable.iter().take(MAX_WARNINGS);
    lines
        .map(|line| format!("Could not be looked at: {}\n", visible(line)))
        .collect()
}
