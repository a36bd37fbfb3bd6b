//! Judgements that were made before: everything that decides one is its key, but for the artifacts' facts, which their
//! content stands for, and the time, of which it says how long it holds. So an unchanged release is not even read.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use foretaste_engine::{Judge, SceneBuilder};
use foretaste_io::digests::Hashing;
use foretaste_model::change::Change;
use foretaste_model::metadata::ReleaseMetadata;
use foretaste_model::report::ReleaseReport;
use foretaste_model::{ContentDigest, Knowledge};
use serde::{Deserialize, Serialize};

use crate::assemble::Tasting;
use crate::auditor::Auditor;
use crate::enrich::Inputs;
use crate::project::Locked;
use crate::relatives::Relatives;
use crate::{Options, Stats, known};

/// What decides about every judgement of an auditor alike: rules, policy, the indexes of known-bad packages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bench(ContentDigest);

impl Bench {
    /// None if judgements cannot be kept: the user's own rules have no version.
    pub(crate) fn of(options: &Options, judge: &Judge, relatives: &Relatives) -> Option<Self> {
        let own = &options.own_rules;
        if !own.rules.is_empty() || own.bytes.is_some() || !options.use_store {
            return None;
        }
        let judging = (env!("JUDGING_FINGERPRINT"), judge.digest());
        Some(Self(digest_of(&(
            judging,
            &options.policy,
            &relatives.contents,
        ))))
    }
}

/// A judgement as the store has it.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// The seconds since 1970 from which on, and before which, it holds.
    holds: (i64, i64),
    /// The report, as JSON.
    report: String,
    /// Indices of the policy's waivers that were used.
    waivers: Vec<usize>,
    /// Files of all artifacts.
    files: u32,
}

impl Auditor {
    /// The key of a judgement: what is known but for the facts, and the keys of the artifacts for those. What a builder does
    /// not hold yet is given beside it. None if the judgement cannot be kept.
    pub(crate) fn judgement_key(
        &self,
        (builder, record, inputs, change): (
            &SceneBuilder,
            &ReleaseMetadata,
            &Inputs,
            &Knowledge<Change>,
        ),
        artifacts: &[ContentDigest],
        tasting: &Tasting,
        locked: &Locked,
    ) -> Option<ContentDigest> {
        let bench = self.bench()?.0;
        let Inputs {
            downloads,
            repository,
            source: _,
            domains,
            advisories,
            dependencies,
        } = inputs;
        // a comparison with the source needs the files
        let not_compared = match repository {
            Knowledge::Known(repository) => Some(self.intel().compares_not(repository)?),
            Knowledge::Skipped(_) => None,
        };
        let names = (&builder.nominations, builder.popularity_rank);
        let asked = (&builder.release, record, &builder.digest_mismatches);
        let told = (downloads, domains, advisories, dependencies);
        Some(digest_of(&(
            (bench, asked, names, told, repository, not_compared),
            (change, artifacts, &tasting.not_tasted, locked.trees()),
        )))
    }

    /// The report that was written with this key, if it holds now.
    pub(crate) async fn kept_judgement(
        self: &Arc<Self>,
        target: &str,
        key: ContentDigest,
    ) -> Option<(ReleaseReport, Vec<usize>, Stats)> {
        let kept: Kept = self.recall_derived(key).await?;
        let (from, until) = kept.holds;
        if !(from..until).contains(&self.options().now.as_second()) {
            return None;
        }
        let mut report: ReleaseReport = serde_json::from_str(&kept.report).ok()?;
        report.target = target.into();
        let stats = Stats {
            local: report.artifacts.len() as u32,
            bytes: report.artifacts.iter().map(|a| a.size).sum(),
            files: kept.files,
            cached: kept.files,
            kept: 1,
            ..Stats::default()
        };
        Some((report, kept.waivers, stats))
    }

    /// Keeps a report that was just written.
    pub(crate) async fn keep_judgement(
        self: &Arc<Self>,
        key: ContentDigest,
        (report, waivers): (&ReleaseReport, &[usize]),
        holds: (i64, i64),
        files: u32,
    ) {
        let Some(report) = known::as_json(report) else {
            return;
        };
        let kept = Kept {
            holds,
            report,
            waivers: waivers.to_vec(),
            files,
        };
        self.keep_derived(key, kept).await;
    }
}

/// A digest over a value's debug form, which shows every field.
fn digest_of(value: &impl fmt::Debug) -> ContentDigest {
    let mut writer = Writer(Hashing::new(&[]));
    // hashing does not fail
    let _ = write!(writer, "{value:?}");
    writer.0.finish().0
}

struct Writer(Hashing);

impl fmt::Write for Writer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}
