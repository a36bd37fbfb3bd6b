//! "Not found; did you mean …?"

use foretaste_engine::{Nomination, NominationKind};
use foretaste_model::Ecosystem;

use crate::Nominator;
use crate::cost::cost;
use crate::subject::Subject;

impl Nominator {
    /// Popular and internal names near one that does not exist, the nearest first, `most` at most. Only names of the same
    /// ecosystem: the answer is what to install instead.
    pub fn near(&self, ecosystem: Ecosystem, name: &str, most: usize) -> Vec<Box<str>> {
        let list = self.popular(ecosystem);
        let is_installable = |n: &Nomination| {
            let is_listed = n.rank.is_some() || list.rank(ecosystem, &n.target).is_some();
            n.ecosystem == ecosystem
                && n.kind != NominationKind::CrossEcosystem
                && !n.target.contains('*')
                && (n.internal || is_listed)
        };
        let mut near: Vec<Box<str>> = self
            .nominate(ecosystem, name)
            .into_iter()
            .filter(is_installable)
            .map(|n| n.target)
            .collect();
        if near.is_empty() {
            near = self.loosely_near(&Subject::new(ecosystem, name));
        }
        near.truncate(most);
        near
    }

    /// Names within two edits, whatever their length.
    fn loosely_near(&self, subject: &Subject) -> Vec<Box<str>> {
        let list = self.popular(subject.ecosystem);
        let most = (subject.squashed.len() as f32 / 2.0).min(2.0);
        let mut near: Vec<(f32, u32)> = list
            .neighbourhood(&subject.squashed)
            .filter_map(|index| {
                let target = list.get(index)?;
                let cost = cost(
                    subject.squashed.as_bytes(),
                    target.squashed.as_bytes(),
                    most,
                )?;
                Some((cost, index))
            })
            .collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        near.into_iter()
            .filter_map(|(_, index)| Some(list.get(index)?.written.into()))
            .collect()
    }
}
