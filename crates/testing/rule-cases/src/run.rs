//! Running a case through the real observers and the real judge.

use std::sync::Arc;

use base64::Engine as _;
use foretaste_engine::{AnyRule, Judge};
use foretaste_model::facts::{ArtifactFacts, ArtifactKind, FileEntry};
use foretaste_model::{ContentDigest, Coverage, Ecosystem, Finding, Knowledge, Limits};

use foretaste_engine::Judgement;

use crate::scene::World;
use crate::{Case, CaseFile};

/// The value of one rule's option, in place of what the case's scene says: rule, option, value.
pub type Setting<'a> = (&'a str, &'a str, f64);

/// Runs a case with all `rules` and compares what `rule` did with what the case expects.
///
/// # Errors
/// What differs, in words.
pub fn run(case: &Case, rule: &str, rules: &[AnyRule]) -> Result<(), String> {
    let judgement = judge(case, rules, None)?;
    let fired = |id: &str| {
        judgement
            .findings
            .iter()
            .filter(|f| *f.rule == *id)
            .collect::<Vec<_>>()
    };
    for expected in &case.expect {
        if fired(expected).is_empty() {
            let skipped = judgement
                .checks
                .skipped
                .iter()
                .find(|s| *s.check == **expected);
            let why = skipped.map_or_else(String::new, |s| format!(" (skipped: {})", s.reason));
            return Err(format!(
                "`{expected}` did not fire{why}; fired: {:?}",
                names(&judgement.findings)
            ));
        }
    }
    if !case.expect.iter().any(|e| e == rule)
        && let Some(finding) = fired(rule).first()
    {
        return Err(format!(
            "`{rule}` should be silent, but: {} {:?}",
            finding.message, finding.evidence
        ));
    }
    if let Some(worst) = case.at_most
        && judgement.verdict > worst
    {
        return Err(format!(
            "the verdict should be {} at most, but is {} ({:.2}): {:?}",
            worst.id(),
            judgement.verdict.id(),
            judgement.score,
            names(&judgement.findings)
        ));
    }
    for file in &case.files {
        for expected in &file.expect {
            let found = fired(expected);
            let stands_here = |f: &&&Finding| f.evidence.iter().any(|e| *e.path == *file.path);
            let is_statement = |f: &&&Finding| f.evidence.iter().all(|e| e.path.is_empty());
            if !found.iter().any(|f| stands_here(&f) || is_statement(&f)) {
                return Err(format!(
                    "`{expected}` fired, but with no evidence in {}: {found:?}",
                    file.path
                ));
            }
        }
    }
    Ok(())
}

/// The findings that `rules` have in a case, with one option set anew.
///
/// # Errors
/// The case cannot be read.
pub fn findings(
    case: &Case,
    rules: &[AnyRule],
    setting: Setting<'_>,
) -> Result<Vec<Finding>, String> {
    Ok(judge(case, rules, Some(setting))?.findings)
}

fn judge(
    case: &Case,
    rules: &[AnyRule],
    setting: Option<Setting<'_>>,
) -> Result<Judgement, String> {
    let world = World::read(case.scene.as_deref().unwrap_or(""))?;
    let mut policy = world.policy();
    if let Some((rule, option, value)) = setting {
        let settings = policy.rules.entry(rule.to_owned()).or_default();
        settings.options.insert(option.to_owned(), value);
    }
    let mut builder = world.builder()?;
    let (before, after): (Vec<&CaseFile>, Vec<&CaseFile>) =
        case.files.iter().partition(|file| file.before);
    if !after.is_empty() || world.has_artifact() {
        builder.artifacts.push(artifact(&after, &world)?);
    }
    if !before.is_empty() {
        let before = [artifact(&before, &world)?];
        let change =
            foretaste_engine::change::compare("the release before", &before, &builder.artifacts);
        builder.change = change.map_or_else(Knowledge::Skipped, |change| {
            Knowledge::Known(world.look_at(change))
        });
    }
    let scene = builder.build(&policy);
    Ok(Judge::new(rules.iter().copied()).judge(&scene, Vec::new()))
}

fn names(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|f| &*f.rule).collect()
}

fn artifact(wanted: &[&CaseFile], world: &World) -> Result<ArtifactFacts, String> {
    let limits = Limits::default();
    let mut files = Vec::new();
    for file in wanted {
        let bytes = content(file)?;
        let facts = foretaste_lang::observe(&file.path, &bytes, &limits);
        files.push(FileEntry {
            path: file.path.as_str().into(),
            digest: ContentDigest::of(&bytes),
            executable: false,
            facts: Arc::new(facts),
        });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let has = |name: &str| files.iter().any(|f| &*f.path == name);
    let kind = world.artifact_kind().unwrap_or(if has("package.json") {
        ArtifactKind::NpmTarball
    } else if has("Cargo.toml") {
        ArtifactKind::Crate
    } else if files
        .iter()
        .any(|f| f.path.ends_with(".dist-info/METADATA"))
    {
        ArtifactKind::Wheel
    } else {
        ArtifactKind::Sdist
    });
    Ok(ArtifactFacts {
        filename: "case.tar.gz".into(),
        kind,
        size: 1,
        digest: None,
        coverage: Coverage {
            files: files.len() as u32,
            ..Coverage::default()
        },
        files,
        anomalies: world.anomalies(),
    })
}

/// The ecosystem of an artifact kind, for cases that name none.
pub(crate) fn ecosystem_of(kind: ArtifactKind) -> Ecosystem {
    match kind {
        ArtifactKind::NpmTarball => Ecosystem::Npm,
        ArtifactKind::Crate => Ecosystem::Cargo,
        _ => Ecosystem::Pypi,
    }
}

fn content(file: &CaseFile) -> Result<Vec<u8>, String> {
    let packed: String = file.text.split_whitespace().collect();
    match file.encoding.as_str() {
        "hex" => hex::decode(packed).map_err(|e| format!("{}: {e}", file.path)),
        "base64" => base64::engine::general_purpose::STANDARD
            .decode(packed)
            .map_err(|e| format!("{}: {e}", file.path)),
        _ => Ok(file.text.clone().into_bytes()),
    }
}
