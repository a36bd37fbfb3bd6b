//! A program of the user's.

use std::time::Duration;

use foretaste_io::Program;

use super::{SendError, Sender};
use crate::message::Message;

/// How long it may take.
const TIMEOUT: Duration = Duration::from_mins(2);

impl Sender {
    pub(super) async fn command(
        &self,
        argv: &[String],
        message: &Message,
    ) -> Result<(), SendError> {
        let failed = |why: String| SendError::Command {
            program: argv.first().cloned().unwrap_or_default(),
            why,
        };
        let Some((program, rest)) = argv.split_first() else {
            return Err(failed("no program is named".to_owned()));
        };
        let path = if program.contains('/') {
            program.into()
        } else {
            self.environment
                .which(program)
                .ok_or_else(|| failed("is not on PATH".to_owned()))?
        };
        let output = Program::new(path)
            .args(rest)
            .env("FORETASTE_MESSAGE_ID", &message.id)
            .env("FORETASTE_LEVEL", message.level().id())
            .input(message.json().to_string().into_bytes())
            .timeout(TIMEOUT)
            .run()
            .await
            .map_err(|e| failed(e.to_string()))?;
        if output.success {
            return Ok(());
        }
        let said = output.stderr.lines().next().unwrap_or("it gave no reason");
        let code = output
            .code
            .map_or_else(|| "a signal".to_owned(), |c| c.to_string());
        Err(failed(format!("ended with {code}: {said}")))
    }
}
