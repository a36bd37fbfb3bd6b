//! Every locked digest is in the index, and what is served has it.

use std::collections::BTreeMap;
use std::sync::Arc;

use foretaste_io::digests;
use foretaste_model::metadata::{ReleaseMetadata, RemoteArtifact};
use foretaste_model::report::IndexDigest;
use foretaste_model::{Digest, Ecosystem};
use foretaste_registry::{Registry, RegistryError};
use tokio::task::JoinSet;
use url::Url;

use super::pins::Pinned;
use super::sources::{is_approved, unapproved};
use crate::Verifier;
use crate::failure::{Check, Failure};
use crate::verifier::Findings;

/// Releases that are asked about at once.
const AT_ONCE: usize = 8;

/// Where a registry's files are, as scheme, host and port.
type Origins = Vec<String>;

/// What one release gave.
#[derive(Default)]
struct Answer {
    failures: Vec<Failure>,
    skipped: Vec<(String, String)>,
    digests: u32,
    served: u32,
}

pub(crate) async fn check(verifier: &Verifier<'_>, pinned: &[Pinned], found: &mut Findings) {
    let mut by_ecosystem: BTreeMap<Ecosystem, Vec<&Pinned>> = BTreeMap::new();
    for one in pinned.iter().filter(|p| !p.hashes.is_empty()) {
        by_ecosystem.entry(one.ecosystem).or_default().push(one);
    }
    for (ecosystem, all) in by_ecosystem {
        let what = format!("{} digests of {ecosystem}", all.len());
        if verifier.settings.offline {
            found.skip(what, "offline: no index was asked");
            continue;
        }
        match verifier.registries.of(ecosystem).await {
            Ok(registry) => ask(verifier, &registry, &all, found).await,
            Err(error) => found.skip(what, error.to_string()),
        }
    }
}

async fn ask(
    verifier: &Verifier<'_>,
    registry: &Arc<dyn Registry>,
    all: &[&Pinned],
    found: &mut Findings,
) {
    let mut waiting: Vec<Pinned> = all.iter().rev().map(|p| (*p).clone()).collect();
    let mut running = JoinSet::new();
    let limit = (!verifier.settings.index_only).then_some(verifier.settings.artifact_bytes);
    let sources = Arc::new(verifier.settings.sources.clone());
    loop {
        while running.len() < AT_ONCE
            && let Some(one) = waiting.pop()
        {
            let (registry, sources) = (registry.clone(), sources.clone());
            running.spawn(async move { release(&*registry, &one, limit, &sources).await });
        }
        let Some(done) = running.join_next().await else {
            break;
        };
        match done {
            Ok(answer) => {
                found.failures.extend(answer.failures);
                found.checked.digests += answer.digests;
                found.checked.served += answer.served;
                for (what, why) in answer.skipped {
                    found.skip(what, why);
                }
            }
            Err(error) => found.skip("a release", format!("the check broke off: {error}")),
        }
    }
}

async fn release(
    registry: &dyn Registry,
    one: &Pinned,
    limit: Option<u64>,
    sources: &[String],
) -> Answer {
    let mut answer = Answer::default();
    let shown = format!("{} {}", one.name, one.version);
    let record = match registry.lookup(&one.name, Some(&one.version)).await {
        Ok(record) => record,
        Err(error @ (RegistryError::NotFound { .. } | RegistryError::NoSuchVersion { .. })) => {
            answer.failures.push(Failure::at(
                Check::NotInRegistry,
                &one.place,
                &shown,
                format!("{shown} is locked, and the registry has no such release: {error}"),
                "find out why it is gone; renew the lock: foretaste lock",
            ));
            return answer;
        }
        Err(error) => {
            answer.skipped.push((shown, error.to_string()));
            return answer;
        }
    };
    for hash in &one.hashes {
        let comparable = record
            .artifacts
            .iter()
            .any(|a| a.digests.iter().any(|d| d.algorithm == hash.algorithm));
        if record.artifacts.iter().any(|a| a.digests.contains(hash)) {
            answer.digests += 1;
        } else if comparable {
            answer.failures.push(Failure::at(
                Check::UnknownDigest,
                &one.place,
                &shown,
                format!("the index knows no file of {shown} with {}:{}", hash.algorithm.id(), hash.value),
                "somebody changed the hash or the file: compare with the lock's history, and renew it: foretaste lock",
            ));
        } else {
            answer.skipped.push((
                shown.clone(),
                format!("the index publishes no {} digests", hash.algorithm.id()),
            ));
        }
    }
    let origins = origins(registry, &record);
    for url in &one.urls {
        let at = Url::parse(url.expose()).map(|u| u.origin().ascii_serialization());
        let known = at.is_ok_and(|origin| origins.contains(&origin));
        if !known && !is_approved(url.expose(), sources) {
            answer.failures.push(unapproved(url, &shown, &one.place));
            break;
        }
    }
    if let Some(limit) = limit {
        served(registry, one, &record, limit, &shown, &mut answer).await;
    }
    answer
}

fn origins(registry: &dyn Registry, record: &ReleaseMetadata) -> Origins {
    let of_files = record
        .artifacts
        .iter()
        .filter_map(|a| Some(Url::parse(&a.url).ok()?.origin().ascii_serialization()));
    let of_indexes = registry.endpoints().iter().map(|e| e.url.origin());
    of_files.chain(of_indexes).collect()
}

/// Fetches what this machine's client would choose of the locked files, and compares.
async fn served(
    registry: &dyn Registry,
    one: &Pinned,
    record: &ReleaseMetadata,
    limit: u64,
    shown: &str,
    answer: &mut Answer,
) {
    let is_locked = |a: &&RemoteArtifact| a.digests.iter().any(|d| one.hashes.contains(d));
    let wanted = record
        .artifacts
        .iter()
        .filter(is_locked)
        .filter(|a| a.compatible);
    for artifact in wanted {
        match registry.download(artifact, limit).await {
            Ok(download) => {
                answer.served += 1;
                let differs = download.index_digest == IndexDigest::Mismatch
                    || !has_one(&download.bytes, &one.hashes);
                if differs {
                    answer.failures.push(Failure::at(
                        Check::ServedDiffers,
                        &one.place,
                        shown,
                        format!(
                            "what is served as {} has another digest than the lock and the index say",
                            artifact.filename
                        ),
                        "do not install it; tell whoever runs the registry or mirror",
                    ));
                }
            }
            Err(error) => {
                answer
                    .skipped
                    .push((artifact.filename.to_string(), error.to_string()));
            }
        }
    }
}

fn has_one(bytes: &[u8], hashes: &[Digest]) -> bool {
    hashes
        .iter()
        .any(|h| digests::compute(h.algorithm, bytes) == *h.value)
}
