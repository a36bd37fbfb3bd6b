//! The tokens of a gate, which may be serving meanwhile.

use foretaste_io::files;

use super::{Scopes, TokenInfo, info, issue};
use crate::database::{Database, Event, EventKind, now};
use crate::gate::GateError;
use crate::settings::Settings;

/// The tokens of a gate.
#[derive(Clone, Debug)]
pub struct Tokens {
    database: Database,
    /// Who changes them, for the log.
    who: String,
}

impl Tokens {
    /// Those of a gate, whose data folder is made if need be. It may be serving.
    ///
    /// # Errors
    /// The folder or the database cannot be used.
    pub async fn open(settings: &Settings) -> Result<Self, GateError> {
        files::create_dir(&settings.data)?;
        let database = Database::open(&settings.database()).await?;
        Ok(Self::of(database))
    }

    pub(crate) fn of(database: Database) -> Self {
        Self {
            database,
            who: "this machine".to_owned(),
        }
    }

    /// The same, as somebody else changes them.
    pub(crate) fn by(self, who: &str) -> Self {
        Self {
            who: who.to_owned(),
            ..self
        }
    }

    /// Makes a token and returns its text, which is kept nowhere.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn issue(
        &self,
        name: &str,
        scopes: &Scopes,
        expires: Option<i64>,
    ) -> Result<String, GateError> {
        let text = issue(&self.database, name, scopes, expires).await?;
        self.log("token issued", name).await?;
        Ok(text)
    }

    /// Every token, without secrets.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn list(&self) -> Result<Vec<TokenInfo>, GateError> {
        let tokens = self.database.tokens().await?;
        Ok(tokens.into_iter().map(info).collect())
    }

    /// Revokes a token; false if there is none of that id.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn revoke(&self, id: &str) -> Result<bool, GateError> {
        let done = self.database.revoke(id).await?;
        if done {
            self.log("token revoked", id).await?;
        }
        Ok(done)
    }

    async fn log(&self, outcome: &str, which: &str) -> Result<(), GateError> {
        let event = Event {
            at: now(),
            kind: EventKind::Admin.id().to_owned(),
            outcome: outcome.to_owned(),
            reason: which.to_owned(),
            who: self.who.clone(),
            ..Event::default()
        };
        Ok(self.database.log(&[event]).await?)
    }
}
