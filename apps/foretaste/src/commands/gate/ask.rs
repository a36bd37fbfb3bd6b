//! Questions to a running gate about a release.

use anyhow::{Context as _, Result, bail};
use foretaste_gate::Settings;
use foretaste_io::http::Response;
use foretaste_io::{
    Auth, CachePolicy, Environment, HttpClient, HttpError, HttpOptions, Request, Secret,
};
use foretaste_model::{ReleaseId, Target};
use serde_json::Value;
use url::Url;

/// What is asked.
pub(super) struct Question {
    pub(super) release: ReleaseId,
    request: Request,
}

impl Question {
    /// About a release, below `/<page>` of the gate.
    ///
    /// # Errors
    /// The package or the gate's address cannot be read.
    pub(super) fn new(
        settings: &Settings,
        (package, version): (&str, Option<&str>),
        flag: Option<&str>,
        page: &str,
    ) -> Result<Self> {
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
        let request = Request::get(url).auth(token).cache(CachePolicy::Never);
        Ok(Self { release, request })
    }

    /// Asks once, with a body if there is one; nothing is kept.
    ///
    /// # Errors
    /// The gate does not answer, or says no.
    pub(super) fn put(&self, body: Option<&Value>, unknown: &str) -> Result<Response> {
        let http = HttpClient::new(HttpOptions {
            cache_dir: None,
            retries: 0,
            ..HttpOptions::from_environment(&Environment::of_process())
        });
        let request = self.request.clone();
        let answer = super::serve::runtime()?.block_on(async {
            match body {
                Some(body) => http.post_json(request, body).await,
                None => http.get(request).await,
            }
        });
        answer.map_err(|error| match &error {
            HttpError::NotFound { .. } => {
                anyhow::anyhow!("the gate knows no {}{unknown}", self.release)
            }
            // the gate says it as somebody should read it
            HttpError::Status {
                status: 409,
                message,
                ..
            } => anyhow::anyhow!("{}", foretaste_report::escape::visible(message.trim())),
            HttpError::Transport { .. } => {
                anyhow::anyhow!("{error}\n  hint: is the gate serving? `--url` names another one")
            }
            _ => error.into(),
        })
    }
}
