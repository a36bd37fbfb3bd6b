//! What others than the registry know about a release. Every input is optional: known, or skipped with a reason.
//!
//! * [`osv`]: advisories and known malware, in the OSV format
//! * [`forge`]: the source repository at GitHub or GitLab
//! * [`domains`]: the domains of people and home pages, in the DNS and in registration data
//! * [`source`]: the artifact against its repository at the release's tag
//!
//! [`Intel`] is the one entry point. A host that does not answer is remembered for the rest of the run.

pub mod domains;
pub mod forge;
mod intel;
mod json;
mod options;
pub mod osv;
pub mod source;
mod web;

pub use intel::Intel;
pub use options::Options;
