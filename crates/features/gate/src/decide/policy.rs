//! What the policy says about a file: age, advisories, licence, install scripts, provenance, verdict.

use foretaste_model::Verdict;
use foretaste_model::words::counted;
use foretaste_osv::Level;
use jiff::Timestamp;

use super::{Check, Facts, Outcome, Ruling};
use crate::settings::{AdvisoryLevel, DecideSettings, Incomplete, Otherwise, Threshold};

/// What an administrator is asked for.
const APPROVE: &str = "to approve it";

pub(super) fn by_age(
    policy: &DecideSettings,
    facts: &Facts<'_>,
    now: Timestamp,
    ruling: &mut Ruling,
) -> bool {
    let hours = i64::from(policy.minimum_age_hours);
    if hours == 0 || facts.internal {
        ruling.pass(Check::Age, format_args!("no minimum age applies"));
        return false;
    }
    let age = facts.published.map(|p| now.as_second() - p.as_second());
    if let Some(age) = age.filter(|age| *age >= hours * 3600) {
        ruling.pass(
            Check::Age,
            format_args!("{} old", counted(age / 3600, "hour")),
        );
        return false;
    }
    let advice = facts.advice.filter(|_| policy.exempt_fixes);
    if let Some(id) = advice.and_then(|a| a.fixed_by(facts.release)) {
        ruling.pass(Check::Age, format_args!("it fixes {id}, and need not wait"));
        return false;
    }
    match age {
        None => ruling.end(
            Check::Age,
            Outcome::Refuse,
            format_args!(
                "releases must be {} old, and the upstream does not say when {} was published",
                counted(hours, "hour"),
                facts.release
            ),
            "use an upstream with publication times (PEP 700), or put the package on the allow list",
        ),
        Some(age) => ruling.end(
            Check::Age,
            Outcome::Refuse,
            format_args!(
                "{} was published {} ago, and releases must be {} old",
                facts.release,
                counted(age.max(0) / 3600, "hour"),
                counted(hours, "hour")
            ),
            "use the version before it, or wait",
        ),
    }
}

pub(super) fn by_advisories(
    policy: &DecideSettings,
    facts: &Facts<'_>,
    ruling: &mut Ruling,
) -> bool {
    let least = match policy.refuse_advisories_from {
        AdvisoryLevel::Never => return false,
        AdvisoryLevel::Low => Level::Low,
        AdvisoryLevel::Medium => Level::Medium,
        AdvisoryLevel::High => Level::High,
        AdvisoryLevel::Critical => Level::Critical,
    };
    match facts.advice.and_then(|a| a.worst(facts.release)) {
        Some((level, id)) if level >= least => ruling.end(
            Check::Advisories,
            Outcome::Refuse,
            format_args!("{} is covered by {id} ({})", facts.release, level.id()),
            "choose a version in which it is fixed",
        ),
        Some((level, id)) => {
            ruling.pass(Check::Advisories, format_args!("{id} ({})", level.id()));
            false
        }
        None => {
            ruling.pass(Check::Advisories, format_args!("none is known here"));
            false
        }
    }
}

pub(super) fn by_licence(policy: &DecideSettings, facts: &Facts<'_>, ruling: &mut Ruling) -> bool {
    if policy.deny_licences.is_empty() || facts.internal {
        return false;
    }
    let Some(licence) = facts.licence else {
        ruling.pass(Check::Licence, format_args!("nothing tells it yet"));
        return false;
    };
    if is_denied(licence, &policy.deny_licences) {
        return ruling.end(
            Check::Licence,
            Outcome::Refuse,
            format_args!(
                "{} is licensed as {licence}, which is not used here",
                facts.release
            ),
            &ruling.or_ask("choose another package", "about it"),
        );
    }
    ruling.pass(Check::Licence, format_args!("{licence}"));
    false
}

/// True if no choice that an SPDX expression leaves is free of a denied licence. `AND` binds tighter than `OR`.
fn is_denied(expression: &str, denied: &[String]) -> bool {
    let plain = expression.replace(['(', ')'], " ");
    let inner = expression.trim();
    let inner = inner
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'))
        .unwrap_or(inner);
    // brackets inside may hold a choice that is not one for the whole: then each part must be allowed
    if inner.contains(['(', ')']) {
        return names(&plain, denied);
    }
    let upper = inner.to_ascii_uppercase();
    upper.split(" OR ").all(|choice| names(choice, denied))
}

fn names(text: &str, denied: &[String]) -> bool {
    let mut words = text.split_whitespace();
    words.any(|word| denied.iter().any(|d| d.eq_ignore_ascii_case(word)))
}

pub(super) fn by_traits(policy: &DecideSettings, facts: &Facts<'_>, ruling: &mut Ruling) -> bool {
    if facts.internal {
        return false;
    }
    let checks = [
        (
            Check::InstallScript,
            policy.install_scripts,
            facts.traits.install_script,
            "runs code when it is installed",
            "runs nothing when it is installed",
        ),
        (
            Check::Provenance,
            policy.without_provenance,
            !facts.traits.provenance,
            "has no provenance",
            "has provenance",
        ),
    ];
    for (check, otherwise, applies, what, fine) in checks {
        let outcome = match otherwise {
            Otherwise::Serve => continue,
            Otherwise::Hold => Outcome::Hold,
            Otherwise::Refuse => Outcome::Refuse,
        };
        if applies {
            return ruling.end(
                check,
                outcome,
                format_args!("{} {what}", facts.filename),
                &ruling.or_ask("", APPROVE),
            );
        }
        ruling.pass(check, format_args!("it {fine}"));
    }
    false
}

pub(super) fn by_verdict(policy: &DecideSettings, facts: &Facts<'_>, ruling: &mut Ruling) {
    if facts.internal && !policy.vet_uploads {
        ruling.end(
            Check::Verdict,
            Outcome::Serve,
            format_args!("it was published here, and uploads are not vetted"),
            "",
        );
        return;
    }
    let Some((verdict, reasons)) = facts.verdict else {
        ruling.end(
            Check::Verdict,
            Outcome::Unvetted,
            format_args!("{} was not vetted yet", facts.filename),
            "try again in a moment",
        );
        return;
    };
    let (outcome, advice) = if reaches(policy.refuse_from, verdict) {
        (
            Outcome::Refuse,
            ruling.or_ask("choose another version or package", "to look at it"),
        )
    } else if reaches(policy.hold_from, verdict)
        || (verdict == Verdict::Incomplete && policy.incomplete == Incomplete::Hold)
    {
        (Outcome::Hold, ruling.or_ask("", APPROVE))
    } else {
        (Outcome::Serve, String::new())
    };
    match reasons.first() {
        Some(first) => ruling.end(
            Check::Verdict,
            outcome,
            format_args!("{verdict}: {first}"),
            &advice,
        ),
        None => ruling.end(Check::Verdict, outcome, format_args!("{verdict}"), &advice),
    };
}

fn reaches(threshold: Threshold, verdict: Verdict) -> bool {
    match threshold {
        Threshold::Never => false,
        Threshold::Block => verdict >= Verdict::Block,
        Threshold::Review => verdict >= Verdict::Review,
        // what could not be checked is a matter of its own
        Threshold::Note => verdict >= Verdict::Note && verdict != Verdict::Incomplete,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_of_licences_is_one() {
        let denied = ["AGPL-3.0-only".to_owned(), "SSPL-1.0".to_owned()];
        for (expression, expected) in [
            ("MIT", false),
            ("AGPL-3.0-only", true),
            ("agpl-3.0-only", true),
            ("MIT OR AGPL-3.0-only", false),
            ("(MIT OR AGPL-3.0-only)", false),
            ("MIT AND AGPL-3.0-only", true),
            ("Apache-2.0 AND (MIT OR SSPL-1.0)", true),
            ("(AGPL-3.0-only) AND (MIT OR Apache-2.0)", true),
            ("(AGPL-3.0-only AND (MIT OR Apache-2.0))", true),
            (" ( MIT OR AGPL-3.0-only ) ", false),
            ("SSPL-1.0 OR AGPL-3.0-only", true),
            ("", false),
        ] {
            assert_eq!(is_denied(expression, &denied), expected, "{expression}");
        }
    }
}
