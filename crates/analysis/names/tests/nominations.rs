//! What each technique finds, and what holds for every name.

use foretaste_engine::NominationKind::{
    self, Affix, Combination, CrossEcosystem, Homoglyph, Scope, Separator, Typo, WordOrder,
};
use foretaste_model::Ecosystem::{self, Cargo, Npm, Pypi};
use foretaste_names::{Nominator, PopularNames, nominate};
use proptest::prelude::*;

fn best(ecosystem: Ecosystem, name: &str) -> Option<(String, NominationKind)> {
    let nominated = nominate(name, ecosystem, &[]);
    nominated.first().map(|n| (n.target.to_string(), n.kind))
}

#[test]
fn each_technique_names_its_target() {
    for (ecosystem, name, target, kind) in [
        (Pypi, "reqeusts", "requests", Typo),
        (Pypi, "nunpy", "numpy", Typo),
        (Npm, "lodahs", "lodash", Typo),
        (Cargo, "tokoi", "tokio", Typo),
        (Npm, "1odash", "lodash", Homoglyph),
        (Pypi, "rеquests", "requests", Homoglyph),
        (Npm, "crossenv", "cross-env", Separator),
        (Cargo, "serdejson", "serde_json", Separator),
        (Pypi, "dateutil-python", "python-dateutil", WordOrder),
        (Npm, "typescriptjs", "typescript", Affix),
        (Pypi, "python-requests", "requests", Affix),
        (Pypi, "urllib", "urllib3", Typo),
        (Pypi, "cryptography-wallet", "cryptography", Combination),
        (Pypi, "lodash", "lodash", CrossEcosystem),
        (Npm, "pandas", "pandas", CrossEcosystem),
        (Npm, "@babell/core", "@babel/core", Scope),
        (Npm, "@axioss/axios", "axios", Scope),
    ] {
        let expected = Some((target.to_owned(), kind));
        assert_eq!(best(ecosystem, name), expected, "{ecosystem} {name}");
    }
}

#[test]
fn honest_families_and_popular_names_are_left_alone() {
    for (ecosystem, name) in [
        (Pypi, "requests"),
        (Pypi, "Requests"),
        (Pypi, "typing.extensions"),
        (Pypi, "django-our-intranet"),
        (Pypi, "pytest-our-fixtures"),
        (Pypi, "types-ourthing"),
        (Npm, "@types/lodash"),
        (Npm, "@types/our-thing"),
        (Npm, "@types/loadsh"),
        (Npm, "@our-company/core"),
        (Npm, "babel-plugin-our-thing"),
        (Npm, "eslint-config-our-company"),
        (Npm, "preact"),
        (Cargo, "serde_json"),
        (Cargo, "serde-json"),
        (Pypi, ""),
        (Pypi, "-"),
        (Pypi, "a"),
    ] {
        assert_eq!(best(ecosystem, name), None, "{ecosystem} {name}");
    }
}

#[test]
fn internal_names_are_targets_but_no_squats() {
    let internal = ["acme-corp-utils", "acme-*", "@acme/*", "kestrel_db"].map(str::to_owned);
    let nominator = Nominator::new(&internal);
    for (ecosystem, name, target) in [
        (Pypi, "kestreldb", "kestrel-db"),
        (Pypi, "kestrell-db", "kestrel-db"),
        (Pypi, "acmee-billing", "acme-*"),
        (Pypi, "acmebilling", "acme-*"),
        (Npm, "@acmee/ui", "@acme/*"),
    ] {
        let nominated = nominator.nominate(ecosystem, name);
        let first = nominated.first();
        let found = first.map(|n| (&*n.target, n.internal, n.rank));
        assert_eq!(found, Some((target, true, None)), "{name}");
    }
    for name in [
        "acme-corp-utils",
        "Acme_Corp.Utils",
        "acme-anything",
        "kestrel-db",
    ] {
        assert_eq!(nominator.nominate(Pypi, name), [], "{name}");
    }
}

#[test]
fn a_list_of_the_users_own_replaces_the_built_in_one() {
    let list = PopularNames::from_list(Pypi, "# ours\n\nQuasar_Lib\nzebra-stripes\n");
    assert_eq!(list.len(), 2);
    assert_eq!(list.rank(Pypi, "zebra.stripes"), Some(2));
    let nominator = Nominator::new(&[]).with_list(Pypi, list);
    assert_eq!(
        &*nominator.nominate(Pypi, "zebra-stripse")[0].target,
        "zebra-stripes"
    );
    assert_eq!(nominator.nominate(Pypi, "reqeusts"), []);
    assert_eq!(nominator.rank(Pypi, "requests"), None);
}

#[test]
fn an_unranked_list_gives_no_ranks() {
    let crates = PopularNames::embedded(Cargo);
    assert_eq!(crates.rank(Cargo, "serde"), None);
    assert!(
        PopularNames::embedded(Npm)
            .rank(Npm, "lodash")
            .is_some_and(|r| r < 1_000)
    );
}

#[test]
fn near_names_can_be_installed_instead() {
    let nominator = Nominator::new(&["acme-*".to_owned(), "kestrel-db".to_owned()]);
    for (ecosystem, name, expected) in [
        (Pypi, "reqeusts", Some("requests")),
        (Pypi, "flsk", Some("flask")),
        (Pypi, "kestrel-bd", Some("kestrel-db")),
        (Pypi, "acmee-x", None),
        (Npm, "lodahs", Some("lodash")),
        (Pypi, "pyhton", None),
    ] {
        let near = nominator.near(ecosystem, name, 3);
        if let Some(expected) = expected {
            assert!(near.iter().any(|n| **n == *expected), "{name}: {near:?}");
        }
        assert!(near.len() <= 3);
        assert!(
            near.iter().all(|n| &**n != "python" && !n.contains('*')),
            "{near:?}"
        );
    }
}

#[test]
fn the_embedded_lists_are_whole_and_small() {
    for (ecosystem, least) in [(Pypi, 15_000), (Npm, 13_000), (Cargo, 400)] {
        assert!(
            PopularNames::embedded(ecosystem).len() >= least,
            "{ecosystem}"
        );
    }
}

/// Names as people and attackers write them, and anything else.
fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,80}",
        "[a-z0-9@/._-]{0,40}",
        "(python|node|js|lib|@types/|django)?[-_.]?(requests|lodash|numpy|react)[a-z0-9._-]{0,6}",
        "[\\x00-\\x7f]{0,300}",
    ]
}

fn any_ecosystem() -> impl Strategy<Value = Ecosystem> {
    prop_oneof![Just(Pypi), Just(Npm), Just(Cargo)]
}

proptest! {
    #[test]
    fn nomination_is_repeatable_and_orderly(name in any_name(), ecosystem in any_ecosystem()) {
        let nominator = Nominator::new(&["acme-*".to_owned(), "kestrel-db".to_owned()]);
        let nominated = nominator.nominate(ecosystem, &name);
        prop_assert_eq!(&nominated, &nominator.nominate(ecosystem, &name));
        prop_assert!(nominated.len() <= 5);
        prop_assert!(nominated.iter().all(|n| (0.0..=1.0).contains(&n.similarity)));
        prop_assert!(nominated.is_sorted_by(|a, b| a.similarity >= b.similarity));
        let _ = nominator.near(ecosystem, &name, 3);
    }

    #[test]
    fn no_name_nominates_itself(index in 0usize..30_000, name in any_name(), ecosystem in any_ecosystem()) {
        let nominator = Nominator::new(&[]);
        let list = nominator.popular(ecosystem);
        let listed = list.iter().nth(index % list.len()).unwrap_or_default().to_owned();
        for name in [listed, name] {
            let nominated = nominator.nominate(ecosystem, &name);
            prop_assert!(nominated.iter().all(|n| n.ecosystem != ecosystem || *n.target != *name), "{name}");
        }
    }

    #[test]
    fn any_text_is_a_list(text in "\\PC{0,300}") {
        let list = PopularNames::from_list(Pypi, &text);
        let _ = Nominator::new(&[text]).with_list(Pypi, list).nominate(Pypi, "requests");
    }
}
