//! What an audit tells while it works.

/// Listens to the progress of an audit. Calls come from several threads.
pub trait Progress: Send + Sync {
    /// A target begins.
    fn begin(&self, target: &str);
    /// A target enters a stage: `looking up`, `fetching x.whl`, `tasting x.whl`, `judging`.
    fn stage(&self, target: &str, stage: &str);
    /// A target is done.
    fn done(&self, target: &str);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn begin(&self, _target: &str) {}
    fn stage(&self, _target: &str, _stage: &str) {}
    fn done(&self, _target: &str) {}
}
