//! Other gates on the same database: what one of them changes, the others read anew.

use std::collections::HashSet;
use std::sync::Weak;
use std::time::Duration;

use foretaste_model::Ecosystem;
use tokio::sync::mpsc;

use crate::database::Database;
use crate::gate::{Gate, key};
use crate::identity::random;
use crate::record::Key;

/// How often it is asked what the others changed.
const EVERY: Duration = Duration::from_millis(300);
/// For at least so many times what is new is read again, and for at most twice as many: an insertion that takes longer than
/// others shows an earlier change later.
const AGAIN: u32 = 20;
/// After so many times (ten minutes), changes that everybody has read are forgotten. So is what is kept in memory: a gate that
/// was killed told nobody what it changed last.
const TIDY: u32 = 2_000;
/// Changes that are told at once.
const BATCH: usize = 64;

/// The way to them; there are none behind a file of SQLite.
#[derive(Debug)]
pub(crate) struct Siblings {
    instance: String,
    changes: Option<mpsc::UnboundedSender<Key>>,
}

impl Siblings {
    pub(crate) fn of(database: &Database) -> Self {
        let instance = hex::encode(random::<8>());
        let changes = database.is_shared().then(|| {
            let (changes, told) = mpsc::unbounded_channel();
            tokio::spawn(tell(database.clone(), instance.clone(), told));
            changes
        });
        Self { instance, changes }
    }

    /// Tells them that something about a package changed.
    pub(crate) fn tell(&self, key: &Key) {
        if let Some(changes) = &self.changes {
            let _ = changes.send(key.clone());
        }
    }
}

async fn tell(database: Database, instance: String, mut told: mpsc::UnboundedReceiver<Key>) {
    let mut batch = Vec::new();
    while told.recv_many(&mut batch, BATCH).await > 0 {
        let keys: HashSet<Key> = batch.drain(..).collect();
        let packages: Vec<(&str, &str)> = keys
            .iter()
            .map(|(ecosystem, name)| (ecosystem.id(), name.as_str()))
            .collect();
        while let Err(error) = database.tell_changes(&instance, &packages).await {
            tracing::warn!(%error, "the other gates cannot be told what changed");
            if told.is_closed() {
                return;
            }
            tokio::time::sleep(EVERY).await;
        }
    }
}

/// Listens to them for as long as the gate is open. `newest` is the newest change before it was.
pub(crate) async fn listen(gate: Weak<Gate>, newest: i64) {
    let (mut since, mut next, mut last) = (newest, newest, newest);
    let mut seen = HashSet::new();
    for round in 1_u32.. {
        tokio::time::sleep(EVERY).await;
        let Some(gate) = gate.upgrade() else { return };
        match gate.database.changes_since(since).await {
            Ok(changes) => {
                for change in changes {
                    last = last.max(change.id);
                    if seen.insert(change.id)
                        && change.instance != gate.siblings.instance
                        && let Some(ecosystem) = Ecosystem::from_prefix(&change.ecosystem)
                    {
                        gate.forget(&key(ecosystem, &change.name));
                    }
                }
            }
            Err(error) => {
                tracing::warn!(%error, "what other gates changed is not known");
                // then nothing is: better no answer than one that somebody took back
                gate.forget_everything();
            }
        }
        if round.is_multiple_of(AGAIN) {
            (since, next) = (next, last);
            seen.retain(|id| *id > since);
        }
        if round.is_multiple_of(TIDY) {
            gate.forget_everything();
            if let Err(error) = gate.database.forget_changes().await {
                tracing::warn!(%error, "old changes cannot be forgotten");
            }
        }
    }
}
