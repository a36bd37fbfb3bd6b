//! Publishing, whatever the ecosystem: permission, name, vetting, and only then the record.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use foretaste_io::files::Draft;
use foretaste_model::ReleaseId;

use crate::admit::Admission;
use crate::candidate::Candidate;
use crate::database::{EventKind, Upload};
use crate::gate::{Gate, key};
use crate::outage::{self, Outage};
use crate::record::Key;
use crate::web::{self, Caller};

/// What somebody wants to publish.
pub(crate) struct Proposal<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) upload: Upload,
    pub(crate) draft: Draft,
}

/// Why something is not published.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It is not well-formed, or there already.
    Bad(String),
    /// No credentials came.
    Unauthorized(&'static str),
    /// The credentials or the policy do not allow it.
    Forbidden(String),
    /// The gate cannot do it now.
    Trouble(String),
}

impl Refusal {
    /// The message.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Bad(text) | Self::Forbidden(text) | Self::Trouble(text) => text,
            Self::Unauthorized(text) => text,
        }
    }

    /// The status.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Bad(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Trouble(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// As plain text.
    pub(crate) fn as_text(&self) -> Response {
        match self {
            Self::Unauthorized(text) => web::unauthorized(text),
            Self::Trouble(text) => web::trouble(text),
            other => web::text(other.status(), other.message()),
        }
    }
}

impl<E: Outage> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Trouble(outage::told(&error))
    }
}

impl Gate {
    /// Whether somebody may publish under a name at all. Nothing changes that cannot be written down.
    pub(crate) async fn may_publish(&self, caller: &Caller, key: &Key) -> Result<(), Refusal> {
        if caller.is_anonymous() {
            return Err(Refusal::Unauthorized("publishing needs a token"));
        }
        let (ecosystem, name) = key;
        if !caller.may_publish(*ecosystem, name) {
            return Err(Refusal::Forbidden(format!(
                "the token `{}` may not publish {name}",
                caller.principal.name()
            )));
        }
        if let Some(reason) = self.journal.trouble_now().await {
            return Err(Refusal::Trouble(reason));
        }
        let record = self.record(key).await?;
        if !self.owns(key, &record) && !record.fetched.is_empty() {
            return Err(Refusal::Forbidden(format!(
                "{name} is served from an upstream here; an administrator can put it into `owned` of gate.toml"
            )));
        }
        Ok(())
    }

    /// Publishes a file. When this returns, it survives a power cut.
    pub(crate) async fn publish(self: &Arc<Self>, proposal: Proposal<'_>) -> Result<(), Refusal> {
        let Proposal {
            caller,
            upload,
            draft,
        } = proposal;
        let key = key(upload.ecosystem, &upload.name);
        self.may_publish(caller, &key).await?;
        let record = self.record(&key).await?;
        let same = record
            .uploads
            .iter()
            .find(|u| u.filename == upload.filename);
        if let Some(same) = same {
            // sent again after a lost answer: what was wanted is so
            return if same.sha256 == upload.sha256 {
                Ok(())
            } else {
                Err(exists(&upload.filename, &same.sha256))
            };
        }
        self.blobs.keep(draft, &upload.sha256).await?;
        let release = ReleaseId::new(upload.ecosystem, key.1.as_str(), &upload.version);
        if self.settings().decide.vet_uploads {
            self.vet_upload(caller, &release, &upload).await?;
        }
        if !self.database.publish(&upload).await? {
            return Err(exists(&upload.filename, "another"));
        }
        self.touch(&key);
        let who = caller.principal.name();
        let what = format!("{} (sha256 {})", upload.filename, upload.sha256);
        self.log(EventKind::Publish, Some(&release), "published", &what, who)
            .await;
        Ok(())
    }

    async fn vet_upload(
        self: &Arc<Self>,
        caller: &Caller,
        release: &ReleaseId,
        upload: &Upload,
    ) -> Result<(), Refusal> {
        let key = key(upload.ecosystem, &upload.name);
        let candidate = Candidate::of_upload(&key, upload);
        match self.admit(&candidate, "").await? {
            Admission::Serve(..) => Ok(()),
            Admission::Turned(ruling) => {
                let who = caller.principal.name();
                self.log(
                    EventKind::Publish,
                    Some(release),
                    "refused",
                    &ruling.reason,
                    who,
                )
                .await;
                Err(Refusal::Forbidden(ruling.line()))
            }
            Admission::Later(reason) | Admission::Gone(reason) => Err(Refusal::Trouble(reason)),
        }
    }
}

/// In the words that twine and uv look for.
fn exists(filename: &str, sha256: &str) -> Refusal {
    Refusal::Bad(format!(
        "File already exists: {filename} was published with other content (sha256 {sha256}); choose another version"
    ))
}
