//! The sinks of `foretaste watch` as the gate's way to people.

use async_trait::async_trait;
use foretaste_gate::{Alarm, Alert};
use foretaste_io::{Environment, HttpClient, HttpOptions};
use foretaste_watch::{Book, BookError, Event, EventKind, Sender, deliver};
use jiff::Timestamp;

/// What they are told that is watched.
const WATCHED: &str = "the gate";

/// Tells the sinks that `foretaste watch sink` keeps for this user.
pub(crate) struct SinkAlarm {
    book: Book,
    environment: Environment,
}

impl SinkAlarm {
    /// None where nothing can be kept.
    pub(crate) fn of_user(environment: &Environment) -> Option<Self> {
        let book = Book::of_user(environment).ok()?;
        Some(Self {
            book,
            environment: environment.clone(),
        })
    }

    async fn deliver(&self, event: Event) -> Result<(), BookError> {
        let now = Timestamp::now();
        let id = format!("gate-{}", now.as_nanosecond());
        // written down first: what is not taken now is told by the next `foretaste watch run`
        let told = self
            .book
            .change(|contents| contents.tell(WATCHED, &[event], now, |_| id.clone()))?;
        if told == 0 {
            return Ok(());
        }
        let sender = Sender {
            http: HttpClient::new(HttpOptions::from_environment(&self.environment)),
            environment: self.environment.clone(),
        };
        for failure in deliver(&self.book, &sender, now).await?.failures {
            tracing::warn!(
                sink = failure.sink,
                why = failure.why,
                "a sink was not told"
            );
        }
        Ok(())
    }
}

#[async_trait]
impl Alarm for SinkAlarm {
    async fn tell(&self, alert: Alert) {
        if let Err(error) = self.deliver(event(alert)).await {
            tracing::error!(%error, "the sinks were not told");
        }
    }
}

fn event(alert: Alert) -> Event {
    let whom = if alert.served_to.is_empty() {
        "it was served to nobody".to_owned()
    } else {
        format!("it was served to {}", alert.served_to.join(", "))
    };
    let (ecosystem, name) = (alert.release.ecosystem.id(), &alert.release.name);
    let version = &alert.release.version;
    Event {
        kind: EventKind::Worse,
        release: format!("{ecosystem}:{name}@{version}"),
        level: alert.now,
        before: Some(alert.before),
        now: Some(alert.now),
        findings: alert.reasons,
        advice: Some(format!(
            "{whom} as {}; whether it still is: foretaste gate explain {ecosystem}:{name} {version}",
            alert.filename
        )),
        path: Vec::new(),
    }
}
