//! Tokens, of which only hashes are kept.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Database, DatabaseResult, now};

/// A token without its secret.
#[derive(Clone, Debug)]
pub(crate) struct StoredToken {
    pub(crate) id: String,
    pub(crate) name: String,
    /// SHA-256 of the secret, hexadecimal.
    pub(crate) hash: String,
    /// JSON.
    pub(crate) scopes: String,
    pub(crate) created: i64,
    pub(crate) expires: Option<i64>,
    pub(crate) revoked: Option<i64>,
}

fn read(row: &AnyRow) -> Result<StoredToken, sqlx::Error> {
    Ok(StoredToken {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        hash: row.try_get("hash")?,
        scopes: row.try_get("scopes")?,
        created: row.try_get("created")?,
        expires: row.try_get("expires")?,
        revoked: row.try_get("revoked")?,
    })
}

impl Database {
    pub(crate) async fn add_token(&self, token: &StoredToken) -> DatabaseResult<()> {
        sqlx::query("INSERT INTO tokens (id, name, hash, scopes, created, expires) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(&token.id)
            .bind(&token.name)
            .bind(&token.hash)
            .bind(&token.scopes)
            .bind(token.created)
            .bind(token.expires)
            .execute(&self.pool)
            .await
            .map_err(|e| self.failed(e))?;
        Ok(())
    }

    pub(crate) async fn token(&self, id: &str) -> DatabaseResult<Option<StoredToken>> {
        sqlx::query("SELECT * FROM tokens WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await
            .and_then(|row| row.as_ref().map(read).transpose())
            .map_err(|e| self.failed(e))
    }

    pub(crate) async fn tokens(&self) -> DatabaseResult<Vec<StoredToken>> {
        sqlx::query("SELECT * FROM tokens ORDER BY created, id")
            .fetch_all(&self.pool)
            .await
            .and_then(|rows| rows.iter().map(read).collect())
            .map_err(|e| self.failed(e))
    }

    /// Revokes a token; false if there is none.
    pub(crate) async fn revoke(&self, id: &str) -> DatabaseResult<bool> {
        let done = sqlx::query("UPDATE tokens SET revoked = coalesce(revoked, $1) WHERE id = $2")
            .bind(now())
            .bind(id)
            .execute(&self.pool)
            .await
            .map_err(|e| self.failed(e))?;
        Ok(done.rows_affected() > 0)
    }
}
