//! The detection benchmark: local archives in, recall, false positives, each rule's hits and the cost out.
//!
//! What counts is the *family*: hundreds of copies of one campaign say as much as one copy. Family recall is the
//! expected share of families of which a random member gets the verdict, so it does not depend on which member is drawn.

mod check;
mod choose;
mod compare;
mod html;
mod human;
mod input;
mod measure;
mod outcome;
mod peer;
mod report;
mod run;
mod statistics;
mod summarise;

pub use check::{Bars, BarsError, Checked, bars};
pub use choose::{Choice, Half};
pub use compare::{Comparison, Moved, PackageMoved, RuleMoved, compare};
pub use html::html;
pub use human::human;
pub use input::{BenignSource, InputError, MaliciousSource, Sample, Side, collect};
pub use outcome::{Best, Outcome};
pub use peer::{Peer, PeerProgram, as_peer, run_peer};
pub use report::{
    Figures, Interval, Kind, Malicious, Package, Recall, Report, Roc, RocPoint, RuleHits, SCHEMA,
    Selection, Share, SideCost, Slow, Timing,
};
pub use run::{Listener, Scanner, Work, run};
pub use statistics::wilson;
pub use summarise::{Settings, summarise};
