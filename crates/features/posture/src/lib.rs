//! Posture: how well one repository, or a folder of hundreds, guards its dependencies.
//!
//! [`survey`] finds the repositories and measures each from its files and its Git history; nothing of a
//! repository is executed. The hosts of the repositories are asked for reviews, and registries about the releases that are
//! held ([`Posture::ask`]), if that is wanted. [`human`] and [`html`] show the [`Posture`], whose serde form is the JSON.

mod changes;
mod controls;
mod find;
mod fixes;
mod html;
mod human;
mod measure;
mod posture;
mod reviews;
mod share;
mod survey;
mod trend;
mod upkeep;

pub use changes::{DependencyChange, DependencyChanges, Way};
pub use controls::{Control, Framework, controls};
pub use find::{Found, find};
pub use fixes::{Fix, FixKind};
pub use html::html;
pub use human::human;
pub use measure::{Locking, Measures, Origins, Specifiers, measure};
pub use posture::{Posture, RepositoryPosture, SCHEMA};
pub use share::Share;
pub use survey::{Options, SurveyError, survey};
pub use trend::Point;
pub use upkeep::{Registries, Upkeep};
