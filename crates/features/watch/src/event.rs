//! What changed between two judgements.

use foretaste_model::Verdict;
use serde::{Deserialize, Serialize};

use crate::state::{ReleaseState, State};

/// Something that whoever accepted a dependency wants to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// The release: `pypi:six@1.16.0`.
    pub release: String,
    /// How grave it is: the verdict now, or for what became better, the verdict before.
    pub level: Verdict,
    /// The verdict before, if it was judged before.
    pub before: Option<Verdict>,
    /// The verdict now, if it is still there.
    pub now: Option<Verdict>,
    /// What is new about it, as `rule: message`.
    pub findings: Vec<String>,
    /// What to do.
    pub advice: Option<String>,
    /// How it got into the project; empty for what is watched itself.
    pub path: Vec<String>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// The verdict is worse.
    Worse,
    /// The verdict is the same, and there is a new reason: an advisory, a rule that learnt something.
    NewFinding,
    /// It can no longer be vetted: removed, quarantined, or the registry does not answer.
    Unavailable,
    /// A new version stands where the version was left open.
    NewVersion,
    /// It was not there before.
    Added,
    /// The verdict is better.
    Better,
}

impl EventKind {
    /// A few words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Worse => "is worse than before",
            Self::NewFinding => "has a new finding",
            Self::Unavailable => "can no longer be vetted",
            Self::NewVersion => "has a new version",
            Self::Added => "is new",
            Self::Better => "is better than before",
        }
    }
}

/// The order of gravity. What could not be vetted is no accusation, but more than a note.
const fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Clear => 0,
        Verdict::Note => 1,
        Verdict::Incomplete => 2,
        Verdict::Review => 3,
        Verdict::Block => 4,
    }
}

/// True if `verdict` is at least as grave as `threshold`.
pub(crate) const fn at_least(verdict: Verdict, threshold: Verdict) -> bool {
    rank(verdict) >= rank(threshold)
}

/// What changed, the gravest first. Releases that are gone are no events: whoever removed one knows.
pub fn compare(before: &State, now: &State) -> Vec<Event> {
    let mut events: Vec<Event> = now
        .releases
        .iter()
        .filter_map(|(name, state)| match before.releases.get(name) {
            Some(earlier) => changed(name, earlier, state),
            None => Some(event(EventKind::Added, name, None, state, state.verdict)),
        })
        .collect();
    events.sort_by(|a, b| {
        rank(b.level)
            .cmp(&rank(a.level))
            .then(a.kind.cmp(&b.kind))
            .then_with(|| a.release.cmp(&b.release))
    });
    events
}

fn changed(name: &str, before: &ReleaseState, now: &ReleaseState) -> Option<Event> {
    let (was, is) = (rank(before.verdict), rank(now.verdict));
    let kind = if before.version != now.version && now.version.is_some() {
        EventKind::NewVersion
    } else if now.verdict == Verdict::Incomplete && before.verdict != Verdict::Incomplete {
        EventKind::Unavailable
    } else if is > was {
        EventKind::Worse
    } else if is < was {
        EventKind::Better
    } else if now.findings.is_subset(&before.findings) {
        return None;
    } else {
        EventKind::NewFinding
    };
    let level = if kind == EventKind::Better {
        before.verdict
    } else {
        now.verdict
    };
    Some(event(kind, name, Some(before), now, level))
}

fn event(
    kind: EventKind,
    name: &str,
    before: Option<&ReleaseState>,
    now: &ReleaseState,
    level: Verdict,
) -> Event {
    let mut findings: Vec<String> = now
        .findings
        .iter()
        .filter(|f| before.is_none_or(|b| !b.findings.contains(*f)))
        .cloned()
        .collect();
    if now.verdict == Verdict::Incomplete {
        findings.extend(now.incomplete.iter().cloned());
    }
    let release = match (&now.version, name.contains('@')) {
        (Some(version), false) => format!("{name}@{version}"),
        _ => name.to_owned(),
    };
    Event {
        kind,
        release,
        level,
        before: before.map(|b| b.verdict),
        now: Some(now.verdict),
        findings,
        advice: now.advice.clone(),
        path: now.path.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn state(entries: &[(&str, Option<&str>, Verdict, &[&str])]) -> State {
        let releases = entries
            .iter()
            .map(|(name, version, verdict, findings)| {
                let state = ReleaseState {
                    version: version.map(str::to_owned),
                    verdict: *verdict,
                    findings: findings.iter().map(|&f| f.to_owned()).collect(),
                    incomplete: Vec::new(),
                    advice: None,
                    path: Vec::new(),
                    missed: 0,
                };
                ((*name).to_owned(), state)
            })
            .collect();
        State { releases }
    }

    fn told(before: &State, now: &State) -> Vec<(EventKind, String, Verdict)> {
        compare(before, now)
            .into_iter()
            .map(|e| (e.kind, e.release, e.level))
            .collect()
    }

    #[test]
    fn what_is_worse_new_better_or_gone_is_told_gravest_first() {
        let before = state(&[
            ("npm:a@1", Some("1"), Verdict::Clear, &[]),
            ("npm:b@1", Some("1"), Verdict::Review, &["x: y"]),
            ("npm:c@1", Some("1"), Verdict::Note, &[]),
            ("npm:d", Some("1"), Verdict::Clear, &[]),
            ("npm:gone@1", Some("1"), Verdict::Block, &[]),
        ]);
        let now = state(&[
            (
                "npm:a@1",
                Some("1"),
                Verdict::Block,
                &["known-malware: bad"],
            ),
            ("npm:b@1", Some("1"), Verdict::Clear, &[]),
            ("npm:c@1", Some("1"), Verdict::Incomplete, &[]),
            ("npm:d", Some("2"), Verdict::Clear, &[]),
            ("npm:e@1", Some("1"), Verdict::Clear, &[]),
        ]);
        let wanted = [
            (EventKind::Worse, "npm:a@1".to_owned(), Verdict::Block),
            (EventKind::Better, "npm:b@1".to_owned(), Verdict::Review),
            (
                EventKind::Unavailable,
                "npm:c@1".to_owned(),
                Verdict::Incomplete,
            ),
            (EventKind::NewVersion, "npm:d@2".to_owned(), Verdict::Clear),
            (EventKind::Added, "npm:e@1".to_owned(), Verdict::Clear),
        ];
        assert_eq!(told(&before, &now), wanted);
        assert_eq!(told(&now, &now), []);
    }

    #[test]
    fn a_new_reason_for_the_same_verdict_is_told_and_one_less_is_not() {
        let one = state(&[("a", None, Verdict::Note, &["r: x"])]);
        let two = state(&[(
            "a",
            None,
            Verdict::Note,
            &["r: x", "known-vulnerability: CVE"],
        )]);
        let events = compare(&one, &two);
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].findings, ["known-vulnerability: CVE"]);
        assert_eq!(compare(&two, &one), []);
    }
}
