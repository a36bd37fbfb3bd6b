//! Asking every technique, and keeping the best reason for each target.

use std::sync::Arc;

use foretaste_engine::{Nomination, NominationKind};
use foretaste_model::Ecosystem;

use crate::internal::InternalNames;
use crate::popular::PopularNames;
use crate::subject::Subject;
use crate::techniques::{ALL, Hit, cross_ecosystem, typo};

/// How many targets are named at most.
const MOST: usize = 5;
/// A popular name is taken for an imitation only of names this many times more popular.
const MORE_POPULAR: u32 = 200;
/// … and only when they are this alike.
const ALIKE: f32 = 0.87;

/// Nominates targets from the popular names of every ecosystem and the organisation's own names.
#[derive(Debug)]
pub struct Nominator {
    own_lists: Vec<(Ecosystem, Arc<PopularNames>)>,
    internal: InternalNames,
}

/// What a name may imitate among the built-in popular names and the given internal ones. For many names, keep a
/// [`Nominator`].
pub fn nominate(name: &str, ecosystem: Ecosystem, internal_names: &[String]) -> Vec<Nomination> {
    Nominator::new(internal_names).nominate(ecosystem, name)
}

impl Nominator {
    /// A nominator with the built-in lists and these internal names, in which `*` stands for anything.
    pub fn new(internal_names: &[String]) -> Self {
        Self {
            own_lists: Vec::new(),
            internal: InternalNames::new(internal_names),
        }
    }

    /// Puts a list in place of the built-in one.
    #[must_use]
    pub fn with_list(mut self, ecosystem: Ecosystem, list: PopularNames) -> Self {
        self.own_lists.retain(|(e, _)| *e != ecosystem);
        self.own_lists.push((ecosystem, Arc::new(list)));
        self
    }

    /// The list in use. Calling it on another thread while a package is fetched hides the time to load it.
    pub fn popular(&self, ecosystem: Ecosystem) -> Arc<PopularNames> {
        self.own_list(ecosystem)
            .unwrap_or_else(|| PopularNames::embedded(ecosystem))
    }

    /// The list in use for names of other ecosystems.
    fn elsewhere(&self, ecosystem: Ecosystem) -> Arc<PopularNames> {
        self.own_list(ecosystem)
            .unwrap_or_else(|| PopularNames::embedded_top(ecosystem))
    }

    fn own_list(&self, ecosystem: Ecosystem) -> Option<Arc<PopularNames>> {
        let own = self.own_lists.iter().find(|(e, _)| *e == ecosystem);
        own.map(|(_, list)| Arc::clone(list))
    }

    /// The internal names.
    pub const fn internal(&self) -> &InternalNames {
        &self.internal
    }

    /// The rank of a name among the popular ones, 1 for the most popular.
    pub fn rank(&self, ecosystem: Ecosystem, name: &str) -> Option<u32> {
        self.popular(ecosystem).rank(ecosystem, name)
    }

    /// The packages that `name` may imitate, most alike first, five at most. Nothing for internal names themselves, and
    /// for popular names only what is far more popular still.
    pub fn nominate(&self, ecosystem: Ecosystem, name: &str) -> Vec<Nomination> {
        if self.internal.holds(ecosystem, name) {
            return Vec::new();
        }
        let subject = Subject::new(ecosystem, name);
        if subject.squashed.is_empty() {
            return Vec::new();
        }
        let mut found = self.internal_targets(&subject);
        found.extend(self.popular_targets(&subject));
        best(found)
    }

    fn internal_targets(&self, subject: &Subject) -> Vec<Nomination> {
        let mut found = Vec::new();
        if let Some(list) = self.internal.full(subject.ecosystem) {
            let hits = ALL.iter().flat_map(|technique| technique(subject, list));
            found.extend(hits.filter_map(|hit| nomination(list, hit, subject.ecosystem, true)));
        }
        for (pattern, kind, similarity) in self.internal.imitated(subject) {
            found.push(Nomination {
                target: pattern.into(),
                ecosystem: subject.ecosystem,
                kind,
                similarity,
                rank: None,
                internal: true,
            });
        }
        found
    }

    pub(crate) fn popular_targets(&self, subject: &Subject) -> Vec<Nomination> {
        let list = self.popular(subject.ecosystem);
        let is_trusted_scope = |scope: &String| !subject.is_disguised && list.scope_size(scope) > 0;
        if subject.scope.as_ref().is_some_and(is_trusted_scope) {
            // Only the owner of a scope can publish in it, and the owner of popular packages squats nobody.
            return Vec::new();
        }
        let own = list.find(&subject.name).filter(|_| !subject.is_disguised);
        let mut found = Vec::new();
        for hit in ALL.iter().flat_map(|technique| technique(subject, &list)) {
            let eligible = match own {
                Some(own) => is_far_more_popular(&list, hit, own),
                None => true,
            };
            if eligible && Some(hit.index) != own {
                found.extend(nomination(&list, hit, subject.ecosystem, false));
            }
        }
        // without a list of its own ecosystem, a name that is known elsewhere says nothing
        if own.is_none() && !list.is_empty() {
            let elsewhere = Ecosystem::ALL
                .into_iter()
                .filter(|e| *e != subject.ecosystem);
            for other in elsewhere {
                let list = self.elsewhere(other);
                let hits = cross_ecosystem(subject, &list);
                found.extend(
                    hits.into_iter()
                        .filter_map(|hit| nomination(&list, hit, other, false)),
                );
            }
            found.extend(brand_targets(subject));
        }
        found
    }
}

/// Slips of well-known names that are no popular packages.
fn brand_targets(subject: &Subject) -> impl Iterator<Item = Nomination> {
    let brands = PopularNames::brands();
    let is_one = brands.with_squashed(&subject.squashed).next().is_some();
    let hits = if is_one {
        Vec::new()
    } else {
        typo(subject, brands)
    };
    hits.into_iter()
        .filter_map(|hit| nomination(brands, hit, subject.ecosystem, false))
}

fn is_far_more_popular(list: &PopularNames, hit: Hit, own: u32) -> bool {
    let by_rank = match (list.rank_of(hit.index), list.rank_of(own)) {
        (Some(target), Some(own)) => target.saturating_mul(MORE_POPULAR) <= own,
        _ => false,
    };
    by_rank && hit.similarity >= ALIKE
}

fn nomination(
    list: &PopularNames,
    hit: Hit,
    ecosystem: Ecosystem,
    internal: bool,
) -> Option<Nomination> {
    Some(Nomination {
        target: list.get(hit.index)?.written.into(),
        ecosystem,
        kind: hit.kind,
        similarity: hit.similarity.clamp(0.0, 1.0),
        rank: list.rank_of(hit.index),
        internal,
    })
}

/// One nomination for each target, the most alike first; among equals internal names, then the own ecosystem's, then the
/// most popular.
pub(crate) fn best(mut found: Vec<Nomination>) -> Vec<Nomination> {
    found.sort_by(|a, b| {
        b.similarity
            .total_cmp(&a.similarity)
            .then_with(|| b.internal.cmp(&a.internal))
            .then_with(|| is_foreign(a).cmp(&is_foreign(b)))
            .then_with(|| a.rank.unwrap_or(u32::MAX).cmp(&b.rank.unwrap_or(u32::MAX)))
            .then_with(|| a.target.cmp(&b.target))
            .then_with(|| a.kind.cmp(&b.kind))
    });
    let mut kept: Vec<Nomination> = Vec::new();
    for nomination in found {
        let is_known = kept
            .iter()
            .any(|k| k.target == nomination.target && k.ecosystem == nomination.ecosystem);
        if !is_known && kept.len() < MOST {
            kept.push(nomination);
        }
    }
    kept
}

fn is_foreign(nomination: &Nomination) -> bool {
    nomination.kind == NominationKind::CrossEcosystem
}
