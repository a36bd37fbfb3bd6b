//! `limits.*`: each makes the verdict of an archive that is fine without it incomplete.

use foretaste_fake_registries::tar_gz;

use super::Proof;
use crate::support::{Home, rules};

pub(super) const PROOFS: &[Proof] = &[
    ("limits.artifact-bytes", || {
        stops("artifact-bytes = \"1 KiB\"", &plain(&noise(20_000)));
    }),
    ("limits.unpacked-bytes", || {
        stops("unpacked-bytes = \"1 KiB\"", &plain(&"a".repeat(10_000)));
    }),
    ("limits.member-bytes", || {
        stops("member-bytes = \"1 KiB\"", &plain(&"a".repeat(10_000)));
    }),
    ("limits.ratio", || {
        let zeros = plain(&"0".repeat(200_000));
        stops("ratio = 2\nratio-floor = \"1 KiB\"", &zeros);
        passes("ratio = 1000000\nratio-floor = \"1 KiB\"", &zeros);
    }),
    ("limits.ratio-floor", || {
        let zeros = plain(&"0".repeat(2_000_000));
        stops("ratio = 20\nratio-floor = \"1 KiB\"", &zeros);
        passes("ratio = 20\nratio-floor = \"4 MiB\"", &zeros);
    }),
    ("limits.entries", || stops("entries = 1", &plain("a"))),
    ("limits.depth", || {
        let inner = tar_gz(&[("a.txt", "a")]);
        let outer = nested("x-1/inner.tar.gz", &inner);
        stops("depth = 0", &outer);
    }),
    ("limits.name-bytes", || {
        let long = format!("x-1/{}.txt", "n".repeat(90));
        let archive = tar_gz(&[("x-1/PKG-INFO", MANIFEST), (&long, "a")]);
        stops("name-bytes = 60", &archive);
    }),
    ("limits.header-bytes", || {
        let long = format!("x-1/{}.txt", "long-folder-name/".repeat(20));
        let archive = nested(&long, b"a");
        stops("header-bytes = 100", &archive);
    }),
    ("limits.unpack-time", || {
        stops("unpack-time = \"1 ms\"", &plain(&noise(8_000_000)));
    }),
    ("limits.file-time", || {
        let code = "x = f(a, b)[1] + {'k': [1, 2, 3]}\n".repeat(20_000);
        let slow = tar_gz(&[("x-1/PKG-INFO", MANIFEST), ("x-1/x.py", &code)]);
        let cut = |settings: &str| audit(settings, &slow).0.to_string().contains("cut short");
        assert!(!cut("file-time = \"1 min\""));
        assert!(cut("file-time = \"1 ms\""));
    }),
    ("limits.nesting", || {
        let deep = format!("x = {}{}\n", "[".repeat(60), "]".repeat(60));
        let archive = tar_gz(&[("x-1/PKG-INFO", MANIFEST), ("x-1/x.py", &deep)]);
        let told = |settings: &str| {
            let (report, _) = audit(settings, &archive);
            rules(&report["releases"][0]).contains(&"unfinished-analysis")
        };
        assert!(!told("nesting = 100"));
        assert!(told("nesting = 20"));
    }),
];

const MANIFEST: &str = "Metadata-Version: 2.1\nName: x\nVersion: 1\n";

/// An sdist with one text file.
fn plain(text: &str) -> Vec<u8> {
    tar_gz(&[("x-1/PKG-INFO", MANIFEST), ("x-1/a.txt", text)])
}

/// Text that does not compress well, the same every time.
fn noise(bytes: usize) -> String {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b' ' + (state % 94) as u8)
    })
    .take(bytes)
    .collect()
}

/// An sdist with one file of any content and name, in the GNU format.
fn nested(path: &str, content: &[u8]) -> Vec<u8> {
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(
        Vec::new(),
        flate2::Compression::fast(),
    ));
    for (path, content) in [("x-1/PKG-INFO", MANIFEST.as_bytes()), (path, content)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, path, content)
            .expect("in memory");
    }
    tar.into_inner()
        .and_then(flate2::write::GzEncoder::finish)
        .expect("in memory")
}

fn audit(settings: &str, archive: &[u8]) -> (serde_json::Value, i32) {
    let home = Home::new();
    home.write("foretaste.toml", format!("[limits]\n{settings}\n"));
    let path = home.write("x-1.tar.gz", archive);
    home.audit(&[&path.display().to_string()])
}

fn passes(settings: &str, archive: &[u8]) {
    let (report, code) = audit(settings, archive);
    assert_eq!(code, 0, "{settings}: {report:#}");
}

/// Fine by default; with the setting incomplete, or blocked where the limit is that of a bomb.
fn stops(settings: &str, archive: &[u8]) {
    passes("", archive);
    let (report, code) = audit(settings, archive);
    assert!(matches!(code, 1 | 3), "{settings}: {report:#}");
}
