//! `foretaste gate explain`

use anyhow::{Context, Result, bail};
use foretaste_gate::Settings;
use foretaste_io::{
    Auth, CachePolicy, Environment, HttpClient, HttpError, HttpOptions, Request, Secret,
};
use foretaste_model::{ReleaseId, Target};
use serde_json::Value;
use std::fmt::Write as _;
use url::Url;

use crate::exit::Code;
use crate::printer::Printer;

/// Asks a gate why a release is served or not.
///
/// # Errors
/// The package cannot be read, or the gate does not answer.
pub(super) fn run(
    settings: &Settings,
    (package, version): (&str, Option<&str>),
    flag: Option<&str>,
    format: &str,
) -> Result<Code> {
    let (release, request) = place(settings, (package, version), flag, "explain")?;
    let http = client();
    let answer = super::serve::runtime()?.block_on(http.get(request.cache(CachePolicy::Never)));
    let answer = answer.map_err(|error| match &error {
        HttpError::NotFound { .. } => anyhow::anyhow!(
            "the gate knows no {release}\n  hint: nothing is fetched for an explanation; is the name the organisation's own, or misspelt?"
        ),
        HttpError::Transport { .. } => anyhow::anyhow!("{error}\n  hint: is the gate serving? `--url` names another one"),
        _ => error.into(),
    })?;
    let told: Value =
        serde_json::from_slice(&answer.body).context("this is no answer of a gate")?;
    if format == "json" {
        Printer::data(&format!("{told:#}\n"))?;
    } else {
        Printer::data(&human(&told, &release))?;
    }
    Ok(Code::Clear)
}

/// A release, and a request about it below `/<page>` of the gate.
pub(super) fn place(
    settings: &Settings,
    (package, version): (&str, Option<&str>),
    flag: Option<&str>,
    page: &str,
) -> Result<(ReleaseId, Request)> {
    let Target::Package {
        ecosystem,
        name,
        version: own,
    } = package.parse()?
    else {
        bail!("`{package}` is a path; name a package as `pypi:name`");
    };
    let version = version
        .map(str::to_owned)
        .or_else(|| own.map(Into::into))
        .context("which version? write `pypi:name 1.2`")?;
    let release = ReleaseId::new(ecosystem, name.as_str(), &version);
    let base = super::url(settings, flag);
    let mut url = Url::parse(&base).with_context(|| format!("`{base}` is no URL"))?;
    url.path_segments_mut()
        .map_err(|()| anyhow::anyhow!("`{base}` is no URL of a gate"))?
        .pop_if_empty()
        .extend([page, ecosystem.id()])
        .extend(name.as_str().split('/'))
        .push(&version);
    let token = Environment::of_process()
        .var("FORETASTE_GATE_TOKEN")
        .map(|t| Auth::Bearer(Secret::new(t)));
    Ok((release, Request::get(url).auth(token)))
}

/// A client that keeps nothing, and asks once.
pub(super) fn client() -> HttpClient {
    HttpClient::new(HttpOptions {
        cache_dir: None,
        retries: 0,
        ..HttpOptions::from_environment(&Environment::of_process())
    })
}

fn human(told: &Value, release: &ReleaseId) -> String {
    let mut out = String::new();
    for file in told["files"].as_array().into_iter().flatten() {
        let decision = &file["decision"];
        let text =
            |value: &Value| foretaste_report::escape::visible(value.as_str().unwrap_or_default());
        let _ = writeln!(
            out,
            "{}  {}  {}  {}",
            release,
            text(&decision["filename"]),
            text(&decision["outcome"]).to_uppercase(),
            text(&decision["id"]),
        );
        for step in decision["path"].as_array().into_iter().flatten() {
            let _ = writeln!(
                out,
                "  {:<11} {}",
                text(&step["check"]),
                text(&step["found"])
            );
        }
        for reason in file["reasons"].as_array().into_iter().flatten().skip(1) {
            let _ = writeln!(out, "  {:<11} {}", "also", text(reason));
        }
        if decision["dry_run"] == true {
            out.push_str("  served only because the gate is in dry-run mode\n");
        }
        let advice = text(&decision["advice"]);
        if !advice.is_empty() {
            let _ = writeln!(out, "  do this     {advice}");
        }
    }
    out
}
