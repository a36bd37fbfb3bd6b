//! The table of decisions.

use foretaste_model::metadata::ProjectStatus;
use foretaste_model::{ReleaseId, Verdict};

use super::*;
use crate::candidate::Traits;

const PLAIN: Traits = Traits {
    install_script: false,
    provenance: false,
    licence: None,
};

fn rules(text: &str) -> Rules {
    let settings = Settings::parse("gate.toml", text, std::path::Path::new("/")).expect("settings");
    Rules::new(&settings, &["acme-internal".to_owned()])
}

/// Names of `foretaste.toml` are the organisation's own in every form that audits understand.
#[test]
fn internal_names_are_owned_whatever_their_form() {
    let settings = Settings::parse("gate.toml", "", std::path::Path::new("/")).expect("settings");
    let names = ["acme-*", "@acme/*", "x-*"].map(str::to_owned);
    let rules = Rules::new(&settings, &names);
    for (ecosystem, name, owned) in [
        (Ecosystem::Pypi, "acme-billing", true),
        (Ecosystem::Pypi, "Acme_Billing", true),
        (Ecosystem::Npm, "@acme/ui", true),
        (Ecosystem::Pypi, "x-ray", true),
        (Ecosystem::Pypi, "requests", false),
    ] {
        let name = PackageName::new(ecosystem, name);
        assert_eq!(rules.owns(ecosystem, &name), owned, "{name:?}");
    }
}

fn facts(release: &ReleaseId) -> Facts<'_> {
    Facts {
        release,
        filename: "x-1.0.tar.gz",
        internal: false,
        asked: Asked::default(),
        published: Some("2026-01-10T00:00:00Z".parse().expect("a time")),
        status: ProjectStatus::Active,
        traits: &PLAIN,
        licence: None,
        advice: None,
        verdict: Some((Verdict::Clear, &[])),
        person: Person::Nobody,
        changed: false,
    }
}

fn release() -> ReleaseId {
    ReleaseId::new(Ecosystem::Pypi, "x", "1.0")
}

fn now() -> Timestamp {
    "2026-01-11T00:00:00Z".parse().expect("a time")
}

fn outcome(rules: &Rules, facts: &Facts<'_>) -> (Outcome, Check) {
    let ruling = rules.decide(facts, now());
    (ruling.outcome, ruling.check)
}

#[test]
fn verdicts_decide_by_the_thresholds() {
    let release = release();
    let reasons = ["posts the environment".to_owned()];
    let with = |verdict| Facts {
        verdict: Some((verdict, &reasons)),
        ..facts(&release)
    };
    let plain = rules("");
    assert_eq!(outcome(&plain, &with(Verdict::Block)).0, Outcome::Refuse);
    assert_eq!(outcome(&plain, &with(Verdict::Review)).0, Outcome::Serve);
    assert_eq!(outcome(&plain, &with(Verdict::Incomplete)).0, Outcome::Hold);
    let strict = rules("[decide]\nhold-from = 'review'");
    assert_eq!(outcome(&strict, &with(Verdict::Review)).0, Outcome::Hold);
    assert_eq!(outcome(&strict, &with(Verdict::Note)).0, Outcome::Serve);
    let lax = rules("[decide]\nincomplete = 'serve'");
    assert_eq!(outcome(&lax, &with(Verdict::Incomplete)).0, Outcome::Serve);
    let line = plain.decide(&with(Verdict::Block), now()).line();
    assert!(line.contains("posts the environment"), "{line}");
}

#[test]
fn what_was_not_vetted_is_neither_served_nor_hidden() {
    let release = release();
    let unvetted = Facts {
        verdict: None,
        ..facts(&release)
    };
    let ruling = rules("").decide(&unvetted, now());
    assert!(!ruling.serves() && !ruling.hides());
}

#[test]
fn a_name_of_the_organisation_never_comes_from_outside() {
    let release = release();
    let approved_but_public = Facts {
        asked: Asked {
            owned: true,
            team: "",
        },
        person: Person::Approved("tried to approve it"),
        ..facts(&release)
    };
    let rules = rules("[[allow]]\npackage = 'pypi:x2'\nreason = 'y'");
    assert_eq!(
        outcome(&rules, &approved_but_public),
        (Outcome::Refuse, Check::Owned)
    );
    assert!(rules.owns(
        Ecosystem::Pypi,
        &PackageName::new(Ecosystem::Pypi, "Acme.Internal")
    ));
}

#[test]
fn lists_and_people_come_before_age_and_verdict() {
    let release = release();
    let bad = Facts {
        verdict: Some((Verdict::Block, &[])),
        ..facts(&release)
    };
    let allow = rules("[[allow]]\npackage = 'pypi:x@1.*'\nreason = 'ours'");
    assert_eq!(outcome(&allow, &bad), (Outcome::Serve, Check::AllowList));
    let deny = rules("[[deny]]\npackage = 'x'\nreason = 'no'");
    assert_eq!(
        outcome(&deny, &facts(&release)),
        (Outcome::Refuse, Check::DenyList)
    );
    let approved = Facts {
        person: Person::Approved("read it"),
        ..bad
    };
    assert_eq!(
        outcome(&rules(""), &approved),
        (Outcome::Serve, Check::Approval)
    );
}

#[test]
fn young_releases_and_those_without_a_date_wait() {
    let release = release();
    let rules = rules("[decide]\nminimum-age-hours = 72");
    assert_eq!(
        outcome(&rules, &facts(&release)),
        (Outcome::Refuse, Check::Age)
    );
    let undated = Facts {
        published: None,
        ..facts(&release)
    };
    assert_eq!(outcome(&rules, &undated), (Outcome::Refuse, Check::Age));
    let old = Facts {
        published: Some("2025-01-01T00:00:00Z".parse().expect("a time")),
        ..facts(&release)
    };
    assert_eq!(outcome(&rules, &old).0, Outcome::Serve);
}

#[test]
fn a_dry_run_serves_and_remembers_what_it_would_have_done() {
    let release = release();
    let bad = Facts {
        verdict: Some((Verdict::Block, &[])),
        ..facts(&release)
    };
    let ruling = rules("[decide]\ndry-run = true").decide(&bad, now());
    assert!(ruling.serves() && ruling.dry_run);
}

#[test]
fn the_same_facts_have_the_same_id() {
    let release = release();
    let rules = rules("");
    let first = rules.decide(&facts(&release), now());
    assert_eq!(first, rules.decide(&facts(&release), now()));
    assert!(first.id.starts_with("d-") && first.id.len() == 14);
}

fn with<'a>(release: &'a ReleaseId, traits: &'a Traits) -> Facts<'a> {
    Facts {
        traits,
        licence: traits.licence.as_deref(),
        ..facts(release)
    }
}

#[test]
fn traits_decide_where_the_policy_asks_for_them() {
    let release = release();
    let strict = rules(
        "[decide]\ninstall-scripts = 'hold'\nwithout-provenance = 'refuse'\ndeny-licences = ['SSPL-1.0']",
    );
    let fine = Traits {
        provenance: true,
        licence: Some("MIT".into()),
        ..PLAIN
    };
    assert_eq!(outcome(&strict, &with(&release, &fine)).0, Outcome::Serve);
    assert_eq!(
        outcome(&strict, &with(&release, &PLAIN)),
        (Outcome::Refuse, Check::Provenance)
    );
    let scripted = Traits {
        install_script: true,
        ..fine.clone()
    };
    assert_eq!(
        outcome(&strict, &with(&release, &scripted)),
        (Outcome::Hold, Check::InstallScript)
    );
    let licensed = Traits {
        licence: Some("SSPL-1.0".into()),
        ..fine
    };
    assert_eq!(
        outcome(&strict, &with(&release, &licensed)),
        (Outcome::Refuse, Check::Licence)
    );
}

#[test]
fn exceptions_are_for_whom_they_name() {
    let release = release();
    let rules = rules(
        "[decide]\nminimum-age-hours = 72\n[[override]]\nteams = ['research']\nminimum-age-hours = 0\n\
         [[override]]\npackages = ['npm:x']\nminimum-age-hours = 0\n[[override]]\necosystems = ['npm']\ndry-run = true\n",
    );
    let of = |team| Facts {
        asked: Asked { owned: false, team },
        ..facts(&release)
    };
    assert_eq!(outcome(&rules, &of("")), (Outcome::Refuse, Check::Age));
    assert_eq!(outcome(&rules, &of("research")).0, Outcome::Serve);
    assert_eq!(rules.known_team("research"), "research");
    assert_eq!(rules.known_team("sales"), "");
}

#[test]
fn entries_of_lists_end_with_their_day() {
    let release = release();
    let young = Facts {
        verdict: Some((Verdict::Block, &[])),
        ..facts(&release)
    };
    let until = |day: &str| {
        rules(&format!(
            "[[allow]]\npackage = 'x'\nreason = 'for now'\nuntil = '{day}'"
        ))
    };
    assert_eq!(outcome(&until("2026-01-11"), &young).0, Outcome::Serve);
    assert_eq!(outcome(&until("2026-01-10"), &young).0, Outcome::Refuse);
}

#[test]
fn whoever_runs_a_gate_for_one_command_is_sent_to_nobody_else() {
    let release = release();
    let reasons = ["posts the environment".to_owned()];
    let facts = Facts {
        verdict: Some((Verdict::Block, &reasons)),
        ..facts(&release)
    };
    let others = rules("").decide(&facts, now());
    let alone = rules("").for_one_command(true).decide(&facts, now());
    assert!(others.advice.contains("administrator"), "{}", others.advice);
    assert!(!alone.advice.contains("administrator"), "{}", alone.advice);
    assert!(alone.advice.contains("--settings"), "{}", alone.advice);
    assert_eq!(others.id, alone.id, "the decision is the same");
}
