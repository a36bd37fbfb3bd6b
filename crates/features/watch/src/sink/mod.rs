//! Who is told.

mod command;
mod issue;
mod mail;
mod place;
mod webhook;

use std::path::PathBuf;

use foretaste_io::{Environment, FileError, HttpClient, files};
use foretaste_model::Verdict;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use self::mail::MailSink;
pub use self::place::Place;
use crate::message::Message;
use crate::quiet::QuietHours;

/// Somebody who is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sink {
    /// Its name, by which it is removed.
    pub name: String,
    /// What it is.
    #[serde(flatten)]
    pub kind: SinkKind,
    /// The least level that it is told.
    pub severity: Verdict,
    /// When it rests.
    pub quiet: Option<QuietHours>,
}

/// What a sink is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum SinkKind {
    /// An incoming webhook in Slack's shape.
    Slack {
        /// Its URL, which is a secret.
        url: Place,
    },
    /// A webhook that gets the message as JSON, signed after the Standard Webhooks specification.
    Webhook {
        /// Its URL.
        url: Place,
        /// The variable that holds the secret; without one nothing is signed.
        secret_env: Option<String>,
    },
    /// Mail.
    Mail(MailSink),
    /// An issue at GitHub.
    GithubIssue {
        /// `owner/name`.
        repository: String,
        /// The variable that holds a token which may write issues.
        token_env: String,
        /// The API, where it is not the public one.
        api: Option<String>,
    },
    /// An issue at GitLab.
    GitlabIssue {
        /// `group/name`.
        repository: String,
        /// The variable that holds a token which may write issues.
        token_env: String,
        /// The API, where it is not the public one.
        api: Option<String>,
    },
    /// A program that gets the message as JSON on standard input.
    Command {
        /// The program and its arguments.
        argv: Vec<String>,
    },
    /// A file to which each message is added as a line of JSON.
    File {
        /// The file.
        path: PathBuf,
    },
}

impl SinkKind {
    /// In a few words, without secrets.
    pub fn shown(&self) -> String {
        match self {
            Self::Slack { url } => format!("slack {url}"),
            Self::Webhook { url, secret_env } => {
                let signed = if secret_env.is_some() { ", signed" } else { "" };
                format!("webhook {url}{signed}")
            }
            Self::Mail(mail) => format!("mail to {} by {}", mail.to.join(", "), mail.server),
            Self::GithubIssue { repository, .. } => format!("issue at github in {repository}"),
            Self::GitlabIssue { repository, .. } => format!("issue at gitlab in {repository}"),
            Self::Command { argv } => format!("command {}", argv.join(" ")),
            Self::File { path } => format!("file {}", path.display()),
        }
    }
}

/// Why a message was not taken.
#[derive(Debug, Error)]
pub enum SendError {
    /// A variable that holds a URL, token or secret is not set.
    #[error("the variable {0} is not set")]
    Unset(String),
    /// A URL is none.
    #[error("{0} is no http(s) URL")]
    Url(String),
    /// The receiver did not take it.
    #[error(transparent)]
    Http(#[from] foretaste_io::HttpError),
    /// The mail server did not take it.
    #[error(transparent)]
    Mail(#[from] foretaste_io::mail::MailError),
    /// A program failed.
    #[error("{program} {why}")]
    Command {
        /// The program.
        program: String,
        /// Why.
        why: String,
    },
    /// The file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// What sending needs.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Posts.
    pub http: HttpClient,
    /// Holds secrets.
    pub environment: Environment,
}

impl Sender {
    /// Sends a message to a sink.
    ///
    /// # Errors
    /// It was not taken; whether it arrived all the same cannot be known.
    pub async fn send(&self, sink: &SinkKind, message: &Message) -> Result<(), SendError> {
        match sink {
            SinkKind::Slack { url } => self.slack(url, message).await,
            SinkKind::Webhook { url, secret_env } => {
                self.webhook(url, secret_env.as_deref(), message).await
            }
            SinkKind::Mail(mail) => self.mail(mail, message).await,
            SinkKind::GithubIssue {
                repository,
                token_env,
                api,
            } => {
                self.github_issue((repository, token_env, api.as_deref()), message)
                    .await
            }
            SinkKind::GitlabIssue {
                repository,
                token_env,
                api,
            } => {
                self.gitlab_issue((repository, token_env, api.as_deref()), message)
                    .await
            }
            SinkKind::Command { argv } => self.command(argv, message).await,
            SinkKind::File { path } => Ok(files::append_line(path, &message.json().to_string())?),
        }
    }

    fn variable(&self, name: &str) -> Result<&str, SendError> {
        self.environment
            .var(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| SendError::Unset(name.to_owned()))
    }
}
