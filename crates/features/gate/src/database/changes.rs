//! What other instances on the same database changed.

use sqlx::Row;

use super::{Database, DatabaseResult, now, places};

/// Seconds for which changes are kept: everybody reads everything anew more often than that.
const KEPT: i64 = 3600;

/// A package about which an instance changed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) id: i64,
    pub(crate) instance: String,
    pub(crate) ecosystem: String,
    pub(crate) name: String,
}

impl Database {
    /// Tells the other instances about changes.
    pub(crate) async fn tell_changes(
        &self,
        instance: &str,
        packages: &[(&str, &str)],
    ) -> DatabaseResult<()> {
        let sql = format!(
            "INSERT INTO changes (at, instance, ecosystem, name) VALUES {}",
            places(packages.len(), 4)
        );
        let mut insert = sqlx::query(sqlx::AssertSqlSafe(sql));
        for (ecosystem, name) in packages {
            insert = insert
                .bind(now())
                .bind(instance)
                .bind(*ecosystem)
                .bind(*name);
        }
        let done = insert.execute(&self.pool).await;
        done.map(drop).map_err(|e| self.failed(e))
    }

    /// The number of the newest change.
    pub(crate) async fn newest_change(&self) -> DatabaseResult<i64> {
        sqlx::query("SELECT coalesce(max(id), 0) FROM changes")
            .fetch_one(&self.pool)
            .await
            .and_then(|row| row.try_get(0))
            .map_err(|e| self.failed(e))
    }

    /// What any instance changed since an earlier change.
    pub(crate) async fn changes_since(&self, id: i64) -> DatabaseResult<Vec<Change>> {
        sqlx::query("SELECT id, instance, ecosystem, name FROM changes WHERE id > $1")
            .bind(id)
            .fetch_all(&self.pool)
            .await
            .and_then(|rows| {
                let all = rows.iter().map(|row| {
                    Ok(Change {
                        id: row.try_get(0)?,
                        instance: row.try_get(1)?,
                        ecosystem: row.try_get(2)?,
                        name: row.try_get(3)?,
                    })
                });
                all.collect()
            })
            .map_err(|e| self.failed(e))
    }

    /// Forgets what every instance has read.
    pub(crate) async fn forget_changes(&self) -> DatabaseResult<()> {
        sqlx::query("DELETE FROM changes WHERE at < $1")
            .bind(now() - KEPT)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(|e| self.failed(e))
    }
}
