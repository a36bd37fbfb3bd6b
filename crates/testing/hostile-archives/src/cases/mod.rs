//! The cases by subject.

mod bombs;
mod broken;
mod honest;
mod links;
mod names;
mod readings;
mod tars;
mod zips;

use crate::Case;

pub use honest::honest;

/// Every hostile case. Bombs unpack to `bomb_bytes`: set the limits well below that.
pub fn corpus(bomb_bytes: usize) -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(names::cases());
    cases.extend(links::cases());
    cases.extend(tars::cases());
    cases.extend(zips::cases());
    cases.extend(readings::cases());
    cases.extend(broken::cases());
    cases.extend(bombs::cases(bomb_bytes));
    cases
}
