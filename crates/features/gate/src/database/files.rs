//! What was fetched from an upstream.

use foretaste_model::{Digest, Ecosystem};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Database, DatabaseResult, now};

/// A file that was fetched or published here, with all that names it.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// True if it was published here.
    pub(crate) internal: bool,
    pub(crate) ecosystem: Ecosystem,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) filename: String,
    pub(crate) sha256: String,
}

/// What came when a file was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fetched {
    /// Hexadecimal.
    pub(crate) sha256: String,
    /// The digests that the upstream published then.
    pub(crate) published: Vec<Digest>,
    /// The licence that stands in the file, if that was asked for; empty if none does.
    pub(crate) licence: Option<String>,
}

impl Database {
    /// A package's fetched files by file name.
    pub(crate) async fn fetched_of(
        &self,
        ecosystem: Ecosystem,
        name: &str,
    ) -> DatabaseResult<Vec<(String, Fetched)>> {
        sqlx::query(
            "SELECT filename, sha256, published, licence FROM files WHERE ecosystem = $1 AND name = $2",
        )
        .bind(ecosystem.id())
        .bind(name)
        .fetch_all(&self.pool)
        .await
        .and_then(|rows| {
            let pairs = rows.iter().map(|row| {
                let published: String = row.try_get(2)?;
                let fetched = Fetched {
                    sha256: row.try_get(1)?,
                    published: published
                        .split(' ')
                        .filter_map(|d| d.parse().ok())
                        .collect(),
                    licence: row.try_get(3)?,
                };
                Ok((row.try_get(0)?, fetched))
            });
            pairs.collect()
        })
        .map_err(|e| self.failed(e))
    }

    /// Remembers a fetched file, in the place of one that a person gave up.
    pub(crate) async fn keep(
        &self,
        kept: &Kept,
        size: u64,
        (source, published, licence): (&str, &str, Option<&str>),
    ) -> DatabaseResult<()> {
        sqlx::query(
            "INSERT INTO files (ecosystem, name, filename, version, sha256, size, fetched, source, published, licence)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (ecosystem, name, filename) DO UPDATE SET version = excluded.version, sha256 = excluded.sha256,
                 size = excluded.size, fetched = excluded.fetched, source = excluded.source, published = excluded.published,
                 licence = excluded.licence",
        )
        .bind(kept.ecosystem.id())
        .bind(&kept.name)
        .bind(&kept.filename)
        .bind(&kept.version)
        .bind(&kept.sha256)
        .bind(size.cast_signed())
        .bind(now())
        .bind(source)
        .bind(published)
        .bind(licence)
        .execute(&self.pool)
        .await
        .map_err(|e| self.failed(e))?;
        Ok(())
    }

    /// Files that should be judged anew: their verdict is of another edition, or incomplete, and it was not tried since
    /// `tried_before`.
    pub(crate) async fn outdated(
        &self,
        edition: &str,
        tried_before: i64,
        limit: u32,
    ) -> DatabaseResult<Vec<Kept>> {
        let rows = sqlx::query(
            "SELECT f.ecosystem, f.name, f.version, f.filename, f.sha256, f.internal FROM (
                 SELECT ecosystem, name, version, filename, sha256, fetched AS since, 0 AS internal FROM files
                 UNION ALL
                 SELECT ecosystem, name, version, filename, sha256, uploaded, 1 FROM uploads) f
             JOIN verdicts v USING (ecosystem, name, version, sha256)
             WHERE (v.edition != $1 AND v.tried < $2) OR (v.verdict = 'incomplete' AND v.tried < $2 AND v.judged < $2)
             ORDER BY f.since DESC LIMIT $3",
        )
        .bind(edition)
        .bind(tried_before)
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await
        .map_err(|e| self.failed(e))?;
        let read = |row: &AnyRow| -> Result<Option<Kept>, sqlx::Error> {
            let id: String = row.try_get(0)?;
            let Some(ecosystem) = Ecosystem::from_prefix(&id) else {
                return Ok(None);
            };
            Ok(Some(Kept {
                ecosystem,
                name: row.try_get(1)?,
                version: row.try_get(2)?,
                filename: row.try_get(3)?,
                sha256: row.try_get(4)?,
                internal: row.try_get::<i64, _>(5)? != 0,
            }))
        };
        rows.iter()
            .filter_map(|row| read(row).transpose())
            .collect::<Result<_, sqlx::Error>>()
            .map_err(|e| self.failed(e))
    }

    /// How many files of an ecosystem were fetched, and how many were published here.
    pub(crate) async fn totals(&self, ecosystem: Ecosystem) -> DatabaseResult<(i64, i64)> {
        let row = sqlx::query(
            "SELECT (SELECT count(*) FROM files WHERE ecosystem = $1), (SELECT count(*) FROM uploads WHERE ecosystem = $1)",
        )
        .bind(ecosystem.id())
        .fetch_one(&self.pool)
        .await
        .map_err(|e| self.failed(e))?;
        Ok((
            row.try_get(0).map_err(|e| self.failed(e))?,
            row.try_get(1).map_err(|e| self.failed(e))?,
        ))
    }
}
