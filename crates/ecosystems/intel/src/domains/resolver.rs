//! Who asks the DNS, and remembers what it said: in this run and, with its time to live, beyond it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use foretaste_io::{Dated, Dns, DnsAnswer, DnsError, HttpClient, Notebook, RecordKind};
use foretaste_model::{SkipKind, SkipReason};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::{OnceCell, Semaphore};

use crate::options::NOT_AGAIN;

/// Questions at the same time.
const AT_ONCE: usize = 16;
/// Questions at the same time that nobody waits for.
const ASIDE: usize = 8;
/// An answer is kept no longer without asking again, whatever its time to live.
const LONGEST: Duration = Duration::from_hours(24);

/// A resolver that is asked once before it is asked many times, and each question once: the packages of a project share
/// their domains, and all of them hear the same.
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    dns: Dns,
    state: Arc<tokio::sync::Mutex<State>>,
    answers: Arc<Mutex<HashMap<(String, RecordKind), Answer>>>,
    turns: Arc<Semaphore>,
    aside: Arc<Semaphore>,
    memory: Option<Memory>,
}

/// An answer that came, or is on its way.
type Answer = Arc<OnceCell<Result<DnsAnswer, SkipReason>>>;

#[derive(Debug)]
enum State {
    Unknown,
    Answers,
    Gone(SkipReason),
}

/// What earlier runs heard.
#[derive(Clone, Debug)]
struct Memory {
    notes: Notebook,
    offline: bool,
    refresh: bool,
    /// An answer is kept for at least so long.
    shortest: Duration,
    /// Beyond that, an answer is used for so long while it is asked for again.
    stale_for: Duration,
}

/// A question's outcome, as it is noted.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Heard {
    Answer(DnsAnswer),
    Nothing(SkipReason),
}

impl From<Heard> for Result<DnsAnswer, SkipReason> {
    fn from(heard: Heard) -> Self {
        match heard {
            Heard::Answer(answer) => Ok(answer),
            Heard::Nothing(reason) => Err(reason),
        }
    }
}

impl Resolver {
    /// A resolver that keeps what it hears beside the pages of a client, and is as patient.
    pub(crate) fn new(dns: Dns, http: &HttpClient) -> Self {
        let options = http.options();
        let memory = http.notebook().map(|notes| Memory {
            notes,
            offline: options.offline,
            refresh: options.refresh,
            shortest: options.default_freshness,
            stale_for: options.stale_for,
        });
        Self {
            dns,
            state: Arc::new(tokio::sync::Mutex::new(State::Unknown)),
            answers: Arc::default(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            aside: Arc::new(Semaphore::new(ASIDE)),
            memory,
        }
    }

    pub(crate) async fn lookup(
        &self,
        name: &str,
        kind: RecordKind,
    ) -> Result<DnsAnswer, SkipReason> {
        let answer = {
            let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(answers.entry((name.to_owned(), kind)).or_default())
        };
        let heard = answer.get_or_init(|| self.remember_or_ask(name, kind));
        heard.await.clone()
    }

    async fn remember_or_ask(&self, name: &str, kind: RecordKind) -> Result<DnsAnswer, SkipReason> {
        let Some(memory) = &self.memory else {
            return self.ask(name, kind).await.map(|dated| dated.answer);
        };
        let key = format!("dns {} {name} {kind:?}", self.dns.servers());
        let noted = memory.notes.read::<Heard>(&key);
        let noted = noted.filter(|_| !memory.refresh);
        let now = Timestamp::now();
        match noted {
            Some(note) if memory.offline || note.is_fresh(now) => return note.value.into(),
            // that there is no such name accuses somebody: it is asked for again before it is said
            Some(note)
                if matches!(
                    note.value,
                    Heard::Answer(DnsAnswer::Found | DnsAnswer::Empty)
                ) && note.is_stale_by_at_most(memory.stale_for, now) =>
            {
                let (resolver, name, memory) = (self.clone(), name.to_owned(), memory.clone());
                tokio::spawn(async move {
                    let _turn = resolver.aside.acquire().await;
                    // what was heard before is worth more than nothing
                    if let Ok(dated) = resolver.dns.lookup(&name, kind).await {
                        memory.keep(&key, &Ok(dated));
                    }
                });
                return note.value.into();
            }
            _ => {}
        }
        if memory.offline {
            let why = "the DNS is not asked (--offline)";
            return Err(SkipReason::new(SkipKind::Offline, why));
        }
        let heard = self.ask(name, kind).await;
        memory.keep(&key, &heard);
        heard.map(|dated| dated.answer)
    }

    async fn ask(&self, name: &str, kind: RecordKind) -> Result<Dated, SkipReason> {
        let failed = |e: &DnsError| SkipReason::new(SkipKind::Failed, e.to_string());
        let mut state = self.state.lock().await;
        match &*state {
            State::Gone(reason) => return Err(reason.clone()),
            State::Unknown => {
                let answer = self.twice(name, kind).await;
                *state = match &answer {
                    Err(error @ DnsError::Unreachable { .. }) => State::Gone(failed(error)),
                    _ => State::Answers,
                };
                return answer.map_err(|e| failed(&e));
            }
            State::Answers => {}
        }
        drop(state);
        let Ok(_turn) = self.turns.acquire().await else {
            return Err(SkipReason::new(SkipKind::Failed, "the run ended"));
        };
        self.twice(name, kind).await.map_err(|e| failed(&e))
    }

    /// Asks again if nothing came: a resolver drops a question now and then, or this machine was busy.
    async fn twice(&self, name: &str, kind: RecordKind) -> Result<Dated, DnsError> {
        match self.dns.lookup(name, kind).await {
            Err(DnsError::Unreachable { .. }) => self.dns.lookup(name, kind).await,
            other => other,
        }
    }
}

impl Memory {
    fn keep(&self, key: &str, heard: &Result<Dated, SkipReason>) {
        let (heard, fresh) = match heard {
            Ok(dated) => {
                let fresh = dated.holds.max(self.shortest).min(LONGEST);
                (Heard::Answer(dated.answer), fresh)
            }
            Err(reason) => (Heard::Nothing(reason.clone()), NOT_AGAIN),
        };
        self.notes.write(key, heard, fresh);
    }
}
