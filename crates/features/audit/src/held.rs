//! Auditing a file that is here already: of a release of a registry, or of one that no registry knows.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use foretaste_io::{digests, files};
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

/// A file on this disk.
#[derive(Clone, Debug)]
pub struct HeldFile {
    /// The release it belongs to.
    pub release: ReleaseId,
    /// Its name.
    pub filename: Box<str>,
    /// Where it lies.
    pub path: PathBuf,
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

    /// The digest of the rules in force.
    pub fn rules(&self) -> String {
        self.judge().digest()
    }
}

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
            size: files::size(&self.file.path).ok(),
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

    async fn download(
        &self,
        artifact: &RemoteArtifact,
        max_bytes: u64,
    ) -> Result<Download, RegistryError> {
        if let Some(inner) = self.inner.as_ref().filter(|_| !self.is_it(artifact)) {
            return inner.download(artifact, max_bytes).await;
        }
        let bytes = files::read(&self.file.path, max_bytes)?;
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
