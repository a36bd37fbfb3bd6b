//! What was published here.

use foretaste_model::Ecosystem;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Database, DatabaseResult};

/// A published file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Upload {
    pub(crate) ecosystem: Ecosystem,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) filename: String,
    /// Hexadecimal.
    pub(crate) sha256: String,
    pub(crate) size: u64,
    /// Seconds since the epoch.
    pub(crate) uploaded: i64,
    pub(crate) uploader: String,
    pub(crate) yanked: Option<String>,
    /// What the ecosystem needs beyond that.
    pub(crate) details: serde_json::Value,
}

fn read(row: &AnyRow, ecosystem: Ecosystem) -> Result<Upload, sqlx::Error> {
    let details: String = row.try_get("details")?;
    Ok(Upload {
        ecosystem,
        name: row.try_get("name")?,
        version: row.try_get("version")?,
        filename: row.try_get("filename")?,
        sha256: row.try_get("sha256")?,
        size: row.try_get::<i64, _>("size")?.cast_unsigned(),
        uploaded: row.try_get("uploaded")?,
        uploader: row.try_get("uploader")?,
        yanked: row.try_get("yanked")?,
        details: serde_json::from_str(&details).unwrap_or_default(),
    })
}

impl Database {
    /// Records a file; false if there is one of that name already. Its package's name is the organisation's own from now on.
    pub(crate) async fn publish(&self, upload: &Upload) -> DatabaseResult<bool> {
        sqlx::query("INSERT INTO owned (ecosystem, name) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(upload.ecosystem.id())
            .bind(&upload.name)
            .execute(&self.pool)
            .await
            .map_err(|e| self.failed(e))?;
        let done = sqlx::query(
            "INSERT INTO uploads (ecosystem, name, version, filename, sha256, size, uploaded, uploader, yanked, details)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
        )
        .bind(upload.ecosystem.id())
        .bind(&upload.name)
        .bind(&upload.version)
        .bind(&upload.filename)
        .bind(&upload.sha256)
        .bind(upload.size.cast_signed())
        .bind(upload.uploaded)
        .bind(&upload.uploader)
        .bind(&upload.yanked)
        .bind(upload.details.to_string())
        .execute(&self.pool)
        .await
        .map_err(|e| self.failed(e))?;
        Ok(done.rows_affected() == 1)
    }

    /// The files of a package, oldest first.
    pub(crate) async fn uploads(
        &self,
        ecosystem: Ecosystem,
        name: &str,
    ) -> DatabaseResult<Vec<Upload>> {
        sqlx::query(
            "SELECT * FROM uploads WHERE ecosystem = $1 AND name = $2 ORDER BY uploaded, filename",
        )
        .bind(ecosystem.id())
        .bind(name)
        .fetch_all(&self.pool)
        .await
        .and_then(|rows| rows.iter().map(|row| read(row, ecosystem)).collect())
        .map_err(|e| self.failed(e))
    }

    /// The SHA-256 of everything that was published here, each once.
    pub(crate) async fn published_digests(&self) -> DatabaseResult<Vec<String>> {
        sqlx::query("SELECT DISTINCT sha256 FROM uploads ORDER BY 1")
            .fetch_all(&self.pool)
            .await
            .and_then(|rows| rows.iter().map(|row| row.try_get(0)).collect())
            .map_err(|e| self.failed(e))
    }

    /// True if something was published under a name once.
    pub(crate) async fn is_owned(&self, ecosystem: Ecosystem, name: &str) -> DatabaseResult<bool> {
        let row = sqlx::query("SELECT 1 FROM owned WHERE ecosystem = $1 AND name = $2")
            .bind(ecosystem.id())
            .bind(name)
            .fetch_optional(&self.pool)
            .await
            .map_err(|e| self.failed(e))?;
        Ok(row.is_some())
    }

    /// Yanks the files of a version with a reason, or takes that back; false if there is none.
    pub(crate) async fn yank(
        &self,
        (ecosystem, name, version): (Ecosystem, &str, &str),
        reason: Option<&str>,
    ) -> DatabaseResult<bool> {
        let done = sqlx::query(
            "UPDATE uploads SET yanked = $1 WHERE ecosystem = $2 AND name = $3 AND version = $4",
        )
        .bind(reason)
        .bind(ecosystem.id())
        .bind(name)
        .bind(version)
        .execute(&self.pool)
        .await
        .map_err(|e| self.failed(e))?;
        Ok(done.rows_affected() > 0)
    }

    /// Removes the files of a version, or of every version.
    pub(crate) async fn unpublish(
        &self,
        (ecosystem, name): (Ecosystem, &str),
        version: Option<&str>,
    ) -> DatabaseResult<bool> {
        let done = sqlx::query(
            "DELETE FROM uploads WHERE ecosystem = $1 AND name = $2 AND ($3 IS NULL OR version = $3)",
        )
        .bind(ecosystem.id())
        .bind(name)
        .bind(version)
        .execute(&self.pool)
        .await
        .map_err(|e| self.failed(e))?;
        Ok(done.rows_affected() > 0)
    }

    /// Replaces the details of a version.
    pub(crate) async fn redescribe(
        &self,
        (ecosystem, name, version): (Ecosystem, &str, &str),
        details: &serde_json::Value,
    ) -> DatabaseResult<()> {
        sqlx::query(
            "UPDATE uploads SET details = $1 WHERE ecosystem = $2 AND name = $3 AND version = $4",
        )
        .bind(details.to_string())
        .bind(ecosystem.id())
        .bind(name)
        .bind(version)
        .execute(&self.pool)
        .await
        .map_err(|e| self.failed(e))?;
        Ok(())
    }
}
