//! Nominates the popular or internal package that a name may imitate.
//!
//! A name only nominates: content, age and popularity decide how bad it is. Each technique of imitation is one file below
//! `techniques/`; [`Nominator`] asks all of them and keeps the best reason for each target.
//!
//! ```
//! use foretaste_model::Ecosystem;
//! use foretaste_names::Nominator;
//!
//! let names = Nominator::new(&["acme-corp-utils".to_owned()]);
//! let nominated = names.nominate(Ecosystem::Pypi, "reqeusts");
//! assert_eq!(&*nominated[0].target, "requests");
//! assert!(names.nominate(Ecosystem::Pypi, "acme-corp-util")[0].internal);
//! ```

mod affixes;
mod cost;
mod embedded;
mod fold;
mod index;
mod internal;
mod near;
mod nominator;
mod popular;
mod subject;
mod techniques;

pub use internal::{InternalNames, matches_glob};
pub use nominator::{Nominator, nominate};
pub use popular::PopularNames;
pub use subject::canonical;
