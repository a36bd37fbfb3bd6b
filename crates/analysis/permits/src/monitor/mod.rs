//! What a job may reach and run: a file that lives in the repository and is reviewed there.

mod endpoint;
pub mod evading;
mod widened;

use std::net::IpAddr;
use std::path::Path;

use serde::{Deserialize, Serialize};

pub use self::endpoint::{Endpoint, Host};
pub use self::widened::widened;
use crate::read;
pub use crate::read::PolicyError;

/// What a job may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Policy {
    /// Whether what is not allowed is told or stopped.
    pub mode: Mode,
    /// Who may be reached by everybody.
    pub allow: Vec<Endpoint>,
    /// Who may be reached by some programs or in some steps.
    pub only: Vec<Scoped>,
    /// Programs that may run below a package manager without an alert, by name or path.
    pub expected: Vec<String>,
}

/// What happens to what is not allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It is told.
    #[default]
    Audit,
    /// It is stopped, and told.
    Block,
}

/// Endpoints of one program or step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scoped {
    /// A program's file name or path; the process itself or one that it descends from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// A step of the job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Who may be reached.
    pub allow: Vec<Endpoint>,
}

/// Who connects: what an entry can be tied to.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a> {
    /// The program and those that started it, nearest first.
    pub programs: &'a [&'a str],
    /// The step.
    pub step: Option<&'a str>,
}

impl Policy {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or says something that is not understood: a misspelt key never widens or narrows silently.
    pub fn read(path: &Path) -> Result<Self, PolicyError> {
        read::policy(path, Self::of_text)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// What it says wrong, with line and column.
    pub fn of_text(text: &str) -> Result<Self, String> {
        let policy: Self = read::toml(text)?;
        if policy
            .only
            .iter()
            .any(|scoped| scoped.program.is_none() && scoped.step.is_none())
        {
            let why = "an entry of [[only]] names neither a program nor a step; write its hosts into `allow`";
            return Err(why.to_owned());
        }
        Ok(policy)
    }

    /// Every entry, whomever it is for.
    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.allow
            .iter()
            .chain(self.only.iter().flat_map(|scoped| &scoped.allow))
    }

    /// True if it says who may be reached: without it nothing can be told from what is expected.
    pub fn says_who(&self) -> bool {
        self.endpoints().next().is_some() || self.mode == Mode::Block
    }

    /// True if a connection is allowed. `names` are those that the address was given out for.
    pub fn allows(&self, who: Who<'_>, names: &[&str], address: IpAddr, port: u16) -> bool {
        let fits = |endpoint: &Endpoint| {
            endpoint.allows(None, address, port)
                || names
                    .iter()
                    .any(|name| endpoint.allows(Some(name), address, port))
        };
        self.allow.iter().any(fits)
            || self
                .only
                .iter()
                .filter(|scoped| scoped.is_for(who))
                .any(|scoped| scoped.allow.iter().any(fits))
    }

    /// True if somebody may reach this name, on whichever port.
    pub fn names(&self, name: &str) -> bool {
        self.endpoints().any(|endpoint| endpoint.names(name))
    }
}

impl Scoped {
    fn is_for(&self, who: Who<'_>) -> bool {
        let program = self.program.as_deref().is_none_or(|own| {
            who.programs.iter().any(|program| {
                *program == own || !own.contains('/') && foretaste_behaviour::name(program) == own
            })
        });
        program
            && self
                .step
                .as_deref()
                .is_none_or(|step| who.step == Some(step))
    }
}

#[cfg(test)]
mod tests {
    use foretaste_io::files;

    use super::*;

    fn read(text: &str) -> Result<Policy, PolicyError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("monitor.toml");
        files::write(&path, text.as_bytes()).expect("written");
        Policy::read(&path)
    }

    #[test]
    fn an_entry_can_be_tied_to_a_program_and_a_step() {
        let policy = read("mode = \"block\"\n[[only]]\nprogram = \"git\"\nstep = \"checkout\"\nallow = [\"code.example\"]\n")
            .expect("a policy");
        let address = "192.0.2.1".parse().expect("an address");
        let allows = |programs: &[&str], step| {
            policy.allows(Who { programs, step }, &["code.example"], address, 443)
        };
        assert!(allows(
            &["/usr/lib/git-remote-https", "/usr/bin/git"],
            Some("checkout")
        ));
        assert!(!allows(&["/usr/bin/git"], Some("test")));
        assert!(!allows(&["/usr/bin/curl"], Some("checkout")));
    }

    #[test]
    fn a_misspelt_key_and_an_entry_for_nobody_are_errors() {
        let error = read("alow = [\"a.example\"]\n")
            .expect_err("misspelt")
            .to_string();
        assert!(error.contains("alow"), "{error}");
        let error = read("[[only]]\nallow = [\"a.example\"]\n").expect_err("for nobody");
        assert!(error.to_string().contains("neither"), "{error}");
    }
}
