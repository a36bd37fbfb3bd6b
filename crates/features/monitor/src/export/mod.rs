//! Events for the systems that collect them.

mod ecs;
mod otlp;
mod place;
mod prometheus;
mod send;
mod server;

pub(crate) use self::ecs::{Scene, event, finding, install};
pub use self::place::{Place, PlaceError};
pub use self::prometheus::metrics;
pub use self::send::{ExportError, Exporter};
pub use self::server::serve_metrics;
