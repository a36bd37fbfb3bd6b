//! What is done with whole projects: advisories taken over and matched, posture over a folder of repositories, an npm tree.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::measure::{Measured, median, paired};
use super::row::{Bar, row};
use super::{Bench, repositories};
use crate::step;

/// Packages of the lock that is matched.
const LOCKED: usize = 1_000;
/// Repositories of the organisation.
const REPOSITORIES: usize = 300;
/// What npm fetches where no tree is given: some 600 packages, most of them with all their code.
const TREE: &[&str] = &[
    "@babel/preset-env",
    "eslint",
    "jest",
    "next",
    "stylelint",
    "typescript-eslint",
    "vite",
    "webpack",
];

/// Lists a thousand packages, first those that the records of an archive name.
const LOCK: &str = r#"
import json, sys, zipfile
names = set()
with zipfile.ZipFile(sys.argv[1]) as archive:
    for member in archive.namelist():
        for affected in json.loads(archive.read(member)).get("affected", []):
            names.add(affected["package"]["name"].lower())
count = int(sys.argv[2])
names = sorted(names)[:count]
names += [f"bench-{n}" for n in range(count - len(names))]
print("\n".join(f"{name}==1.0.0" for name in names))
"#;

/// One of the parts, which works in the folder it is given.
type Part = fn(&Bench, &Path) -> Result<()>;

/// What is measured on.
pub(super) struct Inputs {
    /// An archive of Python advisories in the OSV format.
    pub(super) advisories: Option<PathBuf>,
    /// A `node_modules` folder.
    pub(super) node_modules: Option<PathBuf>,
}

fn told(of: Measured) -> String {
    format!(
        "CPU {:.2} s, {:.0} MiB at the peak",
        of.cpu.max(0.0),
        of.peak_mib
    )
}

impl Bench {
    /// One after the other; what cannot be measured is named, and the rest is.
    pub(super) fn project(&self) -> Result<()> {
        let home = self.home.join("project");
        fs::create_dir_all(&home)?;
        let parts: [(&str, Part); 3] = [
            ("project: advisories", Self::advisories),
            ("project: posture", Self::posture),
            ("project: npm tree", Self::npm_tree),
        ];
        for (name, act) in parts {
            if let Err(error) = act(self, &home) {
                println!("{name:<46} left out: {error:#}");
            }
        }
        Ok(())
    }

    /// An archive taken over, and again; then a lock matched with it.
    fn advisories(&self, home: &Path) -> Result<()> {
        let archive = self.project.advisories.as_ref();
        let archive = archive.context("give an archive of records with --advisories")?;
        let data = home.join("data");
        let call = |is_cold: bool, words: [&str; 2], of: &Path| {
            self.foretaste(false)
                .data(&data, is_cold)
                .args(words)
                .args([of])
        };
        let import = |is_cold| call(is_cold, ["advisories", "import"], archive);
        let first = median(&import(true), 5)?;
        let name = "project: import of the advisories, wall s";
        row(name, first.wall, Bar::AtMost(2.0), &told(first));
        let again = median(&import(false), 5)?;
        let name = "project: import of the same again, wall s";
        row(name, again.wall, Bar::None, &told(again));

        let lock = |count: usize| -> Result<PathBuf> {
            let made = Command::new("python3")
                .args(["-c", LOCK])
                .arg(archive)
                .arg(count.to_string())
                .output()
                .context("cannot start python3")?;
            if !made.status.success() {
                bail!("{} is no zip archive of records", archive.display());
            }
            let folder = home.join(format!("lock-{count}"));
            fs::create_dir_all(&folder)?;
            let file = folder.join("requirements.txt");
            fs::write(&file, made.stdout)?;
            Ok(file)
        };
        let (many, one) = (lock(LOCKED)?, lock(1)?);
        let matching = |lock: &Path| call(false, ["advisories", "match"], lock);
        let (many, one) = paired(&matching(&many), &matching(&one), 15)?;
        row(
            "project: match a lock of 1,000, ms",
            (many.wall - one.wall) * 1e3,
            Bar::AtMost(50.0),
            &format!(
                "wall of `advisories match` ({:.1} ms) without that for a lock of one ({:.1}); CPU {:.1} ms, {:.1} ms",
                many.wall * 1e3,
                one.wall * 1e3,
                many.cpu * 1e3,
                one.cpu * 1e3
            ),
        );
        Ok(())
    }

    /// The whole page of an organisation, its history included.
    fn posture(&self, home: &Path) -> Result<()> {
        let made = repositories::made(&home.join("repositories"), REPOSITORIES)?;
        let call = self.foretaste(true).args(["posture", "--format", "json"]);
        let here = median(&call.args([&made.folder]), 3)?;
        row(
            "project: posture of 300 repositories, wall s",
            here.wall,
            Bar::AtMost(10.0),
            &format!(
                "{}; {} files, {} commits",
                told(here),
                made.files,
                made.commits
            ),
        );
        Ok(())
    }

    /// What is installed: every file observed, and again from the store.
    fn npm_tree(&self, home: &Path) -> Result<()> {
        let tree = match &self.project.node_modules {
            Some(tree) => tree.clone(),
            None => fetched(&home.join("tree"))?,
        };
        let audit = |is_cold| {
            let call = self.foretaste(is_cold).data(&home.join("no-data"), true);
            call.args(["audit", "--offline", "--env"]).args([&tree])
        };
        let cold = median(&audit(true), 1)?;
        let name = "project: audit of node_modules cold, wall s";
        row(name, cold.wall, Bar::AtMost(10.0), &told(cold));
        let warm = median(&audit(false), 5)?;
        let name = "project: audit of node_modules again, wall s";
        row(name, warm.wall, Bar::AtMost(10.0), &told(warm));
        Ok(())
    }
}

/// A tree that npm fetches once; no script of a package runs.
fn fetched(folder: &Path) -> Result<PathBuf> {
    let tree = folder.join("node_modules");
    if !tree.exists() {
        let part = folder.with_extension("part");
        let _ = fs::remove_dir_all(&part);
        fs::create_dir_all(&part)?;
        fs::write(part.join("package.json"), "{\"private\": true}\n")?;
        let shown = part.to_string_lossy().into_owned();
        let mut words = vec!["install", "--ignore-scripts", "--no-audit", "--no-fund"];
        words.extend(["--silent", "--prefix", &shown]);
        words.extend(TREE);
        step("npm", &words)?;
        let _ = fs::remove_dir_all(folder);
        fs::rename(&part, folder)?;
    }
    Ok(tree)
}
