//! Judgements that were made before: everything that decides one is its key, but for the artifacts' facts, which their
//! content stands for, and the time, of which it says how long it holds. So an unchanged release is not even read.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use foretaste_engine::{Judge, SceneBuilder};
use foretaste_io::digests::Hashing;
use foretaste_model::change::Change;
use foretaste_model::metadata::ReleaseMetadata;
use foretaste_model::report::ReleaseReport;
use foretaste_model::{ContentDigest, Ecosystem, Knowledge, ReleaseId};
use jiff::Timestamp;
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

impl Kept {
    fn of(
        report: &ReleaseReport,
        waivers: &[usize],
        holds: (i64, i64),
        files: u32,
    ) -> Option<Self> {
        Some(Self {
            holds,
            report: known::as_json(report)?,
            waivers: waivers.to_vec(),
            files,
        })
    }

    /// The judgement for `target`, if it holds now.
    fn open(self, target: &str, now: Timestamp) -> Option<(ReleaseReport, Vec<usize>, Stats)> {
        let (from, until) = self.holds;
        if !(from..until).contains(&now.as_second()) {
            return None;
        }
        let mut report: ReleaseReport = serde_json::from_str(&self.report).ok()?;
        report.target = target.into();
        let stats = Stats {
            local: report.artifacts.len() as u32,
            bytes: report.artifacts.iter().map(|a| a.size).sum(),
            files: self.files,
            cached: self.files,
            kept: 1,
            ..Stats::default()
        };
        Some((report, self.waivers, stats))
    }
}

/// A judgement of something local, and what it followed from beside the content.
pub(crate) struct LocalJudgement {
    /// Who it says it is.
    pub who: (Option<ReleaseId>, Option<Ecosystem>),
    /// See [`introduction`].
    pub introduced: ContentDigest,
    /// The seconds since 1970 from which on, and before which, it holds.
    pub holds: (i64, i64),
    /// The report.
    pub report: ReleaseReport,
    /// Indices of the policy's waivers that were used.
    pub waivers: Vec<usize>,
}

/// A judgement of a local archive as the store has it.
#[derive(Serialize, Deserialize)]
struct KeptLocal {
    who: (Option<ReleaseId>, Option<Ecosystem>),
    introduced: ContentDigest,
    kept: Kept,
}

/// A digest over what was known of something local from who it says it is.
pub(crate) fn introduction(builder: &SceneBuilder) -> ContentDigest {
    let who = (&builder.release, builder.ecosystem);
    let names = (&builder.nominations, builder.popularity_rank);
    digest_of(&(who, names, &builder.advisories))
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
        kept.open(target, self.options().now)
    }

    /// Keeps a report that was just written.
    pub(crate) async fn keep_judgement(
        self: &Arc<Self>,
        key: ContentDigest,
        (report, waivers): (&ReleaseReport, &[usize]),
        holds: (i64, i64),
        files: u32,
    ) {
        if let Some(kept) = Kept::of(report, waivers, holds, files) {
            self.keep_derived(key, kept).await;
        }
    }

    /// The key of the judgement of a local archive: its content and name, and what decides about every judgement. None if it
    /// cannot be kept.
    pub(crate) fn local_key(&self, content: ContentDigest, name: &str) -> Option<ContentDigest> {
        let bench = self.bench()?.0;
        let tasted = known::key(content, name, self.taster().limits());
        Some(digest_of(&("local", bench, tasted)))
    }

    /// The report of a local archive that was written with this key, if it holds now. Blocks.
    pub(crate) fn kept_local_judgement(
        &self,
        target: &str,
        key: ContentDigest,
    ) -> Option<(ReleaseReport, Vec<usize>, Stats)> {
        let known: KeptLocal = self.taster().derived(key)?;
        // names and advisories of this machine may have changed since
        let (release, ecosystem) = known.who;
        if introduction(&self.introduce(release, ecosystem)) != known.introduced {
            return None;
        }
        known.kept.open(target, self.options().now)
    }

    /// Keeps the judgement of a local archive. Blocks.
    pub(crate) fn keep_local_judgement(
        &self,
        key: ContentDigest,
        judged: &LocalJudgement,
        files: u32,
    ) {
        if let Some(kept) = Kept::of(&judged.report, &judged.waivers, judged.holds, files) {
            let known = KeptLocal {
                who: judged.who.clone(),
                introduced: judged.introduced,
                kept,
            };
            self.taster().keep_derived(key, &known);
        }
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
