//! How severe an advisory is: CVSS vectors, and the words that stand in for them.

use std::str::FromStr as _;

use cvss::Cvss;

/// The base score of a CVSS 2, 3.0, 3.1 or 4.0 vector, 0.0 to 10.0; none for broken vectors. Of a 4.0 vector with
/// threat or environmental metrics it is the score of all its metrics, which is how that version defines it.
///
/// The formulas are those of the RustSec project's `cvss`.
pub fn base_score(vector: &str) -> Option<f32> {
    let score = match Cvss::from_str(vector.trim()).ok()? {
        Cvss::CvssV20(v) => v.score().value(),
        Cvss::CvssV30(v) | Cvss::CvssV31(v) => {
            // the crate takes what the specification makes mandatory for optional
            let complete = ["AV:", "AC:", "PR:", "UI:", "S:", "C:", "I:", "A:"]
                .iter()
                .all(|m| vector.split('/').any(|part| part.starts_with(m)));
            complete.then(|| v.base_score().value())?
        }
        Cvss::CvssV40(v) => v.score().value(),
        _ => return None,
    };
    // scores have one decimal
    Some((score.clamp(0.0, 10.0) * 10.0).round() as f32 / 10.0)
}

/// The middle of the range that a word stands for.
/// <https://www.first.org/cvss/v3.1/specification-document#Qualitative-Severity-Rating-Scale>
pub(crate) fn word_score(word: &str) -> Option<f32> {
    match word.to_ascii_lowercase().as_str() {
        "low" => Some(2.0),
        "moderate" | "medium" => Some(5.5),
        "high" | "important" => Some(8.0),
        "critical" => Some(9.5),
        _ => None,
    }
}

/// The rating that a score stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Nobody said.
    Unknown,
    /// 0.0
    None,
    /// 0.1 to 3.9
    Low,
    /// 4.0 to 6.9
    Medium,
    /// 7.0 to 8.9
    High,
    /// 9.0 to 10.0
    Critical,
}

impl Level {
    /// The word.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// The rating of a score.
pub fn level(score: Option<f32>) -> Level {
    match score {
        None => Level::Unknown,
        Some(s) if s >= 9.0 => Level::Critical,
        Some(s) if s >= 7.0 => Level::High,
        Some(s) if s >= 4.0 => Level::Medium,
        Some(s) if s > 0.0 => Level::Low,
        Some(_) => Level::None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// From the specifications' examples and the National Vulnerability Database.
    #[test]
    fn scores_are_the_published_ones() {
        for (vector, expected) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Some(9.8)),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", Some(10.0)),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", Some(6.1)),
            ("CVSS:3.0/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", Some(3.1)),
            ("CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", Some(7.8)),
            ("CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Some(6.8)),
            (
                "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H/E:P/RL:O",
                Some(7.5),
            ),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", Some(0.0)),
            // CVE-2002-0392, CVE-2003-0062
            ("AV:N/AC:L/Au:N/C:N/I:N/A:C", Some(7.8)),
            ("AV:L/AC:H/Au:N/C:C/I:C/A:C", Some(6.2)),
            // the examples of version 4.0
            (
                "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
                Some(7.3),
            ),
            (
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",
                Some(10.0),
            ),
            (
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N",
                Some(8.7),
            ),
            ("CVSS:4.0/AV:N", None),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H", None),
            ("CVSS:9.9/AV:N", None),
            ("", None),
        ] {
            assert_eq!(base_score(vector), expected, "{vector}");
        }
    }

    #[test]
    fn ratings_follow_the_scale() {
        let ids: Vec<_> = [None, Some(0.0), Some(3.9), Some(4.0), Some(8.9), Some(9.0)]
            .map(|s| level(s).id())
            .to_vec();
        assert_eq!(
            ids,
            ["unknown", "none", "low", "medium", "high", "critical"]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_survived(head in "CVSS:(3.0|3.1|4.0)/|AV:|", tail in ".{0,80}") {
            let score = base_score(&format!("{head}{tail}"));
            prop_assert!(score.is_none_or(|s| (0.0..=10.0).contains(&s)));
        }
    }
}
