//! Sending mail through a server that the user names (SMTP, RFC 5321; STARTTLS, RFC 3207).

use std::time::Duration;

use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use thiserror::Error;

use crate::Secret;

/// How long one delivery may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A server that takes mail.
#[derive(Clone, Debug)]
pub struct MailServer {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: MailSecurity,
    /// User and password, if it asks for them. They are never sent over a connection that is not protected.
    pub account: Option<(String, Secret)>,
}

/// How the connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailSecurity {
    /// TLS from the start (port 465).
    Tls,
    /// STARTTLS, without which nothing is sent (port 587).
    StartTls,
    /// Not at all: for a server on this machine.
    None,
}

/// A mail of plain text.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Who sends it: `Name <mail@host>` or `mail@host`.
    pub from: String,
    /// Who gets it, in the same form.
    pub to: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
    /// What names it for ever, without angle brackets: a server or reader may drop a second one.
    pub id: String,
}

/// Why a mail was not sent.
#[derive(Debug, Error)]
pub enum MailError {
    /// An address is none.
    #[error("`{address}` is no mail address: {source}")]
    Address {
        /// As given.
        address: String,
        /// Why.
        source: lettre::address::AddressError,
    },
    /// A password would go over a connection that is not protected.
    #[error("a password is not sent to {host} without TLS; use `starttls` or `tls`")]
    Unprotected {
        /// The server.
        host: String,
    },
    /// The mail cannot be written.
    #[error("the mail cannot be written: {0}")]
    Mail(#[from] lettre::error::Error),
    /// The server did not take it.
    #[error("the mail server {host}:{port} did not take it: {source}")]
    Server {
        /// The server.
        host: String,
        /// Its port.
        port: u16,
        /// Why.
        source: lettre::transport::smtp::Error,
    },
}

impl MailServer {
    /// Sends a mail.
    ///
    /// # Errors
    /// See [`MailError`].
    pub async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let failed = |source| MailError::Server {
            host: self.host.clone(),
            port: self.port,
            source,
        };
        let message = message(mail)?;
        let builder = match self.security {
            MailSecurity::Tls => {
                AsyncSmtpTransport::<Tokio1Executor>::relay(&self.host).map_err(failed)?
            }
            MailSecurity::StartTls => {
                AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&self.host).map_err(failed)?
            }
            MailSecurity::None if self.account.is_some() => {
                return Err(MailError::Unprotected {
                    host: self.host.clone(),
                });
            }
            MailSecurity::None => {
                AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&self.host)
            }
        };
        let mut builder = builder.port(self.port).timeout(Some(TIMEOUT));
        if let Some((user, password)) = &self.account {
            builder =
                builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        builder.build().send(message).await.map_err(failed)?;
        Ok(())
    }
}

fn message(mail: &Mail) -> Result<Message, MailError> {
    let mut builder = Message::builder()
        .from(mailbox(&mail.from)?)
        .subject(&*mail.subject)
        .message_id(Some(format!("<{}>", mail.id)))
        .header(ContentType::TEXT_PLAIN);
    for to in &mail.to {
        builder = builder.to(mailbox(to)?);
    }
    Ok(builder.body(mail.body.clone())?)
}

fn mailbox(text: &str) -> Result<Mailbox, MailError> {
    text.parse().map_err(|source| MailError::Address {
        address: text.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(subject: &str) -> Mail {
        Mail {
            from: "Foretaste <foretaste@acme.example>".to_owned(),
            to: vec!["security@acme.example".to_owned()],
            subject: subject.to_owned(),
            body: "one\ntwo – ü\n.\nthree\n".to_owned(),
            id: "1@foretaste".to_owned(),
        }
    }

    #[test]
    fn a_subject_cannot_add_headers() {
        let text = message(&mail("a\r\nBcc: thief@evil.example"))
            .expect("written")
            .formatted();
        let text = String::from_utf8_lossy(&text);
        let added = text.lines().any(|l| l.starts_with("Bcc:"));
        assert!(!added, "{text}");
    }

    #[tokio::test]
    async fn a_password_is_not_sent_in_the_clear() {
        let server = MailServer {
            host: "127.0.0.1".to_owned(),
            port: 9,
            security: MailSecurity::None,
            account: Some(("a".to_owned(), Secret::new("b"))),
        };
        let error = server.send(&mail("x")).await.expect_err("refused");
        assert!(matches!(error, MailError::Unprotected { .. }));
    }

    #[test]
    fn what_is_no_address_is_said() {
        let mut bad = mail("x");
        bad.to = vec!["nobody".to_owned()];
        let error = message(&bad).expect_err("refused");
        assert!(
            error.to_string().contains("`nobody` is no mail address"),
            "{error}"
        );
    }
}
