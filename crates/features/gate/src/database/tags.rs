//! npm's dist-tags of what was published here.

use std::collections::BTreeMap;

use foretaste_model::Ecosystem;
use sqlx::Row;

use super::{Database, DatabaseResult};

impl Database {
    /// The tags of a package.
    pub(crate) async fn tags(&self, name: &str) -> DatabaseResult<BTreeMap<String, String>> {
        sqlx::query("SELECT tag, version FROM tags WHERE ecosystem = $1 AND name = $2")
            .bind(Ecosystem::Npm.id())
            .bind(name)
            .fetch_all(&self.pool)
            .await
            .and_then(|rows| {
                let pairs = rows.iter().map(|r| Ok((r.try_get(0)?, r.try_get(1)?)));
                pairs.collect()
            })
            .map_err(|e| self.failed(e))
    }

    /// Points a tag at a version, or removes it.
    pub(crate) async fn tag(
        &self,
        name: &str,
        tag: &str,
        version: Option<&str>,
    ) -> DatabaseResult<()> {
        let query = match version {
            Some(version) => sqlx::query(
                "INSERT INTO tags (ecosystem, name, tag, version) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (ecosystem, name, tag) DO UPDATE SET version = excluded.version",
            )
            .bind(Ecosystem::Npm.id())
            .bind(name)
            .bind(tag)
            .bind(version),
            None => sqlx::query("DELETE FROM tags WHERE ecosystem = $1 AND name = $2 AND tag = $3")
                .bind(Ecosystem::Npm.id())
                .bind(name)
                .bind(tag),
        };
        query
            .execute(&self.pool)
            .await
            .map_err(|e| self.failed(e))?;
        Ok(())
    }
}
