//! Remarks on a policy after it was used: what should be cleaned up or renewed.

use std::collections::BTreeSet;

use foretaste_model::ReleaseId;
use foretaste_model::words::counted;
use jiff::civil::Date;

use crate::{Policy, Waiver};

/// From how many days before its end on a waiver is announced.
const SOON: i64 = 7;
/// More days ahead than this is no expiry, but a rule switched off in disguise.
const FAR: i64 = 366;

impl Policy {
    /// Remarks for [`foretaste_model::report::Report::policy_notes`]: waivers that are expired, end within a week, end
    /// too far away to be looked at again, or name a tasted release and cover nothing of it.
    ///
    /// `used` holds the indices of the waivers that covered a finding, `tasted` every release of the run. A waiver for
    /// a package that was not part of the run is not called unused.
    pub fn notes(
        &self,
        used: &BTreeSet<usize>,
        tasted: &[ReleaseId],
        today: Date,
    ) -> Vec<Box<str>> {
        let mut notes = Vec::new();
        for (index, waiver) in self.waivers.iter().enumerate() {
            let days = waiver.expires.map(|last| days_between(today, last));
            let note = match days {
                Some(days) if days < 0 => format!(
                    "expired {}: renew it with a new reason or remove it",
                    ago(-days)
                ),
                _ if !used.contains(&index) && tasted.iter().any(|r| waiver.covers(r)) => {
                    "covered nothing: remove it if what it waived is fixed".to_owned()
                }
                Some(0) => "ends today".to_owned(),
                Some(days) if days <= SOON => format!("ends in {}", counted(days, "day")),
                Some(days) if days > FAR => format!(
                    "ends in {}: choose a day within a year, so that it is looked at again",
                    counted(days, "day")
                ),
                _ => continue,
            };
            notes.push(format!("{} {note}", self.name(index, waiver)).into());
        }
        notes
    }

    /// How a waiver is called in messages.
    fn name(&self, index: usize, waiver: &Waiver) -> String {
        let what = format!("waiver of `{}` for {}", waiver.rule, waiver.purl);
        match self.places.of(&format!("waivers[{index}]")) {
            Some(place) => format!("{}:{place}: {what}", self.places.path),
            None => what,
        }
    }
}

fn days_between(from: Date, to: Date) -> i64 {
    // Whole days between dates cannot fail for the dates that jiff represents.
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

fn ago(days: i64) -> String {
    match days {
        1 => "yesterday".to_owned(),
        _ => format!("{} ago", counted(days, "day")),
    }
}
