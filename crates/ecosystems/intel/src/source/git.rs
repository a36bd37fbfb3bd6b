//! Git as a careful guest: no prompt, no configuration but ours, no hook, no check-out, within time and bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use foretaste_io::files::{self, TemporaryDir};
use foretaste_io::{Environment, Program, RawOutput};
use foretaste_model::intel::SourceComparison;
use foretaste_model::{ContentDigest, Knowledge, ReleaseId, SkipKind, SkipReason};
use tokio::sync::Semaphore;

use super::compare::{BlobDigests, Plan};
use super::objects;
use crate::Options;
use crate::forge::Place;
use crate::json::clip;

/// Repositories that are fetched at the same time.
const AT_ONCE: usize = 2;
/// Bytes of a blob that is compared.
const MAX_BLOB: u64 = 4 << 20;
/// Bytes of blobs that are read at a time.
const BATCH: u64 = 16 << 20;
/// Bytes of blobs that are read in all.
const MAX_TOTAL: u64 = 128 << 20;
/// Bytes of a listing.
const MAX_LISTING: u64 = 48 << 20;
/// How often the size of what arrives is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Variables that git needs to reach the network as the user does.
const INHERITED: &[&str] = &[
    "PATH",
    "SYSTEMROOT",
    "TMPDIR",
    "TEMP",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "CURL_CA_BUNDLE",
];

/// The program, and what it may do.
#[derive(Debug)]
pub(crate) struct Git {
    program: Option<PathBuf>,
    variables: Vec<(String, String)>,
    cache: Option<PathBuf>,
    clone_root: Option<String>,
    limit: Duration,
    max_bytes: u64,
    permits: Semaphore,
    gone: Mutex<BTreeMap<Box<str>, SkipReason>>,
}

impl Git {
    pub(crate) fn find(env: &Environment, options: &Options) -> Self {
        Self {
            program: env.which("git"),
            variables: INHERITED
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), env.var(name)?.to_owned())))
                .collect(),
            cache: env.cache_dir().map(|dir| dir.join("source")),
            clone_root: options.clone_root.clone(),
            limit: options.git_limit,
            max_bytes: options.git_bytes,
            permits: Semaphore::new(AT_ONCE),
            gone: Mutex::default(),
        }
    }

    /// Fetches the tag of a release and compares.
    pub(crate) async fn compare(
        &self,
        release: &ReleaseId,
        place: &Place,
        files: &[(Box<str>, ContentDigest)],
    ) -> Knowledge<SourceComparison> {
        let Some(program) = &self.program else {
            return Knowledge::skip(SkipKind::NotConfigured, "the program `git` is not on PATH");
        };
        let _permit = self.permits.acquire().await;
        if let Some(reason) = self.gone().get(&place.host) {
            return Knowledge::Skipped(reason.clone());
        }
        match self.try_compare(program, release, place, files).await {
            Ok(comparison) => Knowledge::Known(comparison),
            Err(reason) => Knowledge::Skipped(reason),
        }
    }

    async fn try_compare(
        &self,
        program: &Path,
        release: &ReleaseId,
        place: &Place,
        files: &[(Box<str>, ContentDigest)],
    ) -> Result<SourceComparison, SkipReason> {
        let url = match &self.clone_root {
            Some(root) => format!("{root}{}.git", place.path),
            None => format!("{}.git", place.url()),
        };
        let dir = TemporaryDir::new(self.cache.as_deref()).map_err(|e| failed(e.to_string()))?;
        let git = |args: &[&str]| self.program(program, dir.path(), args);
        run(&git(&["init", "--quiet", "--bare", "--template="])).await?;

        let wanted = tag_names(release);
        let patterns: Vec<String> = wanted.iter().map(|t| format!("refs/tags/{t}")).collect();
        let mut listing = git(&["ls-remote", "--tags", "--refs", "--", &url]);
        listing = listing.args(&patterns);
        let refs = match run(&listing).await {
            Ok(output) => objects::refs(&output.stdout),
            Err(reason) => {
                self.remember(place, &reason);
                return Err(reason);
            }
        };
        let Some(tag) = patterns.iter().find(|p| refs.contains(p)) else {
            return Err(SkipReason::new(
                SkipKind::NotApplicable,
                format!("{} has no tag for {}", place.url(), release.version),
            ));
        };

        let refspec = format!("+{tag}:{tag}");
        let filter = format!("--filter=blob:limit={MAX_BLOB}");
        let fetch = git(&[
            "fetch",
            "--quiet",
            "--depth=1",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-auto-maintenance",
            "--no-write-fetch-head",
            &filter,
            "--",
            &url,
            &refspec,
        ]);
        tokio::select! {
            fetched = run(&fetch) => fetched?,
            () = self.outgrown(dir.path()) => {
                return Err(failed(format!(
                    "{} is larger than the limit of {} bytes", place.url(), self.max_bytes
                )));
            }
        };

        let listing = git(&["ls-tree", "-r", "-z", "--full-tree", tag]).max_output(MAX_LISTING);
        let listing = run(&listing).await?;
        let tree = objects::tree(&listing.stdout);
        if listing.truncated || tree.len() >= objects::MAX_ENTRIES {
            return Err(failed(format!(
                "{} has too many files to compare",
                place.url()
            )));
        }
        let plan = Plan::new(files, &tree);
        let wanted = plan.objects();
        let blobs = self.read_blobs(program, dir.path(), &wanted).await?;
        let blobs = wanted
            .iter()
            .filter_map(|object| Some((*object, blobs.get(*object)?.clone())))
            .collect();
        Ok(plan.judge(tag.trim_start_matches("refs/tags/"), &blobs))
    }

    fn program(&self, program: &Path, dir: &Path, args: &[&str]) -> Program {
        let home = dir.to_string_lossy().into_owned();
        let mut call = Program::new(program)
            .clean_env()
            .dir(dir)
            .timeout(self.limit)
            .env("HOME", &home)
            .env("GIT_DIR", &home)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env(
                "GIT_CONFIG_GLOBAL",
                if cfg!(windows) { "NUL" } else { "/dev/null" },
            )
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ASKPASS", "")
            .env("SSH_ASKPASS", "")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_HTTP_LOW_SPEED_LIMIT", "1000")
            .env("GIT_HTTP_LOW_SPEED_TIME", "6")
            .env("LC_ALL", "C")
            // only tests clone from elsewhere
            .env(
                "GIT_ALLOW_PROTOCOL",
                if self.clone_root.is_some() {
                    "file:http"
                } else {
                    "https"
                },
            );
        for (name, value) in &self.variables {
            call = call.env(name, value);
        }
        call.args([
            "-c",
            if cfg!(windows) {
                "core.hooksPath=NUL"
            } else {
                "core.hooksPath=/dev/null"
            },
            "-c",
            "core.fsmonitor=false",
            "-c",
            "credential.helper=",
            "-c",
            "gc.auto=0",
            "-c",
            "protocol.version=2",
            "-c",
            "http.followRedirects=initial",
            "-c",
            "core.quotePath=false",
        ])
        .args(args)
    }

    /// The digests of blobs, those left out that are too large.
    async fn read_blobs(
        &self,
        program: &Path,
        dir: &Path,
        wanted: &BTreeSet<&str>,
    ) -> Result<BTreeMap<String, BlobDigests>, SkipReason> {
        let lines = |objects: &[&str]| {
            objects
                .iter()
                .flat_map(|o| [o, "\n"])
                .collect::<String>()
                .into_bytes()
        };
        let wanted: Vec<&str> = wanted.iter().copied().collect();
        let mut found = BTreeMap::new();
        if wanted.is_empty() {
            return Ok(found);
        }
        let check = self
            .program(program, dir, &["cat-file", "--batch-check"])
            .input(lines(&wanted))
            .max_output(MAX_LISTING);
        let sizes = objects::sizes(&run(&check).await?.stdout);
        let mut total = 0;
        let mut batch: Vec<&str> = Vec::new();
        let mut in_batch = 0;
        let mut batches = Vec::new();
        for (object, size) in &sizes {
            total += size.min(&MAX_BLOB);
            if *size > MAX_BLOB || total > MAX_TOTAL {
                continue;
            }
            if in_batch + size > BATCH {
                batches.push(std::mem::take(&mut batch));
                in_batch = 0;
            }
            in_batch += size;
            batch.push(object);
        }
        batches.push(batch);
        for batch in batches.iter().filter(|b| !b.is_empty()) {
            let cat = self
                .program(program, dir, &["cat-file", "--batch"])
                .input(lines(batch))
                .max_output(2 * BATCH);
            let output = run(&cat).await?;
            for (object, content) in foretaste_io::git::blobs(&output.stdout) {
                found.insert(object, BlobDigests::of(content));
            }
        }
        Ok(found)
    }

    /// Ends when what arrives in a folder takes more than the limit.
    async fn outgrown(&self, dir: &Path) {
        loop {
            tokio::time::sleep(LOOK).await;
            let bytes = files::walk(dir, 10_000, |_| false)
                .map_or(0, |walk| walk.files.iter().map(|f| f.size).sum::<u64>());
            if bytes > self.max_bytes {
                return;
            }
        }
    }

    /// A host that does not answer is not asked for every package again.
    fn remember(&self, place: &Place, reason: &SkipReason) {
        let text = reason.detail.to_ascii_lowercase();
        let unreachable = [
            "could not resolve",
            "did not answer",
            "failed to connect",
            "timed out",
            "couldn't connect",
        ];
        if unreachable.iter().any(|u| text.contains(u)) {
            self.gone().insert(place.host.clone(), reason.clone());
        }
    }

    fn gone(&self) -> std::sync::MutexGuard<'_, BTreeMap<Box<str>, SkipReason>> {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The names under which projects tag a release, the most usual first; none if the version cannot be part of a tag.
fn tag_names(release: &ReleaseId) -> Vec<String> {
    let plain = |text: &str| {
        !text.is_empty()
            && text.len() <= 128
            && !text.contains("..")
            && text.chars().all(|c| {
                c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '_' | '!' | '@' | '/')
            })
    };
    let (name, version) = (release.name.as_str(), &*release.version);
    if !plain(version) || !plain(name) {
        return Vec::new();
    }
    let bare = name.rsplit_once('/').map_or(name, |(_, bare)| bare);
    let mut names = vec![format!("v{version}"), version.to_owned()];
    for name in [name, bare] {
        names.extend([
            format!("{name}-{version}"),
            format!("{name}-v{version}"),
            format!("{name}@{version}"),
            format!("{name}/v{version}"),
            format!("{name}/{version}"),
        ]);
    }
    names.extend([
        format!("release-{version}"),
        format!("release/{version}"),
        format!("rel_{version}"),
    ]);
    let mut seen = BTreeSet::new();
    names.retain(|n| seen.insert(n.clone()));
    names
}

async fn run(program: &Program) -> Result<RawOutput, SkipReason> {
    let output = program.run_raw().await.map_err(|e| failed(e.to_string()))?;
    if output.code == Some(0) {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said
        .lines()
        .find(|l| l.starts_with("fatal:") || l.starts_with("error:"))
        .or_else(|| said.lines().next())
        .and_then(clip);
    Err(failed(format!(
        "git: {}",
        line.as_deref().unwrap_or("it gave no reason")
    )))
}

fn failed(detail: String) -> SkipReason {
    SkipReason::new(SkipKind::Failed, detail)
}

#[cfg(test)]
mod tests {
    use foretaste_model::Ecosystem;

    use super::*;

    #[test]
    fn tags_are_looked_for_under_their_usual_names() {
        let names = tag_names(&ReleaseId::new(Ecosystem::Npm, "@acme/pad", "1.0.0-rc.1+x"));
        for expected in [
            "v1.0.0-rc.1+x",
            "@acme/pad@1.0.0-rc.1+x",
            "pad-1.0.0-rc.1+x",
            "release-1.0.0-rc.1+x",
        ] {
            assert!(names.iter().any(|n| n == expected), "{expected}");
        }
        for hostile in ["1 2", "*", "1..2", "1\n2", "--upload-pack=x;id", ""] {
            let names = tag_names(&ReleaseId::new(Ecosystem::Npm, "pad", hostile));
            assert!(names.is_empty(), "{hostile}: {names:?}");
        }
    }
}
