//! Reading a local repository with git: no hook, no prompt, no shell, within time and bytes.

mod log;

use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

pub use self::log::LoggedCommit;
use crate::{CommandError, Environment, Program, RawOutput};

/// How long one question may take.
const TIMEOUT: Duration = Duration::from_mins(1);
/// Bytes of a listing.
const MAX_LISTING: u64 = 64 << 20;
/// Bytes of files that are read in all.
const MAX_TOTAL: u64 = 256 << 20;

/// Why a repository gave no answer.
#[derive(Debug, Error)]
pub enum GitError {
    /// The program is not there.
    #[error("the program `git` is not on PATH; it reads the earlier state of a project")]
    NoProgram,
    /// The revision is none.
    #[error("`{revision}` is no commit of the repository at {}: {said}", place.display())]
    NoRevision {
        /// As asked for.
        revision: String,
        /// Where.
        place: PathBuf,
        /// What git said.
        said: String,
    },
    /// git refused.
    #[error("git cannot read the repository at {}: {said}", place.display())]
    Refused {
        /// Where.
        place: PathBuf,
        /// What git said.
        said: String,
    },
    /// Something is larger than what is read.
    #[error("the repository at {} holds more than is read: {what}", place.display())]
    TooMuch {
        /// Where.
        place: PathBuf,
        /// What.
        what: String,
    },
    /// It could not be started or did not end.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// A file in a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeFile {
    /// The path relative to the folder that was asked about, with `/` between its parts. Hostile text.
    pub path: String,
    /// Its object.
    pub object: String,
    /// Its size in bytes.
    pub size: u64,
}

/// A folder inside a repository's working copy.
#[derive(Clone, Debug)]
pub struct Repository {
    program: PathBuf,
    folder: PathBuf,
}

impl Repository {
    /// The repository that a folder lies in. Nothing is fetched, not even what a partial clone lacks: where from, and by
    /// which program, is for the repository's own configuration to say, and it may be hostile.
    ///
    /// # Errors
    /// There is no git.
    pub fn at(folder: &Path, env: &Environment) -> Result<Self, GitError> {
        Ok(Self {
            program: env.which("git").ok_or(GitError::NoProgram)?,
            folder: folder.to_owned(),
        })
    }

    /// The commit that the working copy shares with a revision: where it branched off. Where they share none (a shallow
    /// clone), the revision itself.
    ///
    /// # Errors
    /// The revision is none, or git cannot be asked.
    pub async fn base(&self, revision: &str) -> Result<String, GitError> {
        let wanted = format!("{revision}^{{commit}}");
        let commit = self
            .call(&["rev-parse", "--verify", "--end-of-options", &wanted])
            .run_raw()
            .await?;
        let Some(commit) = object(&commit) else {
            return Err(GitError::NoRevision {
                revision: revision.to_owned(),
                place: self.folder.clone(),
                said: said(&commit),
            });
        };
        let shared = self
            .call(&["merge-base", &commit, "HEAD"])
            .run_raw()
            .await?;
        Ok(object(&shared).unwrap_or(commit))
    }

    /// The commits of the main line (first parents) of `HEAD` since a time in seconds since 1970, newest first.
    ///
    /// # Errors
    /// git cannot be asked (a repository without a commit has no log), or there is too much.
    pub async fn main_line(&self, since: i64) -> Result<Vec<LoggedCommit>, GitError> {
        let since = format!("--since={since}");
        let args = [
            "log",
            "--first-parent",
            "-m",
            "--no-renames",
            "--no-show-signature",
            "--name-only",
            &since,
            log::FORMAT,
            "HEAD",
            "--",
        ];
        let output = self.ask(&args, Vec::new(), MAX_LISTING).await?;
        if output.truncated {
            return Err(self.too_much("its log"));
        }
        Ok(log::read(&output.stdout))
    }

    /// Where the repository came from (`remote.origin.url`, rewritten as the user's configuration says); none if it was made
    /// here. Hostile text.
    ///
    /// # Errors
    /// git cannot be asked.
    pub async fn origin(&self) -> Result<Option<String>, GitError> {
        let output = self
            .call(&["remote", "get-url", "origin"])
            .run_raw()
            .await?;
        let text = String::from_utf8_lossy(&output.stdout);
        let url = text.trim();
        Ok((output.code == Some(0) && !url.is_empty()).then(|| url.to_owned()))
    }

    /// The regular files of a commit below the folder.
    ///
    /// # Errors
    /// git cannot be asked, or there is too much.
    pub async fn files(&self, commit: &str) -> Result<Vec<TreeFile>, GitError> {
        let listing = self
            .ask(
                &["ls-tree", "-r", "-l", "-z", commit],
                Vec::new(),
                MAX_LISTING,
            )
            .await?;
        if listing.truncated {
            return Err(self.too_much("its list of files"));
        }
        Ok(tree(&listing.stdout))
    }

    /// The contents of files, in their order.
    ///
    /// # Errors
    /// git cannot be asked, or there is too much.
    pub async fn contents(&self, files: &[TreeFile]) -> Result<Vec<Vec<u8>>, GitError> {
        let total: u64 = files.iter().map(|f| f.size).sum();
        if total > MAX_TOTAL {
            return Err(self.too_much("the files to compare with"));
        }
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let wanted: String = files.iter().flat_map(|f| [&*f.object, "\n"]).collect();
        let room = total + 128 * files.len() as u64;
        let answer = self
            .ask(&["cat-file", "--batch"], wanted.into_bytes(), room)
            .await?;
        let found = blobs(&answer.stdout);
        if found.len() != files.len() {
            return Err(GitError::Refused {
                place: self.folder.clone(),
                said: format!(
                    "{} of {} files are missing",
                    files.len() - found.len().min(files.len()),
                    files.len()
                ),
            });
        }
        Ok(found
            .into_iter()
            .map(|(_, content)| content.to_vec())
            .collect())
    }

    fn too_much(&self, what: &str) -> GitError {
        GitError::TooMuch {
            place: self.folder.clone(),
            what: what.to_owned(),
        }
    }

    async fn ask(&self, args: &[&str], input: Vec<u8>, room: u64) -> Result<RawOutput, GitError> {
        let output = self
            .call(args)
            .input(input)
            .max_output(room)
            .run_raw()
            .await?;
        if output.code == Some(0) {
            return Ok(output);
        }
        Err(GitError::Refused {
            place: self.folder.clone(),
            said: said(&output),
        })
    }

    fn call(&self, args: &[&str]) -> Program {
        let nowhere = if cfg!(windows) {
            "core.hooksPath=NUL"
        } else {
            "core.hooksPath=/dev/null"
        };
        let mut call = Program::new(&self.program)
            .dir(&self.folder)
            .timeout(TIMEOUT)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_NO_LAZY_FETCH", "1")
            // git before 2.45 does not know that variable; no protocol is allowed then
            .env("GIT_ALLOW_PROTOCOL", "")
            .env("LC_ALL", "C");
        // a hook (pre-commit) is started with these, and they hold for its own folder only
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
            call = call.env_remove(name);
        }
        call.args([
            "-c",
            nowhere,
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.quotePath=false",
        ])
        .args(args)
    }
}

/// The one object that git named.
fn object(output: &RawOutput) -> Option<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let first = text.lines().next()?.trim();
    (output.code == Some(0) && is_object(first)).then(|| first.to_owned())
}

fn said(output: &RawOutput) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text
        .lines()
        .find_map(|l| {
            l.strip_prefix("fatal: ")
                .or_else(|| l.strip_prefix("error: "))
        })
        .or_else(|| text.lines().next())
        .unwrap_or("it gave no reason");
    line.chars().take(300).collect()
}

/// The regular files in the output of `git ls-tree -r -l -z`: `<mode> <type> <object> <size>\t<path>\0`.
fn tree(output: &[u8]) -> Vec<TreeFile> {
    output
        .split(|b| *b == 0)
        .filter_map(|line| {
            let line = std::str::from_utf8(line).ok()?;
            let (fields, path) = line.split_once('\t')?;
            let mut fields = fields.split_ascii_whitespace();
            let (mode, kind, object) = (fields.next()?, fields.next()?, fields.next()?);
            let size = fields.next()?.parse().ok()?;
            let regular = kind == "blob" && mode != "120000" && is_object(object);
            (regular && is_inside(path)).then(|| TreeFile {
                path: path.to_owned(),
                object: object.to_owned(),
                size,
            })
        })
        .collect()
}

/// A path that leads nowhere but below its root.
fn is_inside(path: &str) -> bool {
    path.split('/')
        .all(|part| !matches!(part, "" | "." | "..") && !part.contains(['\\', ':']))
}

/// Object and content of the blobs in the output of `git cat-file --batch`; stops at the first broken one.
pub fn blobs(mut output: &[u8]) -> Vec<(String, &[u8])> {
    let mut found = Vec::new();
    while let Some(end) = output.iter().position(|b| *b == b'\n') {
        let (line, rest) = output.split_at(end);
        let rest = rest.get(1..).unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let Some((object, size)) = blob_header(&line) else {
            // `<object> missing`
            output = rest;
            continue;
        };
        let Some((content, after)) = usize::try_from(size)
            .ok()
            .and_then(|size| rest.split_at_checked(size))
        else {
            break;
        };
        found.push((object.to_owned(), content));
        output = after.get(1..).unwrap_or_default();
    }
    found
}

/// Object and size in a line of `git cat-file --batch` or `--batch-check`: `<object> blob <size>`.
pub fn blob_header(line: &str) -> Option<(&str, u64)> {
    let mut fields = line.split(' ');
    let (object, kind, size) = (fields.next()?, fields.next()?, fields.next()?);
    (kind == "blob" && is_object(object)).then_some((object, size.parse().ok()?))
}

/// True for an object's full name.
pub fn is_object(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test makes a repository")]
mod tests {
    use super::*;

    #[test]
    fn listings_are_read_and_what_leads_out_is_left_out() {
        let a = "a".repeat(40);
        let listing = format!(
            "100644 blob {a}      12\tx y.txt\x00120000 blob {a}       3\tlink\x00160000 commit {a}       -\tsub\x00\
             100644 blob {a}       1\t../out\x00100644 blob {a}       1\tC:/out\x00"
        );
        let wanted = TreeFile {
            path: "x y.txt".into(),
            object: a,
            size: 12,
        };
        assert_eq!(tree(listing.as_bytes()), [wanted]);
    }

    #[test]
    fn blobs_are_read_to_the_first_broken_one() {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let output = format!("{a} blob 3\nx\ny\n{b} missing\n{b} blob 0\n\n{a} blob 99\nz");
        let found = blobs(output.as_bytes());
        assert_eq!(found, [(a, &b"x\ny"[..]), (b, &b""[..])]);
    }

    /// A partial clone says itself where its missing objects come from, and by which program.
    #[tokio::test]
    async fn a_hostile_repository_has_nothing_fetched() {
        let dir = tempfile::tempdir().expect("a folder");
        let environment = Environment::of_process();
        let Some(git) = environment.which("git") else {
            assert!(environment.var("CI").is_none(), "git is needed in CI");
            return;
        };
        let marker = dir.path().join("ran");
        let remote = format!("ext::sh -c touch% {}", marker.display());
        let run = async |args: &[&str]| {
            let identity = ["-c", "user.name=a", "-c", "user.email=a@x.example"];
            let call = Program::new(&git).args(identity).args(args.iter().copied());
            let done = call.dir(dir.path()).run().await.expect("git answers");
            assert!(done.success, "{args:?}: {}", done.stderr);
        };
        std::fs::write(dir.path().join("uv.lock"), "x").expect("written");
        run(&["init", "-q"]).await;
        run(&["add", "uv.lock"]).await;
        run(&["commit", "-qm", "a"]).await;
        for (key, value) in [
            ("remote.origin.url", &*remote),
            ("remote.origin.promisor", "true"),
            ("extensions.partialClone", "origin"),
            ("core.repositoryFormatVersion", "1"),
            ("protocol.ext.allow", "always"),
        ] {
            run(&["config", key, value]).await;
        }
        let repository = Repository::at(dir.path(), &environment).expect("git");
        let commit = repository.base("HEAD").await.expect("a commit");
        let files = repository.files(&commit).await.expect("whole");
        let object = files.first().expect("a file").object.clone();
        let (head, tail) = object.split_at(2);
        let loose = dir.path().join(".git/objects").join(head).join(tail);
        std::fs::remove_file(loose).expect("removed");
        let answer = repository.files(&commit).await;
        let contents = repository.contents(&files).await;
        assert!(answer.is_err() || contents.is_err());
        assert!(!marker.exists(), "the remote's program ran");
    }
}
