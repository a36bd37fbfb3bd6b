//! The questions, and what their answers add up to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use foretaste_io::{Dns, DnsAnswer, DnsError, RecordKind};
use foretaste_model::intel::{DomainFacts, DomainUsage};
use foretaste_model::{Knowledge, SkipKind, SkipReason};
use tokio::sync::{OnceCell, Semaphore};
use tokio::task::JoinSet;

use super::Registrations;
use super::names::Use;

/// A resolver that is asked once before it is asked many times, and each question once: the packages of a project share
/// their domains, and all of them hear the same.
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    dns: Dns,
    state: Arc<tokio::sync::Mutex<State>>,
    answers: Arc<Mutex<HashMap<(String, RecordKind), Answer>>>,
    turns: Arc<Semaphore>,
}

/// Questions at the same time.
const AT_ONCE: usize = 16;

/// An answer that came, or is on its way.
type Answer = Arc<OnceCell<Result<DnsAnswer, SkipReason>>>;

#[derive(Debug)]
enum State {
    Unknown,
    Answers,
    Gone(SkipReason),
}

impl Resolver {
    pub(crate) fn new(dns: Dns) -> Self {
        Self {
            dns,
            state: Arc::new(tokio::sync::Mutex::new(State::Unknown)),
            answers: Arc::default(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    async fn lookup(&self, name: &str, kind: RecordKind) -> Result<DnsAnswer, SkipReason> {
        let answer = {
            let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(answers.entry((name.to_owned(), kind)).or_default())
        };
        answer.get_or_init(|| self.ask(name, kind)).await.clone()
    }

    async fn ask(&self, name: &str, kind: RecordKind) -> Result<DnsAnswer, SkipReason> {
        let failed = |e: &DnsError| SkipReason::new(SkipKind::Failed, e.to_string());
        let mut state = self.state.lock().await;
        match &*state {
            State::Gone(reason) => return Err(reason.clone()),
            State::Unknown => {
                let answer = self.dns.lookup(name, kind).await;
                *state = match &answer {
                    Err(error @ DnsError::Unreachable { .. }) => {
                        State::Gone(SkipReason::new(SkipKind::Failed, error.to_string()))
                    }
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
        let answer = match self.dns.lookup(name, kind).await {
            // who answered before has dropped this one question, or this machine was busy
            Err(DnsError::Unreachable { .. }) => self.dns.lookup(name, kind).await,
            other => other,
        };
        answer.map_err(|e| failed(&e))
    }

    /// A resolver of a closed network denies every public name. It knows nothing, so it accuses nobody: a name is only
    /// said not to exist by a resolver that knows the name's top-level domain.
    async fn knows_public_names(&self, domain: &str) -> Result<(), SkipReason> {
        let top = domain.rsplit('.').next().unwrap_or(domain);
        match self.lookup(top, RecordKind::Ns).await? {
            DnsAnswer::NoSuchName => Err(SkipReason::new(
                SkipKind::Unsupported,
                "the DNS resolver here does not know public names",
            )),
            DnsAnswer::Found | DnsAnswer::Empty => Ok(()),
        }
    }

    /// Whether mail can be delivered: to a mail exchanger, else to the address itself (RFC 5321, section 5.1).
    async fn receives_mail(&self, name: &str) -> Option<bool> {
        for kind in [RecordKind::Mx, RecordKind::A, RecordKind::Aaaa] {
            match self.lookup(name, kind).await.ok()? {
                DnsAnswer::Found => return Some(true),
                DnsAnswer::NoSuchName => return Some(false),
                DnsAnswer::Empty => {}
            }
        }
        Some(false)
    }

    async fn one(
        &self,
        what: &Use,
        registrations: &Registrations,
    ) -> Result<DomainFacts, SkipReason> {
        let mut facts = DomainFacts {
            domain: what.domain.as_str().into(),
            usage: what.usage,
            exists: true,
            receives_mail: None,
            registered: None,
            expires: None,
        };
        if what.well_known {
            return Ok(facts);
        }
        let (answer, registration) = tokio::join!(
            self.lookup(&what.domain, RecordKind::Ns),
            registrations.of(what)
        );
        facts.registered = registration.registered;
        facts.expires = registration.expires;
        facts.exists = answer? != DnsAnswer::NoSuchName;
        if !facts.exists {
            self.knows_public_names(&what.domain).await?;
        }
        if what.usage == DomainUsage::Email {
            facts.receives_mail = if facts.exists {
                self.receives_mail(&what.full).await
            } else {
                Some(false)
            };
        }
        Ok(facts)
    }
}

/// Asks about every domain at the same time. If one of them has no definite answer, the whole is skipped, unless
/// another one gave reason for concern.
pub(crate) async fn describe(
    resolver: &Resolver,
    registrations: &Registrations,
    uses: &[Use],
) -> Knowledge<Vec<DomainFacts>> {
    let mut tasks = JoinSet::new();
    for what in uses {
        let (resolver, registrations, what) =
            (resolver.clone(), registrations.clone(), what.clone());
        tasks.spawn(async move { resolver.one(&what, &registrations).await });
    }
    let mut known = Vec::new();
    let mut skipped: Option<SkipReason> = None;
    while let Some(done) = tasks.join_next().await {
        match done {
            Ok(Ok(facts)) => known.push(facts),
            Ok(Err(reason)) => {
                // the same one whatever the order in which answers come
                skipped = Some(skipped.map_or(reason.clone(), |s| s.min(reason)));
            }
            Err(error) => {
                return Knowledge::skip(SkipKind::Failed, format!("a look-up broke off: {error}"));
            }
        }
    }
    known.sort_by(|a, b| (a.usage, &a.domain).cmp(&(b.usage, &b.domain)));
    let concern = known
        .iter()
        .any(|d| !d.exists || d.receives_mail == Some(false));
    match skipped {
        Some(reason) if !concern => Knowledge::Skipped(reason),
        _ => Knowledge::Known(known),
    }
}
