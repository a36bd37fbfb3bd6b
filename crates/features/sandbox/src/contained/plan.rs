//! Everything that the inside needs to know.

use std::ffi::OsString;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::backend::Isolation;
use super::decoy::Decoy;
use crate::policy::limits::Limits;
use crate::rootfs::plan::Step;
use crate::seccomp::filter::Watch;

/// The plan of one run, made outside.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Programs and their arguments, one after the other; what one leaves running is ended before the next.
    pub(crate) commands: Vec<Vec<OsString>>,
    /// Where it starts.
    pub(crate) directory: PathBuf,
    /// All of its environment.
    pub(crate) environment: Vec<(OsString, OsString)>,
    /// An empty folder of the host on which the root is built.
    pub(crate) root: PathBuf,
    /// How the root is built.
    pub(crate) steps: Vec<Step>,
    /// What may be written to.
    pub(crate) writable: Vec<PathBuf>,
    /// What the machine is called.
    pub(crate) hostname: String,
    /// Budgets.
    pub(crate) limits: Limits,
    /// What is reported.
    pub(crate) watch: Watch,
    /// Sleeps of a second or more end at once.
    pub(crate) skip_sleeps: bool,
    /// What stands between the command and this kernel.
    pub(crate) isolation: Isolation,
    /// A process with planted secrets.
    pub(crate) decoy: Option<Decoy>,
    /// The ports on which connections are taken.
    pub(crate) ports: Vec<u16>,
}
