//! What a release can do that an earlier one could not: a pure comparison of two sets of facts.
//!
//! Equal files cost nothing, because equal content has equal facts. What counts is not that lines changed, but what the
//! code can do now, when it does it, and whether its reader can still see it.

mod capabilities;
mod chains;
mod concealment;
mod dependencies;
mod files;
mod pair;
mod people;
mod surfaces;

use std::collections::BTreeSet;

use foretaste_model::change::Change;
use foretaste_model::facts::ArtifactFacts;
use foretaste_model::{SkipKind, SkipReason};

use crate::ContextMap;
use pair::Pair;

pub use dependencies::is_imported;

/// So many entries of each list are kept.
const MOST: usize = 200;
/// So many files are kept.
const MOST_FILES: usize = 10_000;

/// Compares the artifacts of a release with those of an earlier one, each with its like.
///
/// # Errors
/// No artifact of one kind is on both sides.
pub fn compare(
    from: &str,
    old: &[ArtifactFacts],
    new: &[ArtifactFacts],
) -> Result<Change, SkipReason> {
    let matched = pair::matching(old, new);
    if matched.is_empty() {
        return Err(SkipReason::new(
            SkipKind::NotApplicable,
            format!("{from} has no artifact of the same kind to compare with"),
        ));
    }
    let mut change = Change {
        from: from.into(),
        ..Change::default()
    };
    for (old, new) in matched {
        let (old_contexts, new_contexts) = (ContextMap::of(old), ContextMap::of(new));
        add(
            &mut change,
            &Pair::new((old, &old_contexts), (new, &new_contexts)),
        );
    }
    finish(&mut change);
    Ok(change)
}

/// Adds what one pair of artifacts shows.
fn add(change: &mut Change, pair: &Pair<'_>) {
    change.compared.push(pair.compared());
    change.files.extend(files::of(pair));
    change.binaries.extend(files::binaries(pair));
    change.capabilities.extend(capabilities::of(pair));
    change.chains.extend(chains::of(pair));
    change.concealed.extend(concealment::of(pair));
    let (surfaces, entry_points) = surfaces::of(pair, &change.capabilities);
    change.surfaces.extend(surfaces);
    change.entry_points.extend(entry_points);
    change.dependencies.extend(dependencies::of(pair));
    if let Some((old, new)) = people::of(pair) {
        change.old_emails.extend(old);
        change.new_emails.extend(new);
    }
}

/// Sorts, and keeps what several artifacts of one release show only once.
fn finish(change: &mut Change) {
    once_up_to(&mut change.files, MOST_FILES, |f| (f.path.clone(), f.kind));
    once(&mut change.binaries, |e| e.path.clone());
    let surface =
        |s: &foretaste_model::change::SurfaceChange| (s.kind, s.name.clone(), s.command.clone());
    once(&mut change.surfaces, surface);
    once(&mut change.entry_points, surface);
    change
        .capabilities
        .sort_by_key(|c| (c.context, c.capability));
    once_in_order(&mut change.capabilities, |c| c.capability);
    change.chains.sort_by_key(|c| (c.context, c.purpose));
    once_in_order(&mut change.chains, |c| {
        (c.purpose, c.evidence.first().map(|e| e.path.clone()))
    });
    change.concealed.sort_by_key(|c| (c.context, c.how));
    once_in_order(&mut change.concealed, |c| (c.how, c.evidence.path.clone()));
    once(&mut change.dependencies, |d| (d.name.clone(), d.what));
    for emails in [&mut change.old_emails, &mut change.new_emails] {
        emails.sort();
        emails.dedup();
    }
}

fn once<T, K: Ord>(list: &mut Vec<T>, key: impl Fn(&T) -> K) {
    once_up_to(list, MOST, key);
}

fn once_up_to<T, K: Ord>(list: &mut Vec<T>, most: usize, key: impl Fn(&T) -> K) {
    list.sort_by_key(&key);
    list.dedup_by(|a, b| key(a) == key(b));
    list.truncate(most);
}

fn once_in_order<T, K: Ord>(list: &mut Vec<T>, key: impl Fn(&T) -> K) {
    let mut seen = BTreeSet::new();
    list.retain(|item| seen.insert(key(item)));
    list.truncate(MOST);
}
