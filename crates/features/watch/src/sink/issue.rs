//! Issues at a code host. The id stands in the text, so that a second copy can be told from a second event.

use foretaste_io::{Auth, CachePolicy, Request, Secret};
use serde_json::json;
use url::Url;

use super::{SendError, Sender};
use crate::message::Message;

const GITHUB: &str = "https://api.github.com";
const GITLAB: &str = "https://gitlab.com/api/v4";

/// Repository, the variable of the token, and the API if it is not the public one.
type Where<'a> = (&'a str, &'a str, Option<&'a str>);

impl Sender {
    pub(super) async fn github_issue(
        &self,
        (repository, token_env, api): Where<'_>,
        message: &Message,
    ) -> Result<(), SendError> {
        let api = api.unwrap_or(GITHUB).trim_end_matches('/');
        let token = Auth::Bearer(Secret::new(self.variable(token_env)?));
        let request = Request::get(parsed(&format!("{api}/repos/{repository}/issues"))?)
            .cache(CachePolicy::Never)
            .accept("application/vnd.github+json")
            .auth(Some(token))
            .header("x-github-api-version", "2022-11-28");
        let body = json!({"title": message.subject(), "body": body(message)});
        self.http.post_json(request, &body).await?;
        Ok(())
    }

    pub(super) async fn gitlab_issue(
        &self,
        (repository, token_env, api): Where<'_>,
        message: &Message,
    ) -> Result<(), SendError> {
        let api = api.unwrap_or(GITLAB).trim_end_matches('/');
        let project = repository.replace('/', "%2F");
        let request = Request::get(parsed(&format!("{api}/projects/{project}/issues"))?)
            .cache(CachePolicy::Never)
            .auth(Some(Auth::Bearer(Secret::new(self.variable(token_env)?))));
        let body = json!({"title": message.subject(), "description": body(message)});
        self.http.post_json(request, &body).await?;
        Ok(())
    }
}

fn body(message: &Message) -> String {
    format!(
        "{}\n\n<!-- foretaste {} -->\n",
        message.markdown(),
        message.id
    )
}

fn parsed(text: &str) -> Result<Url, SendError> {
    Url::parse(text).map_err(|_| SendError::Url(text.to_owned()))
}
