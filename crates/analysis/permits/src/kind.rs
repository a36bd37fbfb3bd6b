//! Which policy a file is.

use crate::widening::Widening;
use crate::{monitor, run};

/// Whose policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// That of `foretaste run`.
    Run,
    /// That of `foretaste monitor`.
    Monitor,
}

impl Kind {
    /// The kinds.
    pub const ALL: [Self; 2] = [Self::Run, Self::Monitor];

    /// The command that reads it.
    pub const fn command(self) -> &'static str {
        match self {
            Self::Run => "foretaste run",
            Self::Monitor => "foretaste monitor",
        }
    }

    /// Reads a policy of this kind.
    ///
    /// # Errors
    /// What the command would say of it.
    pub fn read(self, text: &str) -> Result<Permits, String> {
        Ok(match self {
            Self::Run => Permits::Run(run::Policy::of_text(text)?.into()),
            Self::Monitor => Permits::Monitor(monitor::Policy::of_text(text)?),
        })
    }

    /// Which policy this is; none if it is none.
    pub fn of(text: &str) -> Option<Self> {
        Permits::of(text).map(|permits| permits.kind())
    }
}

/// A policy.
#[derive(Clone, Debug)]
pub enum Permits {
    /// That of a run.
    Run(Box<run::Policy>),
    /// That of a watched job.
    Monitor(monitor::Policy),
}

impl Permits {
    /// What a text permits; none if it is no policy. Both kinds have keys of their own and suffer no others, so that it cannot
    /// be both unless it says nothing.
    pub fn of(text: &str) -> Option<Self> {
        let table: toml::Table = text.parse().ok()?;
        if table.is_empty() {
            return None;
        }
        Kind::ALL.into_iter().find_map(|kind| kind.read(text).ok())
    }

    /// Whose policy it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Run(_) => Kind::Run,
            Self::Monitor(_) => Kind::Monitor,
        }
    }

    /// What it permits beyond the policy that stood before, or beyond what was without one.
    pub fn beyond(&self, before: Option<&Self>) -> Vec<Widening> {
        match (self, before) {
            (Self::Run(now), Some(Self::Run(before))) => run::widened(before, now),
            (Self::Run(now), _) => {
                // without a policy, a command has the preset that it is known for
                let before = run::Policy {
                    preset: now.preset,
                    ..run::Policy::default()
                };
                run::widened(&before, now)
            }
            (Self::Monitor(now), Some(Self::Monitor(before))) => monitor::widened(before, now),
            (Self::Monitor(now), _) => monitor::widened(&monitor::Policy::default(), now),
        }
    }
}
