//! Verdicts.

use foretaste_model::{Ecosystem, Verdict};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Database, DatabaseResult, Kept, now};
use crate::vet::Vetted;

/// A stored verdict on one file.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) ecosystem: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) filename: String,
    pub(crate) sha256: String,
    pub(crate) verdict: Verdict,
    pub(crate) score: f64,
    pub(crate) reasons: Vec<String>,
    /// Seconds since the epoch.
    pub(crate) at: i64,
    /// Names the rules that it was made with.
    pub(crate) edition: String,
}

fn read(row: &AnyRow) -> Result<Judged, sqlx::Error> {
    let (verdict, reasons): (String, String) = (row.try_get("verdict")?, row.try_get("reasons")?);
    Ok(Judged {
        ecosystem: row.try_get("ecosystem")?,
        edition: row.try_get("edition")?,
        name: row.try_get("name")?,
        version: row.try_get("version")?,
        filename: row.try_get("filename")?,
        sha256: row.try_get("sha256")?,
        // a word that is not known must not open the door
        verdict: verdict.parse().unwrap_or(Verdict::Incomplete),
        score: row.try_get("score")?,
        reasons: serde_json::from_str(&reasons).unwrap_or_default(),
        at: row.try_get("judged")?,
    })
}

/// A text of which every character stands for itself in a pattern.
fn escaped(text: &str) -> String {
    let special = |c| matches!(c, '%' | '_' | '!');
    text.chars()
        .flat_map(|c| special(c).then_some('!').into_iter().chain([c]))
        .collect()
}

const COLUMNS: &str =
    "ecosystem, name, version, filename, sha256, verdict, score, reasons, judged, edition";

impl Database {
    /// Stores a verdict.
    pub(crate) async fn judge(
        &self,
        kept: &Kept,
        vetted: &Vetted,
        edition: &str,
    ) -> DatabaseResult<()> {
        let reasons = serde_json::to_string(&vetted.reasons).unwrap_or_default();
        sqlx::query(
            "INSERT INTO verdicts (ecosystem, name, version, sha256, filename, verdict, score, reasons, report, edition, judged)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             ON CONFLICT (ecosystem, name, version, sha256) DO UPDATE SET filename = excluded.filename,
                 verdict = excluded.verdict, score = excluded.score, reasons = excluded.reasons, report = excluded.report,
                 edition = excluded.edition, judged = excluded.judged, tried = 0",
        )
        .bind(kept.ecosystem.id())
        .bind(&kept.name)
        .bind(&kept.version)
        .bind(&kept.sha256)
        .bind(&kept.filename)
        .bind(vetted.verdict.id())
        .bind(vetted.score)
        .bind(reasons)
        .bind(vetted.report.to_string())
        .bind(edition)
        .bind(now())
        .execute(&self.pool)
        .await
        .map_err(|e| self.failed(e))?;
        Ok(())
    }

    /// Remembers that a verdict could not be made anew.
    pub(crate) async fn tried(&self, kept: &Kept) -> DatabaseResult<()> {
        sqlx::query(
            "UPDATE verdicts SET tried = $1 WHERE ecosystem = $2 AND name = $3 AND version = $4 AND sha256 = $5",
        )
        .bind(now())
        .bind(kept.ecosystem.id())
        .bind(&kept.name)
        .bind(&kept.version)
        .bind(&kept.sha256)
        .execute(&self.pool)
        .await
        .map_err(|e| self.failed(e))?;
        Ok(())
    }

    /// Forgets the verdict on a file.
    pub(crate) async fn forget_verdict(&self, kept: &Kept) -> DatabaseResult<()> {
        sqlx::query(
            "DELETE FROM verdicts WHERE ecosystem = $1 AND name = $2 AND version = $3 AND sha256 = $4",
        )
        .bind(kept.ecosystem.id())
        .bind(&kept.name)
        .bind(&kept.version)
        .bind(&kept.sha256)
        .execute(&self.pool)
        .await
        .map_err(|e| self.failed(e))?;
        Ok(())
    }

    /// The verdicts on a package's files.
    pub(crate) async fn verdicts(
        &self,
        ecosystem: Ecosystem,
        name: &str,
    ) -> DatabaseResult<Vec<Judged>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM verdicts WHERE ecosystem = $1 AND name = $2 ORDER BY judged DESC"
        );
        self.read_verdicts(
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(ecosystem.id())
                .bind(name),
        )
        .await
    }

    /// Verdicts from `review` on, and incomplete ones, newest first, on bytes about which nobody has decided.
    pub(crate) async fn queue(&self, limit: u32) -> DatabaseResult<Vec<Judged>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM verdicts v WHERE verdict IN ('review', 'block', 'incomplete')
             AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.ecosystem = v.ecosystem AND d.name = v.name
                 AND d.version = v.version AND d.digest IN ('', 'sha256:' || v.sha256) AND (d.until IS NULL OR d.until > $1))
             ORDER BY judged DESC LIMIT $2"
        );
        self.read_verdicts(
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(now())
                .bind(i64::from(limit)),
        )
        .await
    }

    async fn read_verdicts(
        &self,
        query: sqlx::query::Query<'_, sqlx::Any, sqlx::any::AnyArguments>,
    ) -> DatabaseResult<Vec<Judged>> {
        query
            .fetch_all(&self.pool)
            .await
            .and_then(|rows| rows.iter().map(read).collect())
            .map_err(|e| self.failed(e))
    }

    /// The report of a verdict.
    pub(crate) async fn report(
        &self,
        (ecosystem, name, version): (Ecosystem, &str, &str),
        sha256: &str,
    ) -> DatabaseResult<Option<serde_json::Value>> {
        let row = sqlx::query(
            "SELECT report FROM verdicts WHERE ecosystem = $1 AND name = $2 AND version = $3 AND sha256 = $4",
        )
        .bind(ecosystem.id())
        .bind(name)
        .bind(version)
        .bind(sha256)
        .fetch_optional(&self.pool)
        .await
        .map_err(|e| self.failed(e))?;
        let Some(row) = row else { return Ok(None) };
        let text: String = row.try_get(0).map_err(|e| self.failed(e))?;
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|e| self.unreadable(&e))
    }

    /// The names of an ecosystem that were vetted or published here.
    pub(crate) async fn known_names(&self, ecosystem: Ecosystem) -> DatabaseResult<Vec<String>> {
        sqlx::query(
            "SELECT name FROM verdicts WHERE ecosystem = $1 UNION SELECT name FROM uploads WHERE ecosystem = $1 ORDER BY 1",
        )
        .bind(ecosystem.id())
        .fetch_all(&self.pool)
        .await
        .and_then(|rows| rows.iter().map(|row| row.try_get(0)).collect())
        .map_err(|e| self.failed(e))
    }

    /// Packages whose name contains a text, of those that were vetted or published here: ecosystem and name.
    pub(crate) async fn search(
        &self,
        text: &str,
        limit: u32,
    ) -> DatabaseResult<Vec<(String, String)>> {
        sqlx::query(
            "SELECT ecosystem, name FROM verdicts WHERE name LIKE $1 ESCAPE '!'
             UNION SELECT ecosystem, name FROM uploads WHERE name LIKE $1 ESCAPE '!'
             ORDER BY 2, 1 LIMIT $2",
        )
        .bind(format!("%{}%", escaped(text)))
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await
        .and_then(|rows| {
            let pairs = rows.iter().map(|r| Ok((r.try_get(0)?, r.try_get(1)?)));
            pairs.collect()
        })
        .map_err(|e| self.failed(e))
    }
}
