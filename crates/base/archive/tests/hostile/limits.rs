//! Each limit is honoured, and says so.

use std::time::Duration;

use foretaste_archive::unpack;
use foretaste_hostile_archives::tar::Tar;
use foretaste_hostile_archives::zip::{Item, Zip};
use foretaste_hostile_archives::{PAYLOAD, pack};
use foretaste_model::{AnomalyKind, Limits};

use crate::limits;

fn kinds(bytes: &[u8], limits: &Limits) -> Vec<AnomalyKind> {
    let unpacked = unpack("a-1.tar.gz", bytes, limits);
    unpacked.anomalies.iter().map(|a| a.kind).collect()
}

#[test]
fn a_member_over_its_limit_is_cut_and_the_next_one_is_read() {
    let limits = Limits {
        member_bytes: 1000,
        ..limits()
    };
    let large = vec![b'a'; 5000];
    let tar = Tar::new().file("large", &large).payload("small").end();
    let zip = Zip::new([Item::deflated("large", &large), Item::payload("small")]).build();
    for (name, bytes) in [
        ("a.tar", tar.clone()),
        ("a.tar.gz", pack::gzip(&tar)),
        ("a.zip", zip),
    ] {
        let unpacked = unpack(name, &bytes, &limits);
        let [large, small] = &unpacked.members[..] else {
            panic!("{name}: {unpacked:?}");
        };
        assert_eq!((large.data.len(), large.complete), (1000, false), "{name}");
        assert_eq!((&*small.data, small.complete), (PAYLOAD, true), "{name}");
        assert_eq!(unpacked.anomalies[0].kind, AnomalyKind::TooManyBytes);
        assert_eq!(&*unpacked.anomalies[0].path, "large");
    }
}

#[test]
fn all_bytes_together_have_a_limit() {
    let limits = Limits {
        unpacked_bytes: 100_000,
        ..limits()
    };
    let tar = (0..100).fold(Tar::new(), |tar, i| tar.file(&format!("{i}"), &[1; 2000]));
    let bytes = pack::gzip(&tar.end());
    assert_eq!(kinds(&bytes, &limits), [AnomalyKind::TooManyBytes]);
}

#[test]
fn time_runs_out() {
    let limits = Limits {
        unpack_time: Duration::ZERO,
        ..limits()
    };
    let tar = Tar::new().payload("a").end();
    for bytes in [
        pack::gzip(&tar),
        tar,
        Zip::new([Item::payload("a")]).build(),
    ] {
        assert!(kinds(&bytes, &limits).contains(&AnomalyKind::TimeOut));
    }
}

#[test]
fn nested_archives_share_the_memory_of_one_member() {
    let limits = Limits {
        member_bytes: 3000,
        ..limits()
    };
    let inner = Zip::new([
        Item::stored("filler", &[7; 1800]),
        Item::deflated("large", &[b'a'; 2000]),
    ]);
    let outer = Zip::new([Item::stored("inner.zip", &inner.build())]).build();
    let unpacked = unpack("a.zip", &outer, &limits);
    let large = unpacked.members.last().unwrap();
    assert_eq!(large.path, "inner.zip!/large");
    assert!(large.data.len() < 1200 && !large.complete);
}

#[test]
fn anomalies_are_counted_rather_than_repeated() {
    let tar = (0..1000).fold(Tar::new(), |tar, i| tar.file(&format!("../{i}"), b""));
    let unpacked = unpack("a.tar", &tar.end(), &limits());
    assert!(unpacked.anomalies.len() < 70);
    let last = unpacked.anomalies.last().unwrap();
    assert_eq!(&*last.detail, "and 936 more of this kind");
}
