//! The trait.

use async_trait::async_trait;
use foretaste_model::metadata::{ReleaseMetadata, RemoteArtifact};
use foretaste_model::{Ecosystem, PackageName};

use crate::{Download, Endpoint, RegistryError};

/// One ecosystem's registry as this machine's client is configured to use it: the default index and the extra ones.
#[async_trait]
pub trait Registry: Send + Sync {
    /// The ecosystem.
    fn ecosystem(&self) -> Ecosystem;

    /// The endpoints that are asked, in order, with where each was configured.
    fn endpoints(&self) -> &[Endpoint];

    /// What the registry says about a release. With a version, that one (yanked or not); without, the one that the
    /// client would choose on this machine: the newest that is neither yanked nor a pre-release, unless there is no
    /// other. Nothing is executed, and nothing but metadata is fetched.
    ///
    /// # Errors
    /// See [`RegistryError`]; [`RegistryError::NotFound`] only if every endpoint answered that it has no such package.
    async fn lookup(
        &self,
        name: &PackageName,
        version: Option<&str>,
    ) -> Result<ReleaseMetadata, RegistryError>;

    /// As much of [`Self::lookup`] as the index itself tells: the release, the history and the artifacts are there;
    /// whatever costs a further request may be missing. For releases that others are only compared with.
    ///
    /// # Errors
    /// As [`Self::lookup`].
    async fn outline(
        &self,
        name: &PackageName,
        version: Option<&str>,
    ) -> Result<ReleaseMetadata, RegistryError> {
        self.lookup(name, version).await
    }

    /// True if the bytes of this artifact are not the index's to promise: they are at hand, and must be looked at
    /// themselves whatever digests the index publishes.
    fn is_at_hand(&self, _artifact: &RemoteArtifact) -> bool {
        false
    }

    /// Waits for an artifact that somebody else is fetching. It takes nothing that others wait for.
    async fn comes(&self, _artifact: &RemoteArtifact) {}

    /// Downloads one artifact of at most `max_bytes` (see [`foretaste_model::Limits::artifact_bytes`]) and compares
    /// it with the published digests. A mismatch is a result, not an error: it is evidence.
    ///
    /// # Errors
    /// See [`RegistryError`].
    async fn download(
        &self,
        artifact: &RemoteArtifact,
        max_bytes: u64,
    ) -> Result<Download, RegistryError>;
}
