//! Verdicts of an earlier edition of rules and advisories are made anew; whoever was served what is bad now is named.

use std::sync::Arc;
use std::time::Duration;

use foretaste_model::{ReleaseId, Verdict};

use crate::candidate::sha256;
use crate::database::{EventKind, Kept, now};
use crate::gate::{Gate, GateError, key};
use crate::vet::{Change, Vetting};

/// How often it is looked whether there is a new edition.
const EVERY: Duration = Duration::from_mins(5);
/// Seconds until what could not be judged anew is tried once more.
const TRY_AGAIN: i64 = 30 * 60;
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
    /// Judges anew what has a verdict of another edition or an incomplete one, and says how much that was. Whoever was
    /// served what is worse now is named in an alert.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn judge_again(self: &Arc<Self>) -> Result<usize, GateError> {
        self.judge_again_tried_before(now() - TRY_AGAIN).await
    }

    /// The same, of what was not tried in vain since a moment, in seconds since the epoch.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn judge_again_tried_before(
        self: &Arc<Self>,
        moment: i64,
    ) -> Result<usize, GateError> {
        let edition = self.vetter.edition().await;
        let mut done = 0;
        loop {
            let outdated = self.database.outdated(&edition, moment, ROUND).await?;
            for kept in &outdated {
                self.judge_one_again(kept).await?;
            }
            done += outdated.len();
            if outdated.len() < ROUND as usize {
                return Ok(done);
            }
        }
    }

    async fn judge_one_again(&self, kept: &Kept) -> Result<(), GateError> {
        let Some(blob) = self.blobs.find(&kept.sha256) else {
            // its bytes are gone: when they are fetched again, they are vetted again
            self.database.forget_verdict(kept).await?;
            self.touch(&key(kept.ecosystem, &kept.name));
            return Ok(());
        };
        let vetting = Vetting {
            kept,
            blob: &blob,
            digests: vec![sha256(&kept.sha256)],
        };
        let change = self.vet_and_store(vetting).await?;
        let verdict = change.vetted.verdict;
        let is_worse = change.before.is_some_and(|before| verdict > before);
        if is_worse && verdict != Verdict::Incomplete {
            self.alert(kept, &change).await?;
        }
        Ok(())
    }

    /// Names whoever was served a file whose verdict became worse.
    async fn alert(&self, kept: &Kept, change: &Change) -> Result<(), GateError> {
        let release = ReleaseId::new(kept.ecosystem, &kept.name, &kept.version);
        let place = (
            kept.ecosystem.id(),
            kept.name.as_str(),
            kept.version.as_str(),
        );
        self.journal.flush().await;
        let who = self.database.served_to(place).await?;
        let first = change.vetted.reasons.first().map_or("", String::as_str);
        let whom = if who.is_empty() {
            "nobody".to_owned()
        } else {
            who.join(", ")
        };
        let reason = format!("{first}; {} was served to: {whom}", kept.filename);
        let verdict = change.vetted.verdict;
        self.log(EventKind::Alert, Some(&release), verdict.id(), &reason, "")
            .await;
        tracing::warn!(%release, %verdict, "a verdict became worse");
        Ok(())
    }
}
