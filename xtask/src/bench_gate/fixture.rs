//! A synthetic upstream on disk: pages of the sizes that are measured, and wheels that pip and uv install.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use foretaste_fake_registries::{FakeFile, FakeProject, FakePypi, wheel};

use super::install::Client;

/// Wheels of an installation, and bytes of text in each.
const PACKAGES: usize = 40;
const PACKAGE_BYTES: usize = 1_200_000;
/// Small packages for each of a client's cold installations, and how many of those there are.
const TINY: usize = 20;
pub(super) const COLD: usize = 3;
const TINY_BYTES: usize = 12_000;

/// Another tree has another one.
const EDITION: &str = "2";

/// The upstream.
pub(super) struct Fixture {
    pub(super) root: PathBuf,
    /// The packages of the warm installation.
    pub(super) names: Vec<String>,
}

/// Text that does not compress to nothing: numbers of a linear congruential sequence.
fn text(seed: usize, bytes: usize) -> String {
    let mut state = seed as u64 + 1;
    let mut out = String::with_capacity(bytes + 32);
    out.push_str("VALUES = [\n");
    while out.len() < bytes {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let _ = writeln!(out, "    0x{state:016x},");
    }
    out.push_str("]\n");
    out
}

fn sized_wheel(name: &str, seed: usize, bytes: usize) -> FakeFile {
    let module = name.replace('-', "_");
    // most of a large package is data, as in real ones
    let code = text(seed, bytes.min(40_000));
    let data = text(seed + 1_000, bytes.saturating_sub(40_000) * 2);
    let (code_path, data_path) = (
        format!("{module}/__init__.py"),
        format!("{module}/table.txt"),
    );
    let mut files = vec![(code_path.as_str(), code.as_str())];
    if bytes > 40_000 {
        files.push((&data_path, &data));
    }
    wheel(name, "1.0", &[], &files).uploaded("2024-05-01T10:00:00.000000Z")
}

fn listing(name: &str, count: usize) -> FakeProject {
    (0..count).fold(FakeProject::new(name), |project, number| {
        let file = FakeFile::new(
            &format!("{name}-1.{number}-cp311-cp311-manylinux_2_17_x86_64.whl"),
            number.to_string().as_bytes(),
        );
        project.file(
            file.uploaded("2024-05-01T10:00:00.000000Z")
                .requires_python(">=3.9"),
        )
    })
}

impl Fixture {
    /// Writes the tree, if it is not there yet.
    pub(super) fn write(root: &Path) -> Result<Self> {
        let names: Vec<String> = (0..PACKAGES).map(|n| format!("bench-{n}")).collect();
        let fixture = Self {
            root: root.to_owned(),
            names,
        };
        if fs::read_to_string(root.join("done")).is_ok_and(|edition| edition == EDITION) {
            return Ok(fixture);
        }
        let mut index = FakePypi::new()
            .project(listing("small", 29))
            .project(listing("large", 4000))
            .project(FakeProject::new("wheel").file(sized_wheel("wheel", 7, 1_330_000)));
        for (number, name) in fixture.names.iter().enumerate() {
            let file = sized_wheel(name, number, PACKAGE_BYTES);
            index = index.project(FakeProject::new(name).file(file));
        }
        for client in Client::ALL {
            let names = (0..COLD).flat_map(|round| Self::tiny_names(client, round));
            for (number, name) in names.enumerate() {
                let file = sized_wheel(&name, number + 100, TINY_BYTES);
                index = index.project(FakeProject::new(&name).file(file));
            }
        }
        for (path, bytes) in index.tree() {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap_or(root))?;
            fs::write(path, bytes)?;
        }
        fs::write(root.join("done"), EDITION)?;
        Ok(fixture)
    }

    /// Small packages that nobody else asks for, in no other round.
    pub(super) fn tiny_names(client: Client, round: usize) -> Vec<String> {
        (round * TINY..(round + 1) * TINY)
            .map(|n| format!("tiny-{}-{n}", client.name()))
            .collect()
    }
}
