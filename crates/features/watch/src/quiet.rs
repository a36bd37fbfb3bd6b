//! Hours in which nobody is disturbed.

use std::str::FromStr;

use foretaste_model::Verdict;
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// From when to when a sink rests, `22:00-07:00`, in a time zone (this machine's unless named: `22:00-07:00 Europe/Paris`).
/// A block is told all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct QuietHours {
    from: Time,
    to: Time,
    zone: Option<String>,
}

/// Why hours cannot be read.
#[derive(Debug, Error)]
pub enum QuietHoursError {
    /// The form is another one.
    #[error(
        "`{0}` is no span of hours; write it as 22:00-07:00, with a time zone after it if it is not this machine's"
    )]
    Form(String),
    /// There is no such time zone.
    #[error("`{0}` is no time zone that this machine knows")]
    Zone(String),
}

impl QuietHours {
    /// True if the sink rests.
    pub fn holds(&self, now: Timestamp, level: Verdict) -> bool {
        if level == Verdict::Block {
            return false;
        }
        let zone = self
            .zone
            .as_deref()
            .and_then(|name| TimeZone::get(name).ok())
            .unwrap_or_else(TimeZone::system);
        let time = now.to_zoned(zone).time();
        if self.from <= self.to {
            self.from <= time && time < self.to
        } else {
            self.from <= time || time < self.to
        }
    }
}

impl FromStr for QuietHours {
    type Err = QuietHoursError;

    fn from_str(text: &str) -> Result<Self, QuietHoursError> {
        let bad = || QuietHoursError::Form(text.to_owned());
        let (span, zone) = match text.trim().split_once(' ') {
            Some((span, zone)) => (span, Some(zone.trim().to_owned())),
            None => (text.trim(), None),
        };
        if let Some(zone) = &zone
            && TimeZone::get(zone).is_err()
        {
            return Err(QuietHoursError::Zone(zone.clone()));
        }
        let (from, to) = span.split_once('-').ok_or_else(bad)?;
        let time = |text: &str| Time::strptime("%H:%M", text).map_err(|_| bad());
        let (from, to) = (time(from)?, time(to)?);
        if from == to {
            return Err(bad());
        }
        Ok(Self { from, to, zone })
    }
}

impl TryFrom<String> for QuietHours {
    type Error = QuietHoursError;

    fn try_from(text: String) -> Result<Self, QuietHoursError> {
        text.parse()
    }
}

impl From<QuietHours> for String {
    fn from(hours: QuietHours) -> Self {
        let span = format!(
            "{}-{}",
            hours.from.strftime("%H:%M"),
            hours.to.strftime("%H:%M")
        );
        match hours.zone {
            Some(zone) => format!("{span} {zone}"),
            None => span,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_goes_past_midnight_and_a_block_wakes() {
        let night: QuietHours = "22:00-07:00 UTC".parse().expect("hours");
        let at = |time: &str| format!("2026-11-01T{time}:00Z").parse().expect("a time");
        for (time, rests) in [
            ("21:59", false),
            ("22:00", true),
            ("03:00", true),
            ("07:00", false),
        ] {
            assert_eq!(night.holds(at(time), Verdict::Review), rests, "{time}");
        }
        assert!(!night.holds(at("03:00"), Verdict::Block));
        let noon: QuietHours = "12:00-13:00 UTC".parse().expect("hours");
        assert!(noon.holds(at("12:30"), Verdict::Note));
        assert!(!noon.holds(at("22:30"), Verdict::Note));
        assert_eq!(String::from(night), "22:00-07:00 UTC");
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "22-7",
            "25:00-07:00",
            "07:00-07:00",
            "22:00-07:00 Nowhere/City",
        ] {
            assert!(text.parse::<QuietHours>().is_err(), "{text}");
        }
    }
}
