//! Which part of the samples is measured. Every choice hangs on names and a seed, never on chance or on order.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::{Sample, Side};

/// A side and a family or a given kind.
type Group = (Side, Option<String>);
/// What is drawn: the smallest number wins, the name settles ties.
type Lot = (u64, String);

/// One part of the malicious families.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// The families to develop on: about two thirds.
    Train,
    /// The families to report on: about one third.
    Validate,
}

/// Which part of the samples is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// One member of each family.
    pub one_per_family: bool,
    /// Which half of the families.
    pub half: Option<Half>,
    /// At most this many of each side (of benign ones: of each source's kind).
    pub sample: Option<usize>,
    /// Decides which member and which sample is drawn.
    pub seed: u64,
}

impl Choice {
    /// The samples to measure, in their order.
    pub fn apply(&self, samples: Vec<Sample>) -> Vec<Sample> {
        let wanted = |s: &Sample| {
            s.side == Side::Benign || self.half.is_none_or(|wanted| half(&s.family) == wanted)
        };
        let mut kept: Vec<Sample> = samples.into_iter().filter(wanted).collect();
        if self.one_per_family {
            let family = |s: &Sample| (s.side == Side::Malicious).then(|| Some(s.family.clone()));
            self.draw(&mut kept, "member", 1, family);
        }
        if let Some(most) = self.sample {
            self.draw(&mut kept, "sample", most, |s| Some(s.kind.clone()));
        }
        kept
    }

    /// Keeps at most `most` of each group; what belongs to no group stays.
    fn draw(
        &self,
        samples: &mut Vec<Sample>,
        purpose: &str,
        most: usize,
        group: impl Fn(&Sample) -> Option<Option<String>>,
    ) {
        let mut groups: BTreeMap<Group, Vec<Lot>> = BTreeMap::new();
        for sample in &*samples {
            if let Some(name) = group(sample) {
                let lots = groups.entry((sample.side, name)).or_default();
                lots.push(self.lot(purpose, sample));
            }
        }
        for lots in groups.values_mut() {
            lots.sort();
            lots.truncate(most);
        }
        samples.retain(|sample| {
            group(sample).is_none_or(|name| {
                let lots = groups.get(&(sample.side, name));
                lots.is_some_and(|l| l.binary_search(&self.lot(purpose, sample)).is_ok())
            })
        });
    }

    fn lot(&self, purpose: &str, sample: &Sample) -> Lot {
        let name = &sample.name;
        (
            hash(&format!("{purpose}\0{}\0{name}", self.seed)),
            name.clone(),
        )
    }
}

/// The part that a family belongs to, on every machine and in every list.
fn half(family: &str) -> Half {
    if hash(&format!("half\0{family}")).is_multiple_of(3) {
        Half::Validate
    } else {
        Half::Train
    }
}

fn hash(text: &str) -> u64 {
    let digest = Sha256::digest(text.as_bytes());
    digest
        .iter()
        .take(8)
        .fold(0, |n, byte| (n << 8) | u64::from(*byte))
}
