//! The e-mail addresses that a manifest names.

use std::collections::BTreeSet;

use super::pair::{Pair, Side};
use crate::scene::is_own_manifest;

type Addresses = BTreeSet<Box<str>>;

/// Earlier and later addresses, if none of the earlier ones is left.
pub(super) fn of(pair: &Pair<'_>) -> Option<(Addresses, Addresses)> {
    let (old, new) = (emails(&pair.old), emails(&pair.new));
    let replaced = !old.is_empty() && !new.is_empty() && old.is_disjoint(&new);
    replaced.then_some((old, new))
}

fn emails(side: &Side<'_>) -> Addresses {
    let own = side
        .artifact
        .files
        .iter()
        .filter(|f| is_own_manifest(&f.path));
    own.filter_map(|f| f.facts.manifest.as_deref())
        .flat_map(|m| &m.people)
        .filter_map(|p| p.email.as_deref())
        .map(|e| e.trim().to_ascii_lowercase().into())
        .collect()
}
