//! What people decided about releases.

use foretaste_model::Ecosystem;
use sqlx::Row;

use super::{Database, DatabaseResult, now};

/// An approval or a denial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) version: String,
    pub(crate) approved: bool,
    pub(crate) reason: String,
    pub(crate) person: String,
    pub(crate) at: i64,
}

impl Database {
    /// Records a decision, in the place of an earlier one.
    pub(crate) async fn decide(
        &self,
        (ecosystem, name, version): (Ecosystem, &str, &str),
        approved: bool,
        reason: &str,
        person: &str,
    ) -> DatabaseResult<()> {
        sqlx::query(
            "INSERT OR REPLACE INTO people (ecosystem, name, version, approved, reason, person, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(ecosystem.id())
        .bind(name)
        .bind(version)
        .bind(approved)
        .bind(reason)
        .bind(person)
        .bind(now())
        .execute(&self.pool)
        .await
        .map_err(|e| self.failed(e))?;
        Ok(())
    }

    /// The decisions about a package.
    pub(crate) async fn decisions(
        &self,
        ecosystem: Ecosystem,
        name: &str,
    ) -> DatabaseResult<Vec<Decision>> {
        sqlx::query("SELECT version, approved, reason, person, at FROM people WHERE ecosystem = ? AND name = ?")
            .bind(ecosystem.id())
            .bind(name)
            .fetch_all(&self.pool)
            .await
            .and_then(|rows| {
                let all = rows.iter().map(|row| {
                    Ok(Decision {
                        version: row.try_get(0)?,
                        approved: row.try_get(1)?,
                        reason: row.try_get(2)?,
                        person: row.try_get(3)?,
                        at: row.try_get(4)?,
                    })
                });
                all.collect()
            })
            .map_err(|e| self.failed(e))
    }
}
