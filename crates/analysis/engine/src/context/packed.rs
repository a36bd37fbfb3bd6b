//! Archives inside a package: which ones nothing unpacks on the way to run.

use std::collections::BTreeSet;

use foretaste_model::Capability;
use foretaste_model::facts::ArtifactKind;

use super::Work;

impl<'a> Work<'a> {
    /// The archives inside a package that nothing unpacks on the way to run: what lies in them is carried, not run.
    pub(super) fn packed_away(&self) -> BTreeSet<&'a str> {
        let package = matches!(
            self.artifact.kind,
            ArtifactKind::Sdist | ArtifactKind::Wheel | ArtifactKind::Egg
        );
        let archives: BTreeSet<&str> = self
            .artifact
            .files
            .iter()
            .filter_map(|f| Some(f.path.split_once('!')?.0))
            .collect();
        if !package || archives.is_empty() {
            return BTreeSet::new();
        }
        // what runs when a module is loaded, and everything in files that something starts (`setup.py`)
        let early: Vec<_> = self
            .artifact
            .files
            .iter()
            .filter(|f| !f.path.contains('!'))
            .flat_map(|f| {
                let facts = &f.facts;
                facts.uses.iter().filter(|u| {
                    u.function == 0
                        || !facts.surfaces.is_empty()
                        || facts
                            .functions
                            .get(u.function as usize)
                            .is_some_and(|f| f.at_import)
                })
            })
            .collect();
        if early
            .iter()
            .any(|u| u.capability == Capability::ArchiveExtract)
        {
            return BTreeSet::new();
        }
        archives
            .into_iter()
            .filter(|archive| {
                let name = archive.rsplit('/').next().unwrap_or(archive);
                let names = |c: &str| c.contains(name);
                !early.iter().any(|u| u.constants.iter().any(|c| names(c)))
            })
            .collect()
    }
}
