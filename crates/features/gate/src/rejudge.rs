//! Verdicts of an earlier edition of rules and advisories are made anew; whoever was served what is bad now is named.

use std::sync::Arc;
use std::time::Duration;

use foretaste_model::{ReleaseId, Verdict};

use crate::alarm::Alert;
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
        let (blobs, most) = (gate.blobs.clone(), gate.settings().storage.cache_bytes());
        match tokio::task::spawn_blocking(move || blobs.trim(most)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the cache of files cannot be trimmed"),
            Err(error) => tracing::warn!(%error, "trimming the cache of files broke off"),
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
        let mut done = 0;
        loop {
            // it may change while verdicts are made: each is stored with the edition of its moment
            let edition = self.vetter.edition().await;
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
        let was_here = self.blobs.find(&kept.sha256).is_some();
        let brought = self.blobs.bring(&kept.sha256).await;
        let brought = brought.map_err(|e| GateError::Blob(e.to_string()))?;
        let Some(blob) = brought else {
            // its bytes are gone: when they are fetched again, they are vetted again
            self.database.forget_verdict(kept).await?;
            self.touch(&key(kept.ecosystem, &kept.name));
            return Ok(());
        };
        let vetting = Vetting {
            kept,
            blob: &blob,
            digests: vec![sha256(&kept.sha256)],
            begun: None,
        };
        let change = self.vet_and_store(vetting).await;
        if !was_here {
            self.blobs.let_go(&blob)?;
        }
        let change = change?;
        let verdict = change.vetted.verdict;
        let before = change.before.filter(|before| verdict > *before);
        if let Some(before) = before.filter(|_| verdict != Verdict::Incomplete) {
            self.alert(kept, before, &change).await?;
        }
        Ok(())
    }

    /// Names whoever was served a file whose verdict became worse.
    async fn alert(&self, kept: &Kept, before: Verdict, change: &Change) -> Result<(), GateError> {
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
        if let Some(alarm) = &self.alarm {
            let alert = Alert {
                release,
                filename: kept.filename.clone(),
                before,
                now: verdict,
                reasons: change.vetted.reasons.clone(),
                served_to: who,
            };
            alarm.tell(alert).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use async_trait::async_trait;
    use foretaste_io::files::Draft;
    use foretaste_io::{Environment, HttpOptions};
    use foretaste_model::Ecosystem;

    use super::*;
    use crate::gate::GateOptions;
    use crate::settings::Settings;
    use crate::vet::{Sample, Vetted, Vetter};

    /// Finds nothing; its rules change after they were asked for once.
    #[derive(Default)]
    struct Changing(AtomicU32);

    #[async_trait]
    impl Vetter for Changing {
        async fn vet(&self, _sample: Sample) -> Vetted {
            clear()
        }

        async fn edition(&self) -> String {
            let before = self.0.fetch_add(1, Ordering::SeqCst);
            before.min(1).to_string()
        }
    }

    fn clear() -> Vetted {
        Vetted {
            verdict: Verdict::Clear,
            score: 0.0,
            reasons: Vec::new(),
            report: serde_json::Value::Null,
        }
    }

    #[tokio::test]
    async fn rules_that_change_meanwhile_are_no_endless_loop() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = "data = 'data'\n[upstream]\npypi = []\nnpm = []\ncargo = []\n";
        let gate = Gate::open(GateOptions {
            settings: Settings::parse("gate.toml", text, folder.path()).expect("settings"),
            internal_names: Vec::new(),
            environment: Environment::below(folder.path()),
            http: HttpOptions::default(),
            vetter: Arc::new(Changing::default()),
            alarm: None,
            advisories: None,
            serves_itself_alone: true,
        })
        .await
        .expect("the gate opens");
        let hex = "ab".repeat(32);
        let draft = Draft::in_folder(&gate.blobs.drafts()).expect("a draft");
        gate.blobs.keep(draft, &hex).await.expect("kept");
        for number in 0..ROUND {
            let kept = Kept {
                internal: false,
                ecosystem: Ecosystem::Pypi,
                name: format!("p{number}"),
                version: "1".to_owned(),
                filename: format!("p{number}-1.tar.gz"),
                sha256: hex.clone(),
            };
            let stored = gate.database.keep(&kept, 0, ("", "", None)).await;
            stored.expect("kept");
            let judged = gate.database.judge(&kept, &clear(), "an old one").await;
            judged.expect("judged");
        }
        let again = tokio::time::timeout(Duration::from_mins(1), gate.judge_again()).await;
        let done = again.expect("it ends").expect("it works");
        assert_eq!(done, ROUND as usize);
        gate.close().await;
    }
}
