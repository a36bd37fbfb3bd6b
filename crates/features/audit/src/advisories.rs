//! The advisories on this machine: asked in every audit, and how old they are is told.

use std::collections::BTreeSet;
use std::sync::Arc;

use foretaste_engine::SceneBuilder;
use foretaste_intel::Intel;
use foretaste_model::{Ecosystem, Knowledge};
use foretaste_osv::Advisories;
use jiff::{SignedDuration, Timestamp};

use crate::Options;

/// The user's own advisories, and until when they count as fresh.
#[derive(Debug)]
pub(crate) struct LocalAdvisories {
    all: Arc<Advisories>,
    fresh: SignedDuration,
    now: Timestamp,
}

impl LocalAdvisories {
    /// Those of the data folder, unless the policy switches them off.
    pub(crate) fn open(options: &Options) -> Option<Self> {
        let settings = &options.policy.advisories;
        let all = settings
            .enabled
            .then(|| Advisories::of_user(&options.environment))
            .flatten()?;
        Some(Self {
            all: Arc::new(all),
            fresh: SignedDuration::from_hours(settings.fresh_hours.into()),
            now: options.now,
        })
    }

    /// Lets the other sources be asked only where these do not do.
    pub(crate) fn tell(&self, intel: Intel) -> Intel {
        intel.local_advisories(Arc::clone(&self.all), self.fresh, self.now)
    }

    /// What is known of a release that no registry is asked about.
    pub(crate) fn answer(&self, builder: &mut SceneBuilder) {
        if let Some(release) = builder.release.as_ref().filter(|r| !r.version.is_empty())
            && let Knowledge::Known((found, as_of)) = self.all.answer(release)
            // single records accuse; their silence says nothing
            && (as_of.is_some() || !found.is_empty())
        {
            builder.advisories = Knowledge::Known(found);
        }
    }

    /// Which of the databases that were asked are old or cannot be used.
    pub(crate) fn notices(&self, asked: &BTreeSet<Ecosystem>) -> Vec<String> {
        asked
            .iter()
            .filter_map(|ecosystem| match self.all.of(*ecosystem) {
                Err(reason) => Some(reason.to_owned()),
                Ok(None) => None,
                Ok(Some(database)) => {
                    let age = self.now.duration_since(database.as_of()?);
                    (age > self.fresh).then(|| {
                        format!(
                            "the advisories for {ecosystem} on this machine are of {} ago; \
                             `foretaste advisories update` brings them up to date",
                            foretaste_osv::age(age)
                        )
                    })
                }
            })
            .collect()
    }
}
