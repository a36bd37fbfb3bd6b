//! What other instances on the same database changed.

use sqlx::Row;

use super::{Database, DatabaseResult, now};

/// How far a reader looks back: an instance whose transaction took longer shows an earlier change later.
const BACK: i64 = 200;
/// Seconds for which changes are kept. Whoever was away for longer has read everything anew.
const KEPT: i64 = 3600;

/// A package about which another instance changed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) id: i64,
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
        for (ecosystem, name) in packages {
            sqlx::query(
                "INSERT INTO changes (at, instance, ecosystem, name) VALUES ($1, $2, $3, $4)",
            )
            .bind(now())
            .bind(instance)
            .bind(*ecosystem)
            .bind(*name)
            .execute(&self.pool)
            .await
            .map_err(|e| self.failed(e))?;
        }
        Ok(())
    }

    /// The number of the newest change.
    pub(crate) async fn newest_change(&self) -> DatabaseResult<i64> {
        sqlx::query("SELECT coalesce(max(id), 0) FROM changes")
            .fetch_one(&self.pool)
            .await
            .and_then(|row| row.try_get(0))
            .map_err(|e| self.failed(e))
    }

    /// What the other instances changed lately: some of it may be known already.
    pub(crate) async fn changes_since(
        &self,
        last: i64,
        instance: &str,
    ) -> DatabaseResult<Vec<Change>> {
        sqlx::query(
            "SELECT id, ecosystem, name FROM changes WHERE id > $1 AND instance != $2 ORDER BY id",
        )
        .bind(last - BACK)
        .bind(instance)
        .fetch_all(&self.pool)
        .await
        .and_then(|rows| {
            let all = rows.iter().map(|row| {
                Ok(Change {
                    id: row.try_get(0)?,
                    ecosystem: row.try_get(1)?,
                    name: row.try_get(2)?,
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
