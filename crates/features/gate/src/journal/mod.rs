//! The log of decisions, downloads and changes, as it is written: in batches, beside the requests. What repeats is counted, and
//! what cannot be written now waits in memory for when it can.

mod backlog;
mod repeats;

use foretaste_model::words::counted;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use self::backlog::Backlog;
use self::repeats::Repeats;
use crate::database::{Database, Event, EventKind, now};
use crate::outage::Outage as _;

/// Events that may wait to be taken; a client that causes more waits itself.
const WAITING: usize = 4096;
/// Events of one transaction.
const BATCH: usize = 2048;
/// How long a batch gathers.
const GATHER: Duration = Duration::from_millis(50);
/// How soon something is looked after again that waits for its time.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

enum Entry {
    Event(Box<Event>),
    Flush(oneshot::Sender<()>),
}

/// Takes events and writes them.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    entries: mpsc::Sender<Entry>,
    state: Arc<State>,
}

/// How the writing goes.
#[derive(Debug, Default)]
struct State {
    /// Why nothing can be written, if so, in words for a client.
    trouble: Mutex<Option<String>>,
    waiting: AtomicU64,
    lost: AtomicU64,
}

/// What waits to be written and what was lost, in lines of the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lines {
    pub(crate) waiting: u64,
    pub(crate) lost: u64,
}

impl Journal {
    /// Begins to write.
    pub(crate) fn start(database: Database) -> Self {
        let (entries, arriving) = mpsc::channel(WAITING);
        let state = Arc::<State>::default();
        let writer = Writer {
            database,
            state: Arc::clone(&state),
            repeats: Repeats::new(Instant::now()),
            backlog: Backlog::default(),
            tried: None,
        };
        tokio::spawn(writer.run(arriving));
        Self { entries, state }
    }

    /// Adds an event.
    pub(crate) async fn add(&self, event: Event) {
        let _ = self.entries.send(Entry::Event(Box::new(event))).await;
    }

    /// Waits until everything so far is written, or cannot be.
    pub(crate) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.entries.send(Entry::Flush(done)).await.is_ok() {
            let _ = written.await;
        }
    }

    /// Why nothing can be written, if that is so.
    pub(crate) fn trouble(&self) -> Option<String> {
        let trouble = self.state.trouble.lock();
        trouble.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Why nothing can be written, tried once more: what changes something must not go by unseen.
    pub(crate) async fn trouble_now(&self) -> Option<String> {
        self.trouble()?;
        self.flush().await;
        self.trouble()
    }

    pub(crate) fn lines(&self) -> Lines {
        Lines {
            waiting: self.state.waiting.load(Ordering::Relaxed),
            lost: self.state.lost.load(Ordering::Relaxed),
        }
    }
}

struct Writer {
    database: Database,
    state: Arc<State>,
    repeats: Repeats,
    backlog: Backlog,
    /// When writing failed last, while it does.
    tried: Option<Instant>,
}

impl Writer {
    async fn run(mut self, mut arriving: mpsc::Receiver<Entry>) {
        let mut batch = Vec::new();
        loop {
            let idle = self.repeats.is_empty() && self.backlog.is_empty();
            let taken = if idle {
                arriving.recv_many(&mut batch, BATCH).await
            } else {
                let more = arriving.recv_many(&mut batch, BATCH);
                timeout(LOOK_AGAIN, more).await.unwrap_or(usize::MAX)
            };
            if taken == 0 {
                break;
            }
            let (mut waiting, now) = (Vec::new(), Instant::now());
            for entry in batch.drain(..) {
                match entry {
                    Entry::Event(event) => self.take(*event, now),
                    Entry::Flush(done) => waiting.push(done),
                }
            }
            let asked = !waiting.is_empty();
            for event in self.repeats.over(now, asked) {
                self.keep(event);
            }
            if asked || self.tried.is_none_or(|at| at.elapsed() >= LOOK_AGAIN) {
                self.write().await;
            }
            for done in waiting {
                let _ = done.send(());
            }
            if taken < BATCH && !arriving.is_closed() {
                tokio::time::sleep(GATHER).await;
            }
        }
        let now = Instant::now();
        for event in self.repeats.over(now, true) {
            self.keep(event);
        }
        self.write().await;
        if !self.backlog.is_empty() {
            let lost = self.backlog.len();
            tracing::error!(
                lost,
                "the gate ends, and lines of its log were never written"
            );
        }
    }

    fn take(&mut self, event: Event, now: Instant) {
        if let Some(event) = self.repeats.take(event, now) {
            self.keep(event);
        }
    }

    fn keep(&mut self, event: Event) {
        let lost = self.backlog.add(event);
        self.state.lost.fetch_add(lost, Ordering::Relaxed);
        self.tell_waiting();
    }

    fn tell_waiting(&self) {
        let waiting = self.backlog.len() as u64;
        self.state.waiting.store(waiting, Ordering::Relaxed);
    }

    /// Writes what waits, as far as that goes.
    async fn write(&mut self) {
        while !self.backlog.is_empty() {
            let some = self.backlog.first(BATCH);
            let count = some.len();
            match self.database.log(some).await {
                Ok(()) => {
                    self.backlog.drop_first(count);
                    self.tell_waiting();
                    self.goes_on();
                }
                Err(error) => {
                    if self.tried.is_none() {
                        tracing::error!(%error, "the log cannot be written; its lines wait in memory, and nothing can be published");
                    }
                    self.tried = Some(Instant::now());
                    let reason = format!(
                        "the gate's log cannot be written: {}",
                        error.without_place()
                    );
                    self.set_trouble(Some(reason));
                    return;
                }
            }
        }
    }

    /// The first lines were written after a time in which none could be.
    fn goes_on(&mut self) {
        if self.tried.take().is_none() {
            return;
        }
        self.set_trouble(None);
        let lost = self.backlog.take_lost();
        tracing::error!(lost, "the log is written again");
        if lost > 0 {
            self.keep(Event {
                at: now(),
                kind: EventKind::Alert.id().to_owned(),
                outcome: "log incomplete".to_owned(),
                reason: format!(
                    "not written down while the log could not be written: {}",
                    counted(lost, "download")
                ),
                ..Event::default()
            });
        }
    }

    fn set_trouble(&self, reason: Option<String>) {
        let trouble = self.state.trouble.lock();
        *trouble.unwrap_or_else(PoisonError::into_inner) = reason;
    }
}
