//! The optional web API of a registry, in the form of crates.io: descriptions, owners, downloads, publishers.

use std::collections::BTreeMap;

use foretaste_model::manifest::Person;
use foretaste_model::metadata::{Downloads, ReleaseMetadata};
use foretaste_model::{Knowledge, SkipReason};
use serde::Deserialize;

/// Days over which crates.io counts recent downloads.
const RECENT_DAYS: u32 = 90;
/// Bytes kept of a text field.
const MAX_TEXT: usize = 4 << 10;

/// The answer to `/api/v1/crates/<name>`.
#[derive(Debug, Deserialize)]
pub(super) struct CrateAnswer {
    #[serde(rename = "crate")]
    pub krate: Crate,
    #[serde(default)]
    pub versions: Vec<CrateVersion>,
}

/// A crate.
#[derive(Debug, Deserialize)]
pub(super) struct Crate {
    pub description: Option<String>,
    pub homepage: Option<String>,
    pub documentation: Option<String>,
    pub repository: Option<String>,
    pub downloads: Option<u64>,
    pub recent_downloads: Option<u64>,
}

/// A version.
#[derive(Debug, Deserialize)]
pub(super) struct CrateVersion {
    pub num: String,
    pub created_at: Option<String>,
    pub license: Option<String>,
    pub crate_size: Option<u64>,
    pub yank_message: Option<String>,
    pub published_by: Option<User>,
    /// A pipeline that published without a token.
    pub trustpub_data: Option<TrustedPublisher>,
}

/// The identity provider of a pipeline.
#[derive(Debug, Deserialize)]
pub(super) struct TrustedPublisher {
    pub provider: Option<String>,
    pub repository: Option<String>,
}

/// An account.
#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub login: Option<String>,
    pub name: Option<String>,
}

/// The answer to `/api/v1/crates/<name>/owners`.
#[derive(Debug, Deserialize)]
pub(super) struct OwnersAnswer {
    #[serde(default)]
    pub users: Vec<User>,
}

/// Adds what the API says to a release that the index described.
pub(super) fn merge(
    release: &mut ReleaseMetadata,
    answer: Result<CrateAnswer, SkipReason>,
    owners: Result<OwnersAnswer, SkipReason>,
) {
    release.maintainers = match owners {
        Ok(owners) => Knowledge::Known(owners.users.iter().filter_map(person).collect()),
        Err(reason) => Knowledge::Skipped(reason),
    };
    let answer = match answer {
        Ok(answer) => answer,
        Err(reason) => {
            release.downloads = Knowledge::Skipped(reason);
            return;
        }
    };
    let krate = answer.krate;
    release.summary = text(krate.description);
    release.homepage = text(krate.homepage);
    release.repository = text(krate.repository);
    let documentation = text(krate.documentation);
    release
        .urls
        .extend(documentation.map(|url| ("documentation".into(), url)));
    let counts = [(krate.recent_downloads, RECENT_DAYS), (krate.downloads, 0)];
    if let Some((count, days)) = counts.into_iter().find_map(|(c, d)| Some((c?, d))) {
        release.downloads = Knowledge::Known(Downloads { count, days });
    }
    let positions: BTreeMap<Box<str>, usize> = release
        .history
        .iter()
        .enumerate()
        .map(|(i, h)| (h.version.clone(), i))
        .collect();
    for version in answer.versions {
        if *version.num == *release.id.version {
            release.license = text(version.license.clone());
            for artifact in &mut release.artifacts {
                artifact.size = version.crate_size;
            }
        }
        let position = positions.get(version.num.as_str());
        let Some(entry) = position.and_then(|i| release.history.get_mut(*i)) else {
            continue;
        };
        if entry.published.is_none() {
            entry.published = version.created_at.as_deref().and_then(|t| t.parse().ok());
        }
        if let (Some(reason), Some(message)) = (&mut entry.yanked, text(version.yank_message)) {
            *reason = message;
        }
        entry.publisher = match version.trustpub_data {
            Some(pipeline) => {
                let provider = pipeline.provider.unwrap_or_default();
                let repository = pipeline.repository.unwrap_or_default();
                let pipeline = format!("{provider} {repository} (trusted publisher)");
                text(Some(pipeline))
            }
            None => version.published_by.and_then(|user| text(user.login)),
        };
    }
}

fn person(user: &User) -> Option<Person> {
    // the login identifies; the name is what the account says of itself
    let name = user.login.clone().or_else(|| user.name.clone());
    Some(Person {
        name: Some(text(name)?),
        email: None,
    })
}

fn text(value: Option<String>) -> Option<Box<str>> {
    let value = value?;
    let value = value.trim();
    if value.is_empty() {
        return None;
    }
    let end = (0..=value.len().min(MAX_TEXT))
        .rev()
        .find(|i| value.is_char_boundary(*i))?;
    Some(value.get(..end)?.into())
}
