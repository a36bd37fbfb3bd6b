//! Mail.

use foretaste_io::Secret;
use foretaste_io::mail::{Mail, MailSecurity, MailServer};
use serde::{Deserialize, Serialize};

use super::{SendError, Sender};
use crate::message::Message;

/// A mail server and who gets mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailSink {
    /// The server's host.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// `tls`, `starttls` or `none`.
    pub security: String,
    /// The user, if the server asks for one.
    pub user: Option<String>,
    /// The variable that holds the password.
    pub password_env: Option<String>,
    /// Who sends it.
    pub from: String,
    /// Who gets it.
    pub to: Vec<String>,
}

impl Sender {
    pub(super) async fn mail(&self, sink: &MailSink, message: &Message) -> Result<(), SendError> {
        let account = match (&sink.user, &sink.password_env) {
            (Some(user), Some(name)) => Some((user.clone(), Secret::new(self.variable(name)?))),
            _ => None,
        };
        let server = MailServer {
            host: sink.server.clone(),
            port: sink.port,
            security: match &*sink.security {
                "tls" => MailSecurity::Tls,
                "none" => MailSecurity::None,
                _ => MailSecurity::StartTls,
            },
            account,
        };
        let mail = Mail {
            from: sink.from.clone(),
            to: sink.to.clone(),
            subject: message.subject(),
            body: message.text(),
            id: format!("{}@foretaste", message.id),
        };
        Ok(server.send(&mail).await?)
    }
}
