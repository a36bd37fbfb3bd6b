//! Reading and writing facts in batches.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use foretaste_model::ContentDigest;
use foretaste_model::facts::{FactKey, FileFacts};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};
use tokio::sync::{Mutex as AsyncMutex, OnceCell};

use crate::database::{self, Opened};
use crate::value::{self, Decoder};
use crate::{Notice, PackedArtifact, StoreError};

/// The file below the cache folder.
const FILE_NAME: &str = "facts.sqlite";

/// Keys per statement; SQLite allows 32,766 variables, and a short statement is parsed faster.
const CHUNK: usize = 256;

/// An entry's last use is written down again after so many days, not on every read.
const TOUCH_AFTER_DAYS: i64 = 7;

/// Facts by key. Cheap to make: the database is opened when it is first needed.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    connection: OnceCell<Option<AsyncMutex<SqliteConnection>>>,
    notices: Mutex<Vec<Notice>>,
}

impl Store {
    /// A store below a cache folder, which need not exist.
    pub fn below(cache_folder: &Path) -> Self {
        Self {
            path: cache_folder.join(FILE_NAME),
            connection: OnceCell::new(),
            notices: Mutex::default(),
        }
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// True if anything has used the database so far.
    pub fn was_opened(&self) -> bool {
        self.connection.initialized()
    }

    /// What the user should know, in the order in which it happened.
    pub fn notices(&self) -> Vec<Notice> {
        self.notices
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The facts of each key, in the order of the keys; none where they must be observed.
    ///
    /// Never fails: a cache that cannot be read is an empty one, and says so in [`Self::notices`].
    pub async fn get_many(&self, keys: &[FactKey]) -> Vec<Option<FileFacts>> {
        let mut found = vec![None; keys.len()];
        if keys.is_empty() {
            return found;
        }
        if let Some(connection) = self.connection().await
            && let Err(error) = read(&mut *connection.lock().await, keys, &mut found).await
        {
            self.failed(&error);
        }
        found
    }

    /// Keeps facts, all in one transaction. Never fails; see [`Self::notices`].
    pub async fn put_many<'a, I>(&self, entries: I)
    where
        I: IntoIterator<Item = (FactKey, &'a FileFacts)>,
    {
        // encoded before the lock, so that other processes wait for writes only
        let values: Vec<_> = entries
            .into_iter()
            .filter_map(|(key, facts)| Some((key, value::encode(facts)?)))
            .collect();
        if values.is_empty() {
            return;
        }
        if let Some(connection) = self.connection().await
            && let Err(error) = write(&mut *connection.lock().await, &values).await
        {
            self.failed(&error);
        }
    }

    /// The artifact that was kept under `key`, packed. Never fails; see [`Self::notices`].
    pub async fn get_artifact(&self, key: ContentDigest) -> Option<PackedArtifact> {
        let connection = self.connection().await?;
        let found = read_whole(&mut *connection.lock().await, "artifacts", key).await;
        let value = found
            .inspect_err(|error| self.failed(error))
            .ok()
            .flatten()?;
        Some(PackedArtifact { key, value })
    }

    /// Keeps an artifact. `observer` is the version of the observers, for [`Self::prune`]. Never fails; see
    /// [`Self::notices`].
    pub async fn put_artifact(&self, artifact: &PackedArtifact, observer: u32) {
        if let Some(connection) = self.connection().await
            && let Err(error) = write_whole(
                &mut *connection.lock().await,
                "artifacts",
                (artifact.key, &artifact.value),
                observer,
            )
            .await
        {
            self.failed(&error);
        }
    }

    /// What was derived from artifacts and kept under `key`; none if it is absent, damaged or of other types. Never fails;
    /// see [`Self::notices`].
    pub async fn get_derived<T: DeserializeOwned>(&self, key: ContentDigest) -> Option<T> {
        let connection = self.connection().await?;
        let found = read_whole(&mut *connection.lock().await, "derived", key).await;
        let value = found
            .inspect_err(|error| self.failed(error))
            .ok()
            .flatten()?;
        let (kept, derived): (ContentDigest, T) = Decoder::new().decode(&value)?;
        (kept == key).then_some(derived)
    }

    /// Keeps what was derived from artifacts: small, and worked out again if it is lost. `observer` is the version of the
    /// observers, for [`Self::prune`]. Never fails; see [`Self::notices`].
    pub async fn put_derived<T: Serialize>(&self, key: ContentDigest, derived: &T, observer: u32) {
        if let Some(value) = value::encode(&(key, derived))
            && let Some(connection) = self.connection().await
            && let Err(error) = write_whole(
                &mut *connection.lock().await,
                "derived",
                (key, &value),
                observer,
            )
            .await
        {
            self.failed(&error);
        }
    }

    /// The open database; none if it cannot be used.
    pub(crate) async fn connection(&self) -> Option<&AsyncMutex<SqliteConnection>> {
        let open = async || match database::open(&self.path).await {
            Ok(Opened { connection, moved }) => {
                if let Some((to, reason)) = moved {
                    self.tell(Notice::MovedAside {
                        path: self.path.clone(),
                        to,
                        reason,
                    });
                }
                Some(AsyncMutex::new(connection))
            }
            Err(reason) => {
                self.tell(Notice::Unusable {
                    path: self.path.clone(),
                    reason,
                });
                None
            }
        };
        self.connection.get_or_init(open).await.as_ref()
    }

    /// The open database, or the error for a user who asked for it directly.
    pub(crate) async fn required(&self) -> Result<&AsyncMutex<SqliteConnection>, StoreError> {
        if let Some(connection) = self.connection().await {
            return Ok(connection);
        }
        let reason = self
            .notices()
            .into_iter()
            .find_map(|notice| match notice {
                Notice::Unusable { reason, .. } => Some(reason),
                _ => None,
            })
            .unwrap_or_default();
        Err(StoreError::Open {
            path: self.path.clone(),
            reason,
        })
    }

    fn failed(&self, error: &sqlx::Error) {
        // a database that breaks while in use is put aside, so that the next run begins anew
        let notice = match database::is_damage(error).then(|| database::move_aside(&self.path)) {
            Some(Ok(to)) => Notice::MovedAside {
                path: self.path.clone(),
                to,
                reason: error.to_string(),
            },
            _ => Notice::Failed {
                path: self.path.clone(),
                reason: error.to_string(),
            },
        };
        self.tell(notice);
    }

    /// Records a notice once.
    fn tell(&self, notice: Notice) {
        tracing::warn!("{notice}");
        let mut notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        if !notices.contains(&notice) {
            notices.push(notice);
        }
    }
}

/// Days since 1970. Only for pruning; facts do not depend on it.
pub(crate) fn today() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| (d.as_secs() / 86_400).cast_signed())
}

async fn read(
    connection: &mut SqliteConnection,
    keys: &[FactKey],
    found: &mut [Option<FileFacts>],
) -> Result<(), sqlx::Error> {
    let mut wanted: HashMap<FactKey, Vec<usize>> = HashMap::with_capacity(keys.len());
    for (index, key) in keys.iter().enumerate() {
        wanted.entry(*key).or_default().push(index);
    }
    let mut unique: Vec<FactKey> = wanted.keys().copied().collect();
    unique.sort_unstable();
    let today = today();
    let mut stale = Vec::new();
    let mut decoder = Decoder::new();
    for chunk in unique.chunks(CHUNK) {
        let places = vec!["(?,?,?)"; chunk.len()].join(",");
        let sql = format!(
            "WITH wanted(digest, reading, observer) AS (VALUES {places}) \
             SELECT f.digest, f.reading, f.observer, f.id, f.used, f.value FROM wanted \
             JOIN facts f USING (digest, reading, observer)"
        );
        let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(chunk.len() == CHUNK);
        for key in chunk {
            query = query
                .bind(key.digest.as_bytes().as_slice())
                .bind(i64::from(key.reading))
                .bind(i64::from(key.observer));
        }
        for row in query.fetch_all(&mut *connection).await? {
            let Some(key) = row_key(&row) else { continue };
            let bytes: &[u8] = row.try_get(5)?;
            let Some(facts) = decoder.decode(bytes) else {
                continue;
            };
            if row.try_get::<i64, _>(4)? < today - TOUCH_AFTER_DAYS {
                stale.push(row.try_get::<i64, _>(3)?);
            }
            let mut facts = Some(facts);
            let indices = wanted.get(&key).map_or(&[][..], Vec::as_slice);
            for (nth, index) in indices.iter().enumerate() {
                if let Some(slot) = found.get_mut(*index) {
                    *slot = if nth + 1 == indices.len() {
                        facts.take()
                    } else {
                        facts.clone()
                    };
                }
            }
        }
    }
    if !stale.is_empty() {
        let ids: Vec<String> = stale.iter().map(i64::to_string).collect();
        let sql = format!(
            "UPDATE facts SET used = {today} WHERE id IN ({})",
            ids.join(",")
        );
        // the cache may be readable and not writable: its facts are as good
        if let Err(error) = sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await {
            tracing::debug!("cannot note the use of cached facts: {error}");
        }
    }
    Ok(())
}

fn row_key(row: &sqlx::sqlite::SqliteRow) -> Option<FactKey> {
    let digest: &[u8] = row.try_get(0).ok()?;
    Some(FactKey {
        digest: ContentDigest::from_bytes(digest.try_into().ok()?),
        reading: u16::try_from(row.try_get::<i64, _>(1).ok()?).ok()?,
        observer: u32::try_from(row.try_get::<i64, _>(2).ok()?).ok()?,
    })
}

async fn write(
    connection: &mut SqliteConnection,
    values: &[(FactKey, Vec<u8>)],
) -> Result<(), sqlx::Error> {
    let today = today();
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    // many rows in one statement: each is a journey to SQLite's thread and back
    for chunk in values.chunks(CHUNK) {
        let places = vec!["(?,?,?,?,?)"; chunk.len()].join(",");
        let sql = format!(
            "INSERT INTO facts (digest, reading, observer, used, value) VALUES {places} \
             ON CONFLICT (digest, reading, observer) \
             DO UPDATE SET used = excluded.used, value = excluded.value"
        );
        let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(chunk.len() == CHUNK);
        for (key, value) in chunk {
            query = query
                .bind(key.digest.as_bytes().as_slice())
                .bind(i64::from(key.reading))
                .bind(i64::from(key.observer))
                .bind(today)
                .bind(value.as_slice());
        }
        query.execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

/// A value of a table of whole values; notes that it was used.
async fn read_whole(
    connection: &mut SqliteConnection,
    table: &'static str,
    key: ContentDigest,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    let sql = format!("SELECT id, used, value FROM {table} WHERE key = ?");
    let row = sqlx::query(AssertSqlSafe(sql))
        .bind(key.as_bytes().as_slice())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let today = today();
    if row.try_get::<i64, _>(1)? < today - TOUCH_AFTER_DAYS {
        let sql = format!("UPDATE {table} SET used = ? WHERE id = ?");
        let touched = sqlx::query(AssertSqlSafe(sql))
            .bind(today)
            .bind(row.try_get::<i64, _>(0)?)
            .execute(connection)
            .await;
        if let Err(error) = touched {
            tracing::debug!("cannot note the use of a cached value: {error}");
        }
    }
    row.try_get(2).map(Some)
}

async fn write_whole(
    connection: &mut SqliteConnection,
    table: &'static str,
    (key, value): (ContentDigest, &[u8]),
    observer: u32,
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "INSERT INTO {table} (key, observer, used, value) VALUES (?, ?, ?, ?) \
         ON CONFLICT (key) DO UPDATE \
         SET observer = excluded.observer, used = excluded.used, value = excluded.value"
    );
    sqlx::query(AssertSqlSafe(sql))
        .bind(key.as_bytes().as_slice())
        .bind(i64::from(observer))
        .bind(today())
        .bind(value)
        .execute(connection)
        .await
        .map(|_| ())
}
