//! Comparing a release with known-bad packages.

use std::path::Path;

use foretaste_clones::{DEFAULT_FILE, Lookup};
use foretaste_engine::SceneBuilder;
use foretaste_io::files;
use foretaste_model::{ContentDigest, Knowledge};

use crate::Options;
use crate::auditor::{AuditError, Auditor};

/// The largest index that is read.
const MAX_INDEX: u64 = 2 << 30;

/// The indexes of known-bad packages in use.
#[derive(Debug, Default)]
pub(crate) struct Relatives {
    indexes: Vec<Lookup>,
    /// What they hold.
    pub(crate) contents: Vec<ContentDigest>,
}

impl Relatives {
    /// Reads the user's own index, if there is one, and those of the policy, which must be there.
    ///
    /// # Errors
    /// An index is missing or damaged. That is no reason to go on: what it knows would be passed.
    pub(crate) fn load(options: &Options) -> Result<Self, AuditError> {
        let settings = &options.policy.known;
        if !settings.enabled {
            return Ok(Self::default());
        }
        let own = options.environment.data_dir().map(|d| d.join(DEFAULT_FILE));
        let own = own.filter(|path| files::is_file(path));
        own.iter()
            .chain(&settings.files)
            .map(|path| read(path))
            .collect::<Result<Vec<_>, _>>()
            .map(|read| {
                let (indexes, contents) = read.into_iter().unzip();
                Self { indexes, contents }
            })
    }
}

fn read(path: &Path) -> Result<(Lookup, ContentDigest), AuditError> {
    let failed = |reason: String| AuditError::KnownIndex {
        path: path.display().to_string(),
        reason,
    };
    let bytes = files::read(path, MAX_INDEX).map_err(|e| failed(e.to_string()))?;
    let lookup = Lookup::read(&bytes).map_err(|e| failed(e.to_string()))?;
    Ok((lookup, ContentDigest::of(&bytes)))
}

impl Auditor {
    /// Adds what a scene shares with known-bad packages, and the malware records of feeds that cover it.
    pub(crate) fn compare_with_known(&self, builder: &mut SceneBuilder) {
        let indexes = &self.relatives().indexes;
        if indexes.is_empty() {
            return;
        }
        let matches = indexes
            .iter()
            .flat_map(|index| builder.artifacts.iter().flat_map(|a| index.matches(a)));
        builder.known = Knowledge::Known(matches.collect());
        let Some(release) = &builder.release else {
            return;
        };
        let records: Vec<_> = indexes.iter().flat_map(|i| i.release(release)).collect();
        if records.is_empty() {
            return;
        }
        match &mut builder.advisories {
            Knowledge::Known(known) => known.extend(records),
            skipped @ Knowledge::Skipped(_) => *skipped = Knowledge::Known(records),
        }
    }
}
