//! What the gate remembers, in SQLite: what was published here, what was fetched, verdicts, decisions of people, tokens, and
//! the log.

mod events;
mod files;
mod metadata;
mod people;
mod schema;
mod tags;
mod tokens;
mod uploads;
mod verdicts;

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Row};
use thiserror::Error;

pub(crate) use events::{Consumer, Counts, Journal};
pub use events::{Event, EventKind};
pub(crate) use files::{Fetched, Kept};
pub(crate) use people::{Decision, Saying};
pub(crate) use tokens::StoredToken;
pub(crate) use uploads::Upload;
pub(crate) use verdicts::Judged;

/// The database cannot be used.
#[derive(Debug, Error)]
pub enum DatabaseError {
    /// SQLite says so.
    #[error("the gate's database {path}: {source}")]
    Sqlite {
        /// The file.
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

/// The database.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    pool: SqlitePool,
    path: Box<str>,
}

impl Database {
    /// Opens the file, which is made if need be, and brings it up to date.
    pub(crate) async fn open(path: &Path) -> DatabaseResult<Self> {
        let shown: Box<str> = path.display().to_string().into();
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .busy_timeout(Duration::from_secs(10))
            .journal_mode(SqliteJournalMode::Wal)
            // what was published must survive a power cut once the client was told so
            .synchronous(SqliteSynchronous::Full)
            .disable_statement_logging();
        let failed = |source| DatabaseError::Sqlite {
            path: shown.clone(),
            source,
        };
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options)
            .await
            .map_err(failed)?;
        let database = Self { pool, path: shown };
        database.migrate().await?;
        Ok(database)
    }

    async fn migrate(&self) -> DatabaseResult<()> {
        let run = async {
            let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
            let version: i64 = sqlx::query("SELECT user_version FROM pragma_user_version")
                .fetch_one(&mut *transaction)
                .await?
                .try_get(0)?;
            let done = usize::try_from(version).unwrap_or(0);
            for step in schema::STEPS.iter().skip(done) {
                sqlx::raw_sql(*step).execute(&mut *transaction).await?;
            }
            let target = schema::STEPS.len();
            if done < target {
                let pragma = sqlx::AssertSqlSafe(format!("PRAGMA user_version = {target}"));
                sqlx::raw_sql(pragma).execute(&mut *transaction).await?;
            }
            transaction.commit().await?;
            Ok(version)
        };
        let version = run.await.map_err(|e| self.failed(e))?;
        if usize::try_from(version).is_ok_and(|v| v > schema::STEPS.len()) {
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

    /// Writes a consistent copy to a file that is not there yet.
    pub(crate) async fn copy_to(&self, path: &Path) -> DatabaseResult<()> {
        let done = sqlx::query("VACUUM INTO ?")
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
        DatabaseError::Sqlite {
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
