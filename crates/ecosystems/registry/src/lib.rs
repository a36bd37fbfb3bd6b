//! What every package registry offers, whatever its protocol: look up a release, download its artifacts.

mod answers;
mod download;
mod endpoint;
mod error;
mod registry;
mod sources;
mod versions;

pub use answers::Answers;
pub use download::{Download, fetch_artifact};
pub use endpoint::{Endpoint, EndpointError};
pub use error::RegistryError;
pub use registry::Registry;
pub use sources::{ClientQuestion, Sources, choose, is_not_found};
pub use versions::near_versions;
