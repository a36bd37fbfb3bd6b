//! What people decided about releases: an approval is good for the bytes that were looked at, a denial for every file.

use foretaste_model::Ecosystem;
use sqlx::any::AnyRow;
use sqlx::{Connection as _, Row};

use super::{Database, DatabaseResult, now};

/// An approval of one file, or the denial of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) version: String,
    /// The digest of the approved bytes, as `algorithm:hex`; empty for every file of the version.
    pub(crate) digest: String,
    pub(crate) approved: bool,
    pub(crate) reason: String,
    pub(crate) person: String,
    pub(crate) at: i64,
    /// When it stops to count, in seconds since the epoch.
    pub(crate) until: Option<i64>,
}

/// What a person says about a release.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Saying<'a> {
    /// The digests that are approved; none denies every file.
    pub(crate) approved: Option<&'a [String]>,
    pub(crate) reason: &'a str,
    pub(crate) person: &'a str,
    pub(crate) until: Option<i64>,
}

impl Decision {
    /// True while it counts.
    pub(crate) fn is_in_force(&self, now: i64) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

fn read(row: &AnyRow) -> Result<Decision, sqlx::Error> {
    Ok(Decision {
        version: row.try_get("version")?,
        digest: row.try_get("digest")?,
        approved: row.try_get::<i64, _>("approved")? != 0,
        reason: row.try_get("reason")?,
        person: row.try_get("person")?,
        at: row.try_get("at")?,
        until: row.try_get("until")?,
    })
}

impl Database {
    /// Records what a person says: an approval takes the place of a denial and of an earlier approval of the same bytes, a
    /// denial that of everything before.
    pub(crate) async fn decide(
        &self,
        (ecosystem, name, version): (Ecosystem, &str, &str),
        saying: Saying<'_>,
    ) -> DatabaseResult<()> {
        self.wholly(async |connection| {
            let mut transaction = connection.begin().await?;
            sqlx::query(
                "DELETE FROM decisions WHERE ecosystem = $1 AND name = $2 AND version = $3 AND (approved = 0 OR $4 = 1)",
            )
            .bind(ecosystem.id())
            .bind(name)
            .bind(version)
            .bind(i64::from(saying.approved.is_none()))
            .execute(&mut *transaction)
            .await?;
            let every_file = [String::new()];
            for digest in saying.approved.unwrap_or(&every_file) {
                sqlx::query(
                    "INSERT INTO decisions (ecosystem, name, version, digest, approved, reason, person, at, until)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                     ON CONFLICT (ecosystem, name, version, digest) DO UPDATE SET approved = excluded.approved,
                         reason = excluded.reason, person = excluded.person, at = excluded.at, until = excluded.until",
                )
                .bind(ecosystem.id())
                .bind(name)
                .bind(version)
                .bind(digest)
                .bind(i64::from(saying.approved.is_some()))
                .bind(saying.reason)
                .bind(saying.person)
                .bind(now())
                .bind(saying.until)
                .execute(&mut *transaction)
                .await?;
            }
            transaction.commit().await
        })
        .await
    }

    /// The decisions about a package, oldest first.
    pub(crate) async fn decisions(
        &self,
        ecosystem: Ecosystem,
        name: &str,
    ) -> DatabaseResult<Vec<Decision>> {
        sqlx::query(
            "SELECT * FROM decisions WHERE ecosystem = $1 AND name = $2 ORDER BY at, digest",
        )
        .bind(ecosystem.id())
        .bind(name)
        .fetch_all(&self.pool)
        .await
        .and_then(|rows| rows.iter().map(read).collect())
        .map_err(|e| self.failed(e))
    }
}
