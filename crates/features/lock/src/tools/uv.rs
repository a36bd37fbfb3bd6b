//! uv: lists with hashes, PEP 751 locks and its own.

use std::path::Path;

use foretaste_io::files::{self, TemporaryDir};
use foretaste_model::Ecosystem;
use foretaste_project::Format;
use foretaste_projects::Uv;

use super::{Stage, folder};
use crate::{Exempt, Kind, LockError, Locker, Staged, Work};

/// `requirements.txt` or `pylock.toml`, for every platform, from wheels alone: an sdist would be built to be installed.
pub(crate) async fn list(
    locker: &Locker,
    work: &Work,
    exempt: &[Exempt],
) -> Result<Staged, LockError> {
    let uv = find(locker, work).await?;
    let stage = TemporaryDir::new(None)?;
    locker.keep(work, stage.path())?;
    let output = stage.path().join(work.kind.file());
    let mut args = common(locker, exempt);
    let text = |s: &str| s.to_owned();
    args.push(text("--universal"));
    match work.kind {
        Kind::Pylock => args.extend(["--format", "pylock.toml"].map(text)),
        _ => args.push(text("--generate-hashes")),
    }
    if let Some(version) = &locker.python.python {
        args.extend([text("--python-version"), version.clone()]);
    }
    args.extend([text("--output-file"), output.display().to_string()]);
    uv.compile(&work.manifest, &args)
        .await
        .map_err(|source| failed(work, source))?;
    let written = files::read_text(&output, 256 << 20)?;
    files::write(&output, finished(&written, work).as_bytes())?;
    Ok(Staged::new(stage, work))
}

/// `uv.lock`, on copies of the manifests.
pub(crate) async fn own(
    locker: &Locker,
    work: &Work,
    exempt: &[Exempt],
) -> Result<Staged, LockError> {
    let uv = find(locker, work).await?;
    let stage = Stage::begin(locker, work, Format::Pyproject)?;
    locker.keep(work, stage.path())?;
    let mut args = vec![
        "lock".to_owned(),
        "--no-build".to_owned(),
        "--quiet".to_owned(),
    ];
    args.extend(common(locker, exempt));
    if let Some(version) = &locker.python.python {
        args.extend(["--python".to_owned(), version.clone()]);
    }
    uv.call(args, Some(stage.path()))
        .await
        .map_err(|source| failed(work, source))?;
    let lock = stage.path().join(Kind::UvLock.file());
    let written = files::read_text(&lock, 256 << 20)?;
    files::write(&lock, without_dates(&written).as_bytes())?;
    Ok(Staged::new(stage.folder, work))
}

async fn find(locker: &Locker, work: &Work) -> Result<Uv, LockError> {
    Uv::find(&locker.environment, &locker.python)
        .await
        .map_err(|source| failed(work, source))
}

fn failed(work: &Work, source: foretaste_projects::UvError) -> LockError {
    LockError::Uv {
        manifest: work.manifest.clone(),
        source,
    }
}

/// How old releases must be, and which need not.
fn common(locker: &Locker, exempt: &[Exempt]) -> Vec<String> {
    let mut args = Vec::new();
    if locker.upgrade {
        args.push("--upgrade".to_owned());
    }
    if let Some(newest) = locker.newest {
        args.extend(["--exclude-newer".to_owned(), newest.to_string()]);
        let own = exempt.iter().filter(|(e, _)| *e == Ecosystem::Pypi);
        for (_, name) in own {
            args.extend([
                "--exclude-newer-package".to_owned(),
                format!("{name}={}", locker.now),
                "--upgrade-package".to_owned(),
                name.clone(),
            ]);
        }
    }
    args
}

/// The text with a head that says what it is, and without the place where it was made.
fn finished(text: &str, work: &Work) -> String {
    let place = files::real_path(folder(&work.manifest));
    let place = place.as_deref().unwrap_or(folder(&work.manifest));
    let prefix = format!("{}/", place.display().to_string().trim_end_matches('/'));
    let text = text.replace(&prefix, "");
    if work.kind == Kind::Pylock {
        return text;
    }
    let name = |path: &Path| {
        path.file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned())
    };
    format!(
        "# Written by `foretaste lock {}`: every release in it was vetted.\n# Install it with: pip install --require-hashes -r {}\n--only-binary :all:\n\n{text}",
        name(&work.manifest),
        name(&work.output)
    )
}

/// A minimum age is a matter of this run: a lock that keeps its date would be stale for whoever runs uv without it.
fn without_dates(text: &str) -> String {
    let mut kept = Vec::new();
    let mut skipped_table = false;
    for line in text.lines() {
        if line.starts_with('[') {
            skipped_table = line.trim() == "[options.exclude-newer-package]";
        }
        if !skipped_table && !line.starts_with("exclude-newer") {
            kept.push(line);
        }
    }
    let text = kept.join("\n") + "\n";
    text.replace("[options]\n\n", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_leave_no_trace_in_the_lock() {
        let text = "version = 1\n\n[options]\nexclude-newer = \"2026-01-01T00:00:00Z\"\n\n[options.exclude-newer-package]\nsix = \"2026-01-02\"\n\n[[package]]\nname = \"six\"\n";
        assert_eq!(
            without_dates(text),
            "version = 1\n\n[[package]]\nname = \"six\"\n"
        );
    }
}
