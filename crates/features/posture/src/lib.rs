//! Posture: how well one repository, or a folder of hundreds, guards its dependencies.
//!
//! [`survey`] finds the repositories and measures each from its files and its Git history; nothing of a
//! repository is executed. If that is wanted, the hosts of the repositories are asked for reviews, registries about the
//! releases that are held ([`Posture::ask`]), and locks are made anew and compared ([`Posture::compare_with_fresh`]). [`human`] and [`html`] show the [`Posture`], whose serde form is the JSON.

mod changes;
mod controls;
mod drift;
mod find;
mod fixes;
mod fixtures;
mod freshness;
mod html;
mod human;
mod installed;
mod measure;
mod posture;
mod reviews;
mod sets;
mod share;
mod survey;
mod trend;
mod upkeep;

pub use changes::{DependencyChange, DependencyChanges, Way};
pub use controls::{Control, Framework, controls};
pub use drift::{Drift, Move, Oldest, Step};
pub use find::{Found, find};
pub use fixes::{Fix, FixKind};
pub use html::html;
pub use human::human;
pub use installed::{Difference, Installed};
pub use measure::{Locking, Measures, Origins, Specifiers, measure};
pub use posture::{Posture, RepositoryPosture, SCHEMA};
pub use sets::{Set, Versions};
pub use share::Share;
pub use survey::{Options, SurveyError, survey};
pub use trend::Point;
pub use upkeep::{Registries, Upkeep};
