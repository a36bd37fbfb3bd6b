//! Who is signed in.

use sqlx::Row;

use super::{Database, DatabaseResult, now};

/// A session, by the hash of the secret that its cookie holds.
#[derive(Clone, Debug)]
pub(crate) struct StoredSession {
    pub(crate) name: String,
    /// The token's id.
    pub(crate) token: String,
    pub(crate) csrf: String,
    /// When it ends, in seconds since the epoch.
    pub(crate) until: i64,
}

impl Database {
    /// Keeps a session, and forgets those that are over.
    pub(crate) async fn begin_session(
        &self,
        secret: &str,
        session: &StoredSession,
    ) -> DatabaseResult<()> {
        let run = async {
            sqlx::query("DELETE FROM sessions WHERE until <= $1")
                .bind(now())
                .execute(&self.pool)
                .await?;
            sqlx::query(
                "INSERT INTO sessions (secret, name, token, csrf, until) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(secret)
            .bind(&session.name)
            .bind(&session.token)
            .bind(&session.csrf)
            .bind(session.until)
            .execute(&self.pool)
            .await
        };
        run.await.map(drop).map_err(|e| self.failed(e))
    }

    /// A session that is not over.
    pub(crate) async fn session(&self, secret: &str) -> DatabaseResult<Option<StoredSession>> {
        let run = async {
            let row = sqlx::query(
                "SELECT name, token, csrf, until FROM sessions WHERE secret = $1 AND until > $2",
            )
            .bind(secret)
            .bind(now())
            .fetch_optional(&self.pool)
            .await?;
            row.map(|row| {
                Ok(StoredSession {
                    name: row.try_get(0)?,
                    token: row.try_get(1)?,
                    csrf: row.try_get(2)?,
                    until: row.try_get(3)?,
                })
            })
            .transpose()
        };
        run.await.map_err(|e| self.failed(e))
    }

    /// Ends a session.
    pub(crate) async fn end_session(&self, secret: &str) -> DatabaseResult<()> {
        sqlx::query("DELETE FROM sessions WHERE secret = $1")
            .bind(secret)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(|e| self.failed(e))
    }
}
