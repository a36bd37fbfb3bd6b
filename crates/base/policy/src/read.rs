//! Reading a policy file.

use std::path::Path;

use toml::de::{DeTable, Error};

use crate::file::PolicyFile;
use crate::reference::schema;
use crate::validate::Walk;
use crate::{Place, Policy, PolicyError, PolicyErrors};

impl Policy {
    /// Reads the text of a policy file. `path` is how messages call it; relative paths in the file start at its folder.
    ///
    /// # Errors
    /// Every mistake in the file, in its order: syntax, or else unknown keys (with the near one), wrong types and words, texts
    /// that are no date, size, purl or URL, thresholds out of order. Rule ids are checked by [`Self::check`], because
    /// this crate does not know the rules.
    pub fn parse(path: &str, text: &str) -> Result<Self, PolicyErrors> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut walk = Walk::new(path, text);
        let (table, syntax) = DeTable::parse_recoverable(text);
        for error in &syntax {
            report(&mut walk, error);
        }
        if syntax.is_empty() {
            // What a broken line turns the rest into is not what the user wrote.
            walk.table(table.get_ref(), &schema(), "", 0);
        }
        let mut policy = Self::default();
        if walk.errors.is_empty() {
            match toml::from_str::<PolicyFile>(text) {
                Ok(file) => {
                    let folder = Path::new(path).parent().unwrap_or(Path::new(""));
                    policy = file.into_policy(folder, walk.places);
                    walk.errors = thresholds_out_of_order(&policy);
                }
                Err(error) => report(&mut walk, &error),
            }
        }
        PolicyErrors::new(walk.errors).map_or(Ok(policy), Err)
    }
}

/// Notes what the TOML parser says.
pub(crate) fn report(walk: &mut Walk<'_>, error: &Error) {
    let offset = error.span().map_or(0, |span| span.start);
    walk.error(offset, error.message().trim().replace('\n', "; "), None);
}

/// `note` ≤ `review` ≤ `block`, or a verdict could never be reached.
fn thresholds_out_of_order(policy: &Policy) -> Vec<PolicyError> {
    let t = policy.thresholds;
    let pairs = [
        ("note", t.note, "review", t.review),
        ("review", t.review, "block", t.block),
    ];
    let wrong = pairs.into_iter().filter(|(_, low, _, high)| low > high);
    wrong
        .map(|(lower, low, upper, high)| {
            let place = [lower, upper]
                .into_iter()
                .find_map(|key| policy.places.of(&format!("thresholds.{key}")));
            let message = format!(
                "`thresholds.{lower}` ({low}) is above `thresholds.{upper}` ({high}), so the verdict {lower} could \
                 never be reached"
            );
            let message = message.as_str();
            policy.places.error(place.unwrap_or(Place::START), message, None)
        })
        .collect()
}
