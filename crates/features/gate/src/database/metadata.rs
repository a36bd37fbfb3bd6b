//! Core metadata that was read out of wheels whose upstream publishes none beside them (PEP 658).

use foretaste_model::{ContentDigest, Ecosystem};
use sqlx::Row;

use super::{Database, DatabaseResult};

impl Database {
    /// Keeps the metadata of a wheel, which is named by its SHA-256.
    pub(crate) async fn keep_metadata(
        &self,
        name: &str,
        wheel: &str,
        text: &str,
    ) -> DatabaseResult<()> {
        sqlx::query(
            "INSERT INTO metadata (ecosystem, name, sha256, digest, text) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (ecosystem, name, sha256) DO UPDATE SET digest = excluded.digest, text = excluded.text",
        )
            .bind(Ecosystem::Pypi.id())
            .bind(name)
            .bind(wheel)
            .bind(ContentDigest::of(text.as_bytes()).to_hex())
            .bind(text)
            .execute(&self.pool)
            .await
            .map_err(|e| self.failed(e))?;
        Ok(())
    }

    /// The SHA-256 of the metadata by that of the wheel, of all wheels of a package.
    pub(crate) async fn metadata_digests(
        &self,
        ecosystem: Ecosystem,
        name: &str,
    ) -> DatabaseResult<Vec<(String, String)>> {
        sqlx::query("SELECT sha256, digest FROM metadata WHERE ecosystem = $1 AND name = $2")
            .bind(ecosystem.id())
            .bind(name)
            .fetch_all(&self.pool)
            .await
            .and_then(|rows| {
                let pairs = rows.iter().map(|r| Ok((r.try_get(0)?, r.try_get(1)?)));
                pairs.collect()
            })
            .map_err(|e| self.failed(e))
    }

    /// The metadata of a wheel.
    pub(crate) async fn metadata(&self, name: &str, wheel: &str) -> DatabaseResult<Option<String>> {
        sqlx::query("SELECT text FROM metadata WHERE ecosystem = $1 AND name = $2 AND sha256 = $3")
            .bind(Ecosystem::Pypi.id())
            .bind(name)
            .bind(wheel)
            .fetch_optional(&self.pool)
            .await
            .and_then(|row| row.map(|r| r.try_get(0)).transpose())
            .map_err(|e| self.failed(e))
    }
}
