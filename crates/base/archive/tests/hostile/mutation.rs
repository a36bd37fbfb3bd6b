//! Archives cut at every byte and changed at random bytes.

use std::sync::LazyLock;

use foretaste_archive::{sniff, unpack};
use foretaste_hostile_archives::tar::Tar;
use foretaste_hostile_archives::zip::{Item, Zip};
use foretaste_hostile_archives::{Case, PAYLOAD, honest, pack};
use foretaste_model::Limits;
use proptest::prelude::*;

use crate::limits;

/// Limits that keep a single run short.
fn tight() -> Limits {
    Limits {
        unpacked_bytes: 1 << 20,
        member_bytes: 256 << 10,
        ..limits()
    }
}

fn small_archives() -> Vec<Case> {
    let tar = Tar::new()
        .pax(b'x', &[("path", b"pkg/setup.py")])
        .payload("short")
        .gnu(b'L', b"pkg/long")
        .payload("short")
        .special(b'2', "pkg/link", "setup.py")
        .end();
    let zip = Zip::new([
        Item::deflated("a.py", PAYLOAD),
        Item::payload("b.py").streamed(),
    ]);
    let mut cases = vec![
        Case::new("zip", "a-1.zip", zip.build()),
        Case::new("tar", "a-1.tar", tar.clone()),
    ];
    for (extension, pack) in pack::ALL {
        let name = format!("a-1.tar.{extension}");
        cases.push(Case::new(name.clone(), &name, pack(&tar)));
    }
    cases
}

#[test]
fn an_archive_cut_anywhere_is_read_up_to_the_cut_and_reported() {
    for case in small_archives() {
        for cut in 0..case.bytes.len() {
            let unpacked = unpack(&case.filename, &case.bytes[..cut], &tight());
            // A tar may lose padding, and xz, bzip2 and zstd their very last bytes, without losing content.
            if unpacked.anomalies.is_empty() {
                let whole = unpack(&case.filename, &case.bytes, &tight());
                assert_eq!(
                    unpacked.members, whole.members,
                    "{} cut at {cut}",
                    case.name
                );
            }
        }
    }
}

#[test]
fn every_byte_changed_alone_does_no_harm() {
    for case in small_archives() {
        let mut bytes = case.bytes.clone();
        for at in 0..bytes.len() {
            for change in [1, 0xFF] {
                bytes[at] ^= change;
                unpack(&case.filename, &bytes, &tight());
                bytes[at] ^= change;
            }
        }
    }
}

static HONEST: LazyLock<Vec<Case>> = LazyLock::new(honest);

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn archives_changed_at_random_never_panic(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let case = which.get(&HONEST);
        let mut bytes = case.bytes.clone();
        for (at, value) in changes {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
        }
        unpack(&case.filename, &bytes, &tight());
        bytes.truncate(cut.index(bytes.len() + 1));
        let first = unpack(&case.filename, &bytes, &tight());
        let second = unpack(&case.filename, &bytes, &tight());
        prop_assert_eq!(first, second);
    }

    #[test]
    fn random_bytes_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..2000),
        magic in prop::sample::select(vec![
            &b""[..], b"PK\x03\x04", b"PK\x05\x06", b"\x1F\x8B\x08\0", b"BZh91AY&SY", b"\xFD7zXZ\0", b"\x28\xB5\x2F\xFD",
        ]),
        name in "[a-z]{0,4}(\\.[a-z0-9]{0,4}){0,2}",
    ) {
        let bytes = [magic, &bytes].concat();
        sniff(&bytes);
        unpack(&name, &bytes, &tight());
    }
}
