//! The SQLite file: how it is opened, brought up to date, and put aside when it cannot be used.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};

/// Marks the file as ours (`PRAGMA application_id`): "FTST".
const APPLICATION_ID: i64 = 0x4654_5354;

/// How long to wait for another process that writes.
const BUSY: Duration = Duration::from_secs(5);

/// How long to wait before opening is tried again, where SQLite itself does not wait.
const AGAIN: Duration = Duration::from_millis(5);

/// The steps that bring an older database up to date; the schema's version is how many were taken.
///
/// Never edit a step that was released: append one.
pub(crate) const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE facts (
        id       INTEGER PRIMARY KEY,
        digest   BLOB    NOT NULL,
        reading  INTEGER NOT NULL,
        observer INTEGER NOT NULL,
        used     INTEGER NOT NULL, -- the Unix day of the last use
        value    BLOB    NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX facts_by_key ON facts (digest, reading, observer);
",
    "
    CREATE TABLE artifacts (
        id       INTEGER PRIMARY KEY,
        key      BLOB    NOT NULL UNIQUE,
        observer INTEGER NOT NULL,
        used     INTEGER NOT NULL, -- the Unix day of the last use
        value    BLOB    NOT NULL
    ) STRICT;
",
    "
    CREATE TABLE derived (
        id       INTEGER PRIMARY KEY,
        key      BLOB    NOT NULL UNIQUE,
        observer INTEGER NOT NULL,
        used     INTEGER NOT NULL, -- the Unix day of the last use
        value    BLOB    NOT NULL
    ) STRICT;
",
];

/// A database that was opened, and what had to be put aside for it.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) connection: SqliteConnection,
    pub(crate) moved: Option<(PathBuf, String)>,
}

/// Why a file cannot be our database.
enum Fault {
    /// The content is damaged or foreign: move it aside and begin anew.
    Content(String),
    /// The surroundings do not allow it (permissions, disk, a newer version): leave it alone.
    Surroundings(String),
    /// Another process holds it at the moment.
    Busy(String),
}

/// Opens the database at `path`, creating it and its folder if needed.
pub(crate) async fn open(path: &Path) -> Result<Opened, String> {
    let reason = match connect(path).await {
        Ok(connection) => {
            return Ok(Opened {
                connection,
                moved: None,
            });
        }
        Err(Fault::Surroundings(reason) | Fault::Busy(reason)) => return Err(reason),
        Err(Fault::Content(reason)) => reason,
    };
    let to = move_aside(path).map_err(|e| format!("{reason}; moving it aside failed: {e}"))?;
    match connect(path).await {
        Ok(connection) => Ok(Opened {
            connection,
            moved: Some((to, reason)),
        }),
        Err(Fault::Content(reason) | Fault::Surroundings(reason) | Fault::Busy(reason)) => {
            Err(reason)
        }
    }
}

/// Connects, waiting for processes that do the same: the change to a write-ahead log wants the file alone, and of several
/// that begin a new database at once SQLite refuses all but one at once, whatever its busy timeout.
async fn connect(path: &Path) -> Result<SqliteConnection, Fault> {
    let begun = Instant::now();
    loop {
        match connect_now(path).await {
            Err(Fault::Busy(_)) if begun.elapsed() < BUSY => tokio::time::sleep(AGAIN).await,
            outcome => return outcome,
        }
    }
}

async fn connect_now(path: &Path) -> Result<SqliteConnection, Fault> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .busy_timeout(BUSY)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .disable_statement_logging();
    let mut connection = match options.connect().await {
        Ok(connection) => connection,
        // the folder is made only when it is missing: the usual start costs no extra call
        Err(error) if is_cannot_open(&error) => {
            make_folder(path).map_err(|e| Fault::Surroundings(e.to_string()))?;
            options.connect().await.map_err(fault)?
        }
        Err(error) => return Err(fault(error)),
    };
    prepare(&mut connection).await?;
    Ok(connection)
}

/// Checks that the database is ours and brings it up to date.
async fn prepare(connection: &mut SqliteConnection) -> Result<(), Fault> {
    let target = MIGRATIONS.len().cast_signed() as i64;
    match marks(connection).await.map_err(fault)? {
        (APPLICATION_ID, version) if version == target => return Ok(()),
        (APPLICATION_ID, version) if version > target => return Err(newer(version)),
        _ => {}
    }
    // a writer's lock from the start: of two processes that begin at once, the second finds it done
    let mut transaction = connection
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(fault)?;
    let (id, version) = marks(&mut transaction).await.map_err(fault)?;
    if id != APPLICATION_ID {
        let tables: i64 = sqlx::query("SELECT count(*) FROM sqlite_schema")
            .fetch_one(&mut *transaction)
            .await
            .and_then(|row| row.try_get(0))
            .map_err(fault)?;
        if id != 0 || tables > 0 {
            return Err(Fault::Content(
                "the file is another program's database".to_owned(),
            ));
        }
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
            "PRAGMA application_id = {APPLICATION_ID}"
        )))
        .execute(&mut *transaction)
        .await
        .map_err(fault)?;
    }
    if version > target {
        return Err(newer(version));
    }
    for step in MIGRATIONS
        .iter()
        .skip(usize::try_from(version).unwrap_or(0))
    {
        sqlx::raw_sql(*step)
            .execute(&mut *transaction)
            .await
            .map_err(fault)?;
    }
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "PRAGMA user_version = {target}"
    )))
    .execute(&mut *transaction)
    .await
    .map_err(fault)?;
    transaction.commit().await.map_err(fault)
}

/// Whose database it is, and how many migrations it has seen.
async fn marks(connection: &mut SqliteConnection) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query(
        "SELECT (SELECT application_id FROM pragma_application_id), \
                (SELECT user_version FROM pragma_user_version)",
    )
    .fetch_one(connection)
    .await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

fn newer(version: i64) -> Fault {
    Fault::Surroundings(format!(
        "a newer foretaste wrote it (schema {version}); update this one or choose another cache folder"
    ))
}

/// Sorts an error by who is to blame: the file's content, or everything around it.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it stands in `map_err`, which gives the error away"
)]
fn fault(error: sqlx::Error) -> Fault {
    let reason = error.to_string();
    match primary_code(&error) {
        _ if is_damage(&error) => Fault::Content(reason),
        Some(BUSY_CODE | LOCKED_CODE) => Fault::Busy(reason),
        _ => Fault::Surroundings(reason),
    }
}

/// True if SQLite says that the file is damaged (`SQLITE_CORRUPT`) or no database (`SQLITE_NOTADB`).
pub(crate) fn is_damage(error: &sqlx::Error) -> bool {
    matches!(primary_code(error), Some(11 | 26))
}

/// `SQLITE_BUSY`: another connection holds a lock.
const BUSY_CODE: u32 = 5;

/// `SQLITE_LOCKED`: the same within one process.
const LOCKED_CODE: u32 = 6;

/// `SQLITE_CANTOPEN`.
fn is_cannot_open(error: &sqlx::Error) -> bool {
    primary_code(error) == Some(14)
}

fn primary_code(error: &sqlx::Error) -> Option<u32> {
    let code = error.as_database_error()?.code()?.parse::<u32>().ok()?;
    Some(code & 0xff)
}

#[expect(
    clippy::disallowed_methods,
    reason = "SQLite opens its own file; only its folder is made here"
)]
fn make_folder(path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)
}

/// Renames the database out of the way; its journal files go, since they belong to nothing any more.
pub(crate) fn move_aside(path: &Path) -> std::io::Result<PathBuf> {
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let to = (1..1_000)
        .map(|n| beside(&format!(".broken-{n}")))
        .find(|to| !to.exists())
        .unwrap_or_else(|| beside(".broken"));
    std::fs::rename(path, &to)?;
    for journal in ["-wal", "-shm"] {
        // absent is as good as removed
        let _ = std::fs::remove_file(beside(journal));
    }
    Ok(to)
}
