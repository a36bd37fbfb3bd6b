//! `foretaste config`: show or check the policy in force.

use anyhow::Result;
use foretaste_io::Environment;

use crate::cli::{ConfigAction, ConfigArgs, Global};
use crate::configuration;
use crate::exit::Code;
use crate::printer::Printer;

/// Runs the command.
///
/// # Errors
/// The policy is not understood.
pub(crate) fn run(global: &Global, args: &ConfigArgs) -> Result<Code> {
    match args.action {
        ConfigAction::Schema => {
            Printer::data(&format!(
                "{}\n",
                serde_json::to_string_pretty(&foretaste_policy::schema())?
            ))?;
        }
        ConfigAction::Check => {
            let configuration = configuration::load(global, &Environment::of_process())?;
            let text = match configuration.file {
                Some(file) => format!(
                    "{} is in order: {} rule settings, {} waivers\n",
                    file.display(),
                    configuration.policy.rules.len(),
                    configuration.policy.waivers.len()
                ),
                None => "no foretaste.toml here or above: the defaults are in force\n".to_owned(),
            };
            Printer::data(&text)?;
        }
    }
    Ok(Code::Clear)
}
