//! The unpacker on arbitrary bytes under a changing file name.
//!
//! The first byte of the input chooses the file name, and whether the checksums of tar headers are repaired first:
//! random changes would never get past them.
#![no_main]

use std::time::Duration;

use foretaste_archive::unpack;
use foretaste_hostile_archives::tar::repair_checksums;
use foretaste_model::Limits;
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 16] = [
    "a-1.tar.gz",
    "a-1.whl",
    "a-1.tar",
    "a-1.tar.bz2",
    "a-1.tar.xz",
    "a-1.tar.zst",
    "a-1.tar.lzma",
    "a.gz",
    "a.zip",
    "a.lzma",
    "a.png",
    "a",
    "",
    "a.crate",
    "a.tgz",
    "a.gem",
];
const REPAIR: u8 = 0x80;

fuzz_target!(|input: &[u8]| {
    let Some((choice, bytes)) = input.split_first() else {
        return;
    };
    let limits = Limits {
        unpacked_bytes: 4 << 20,
        member_bytes: 1 << 20,
        ratio_floor: 1 << 20,
        entries: 2_000,
        unpack_time: Duration::from_secs(5),
        ..Limits::default()
    };
    let name = NAMES[usize::from(choice % 16)];
    let mut bytes = bytes.to_vec();
    if choice & REPAIR != 0 {
        repair_checksums(&mut bytes);
    }
    let unpacked = unpack(name, &bytes, &limits);
    let mut total = 0;
    for member in &unpacked.members {
        total += member.data.len() as u64;
        assert!(member.data.len() as u64 <= limits.member_bytes);
        assert!(member.depth <= limits.depth);
        let path = member.path.rsplit("!/").next().unwrap_or_default();
        assert!(
            path.split('/').all(|part| !matches!(part, "" | "." | "..")),
            "{:?}",
            member.path
        );
    }
    assert_eq!(total, unpacked.unpacked_bytes);
    assert!(total <= limits.unpacked_bytes * 8);
    assert!(unpacked.anomalies.len() < 22 * 65);
});
