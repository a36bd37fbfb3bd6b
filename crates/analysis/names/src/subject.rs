//! The name under inspection, in all the forms in which it is compared.

use foretaste_model::Ecosystem;

use crate::affixes;
use crate::fold::{latin, skeleton, squash};

/// A name and its derived forms.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) ecosystem: Ecosystem,
    /// As the ecosystem compares names, with look-alike letters replaced.
    pub(crate) name: String,
    /// True if letters of another script or invisible characters were replaced.
    pub(crate) is_disguised: bool,
    /// The npm scope, without `@`.
    pub(crate) scope: Option<String>,
    pub(crate) words: Vec<String>,
    /// Without separators.
    pub(crate) squashed: String,
    pub(crate) skeleton: String,
    /// Squashed and without affixes, if it has some.
    pub(crate) core: Option<String>,
}

impl Subject {
    pub(crate) fn new(ecosystem: Ecosystem, raw: &str) -> Self {
        let folded = latin(raw);
        let name = canonical(ecosystem, &folded);
        let is_disguised = !raw.is_ascii() && folded.is_ascii();
        let scope = scope(&name).map(str::to_owned);
        let words = words(&name)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>();
        let squashed = squash(&name);
        Self {
            ecosystem,
            is_disguised,
            scope,
            skeleton: skeleton(&squashed),
            core: affixes::core(&words),
            words,
            squashed,
            name,
        }
    }

    /// The name without its scope, squashed.
    pub(crate) fn unscoped(&self) -> String {
        squash(
            self.name
                .split_once('/')
                .map_or(&*self.name, |(_, rest)| rest),
        )
    }
}

/// The spelling by which names of an ecosystem are compared here: PyPI and cargo read `_` (and `.`, runs) as `-`.
pub fn canonical(ecosystem: Ecosystem, name: &str) -> String {
    match ecosystem {
        Ecosystem::Pypi => {
            let mut out = String::with_capacity(name.len());
            for c in name.chars() {
                match c {
                    '-' | '_' | '.' if out.ends_with('-') => {}
                    '-' | '_' | '.' => out.push('-'),
                    other => out.push(other),
                }
            }
            out
        }
        Ecosystem::Cargo => name.replace('_', "-"),
        _ => name.to_owned(),
    }
}

/// The npm scope of a name, without `@`.
pub(crate) fn scope(name: &str) -> Option<&str> {
    let (scope, _) = name.split_once('/')?;
    scope.strip_prefix('@')
}

/// The words between separators.
pub(crate) fn words(name: &str) -> Vec<&str> {
    name.split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .collect()
}
