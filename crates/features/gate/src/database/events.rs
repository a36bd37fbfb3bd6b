//! The log of decisions, downloads and changes.

use schemars::JsonSchema;
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{Connection as _, Row};

use super::{Database, DatabaseResult, places};

/// Events of one statement.
const ROWS: usize = 64;
/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    /// A file was asked for, and served or refused.
    Download,
    /// A file was vetted, or vetted anew.
    Verdict,
    /// A verdict on what had been served before became worse.
    Alert,
    /// A package was published, yanked, unpublished.
    Publish,
    /// A person or an administrator's token changed something.
    Admin,
    /// Somebody asked for a release that was refused.
    Request,
}

impl EventKind {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Download,
        Self::Verdict,
        Self::Alert,
        Self::Publish,
        Self::Admin,
        Self::Request,
    ];

    /// Its name.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Download => "download",
            Self::Verdict => "verdict",
            Self::Alert => "alert",
            Self::Publish => "publish",
            Self::Admin => "admin",
            Self::Request => "request",
        }
    }
}

/// One line of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, JsonSchema)]
pub struct Event {
    /// Seconds since the epoch.
    pub at: i64,
    /// What happened: the name of an [`EventKind`].
    pub kind: String,
    /// The ecosystem, or nothing.
    pub ecosystem: String,
    /// The package, or nothing.
    pub name: String,
    /// The version, or nothing.
    pub version: String,
    /// The file, or nothing.
    pub filename: String,
    /// What came of it.
    pub outcome: String,
    /// Why.
    pub reason: String,
    /// The decision's id.
    pub decision: String,
    /// The token's name, or `anonymous`.
    pub who: String,
    /// Address and `User-Agent` of the client.
    pub client: String,
    /// How often the same happened again within a minute, without a line of its own.
    pub again: i64,
}

/// Who downloads most.
#[derive(Clone, Debug)]
pub(crate) struct Consumer {
    pub(crate) who: String,
    pub(crate) client: String,
    pub(crate) downloads: i64,
    pub(crate) refused: i64,
}

/// Downloads by what came of them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) served: i64,
    pub(crate) refused: i64,
    pub(crate) alerts: i64,
}

impl Event {
    /// Its texts, in the order of the table.
    pub(crate) fn texts(&self) -> [&str; 10] {
        [
            &self.kind,
            &self.ecosystem,
            &self.name,
            &self.version,
            &self.filename,
            &self.outcome,
            &self.reason,
            &self.decision,
            &self.who,
            &self.client,
        ]
    }
}

fn read(row: &AnyRow) -> Result<Event, sqlx::Error> {
    Ok(Event {
        at: row.try_get("at")?,
        kind: row.try_get("kind")?,
        ecosystem: row.try_get("ecosystem")?,
        name: row.try_get("name")?,
        version: row.try_get("version")?,
        filename: row.try_get("filename")?,
        outcome: row.try_get("outcome")?,
        reason: row.try_get("reason")?,
        decision: row.try_get("decision")?,
        who: row.try_get("who")?,
        client: row.try_get("client")?,
        again: row.try_get("again")?,
    })
}

impl Database {
    pub(crate) async fn log(&self, events: &[Event]) -> DatabaseResult<()> {
        self.wholly(async |connection| {
            let mut transaction = connection.begin().await?;
            for some in events.chunks(ROWS) {
                let sql = format!(
                    "INSERT INTO events (at, kind, ecosystem, name, version, filename, outcome, reason, decision, who, client, again) VALUES {}",
                    places(some.len(), 12)
                );
                let mut insert = sqlx::query(sqlx::AssertSqlSafe(sql));
                for event in some {
                    insert = insert.bind(event.at);
                    for text in event.texts() {
                        // PostgreSQL takes every character of a text but this
                        insert = insert.bind(text.replace('\0', "\u{fffd}"));
                    }
                    insert = insert.bind(event.again);
                }
                insert.execute(&mut *transaction).await?;
            }
            transaction.commit().await
        })
        .await
    }

    /// The newest events; of one kind, of one package, as far as those are given.
    pub(crate) async fn events(
        &self,
        kind: Option<&str>,
        package: Option<(&str, &str)>,
        limit: u32,
    ) -> DatabaseResult<Vec<Event>> {
        let (ecosystem, name) = package.unzip();
        sqlx::query(
            "SELECT * FROM events WHERE ($1 IS NULL OR kind = $1)
             AND ($2 IS NULL OR ecosystem = $2) AND ($3 IS NULL OR name = $3) ORDER BY id DESC LIMIT $4",
        )
        .bind(kind)
        .bind(ecosystem)
        .bind(name)
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await
        .and_then(|rows| rows.iter().map(read).collect())
        .map_err(|e| self.failed(e))
    }

    /// The number of the newest event.
    pub(crate) async fn newest_event(&self) -> DatabaseResult<i64> {
        sqlx::query("SELECT coalesce(max(id), 0) FROM events")
            .fetch_one(&self.pool)
            .await
            .and_then(|row| row.try_get(0))
            .map_err(|e| self.failed(e))
    }

    /// The newest events with a higher number.
    pub(crate) async fn events_after(&self, number: i64, limit: u32) -> DatabaseResult<Vec<Event>> {
        sqlx::query("SELECT * FROM events WHERE id > $1 ORDER BY id DESC LIMIT $2")
            .bind(number)
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await
            .and_then(|rows| rows.iter().map(read).collect())
            .map_err(|e| self.failed(e))
    }

    /// The newest downloads that were refused or held, each file once.
    pub(crate) async fn blocked(&self, limit: u32) -> DatabaseResult<Vec<Event>> {
        sqlx::query(
            "SELECT * FROM events WHERE id IN (
                 SELECT max(id) FROM events WHERE kind = 'download' AND outcome IN ('refuse', 'hold') AND name <> ''
                 GROUP BY ecosystem, name, filename)
             ORDER BY id DESC LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await
        .and_then(|rows| rows.iter().map(read).collect())
        .map_err(|e| self.failed(e))
    }

    /// Everybody who was served a file of a release, without repeats.
    pub(crate) async fn served_to(
        &self,
        (ecosystem, name, version): (&str, &str, &str),
    ) -> DatabaseResult<Vec<String>> {
        sqlx::query(
            "SELECT DISTINCT who || ' ' || client FROM events
             WHERE kind = 'download' AND outcome = 'serve' AND ecosystem = $1 AND name = $2 AND version = $3 LIMIT 200",
        )
        .bind(ecosystem)
        .bind(name)
        .bind(version)
        .fetch_all(&self.pool)
        .await
        .and_then(|rows| rows.iter().map(|row| row.try_get(0)).collect())
        .map_err(|e| self.failed(e))
    }

    /// Who downloaded most since a moment.
    pub(crate) async fn consumers(&self, since: i64, limit: u32) -> DatabaseResult<Vec<Consumer>> {
        sqlx::query(
            "SELECT who, client, CAST(coalesce(sum(1 + again) FILTER (WHERE outcome = 'serve'), 0) AS BIGINT),
                    CAST(coalesce(sum(1 + again) FILTER (WHERE outcome != 'serve'), 0) AS BIGINT) FROM events
             WHERE kind = 'download' AND name <> '' AND at >= $1 GROUP BY who, client ORDER BY sum(1 + again) DESC LIMIT $2",
        )
        .bind(since)
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await
        .and_then(|rows| {
            let all = rows.iter().map(|row| {
                Ok(Consumer {
                    who: row.try_get(0)?,
                    client: row.try_get(1)?,
                    downloads: row.try_get(2)?,
                    refused: row.try_get(3)?,
                })
            });
            all.collect()
        })
        .map_err(|e| self.failed(e))
    }

    /// Downloads and alerts since a moment.
    pub(crate) async fn counts(&self, since: i64) -> DatabaseResult<Counts> {
        let read = async {
            let row = sqlx::query(
                "SELECT CAST(coalesce(sum(1 + again) FILTER (WHERE kind = 'download' AND outcome = 'serve'), 0) AS BIGINT),
                        CAST(coalesce(sum(1 + again) FILTER (WHERE kind = 'download' AND outcome != 'serve'), 0) AS BIGINT),
                        count(*) FILTER (WHERE kind = 'alert') FROM events WHERE at >= $1",
            )
            .bind(since)
            .fetch_one(&self.pool)
            .await?;
            Ok(Counts {
                served: row.try_get(0)?,
                refused: row.try_get(1)?,
                alerts: row.try_get(2)?,
            })
        };
        read.await.map_err(|e| self.failed(e))
    }
}
