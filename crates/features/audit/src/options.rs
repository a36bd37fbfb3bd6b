//! What an audit is asked to do.

use foretaste_io::{Environment, HttpOptions};
use foretaste_model::Target;
use foretaste_policy::Policy;
use jiff::Timestamp;

use crate::{OwnRules, RegistryChoice};

/// One target, with the words in which the user asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requested {
    /// As written.
    pub text: String,
    /// As understood.
    pub target: Target,
}

/// What a folder or file that was named is taken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// A folder is a package, and also a project if it holds a lock or a list of wishes (`requirements.txt`, `Pipfile`). A
    /// manifest or lock that is named itself is a project.
    #[default]
    ByContent,
    /// A package: its own files are tasted.
    Package,
    /// A project: its dependencies are vetted.
    Project,
    /// An environment: what is installed there is vetted.
    Environment,
}

/// Everything that decides what an audit does.
#[derive(Clone, Debug)]
pub struct Options {
    /// The policy in force.
    pub policy: Policy,
    /// Variables, home, working directory.
    pub environment: Environment,
    /// How the network is used; `offline` lives here.
    pub http: HttpOptions,
    /// Endpoints given on the command line.
    pub registries: RegistryChoice,
    /// Taste every artifact, not only those that this machine's client could choose.
    pub all_artifacts: bool,
    /// Keep facts in the store.
    pub use_store: bool,
    /// What a folder or file that was named is taken for.
    pub reading: Reading,
    /// Vet only what changed in a project since this revision.
    pub since: Option<String>,
    /// The user's own rules.
    pub own_rules: OwnRules,
    /// When judging happens.
    pub now: Timestamp,
}
