//! Verdicts of an earlier edition of rules and advisories are made anew; whoever was served what is bad now is named.

use std::sync::Arc;
use std::time::Duration;

use foretaste_model::{Digest, DigestAlgorithm, ReleaseId};

use crate::database::{EventKind, Kept};
use crate::gate::{Gate, GateError, key};
use crate::vetter::Sample;

/// How often it is looked whether there is a new edition.
const EVERY: Duration = Duration::from_mins(5);
/// Files of one round.
const ROUND: u32 = 200;

/// Judges again, for ever.
pub(crate) async fn run(gate: Arc<Gate>) {
    loop {
        if let Err(error) = gate.judge_again().await {
            tracing::warn!(%error, "outdated verdicts cannot be renewed");
        }
        tokio::time::sleep(EVERY).await;
    }
}

impl Gate {
    /// Judges anew what has a verdict of another edition, and says how much that was. Whoever was served what is worse now
    /// is named in an alert.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn judge_again(self: &Arc<Self>) -> Result<usize, GateError> {
        let edition = self.vetter.edition().await;
        let mut done = 0;
        loop {
            let outdated = self.database.outdated(&edition, ROUND).await?;
            for kept in &outdated {
                self.judge_one_again(kept, &edition).await?;
            }
            done += outdated.len();
            if outdated.len() < ROUND as usize {
                return Ok(done);
            }
        }
    }

    async fn judge_one_again(&self, kept: &Kept, edition: &str) -> Result<(), GateError> {
        let Some(blob) = self.blobs.find(&kept.sha256) else {
            // its bytes are gone: when they are fetched again, they are vetted again
            self.database.forget_verdict(kept).await?;
            self.touch(&key(kept.ecosystem, &kept.name));
            return Ok(());
        };
        let key = key(kept.ecosystem, &kept.name);
        let record = self.record(&key).await?;
        let id = (kept.version.clone(), kept.sha256.clone());
        let before = record.judged.get(&id).map(|j| j.verdict);
        let release = ReleaseId::new(kept.ecosystem, &kept.name, &kept.version);
        let vetted = self
            .vetter
            .vet(Sample {
                release: release.clone(),
                filename: kept.filename.as_str().into(),
                path: blob.path,
                digests: vec![Digest {
                    algorithm: DigestAlgorithm::Sha256,
                    value: kept.sha256.as_str().into(),
                }],
                internal: false,
            })
            .await;
        self.database
            .judge(
                (kept.ecosystem, &kept.name, &kept.version),
                (&kept.filename, &kept.sha256),
                &vetted,
                edition,
            )
            .await?;
        self.touch(&key);
        if before.is_some_and(|before| vetted.verdict > before) {
            let place = (
                kept.ecosystem.id(),
                kept.name.as_str(),
                kept.version.as_str(),
            );
            self.journal.flush().await;
            let who = self.database.served_to(place).await;
            let who = who?;
            let first = vetted.reasons.first().map_or("", String::as_str);
            let reason = format!(
                "{first}; {} was served to: {}",
                kept.filename,
                if who.is_empty() {
                    "nobody".to_owned()
                } else {
                    who.join(", ")
                }
            );
            self.log(
                EventKind::Alert,
                Some(&release),
                vetted.verdict.id(),
                &reason,
                "",
            )
            .await;
            tracing::warn!(%release, verdict = %vetted.verdict, "a verdict became worse");
        }
        Ok(())
    }
}
