//! Auditing a file that is here already: of a release of a registry, or of one that no registry knows.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use foretaste_io::{Incoming, digests};
use foretaste_model::facts::ArtifactKind;
use foretaste_model::metadata::{ReleaseMetadata, RemoteArtifact};
use foretaste_model::report::ReleaseReport;
use foretaste_model::{Digest, Ecosystem, PackageName, ReleaseId};
use foretaste_registry::{Download, Endpoint, Registry, RegistryError};

use crate::auditor::Auditor;
use crate::history::Against;
use crate::project::Locked;
use crate::release::Asked;
use crate::{Progress, Quiet};

/// A file that is here, or comes.
#[derive(Clone, Debug)]
pub struct HeldFile {
    /// The release it belongs to.
    pub release: ReleaseId,
    /// Its name.
    pub filename: Box<str>,
    /// Where it lies, or will in a moment.
    pub file: Incoming,
    /// Its digests, as its registry publishes them.
    pub digests: Vec<Digest>,
    /// True if no registry is to be asked about it.
    pub internal: bool,
}

impl Auditor {
    /// Audits one file of a release. The registry is asked about the release, and the file is taken from the disk.
    pub async fn audit_held(self: &Arc<Self>, file: HeldFile) -> ReleaseReport {
        let release = file.release.clone();
        let target = format!("{} ({})", release.purl(), file.filename);
        let place = (release.ecosystem, &release.name, Some(&*release.version));
        let inner = if file.internal {
            None
        } else {
            match self.registry(release.ecosystem).await {
                Ok(registry) => Some(registry),
                Err(error) => return self.gave_up(&target, place, &error).0,
            }
        };
        let locked = Locked::to(&file.filename, &file.digests);
        // what is seen of the beginning is known when all of it is here
        if !file.file.is_whole() {
            let (auditor, file) = (self.clone(), file.clone());
            tokio::spawn(async move { auditor.look_ahead(file).await });
        }
        let registry: Arc<dyn Registry> = Arc::new(Held { inner, file });
        let progress: Arc<dyn Progress> = Arc::new(Quiet);
        let asked = Asked {
            target: &target,
            place,
            locked: &locked,
            against: &Against::Settled,
        };
        Box::pin(self.audit_from(&registry, asked, &progress))
            .await
            .0
    }

    /// Observes what has come of a file while the rest is on its way: observations are kept by content, so that only what
    /// is missing is left to do at its end.
    async fn look_ahead(self: Arc<Self>, file: HeldFile) {
        let limit = self.taster().limits().artifact_bytes.min(AHEAD_MOST);
        let (mut incoming, mut seen) = (file.file, 0);
        loop {
            // most files are here sooner, and each round unpacks the beginning again
            tokio::time::sleep(AHEAD_EVERY).await;
            let least = (seen + AHEAD_BYTES).max(seen + seen / 2);
            let Some(beginning) = incoming.beginning(least, limit).await else {
                return;
            };
            let Ok(turn) = self.turn(0).await else {
                return;
            };
            seen = beginning.len() as u64;
            let (auditor, filename, news) = (self.clone(), file.filename.clone(), incoming.clone());
            let work = move || {
                auditor
                    .taster()
                    .ahead(&filename, &beginning, || news.is_whole());
            };
            if tokio::task::spawn_blocking(work).await.is_err() {
                return;
            }
            drop(turn);
        }
    }

    /// The digest of the rules in force.
    pub fn rules(&self) -> String {
        self.judge().digest()
    }
}

/// How often, and for how many more bytes, the beginning of a file that is on its way is looked at.
const AHEAD_EVERY: Duration = Duration::from_millis(150);
const AHEAD_BYTES: u64 = 256 << 10;
/// A longer beginning is not looked at: it is held in memory, beside what else is.
const AHEAD_MOST: u64 = 32 << 20;

/// A registry of which one file is here.
struct Held {
    inner: Option<Arc<dyn Registry>>,
    file: HeldFile,
}

impl Held {
    fn is_it(&self, artifact: &RemoteArtifact) -> bool {
        let mut published = artifact.digests.iter();
        artifact.filename == self.file.filename
            || published.any(|d| d.algorithm.is_strong() && self.file.digests.contains(d))
    }
}

#[async_trait]
impl Registry for Held {
    fn ecosystem(&self) -> Ecosystem {
        self.file.release.ecosystem
    }

    fn endpoints(&self) -> &[Endpoint] {
        self.inner.as_ref().map_or(&[], |inner| inner.endpoints())
    }

    async fn lookup(
        &self,
        name: &PackageName,
        version: Option<&str>,
    ) -> Result<ReleaseMetadata, RegistryError> {
        if let Some(inner) = &self.inner {
            return inner.lookup(name, version).await;
        }
        let mut record = ReleaseMetadata::new(self.file.release.clone());
        record.artifacts.push(RemoteArtifact {
            filename: self.file.filename.clone(),
            url: "".into(),
            digests: self.file.digests.clone(),
            size: self.file.file.size(),
            uploaded: None,
            yanked: None,
            kind: kind(self.file.release.ecosystem, &self.file.filename),
            compatible: true,
            provenance: None,
        });
        Ok(record)
    }

    async fn outline(
        &self,
        name: &PackageName,
        version: Option<&str>,
    ) -> Result<ReleaseMetadata, RegistryError> {
        match &self.inner {
            Some(inner) => inner.outline(name, version).await,
            None => self.lookup(name, version).await,
        }
    }

    fn is_at_hand(&self, artifact: &RemoteArtifact) -> bool {
        self.is_it(artifact)
    }

    async fn comes(&self, artifact: &RemoteArtifact) {
        if self.is_it(artifact) {
            self.file.file.clone().whole().await;
        }
    }

    async fn download(
        &self,
        artifact: &RemoteArtifact,
        max_bytes: u64,
    ) -> Result<Download, RegistryError> {
        if let Some(inner) = self.inner.as_ref().filter(|_| !self.is_it(artifact)) {
            return inner.download(artifact, max_bytes).await;
        }
        let read = self.file.file.clone().read(max_bytes).await;
        let bytes = read.ok_or(RegistryError::BrokeOff)??;
        Ok(Download {
            index_digest: digests::check(&bytes, &artifact.digests),
            bytes,
            from_cache: true,
        })
    }
}

fn kind(ecosystem: Ecosystem, filename: &str) -> ArtifactKind {
    match ecosystem {
        Ecosystem::Pypi if filename.ends_with(".whl") => ArtifactKind::Wheel,
        Ecosystem::Pypi => ArtifactKind::Sdist,
        Ecosystem::Npm => ArtifactKind::NpmTarball,
        Ecosystem::Cargo => ArtifactKind::Crate,
        _ => ArtifactKind::Archive,
    }
}
