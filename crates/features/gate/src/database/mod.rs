//! What the gate remembers, in SQLite or PostgreSQL: what was published here, what was fetched, verdicts, decisions of people,
//! tokens, sessions, and the log. The statements are those that both understand.

mod changes;
mod events;
mod files;
mod metadata;
mod people;
mod schema;
mod sessions;
mod tags;
mod tokens;
mod uploads;
mod verdicts;

use std::path::{Path, PathBuf};
use std::time::Duration;

use foretaste_io::SafeUrl;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, ConnectOptions, Connection as _, Row};
use thiserror::Error;
use url::Url;

pub(crate) use events::{Consumer, Counts};
pub use events::{Event, EventKind};
pub(crate) use files::{Fetched, Kept};
pub(crate) use people::{Decision, Saying};
pub(crate) use sessions::StoredSession;
pub(crate) use tokens::StoredToken;
pub(crate) use uploads::Upload;
pub(crate) use verdicts::Judged;

/// The database cannot be used.
#[derive(Debug, Error)]
pub enum DatabaseError {
    /// It says so.
    #[error("the gate's database {path}: {source}{}", hint(source))]
    Failed {
        /// The file or the server.
        path: Box<str>,
        /// Why.
        source: sqlx::Error,
    },
    /// A newer program wrote it.
    #[error("{path} was written by a newer foretaste (schema {version}); update this one")]
    Newer {
        /// The file.
        path: Box<str>,
        /// Its schema.
        version: i64,
    },
    /// What stands in it cannot be read.
    #[error("the gate's database {path} holds something that cannot be read: {reason}")]
    Content {
        /// The file.
        path: Box<str>,
        /// Why.
        reason: String,
    },
}

/// The result of an operation.
pub(crate) type DatabaseResult<T> = Result<T, DatabaseError>;

/// Connections to SQLite, of which one writes at a time, and to PostgreSQL.
const CONNECTIONS: (u32, u32) = (4, 10);
/// How long a request waits for a connection: a server that is gone should be known soon.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(4));
/// Names the lock under which instances bring a PostgreSQL database up to date one after the other.
const SCHEMA_LOCK: i64 = 0x00f0_7e7a_57e0;
/// What may stand in a path of a URL.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'.')
    .remove(b'-')
    .remove(b'_');

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A file, which is made if need be.
    Sqlite(PathBuf),
    /// A server, which several gates may share.
    Postgres(Url),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(f),
            Self::Postgres(url) => SafeUrl::new(url.clone()).fmt(f),
        }
    }
}

/// The database.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    pool: AnyPool,
    path: Box<str>,
    shared: bool,
}

impl Database {
    /// Opens it and brings it up to date.
    pub(crate) async fn open(place: &Place) -> DatabaseResult<Self> {
        sqlx::any::install_default_drivers();
        let shown: Box<str> = place.to_string().into();
        let (url, shared, connections, patience) = match place {
            Place::Sqlite(path) => {
                let path = path.display().to_string();
                let path = utf8_percent_encode(&path, IN_PATH);
                let url = format!("sqlite:{path}?mode=rwc");
                (url, false, CONNECTIONS.0, PATIENCE.0)
            }
            Place::Postgres(url) => (url.to_string(), true, CONNECTIONS.1, PATIENCE.1),
        };
        let run = async {
            let options: AnyConnectOptions = url.parse()?;
            let options = options.disable_statement_logging();
            if !shared {
                // a pool tries for its whole patience what is wrong with every connection
                let mut first = options.connect().await?;
                let prepared = sqlx::raw_sql(schema::EACH_SQLITE_CONNECTION);
                prepared.execute(&mut first).await?;
                first.close().await?;
            }
            AnyPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(patience)
                .after_connect(move |connection, _| {
                    Box::pin(async move {
                        if !shared {
                            sqlx::raw_sql(schema::EACH_SQLITE_CONNECTION)
                                .execute(connection)
                                .await?;
                        }
                        Ok(())
                    })
                })
                .connect_with(options)
                .await
        };
        let pool = run.await.map_err(|source| DatabaseError::Failed {
            path: shown.clone(),
            source,
        })?;
        let database = Self {
            pool,
            path: shown,
            shared,
        };
        database.migrate().await?;
        Ok(database)
    }

    /// Does what is a transaction. A connection on which one failed is not used again: after a commit that failed, for want of room
    /// on the disk, SQLite has no transaction and sqlx believes that it has one. The next one would be a savepoint within it, and
    /// what is said after that part of a transaction that nobody ends.
    async fn wholly<T>(
        &self,
        work: impl AsyncFnOnce(&mut AnyConnection) -> Result<T, sqlx::Error>,
    ) -> DatabaseResult<T> {
        let mut connection = self.pool.acquire().await.map_err(|e| self.failed(e))?;
        match work(&mut connection).await {
            Ok(done) => Ok(done),
            Err(error) => {
                let _ = connection.close().await;
                Err(self.failed(error))
            }
        }
    }

    /// True if other gates may use it.
    pub(crate) const fn is_shared(&self) -> bool {
        self.shared
    }

    async fn migrate(&self) -> DatabaseResult<()> {
        let (steps, begin, version) = if self.shared {
            (
                schema::POSTGRES_STEPS,
                "BEGIN",
                "SELECT coalesce(max(version), 0) FROM schema_version",
            )
        } else {
            (
                schema::STEPS,
                "BEGIN IMMEDIATE",
                "SELECT user_version FROM pragma_user_version",
            )
        };
        let run = async {
            let mut transaction = self.pool.begin_with(begin).await?;
            if self.shared {
                sqlx::query("SELECT pg_advisory_xact_lock($1)")
                    .bind(SCHEMA_LOCK)
                    .execute(&mut *transaction)
                    .await?;
                sqlx::raw_sql(schema::POSTGRES_VERSION)
                    .execute(&mut *transaction)
                    .await?;
            }
            let version: i64 = sqlx::query(version)
                .fetch_one(&mut *transaction)
                .await?
                .try_get(0)?;
            let done = usize::try_from(version).unwrap_or(0);
            for step in steps.iter().skip(done) {
                sqlx::raw_sql(*step).execute(&mut *transaction).await?;
            }
            let target = steps.len();
            if done < target {
                let tell = if self.shared {
                    format!("INSERT INTO schema_version VALUES ({target})")
                } else {
                    format!("PRAGMA user_version = {target}")
                };
                sqlx::raw_sql(sqlx::AssertSqlSafe(tell))
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await?;
            Ok(version)
        };
        let version = run.await.map_err(|e| self.failed(e))?;
        if usize::try_from(version).is_ok_and(|v| v > steps.len()) {
            return Err(DatabaseError::Newer {
                path: self.path.clone(),
                version,
            });
        }
        Ok(())
    }

    /// Whether the database answers.
    pub(crate) async fn ping(&self) -> DatabaseResult<()> {
        let answer = sqlx::query("SELECT 1").fetch_one(&self.pool).await;
        answer.map(drop).map_err(|e| self.failed(e))
    }

    /// Writes a consistent copy to a file that is not there yet: SQLite can.
    pub(crate) async fn copy_to(&self, path: &Path) -> DatabaseResult<()> {
        let done = sqlx::query("VACUUM INTO $1")
            .bind(path.display().to_string())
            .execute(&self.pool)
            .await;
        done.map(drop).map_err(|e| self.failed(e))
    }

    /// Waits for everything that is being written.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    fn failed(&self, source: sqlx::Error) -> DatabaseError {
        DatabaseError::Failed {
            path: self.path.clone(),
            source,
        }
    }

    fn unreadable(&self, reason: &dyn std::fmt::Display) -> DatabaseError {
        DatabaseError::Content {
            path: self.path.clone(),
            reason: reason.to_string(),
        }
    }
}

/// What to do about a file that is no database.
fn hint(error: &sqlx::Error) -> &'static str {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    // SQLITE_CORRUPT and SQLITE_NOTADB
    match code.as_deref() {
        Some("11" | "26") => {
            "\n  hint: move it away, and `foretaste gate restore` brings back what `gate backup` saved"
        }
        _ => "",
    }
}

/// The places of the values of so many rows in a statement.
fn places(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let first = row * columns + 1;
        let places: Vec<String> = (first..first + columns).map(|n| format!("${n}")).collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    rows.join(", ")
}

/// Seconds since the epoch.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// When something ends that is good for so many days, in seconds since the epoch; none if it is good for ever.
///
/// # Errors
/// They are none, or more than ten years.
pub(crate) fn in_days(days: Option<u32>) -> Result<Option<i64>, &'static str> {
    if days.is_some_and(|days| !(1..=3650).contains(&days)) {
        return Err("the days must lie between 1 and 3650");
    }
    Ok(days.map(|days| now() + i64::from(days) * 86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_its_place() {
        assert_eq!(places(1, 1), "($1)");
        assert_eq!(places(2, 3), "($1, $2, $3), ($4, $5, $6)");
    }
}
