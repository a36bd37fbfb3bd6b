//! A synthetic organisation: repositories with manifests, hashed locks, workflows, sources and a history, in Git's own form.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Another organisation has another one.
const EDITION: &str = "1";
/// Files of source in each.
const SOURCES: usize = 60;
/// Commits of each; every fourth changes the lock.
const COMMITS: usize = 40;
/// When the first commit was made, and the time between two.
const BEGIN: usize = 1_730_000_000;
const DAY: usize = 86_400;

/// What was made.
pub(super) struct Made {
    pub(super) folder: PathBuf,
    pub(super) files: usize,
    pub(super) commits: usize,
}

/// Writes `count` repositories below `folder`, if they are not there yet.
///
/// # Errors
/// Git is missing, or the folder cannot be written.
pub(super) fn made(folder: &Path, count: usize) -> Result<Made> {
    let done = folder.with_extension("done");
    let edition = format!("{EDITION} {count}");
    let is_there = fs::read_to_string(&done).is_ok_and(|text| text == edition);
    if !is_there {
        let _ = fs::remove_dir_all(folder);
        for number in 0..count {
            repository(&folder.join(format!("service-{number:03}")), number)?;
        }
        fs::write(done, edition)?;
    }
    Ok(Made {
        folder: folder.to_owned(),
        files: count * (SOURCES + 4),
        commits: count * COMMITS,
    })
}

fn repository(folder: &Path, number: usize) -> Result<()> {
    fs::create_dir_all(folder)?;
    git(folder, &["init", "--quiet", "--initial-branch=main"], "")?;
    git(
        folder,
        &["fast-import", "--quiet", "--done"],
        &history(number),
    )?;
    git(folder, &["reset", "--quiet", "--hard", "main"], "")
}

/// Git without the settings of this machine.
fn git(folder: &Path, words: &[&str], input: &str) -> Result<()> {
    let mut child = Command::new("git")
        .args(words)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .stdin(Stdio::piped())
        .spawn()
        .context("cannot start git")?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("git {} failed ({status})", words.join(" "));
    }
    Ok(())
}

/// The stream that `git fast-import` reads.
fn history(number: usize) -> String {
    let mut text = String::new();
    for commit in 0..COMMITS {
        let files = if commit == 0 {
            first(number)
        } else if commit % 4 == 0 {
            locks(number, commit)
        } else {
            vec![source(number, commit % SOURCES, commit)]
        };
        let subject = match (commit % 4, commit % 3) {
            (0, 0) => format!("Update dependencies (#{commit})"),
            (0, _) => "update dependencies".to_owned(),
            _ => format!("change {commit}"),
        };
        let time = BEGIN + commit * 10 * DAY;
        let _ = writeln!(text, "commit refs/heads/main");
        let _ = writeln!(
            text,
            "committer Dev{0} <dev{0}@acme.example> {time} +0000\ndata {1}\n{subject}",
            commit % 5,
            subject.len()
        );
        for (path, content) in files {
            let _ = writeln!(
                text,
                "M 100644 inline {path}\ndata {}\n{content}",
                content.len()
            );
        }
        text.push('\n');
    }
    text.push_str("done\n");
    text
}

type File = (String, String);

fn first(number: usize) -> Vec<File> {
    let mut files: Vec<File> = (0..SOURCES).map(|file| source(number, file, 0)).collect();
    let steps = "      - uses: actions/checkout@v4\n      - uses: acme/build@0123456789abcdef0123456789abcdef01234567\n";
    files.push((
        ".github/workflows/ci.yml".to_owned(),
        format!(
            "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n{steps}      - run: make test\n"
        ),
    ));
    files.push(("README.md".to_owned(), format!("# Service {number}\n")));
    let wishes = |line: fn(usize) -> String, between: &str| {
        let lines: Vec<String> = (0..20).map(line).collect();
        lines.join(between)
    };
    files.push(match number % 3 {
        0 => (
            "requirements.in".to_owned(),
            wishes(
                |n| {
                    if n % 2 == 0 {
                        format!("library-{n}>=1")
                    } else {
                        format!("library-{n}==1.{n}.0")
                    }
                },
                "\n",
            ),
        ),
        1 => (
            "package.json".to_owned(),
            format!(
                "{{\"name\": \"service\", \"version\": \"1.0.0\", \"dependencies\": {{{}}}}}\n",
                wishes(|n| format!("\"library-{n}\": \"^1.0.0\""), ", ")
            ),
        ),
        _ => (
            "Cargo.toml".to_owned(),
            format!(
                "[package]\nname = \"service\"\nversion = \"1.0.0\"\n\n[dependencies]\n{}\n",
                wishes(|n| format!("library-{n} = \"1\""), "\n")
            ),
        ),
    });
    files.extend(locks(number, 0));
    files
}

/// The lock as it stood at a commit: one package has moved since the last time.
fn locks(number: usize, commit: usize) -> Vec<File> {
    let version = |n: usize| {
        let moved = if n == commit % 80 { commit } else { 0 };
        format!("1.{n}.{moved}")
    };
    let hash = |n: usize| format!("{:064x}", number * 100_000 + n * 100 + commit);
    let mut text = String::new();
    let path = match number % 3 {
        0 => {
            for n in 0..80 {
                let _ = writeln!(
                    text,
                    "library-{n}=={} \\\n    --hash=sha256:{}",
                    version(n),
                    hash(n)
                );
            }
            "requirements.txt"
        }
        1 => {
            text.push_str(
                "{\"name\": \"service\", \"version\": \"1.0.0\", \"lockfileVersion\": 3, \"packages\": {\n",
            );
            let wishes: Vec<String> = (0..20)
                .map(|n| format!("\"library-{n}\": \"^1.0.0\""))
                .collect();
            let _ = write!(
                text,
                "\"\": {{\"name\": \"service\", \"version\": \"1.0.0\", \"dependencies\": {{{}}}}}",
                wishes.join(", ")
            );
            for n in 0..300 {
                let version = version(n);
                let _ = write!(
                    text,
                    ",\n\"node_modules/library-{n}\": {{\"version\": \"{version}\", \"resolved\": \"https://npm.acme.example/library-{n}/-/library-{n}-{version}.tgz\", \"integrity\": \"sha512-{}==\"}}",
                    "A".repeat(86)
                );
            }
            text.push_str("\n}}\n");
            "package-lock.json"
        }
        _ => {
            text.push_str("version = 4\n");
            for n in 0..150 {
                let _ = write!(
                    text,
                    "\n[[package]]\nname = \"library-{n}\"\nversion = \"{}\"\nsource = \"registry+https://crates.acme.example/index\"\nchecksum = \"{}\"\n",
                    version(n),
                    hash(n)
                );
            }
            let wishes: Vec<String> = (0..20).map(|n| format!(" \"library-{n}\",\n")).collect();
            let _ = write!(
                text,
                "\n[[package]]\nname = \"service\"\nversion = \"1.0.0\"\ndependencies = [\n{}]\n",
                wishes.concat()
            );
            "Cargo.lock"
        }
    };
    vec![(path.to_owned(), text)]
}

/// A file of source, as it stood at a commit.
fn source(number: usize, file: usize, commit: usize) -> File {
    let mut text = format!("\"\"\"Part {file} of service {number}, as of {commit}.\"\"\"\n\n");
    for line in 0..80 {
        let _ = writeln!(
            text,
            "def step_{line}(value):\n    return value + {}\n",
            line * file + commit
        );
    }
    (format!("src/part_{:02}/module_{file}.py", file % 8), text)
}
