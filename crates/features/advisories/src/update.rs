//! Bringing up to date: the services from which records came are asked for what changed since.

use std::collections::BTreeMap;

use foretaste_io::{CachePolicy, Request};
use foretaste_model::Ecosystem;
use foretaste_osv::{Import, Importer};
use jiff::Timestamp;
use tokio::task::JoinSet;
use url::Url;

use crate::{ImportError, Keeper, Place};

/// Up to so many changed records are fetched one by one; the whole archive is quicker for more.
const MAX_SINGLE: usize = 400;
/// Records that are fetched at once.
const AT_ONCE: usize = 16;
/// Bytes of the list of changes.
const MAX_LIST: u64 = 256 << 20;
/// Bytes of a record.
const MAX_RECORD: u64 = 16 << 20;

/// How a source was brought up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// By the records that its list of changes names.
    Changes(usize),
    /// By its whole archive.
    Archive,
}

/// One source, brought up to date.
#[derive(Debug)]
pub struct Updated {
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// The source.
    pub location: String,
    /// What came of it.
    pub result: Result<(How, Import), ImportError>,
}

impl Keeper<'_> {
    /// Asks every service from which an ecosystem's records came completely. Files and folders cannot be asked.
    pub async fn update(&self) -> Vec<Updated> {
        let sources: Vec<(Ecosystem, String)> = self
            .advisories
            .all()
            .flat_map(|database| {
                database
                    .sources()
                    .iter()
                    .filter(|s| s.as_of.is_some())
                    .map(|s| (database.ecosystem(), s.location.to_string()))
            })
            .collect();
        let mut done = Vec::new();
        for (ecosystem, location) in sources {
            let place = Place::read(&location);
            if let Place::Url(_) = place {
                done.push(Updated {
                    ecosystem,
                    result: self.update_from(&place, ecosystem).await,
                    location,
                });
            }
        }
        done
    }

    async fn update_from(
        &self,
        place: &Place,
        ecosystem: Ecosystem,
    ) -> Result<(How, Import), ImportError> {
        if let Some(list) = place.beside("modified_id.csv")
            && let Ok(answer) = self
                .http
                .get(
                    Request::get(list.clone())
                        .max_bytes(MAX_LIST)
                        .cache(CachePolicy::Never),
                )
                .await
        {
            let mut importer = Importer::new(self.advisories)?;
            let text = String::from_utf8_lossy(&answer.body);
            let changed = changed(&text, &importer.known(ecosystem));
            if changed.len() <= MAX_SINGLE {
                importer.take(self.records(&list, &changed).await?);
                let done = self.finish(importer, place, Some(self.now), &[ecosystem])?;
                return Ok((How::Changes(changed.len()), done));
            }
        }
        Ok((How::Archive, self.import(place, &[ecosystem]).await?))
    }

    async fn records(
        &self,
        list: &Url,
        ids: &[String],
    ) -> Result<Vec<(String, Vec<u8>)>, ImportError> {
        let mut found = Vec::new();
        for chunk in ids.chunks(AT_ONCE) {
            let mut tasks = JoinSet::new();
            for id in chunk {
                let Ok(url) = list.join(&format!("./{id}.json")) else {
                    continue;
                };
                let http = self.http.clone();
                tasks.spawn(async move {
                    let request = Request::get(url).max_bytes(MAX_RECORD);
                    http.get(request.cache(CachePolicy::Never)).await
                });
            }
            while let Some(answer) = tasks.join_next().await {
                let Ok(answer) = answer else { continue };
                let answer = answer?;
                found.push((answer.url.to_string(), answer.body));
            }
        }
        Ok(found)
    }
}

/// The ids of lines `<modified>,<id>` that are newer than what is known.
fn changed(list: &str, known: &BTreeMap<&str, Option<Timestamp>>) -> Vec<String> {
    list.lines()
        .filter_map(|line| {
            let (time, id) = line.trim().split_once(',')?;
            let time: Timestamp = time.parse().ok()?;
            let plain = !id.is_empty()
                && !id.starts_with('.')
                && id
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '_'));
            let stands = known
                .get(id)
                .is_some_and(|own| own.is_some_and(|own| own >= time));
            (plain && !stands).then(|| id.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_newer_is_asked_for() {
        let time = |t: &str| t.parse().ok();
        let known = BTreeMap::from([
            ("A-1", time("2026-01-02T00:00:00Z")),
            ("A-2", time("2026-01-01T00:00:00Z")),
        ]);
        let list = "2026-01-02T00:00:00Z,A-1\n2026-01-02T00:00:00.5Z,A-2\n2026-01-02T00:00:00Z,A-3\n\
                    soon,A-4\n2026-01-02T00:00:00Z,../../etc/passwd\n";
        assert_eq!(changed(list, &known), ["A-2", "A-3"]);
    }
}
