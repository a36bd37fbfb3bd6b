//! `foretaste cache info` and `foretaste cache prune`.

use std::path::PathBuf;

use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use crate::store::{Store, today};
use crate::{Notice, StoreError};

/// What the store holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreInfo {
    /// The database file.
    pub path: PathBuf,
    /// Entries: facts of files.
    pub entries: u64,
    /// Whole artifacts.
    pub artifacts: u64,
    /// Bytes of all values, what was derived from artifacts included.
    pub value_bytes: u64,
    /// Bytes of the database file, free pages included.
    pub file_bytes: u64,
    /// By version of the observers, newest first.
    pub versions: Vec<VersionInfo>,
    /// What the user should know.
    pub notices: Vec<Notice>,
}

/// Entries of one version of the observers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionInfo {
    /// The version.
    pub observer: u32,
    /// Its entries: facts of files.
    pub entries: u64,
    /// Its whole artifacts.
    pub artifacts: u64,
    /// Bytes of all its values.
    pub value_bytes: u64,
}

/// What to remove. Nothing set removes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prune {
    /// Remove the least recently used until the values take at most so many bytes.
    pub max_bytes: Option<u64>,
    /// Remove what was not used for more than so many days.
    pub unused_days: Option<u32>,
    /// Remove what other versions of the observers wrote than this one.
    pub keep_observer: Option<u32>,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Entries: facts of files, whole artifacts, and what was derived from them.
    pub entries: u64,
    /// Bytes of their values.
    pub value_bytes: u64,
}

impl Store {
    /// Counts what is stored.
    pub async fn info(&self) -> Result<StoreInfo, StoreError> {
        let mut connection = self.required().await?.lock().await;
        let versions = versions(&mut connection)
            .await
            .map_err(|e| self.database(e))?;
        let pages =
            sqlx::query("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
                .fetch_one(&mut *connection)
                .await
                .and_then(|row| row.try_get::<i64, _>(0))
                .map_err(|e| self.database(e))?;
        Ok(StoreInfo {
            path: self.path().to_owned(),
            entries: versions.iter().map(|v| v.entries).sum(),
            artifacts: versions.iter().map(|v| v.artifacts).sum(),
            value_bytes: versions.iter().map(|v| v.value_bytes).sum(),
            file_bytes: u64::try_from(pages).unwrap_or(0),
            versions,
            notices: self.notices(),
        })
    }

    /// Removes entries and gives the space back to the file system.
    pub async fn prune(&self, prune: Prune) -> Result<Pruned, StoreError> {
        let mut connection = self.required().await?.lock().await;
        let removed = remove(&mut connection, prune)
            .await
            .map_err(|e| self.database(e))?;
        if removed.entries > 0 {
            sqlx::raw_sql("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
                .execute(&mut *connection)
                .await
                .map_err(|e| self.database(e))?;
        }
        Ok(removed)
    }

    fn database(&self, source: sqlx::Error) -> StoreError {
        StoreError::Database {
            path: self.path().to_owned(),
            source,
        }
    }
}

async fn versions(connection: &mut SqliteConnection) -> Result<Vec<VersionInfo>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT observer, sum(whole = 0), sum(whole = 1), sum(size) FROM ( \
           SELECT observer, 0 AS whole, length(value) AS size FROM facts \
           UNION ALL SELECT observer, 1, length(value) FROM artifacts \
           UNION ALL SELECT observer, 2, length(value) FROM derived \
         ) GROUP BY observer ORDER BY observer DESC",
    )
    .fetch_all(connection)
    .await?;
    let version = |row: &sqlx::sqlite::SqliteRow| -> Result<VersionInfo, sqlx::Error> {
        Ok(VersionInfo {
            observer: u32::try_from(row.try_get::<i64, _>(0)?).unwrap_or(0),
            entries: u64::try_from(row.try_get::<i64, _>(1)?).unwrap_or(0),
            artifacts: u64::try_from(row.try_get::<i64, _>(2)?).unwrap_or(0),
            value_bytes: u64::try_from(row.try_get::<i64, _>(3)?).unwrap_or(0),
        })
    };
    rows.iter().map(version).collect()
}

async fn remove(connection: &mut SqliteConnection, prune: Prune) -> Result<Pruned, sqlx::Error> {
    let mut removed = Pruned::default();
    if let Some(keep) = prune.keep_observer {
        removed += delete(connection, &format!("observer <> {keep}")).await?;
    }
    if let Some(days) = prune.unused_days {
        let oldest = today() - i64::from(days);
        removed += delete(connection, &format!("used < {oldest}")).await?;
    }
    if let Some(max_bytes) = prune.max_bytes {
        let max_bytes = i64::try_from(max_bytes).unwrap_or(i64::MAX);
        // the most recently used first, whichever table they stand in; what no longer fits below the bound goes
        let beyond = |whole: u8| {
            format!(
                "id IN (SELECT id FROM (SELECT whole, id, sum(size) OVER (ORDER BY used DESC, whole, id DESC) AS total \
                 FROM (SELECT 0 AS whole, id, used, length(value) AS size FROM facts \
                 UNION ALL SELECT 1, id, used, length(value) FROM artifacts \
                 UNION ALL SELECT 2, id, used, length(value) FROM derived)) \
                 WHERE whole = {whole} AND total > {max_bytes})"
            )
        };
        // the larger values go first and make room, so each statement counts anew with what is left
        removed += delete_from(connection, "derived", &beyond(2)).await?;
        removed += delete_from(connection, "artifacts", &beyond(1)).await?;
        removed += delete_from(connection, "facts", &beyond(0)).await?;
    }
    Ok(removed)
}

/// Removes what meets a condition from every table.
async fn delete(connection: &mut SqliteConnection, condition: &str) -> Result<Pruned, sqlx::Error> {
    let mut removed = delete_from(connection, "facts", condition).await?;
    removed += delete_from(connection, "artifacts", condition).await?;
    removed += delete_from(connection, "derived", condition).await?;
    Ok(removed)
}

async fn delete_from(
    connection: &mut SqliteConnection,
    table: &str,
    condition: &str,
) -> Result<Pruned, sqlx::Error> {
    let sql = format!("DELETE FROM {table} WHERE {condition} RETURNING length(value)");
    let rows = sqlx::query(AssertSqlSafe(sql))
        .fetch_all(connection)
        .await?;
    let mut removed = Pruned::default();
    for row in rows {
        removed.entries += 1;
        removed.value_bytes += u64::try_from(row.try_get::<i64, _>(0)?).unwrap_or(0);
    }
    Ok(removed)
}

impl std::ops::AddAssign for Pruned {
    fn add_assign(&mut self, other: Self) {
        self.entries += other.entries;
        self.value_bytes += other.value_bytes;
    }
}
