//! Whatever is added to a list of any policy is told; another order or spelling of the same never is.

use foretaste_permits::Kind;
use proptest::collection::vec;
use proptest::prelude::*;

/// The lists that permit, with entries for them: first those of a run, then those of a monitor.
const LISTS: [(Kind, &str, Entries); 8] = [
    (Kind::Run, "network.allow", Entries::Hosts),
    (Kind::Run, "network.private", Entries::Hosts),
    (Kind::Run, "network.build", Entries::Hosts),
    (Kind::Run, "files.read", Entries::Paths),
    (Kind::Run, "files.write", Entries::Paths),
    (Kind::Run, "environment.pass", Entries::Names),
    (Kind::Monitor, "allow", Entries::Endpoints),
    (Kind::Monitor, "expected", Entries::Names),
];

#[derive(Clone, Copy, Debug)]
enum Entries {
    Hosts,
    Endpoints,
    Paths,
    Names,
}

impl Entries {
    fn strategy(self) -> BoxedStrategy<String> {
        let host = "(\\*\\.)?[a-d]{1,2}\\.[a-d]\\.example(:[1-9][0-9]{1,3})?";
        let network = "10\\.[1-9][0-9]\\.0\\.0/(8|12|16|24)(:[1-9][0-9]{1,2})?";
        match self {
            Self::Hosts => host.boxed(),
            Self::Endpoints => prop_oneof![host, network].boxed(),
            Self::Paths => "(/|~/|\\.\\./)[a-c](/[a-c]){0,2}".boxed(),
            Self::Names => "[A-C]{1,2}_[A-C]{1,2}".boxed(),
        }
    }

    /// An entry that no policy of the test has or covers.
    const fn fresh(self) -> &'static str {
        match self {
            Self::Hosts | Self::Endpoints => "new.fresh.example",
            Self::Paths => "/z/new",
            Self::Names => "Z_NEW",
        }
    }
}

/// The entries of each list.
fn policies() -> impl Strategy<Value = Vec<Vec<String>>> {
    let lists: Vec<_> = LISTS
        .iter()
        // a monitor that names nobody lets everybody be reached
        .map(|(kind, _, entries)| vec(entries.strategy(), usize::from(*kind == Kind::Monitor)..6))
        .collect();
    lists
}

fn text(kind: Kind, lists: &[Vec<String>]) -> String {
    let own = LISTS
        .iter()
        .zip(lists)
        .filter(|((own, ..), _)| *own == kind);
    own.map(|((_, key, _), entries)| format!("{key} = {entries:?}\n"))
        .collect()
}

/// The same with tables instead of dotted keys, in another order.
fn rewritten(kind: Kind, lists: &[Vec<String>]) -> String {
    let own = LISTS
        .iter()
        .zip(lists)
        .filter(|((own, ..), _)| *own == kind);
    let mut tables = std::collections::BTreeMap::<&str, Vec<String>>::new();
    for ((_, key, _), entries) in own {
        let (table, key) = key.split_once('.').unwrap_or(("", key));
        let mut entries = entries.clone();
        entries.reverse();
        let entries: Vec<String> = entries
            .iter()
            .map(|entry| format!("\n  '{entry}', # why"))
            .collect();
        let line = format!("\"{key}\" = [{}\n]", entries.concat());
        tables.entry(table).or_default().insert(0, line);
    }
    let tables = tables.into_iter().map(|(table, lines)| match table {
        "" => lines.join("\n"),
        table => format!("[{table}]\n{}", lines.join("\n")),
    });
    tables.collect::<Vec<_>>().join("\n\n")
}

fn beyond(kind: Kind, before: &str, now: &str) -> Vec<String> {
    let read = |text| kind.read(text).expect(text);
    let found = read(now).beyond(Some(&read(before)));
    found.into_iter().map(|widening| widening.told).collect()
}

proptest! {
    #[test]
    fn whatever_is_added_is_told(lists in policies(), which in 0..LISTS.len(), at in any::<prop::sample::Index>()) {
        let (kind, key, entries) = LISTS[which];
        let mut wider = lists.clone();
        let at = at.index(wider[which].len() + 1);
        wider[which].insert(at, entries.fresh().to_owned());
        let told = beyond(kind, &text(kind, &lists), &rewritten(kind, &wider));
        prop_assert_eq!(told.len(), 1, "{} {:?}", key, told);
        prop_assert!(told[0].contains(entries.fresh()), "{}", told[0]);
    }

    #[test]
    fn the_same_in_other_words_and_anything_less_is_not_told(lists in policies(), fewer in vec(0usize..6, LISTS.len())) {
        for kind in Kind::ALL {
            prop_assert_eq!(beyond(kind, &text(kind, &lists), &rewritten(kind, &lists)), Vec::<String>::new());
            let mut less = lists.clone();
            for ((own, ..), (list, left)) in LISTS.iter().zip(less.iter_mut().zip(&fewer)) {
                list.truncate((*left).max(usize::from(*own == Kind::Monitor)));
            }
            prop_assert_eq!(beyond(kind, &text(kind, &lists), &rewritten(kind, &less)), Vec::<String>::new());
        }
    }
}
