//! Auditing a local archive or folder.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use foretaste_engine::SceneBuilder;
use foretaste_io::files;
use foretaste_model::facts::{ArtifactFacts, ArtifactKind};
use foretaste_model::report::{IndexDigest, ReleaseReport};
use foretaste_model::{ContentDigest, Ecosystem, ReleaseId};

use crate::assemble::{Tasting, failed, judged};
use crate::auditor::{Auditor, tell_change};
use crate::judgements::{LocalJudgement, introduction};
use crate::{Progress, Stats, known};

impl Auditor {
    /// Audits what lies at `path`, compared with what lies at `before` if anything does.
    pub(crate) async fn audit_path(
        self: &Arc<Self>,
        target: &str,
        path: &Path,
        before: Option<&Path>,
        progress: &Arc<dyn Progress>,
    ) -> (ReleaseReport, Vec<usize>, Stats) {
        // the semaphore is never closed
        let _turn = self.turn(files::size(path).unwrap_or(0)).await;
        progress.stage(target, "tasting");
        let (auditor, asked, owned) = (self.clone(), target.to_owned(), path.to_owned());
        let before = before.map(Path::to_owned);
        let work = tokio::task::spawn_blocking(move || {
            auditor.judge_local(&asked, &owned, before.as_deref())
        })
        .await;
        work.unwrap_or_else(|panic| {
            let report = failed(target, None, &shown_name(path), &panic.to_string(), None);
            (report, Vec::new(), Stats::default())
        })
    }

    /// Audits what lies at `path` where it is called, with no look-up anywhere: the report, the indices of the
    /// policy's waivers that were used, and the cost. Blocks. Called inside a rayon pool, it works on that pool, whose
    /// threads must then have the stack that the deep observers need.
    pub fn audit_local(&self, target: &str, path: &Path) -> (ReleaseReport, Vec<usize>, Stats) {
        self.judge_local(target, path, None)
    }

    /// Audits what lies at `path`, compared with what lies at `before`.
    fn judge_local(
        &self,
        target: &str,
        path: &Path,
        before: Option<&Path>,
    ) -> (ReleaseReport, Vec<usize>, Stats) {
        let name = shown_name(path);
        let gave_up = |reason: &str| {
            let report = failed(target, None, &name, reason, None);
            (report, Vec::new(), Stats::default())
        };
        let given = match self.read_local(path) {
            Ok(given) => given,
            Err(reason) => return gave_up(&reason),
        };
        let key = match &given {
            Given::Archive(_, digest) if before.is_none() => self.local_key(*digest, &name),
            _ => None,
        };
        if let Some(known) = key.and_then(|key| self.kept_local_judgement(target, key)) {
            return known;
        }
        let (tasting, stats) = match self.taste_given(&name, path, &given) {
            Ok(done) => done,
            Err(reason) => return gave_up(&reason),
        };
        let (judged, judging) = self.judge_tasted(target, &name, &tasting, before);
        if let Some(key) = key.filter(|_| tasting.artifacts.iter().all(known::is_settled)) {
            self.keep_local_judgement(key, &judged, stats.files);
        }
        let LocalJudgement {
            report, waivers, ..
        } = judged;
        (report, waivers, Stats { judging, ..stats })
    }

    /// The facts of what lies at `path`, and its report as [`Self::audit_local`] gives it. Blocks.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn taste_local(&self, path: &Path) -> Result<(ArtifactFacts, ReleaseReport), String> {
        let (mut tasting, _) = self.taste_path(path)?;
        let (target, name) = (path.display().to_string(), shown_name(path));
        let (judged, _) = self.judge_tasted(&target, &name, &tasting, None);
        Ok((tasting.artifacts.swap_remove(0), judged.report))
    }

    fn judge_tasted(
        &self,
        target: &str,
        name: &str,
        tasting: &Tasting,
        before: Option<&Path>,
    ) -> (LocalJudgement, Duration) {
        let release = identity_of(&tasting.artifacts);
        let ecosystem = release.as_ref().map(|r| r.ecosystem).or_else(|| {
            let mut told = tasting
                .artifacts
                .iter()
                .filter_map(|a| ecosystem_of(a.kind));
            let first = told.next();
            first.filter(|first| told.all(|other| other == *first))
        });
        let mut builder = self.introduce(release, ecosystem);
        let introduced = introduction(&builder);
        builder.artifacts.clone_from(&tasting.artifacts);
        builder.patterns.clone_from(&tasting.patterns);
        self.compare_with_known(&mut builder);
        if let Some(before) = before {
            builder.change = self.compare_with_path(before, &tasting.artifacts);
        }
        let begin = Instant::now();
        let scene = builder.build(&self.options().policy);
        let (mut report, waivers) = judged(target, name, &scene, self.judge(), tasting);
        if before.is_some() {
            tell_change(&mut report, &builder.change);
        }
        let holds = scene.clock.holds();
        let judgement = LocalJudgement {
            who: (builder.release, builder.ecosystem),
            introduced,
            holds,
            report,
            waivers,
        };
        (judgement, begin.elapsed())
    }

    /// What is known of something local before its content is looked at, from who it says it is.
    pub(crate) fn introduce(
        &self,
        release: Option<ReleaseId>,
        ecosystem: Option<Ecosystem>,
    ) -> SceneBuilder {
        let mut builder = SceneBuilder::new(self.options().now);
        builder.release = release;
        builder.ecosystem = ecosystem;
        self.nominate(&mut builder);
        if let Some(local) = self.advisories() {
            local.answer(&mut builder);
        }
        builder
    }

    pub(crate) fn taste_path(&self, path: &Path) -> Result<(Tasting, Stats), String> {
        self.taste_given(&shown_name(path), path, &self.read_local(path)?)
    }

    fn read_local(&self, path: &Path) -> Result<Given, String> {
        if files::is_dir(path) {
            return Ok(Given::Folder);
        }
        let most = self.taster().limits().artifact_bytes;
        let bytes = files::read(path, most).map_err(|e| e.to_string())?;
        let digest = ContentDigest::of(&bytes);
        Ok(Given::Archive(bytes, digest))
    }

    fn taste_given(
        &self,
        name: &str,
        path: &Path,
        given: &Given,
    ) -> Result<(Tasting, Stats), String> {
        let mut tasting = Tasting::default();
        let Given::Archive(bytes, digest) = given else {
            let tasted = self
                .taster()
                .folder(name, path)
                .map_err(|e| e.to_string())?;
            tasting.not_tasted = tasted.left_out;
            tasting.add_scanned(self.scan_folder(path, &tasted.facts));
            tasting.add(tasted.facts, IndexDigest::Absent);
            for package in tasted.packages {
                tasting.add_scanned(self.scan_packed(path, &package));
                tasting.add(package, IndexDigest::Absent);
            }
            return Ok((tasting, tasted.stats));
        };
        let (facts, mut stats) = self.taster().archive_with(name, bytes, *digest);
        stats.local = 1;
        tasting.add_scanned(self.scan_archive(name, bytes, &facts));
        tasting.add(facts, IndexDigest::Absent);
        Ok((tasting, stats))
    }
}

/// What lies where the user points.
enum Given {
    Folder,
    /// Its bytes and their digest.
    Archive(Vec<u8>, ContentDigest),
}

pub(crate) fn shown_name(path: &Path) -> String {
    let canonical = path
        .file_name()
        .is_none()
        .then(|| path.canonicalize().ok())
        .flatten();
    let named = canonical.as_deref().unwrap_or(path);
    named.file_name().map_or_else(
        || named.display().to_string(),
        |n| n.to_string_lossy().into_owned(),
    )
}

/// The release that a local target is: a folder's own, or that of all packages that lie in it as archives.
fn identity_of(artifacts: &[ArtifactFacts]) -> Option<ReleaseId> {
    let (own, packed) = artifacts.split_first()?;
    let mut told = packed.iter().map(identity);
    identity(own).or_else(|| {
        let first = told.next()??;
        told.all(|other| other.as_ref() == Some(&first))
            .then_some(first)
    })
}

/// The release that an artifact's own manifest claims to be.
fn identity(artifact: &ArtifactFacts) -> Option<ReleaseId> {
    let preferred = [
        "PKG-INFO",
        "package.json",
        "Cargo.toml",
        "pyproject.toml",
        "setup.cfg",
        "setup.py",
        "metadata",
        "composer.json",
        "go.mod",
        "pom.xml",
        "action.yml",
        "action.yaml",
    ];
    let manifests = artifact.files.iter().filter(|f| {
        let metadata =
            f.path.ends_with(".dist-info/METADATA") || f.path.ends_with(".egg-info/PKG-INFO");
        let pom = f.path.starts_with("META-INF/maven/") && f.path.ends_with("/pom.xml");
        (!f.path.contains('/') || pom || (metadata && f.path.matches('/').count() == 1))
            && f.facts.manifest.is_some()
    });
    let rank = |path: &str| preferred.iter().position(|p| *p == path).unwrap_or(0);
    let wanted = ecosystem_of(artifact.kind);
    let mut candidates: Vec<_> = manifests
        .filter_map(|f| Some((rank(&f.path), f.facts.manifest.as_deref()?)))
        .collect();
    candidates.sort_by_key(|(rank, _)| *rank);
    candidates.into_iter().map(|(_, m)| m).find_map(|m| {
        let fits = wanted.is_none_or(|e| e == m.ecosystem);
        let name = m
            .name
            .as_deref()
            .filter(|n| foretaste_model::target::is_valid_name(m.ecosystem, n))?;
        let version = m
            .version
            .as_deref()
            .or_else(|| module_version(artifact))
            .unwrap_or("");
        fits.then(|| ReleaseId::new(m.ecosystem, name, version))
    })
}

/// The version of a Go module's archive: no file in it says one, its name does, as proxies and the module cache write it
/// (`v1.2.3.zip`), or who saved it (`name@v1.2.3.zip`).
fn module_version(artifact: &ArtifactFacts) -> Option<&str> {
    if artifact.kind != ArtifactKind::GoModule {
        return None;
    }
    let stem = artifact.filename.strip_suffix(".zip")?;
    let version = stem.rsplit_once('@').map_or(stem, |(_, version)| version);
    let number = version.strip_prefix('v')?;
    number
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some(version)
}

const fn ecosystem_of(kind: ArtifactKind) -> Option<Ecosystem> {
    match kind {
        ArtifactKind::Sdist | ArtifactKind::Wheel | ArtifactKind::Egg => Some(Ecosystem::Pypi),
        ArtifactKind::NpmTarball => Some(Ecosystem::Npm),
        ArtifactKind::Crate => Some(Ecosystem::Cargo),
        ArtifactKind::Gem => Some(Ecosystem::RubyGems),
        ArtifactKind::ComposerDist => Some(Ecosystem::Packagist),
        ArtifactKind::GoModule => Some(Ecosystem::Go),
        ArtifactKind::Nupkg => Some(Ecosystem::NuGet),
        ArtifactKind::Jar => Some(Ecosystem::Maven),
        ArtifactKind::Vsix => Some(Ecosystem::VsCode),
        ArtifactKind::Folder | ArtifactKind::Archive => None,
    }
}
