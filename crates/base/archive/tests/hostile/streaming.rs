//! The visitor sees what the collector returns, one member at a time.

use std::ops::ControlFlow;

use foretaste_archive::{Compression, Format, sniff, unpack, unpack_each};
use foretaste_hostile_archives::tar::{Header, Tar};
use foretaste_hostile_archives::zip::{Item, Zip};
use foretaste_hostile_archives::{PAYLOAD, honest, pack};

use crate::limits;

#[test]
fn visiting_gives_the_same_members_as_collecting() {
    for case in honest() {
        let mut members = Vec::new();
        let summary = unpack_each(&case.filename, &case.bytes, &limits(), &mut |member| {
            members.push(member);
            ControlFlow::Continue(())
        });
        let unpacked = unpack(&case.filename, &case.bytes, &limits());
        assert_eq!(unpacked.members, members, "{}", case.name);
        assert_eq!(unpacked.anomalies, summary.anomalies);
        let bytes: usize = members.iter().map(|m| m.data.len()).sum();
        assert_eq!(summary.unpacked_bytes, bytes as u64);
        assert_eq!(summary.packed_bytes, case.bytes.len() as u64);
    }
}

#[test]
fn a_visitor_that_has_enough_ends_the_work_without_an_anomaly() {
    let tar = (0..50).fold(Tar::new(), |tar, i| tar.payload(&format!("{i}")));
    for (name, bytes) in [
        ("a.tar.gz", pack::gzip(&tar.end())),
        (
            "a.zip",
            Zip::new((0..50).map(|i| Item::payload(&format!("{i}")))).build(),
        ),
    ] {
        let mut seen = 0;
        let summary = unpack_each(name, &bytes, &limits(), &mut |_| {
            seen += 1;
            if seen == 3 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        assert_eq!((seen, summary.anomalies.len()), (3, 0), "{name}");
    }
}

#[test]
fn members_carry_mode_raw_name_depth_and_link() {
    let mut script = Header::file("./run.sh", PAYLOAD.len());
    script.mode = 0o755;
    let inner = Tar::new()
        .entry(&script, PAYLOAD)
        .special(b'2', "link", "run.sh")
        .end();
    let outer = Zip::new([Item::deflated("in.tar", &inner)]).build();
    let unpacked = unpack("a.zip", &outer, &limits());
    let [nested, run, link] = &unpacked.members[..] else {
        panic!("{unpacked:?}");
    };
    assert_eq!((nested.path.as_str(), nested.depth), ("in.tar", 0));
    assert_eq!((run.path.as_str(), run.depth), ("in.tar!/run.sh", 1));
    assert_eq!((&*run.raw_path, run.executable), (&b"./run.sh"[..], true));
    assert_eq!(link.path, "in.tar!/link");
    assert_eq!(link.link_to.as_deref(), Some("in.tar!/run.sh"));
    assert_eq!(link.data, run.data);
    assert_eq!(unpacked.format, Some(Format::Zip));
}

#[test]
fn a_tar_with_arrays_beside_a_program_is_opened() {
    let arrays = Zip::new([Item::stored("a.npy", b"numbers")]).build();
    let inner = Tar::new().file("a.npz", &arrays).payload("run.py").end();
    let outer = Zip::new([Item::deflated("in.tar", &inner)]).build();
    let unpacked = unpack("a.zip", &outer, &limits());
    let paths: Vec<&str> = unpacked.members.iter().map(|m| m.path.as_str()).collect();
    assert_eq!(paths, ["in.tar", "in.tar!/a.npz", "in.tar!/run.py"]);
}

#[test]
fn formats_are_told_from_content() {
    let tar = Tar::new().payload("a").end();
    assert_eq!(sniff(&tar), Some(Format::Tar(None)));
    assert_eq!(
        sniff(&pack::xz(&tar)),
        Some(Format::Tar(Some(Compression::Xz)))
    );
    assert_eq!(
        sniff(&pack::zstd(PAYLOAD)),
        Some(Format::Single(Compression::Zstd))
    );
    let zip = Zip {
        prefix: b"MZ a program".to_vec(),
        ..Zip::new([Item::payload("a")])
    };
    assert_eq!(sniff(&zip.build()), Some(Format::Zip));
    assert_eq!(sniff(b"text"), None);
}

#[test]
fn anomalies_of_nested_archives_are_told_from_those_of_members() {
    let mut inner = Zip::new([Item::payload("a.py")]).build();
    inner.truncate(inner.len() - 10);
    let broken = Item::packed("b.py", b"x", 8, vec![0xFF; 9]);
    let outer = Zip::new([Item::stored("in.zip", &inner), broken]).build();
    let unpacked = unpack("a.zip", &outer, &limits());
    let paths: Vec<&str> = unpacked.anomalies.iter().map(|a| &*a.path).collect();
    assert_eq!(paths, ["in.zip!/", "b.py"]);
}
