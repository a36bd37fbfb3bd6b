//! The policy: what an organisation accepts, read from `foretaste.toml`.

mod settings;
mod waiver;

pub use settings::{Policy, RuleSettings, Thresholds};
pub use waiver::Waiver;
