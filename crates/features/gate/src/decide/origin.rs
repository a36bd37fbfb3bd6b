//! Where a file comes from and what people say about it: names, lists, approvals, the upstream's own word.

use foretaste_model::metadata::ProjectStatus;
use jiff::Timestamp;

use super::{Check, Entry, Facts, Outcome, Person, Rules, Ruling};

/// The entry of a list that covers a release now.
fn find<'a>(list: &'a [Entry], facts: &Facts<'_>, now: Timestamp) -> Option<&'a Entry> {
    let in_force = |entry: &&Entry| entry.until.is_none_or(|until| now.as_second() < until);
    let mut covering = list.iter().filter(in_force);
    covering.find(|entry| entry.pattern.covers(facts.release))
}

impl Rules {
    pub(super) fn by_name(&self, facts: &Facts<'_>, now: Timestamp, ruling: &mut Ruling) -> bool {
        let name = &facts.release.name;
        if facts.changed {
            return ruling.end(
                Check::Digest,
                Outcome::Refuse,
                format_args!(
                    "the upstream offers other bytes under this file name than it did before"
                ),
                &ruling.or_ask("treat it as tampered with", "to compare both"),
            );
        }
        if facts.asked.owned && !facts.internal {
            return ruling.end(
                Check::Owned,
                Outcome::Refuse,
                format_args!(
                    "{name} is a name of this organisation, and this release comes from elsewhere"
                ),
                "publish it to the gate if it is yours",
            );
        }
        let what = if facts.asked.owned {
            "the organisation's own"
        } else {
            "not owned"
        };
        ruling.pass(Check::Owned, format_args!("{what}"));
        if let Some(entry) = find(&self.deny, facts, now) {
            return ruling.end(
                Check::DenyList,
                Outcome::Refuse,
                format_args!("{} is on the deny list: {}", facts.release, entry.reason),
                &ruling.or_ask("choose another version or package", "about it"),
            );
        }
        ruling.pass(Check::DenyList, format_args!("not listed"));
        false
    }

    pub(super) fn by_person(facts: &Facts<'_>, ruling: &mut Ruling) -> bool {
        let found = match facts.person {
            Person::Approved(reason) => {
                return ruling.end(
                    Check::Approval,
                    Outcome::Serve,
                    format_args!("an administrator approved {}: {reason}", facts.release),
                    "",
                );
            }
            Person::Denied(reason) => {
                return ruling.end(
                    Check::Approval,
                    Outcome::Refuse,
                    format_args!("an administrator denied {}: {reason}", facts.release),
                    "choose another version or package",
                );
            }
            Person::Nobody => "nobody decided",
            Person::ApprovedOtherBytes => "an administrator approved other bytes of this version",
        };
        ruling.pass(Check::Approval, format_args!("{found}"));
        false
    }

    pub(super) fn by_upstream(facts: &Facts<'_>, ruling: &mut Ruling) -> bool {
        match facts.status {
            ProjectStatus::Quarantined | ProjectStatus::SecurityHolder => ruling.end(
                Check::Upstream,
                Outcome::Refuse,
                format_args!(
                    "its registry holds {} back as suspected malware",
                    facts.release.name
                ),
                "choose another package",
            ),
            _ => {
                ruling.pass(Check::Upstream, format_args!("not held back"));
                false
            }
        }
    }

    pub(super) fn by_allow_list(
        &self,
        facts: &Facts<'_>,
        now: Timestamp,
        ruling: &mut Ruling,
    ) -> bool {
        let Some(entry) = find(&self.allow, facts, now) else {
            ruling.pass(Check::AllowList, format_args!("not listed"));
            return false;
        };
        ruling.end(
            Check::AllowList,
            Outcome::Serve,
            format_args!("{} is on the allow list: {}", facts.release, entry.reason),
            "",
        )
    }
}
